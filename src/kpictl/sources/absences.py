"""Files of absences → who was away when: a row an absence, or a timesheet with a column a day.

A row has who, from, to (both days included; without `to` one day), the kind, and, of a part of a
day, the hours or the share. A timesheet has who and a column a day, captioned as a date or as the
day of a month; a cell holds a code, with hours of absence behind it or not (`Б`, `Б 4`), or the
hours that were worked, or nothing. So a code of digits is one only as it is written: 09 is not 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.absences import KINDS, Absence, AbsenceKind, Absences
from kpictl.errors import Place, Problem
from kpictl.naming import fold, tidy
from kpictl.people import Ambiguous, Directory, Person
from kpictl.sources import moments, numbers
from kpictl.tables import TableFile, rows

if TYPE_CHECKING:
    from kpictl.plan.absences import AbsencesPlan

CAPTIONS = {
    "employee": (
        *("employee", "name", "full name", "email", "e-mail", "id", "employee id"),
        *("сотрудник", "фио", "имя", "табельный номер", "таб. номер", "почта"),
    ),
    "from": ("from", "start", "date", "first day", "с", "дата с", "начало", "дата", "дата начала"),
    "to": ("to", "end", "until", "last day", "по", "дата по", "конец", "дата окончания"),
    "kind": (
        *("kind", "type", "code", "reason", "вид", "код", "тип", "причина", "вид отсутствия"),
        "вид времени",
    ),
    "hours": ("hours", "часы", "часов"),
    "share": ("share", "part of a day", "доля", "доля дня", "часть дня"),
}
_DAY = timedelta(days=1)
_WITH_HOURS = re.compile(r"(?P<code>.*\D)[\s/]*?(?P<hours>\d+(?:[.,]\d+)?)")
_MOST_HOURS = 24


@dataclass(slots=True)
class _Reading:
    """What is needed to read the files, and what was found of whom."""

    codes: Mapping[str, AbsenceKind]
    month: date | None
    directory: Directory
    found: dict[str, list[Absence]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, list[Place]] = field(default_factory=dict)
    nobodys: dict[str, Place] = field(default_factory=dict)

    def person(self, text: str, place: Place) -> Person | None:
        try:
            found = self.directory.find(text)
        except Ambiguous as several:
            names = ", ".join(p.email or p.id for p in several.people)
            self.problems.append(
                Problem("people.ambiguous", place, {"name": text, "people": names})
            )
            return None
        if found is None:
            self.nobodys.setdefault(text, place)
        return found

    def kind(self, code: str, place: Place) -> AbsenceKind | None:
        """Return what a code means; one that nobody has explained is listed."""
        found = self.codes.get(fold(code))
        if found is None:
            self.unknown.setdefault(tidy(code), []).append(place)
        return found

    def bad(self, caption: str, text: str, kind: str, place: Place) -> None:
        data = {"field": caption, "caption": caption, "kind": kind, "value": text, "count": 1}
        self.problems.append(Problem("source.bad_value", place, data))


def read(
    files: Iterable[TableFile], spec: AbsencesPlan, people: Sequence[Person]
) -> tuple[Absences, list[Problem]]:
    """Return the absences in the files, and everything that is wrong with them."""
    from kpictl import periods

    month = None if spec.period is None else periods.fixed_days(spec.period)[0]
    codes: dict[str, AbsenceKind] = {fold(kind): kind for kind in KINDS}
    codes |= {fold(code): kind for code, kind in spec.codes.items()}
    reading = _Reading(codes, month, Directory(people))
    for file in files:
        _file(file, reading)
    for text, place in reading.nobodys.items():
        reading.problems.append(Problem("absences.nobody", place, {"name": text}, "warning"))
    for code, places in reading.unknown.items():
        shown = ", ".join(str(place) for place in places[:_SHOWN])
        told = {"code": code, "count": len(places), "places": shown}
        reading.problems.append(Problem("absences.unknown_code", places[0], told))
    of = {ident: tuple(_runs(several)) for ident, several in reading.found.items()}
    return Absences(of, frozenset(spec.lowers)), reading.problems


_SHOWN = 5


def _file(file: TableFile, reading: _Reading) -> None:
    folded = [fold(caption) for caption in file.header]
    columns = {
        name: folded.index(fold(caption))
        for name, captions in CAPTIONS.items()
        for caption in reversed(captions)
        if fold(caption) in folded
    }
    place = Place(file.origin, 1)
    if "employee" not in columns:
        data = {"caption": " / ".join(CAPTIONS["employee"]), "file": file.origin, "near": "",
                "field": "employee", "known": ", ".join(file.header)}  # fmt: skip
        reading.problems.append(Problem("source.no_column", place, data))
    elif {"from", "kind"} <= columns.keys():
        _list(file, columns, reading)
    else:
        _timesheet(file, columns["employee"], reading)


# --- a row an absence --------------------------------------------------------------------------


def _list(file: TableFile, columns: Mapping[str, int], reading: _Reading) -> None:
    ends = [columns[name] for name in ("from", "to") if name in columns]
    order = moments.shown_order(cells[c] for _, cells in rows(file) for c in ends)
    for number, cells in rows(file):
        texts = {name: tidy(cells[column]) for name, column in columns.items()}
        if not any(texts.values()):
            continue

        def place(name: str, number: int = number) -> Place:
            return Place(file.origin, number, columns.get(name, 0) + 1)

        person = reading.person(texts["employee"], place("employee"))
        days = _days(texts, order, reading, place)
        kind = reading.kind(texts["kind"], place("kind"))
        hours = _number(texts, "hours", reading, place)
        share = _share(texts, reading, place)
        if person is not None and days is not None and kind is not None:
            found = Absence(*days, kind, share, hours, texts["kind"], Place(file.origin, number))
            reading.found.setdefault(person.id, []).append(found)


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
            reading.bad(name, text, "date", place(name))
            return None
        found.append(day)
    first, last = found
    if last < first:
        data = {"name": texts["employee"], "first": first, "last": last}
        reading.problems.append(Problem("absences.backwards", place("to"), data))
        return None
    return first, last


def _number(
    texts: Mapping[str, str], name: str, reading: _Reading, place: Callable[[str], Place]
) -> Fraction | None:
    text = texts.get(name, "")
    number = numbers.read(text, "," if "," in text else ".") if text else None
    if text and (number is None or not 0 < number <= _MOST_HOURS):
        reading.bad(name, text, "number", place(name))
        return None
    return None if number is None else Fraction(number)


def _share(texts: Mapping[str, str], reading: _Reading, place: Callable[[str], Place]) -> Fraction:
    text = texts.get("share", "").replace("½", "0.5")
    if not text:
        return Fraction(1)
    number = numbers.read(text, "," if "," in text else ".")
    share = None if number is None else Fraction(number) / (100 if "%" in text else 1)
    if share is None or not 0 < share <= 1:
        reading.bad("share", text, "number", place("share"))
        return Fraction(1)
    return share


# --- a timesheet -------------------------------------------------------------------------------


def _timesheet(file: TableFile, employee: int, reading: _Reading) -> None:
    days = dict(_day_columns(file, reading.month))
    if not days:
        bare = any(caption.strip().isdecimal() for caption in file.header)
        code = "absences.no_month" if bare and reading.month is None else "absences.no_days"
        data = {"known": ", ".join(caption for caption in file.header if caption)}
        reading.problems.append(Problem(code, Place(file.origin, 1), data))
        return
    for number, cells in rows(file):
        name = tidy(cells[employee])
        if not name:
            continue
        person = reading.person(name, Place(file.origin, number, employee + 1))
        for column, day in days.items():
            place = Place(file.origin, number, column + 1)
            absence = _cell(tidy(cells[column]), day, place, reading)
            if absence is not None and person is not None:
                reading.found.setdefault(person.id, []).append(absence)


def _day_columns(file: TableFile, month: date | None) -> Iterator[tuple[int, date]]:
    order = moments.shown_order(file.header)
    for column, caption in enumerate(file.header):
        text = caption.strip()
        if text.isdecimal() and int(text) <= 31:
            if month is not None and (day := _day_of(month, int(text))) is not None:
                yield column, day
        elif (found := moments.read_day(text, order)) is not None:
            yield column, found


def _day_of(month: date, number: int) -> date | None:
    try:
        return month.replace(day=number)
    except ValueError:  # there is no 31st
        return None


def _cell(text: str, day: date, place: Place, reading: _Reading) -> Absence | None:
    """Return the absence that a cell of a timesheet says; None where somebody was at work."""
    if not text:
        return None
    code, hours = text, None
    if fold(text) not in reading.codes:
        number = numbers.read(text, "," if "," in text else ".")
        if number is not None and 0 <= number <= _MOST_HOURS:
            return None  # hours that were worked
        match = _WITH_HOURS.fullmatch(text)
        if match is not None and fold(match["code"].rstrip(" /")) in reading.codes:
            code, hours = match["code"].rstrip(" /"), Fraction(match["hours"].replace(",", "."))
    kind = reading.kind(code, place)
    if kind is None or kind == "worked":
        return None
    return Absence(day, day, kind, Fraction(1), hours, code, place)


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
