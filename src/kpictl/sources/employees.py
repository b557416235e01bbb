"""The employees file → people. Captions in Russian or English; any other column is kept.

Several lines of one person are their posts one after the other (`kpictl.sources.assignments`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

import kpictl.catalog as catalogue
from kpictl.errors import Place, Problem
from kpictl.naming import fold, spelling, tidy
from kpictl.people.staff import Person
from kpictl.plan.sources import Table
from kpictl.sources import assignments, decimals, moments, numbers, spoilt_ids
from kpictl.sources.assignments import StaffLine
from kpictl.sources.cells import FALSE, TRUE
from kpictl.sources.columns import Matched, match
from kpictl.tables import TableFile, check_shape, rows

_MOST_POSTS = 2  # full posts that one person can hold; a larger number is percent


class _Line(Struct):
    file: TableFile
    matched: Matched
    number: int
    cells: Sequence[str]
    problems: list[Problem]
    decimal_sign: str
    order: moments.Order

    def text(self, field: str) -> str | None:
        columns = self.matched.columns.get(field)
        text = tidy(self.cells[columns[0]]) if columns else ""
        return text or None

    def bad(self, field: str, value: str, kind: str) -> None:
        columns = self.matched.columns[field]
        place = self.file.at(self.number, columns[0])
        caption = self.file.header[columns[0]]
        data = {"field": field, "caption": caption, "kind": kind, "value": value, "count": 1}
        self.problems.append(Problem("source.bad_value", place, data))

    def spoilt(self, field: str, value: str) -> None:
        column = self.matched.columns[field][0]
        data = {"caption": self.file.header[column], "value": value.removesuffix("."), "count": 1}
        place = self.file.at(self.number, column)
        self.problems.append(Problem("source.spoilt_id", place, data))

    def day(self, field: str) -> date | None:
        text = self.text(field)
        day = moments.read_day(text, self.order) if text else None
        if text and day is None:
            self.bad(field, text, "date")
        return day

    def flag(self, field: str) -> bool | None:
        text = self.text(field)
        if text is None:
            return None
        if text.casefold() not in (*TRUE, *FALSE):
            self.bad(field, text, "bool")
        return text.casefold() in TRUE

    def decimal(self, field: str) -> Decimal | None:
        text = self.text(field)
        if text is None:
            return None
        number = numbers.read(text, self.decimal_sign)
        if number is None:
            self.bad(field, text, "number")
        return number

    def share(self, field: str) -> Decimal | None:
        """Return a share of a full post: 0.5, 0,5, 50 % or 50."""
        text = self.text(field)
        if text is None:
            return None
        number = numbers.read(text, "," if "," in text else ".")
        if number is None:
            self.bad(field, text, "number")
            return None
        share = number / 100 if "%" in text or number > _MOST_POSTS else number
        if not 0 < share <= _MOST_POSTS:
            self.bad(field, text, "number")
            return None
        return share


def read(files: Iterable[TableFile], table: Table) -> tuple[list[Person], list[Problem]]:
    """Return everybody in the files, and what could not be read of them."""
    lines, problems = read_lines(files, table)
    people, more = assignments.joined(lines)
    return people, [*problems, *more]


def read_lines(files: Iterable[TableFile], table: Table) -> tuple[list[StaffLine], list[Problem]]:
    """Return the lines of the files, and what could not be read of them."""
    found: list[StaffLine] = []
    problems: list[Problem] = []
    entity = catalogue.entity("employees")
    for file in files:
        matched = match(entity, table, file.header)
        for field, caption in matched.missing.items():
            data = {"caption": caption, "file": file.origin, "field": field, "near": "",
                    "known": ", ".join(file.header)}  # fmt: skip
            problems.append(Problem("source.no_column", Place(file.origin, 1), data))
        if not {"name", "email", "id"} & set(matched.columns):
            data = {"known": ", ".join(c for c in file.header if c)}
            problems.append(Problem("source.employees_without_name", Place(file.origin, 1), data))
            continue
        if ragged := check_shape(file):
            problems.extend(ragged)
            continue
        sign = _decimal_sign(file, matched, table.decimal, problems)
        order = _order(file, matched, table.dates)
        for number, cells in rows(file):
            if any(cell.strip() for cell in cells):
                line = _Line(file, matched, number, cells, problems, sign, order)
                found.append(StaffLine(_person(line), line.day("from"), line.day("to")))
    return _one_spelling(found), problems


_DATES = ("hired", "left", "from", "to")


def is_dated(file: TableFile, table: Table) -> bool:
    """Say whether a file has a column of days from or to which its lines are true, and one that
    says of whom."""
    found = match(catalogue.entity("employees"), table, file.header).columns
    return bool({"from", "to"} & set(found)) and bool({"name", "email", "id"} & set(found))


def _order(file: TableFile, matched: Matched, declared: list[str] | None) -> moments.Order:
    """Return how the dates of the table are read: as the plan says, else as they show together."""
    if declared and declared[0] in ("dmy", "mdy"):
        return "dmy" if declared[0] == "dmy" else "mdy"
    columns = [c for field in _DATES for c in matched.columns.get(field, ())]
    return moments.shown_order(cells[c] for _, cells in rows(file) for c in columns)


def _decimal_sign(
    file: TableFile, matched: Matched, declared: str | None, problems: list[Problem]
) -> str:
    """Return how salaries are written."""
    columns = matched.columns.get("salary")
    if not columns:
        return "."
    reading = decimals.of_column(file, columns[0], declared)
    problems.extend(reading.notes)
    return reading.sign


def _person(line: _Line) -> Person:
    email, called, ident = line.text("email"), line.text("name"), line.text("id")
    if ident and spoilt_ids.is_spoilt(ident):
        line.spoilt("id", ident)
    known = set(catalogue.entity("employees").fields)
    more: dict[str, Any] = {n: line.text(n) for n in line.matched.columns if n not in known}
    return Person(
        id=ident or email or called or "",
        name=called or email or ident or "",
        aliases=tuple(tidy(a) for a in re.split(r"[,;|]", line.text("aliases") or "") if a.strip()),
        email=email,
        department=line.text("department"),
        position=line.text("position"),
        active=line.flag("active"),
        hired=line.day("hired"),
        left=line.day("left"),
        salary=line.decimal("salary"),
        head=line.text("head"),
        fte=line.share("fte"),
        more=more,
        place=line.file.at(line.number),
    )


def _one_spelling(lines: list[StaffLine]) -> list[StaffLine]:
    """Call each department and position by one name, however its lines spell it."""
    called: dict[str, dict[str, str]] = {}
    for field in ("department", "position"):
        texts: dict[str, list[str]] = {}
        for line in lines:
            if text := getattr(line.person, field):
                texts.setdefault(fold(text), []).append(text)
        called[field] = {name: spelling(same) for name, same in texts.items()}

    def name_of(field: str, text: str | None) -> str | None:
        return text and called[field][fold(text)]

    return [
        replace(
            line,
            person=replace(
                line.person,
                department=name_of("department", line.person.department),
                position=name_of("position", line.person.position),
            ),
        )
        for line in lines
    ]
