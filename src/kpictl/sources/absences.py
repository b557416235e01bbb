"""Files of absences → who was away when: a row an absence, or a timesheet with a column a day.

A row has who, from, to (both days included; without `to` one day), the kind, and, of a part of a
day, the hours or the share. A timesheet has who and a column a day, captioned as a date or as the
day of a month; a cell holds a code, with hours of absence behind it or below it or neither (`Б`,
`Б 4`), or the hours that were worked, or nothing. So a code of digits is one only as it is written:
09 is not 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.calendar import UnknownYear, WorkCalendar
from kpictl.errors import Place, Problem
from kpictl.naming import fold, tidy
from kpictl.people.absences import FULL_DAY, KINDS, Absence, AbsenceKind, Absences
from kpictl.people.staff import Directory, Person
from kpictl.sources import moments, numbers, timesheet
from kpictl.sources.columns import columns_of
from kpictl.sources.people_tables import EMPLOYEE, PeopleReading
from kpictl.tables import TableFile, rows

if TYPE_CHECKING:
    from kpictl.plan.absences import AbsencesPlan

CAPTIONS = {
    "employee": EMPLOYEE,
    "from": (
        *("from", "start", "date", "first day", "day"),
        *("с", "дата с", "начало", "дата", "дата начала", "день"),
    ),
    "to": ("to", "end", "until", "last day", "по", "дата по", "конец", "дата окончания"),
    "kind": (
        *("kind", "type", "code", "reason", "вид", "код", "тип", "причина", "вид отсутствия"),
        *("вид времени", "mark", "отметка"),
    ),
    "hours": ("hours", "часы", "часов"),
    "share": ("share", "part of a day", "доля", "доля дня", "часть дня"),
}
_DAY = timedelta(days=1)
_WITH_HOURS = re.compile(r"(?P<code>.*\D)[\s/]*?(?P<hours>\d+(?:[.,]\d+)?)")
_MOST_HOURS = 24
_MINUTES = 60


class _Reading(Struct):
    """What is needed to read the files, and what is read of whom."""

    codes: Mapping[str, AbsenceKind | None]
    period: str | None
    people: PeopleReading
    found: dict[str, list[Absence]] = {}

    def kind(self, code: str, place: Place) -> AbsenceKind | None:
        """Return of what kind an absence of this code is; None of work, of a free day, and of a
        code that nobody has explained, which is listed."""
        if fold(code) not in self.codes:
            self.people.unexplained(code, place)
        kind = self.codes.get(fold(code))
        return None if kind == "worked" else kind

    def add(self, person: Person | None, absence: Absence) -> None:
        if person is not None:
            self.found.setdefault(person.id, []).append(absence)


def read(
    files: Iterable[TableFile], spec: AbsencesPlan, people: Sequence[Person]
) -> tuple[Absences, list[Problem]]:
    """Return the absences in the files, and everything that is wrong with them."""
    codes: dict[str, AbsenceKind | None] = {fold(kind): kind for kind in KINDS}
    codes |= {fold(c): None if kind == "off" else kind for c, kind in spec.codes.items()}
    reading = _Reading(codes, spec.period, PeopleReading("absences", Directory(people)))
    for file in files:
        _file(file, reading)
    of = {ident: tuple(_runs(several)) for ident, several in reading.found.items()}
    return Absences(of, frozenset(spec.lowers)), reading.people.everything_wrong()


def too_long(
    absences: Absences, people: Iterable[Person], calendar: WorkCalendar | None
) -> Iterator[Problem]:
    """Yield absences of more hours than the day has, which count as the whole day; days of years
    that the calendar does not know are not looked at."""
    for person in people:
        for absence in absences.of.get(person.id, ()):
            if absence.hours is None:
                continue
            number = (absence.last - absence.first).days + 1
            days = (absence.first + _DAY * n for n in range(number))
            with suppress(UnknownYear):
                norms = {
                    day: FULL_DAY if calendar is None else calendar.longest(person.id, day)
                    for day in days
                }
                over = [(day, norm) for day, norm in norms.items() if 0 < norm < absence.hours]
                if over:
                    day, norm = over[0]
                    hours = {"hours": f"{float(absence.hours):g}", "norm": f"{float(norm):g}"}
                    data = {"name": person.name, "day": day, "code": absence.code, **hours}
                    yield Problem("absences.too_long", absence.place, data, "warning")


def _file(file: TableFile, reading: _Reading) -> None:
    columns = columns_of(file.header, CAPTIONS)
    if "employee" not in columns:
        reading.people.no_column("employee", CAPTIONS["employee"], file)
    elif not {"from", "kind"} <= columns.keys():
        _timesheet(file, columns["employee"], reading)
    elif file.origins is not None and "to" not in columns:
        people = timesheet.of_records(file, columns, reading.codes, reading.people)
        _cells(people, reading)
    else:
        _list(file, columns, reading)


# --- a row an absence --------------------------------------------------------------------------


def _list(file: TableFile, columns: Mapping[str, int], reading: _Reading) -> None:
    ends = [columns[name] for name in ("from", "to") if name in columns]
    order = moments.shown_order(cells[c] for _, cells in rows(file) for c in ends)
    for number, cells in rows(file):
        texts = {name: tidy(cells[column]) for name, column in columns.items()}
        if not any(texts.values()):
            continue

        def place(name: str, number: int = number) -> Place:
            return file.at(number, columns.get(name))

        person = reading.people.person(texts["employee"], place("employee"))
        days = _days(texts, order, reading, place)
        kind = reading.kind(texts["kind"], place("kind"))
        hours = _number(texts, "hours", reading, place)
        share = _share(texts, reading, place)
        if days is not None and kind is not None:
            absence = Absence(*days, kind, share, hours, texts["kind"], file.at(number))
            reading.add(person, absence)


def _days(
    texts: Mapping[str, str],
    order: moments.Order,
    reading: _Reading,
    place: Callable[[str], Place],
) -> tuple[date, date] | None:
    found = []
    for name in ("from", "to"):
        text = texts.get(name, "") or (texts["from"] if name == "to" else "")
        day = moments.read_day(text, order) if text else None
        if day is None:
            reading.people.bad(name, text, "date", place(name))
            return None
        found.append(day)
    first, last = found
    if last < first:
        data = {"name": texts["employee"], "first": first, "last": last}
        reading.people.problems.append(Problem("absences.backwards", place("to"), data))
        return None
    return first, last


def _number(
    texts: Mapping[str, str], name: str, reading: _Reading, place: Callable[[str], Place]
) -> Fraction | None:
    text = texts.get(name, "")
    number = numbers.read(text, "," if "," in text else ".") if text else None
    if text and (number is None or not 0 < number <= _MOST_HOURS):
        reading.people.bad(name, text, "number", place(name))
        return None
    return None if number is None else Fraction(number)


def _share(texts: Mapping[str, str], reading: _Reading, place: Callable[[str], Place]) -> Fraction:
    text = texts.get("share", "").replace("½", "0.5")
    if not text:
        return Fraction(1)
    number = numbers.read(text, "," if "," in text else ".")
    share = None if number is None else Fraction(number) / (100 if "%" in text else 1)
    if share is None or not 0 < share <= 1:
        reading.people.bad("share", text, "number", place("share"))
        return Fraction(1)
    return share


# --- a timesheet -------------------------------------------------------------------------------


def _timesheet(file: TableFile, employee: int, reading: _Reading) -> None:
    month = reading.people.month_of(file, reading.period)
    people = timesheet.of_table(file, employee, month, reading.codes)
    if people is None:
        reading.people.no_days(file, month)
        return
    _cells(people, reading)


def _cells(people: Iterable[timesheet.Person], reading: _Reading) -> None:
    for own in people:
        person = reading.people.person(own.name, own.place)
        for cell in own.cells:
            for absence in _of_cell(cell, reading):
                reading.add(person, absence)


def _of_cell(cell: timesheet.Cell, reading: _Reading) -> Iterator[Absence]:
    """Yield the absences that a cell says; none where somebody was at work. Several codes of a day
    (`Я/ДО`) have their hours in the same order."""
    for code, hours in _codes(cell, reading):
        kind = reading.kind(code, cell.place)
        if kind is not None:
            yield Absence(cell.day, cell.day, kind, Fraction(1), hours, code, cell.place)


def _codes(cell: timesheet.Cell, reading: _Reading) -> Iterator[tuple[str, Fraction | None]]:
    """Yield the codes of a cell, each with its hours; None where the whole day is meant."""
    text = cell.text
    below = [_hours(one) for one in cell.hours.split("/")] if cell.hours else []
    if fold(text) in reading.codes:
        yield text, below[0] if len(below) == 1 else None
        return
    if timesheet.HOURS.fullmatch(text) and all(h is not None for h in map(_hours, text.split("/"))):
        return  # hours that were worked
    match = _WITH_HOURS.fullmatch(text)
    if match is not None and fold(match["code"].rstrip(" /")) in reading.codes:
        yield match["code"].rstrip(" /"), _hours(match["hours"])
        return
    parts = [part.strip() for part in text.split("/")]
    if len(parts) == len(below) and all(fold(part) in reading.codes for part in parts):
        yield from zip(parts, below, strict=True)
        return
    yield text, None


def _hours(text: str) -> Fraction | None:
    """Return the hours that are written, as 7,5 or 7:30; None of none, and of more than a day."""
    whole, sign, minutes = text.partition(":")
    number = numbers.read(text, "," if "," in text else ".") if not sign else None
    if sign and whole.isdecimal() and minutes.isdecimal() and int(minutes) < _MINUTES:
        number = Decimal(int(whole)) + Decimal(int(minutes)) / _MINUTES
    return None if number is None or not 0 < number <= _MOST_HOURS else Fraction(number)


def _runs(several: Iterable[Absence]) -> Iterator[Absence]:
    """Yield absences in order, days of one code that follow each other as one."""
    last: Absence | None = None
    for one in sorted(several, key=lambda a: (a.first, a.last, a.place or Place(""))):
        if last is not None and one.first == last.last + _DAY and _is_alike(one, last):
            last = replace(last, last=one.last)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _is_alike(one: Absence, other: Absence) -> bool:
    return all(getattr(one, n) == getattr(other, n) for n in ("kind", "share", "hours", "code"))
