"""A timesheet → its cells: who, which day, what is written there and how many hours below it.

The printed form (T-13) has two lines a person, codes on one and hours on the next, which bears no
name (or the same); its halves of a month stand side by side, or the second one under the first, as
two more lines of the person under captions of their own. A plain timesheet has one line a person.
A timesheet that was turned into records (`unpivot`) has its lines put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from kpictl.errors import Place
from kpictl.naming import fold, tidy
from kpictl.sources import moments
from kpictl.sources.people_tables import PeopleReading, day_columns, day_of
from kpictl.tables import TableFile, rows

_ONE = r"(?!0\d)\d+(?:[.,:]\d+)?"  # 8; 7,5; 7:30; but 09 is a code
HOURS = re.compile(rf"{_ONE}(?:/{_ONE})*")
"""What a cell of a line of hours holds: of several codes of a day (`Я/ДО`) those of each."""
_NUMBER = re.compile(r"\d{1,2}")
_RUN = 5  # so many numbers one after the other are days of a month, or numbers of columns


class Cell(Struct, frozen=True):
    """A filled cell of somebody's day; `hours` is what the line of hours has below it."""

    day: date
    text: str
    place: Place
    hours: str = ""


class _Line(Struct):
    """A line: whose name it bears ("" for nobody's), and its filled cells by day."""

    name: str
    place: Place
    cells: dict[date, Cell] = {}

    def is_hours(self, codes: frozenset[str]) -> bool:
        """Say whether all that is written are hours; of digits that are codes only some may be."""
        texts = {cell.text for cell in self.cells.values()}
        return all(map(HOURS.fullmatch, texts)) and (not texts or not texts <= codes)


class Person(Struct, frozen=True):
    """The cells of one person in a timesheet, and where the name stands."""

    name: str
    place: Place
    cells: tuple[Cell, ...]


def of_table(
    file: TableFile, employee: int, month: date | None, codes: Iterable[str]
) -> Iterator[Person] | None:
    """Yield everybody's cells; None where no column is a day."""
    halves = _halves(file, month)
    if not halves[0]:
        return None
    return _people(_grouped(_lines(file, employee, halves, month)), len(halves), frozenset(codes))


def of_records(
    file: TableFile, columns: Mapping[str, int], codes: Iterable[str], reading: PeopleReading
) -> Iterator[Person]:
    """Yield everybody's cells of a timesheet that was turned into records, with `columns` of
    `employee`, `from` (the day) and `kind` (the cell). A day that is none is noted."""
    order = moments.shown_order(cells[columns["from"]] for _, cells in rows(file))
    lines: dict[int, _Line] = {}
    for number, cells in rows(file):
        place = file.at(number, columns["kind"])
        line = lines.get(place.line)
        if line is None:
            name = tidy(cells[columns["employee"]])
            line = lines[place.line] = _Line(name, file.at(number, columns["employee"]))
        text = tidy(cells[columns["from"]])
        day = moments.read_day(text, order)
        if day is None:
            reading.bad("from", text, "date", file.at(number, columns["from"]))
        else:
            line.cells[day] = Cell(day, tidy(cells[columns["kind"]]), place)
    ordered = [[line] for _, line in sorted(lines.items())]
    return _people(_grouped(ordered), 1, frozenset(codes))


# --- which columns -----------------------------------------------------------------------------


def _halves(file: TableFile, month: date | None) -> list[dict[int, date]]:
    """Return the columns that are days; of two halves, one under the other, those of each."""
    days = dict(day_columns(file, month))
    if month is None:
        return [days]
    here = _numbers(file.header)
    above = _numbers(file.above[-1][1]) if file.above else {}
    if here and above and max(above.values()) + 1 == min(here.values()):
        return [_dated(above, month), days]
    for _, cells in rows(file) if here and max(here.values()) < _LONGEST_MONTH else ():
        below = _numbers(cells)
        if below and min(below.values()) == max(here.values()) + 1:
            return [days, _dated(below, month)]
    return [days]


_LONGEST_MONTH = 31


def _numbers(cells: Sequence[str]) -> dict[int, int]:
    """Return the columns that are called by numbers, if these are days that follow each other."""
    found = {
        n: int(text) for n, cell in enumerate(cells) if _NUMBER.fullmatch(text := cell.strip())
    }
    numbers = list(found.values())
    runs = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    return found if runs and len(numbers) >= _RUN and numbers[-1] <= _LONGEST_MONTH else {}


def _dated(numbers: Mapping[int, int], month: date) -> dict[int, date]:
    days = {column: day_of(month, number) for column, number in numbers.items()}
    return {column: day for column, day in days.items() if day is not None}


# --- which lines -------------------------------------------------------------------------------


def _lines(
    file: TableFile, employee: int, halves: Sequence[Mapping[int, date]], month: date | None
) -> Iterator[list[_Line]]:
    """Yield each line as it reads in each half of the month."""
    for number, cells in rows(file):
        if month is not None and _numbers(cells):
            continue  # captions of the second half, or the numbers of the columns of a form
        name, place = tidy(cells[employee]), file.at(number, employee)
        read = [_Line(name, place) for _ in halves]
        for line, columns in zip(read, halves, strict=True):
            for column, day in columns.items():
                if text := tidy(cells[column]):
                    line.cells[day] = Cell(day, text, file.at(number, column))
        yield read


def _grouped(lines: Iterable[list[_Line]]) -> Iterator[list[list[_Line]]]:
    """Yield the lines of each person: one with a name, and those below it with none or the same."""
    group: list[list[_Line]] = []
    for line in lines:
        name = fold(line[0].name)
        if group and (not name or name == fold(group[0][0].name)):
            group.append(line)
            continue
        if group:
            yield group
        group = [line] if name else []
    if group:
        yield group


def _people(
    groups: Iterable[list[list[_Line]]], halves: int, codes: frozenset[str]
) -> Iterator[Person]:
    everybody = list(groups)
    doubled = sum(len(group) > halves for group in everybody) * 2 > len(everybody)
    for group in everybody:
        cells: list[Cell] = []
        # A line without a name that few have is none of hours: it may hold the sums of columns.
        for own in _by_half(group if doubled else group[:halves], halves, codes):
            cells += _paired(own, codes)
        yield Person(group[0][0].name, group[0][0].place, tuple(cells))


def _by_half(group: list[list[_Line]], halves: int, codes: frozenset[str]) -> Iterator[list[_Line]]:
    """Yield the lines of somebody by half of the month: with hours two of each, else one."""
    if halves == 1:
        yield [line[0] for line in group]
        return
    with_hours = len(group) > halves or (len(group) > 1 and group[1][0].is_hours(codes))
    each = 2 if with_hours else 1
    for half in range(halves):
        yield [line[half] for line in group[half * each : half * each + each]]


def _paired(lines: Sequence[_Line], codes: frozenset[str]) -> Iterator[Cell]:
    """Yield cells with the hours below them; a line that is none of hours is one of its own."""
    number = 0
    while number < len(lines):
        line, below = lines[number], lines[number + 1] if number + 1 < len(lines) else None
        number += 1
        if below is None or not below.is_hours(codes):
            yield from line.cells.values()
            continue
        number += 1
        for day, cell in line.cells.items():
            under = below.cells.get(day)
            hours = "" if under is None else under.text
            yield Cell(day, cell.text, cell.place, hours)
