"""The scorecards of a period beside those of another: the change of each number, and of ranks.

A period that goes on is held against the same part of the other: as many working days (calendar
days without a calendar), to the same time of the day, with the whole other period's targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.app import assembly, recognition
from kpictl.app.computation import Computation, ComputeRequest, measure_periods
from kpictl.calendar import UnknownYear
from kpictl.errors import UsageError
from kpictl.naming import fold
from kpictl.scoring import pace, units
from kpictl.values import (
    Change,
    Comparison,
    DayUnit,
    Period,
    Results,
    Row,
    Score,
    Scorecard,
    State,
    Unit,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpictl.app.workspace import Workspace
    from kpictl.plan.bound import Bound

PREVIOUS, YEAR_BEFORE = "prev", "-1y"
_DAY = timedelta(days=1)


def compare(workspace: Workspace, request: ComputeRequest, against: str) -> Results:
    """Compute a period and what `against` names: `prev`, `-1y`, or any period in words.

    PlanRejected, SourceError or UsageError with all that is in the way.
    """
    comparison = named(workspace.bound, request, against)
    other = comparison.period
    seen = {} if comparison.days is None else {other.text: comparison.as_of}
    history = recognition.earlier(workspace.bound, request)
    several = measure_periods(
        workspace, replace(request, seen=seen), (*history, request.period, other)
    )
    measured = {one.period.text: one for one in several}
    now, then = measured[request.period.text], measured[other.text]
    everybody = replace(then.request, employee=None, department=None, top=None)
    results = _Compared(replace(then, request=everybody)).of(assembly.results(now), comparison)
    return recognition.recognized(results, now, [measured[one.text] for one in history])


def named(bound: Bound, request: ComputeRequest, against: str) -> Comparison:
    """Return which period is meant, as it stood when as much of it was over as of this one."""
    zone, frame = bound.zone, pace.frame_of(request.period)
    other = other_period(against, request.period, request.as_of, zone)
    if not pace.goes_on(request.period, request.as_of):
        return Comparison(other, min(request.as_of, other.end).astimezone(zone))
    try:
        cut = alike(Moment(frame, request.as_of.astimezone(zone)), other, bound)
    except UnknownYear as error:
        raise UsageError("compare.year", year=error.year, period=other.text) from None
    return cut if cut.as_of <= request.as_of else replace(cut, as_of=request.as_of)


def other_period(against: str, period: Period, as_of: datetime, zone: ZoneInfo) -> Period:
    """Return the whole period that is to stand beside one. UsageError where it is none, or the
    same."""
    text, frame = against.strip().casefold(), pace.frame_of(period)
    if text == PREVIOUS:
        other = periods.run(frame, 2, zone)[0]
    elif text == YEAR_BEFORE:
        other = periods.year_before(frame, zone)
    else:
        other = pace.frame_of(periods.parse(against, as_of=as_of, zone=zone))
    if other == frame:
        raise UsageError("compare.itself", period=other.text)
    return other


class Moment(Struct, frozen=True):
    """A moment in a period, on the company's clock."""

    period: Period
    at: datetime


def alike(moment: Moment, other: Period, bound: Bound) -> Comparison:
    """Return the other period cut where as many days of it are over, at the same time of a day that
    is worked as this one is. Raises UnknownYear."""
    calendar, day, clock = bound.calendar, moment.at.date(), moment.at.time()
    unit: DayUnit = pace.unit(calendar)
    over = pace.count(moment.period.first, day, calendar)
    worked = calendar is None or calendar.is_working(day)
    days = over + (1 if worked and clock != time.min else 0)
    cut, done = other.first, 0
    while cut <= other.last:
        works = calendar is None or calendar.is_working(cut)
        if done == over and (works or not worked):
            same = clock if works == worked else time.min
            return Comparison(other, datetime.combine(cut, same, bound.zone), days, unit)
        done += works
        cut += _DAY
    return Comparison(other, other.end.astimezone(bound.zone), done, unit)


class _Compared(Struct, frozen=True):
    """Puts the numbers of the other period, `then`, beside those of this one."""

    then: Computation

    def of(self, now: Results, comparison: Comparison) -> Results:
        then = assembly.results(self.then)
        cards = {card.id: card for card in then.scorecards}
        company = {score.kpi: score for score in then.company}
        departments = {unit.name: unit for unit in then.departments}
        return replace(
            now,
            scorecards=tuple(self.card(card, cards.get(card.id)) for card in now.scorecards),
            company=self.scores(now.company, company),
            departments=tuple(self.unit(u, departments.get(u.name)) for u in now.departments),
            comparison=comparison,
        )

    def card(self, now: Scorecard, then: Scorecard | None) -> Scorecard:
        """Return a scorecard with the changes of its rows."""
        rows = () if then is None else then.rows
        matches = {row.subject: self.then_of(row, now.rows, rows) for row in now.rows}
        departments = {unit.name: unit for unit in (() if then is None else then.departments)}
        total = now.total and self.row(now.total, _whole(then))
        return replace(
            now,
            rows=tuple(self.row(r, matches[r.subject]) for r in now.rows),
            total=total,
            departments=tuple(
                self.unit(u, departments.get(u.name) or self.unit_then(now.id, u))
                for u in now.departments
            ),
        )

    def then_of(self, now: Row, rows: Sequence[Row], then: Sequence[Row]) -> Row | None:
        """Return the row of somebody then. One post is held against the only one that they had; of
        several posts, on either side, each against the one in the same place, if there is one."""
        exact = [row for row in then if row.subject == now.subject]
        own = [row for row in then if row.id == now.id]
        if exact or not own:
            return next(iter(exact), None)
        several = sum(row.id == now.id for row in rows) > 1 or len(own) > 1
        place = (now.department, now.position)
        alike = [row for row in own if not several or (row.department, row.position) == place]
        return alike[0] if len(alike) == 1 else None

    def unit_then(self, card: str, now: Unit) -> Unit | None:
        """Return a department that had no line then, since it was the only one of its scorecard."""
        folded = fold(now.name)
        if folded not in units.of_people_in(self.then.members.get(card, ())):
            return None
        kpis = [one.kpi for one in now.scores if one.fact.state is not State.NOT_APPLICABLE]
        scores = [s for kpi in kpis for s in units.department(self.then, folded, kpi).scores]
        return replace(now, scores=tuple(scores))

    def row(self, now: Row, then: Row | None) -> Row:
        """Return a row with the change of its index and of each number."""
        before = {} if then is None else {score.kpi: score for score in then.scores}
        scores = self.scores(now.scores, before)
        if then is None:
            return replace(now, scores=scores, change=Change(None, State.NOT_APPLICABLE))
        silent = self.then.is_silent(score.kpi for score in now.scores)
        other = None if then.index is None or silent else Fraction(then.index)
        missing = State.NO_DATA if silent else State.INSUFFICIENT
        state = State.MEASURED if other is not None else missing
        index = None if now.index is None else Fraction(now.index)
        return replace(
            now,
            scores=scores,
            change=Change.between(index, other, state),
            other_rank=then.rank,
        )

    def unit(self, now: Unit, then: Unit | None) -> Unit:
        before = {} if then is None else {score.kpi: score for score in then.scores}
        return replace(now, scores=self.scores(now.scores, before))

    def scores(self, now: Iterable[Score], before: Mapping[str, Score]) -> tuple[Score, ...]:
        return tuple(self.score(score, before.get(score.kpi)) for score in now)

    def score(self, now: Score, then: Score | None) -> Score:
        """Return a score with its change; of a period without any record of its KPI nothing is
        known, whatever a sum would be."""
        if then is None:
            return replace(now, change=Change(None, State.NOT_APPLICABLE))
        if now.state is then.state is State.NOT_APPLICABLE:
            return now  # a number that it never has was not lost
        if self.then.is_silent((now.kpi,)):
            return replace(now, change=Change(None, State.NO_DATA))
        state = State.MEASURED if then.fact.exact is not None else then.fact.state
        return replace(now, change=Change.between(now.fact.exact, then.fact.exact, state))


def _whole(card: Scorecard | None) -> Row | None:
    """Return what all of a scorecard have reached together: of one row alone, what that has."""
    if card is None:
        return None
    only = card.rows[0] if len(card.rows) == 1 and not card.hidden else None
    return card.total or only
