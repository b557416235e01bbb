"""Tables of typed values → the values of one KPI, each with its cell, and every mistake.

A table is of any form of `layout`. A value has employee, KPI and period; the author, the day and
the reason, of all values of its line, where the plan needs them. A second value for the same
employee and period needs a reason. A cell without a value says nothing: a form that is not filled
in yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from msgspec import Struct

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.kinds.manual import Manual
from kpictl.naming import fold, tidy
from kpictl.people.staff import Ambiguous, Directory
from kpictl.plan.fields import MONTHS
from kpictl.plan.load import suggest
from kpictl.sources import moments, numbers
from kpictl.sources.layout import NOTHING, Line, Sheet, Subject, period_named
from kpictl.tables import rows

CAPTIONS = {
    "employee": (
        *("employee", "name", "full name", "email", "e-mail"),
        *("сотрудник", "фио", "ф.и.о.", "имя", "почта"),
    ),
    "kpi": ("kpi", "metric", "показатель"),
    "period": ("period", "month", "quarter", "период", "месяц", "квартал"),
    "value": ("value", "mark", "score", "значение", "оценка", "балл", "баллы"),
    "author": ("author", "expert", "typed by", "автор", "эксперт", "кто поставил", "кто оценил"),
    "date": ("date", "typed on", "дата", "дата ввода", "дата оценки"),
    "reason": ("reason", "comment", "причина", "основание", "комментарий"),
}
MARKS = Subject(CAPTIONS, "value", ("employee",), zero_counts=True)
_LARGEST = Decimal(10) ** 20
# The cells of such a file repeat one another.
_period_named = lru_cache(1024)(period_named)
_day_of = lru_cache(1024)(moments.read_day)
_number_of = lru_cache(1024)(numbers.read)
_is_too_fine = lru_cache(1024)(numbers.is_too_fine)


class Entry(Struct, frozen=True):
    """A value as somebody typed it: of whom (`person` is the same for all names of one), of the
    period `[first, after)`, by whom, when and why; `number` is its place among all of its KPI."""

    number: int
    employee: str
    person: str
    first: date
    after: date
    value: Decimal
    author: str
    typed: date | None
    reason: str
    place: Place
    employee_place: Place
    reason_place: Place

    @property
    def cell(self) -> tuple[str, date]:
        """Return what there is one value of."""
        return self.person, self.first

    @property
    def turn(self) -> tuple[date, int]:
        """Return a key by which the last one holds: by day, then by line; one without a day is as
        old as any."""
        return self.typed or date.min, self.number


class Mistake(Struct, frozen=True):
    """What is wrong with a line, and of which days its value would be; None where that is not
    known."""

    problem: Problem
    days: tuple[date, date] | None = None


class Table(Struct, frozen=True, dict=True):
    """A table of typed values: its lines, of whichever KPIs, and what keeps it from being read."""

    sheet: Sheet
    lines: Sequence[Line]
    errors: Sequence[Problem] = ()

    @property
    def columns(self) -> Mapping[str, int]:
        """Return in which columns what is known stands."""
        if self.lines:
            return self.lines[0].columns
        return self.sheet.about.columns(self.sheet.file.header)

    def lacking(self, kind: Manual) -> Iterator[str]:
        """Yield the columns without which the values of a KPI cannot be judged."""
        by = ("author",) if kind.authors else ()
        for name in ("employee", *by, *(("date",) if kind.due is not None else ())):
            if name not in self.columns and (self.lines or self.is_long):
                yield name
        undated = any("period" not in line.cells for line in self.lines)
        if undated or (self.is_long and not self.sheet.period and "period" not in self.columns):
            yield "period"

    @property
    def is_long(self) -> bool:
        return self.sheet.about.value in self.sheet.about.columns(self.sheet.file.header)

    @cached_property
    def days(self) -> moments.Order:
        """Return the order of day and month in the days on which values were typed."""
        column = self.columns.get("date")
        if column is None:
            return "dmy"
        return moments.shown_order(cells[column] for _, cells in rows(self.sheet.file))


class Lines(Struct):
    """The lines of a KPI: what was read of them, in the order of the files, and what was not."""

    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    remarks: list[Problem] = []


class TypedKpi(Struct, frozen=True, dict=True):
    """The KPI whose values are read: its id, what people call it, what the plan says of it, and
    whom the list of employees has (nobody where there is none)."""

    kpi: str
    label: str
    kind: Manual
    directory: Directory

    @cached_property
    def _known(self) -> dict[str, str]:
        """What `person` returned so far."""
        return {}

    @cached_property
    def names(self) -> frozenset[str]:
        """Return what a line may call it."""
        return frozenset((fold(self.kpi), fold(self.label)))

    @cached_property
    def authors(self) -> frozenset[str]:
        return frozenset(self.person(text) for text in self.kind.authors)

    def person(self, text: str) -> str:
        """Return what is the same for all names of a person; of a stranger, the name."""
        if text not in self._known:
            try:
                found = self.directory.find(text)
            except Ambiguous:
                found = None
            self._known[text] = fold(text) if found is None else self.key(found.id)
        return self._known[text]

    @staticmethod
    def key(ident: str) -> str:
        """Return what is the same for all names of somebody listed, by their id."""
        return f"\0{ident}"

    def is_nobody(self, text: str) -> bool:
        """Say whether there is a list of employees, and a name means none of them."""
        if not self.directory.people or self.person(text).startswith("\0"):
            return False
        try:
            return self.directory.find(text) is None
        except Ambiguous:  # which is said where all owners of records are looked up
            return False


def read(tables: Iterable[Table], asked: TypedKpi) -> Lines:
    """Return the values of a KPI in its tables."""
    found = Lines()
    for table in tables:
        lacking = [table.sheet.no_column(name) for name in table.lacking(asked.kind)]
        found.mistakes += map(Mistake, [*table.errors, *lacking])
        if not lacking:
            for line in table.lines:
                if _is_of(line, asked):
                    _take(_Cell(line, table, asked), found)
    _second_values(asked, found)
    return found


# --- one line after the other --------------------------------------------------------------------


def _is_of(line: Line, asked: TypedKpi) -> bool:
    """Say whether a line has a value of the KPI."""
    return fold(line.cells["kpi"]) in asked.names and fold(line.cells["value"]) not in NOTHING


class _Cell(Struct, frozen=True):
    """A value with what its line says of it."""

    line: Line
    table: Table
    asked: TypedKpi

    def text(self, name: str) -> str:
        return tidy(self.line.cells.get(name, ""))

    def place(self, name: str) -> Place:
        known = name in self.line.columns or name in self.line.heads
        return self.line.place(name if known else "value")


def _take(cell: _Cell, found: Lines) -> None:
    wrong: list[Problem] = []
    days = _period(cell, wrong)
    value = _number(cell, wrong)
    typed = _typed(cell, wrong)
    wrong.extend(_of_people(cell))
    found.mistakes += [Mistake(p, days) for p in wrong if p.level == "error"]
    found.remarks += [p for p in wrong if p.level != "error"]
    if days is None or value is None or any(p.level == "error" for p in wrong):
        return
    found.entries.append(
        Entry(
            number=len(found.entries),
            employee=cell.text("employee"),
            person=cell.asked.person(cell.text("employee")),
            first=days[0],
            after=days[1],
            value=value,
            author=cell.text("author"),
            typed=typed,
            reason=cell.text("reason"),
            place=cell.place("value"),
            employee_place=cell.place("employee"),
            reason_place=cell.place("reason"),
        )
    )


def _period(cell: _Cell, wrong: list[Problem]) -> tuple[date, date] | None:
    """Return the days of a period that is as long as the values of the KPI are of."""
    asked, text = cell.asked, cell.text("period")
    named = _period_named(text, cell.line.order) if text else None
    days = None if named is None else periods.fixed_days(named)
    if days is None or not periods.in_calendar(*days):
        wrong.append(Problem("manual.bad_period", cell.place("period"), {"given": text}))
        return None
    months = periods.months(*days)
    if len(months) == asked.kind.months and not (days[0].month - 1) % len(months):
        return days
    every = next((unit for unit, n in MONTHS.items() if n == len(months)), "")
    data = {"given": text, "kpi": asked.label, "every": asked.kind.every, "other": every}
    wrong.append(Problem("manual.other_length", cell.place("period"), data))
    return None


def _number(cell: _Cell, wrong: list[Problem]) -> Decimal | None:
    text, sign = cell.text("value"), cell.line.decimal
    number = _number_of(text, sign)
    if number is None or abs(number) >= _LARGEST or _is_too_fine(text, sign):
        caption = cell.table.sheet.file.header[cell.line.columns["value"]]
        data = {"given": text[:80], "caption": caption}
        wrong.append(Problem("manual.not_a_number", cell.place("value"), data))
        return None
    return number


def _typed(cell: _Cell, wrong: list[Problem]) -> date | None:
    text = cell.text("date")
    day = _day_of(text, cell.table.days) if text else None
    if text and (day is None or not periods.in_calendar(day, day)):
        wrong.append(Problem("manual.bad_date", cell.place("date"), {"given": text[:80]}))
        return None
    if day is None and cell.asked.kind.due is not None:
        data = {"kpi": cell.asked.label}
        wrong.append(Problem("manual.no_date", cell.place("date"), data))
    return day


def _of_people(cell: _Cell) -> Iterator[Problem]:
    """Yield what is wrong with whose value it is, and with who typed it."""
    asked, employee, author = cell.asked, cell.text("employee"), cell.text("author")
    data: dict[str, object] = {"kpi": asked.label, "authors": ", ".join(asked.kind.authors)}
    if not employee:
        yield Problem("manual.no_employee", cell.place("employee"), data)
    elif asked.is_nobody(employee):
        known = [called for p in asked.directory.people for called in (p.email, p.name) if called]
        near = suggest(employee, known)["near"]
        named = {"name": employee[:80], "near": near}
        yield Problem("manual.nobody", cell.place("employee"), named, "warning")
    if not asked.kind.authors:
        return
    if not author:
        yield Problem("manual.no_author", cell.place("author"), data)
    elif asked.person(author) not in asked.authors:
        yield Problem("manual.author", cell.place("author"), {**data, "author": author[:80]})


def _second_values(asked: TypedKpi, found: Lines) -> None:
    """Refuse a second value for the same employee and period that has no reason."""
    first: dict[tuple[str, date], Entry] = {}
    for entry in sorted(found.entries, key=lambda one: one.turn):
        before = first.setdefault(entry.cell, entry)
        if before is entry or entry.reason:
            continue
        data = {
            "employee": entry.employee[:80],
            "kpi": asked.label,
            "period": periods.write(entry.first, entry.after),
            "value": f"{before.value:f}",
            "place": before.place,
        }
        problem = Problem("manual.no_reason", entry.reason_place, data)
        found.mistakes.append(Mistake(problem, (entry.first, entry.after)))
