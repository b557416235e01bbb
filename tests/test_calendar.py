"""Production calendars: their data hold the rule by which they come about, and the printed norms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from kpictl.calendar import UnknownCountry, UnknownYear, WorkCalendar
from kpictl.calendar.country import (
    BUNDLED,
    CountryYear,
    country_year,
    known_years,
    moved_days,
    norm,
)
from kpictl.calendar.days import DayBook, OwnDay
from kpictl.calendar.hours import read_hours, shortened, without
from kpictl.calendar.schedule import Schedule

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)
KNOWN = [(country, year) for country in BUNDLED for year in known_years(country)]


def calendar(country: str = "RU", week_hours: int = 40, **book: object) -> WorkCalendar:
    """Return the calendar of a country for an office week."""
    days = DayBook(country, **book)  # type: ignore[arg-type]
    return WorkCalendar(Schedule(MOSCOW, book=days, week_hours=Fraction(week_hours)))


def year_of(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year + 1, 1, 1)


@pytest.mark.parametrize(("country", "year"), KNOWN)
def test_each_year_has_the_days_and_hours_in_print(country: str, year: int) -> None:
    """Days and hours of a year, in weeks of 40, 36 and 24 hours, and of months, are those printed."""
    printed = norm(country, year)
    assert calendar(country).working_days(*year_of(year)) == printed.days
    for week, hours in printed.hours.items():
        assert calendar(country, week).working_hours(*year_of(year)) == Fraction(hours), week
    for month, expected in printed.months.items():
        first, after = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        own = calendar(country)
        days, norm_hours = own.working_days(first, after), own.working_hours(first, after)
        assert (days, int(norm_hours)) == expected


def test_may_2024_is_159_hours() -> None:
    """Twenty working days, of which the eighth is an hour shorter."""
    may = date(2024, 5, 1), date(2024, 6, 1)
    assert calendar().working_days(*may) == 20
    assert calendar().working_hours(*may) == 159


# --- the rule of Russia ----------------------------------------------------------------------


def by_rule(year: int) -> CountryYear:
    """Return a year as the Labour Code and the yearly decree make it: holidays on Saturday or
    Sunday, but those of January and those that the decree moved, free the next working day; what
    the decree moved is free, and a day of it that is no holiday is worked; short is the day before
    a holiday, and a worked day of a weekend whose day off would have been one."""
    moved = moved_days("RU", year)
    holidays = {date(year, 1, day) for day in range(1, 9)} | {
        date(year, *day) for day in ((2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4))
    }
    off = {day for day in holidays if day.weekday() < 5} | set(moved.values())
    for day in sorted(holidays):
        if day.weekday() > 4 and day.month > 1 and day not in moved:
            following = day + DAY
            while following.weekday() > 4 or following in off:
                following += DAY
            off.add(following)
    work = {source: target for source, target in moved.items() if source not in holidays}
    short = {
        day - DAY
        for day in holidays | {date(year + 1, 1, 1)}
        if (day - DAY).year == year and (day - DAY).weekday() < 5 and day - DAY not in off
    } | {
        source
        for source, target in work.items()
        if target + DAY in holidays | {date(year + 1, 1, 1)}
    }
    return CountryYear(
        frozenset(off), frozenset(holidays), work, frozenset(short), has_short_days=True
    )


@pytest.mark.parametrize("year", known_years("RU"))
def test_russian_years_are_what_the_rule_makes_of_the_decree(year: int) -> None:
    """Days off, worked weekends and short days follow from the holidays and the moved days."""
    known, expected = country_year("RU", year), by_rule(year)
    assert known.off == expected.off
    assert known.work == expected.work
    assert known.short == expected.short - known.holidays
    assert known.holidays == expected.holidays


@pytest.mark.parametrize(("country", "year"), KNOWN)
def test_days_of_a_year_do_not_contradict_one_another(country: str, year: int) -> None:
    """Days off are no weekend, worked weekends are, short days are worked, all lie in the year."""
    known = country_year(country, year)
    days = {*known.off, *known.holidays, *known.work, *known.short, *known.decree}
    assert {day.year for day in days} == {year}
    assert all(day.weekday() < 5 for day in known.off | known.decree)
    assert all(day.weekday() > 4 for day in known.work)
    assert not known.off & known.decree
    assert not known.off & known.short
    assert all(day.weekday() < 5 or day in known.work for day in known.short)


# --- what the weekends of holidays are, by the package ---------------------------------------


def _holidays_of(country: str, year: int) -> Iterator[date]:
    import holidays

    easter = ("Easter",)
    for day, name in holidays.country_holidays(country, years=year, language="en_US").items():
        if day.weekday() > 4 and not any(word in name for word in easter):
            yield day


@pytest.mark.parametrize(("country", "year"), KNOWN)
def test_holidays_on_weekends_are_those_of_the_package(country: str, year: int) -> None:
    """Who works on weekends is free on the same holidays that the package `holidays` lists."""
    known = {day for day in country_year(country, year).holidays if day.weekday() > 4}
    assert known == set(_holidays_of(country, year)) - country_year(country, year).work.keys()


# --- what is not known -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "year"),
    [
        ("RU", 2014),
        ("RU", 2028),
        ("BY", 2021),
        ("BY", 2027),
        ("KZ", 2022),
        ("KZ", 2026),
        ("KZ", 2027),
    ],
)
def test_a_year_that_is_not_certain_is_refused(country: str, year: int) -> None:
    """Nobody guesses a year without its decree, nor one whose norm was not seen."""
    with pytest.raises(UnknownYear) as refused:
        calendar(country).working_days(date(year, 5, 1), date(year, 5, 2))
    assert (refused.value.year, refused.value.country) == (year, country)


def test_a_country_that_nobody_knows_is_refused_with_those_there_are() -> None:
    """An unknown code tells which there are; of a part of a country, which parts."""
    with pytest.raises(UnknownCountry) as refused:
        country_year("XX", 2024)
    assert {"RU", "DE", "BY"} <= set(refused.value.known)
    with pytest.raises(UnknownCountry) as refused:
        country_year("DE-XX", 2024)
    assert "DE-BY" in refused.value.known


def test_other_countries_come_from_the_package() -> None:
    """Germany has 3 October off, Bavaria also 1 November; neither has short days."""
    third, first = date(2024, 10, 3), date(2024, 11, 1)
    assert not calendar("DE").is_working(third)
    assert calendar("DE").is_working(first)
    assert not calendar("DE-BY").is_working(first)
    assert not country_year("DE", 2024).short


# --- a company's own days --------------------------------------------------------------------


def test_decree_days_are_worked_as_in_the_norm_unless_the_plan_says_no() -> None:
    """April 2020 has 22 working days in the norm, and none for who stayed at home."""
    april = date(2020, 4, 1), date(2020, 5, 1)
    assert calendar().working_days(*april) == 22
    assert calendar(decree_off=True).working_days(*april) == 0


def test_own_days_overrule_the_country() -> None:
    """A company's day off, a Saturday worked, a day of five hours."""
    off, saturday, short = date(2024, 5, 2), date(2024, 5, 18), date(2024, 5, 3)
    own = {
        off: OwnDay("off"),
        saturday: OwnDay("work"),
        short: OwnDay("work", hours=((9 * 60, 14 * 60),)),
    }
    named = calendar(own=own)
    assert not named.is_working(off)
    assert named.working_hours(saturday, saturday + DAY) == 8
    assert named.working_hours(short, short + DAY) == 5
    assert named.working_days(date(2024, 5, 1), date(2024, 6, 1)) == 20


def test_a_six_day_week_is_free_on_holidays_and_shorter_before_them() -> None:
    """Who works on Saturdays does not on a holiday, and an hour less on the day before one."""
    six = (((9 * 60, 16 * 60),),) * 6 + ((),)
    schedule = Schedule(MOSCOW, six, book=DayBook("RU"))
    assert schedule.hours(date(2025, 3, 8)) == ()  # a Saturday
    assert schedule.hours(date(2024, 6, 8)) == ((9 * 60, 16 * 60),)
    assert schedule.hours(date(2020, 2, 22)) == ((9 * 60, 15 * 60),)  # before Sunday the 23rd


def test_a_moved_working_saturday_has_the_hours_of_its_day() -> None:
    """27 April 2024 stands for Monday the 29th, 2 November for Tuesday 30 April."""
    week = (*(((9 * 60, (17 + day) * 60),) for day in range(5)), (), ())
    schedule = Schedule(MOSCOW, week, book=DayBook("RU"))
    assert schedule.hours(date(2024, 4, 27)) == ((540, 17 * 60),)
    assert schedule.hours(date(2024, 11, 2)) == ((540, 17 * 60),)  # Tuesday's 18:00, an hour less


# --- hours -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-18:00", ((540, 1080),)),
        ("9:00 – 13:00, 14.00-18.00", ((540, 780), (840, 1080))),
        ("22:00-06:00", ((1320, 1800),)),
        ("00:00-24:00", ((0, 1440),)),
        ("off", ()),
        ("выходной", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, hours: object) -> None:
    """Several stretches, points for colons, dashes, over midnight, a free day."""
    assert read_hours(text) == hours


@pytest.mark.parametrize(
    "text",
    ["", "9-18", "09:00", "25:00-26:00", "09:60-18:00", "09:00-09:00", "09:00-13:00,12:00-18:00"],
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    """Half a stretch, no minutes, an hour that no clock shows, stretches that overlap."""
    assert read_hours(text) is None


def test_breaks_and_short_days_take_from_hours() -> None:
    """A break in the middle of a night shift, and an hour that ends a day with a late break."""
    assert without(((1320, 1800),), ((60, 120),)) == ((1320, 1500), (1560, 1800))
    assert shortened(((540, 1020), (1050, 1080)), 60) == ((540, 990),)
