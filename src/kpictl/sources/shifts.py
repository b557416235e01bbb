"""Tables of shifts → who works when: a row a shift, or a roster with a column a day.

A row has who, the day, and from when to when by the clock (an end that is not later is of the next
day), or what the shift is called; instead of a day and clocks two moments, or the first and the
last day of a shift that is the same on each. A roster has who and a column a day; a cell holds the
name of a shift or its hours, or nothing on a free day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.calendar.hours import DAY, FREE, Hours, merged, read_hours
from kpictl.calendar.roster import Roster, Stretch, roster
from kpictl.errors import Place, Problem
from kpictl.naming import fold, tidy
from kpictl.people.staff import Directory, Person
from kpictl.sources import moments
from kpictl.sources.columns import columns_of
from kpictl.sources.people_tables import EMPLOYEE, PeopleReading, day_columns
from kpictl.tables import TableFile, rows

if TYPE_CHECKING:
    from kpictl.plan.calendar import ShiftsPlan

CAPTIONS = {
    "employee": EMPLOYEE,
    "day": ("day", "date", "shift date", "дата", "день", "дата смены"),
    "from": ("from", "start", "shift start", "с", "начало", "начало смены", "начало работы"),
    "to": (
        *("to", "end", "until", "shift end", "по", "до", "конец", "окончание", "конец смены"),
        *("окончание смены", "окончание работы"),
    ),
    "shift": (
        *("shift", "code", "shift code", "hours", "working hours"),
        *("смена", "код", "код смены", "часы", "часы работы", "вид смены"),
    ),
}
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))?(?::\d\d)?")
_LONGEST = 366  # days of one line
_FEW_DAYS = 14  # what no more than so many days apart is a list of weeks, not of a month


class _Shifts(Struct):
    """The shifts of one person: each day's with where it is written, and the days of the tables
    that they stand in."""

    days: dict[date, list[tuple[Hours, Place]]] = {}
    reach: list[Stretch] = []


class _Reading(Struct):
    codes: Mapping[str, Hours]
    period: str | None
    people: PeopleReading
    of: dict[str, _Shifts] = {}

    def hours(self, text: str, place: Place) -> Hours | None:
        """Return what a shift is called, or hours as they are written, mean; None, and noted, where
        nobody has explained it."""
        named = self.codes.get(fold(text))
        hours = read_hours(text) if named is None else named
        if hours is None:
            self.people.unexplained(text, place)
        return hours


def read(
    files: Iterable[TableFile], spec: ShiftsPlan, people: Sequence[Person]
) -> tuple[dict[str, Roster], list[Problem]]:
    """Return the rosters of people by their id, and everything that is wrong with the tables."""
    codes = {fold(code): hours for code, hours in spec.codes.items()}
    reading = _Reading(codes, spec.period, PeopleReading("shifts", Directory(people)))
    for file in files:
        _file(file, reading)
    names = {person.id: person.name for person in people}
    for ident, shifts in reading.of.items():
        reading.people.problems.extend(_overlaps(names[ident], shifts))
    found = {ident: made for ident, s in reading.of.items() if (made := _roster(s)) is not None}
    return found, reading.people.everything_wrong()


def _roster(shifts: _Shifts) -> Roster | None:
    days = {
        day: merged(part for hours, _ in several for part in hours)
        for day, several in shifts.days.items()
    }
    return roster(days, shifts.reach)


def _overlaps(name: str, shifts: _Shifts) -> Iterator[Problem]:
    """Yield the shifts of somebody that begin before the one before them ends. The same shift
    twice is one."""
    until, earlier = date.min, Place("")
    minute = 0
    for day, several in sorted(shifts.days.items()):
        unique = dict(reversed(several))  # the first place of each
        for hours, place in sorted(unique.items(), key=lambda one: one[0]):
            for start, end in hours:
                begins = (day, start)
                if begins < (until, minute):
                    data = {"name": name, "day": day, "other": earlier}
                    yield Problem("shifts.overlap", place, data)
                until, minute = day + _DAY * (end // DAY), end % DAY
                earlier = place


def _file(file: TableFile, reading: _Reading) -> None:
    columns = columns_of(file.header, CAPTIONS)
    if "employee" not in columns:
        reading.people.no_column("employee", CAPTIONS["employee"], file)
    elif {"day", "shift"} <= columns.keys() or {"from", "to"} <= columns.keys():
        _list(file, columns, reading)
    else:
        _table(file, columns["employee"], reading)


# --- a row a shift -----------------------------------------------------------------------------


class _Line(Struct, frozen=True):
    """A line of a list: its cells by field, and where each stands."""

    texts: Mapping[str, str]
    order: moments.Order
    place: Callable[[str], Place]

    def text(self, name: str) -> str:
        return self.texts.get(name, "")


def _list(file: TableFile, columns: Mapping[str, int], reading: _Reading) -> None:
    dated = [columns[name] for name in ("day", "from", "to") if name in columns]
    order = moments.shown_order(cells[c] for _, cells in rows(file) for c in dated)
    seen: dict[str, Person] = {}
    days: list[date] = []
    for number, cells in rows(file):
        texts = {name: tidy(cells[column]) for name, column in columns.items()}
        if not any(texts.values()):
            continue

        def place(name: str, number: int = number) -> Place:
            return file.at(number, columns.get(name))

        line = _Line(texts, order, place)
        person = reading.people.person(texts["employee"], place("employee"))
        for day, hours in _of_line(line, reading):
            days.append(day)
            if person is not None:
                seen[person.id] = person
                own = reading.of.setdefault(person.id, _Shifts())
                own.days.setdefault(day, []).append((hours, place("employee")))
    reach = _reach(days)
    for ident in seen:
        reading.of[ident].reach.append(reach)


def _reach(days: Sequence[date]) -> Stretch:
    """Return over which days a list reaches that has shifts on these: whole months, or, of one of
    two weeks at most, whole weeks. A list of shifts does not name the free days at its ends."""
    if not days:
        return date.min, date.min
    first, last = min(days), max(days)
    if (last - first).days < _FEW_DAYS:
        return first - _DAY * first.weekday(), last + _DAY * (7 - last.weekday())
    return first.replace(day=1), (last.replace(day=28) + 4 * _DAY).replace(day=1)


def _of_line(line: _Line, reading: _Reading) -> Iterator[tuple[date, Hours]]:
    """Yield the days and hours that a line names; what is wrong with it is noted."""
    shift = line.text("shift")
    if shift:
        hours = reading.hours(shift, line.place("shift"))
        days = _days_of_shift(line, reading)
        if hours is not None:
            yield from ((day, hours) for day in days)
        return
    start, end = _moment(line, "from", reading), _moment(line, "to", reading)
    if start is None or end is None:
        return
    day, begin = start
    last, until = end
    minutes = (last - day).days * DAY + until if line_has_day(line, "to") else until
    if minutes <= begin and not line_has_day(line, "to"):
        minutes += DAY
    if not begin < minutes <= begin + DAY:
        data = {"given": f"{line.text('from')} – {line.text('to')}"}
        reading.people.problems.append(Problem("shifts.bad_length", line.place("to"), data))
        return
    yield day, ((begin, minutes),)


def line_has_day(line: _Line, name: str) -> bool:
    """Say whether a cell of a line says the day of its moment itself."""
    return _CLOCK.fullmatch(line.text(name)) is None


def _moment(line: _Line, name: str, reading: _Reading) -> tuple[date, int] | None:
    """Return the day and the minute of it that a line has for an end of its shift."""
    text = line.text(name)
    clock = _minutes(text)
    if clock is not None:
        day = _day(line, "day" if line.text("day") else "from", reading)
        return None if day is None else (day, clock)
    moment = moments.read(text, line.order) if text else None
    if moment is None or moment.written != "moment":
        reading.people.problems.append(
            Problem("shifts.bad_time", line.place(name), {"given": text})
        )
        return None
    wall = moment.wall
    return wall.date(), wall.hour * 60 + wall.minute


def _minutes(text: str) -> int | None:
    """Return the minutes from midnight that a clock shows: 8:30, 08.30, 20:00:00, 8, 24:00."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    minutes = int(match[1]) * 60 + int(match[2] or 0)
    return minutes if int(match[2] or 0) <= _LAST_MINUTE and minutes <= DAY else None


_LAST_MINUTE = 59


def _days_of_shift(line: _Line, reading: _Reading) -> list[date]:
    """Return the days of a line that names its shift: one, or from the first to the last."""
    first = _day(line, "day" if line.text("day") else "from", reading)
    if first is None:
        return []
    last = first if line.text("day") or not line.text("to") else _day(line, "to", reading)
    if last is None:
        return []
    if not 0 <= (last - first).days < _LONGEST:
        data = {"given": f"{line.text('from')} – {line.text('to')}"}
        reading.people.problems.append(Problem("shifts.bad_length", line.place("to"), data))
        return []
    return [first + _DAY * number for number in range((last - first).days + 1)]


def _day(line: _Line, name: str, reading: _Reading) -> date | None:
    text = line.text(name)
    moment = moments.read(text, line.order) if text else None
    if moment is not None and moment.written != "month":
        return moment.wall.date()
    day = moments.read_day(text, line.order) if text else None
    if day is None:
        reading.people.bad(name, text, "date", line.place(name))
    return day


# --- a column a day ----------------------------------------------------------------------------


def _table(file: TableFile, employee: int, reading: _Reading) -> None:
    month = reading.people.month_of(file, reading.period)
    days = dict(day_columns(file, month))
    if not days:
        reading.people.no_days(file, month)
        return
    reach = (min(days.values()), max(days.values()) + _DAY)
    for number, cells in rows(file):
        name = tidy(cells[employee])
        if not name:
            continue
        person = reading.people.person(name, file.at(number, employee))
        own = _Shifts() if person is None else reading.of.setdefault(person.id, _Shifts())
        own.reach.append(reach)
        for column, day in days.items():
            text, place = tidy(cells[column]), file.at(number, column)
            hours = reading.hours(text, place) if text else FREE
            if hours is not None:
                own.days.setdefault(day, []).append((hours, place))
