"""Which days are worked, by the calendar of a country and what a company says beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from kpictl.calendar.country import CountryYear, UnknownYear, country_year
from kpictl.calendar.hours import Hours

SHORTER = 60  # minutes that a short day lacks
_DAY = timedelta(days=1)


class OwnDay(Struct, frozen=True):
    """What a company's own file says of a day: that it is off, worked, or an hour shorter; with
    `hours` when it is worked, or with `minutes` for how long from its usual beginning on."""

    kind: Literal["off", "work", "short"]
    hours: Hours | None = None
    minutes: int | None = None


class DayBook(Struct, frozen=True):
    """The days of a country (none: of nobody, whose every year is known), with the company's own.

    `years` are whole years that files give, in place of the country's; `complete` those whose days
    off are all among `own`. `decree_off` has the days that a decree freed not worked, which the
    norm does not lose.
    """

    country: str = ""
    decree_off: bool = False
    own: Mapping[date, OwnDay] = {}
    years: Mapping[int, CountryYear] = {}
    complete: frozenset[int] = frozenset()

    def year(self, year: int) -> CountryYear:
        """Return what is known of a year. Raises UnknownYear."""
        if year in self.years:
            return self.years[year]
        if year in self.complete:
            return CountryYear()
        if not self.country:
            if self.years or self.complete:
                raise UnknownYear(year, "")
            return CountryYear()
        return country_year(self.country, year)

    def knows(self, year: int) -> bool:
        """Say whether a year is known."""
        try:
            self.year(year)
        except UnknownYear:
            return False
        return True

    def is_off(self, day: date) -> bool:
        """Say whether a day is free whatever day of the week it is."""
        own = self.own.get(day)
        if own is not None:
            return own.kind == "off"
        year = self.year(day.year)
        if day in year.work:
            return False
        freed = self.decree_off and day in year.decree
        return freed or day in year.off or day in year.holidays

    def must_work(self, day: date) -> bool:
        """Say whether a day is worked whatever day of the week it is."""
        own = self.own.get(day)
        return own.kind != "off" if own is not None else day in self.year(day.year).work

    def stands_for(self, day: date) -> date | None:
        """Return, of a day of a weekend that is worked, the day off that it was moved to, as far as
        that is known."""
        return self.year(day.year).work.get(day) if self.must_work(day) else None

    def is_short(self, day: date) -> bool:
        """Say whether a worked day is an hour shorter; of a weekend that somebody works, the day
        before a holiday is."""
        own = self.own.get(day)
        if own is not None:
            return own.kind == "short"
        year = self.year(day.year)
        if day in year.short:
            return True
        if day.weekday() < 5 or not year.has_short_days or day in year.work:
            return False
        eve_of = day + _DAY
        return eve_of.year == day.year and eve_of in year.holidays
