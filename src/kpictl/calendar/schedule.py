"""When somebody works: hours by day, in the zone of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.calendar.days import SHORTER, DayBook
from kpictl.calendar.hours import FREE, Hours, length, shortened, without
from kpictl.calendar.roster import Roster

OFFICE: Hours = ((9 * 60, 18 * 60),)
_DAY = timedelta(days=1)


class Cycle(Struct, frozen=True):
    """Shifts that come again: the hours of each day of the cycle, whose first day is `start`."""

    start: date
    days: tuple[Hours, ...]

    def hours(self, day: date) -> Hours:
        return self.days[(day - self.start).days % len(self.days)]


class Schedule(Struct, frozen=True):
    """Working time by the clock on the wall in `zone`.

    `pattern` are the hours from Monday to Sunday, or shifts. `book` says which days are off or
    short; None: every day is as the pattern has it, holidays too. `week_hours` is the norm of a
    week, which its working days share equally; of shifts the norm is the hours themselves. The days
    that a `roster` covers are as it has them, whatever the pattern and the book say.
    """

    zone: ZoneInfo
    pattern: tuple[Hours, ...] | Cycle = (OFFICE,) * 5 + (FREE,) * 2
    breaks: Hours = FREE
    book: DayBook | None = None
    week_hours: Fraction = Fraction(40)
    roster: Roster | None = None

    def rostered(self, day: date) -> bool:
        """Say whether a day is one of a roster."""
        return self.roster is not None and self.roster.covers(day)

    def knows(self, day: date) -> bool:
        """Say whether it is known if and when a day is worked."""
        return self.rostered(day) or self.book is None or self.book.knows(day.year)

    def usual(self, day: date) -> Hours:
        """Return the hours of a day that is neither off nor short."""
        if isinstance(self.pattern, Cycle):
            return without(self.pattern.hours(day), self.breaks)
        hours = self.pattern[day.weekday()]
        if self.book is not None and self.book.must_work(day):
            moved = self.book.stands_for(day)
            hours = hours if moved is None else self.pattern[moved.weekday()]
            hours = hours or next((usual for usual in self.pattern if usual), FREE)
        return without(hours, self.breaks)

    def hours(self, day: date) -> Hours:
        """Return the hours of a day, those over midnight on the day on which they begin. Raises
        UnknownYear."""
        if self.roster is not None and self.roster.covers(day):
            return without(self.roster.hours(day), self.breaks)
        if self.book is None:
            return self.usual(day)
        if self.book.is_off(day):
            return FREE
        own = self.book.own.get(day)
        if own is not None and own.hours is not None:
            return without(own.hours, self.breaks)
        usual = self.usual(day)
        if own is not None and own.minutes is not None:
            return shortened(usual, length(usual) - own.minutes)
        return shortened(usual, SHORTER) if self.book.is_short(day) else usual

    def norm(self, day: date) -> Fraction:
        """Return the hours that a day has in the norm."""
        hours = self.hours(day)
        own = None if self.book is None else self.book.own.get(day)
        said = own is not None and (own.hours is not None or own.minutes is not None)
        if isinstance(self.pattern, Cycle) or self.rostered(day) or said or not hours:
            return Fraction(length(hours), 60)
        short = self.book is not None and self.book.is_short(day)
        days = sum(1 for one in self.pattern if one)
        return self.week_hours / days - (1 if short else 0)


class WorkCalendar(Struct, frozen=True):
    """The working days of a company, by the schedule of those who have none of their own.

    `own` are the schedules of departments and people, by the names that the plan gives them;
    `rosters` the shifts of people, by their id.

    Each method raises UnknownYear where it does not know a year that it needs.
    """

    schedule: Schedule
    own: Mapping[str, Schedule] = {}
    rosters: Mapping[str, Roster] = {}

    def is_working(self, day: date) -> bool:
        """Say whether anybody works on a day."""
        return bool(self.schedule.hours(day))

    def longest(self, person: str, day: date) -> Fraction:
        """Return for how many hours somebody works on a day at most, whichever of the schedules is
        theirs; a short day counts whole, 0 is a day off."""
        roster = self.rosters.get(person)
        if roster is not None and roster.covers(day):
            return Fraction(length(roster.hours(day)), 60)
        several = [(own.norm(day), own.book) for own in (self.schedule, *self.own.values())]
        hour = Fraction(SHORTER, 60)
        return max(
            norm + (hour if norm and book is not None and book.is_short(day) else 0)
            for norm, book in several
        )

    def working_days(self, first: date, after: date) -> int:
        """Return how many days of `[first, after)` are worked."""
        return sum(1 for day in _days(first, after) if self.is_working(day))

    def working_hours(self, first: date, after: date) -> Fraction:
        """Return the norm of the days of `[first, after)`, in hours: 159 in May 2024 at 40 h."""
        return sum((self.schedule.norm(day) for day in _days(first, after)), Fraction(0))


def _days(first: date, after: date) -> list[date]:
    return [first + _DAY * number for number in range((after - first).days)]
