"""The files of a plan's calendar → its days: tables of a company's own days, and production
calendars as XML.

Columns of a table (Russian or English captions, any order): day (дата, день), a day or a stretch of
days; kind (вид, тип): off, work or short; hours (часы): when it is worked, or for how many hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.calendar.country import CountryYear
from kpictl.calendar.days import DayBook, OwnDay
from kpictl.calendar.hours import read_hours
from kpictl.calendar.xml import NotACalendar, read_xml
from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.calendar import day_book
from kpictl.sources import decimals, numbers
from kpictl.sources.bare import open_bare
from kpictl.sources.columns import columns_of, no_column
from kpictl.sources.file_reader import said_by_plan
from kpictl.tables import TableFile, expand, rows

if TYPE_CHECKING:
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan

CAPTIONS = {
    "day": ("day", "date", "дата", "день"),
    "kind": ("kind", "type", "вид", "вид дня", "тип", "тип дня"),
    "hours": ("hours", "working hours", "часы", "часы работы", "время работы"),
}
Kind = Literal["off", "work", "short"]
KINDS: dict[Kind, tuple[str, ...]] = {
    "off": (
        "off",
        "day off",
        "free",
        "holiday",
        "выходной",
        "праздник",
        "праздничный",
        "нерабочий",
    ),
    "work": ("work", "working", "workday", "working day", "рабочий день", "рабочий"),
    "short": ("short", "shorter", "предпраздничный", "короткий", "сокращённый"),
}
_KIND_OF = {fold(word): kind for kind, words in KINDS.items() for word in words}
_DAY = timedelta(days=1)
MAX_XML = 4_000_000  # bytes; a year has ten thousand


def read_days(
    plan: Plan, loaded: LoadedPlan, scratch: Path
) -> tuple[DayBook | None, list[Problem]]:
    """Return the days of a plan's calendar (None without one), and what is wrong with its files."""
    section = plan.calendar
    if section is None:
        return None, []
    reading = _Reading(loaded.folder, scratch)
    listed = [section.file] if isinstance(section.file, str) else (section.file or [])
    for i, pattern in enumerate(listed):
        path = ("calendar", "file", i) if isinstance(section.file, list) else ("calendar", "file")
        try:
            for file in expand(pattern, loaded.folder):
                reading.file(file)
        except SourceError as error:
            place = loaded.document.place(path)
            reading.problems += [said_by_plan(problem, place) for problem in error.problems]
    years = section.years if isinstance(section.years, list) else [section.years or 0]
    complete = frozenset(years) - {0}
    if not section.country:  # nobody else says what is off: the file's years are those it knows
        complete |= {day.year for day in reading.days}
    book = day_book(section)
    own = {day: said for day, (said, _) in sorted(reading.days.items())}
    return replace(book, own=own, years=reading.years, complete=complete), reading.problems


class _Reading:
    """The days of files as they are read; `days` with where each is said."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch = folder, scratch
        self.days: dict[date, tuple[OwnDay, Place]] = {}
        self.years: dict[int, CountryYear] = {}
        self.problems: list[Problem] = []

    def file(self, path: Path) -> None:
        if path.suffix.casefold() == ".xml":
            self.xml(path)
            return
        table, remarks = open_bare(path, self.folder, self.scratch)
        self.problems += remarks
        columns = columns_of(table.header, CAPTIONS)
        if "day" not in columns or not columns.keys() & {"kind", "hours"}:
            lacking = "day" if "day" not in columns else "kind"
            self.problems.append(no_column(table, lacking, CAPTIONS[lacking]))
            return
        sign = decimals.of_column(table, columns["hours"]).sign if "hours" in columns else "."
        for number, cells in rows(table):
            line = _Line(table, number, columns, {n: cells[i].strip() for n, i in columns.items()})
            if any(line.cells.values()):
                self.line(line, sign)

    def line(self, line: _Line, sign: str) -> None:
        said = _own_day(line, sign)
        if isinstance(said, Problem):
            self.problems.append(said)
            return
        days = list(_days(line.cells["day"]))
        if not days:
            given = {"given": line.cells["day"]}
            self.problems.append(Problem("calendar.bad_day", line.place("day"), given))
        for day in days:
            earlier = self.days.get(day)
            if earlier is not None and earlier[0] != said:
                data = {"day": day, "other": earlier[1]}
                self.problems.append(Problem("calendar.day_twice", line.place("day"), data))
                return
            self.days[day] = (said, line.place("day"))

    def xml(self, path: Path) -> None:
        shown = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        place = Place(shown.as_posix())
        try:
            raw = path.read_bytes() if path.stat().st_size <= MAX_XML else b""
            self.years.update(read_xml(raw))
        except OSError as error:
            data = {"file": place.file, "reason": error.strerror or str(error)}
            self.problems.append(Problem("table.unreadable", place, data))
        except NotACalendar as error:
            self.problems.append(Problem(error.code, place, {"file": place.file, **error.data}))


class _Line(Struct, frozen=True):
    """A filled line of a table: its cells by the columns that it has."""

    table: TableFile
    number: int
    columns: dict[str, int]
    cells: dict[str, str]

    def place(self, column: str) -> Place:
        return Place(self.table.origin, self.number, self.columns.get(column, 0) + 1)


def _days(text: str) -> Iterator[date]:
    """Yield the days that a cell names: one, or a stretch of a month at most."""
    with suppress(ValueError):
        first, after = periods.fixed_days(text.removesuffix(" 00:00:00"))
        if (after - first).days <= 31:
            yield from (first + _DAY * number for number in range((after - first).days))


def _own_day(line: _Line, sign: str) -> OwnDay | Problem:
    """Return what a line says of its days: a kind, hours, or both."""
    word, text = line.cells.get("kind", ""), line.cells.get("hours", "")
    kind: Kind = _KIND_OF.get(fold(word), "work")
    if word and fold(word) not in _KIND_OF:
        known = ", ".join(f"{words[0]} ({words[-1]})" for words in KINDS.values())
        data = {"given": word, "near": "", "known": known}
        return Problem("calendar.bad_kind", line.place("kind"), data)
    if not text and not word:
        place = line.place("kind" if "kind" in line.columns else "hours")
        return Problem("calendar.no_kind", place)
    if not text:
        return OwnDay(kind)
    own = _worked(kind, text, sign)
    if own is None:
        return Problem("calendar.bad_hours", line.place("hours"), {"given": text})
    if word and (own.kind == "off") != (kind == "off"):
        return Problem(
            "calendar.kind_and_hours", line.place("hours"), {"given": text, "kind": word}
        )
    return own


def _worked(kind: Kind, text: str, sign: str) -> OwnDay | None:
    """Return a day that is worked at hours, or for so many; none of them is a day off."""
    worked: Kind = "work" if kind == "off" else kind
    number, hours = numbers.read(text, sign), read_hours(text)
    if number is not None and 0 <= number <= 24:
        return OwnDay(worked, minutes=round(number * 60)) if number else OwnDay("off")
    if hours is None:
        return None
    return OwnDay(worked, hours=hours) if hours else OwnDay("off")
