"""What the production calendar of a country says of a year: days off, moved days, short days.

Russia, Belarus and Kazakhstan are data of ours (`countries/*.txt`, with their sources), years that
are certain alone. Of other countries the package `holidays` knows the public holidays; it knows no
short days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from msgspec import Struct

BUNDLED = ("BY", "KZ", "RU")
_DAY = timedelta(days=1)


class UnknownYear(Exception):
    """The days off of a year are not known; `country` is "" where the plan names none."""

    def __init__(self, year: int, country: str) -> None:
        super().__init__(f"{country} {year}")
        self.year = year
        self.country = country


class UnknownCountry(Exception):
    """No calendar has this country; `known` are the codes that there are."""

    def __init__(self, country: str, known: tuple[str, ...]) -> None:
        super().__init__(country)
        self.country = country
        self.known = known


class CountryYear(Struct, frozen=True):
    """A year of a five-day week.

    `off` are the days that are not worked though they are no weekend, `holidays` those that are
    holidays, on weekends too. `work` are the days of weekends that are worked, each with the day
    off that it was moved to, whose hours it has (None: not known). `short` are worked days that are
    an hour shorter; `decree` those that a decree of the president freed, pay kept.
    """

    off: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    work: Mapping[date, date | None] = {}
    short: frozenset[date] = frozenset()
    decree: frozenset[date] = frozenset()
    has_short_days: bool = False


class Norm(Struct, frozen=True):
    """What is printed of a year: days, hours by the length of the week, and months as (days, hours)
    in a week of 40 hours."""

    days: int
    hours: Mapping[int, str]
    months: Mapping[int, tuple[int, int]]


def country_year(country: str, year: int) -> CountryYear:
    """Return a year of a country by its code: `RU`, `DE`, of a part of a country `DE-BY`. Raises
    UnknownYear, UnknownCountry."""
    if country not in BUNDLED:
        return _of_package(country, year)
    found = _read(country, year)
    if found is None:
        raise UnknownYear(year, country)
    return found


def known_years(country: str) -> tuple[int, ...]:
    """Return the years of a country that are data of ours; of other countries none are."""
    return tuple(sorted(y for y in _bundled(country) if y)) if country in BUNDLED else ()


def norm(country: str, year: int) -> Norm:
    """Return the norm of a year as it is printed, of a country that is data of ours."""
    lines = _bundled(country)[year]
    numbers = dict(pair.split("=") for pair in lines["norm"].split())
    months = {}
    for text in lines.get("months", "").split():
        month, _, rest = text.partition(":")
        days, _, hours = rest.partition("/")
        months[int(month)] = (int(days), int(hours))
    weeks = {int(key[1:]): number for key, number in numbers.items() if key != "days"}
    return Norm(int(numbers["days"]), weeks, months)


def moved_days(country: str, year: int) -> dict[date, date]:
    """Return the days off that the yearly decree moved, and where to; of Russia alone."""
    moved = {}
    for pair in _bundled(country)[year].get("moved", "").split():
        source, _, target = pair.partition(">")
        moved[_day(year, source)] = _day(year, target)
    return moved


@cache
def _read(country: str, year: int) -> CountryYear | None:
    lines = _bundled(country).get(year)
    if lines is None:
        return None

    def days(key: str) -> frozenset[date]:
        return frozenset(_days(year, lines.get(key, "")))

    moved = moved_days(country, year)
    every_year = _bundled(country).get(0, {}).get("holidays", "")
    holidays = days("holidays") | frozenset(_days(year, every_year))
    return CountryYear(
        off=days("off"),
        holidays=holidays,
        work={day: moved.get(day) for day in sorted(days("work"))},
        short=days("short"),
        decree=frozenset(day for day in days("decree") if day.weekday() < 5) - days("off"),
        has_short_days=country != "KZ",
    )


def _days(year: int, text: str) -> Iterator[date]:
    """Yield the days of `01-01..01-08 02-23`."""
    for part in text.split():
        first, _, last = part.partition("..")
        day, end = _day(year, first), _day(year, last or first)
        while day <= end:
            yield day
            day += _DAY


def _day(year: int, text: str) -> date:
    month, _, day = text.partition("-")
    return date(year, int(month), int(day))


@cache
def _bundled(country: str) -> dict[int, dict[str, str]]:
    """Return the lines of a data file by year; those before the first year stand under 0."""
    file = resources.files(__package__) / "countries" / f"{country.lower()}.txt"
    years: dict[int, dict[str, str]] = {}
    year = 0
    for line in file.read_text("utf-8").splitlines():
        text = line.strip()
        if text.startswith("["):
            year = int(text.strip("[]"))
        elif text and not text.startswith("#"):
            key, _, value = text.partition(":")
            years.setdefault(year, {})[key] = value.strip()
    return years


# --- other countries -------------------------------------------------------------------------


@cache
def _of_package(country: str, year: int) -> CountryYear:
    """Return the public holidays of a year, as the package `holidays` knows them."""
    known = _holidays(country, year)
    days = {day for day in known if day.year == year}
    worked = {day for day in known.weekend_workdays if day.year == year}
    return CountryYear(
        off=frozenset(day for day in days if not known.is_weekend(day)),
        holidays=frozenset(days),
        work=dict.fromkeys(sorted(worked)),
    )


def weekend(country: str) -> frozenset[int]:
    """Return the days of the week, Monday 0, that are free in a country."""
    if not country or country in BUNDLED:
        return frozenset({5, 6})
    return frozenset(_holidays(country, 2024).weekend)


@cache
def _holidays(country: str, year: int) -> Any:
    import holidays

    code, _, part = country.partition("-")
    supported = holidays.list_supported_countries()
    if code not in supported or (part and part not in supported[code]):
        parts = tuple(f"{code}-{one}" for one in supported.get(code, ()))
        raise UnknownCountry(country, parts or tuple(sorted({*supported, *BUNDLED})))
    found: Any = holidays.country_holidays(code, subdiv=part or None, years=year)
    if not found:
        raise UnknownYear(year, country)
    return found
