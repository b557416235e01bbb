"""How much of a stretch of days counts for somebody's target: presence, ramp, several posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl import periods
from kpictl.people.absences import NONE, Absences
from kpictl.people.presence import Presence, WorkingDays, presence
from kpictl.people.staff import Person
from kpictl.scoring.targets.spans import Attendance, Attending, always
from kpictl.values import Period, TargetStep, to_decimal

CalendarOf = Callable[[Person, Period], WorkingDays | None]
"""Somebody, and a period → by which days they are counted in it."""

Ramp = Mapping[int, Decimal]
"""Month of tenure, from 1 → percent of the target; after the last one all of it."""


class Roll(Struct):
    """Who was there when; what was asked once is kept. `calendar` is the company's, `own` says by
    which days somebody is counted who may have others."""

    zone: ZoneInfo
    calendar: WorkingDays | None = None
    absences: Absences = NONE
    own: CalendarOf | None = None
    _known: dict[tuple[str, frozenset[int], date, date], Presence] = {}

    def presence(self, person: Person, first: date, after: date) -> Presence:
        """Return how much of the days from `first` to before `after` somebody was there for."""
        tracks = frozenset(one.track for one in person.assignments)  # all of them, or those of one
        key = (person.subject, tracks, first, after)
        if key not in self._known:
            period = periods.of_days(first, after, self.zone)
            calendar = self.calendar if self.own is None else self.own(person, period)
            self._known[key] = presence(person, period, calendar, self.absences)
        return self._known[key]

    def calendar_of(self, person: Person, first: date, after: date) -> WorkingDays | None:
        """Return by which days somebody is counted in a stretch."""
        if self.own is None:
            return self.calendar
        return self.own(person, periods.of_days(first, after, self.zone))

    def is_always_there(self, person: Person) -> bool:
        """Say whether nothing is known that could take anything away."""
        bounds = (person.hired, person.left, person.post)
        return not any(bounds) and not person.assignments and person.id not in self.absences.of


def prorated(roll: Roll, person: Person, ramp: Ramp) -> Attending:
    """Return by how much less counts of the days that somebody was not there for, and of the first
    months of a newcomer."""
    bare = roll.is_always_there(person)

    def attending(first: date, after: date) -> Attendance | None:
        if bare:
            return None
        there = roll.presence(person, first, after)
        factors, steps = [], list(_away(there))
        if there.share != 1:
            factors.append(f"{_plain(there.days)}/{_plain(there.of)} {there.unit}")
        percent = ramped(roll, person, ramp, first, after)
        if percent != 100:
            factors.append(f"{_plain(percent)}%")
            steps.append(TargetStep("step.ramp", {"percent": to_decimal(percent, 4)}))
        share = there.share * percent / 100
        return None if share == 1 else Attendance(share, tuple(factors), tuple(steps))

    return attending


def of_posts(roll: Roll, person: Person) -> Attending:
    """Return how a number of somebody with several posts is divided between them: by the days for
    which each was held. What is written by name is taken whole otherwise."""
    posts = person.posts()
    segments = {post.segment for post in posts}

    def attending(first: date, after: date) -> Attendance | None:
        held = {post.segment: roll.presence(post, first, after).held for post in posts}
        whole = sum(held.values(), Fraction(0))
        if not whole or held.get(person.segment) == whole:
            return None
        own = held[person.segment]
        unit = roll.presence(person, first, after).unit
        return Attendance(own / whole, (f"{_plain(own)}/{_plain(whole)} {unit}",))

    return attending if len(segments) > 1 else always


def ramped(roll: Roll, person: Person, ramp: Ramp, first: date, after: date) -> Fraction:
    """Return how many percent of a target hold in a stretch of days: those of each month of tenure
    by the days of it that somebody was there for."""
    if not ramp or person.hired is None:
        return Fraction(100)
    total, weighted, start, last = Fraction(0), Fraction(0), max(first, person.hired), max(ramp)
    while start < after:
        month = _month_of_tenure(person.hired, start)
        end = after if month > last else min(after, _anniversary(person.hired, month))
        days = roll.presence(person, start, end).days
        total, weighted = total + days, weighted + days * Fraction(_percent(ramp, month))
        start = end
    return weighted / total if total else Fraction(100)


def _percent(ramp: Ramp, month: int) -> Decimal:
    """Return the percent of a month of tenure: of one that is not named that of the one before."""
    if month > max(ramp):
        return Decimal(100)
    named = [one for one in ramp if one <= month]
    return ramp[max(named)] if named else Decimal(100)


def _month_of_tenure(hired: date, day: date) -> int:
    """Return in which month since they were hired a day is: from 1, by the day of the month."""
    months = (day.year - hired.year) * 12 + day.month - hired.month
    return months + (1 if day >= _anniversary(hired, months) else 0)


def _anniversary(hired: date, months: int) -> date:
    """Return the day so many months after somebody was hired, the last of a month that is
    shorter."""
    index = hired.year * 12 + hired.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    length = (date((index + 1) // 12, (index + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(hired.day, length))


def _away(there: Presence) -> list[TargetStep]:
    """Return what took days away, each with its days."""
    found = []
    for step in there.steps:
        data = {
            "first": step.first,
            "after": step.after,
            "days": to_decimal(step.days, 4),
            "unit": there.unit,
            "kind": step.kind or "",
        }
        if step.place is not None:
            data["place"] = step.place
        found.append(TargetStep(f"step.away.{step.reason}", data))
    return found


def _plain(number: Fraction) -> str:
    return f"{to_decimal(number, 4):f}"
