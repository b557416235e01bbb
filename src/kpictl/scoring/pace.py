"""How volumes stand while their period goes on: what is expected by now, the pace, a forecast.

With the fact F and the target T: expected = T · elapsed / total, pace = F / expected, forecast at
the present rate = F · total / elapsed. Days are working days where the plan has a calendar, of a
person those of their post less absences, as in the proration of targets. A day counts as elapsed
when it is over. Nothing of this enters points or pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.calendar import UnknownYear
from kpictl.errors import Problem
from kpictl.people.presence import WorkingDays
from kpictl.scoring import posts
from kpictl.values import (
    SCORE_PLACES,
    VALUE_PLACES,
    DayUnit,
    Elapsed,
    Pace,
    Period,
    Row,
    Score,
    State,
    to_decimal,
)

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from kpictl.people.staff import Person
    from kpictl.scoring.measured_period import MeasuredPeriod

Paced = tuple[Score, ...]
EARLY = Fraction(20, 100)
"""The part of a period that must be over before a rate says anything."""


class Days(Struct, frozen=True):
    """How many days are over, of how many."""

    elapsed: Fraction
    of: Fraction
    unit: DayUnit

    @property
    def is_early(self) -> bool:
        return self.elapsed < self.of * EARLY or not self.elapsed


def frame_of(period: Period) -> Period:
    """Return the period that a stretch is a part of as time goes on: of `mtd`, the month."""
    return period.whole or period


def goes_on(period: Period, as_of: datetime) -> bool:
    """Say whether a period, or the one that it is a part of, has begun and is not over."""
    frame = frame_of(period)
    return frame.start < as_of < frame.end


def of_volume(fact: Fraction | None, target: Decimal | None, days: Days) -> Pace:
    """Return the pace of a volume, exact until it is stored."""
    bare = Pace("measured", days.elapsed, days.of, days.unit)
    expected = None
    if target is not None and days.of:
        expected = Fraction(target) * days.elapsed / days.of
        bare = replace(bare, expected=to_decimal(expected, VALUE_PLACES))
    if fact is None:
        return replace(bare, state="no_data")
    left = days.of - days.elapsed
    if target is not None and left > 0:
        needed = max((Fraction(target) - fact) / left, Fraction(0))
        bare = replace(bare, needed=to_decimal(needed, VALUE_PLACES))
    if not days.of:
        return replace(bare, state="away")
    if days.is_early:
        return replace(bare, state="early")
    forecast = to_decimal(fact * days.of / days.elapsed, VALUE_PLACES)
    percent = to_decimal(fact * 100 / expected, SCORE_PLACES) if expected else None
    return replace(bare, percent=percent, forecast=forecast)


# --- of a computation --------------------------------------------------------------------------


def elapsed(measured: MeasuredPeriod) -> Elapsed | None:
    """Return how much of the period is over for the company; None where it does not go on."""
    days = _of_company(measured)
    return None if days is None else Elapsed(days.elapsed, days.of, days.unit)


def of_row(measured: MeasuredPeriod, card: str, person: Person, scores: Sequence[Score]) -> Paced:
    """Return the scores of a scorecard's row with their pace, as long as the period goes on. What
    is of a whole unit has the company's days, what is somebody's own theirs."""
    of_company = _of_company(measured)
    if of_company is None:
        return tuple(scores)
    entries, own = measured.bound.cards[card].kpis, _of_person(measured, person)
    days = (own if entries[s.kpi].level == "person" else of_company for s in scores)
    pairs = zip(scores, days, strict=True)
    return tuple(_paced(measured, score, over) for score, over in pairs)


def of_unit(measured: MeasuredPeriod, scores: Sequence[Score]) -> Paced:
    """Return the scores of the company or a department with their pace, by the company's days."""
    days = _of_company(measured)
    return tuple(_paced(measured, score, days) for score in scores)


def together(
    measured: MeasuredPeriod, card: str, rows: Sequence[Row], scores: Sequence[Score]
) -> Paced:
    """Return the scores of a scorecard's people together with their pace: what is expected of each
    adds up; what is of a whole unit is that already."""
    days = _of_company(measured)
    if days is None:
        return tuple(scores)
    found, entries = [], measured.bound.cards[card].kpis
    for score in scores:
        own = posts.expecting(measured, score.kpi, [(card, row) for row in rows])
        parts = [row.score(score.kpi).pace for row in own]
        known = [pace for pace in parts if pace is not None]
        if not known or len(known) < len(parts):
            found.append(score)
        elif entries[score.kpi].level != "person":
            found.append(_paced(measured, score, days))
        else:
            found.append(replace(score, pace=_summed(score, known, days)))
    return tuple(found)


def _summed(score: Score, parts: Sequence[Pace], days: Days) -> Pace:
    """Return the pace of people together: of what they have reached together, by the company's
    days, against the sum of what is expected of each by now."""
    if parts[0].state == "no_run_rate":
        return replace(parts[0], elapsed=days.elapsed, of=days.of)
    own = of_volume(score.fact.exact, None if score.target is None else score.target.value, days)
    expected = [p.expected for p in parts if p.expected is not None]
    if score.target is None or len(expected) < len(parts):
        return own
    whole = sum(map(Fraction, expected), Fraction(0))
    percent = None
    if own.state == "measured" and score.fact.exact is not None and whole:
        percent = to_decimal(score.fact.exact * 100 / whole, SCORE_PLACES)
    return replace(own, expected=to_decimal(whole, VALUE_PLACES), percent=percent)


def _paced(measured: MeasuredPeriod, score: Score, days: Days | None) -> Score:
    if days is None or score.state is State.NOT_APPLICABLE:
        return score
    if not measured.bound.volume(score.kpi):
        return replace(score, pace=Pace("no_run_rate", days.elapsed, days.of, days.unit))
    target = None if score.target is None else score.target.value
    return replace(score, pace=of_volume(score.fact.exact, target, days))


def _of_person(measured: MeasuredPeriod, person: Person) -> Days | None:
    frame, roll = frame_of(measured.period), measured.expected.roll
    today = last_begun(measured, measured.as_of)
    try:
        whole = roll.presence(person, frame.first, frame.last + timedelta(days=1))
        over = Fraction(0)
        if today > frame.first:
            over = roll.presence(person, frame.first, today).days
    except UnknownYear:
        return None
    return Days(over, whole.days, whole.unit)


def _of_company(measured: MeasuredPeriod) -> Days | None:
    period, as_of = measured.period, measured.as_of
    if not goes_on(period, as_of):
        return None
    frame, calendar = frame_of(period), measured.bound.calendar
    after = frame.last + timedelta(days=1)
    try:
        over = count(frame.first, last_begun(measured, as_of), calendar)
        return Days(Fraction(over), Fraction(count(frame.first, after, calendar)), unit(calendar))
    except UnknownYear:
        return None


def last_begun(measured: MeasuredPeriod, as_of: datetime) -> date:
    """Return the day that goes on at a moment; those before it are over."""
    return as_of.astimezone(measured.bound.zone).date()


def unit(calendar: WorkingDays | None) -> DayUnit:
    return "calendar_days" if calendar is None else "working_days"


def count(first: date, after: date, calendar: WorkingDays | None) -> int:
    """Return how many days there are from one to before another. Raises UnknownYear."""
    return (after - first).days if calendar is None else calendar.working_days(first, after)


def remarks(measured: MeasuredPeriod) -> list[Problem]:
    """Say that the pace is not known, where the calendar does not know a year."""
    period, as_of = measured.period, measured.as_of
    calendar = measured.bound.calendar
    if not goes_on(period, as_of) or calendar is None:
        return []
    frame = frame_of(period)
    try:
        calendar.working_days(frame.first, frame.last + timedelta(days=1))
    except UnknownYear as error:
        data = {"year": error.year, "country": error.country}
        return [Problem("pace.unknown_year", None, data, "warning")]
    return []
