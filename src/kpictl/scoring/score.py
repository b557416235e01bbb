"""Facts and targets → attainment, points, index, ranks. Pure arithmetic, no rounding before the
stored 4 decimals: thresholds see exact values, ranks compare stored ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.plan.model import Entry, ScorecardPlan
from kpictl.scoring.curves import Undefined
from kpictl.values import SCORE_PLACES, Fact, Row, Score, State, Target, to_decimal

NEUTRAL = Decimal(100)


class Expectation(Struct, frozen=True):
    """What is scored: a KPI of a scorecard, and which way is good."""

    kpi: str
    entry: Entry
    better: str


def score(asked: Expectation, fact: Fact, target: Target | None) -> Score:
    """Hold a fact against its target and turn it into points (shape, then floor, then cap)."""
    entry, shape = asked.entry, asked.entry.score
    bare = Score(asked.kpi, entry.weight, fact, fact.state, target)
    if fact.exact is None:
        return bare
    expected = Fraction(target.value) if target is not None else None
    if shape.wants_target() and expected is None:
        return replace(bare, state=State.NO_TARGET)
    reached = shape.attainment(fact.exact, expected, asked.better)
    shown = None if reached is None else to_decimal(reached, SCORE_PLACES)
    try:
        points: Fraction | None = shape.points(fact.exact, expected, asked.better)
    except Undefined:
        points = None if entry.cap is None else Fraction(entry.cap)
    if points is None:
        return replace(bare, attainment=shown)
    points = max(points, Fraction(entry.floor))
    if entry.cap is not None:
        points = min(points, Fraction(entry.cap))
    return replace(bare, attainment=shown, points=to_decimal(points, SCORE_PLACES))


def index(
    card: ScorecardPlan, scores: Sequence[Score]
) -> tuple[Decimal | None, Decimal, list[Score]]:
    """Return the weighted index (None: not rated), the coverage in percent, and the scores as
    they went in: Σ w·s / Σ w over what is measured or stands in for it."""
    whole = sum((s.weight for s in scores), Decimal(0))
    measured = sum((s.weight for s in scores if s.points is not None), Decimal(0))
    coverage = to_decimal(Fraction(measured) * 100 / Fraction(whole), 4) if whole else Decimal(0)
    counted: list[Score] = []
    held = False
    for one in scores:
        policy = card.kpis[one.kpi].missing or card.missing
        if one.points is not None:
            counted.append(replace(one, counted=one.weight > 0))
        elif one.weight > 0 and policy in ("zero", "neutral"):
            points = NEUTRAL if policy == "neutral" else Decimal(0)
            counted.append(replace(one, points=points, counted=True, substituted=True))
        else:
            held = held or (one.weight > 0 and policy == "hold")
            counted.append(one)
    inside = [s for s in counted if s.counted and s.points is not None]
    weight = sum((s.weight for s in inside), Decimal(0))
    thin = weight < whole and weight * 100 < whole * card.min_coverage
    if held or thin or not weight:
        return None, coverage, counted
    total = sum((Fraction(s.weight) * Fraction(s.points or 0) for s in inside), Fraction(0))
    return to_decimal(total / Fraction(weight), SCORE_PLACES), coverage, counted


def ranked(
    rows: Sequence[Row],
    card: ScorecardPlan,
    tie_key: Callable[[Row], str],
    lower: frozenset[str] = frozenset(),
) -> list[Row]:
    """Return the rows in order of rank, unrated ones last; equal keys share a rank. `lower` are the
    KPIs of which less is better.

    Competition ranks leave a gap after a tie (1 2 2 4), dense ones do not (1 2 2 3). Rows of one
    rank are listed by `tie_key`, which never decides a rank.
    """
    rated = [row for row in rows if row.index is not None]
    keys = {row.subject: _rank_key(row, card, lower) for row in rated}
    order = sorted(rated, key=tie_key)
    order.sort(key=lambda row: keys[row.subject], reverse=True)
    found: list[Row] = []
    rank = 0
    for position, row in enumerate(order, 1):
        if not found or keys[row.subject] != keys[found[-1].subject]:
            rank = position if card.ties == "competition" else rank + 1
        found.append(replace(row, rank=rank))
    unrated = sorted((row for row in rows if row.index is None), key=tie_key)
    return [*found, *unrated]


def _rank_key(row: Row, card: ScorecardPlan, lower: frozenset[str]) -> tuple[Decimal, ...]:
    """The stored index, then the facts of the KPIs that break ties (absent below any fact).

    Facts, not points: points are capped, so that the best would tie again, and a KPI without a
    target has none.
    """
    assert row.index is not None  # noqa: S101  only rated rows are ranked
    lowest = Decimal("-Infinity")
    breaks = []
    for kpi in card.tie_break:
        value = row.score(kpi).fact.value
        breaks.append(lowest if value is None else -value if kpi in lower else value)
    return (row.index, *breaks)
