"""Shifts of one person as a table has them, day by day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby

from msgspec import Struct

from kpictl.calendar.hours import FREE, Hours, merged

Stretch = tuple[date, date]
"""Days, half-open."""

_DAY = timedelta(days=1)


class Roster(Struct, frozen=True):
    """The hours of somebody by the day on which they begin.

    Of the stretches of `covered` (in order and apart) every day is known: one without hours is
    free. Of any other day the roster says nothing.
    """

    days: Mapping[date, Hours]
    covered: tuple[Stretch, ...]

    def covers(self, day: date) -> bool:
        number = bisect_right(self.covered, day, key=lambda stretch: stretch[0])
        return number > 0 and day < self.covered[number - 1][1]

    def hours(self, day: date) -> Hours:
        return self.days.get(day, FREE)


def roster(days: Mapping[date, Hours], reach: Iterable[Stretch]) -> Roster | None:
    """Return the roster of somebody whose tables reach over these days; None where there is none.

    A month in which they have no shift at all (they are on leave, or not planned yet) is not
    covered: a table that says nothing of somebody is not taken for one that frees them.
    """
    worked = {(day.year, day.month) for day, hours in days.items() if hours}
    numbers = merged((first.toordinal(), after.toordinal()) for first, after in reach)
    kept = merged(
        (first.toordinal(), after.toordinal())
        for start, end in numbers
        for first, after in _by_month(date.fromordinal(start), date.fromordinal(end))
        if (first.year, first.month) in worked
    )
    covered = tuple((date.fromordinal(a), date.fromordinal(b)) for a, b in kept)
    return Roster(dict(sorted(days.items())), covered) if covered else None


def _by_month(first: date, after: date) -> Iterator[Stretch]:
    days = (first + _DAY * number for number in range((after - first).days))
    for _, several in groupby(days, key=lambda day: (day.year, day.month)):
        month = list(several)
        yield month[0], month[-1] + _DAY
