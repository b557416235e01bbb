"""Strengths and weaknesses of the people of a scorecard: pure arithmetic on exact fractions.

Peers are those of the scorecard (or, asked for, of the department in it) who have the KPI. The
robust z is 0.6745·(x − median)/MAD, signed so that more is better; the percentile (worse + ½·equal)
of n. With fewer peers than `min_peers`, or where the median deviation is zero, nothing is divided:
the target and somebody's own history decide alone. A strength has z ≥ `strong` (without a z: is
better than the own median of three periods or more) and points from the green bound on, a weakness
z ≤ `weak` or points under the yellow one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Literal

from msgspec import Struct

from kpictl.naming import fold
from kpictl.plan.insight import InsightPlan
from kpictl.plan.model import Entry
from kpictl.scoring.score import Expectation, score
from kpictl.values import SCORE_PLACES, VALUE_PLACES, Fact, Grades, Row, Score, State, to_decimal
from kpictl.values.insight import (
    Finding,
    GroupInsight,
    GroupKpi,
    HistoryPlace,
    Insight,
    OwnHistory,
    PeerComparison,
    Verdict,
)

NORMAL = Fraction(6745, 10000)
"""The third quartile of the standard normal: it makes MAD an estimate of its deviation."""
LEAST_HISTORY = 3
HISTORY = 6  # periods before this one


class PeerKpi(Struct, frozen=True):
    """A KPI of a scorecard: how it is scored, and which way is good."""

    kpi: str
    entry: Entry
    better: Literal["higher", "lower"]


class Peers(Struct, frozen=True):
    """The people of a scorecard. `before` are their rows in up to six periods before this one."""

    rows: Sequence[Row]
    kpis: Sequence[PeerKpi]
    before: Mapping[str, Sequence[Row]]
    settings: InsightPlan
    grades: Grades


def insights(peers: Peers) -> dict[str, Insight]:
    """Return what each is strong and weak at, by subject."""
    found: dict[str, list[Finding]] = {row.subject: [] for row in peers.rows}
    for kpi in peers.kpis:
        for group in _groups(peers):
            _Kpi(peers, kpi, group).add(found)
    return {subject: _with_training(findings) for subject, findings in found.items()}


def together(peers: Peers, own: Mapping[str, Insight]) -> tuple[GroupInsight, ...]:
    """Return the departments of a scorecard in the order of their names, where they are several;
    then all of it."""
    names = {fold(row.department): row.department for row in peers.rows if row.department}
    found = []
    for folded, name in sorted(names.items()) if len(names) > 1 else ():
        inside = [row for row in peers.rows if fold(row.department or "") == folded]
        found.append(_group(name, inside, own))
    return (*found, _group("", peers.rows, own))


def compare(x: Fraction, values: Sequence[Fraction], need: int, *, lower: bool) -> PeerComparison:
    """Return where a value stands among those of its peers, which it is one of.

    >>> compare(Fraction(65), [Fraction(n) for n in (20, 25, 30, 35, 65)], 5, lower=True).z
    Decimal('-4.7215')
    """
    n = len(values)
    if n < need:
        return PeerComparison("few", n, need)
    middle = median(values)
    worse = sum(value > x if lower else value < x for value in values)
    share = Fraction(2 * worse + sum(value == x for value in values), 2 * n) * 100
    shown = (to_decimal(middle, VALUE_PLACES), to_decimal(share, SCORE_PLACES))
    z = robust_z(x, values, lower=lower)
    if z is None:
        return PeerComparison("no_spread", n, need, shown[0], None, shown[1])
    return PeerComparison("measured", n, need, shown[0], to_decimal(z, SCORE_PLACES), shown[1])


def robust_z(x: Fraction, values: Sequence[Fraction], *, lower: bool) -> Fraction | None:
    """Return 0.6745·(x − median)/MAD, above zero where x is the better; None without a spread."""
    middle = median(values)
    deviation = median([abs(value - middle) for value in values])
    return NORMAL * (x - middle) / deviation * (-1 if lower else 1) if deviation else None


def own_history(x: Fraction, before: Sequence[Fraction], *, lower: bool) -> OwnHistory | None:
    """Return where a value stands among somebody's own; None where too few are known."""
    if len(before) < LEAST_HISTORY:
        return None
    sign = -1 if lower else 1
    middle = median(before)
    place: HistoryPlace = "same"
    if x != middle:
        place = "better" if sign * x > sign * middle else "worse"
    if all(sign * x > sign * value for value in before):
        place = "best"
    elif all(sign * x < sign * value for value in before):
        place = "worst"
    return OwnHistory(len(before), to_decimal(middle, VALUE_PLACES), place)


def _groups(peers: Peers) -> list[list[Row]]:
    """Return the peer groups of a scorecard."""
    if peers.settings.peers == "scorecard":
        return [list(peers.rows)]
    groups: dict[str, list[Row]] = {}
    for row in peers.rows:
        groups.setdefault(fold(row.department or ""), []).append(row)
    return list(groups.values())


class _Kpi:
    """One KPI in one peer group."""

    def __init__(self, peers: Peers, kpi: PeerKpi, rows: Sequence[Row]) -> None:
        self.peers, self.kpi, self.lower = peers, kpi, kpi.better == "lower"
        scores = {row.subject: _of(row, kpi.kpi) for row in rows}
        self.rows = {row.subject: row for row in rows}
        self.scores = {s: one for s, one in scores.items() if one is not None and _measured(one)}
        # Those of whom different things are expected are compared by how far they reach them: who
        # was there for half of the month would be weak at everything otherwise.
        targets = {None if one.target is None else one.target.value for one in self.scores.values()}
        shares = all(_share(one) is not None for one in self.scores.values())
        self.shares = shares and len(targets) > 1
        self.values = {s: self.value(one) for s, one in self.scores.items()}

    def value(self, one: Score) -> Fraction:
        share = _share(one) if self.shares else one.fact.exact
        assert share is not None  # noqa: S101  only measured ones, with targets
        return share

    def add(self, found: Mapping[str, list[Finding]]) -> None:
        for subject, one in self.scores.items():
            found[subject].append(self.finding(subject, one))

    def finding(self, subject: str, one: Score) -> Finding:
        x, values = self.values[subject], list(self.values.values())
        settings = self.peers.settings
        peers = compare(x, values, settings.min_peers, lower=self.lower)
        history = own_history(x, self.before(subject), lower=self.lower)
        reached = _reached(one)
        return Finding(
            kpi=self.kpi.kpi,
            verdict=self.verdict(x, history, reached),
            measure="attainment" if self.shares else "fact",
            value=to_decimal(x, VALUE_PLACES),
            peers=peers,
            history=history,
            reached=reached,
            lift=None if peers.state == "few" else self.lift(subject, one, median(values)),
        )

    def before(self, subject: str) -> list[Fraction]:
        """Return the values of somebody's own periods before, as this one's is measured."""
        scores = (_of(row, self.kpi.kpi) for row in self.peers.before.get(subject, ()))
        known = [one for one in scores if one is not None and _measured(one)]
        values = [_share(one) if self.shares else one.fact.exact for one in known]
        return [value for value in values if value is not None]

    def verdict(self, x: Fraction, history: OwnHistory | None, reached: Decimal | None) -> Verdict:
        settings, grades = self.peers.settings, self.peers.grades
        values = list(self.values.values())
        few = len(values) < settings.min_peers
        z = None if few else robust_z(x, values, lower=self.lower)
        risen = history is not None and history.place in ("better", "best")
        ahead = risen if z is None else z >= settings.strong
        if ahead and reached is not None and reached >= grades.green:
            return "strength"
        behind = z is not None and z <= settings.weak
        if behind or (reached is not None and reached < grades.yellow):
            return "weakness"
        return "neither"

    def lift(self, subject: str, one: Score, middle: Fraction) -> Decimal | None:
        """Return how many points more the index would have at the peers' median."""
        if one.points is None or not one.counted or self.rows[subject].index is None:
            return None
        x = self.values[subject]
        if (middle >= x) if self.lower else (middle <= x):
            return Decimal(0)
        fact = middle * Fraction(one.target.value) / 100 if self.shares and one.target else middle
        expected = Expectation(self.kpi.kpi, self.kpi.entry, self.kpi.better)
        there = score(expected, Fact(State.MEASURED, fact, one.fact.n), one.target).points
        if there is None or there <= one.points:
            return Decimal(0)
        weights = sum(s.weight for s in self.rows[subject].scores if s.counted)
        gain = Fraction(there - one.points) * Fraction(one.weight) / Fraction(weights)
        return to_decimal(gain, SCORE_PLACES)


def _of(row: Row, kpi: str) -> Score | None:
    return next((one for one in row.scores if one.kpi == kpi), None)


def _measured(one: Score) -> bool:
    return one.fact.state is State.MEASURED and one.fact.exact is not None


def _share(one: Score) -> Fraction | None:
    """Return a fact in percent of its target."""
    if one.fact.exact is None or one.target is None or one.target.value <= 0:
        return None
    return one.fact.exact * 100 / Fraction(one.target.value)


def _reached(one: Score) -> Decimal | None:
    """Return the points; of a volume of a period that goes on, percent of what is due by now."""
    if one.pace is not None and one.pace.state != "no_run_rate":
        return one.pace.percent
    return None if one.substituted else one.points


def _with_training(findings: Sequence[Finding]) -> Insight:
    lifts = [(one.lift, one.kpi) for one in findings if one.lift]
    most = max((lift for lift, _ in lifts), default=Decimal(0))
    kpi = next((kpi for lift, kpi in lifts if lift == most), "")
    return Insight(tuple(findings), kpi, most)


def _group(name: str, rows: Sequence[Row], own: Mapping[str, Insight]) -> GroupInsight:
    inside = [own[row.subject] for row in rows]
    ids = dict.fromkeys(one.kpi for insight in inside for one in insight.findings)
    kpis = []
    for kpi in ids:
        found = [one for insight in inside if (one := insight.of(kpi)) is not None]
        lifts = [Fraction(one.lift) for one in found if one.lift is not None]
        mean = sum(lifts, Fraction(0)) / len(lifts) if lifts else Fraction(0)
        strong = sum(one.verdict == "strength" for one in found)
        weak = sum(one.verdict == "weakness" for one in found)
        kpis.append(GroupKpi(kpi, len(found), strong, weak, to_decimal(mean, SCORE_PLACES)))
    most = max((one.lift for one in kpis), default=Decimal(0))
    training = next((one.kpi for one in kpis if one.lift == most), "") if most else ""
    return GroupInsight(name, len(rows), tuple(kpis), training, most)
