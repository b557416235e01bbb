"""The plan's section `calendar`: when people work. What it says becomes a `WorkCalendar`."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kpictl.calendar import UnknownCountry, UnknownYear, WorkCalendar
from kpictl.calendar.country import known_years, weekend
from kpictl.calendar.days import DayBook
from kpictl.calendar.hours import FREE, Hours, merged, read_hours
from kpictl.calendar.schedule import OFFICE, Cycle, Schedule
from kpictl.errors import Place, Problem
from kpictl.plan.fields import Count, Part, PeriodText, Positive, Text, unfit, zone_name

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = {name: number for number, name in enumerate(_WEEK)} | {
    name: number for number, name in enumerate(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))
}

Week = tuple[Hours, ...]
"""Hours from Monday to Sunday, or (one alone) those of every working day."""


def _hours(value: Any) -> Hours:
    hours = read_hours(value) if isinstance(value, str) else None
    if hours is None:
        raise PydanticCustomError("hours", "no hours", {"given": str(value)})
    return hours


def _week(value: Any) -> Week:
    """Take `09:00-18:00`, the hours of every working day, or hours by day: `{mon-thu: …, fri: …}`;
    days that are not named are free."""
    if not isinstance(value, dict):
        return (_hours(value),)
    week: list[Hours | None] = [None] * 7
    for key, text in value.items():
        hours = read_hours(text) if isinstance(text, str) else None
        if hours is None:
            raise unfit("hours", str(key), given=str(text))
        for number in _weekdays(str(key)):
            if week[number] is not None:
                raise unfit("weekday_twice", str(key), day=_WEEK[number])
            week[number] = hours
    return tuple(hours or FREE for hours in week)


def _weekdays(key: str) -> list[int]:
    """Return the days of the week that `mon`, `mon-thu` or `mon, wed` names."""
    found: list[int] = []
    for part in key.casefold().replace("–", "-").split(","):
        first, _, last = part.partition("-")
        span = [_DAYS.get(first.strip()), _DAYS.get((last or first).strip())]
        if span[0] is None or span[1] is None:
            raise unfit("weekday", key, given=part.strip(), known=" ".join(_WEEK))
        found += [day % 7 for day in range(span[0], span[1] + (8 if span[1] < span[0] else 1))]
    return found


def _breaks(value: Any) -> Hours:
    listed = value if isinstance(value, list) else [value]
    return merged(part for text in listed for part in _hours(text))


def _day(value: Any) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(str(value), form).date()  # noqa: DTZ007  a calendar day
        except ValueError:
            continue
    raise PydanticCustomError("day", "no day", {"given": str(value)})


def _country(value: Any) -> str:
    code = str(value).strip().upper()
    try:
        weekend(code)
    except UnknownCountry as error:
        data = {"given": str(value), "known": " ".join(error.known[:20])}
        raise PydanticCustomError("country", "no such country", data) from None
    return code


_HOURS_TEXT = {"type": "string", "examples": ["09:00-18:00", "22:00-06:00", "off"]}
HoursText = Annotated[Any, BeforeValidator(_hours), WithJsonSchema(_HOURS_TEXT)]
WeekHours = Annotated[
    Any,
    BeforeValidator(_week),
    WithJsonSchema(
        {"anyOf": [_HOURS_TEXT, {"type": "object", "additionalProperties": _HOURS_TEXT}]}
    ),
]
Breaks = Annotated[
    Any,
    BeforeValidator(_breaks),
    WithJsonSchema({"anyOf": [_HOURS_TEXT, {"type": "array", "items": _HOURS_TEXT}]}),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Country = Annotated[
    str, BeforeValidator(_country), WithJsonSchema({"type": "string", "examples": ["RU", "DE-BY"]})
]


class ShiftCycle(Part):
    """Shifts that come again from a day on."""

    start: Day = Field(alias="from", description="The first day of the cycle.")
    days: list[HoursText] = Field(
        description="The hours of its days one after the other; `off` is a free day.", min_length=1
    )


class WorkingHours(Part):
    """When somebody works."""

    hours: WeekHours | None = Field(
        None, description="Of a working day, or by day of the week; the days not named are free."
    )
    breaks: Breaks | None = Field(None, description="What is no working time of any day.")
    cycle: ShiftCycle | None = Field(None, description="Shifts instead of days of the week.")
    holidays: Literal["off", "worked"] | None = Field(
        None, description="Whether holidays and short days count. Default: off; of a cycle: worked."
    )
    zone: Annotated[str, AfterValidator(zone_name)] | None = Field(
        None, description="Whose clock the hours are read from. Default: the company's."
    )
    week_hours: Positive | None = Field(
        None, description="The norm of a week, which the norm of hours counts by. Default: 40."
    )

    def model_post_init(self, _context: object) -> None:
        if self.cycle is not None and self.hours is not None:
            raise unfit("hours_and_cycle", "cycle")


class OwnHours(WorkingHours):
    """When a department or somebody works whose hours are not the company's."""

    who: Text = Field(description="Condition on employees, as in a scorecard.")

    def over(self, company: WorkingHours) -> WorkingHours:
        """Return the hours with what is not said of them as the company has it."""
        names = WorkingHours.model_fields
        own = {name: value for name in names if (value := getattr(self, name)) is not None}
        left = {"hours", "cycle"} if own.keys() & {"hours", "cycle"} else set[str]()
        left |= {"holidays"} if "cycle" in own else set()  # of shifts, not of the company
        said = {name: getattr(company, name) for name in names if name not in left}
        return WorkingHours.model_construct(**{**said, **own})


class ShiftsPlan(Part):
    """Tables of shifts: who works when, day by day."""

    file_keys: ClassVar = ("file",)

    file: Text | list[Text] | None = Field(None, description="CSV or XLSX; glob, or a list.")
    from_: Text | None = Field(
        None, alias="from", description="Instead of file: an entity of a source, with its options."
    )
    codes: dict[Text, HoursText] = Field(
        {}, description='What a shift is called → its hours: Н: "20:00-08:00".'
    )
    period: PeriodText | None = Field(
        None, description="The month of a table whose columns are called 1 to 31."
    )


class Calendar(WorkingHours):
    """Working time: which days are worked, and when."""

    file_keys: ClassVar = ("file",)

    country: Country | None = Field(
        None, description="Whose public holidays: RU, BY, KZ, or a code of the package holidays."
    )
    file: Text | list[Text] | None = Field(
        None, description="Days of the company's own (CSV, XLSX), or a production calendar (XML)."
    )
    years: list[Count] | Count | None = Field(
        None, description="Years whose days off are all in the file."
    )
    decree_days: Literal["worked", "off"] = Field(
        "worked", description="Days that a decree freed with pay kept; the norm does not lose them."
    )
    schedules: dict[str, OwnHours] = Field({}, description="Hours of departments and people.")
    shifts: ShiftsPlan | None = Field(None, description="Shifts of people, from a table.")


def work_calendar(section: Calendar, zone: ZoneInfo, book: DayBook) -> WorkCalendar:
    """Return what the section means; `book` are the days that it names, `zone` the company's."""
    company = _schedule(section, zone, book)
    own = {
        name: _schedule(said.over(section), zone, book) for name, said in section.schedules.items()
    }
    return WorkCalendar(company, own)


def _schedule(said: WorkingHours, zone: ZoneInfo, book: DayBook) -> Schedule:
    observed = said.holidays or ("worked" if said.cycle else "off")
    return Schedule(
        zone if said.zone is None else ZoneInfo(said.zone),
        _pattern(said, book.country),
        said.breaks or FREE,
        book if observed == "off" else None,
        Fraction(said.week_hours or 40),
    )


def unknown_year(error: UnknownYear, place: Place) -> Problem:
    """Return what is to be said of a year that a plan's calendar does not know."""
    years = known_years(error.country)
    known = f"{years[0]}–{years[-1]}" if years else ""
    code = "calendar.unknown_year" if error.country else "calendar.year_not_in_file"
    data = {"year": error.year, "country": error.country, "known": known}
    return Problem(code, place, data)


def _pattern(said: WorkingHours, country: str) -> tuple[Hours, ...] | Cycle:
    if said.cycle is not None:
        return Cycle(said.cycle.start, tuple(said.cycle.days))
    week: Week = said.hours or (OFFICE,)
    if len(week) == 7:
        return week
    free = weekend(country)
    return tuple(FREE if day in free else week[0] for day in range(7))


def day_book(section: Calendar) -> DayBook:
    """Return the days that the section names without any file."""
    return DayBook(section.country or "", section.decree_days == "off")
