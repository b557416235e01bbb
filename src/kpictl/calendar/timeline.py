"""Working time as instants: how much of it lies between two moments, by one schedule or by several
that follow one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.calendar.country import UnknownYear
from kpictl.calendar.hours import FREE, Hours
from kpictl.calendar.schedule import Schedule

Span = tuple[datetime, datetime]
"""A stretch of time in UTC, half-open."""

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""No calendar knows a day beyond these years."""

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
MICRO = timedelta(microseconds=1)


class Timeline(Struct, frozen=True):
    """The schedules of somebody, each from a day on; the first from ever.

    Working time is what the clock on the wall shows: hours from 22:00 to 06:00 are seven or nine
    in the night that clocks change. Of years that the calendar does not know nothing is worked:
    whoever counts asks `knows` first.
    """

    stretches: tuple[tuple[date, Schedule], ...]

    @classmethod
    def of(cls, schedule: Schedule) -> Timeline:
        return cls(((date.min, schedule),))

    def schedule(self, day: date) -> Schedule:
        """Return the schedule in force on a day."""
        return next(own for start, own in reversed(self.stretches) if start <= day)

    def hours(self, day: date) -> Hours:
        """Return the hours of a day, none where they are not known."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return FREE
        try:
            return self.schedule(day).hours(day)
        except UnknownYear:
            return FREE

    def unknown(self, day: date) -> bool:
        """Say whether a day lies in a year that the calendar does not know."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return True
        return not self.schedule(day).knows(day)

    def knows(self, first: date, last: date) -> bool:
        """Say whether all days from the first to the last, in whatever order, are known."""
        return self.first_unknown(first, last) is None

    def first_unknown(self, first: date, last: date) -> date | None:
        """Return the first day that is not known, of those from one to the other."""
        start, end = min(first, last), max(first, last)
        last_year = min(end.year, LAST_YEAR + 1)
        years = (max(start, date(year, 1, 1)) for year in range(start.year, last_year + 1))
        changes = (day for day in self._changes() if start <= day <= end)
        return next((day for day in sorted({*years, *changes}) if self.unknown(day)), None)

    def _changes(self) -> Iterator[date]:
        """Yield the days on which another schedule, or a roster, begins or ends."""
        for day, own in self.stretches:
            yield day
            for stretch in own.roster.covered if own.roster is not None else ():
                yield from stretch

    def country(self, day: date) -> str:
        """Return the country by whose calendar a day is worked or not, "" for none."""
        book = self.schedule(day).book
        return "" if book is None else book.country

    def day_of(self, moment: date | datetime) -> date:
        """Return the day that the clock of whoever works shows at an instant."""
        if not isinstance(moment, datetime):
            return moment
        before = date.max
        for start, own in reversed(self.stretches):
            day = min(moment.astimezone(own.zone).date(), before)
            if start <= day:
                return day
            before = start - _DAY
        raise AssertionError("the first stretch is from ever")

    def begin(self, day: date) -> datetime:
        """Return the instant at which a day begins for whoever works, in UTC."""
        midnight = datetime.combine(day, time.min, self.schedule(day).zone)
        return midnight.astimezone(UTC)

    def spans(self, day: date) -> list[Span]:
        """Return the working time that begins on a day."""
        zone = self.schedule(day).zone
        return [span for hours in self.hours(day) for span in _spans(day, hours, zone)]

    def spans_between(self, start: datetime, end: datetime) -> list[Span]:
        """Return the working time from one instant to a later one, in order and apart."""
        first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
        day, last = max(self.day_of(start), first) - 2 * _DAY, min(self.day_of(end), last) + _DAY
        found: list[Span] = []
        while day <= last:
            found += self.spans(day)
            day += _DAY
        return list(_joined((max(a, start), min(b, end)) for a, b in found))

    def worked(self, start: datetime, end: datetime) -> int:
        """Return the working time from one instant to another in microseconds; below zero where
        the other comes first."""
        if end < start:
            return -self.worked(end, start)
        spans = self.spans_between(start.astimezone(UTC), end.astimezone(UTC))
        return sum((b - a) // MICRO for a, b in spans)

    def days(self, first: date | datetime, after: date | datetime) -> int:
        """Return the working days from the day of one moment to before that of another; below zero
        where the other comes first."""
        start, end = self.day_of(first), self.day_of(after)
        if end < start:
            return -self.days(end, start)
        start, end = max(start, date(FIRST_YEAR, 1, 1)), min(end, date(LAST_YEAR + 1, 1, 1))
        days = (start + _DAY * number for number in range((end - start).days))
        return sum(1 for day in days if self.hours(day))

    def is_working(self, moment: date | datetime) -> bool:
        """Say whether somebody works at an instant, or on a day."""
        if not isinstance(moment, datetime):
            return bool(self.hours(moment))
        return self.worked(moment, moment + MICRO) > 0


def _spans(day: date, hours: tuple[int, int], zone: ZoneInfo) -> Iterator[Span]:
    """Yield when the clock of a zone shows hours of a day: once, but in a night that clocks go back
    hours that end in what comes twice are shown twice."""
    midnight = datetime.combine(day, time.min)
    start, end = (midnight + _MINUTE * minutes for minutes in hours)
    first, last = start.replace(tzinfo=zone), end.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == last.utcoffset() == last.replace(fold=0).utcoffset():
        yield first.astimezone(UTC), last.astimezone(UTC)
        return
    shown = first.astimezone(UTC) - 2 * _HOUR
    until = last.astimezone(UTC) + 2 * _HOUR
    found: list[Span] = []
    while shown < until:
        if start <= shown.astimezone(zone).replace(tzinfo=None) < end:
            found.append((shown, shown + _MINUTE))
        shown += _MINUTE
    yield from _joined(found)


_HOUR = timedelta(hours=1)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order, those that meet or overlap as one, and none that is empty."""
    last: Span | None = None
    for start, end in sorted(spans):
        if start >= end:
            continue
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


class WorkTime(Struct, frozen=True):
    """Whose working time is meant: by the text that names the owner of a record, those whose
    schedule is not the company's; `company` is everybody else's, also nobody's."""

    company: Timeline
    own: Mapping[str, Timeline] = {}

    def of(self, owner: str | None) -> Timeline:
        return self.company if owner is None else self.own.get(owner, self.company)

    def timelines(self) -> list[Timeline]:
        """Return the different ones, the company's first."""
        found = [self.company]
        for text in sorted(self.own):
            found += [] if self.own[text] in found else [self.own[text]]
        return found
