"""How much of a period somebody, or one post of somebody, was there for: in working days, or in
calendar days where the plan has no calendar.

Proration as in kpi-method B2: working days in the post and present, over those of the period.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Literal, Protocol

from msgspec import Struct

from kpictl.errors import Place
from kpictl.people.absences import FULL_DAY, NONE, Absence, AbsenceKind, Absences
from kpictl.people.staff import Person
from kpictl.values import DayUnit, Period

Reason = Literal["hired", "left", "from", "to", "gap", "absence"]
_DAY = timedelta(days=1)


class WorkingDays(Protocol):
    """What is asked of a calendar; days are half-open. It may raise where it does not know a
    year."""

    def is_working(self, day: date) -> bool: ...

    def working_days(self, first: date, after: date) -> int: ...

    def working_hours(self, first: date, after: date) -> Fraction: ...


class PresenceStep(Struct, frozen=True):
    """Why somebody was there for less than the period: the days from `first` to before `after`,
    which take `days` away. `kind` and `code` are those of an absence, `place` where it is
    written."""

    reason: Reason
    first: date
    after: date
    days: Fraction
    kind: AbsenceKind | None = None
    code: str = ""
    place: Place | None = None

    @property
    def last(self) -> date:
        """Return the last of the days."""
        return self.after - _DAY


class Presence(Struct, frozen=True):
    """The `days` that somebody was there, `of` those of the whole period; what the `steps` take
    away is the difference. `held` are the days of the post, whoever was absent in them."""

    days: Fraction
    of: Fraction
    held: Fraction
    unit: DayUnit
    steps: tuple[PresenceStep, ...] = ()

    @property
    def share(self) -> Fraction:
        """Return the part of the period, 0 to 1; of a period without a working day all of it."""
        return self.days / self.of if self.of else Fraction(1)


Stretch = tuple[date, date]  # half-open


def presence(
    person: Person,
    period: Period,
    calendar: WorkingDays | None,
    absences: Absences = NONE,
    *,
    in_hours: bool = False,
) -> Presence:
    """Return how much of a period a person was there for; of one post, how much in that post.
    `in_hours` has the working hours of the calendar's days counted instead of the days."""
    days = _Days(calendar, in_hours)
    whole = (period.first, period.last + _DAY)
    held = stretches(person, period)
    steps = [*_missing(person, whole, held, days)]
    of = days.count(*whole)
    of_post = of - sum((step.days for step in steps), Fraction(0))
    steps += _absent(held, absences.lowering_of(person.id), days)
    left = of - sum((step.days for step in steps), Fraction(0))
    unit: DayUnit = "calendar_days" if calendar is None else "working_days"
    return Presence(left, of, of_post, unit, tuple(steps))


def stretches(person: Person, period: Period) -> tuple[Stretch, ...]:
    """Return the days of a period in which a person was employed (of one post: in that post), as
    half-open stretches in order."""
    after = period.last + _DAY
    posts = (person.post,) if person.post is not None else tuple(person.assignments)
    spans = [(post.start, post.end) for post in posts if post is not None] or [(None, None)]
    found: list[Stretch] = []
    for start, end in sorted(spans, key=lambda span: span[0] or date.min):
        first = max(d for d in (period.first, start, person.hired) if d is not None)
        gone = person.left + _DAY if person.left is not None else None
        last = min(d for d in (after, end, gone) if d is not None)
        if first >= last:
            continue
        if found and found[-1][1] >= first:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


class _Days(Struct, frozen=True):
    """Days as they are counted."""

    calendar: WorkingDays | None
    in_hours: bool = False

    def count(self, first: date, after: date) -> Fraction:
        if self.calendar is None:
            return Fraction((after - first).days)
        if self.in_hours:
            return self.calendar.working_hours(first, after)
        return Fraction(self.calendar.working_days(first, after))

    def counts(self, day: date) -> bool:
        return self.calendar is None or self.calendar.is_working(day)

    def share(self, absence: Absence, day: date) -> Fraction:
        if absence.hours is None:
            return absence.share
        norm = FULL_DAY
        if self.calendar is not None:
            norm = self.calendar.working_hours(day, day + _DAY) or FULL_DAY
        return absence.hours / norm


def _missing(
    person: Person, whole: Stretch, held: tuple[Stretch, ...], days: _Days
) -> Iterator[PresenceStep]:
    """Yield the parts of the period before, between and after the stretches that somebody held."""
    place = person.post.place if person.post is not None else person.place
    ends = [(whole[0], whole[0]), *held, (whole[1], whole[1])]
    for number, ((_, end), (start, _)) in enumerate(pairwise(ends)):
        if end >= start:
            continue
        is_last = number == len(ends) - 2
        reason = _reason(person, (end, start), is_first=number == 0, is_last=is_last)
        yield PresenceStep(reason, end, start, days.count(end, start), place=place)


def _reason(person: Person, gap: Stretch, *, is_first: bool, is_last: bool) -> Reason:
    if is_first and person.hired is not None and person.hired >= gap[1]:
        return "hired"
    if is_last and person.left is not None and person.left + _DAY <= gap[0]:
        return "left"
    if is_first and is_last:  # nothing of the period was held
        return "from" if _starts_after(person, gap) else "to"
    return "from" if is_first else "to" if is_last else "gap"


def _starts_after(person: Person, gap: Stretch) -> bool:
    posts = (person.post,) if person.post is not None else tuple(person.assignments)
    starts = [post.start for post in posts if post is not None and post.start is not None]
    return bool(starts) and min(starts) >= gap[1]


def _absent(
    held: tuple[Stretch, ...], absences: tuple[Absence, ...], days: _Days
) -> Iterator[PresenceStep]:
    """Yield what each absence takes away; a day of which several take more than all is one day."""
    room: dict[date, Fraction] = {}
    for absence in absences:
        taken = Fraction(0)
        for start, end in held:
            day = max(start, absence.first)
            while day < end and day <= absence.last:
                if days.counts(day):
                    share = min(room.get(day, Fraction(1)), days.share(absence, day))
                    room[day] = room.get(day, Fraction(1)) - share
                    taken += share * days.count(day, day + _DAY)
                day += _DAY
        if taken:
            yield PresenceStep(
                "absence", absence.first, absence.last + _DAY, taken, absence.kind, absence.code,
                absence.place,
            )  # fmt: skip
