"""Files of typed values → the values of one KPI, each with its cell, and every mistake.

A line has employee, period and value; the KPI, the author, the day and the reason where the plan
needs them. A second value for the same employee and period needs a reason. A line without a value
says nothing: a form that is not filled in yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.kinds.manual import Manual
from kpictl.naming import fold, tidy
from kpictl.people import Ambiguous, Directory
from kpictl.plan.fields import MONTHS
from kpictl.plan.load import suggest
from kpictl.sources import decimals, moments, numbers
from kpictl.sources.target_layout import NOTHING, order_of, period_named
from kpictl.tables import TableFile, rows

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
_LARGEST = Decimal(10) ** 20
# The cells of such a file repeat one another.
_period_named = lru_cache(1024)(period_named)
_day_of = lru_cache(1024)(moments.read_day)
_number_of = lru_cache(1024)(numbers.read)
_is_too_fine = lru_cache(1024)(numbers.is_too_fine)


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a line, and of which days its value would be; None where that is not
    known."""

    problem: Problem
    days: tuple[date, date] | None = None


@dataclass(slots=True)
class Lines:
    """The lines of a KPI: what was read of them, in the order of the files, and what was not."""

    entries: list[Entry] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """The KPI whose values are read: its id, what people call it, what the plan says of it, and
    whom the list of employees has (nobody where there is none)."""

    kpi: str
    label: str
    kind: Manual
    directory: Directory
    _known: dict[str, str] = field(default_factory=dict, compare=False)

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
            self._known[text] = fold(text) if found is None else f"\0{found.id}"
        return self._known[text]

    def is_nobody(self, text: str) -> bool:
        """Say whether there is a list of employees, and a name means none of them."""
        if not self.directory.people or self.person(text).startswith("\0"):
            return False
        try:
            return self.directory.find(text) is None
        except Ambiguous:  # which is said where all owners of records are looked up
            return False


def read(files: Iterable[TableFile], asked: Asked) -> Lines:
    """Return the values of a KPI in its files."""
    found = Lines()
    for file in files:
        columns = columns_of(file)
        lacking = [name for name in needed(asked.kind) if name not in columns]
        found.mistakes += [Mistake(_no_column(file, name)) for name in lacking]
        if not lacking:
            _file(_Sheet(file, columns, asked), found)
    _second_values(asked, found)
    return found


def columns_of(file: TableFile) -> dict[str, int]:
    """Return in which columns what is known stands."""
    folded = [fold(caption) for caption in file.header]
    return {
        name: folded.index(caption)
        for name, captions in CAPTIONS.items()
        for caption in reversed(captions)
        if caption in folded
    }


def needed(kind: Manual) -> tuple[str, ...]:
    """Return the columns without which the values of a KPI cannot be judged."""
    by = ("author",) if kind.authors else ()
    return ("employee", "period", "value", *by, *(("date",) if kind.due is not None else ()))


def _no_column(file: TableFile, name: str) -> Problem:
    data = {
        "caption": " / ".join(CAPTIONS[name]),
        "file": file.origin,
        "field": name,
        "near": "",
        "known": ", ".join(c for c in file.header if c),
    }
    return Problem("source.no_column", Place(file.origin, 1), data)


# --- one line after the other --------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheet:
    """A file, where its columns are, and how its cells are written."""

    file: TableFile
    columns: Mapping[str, int]
    asked: Asked

    @cached_property
    def decimal(self) -> decimals.Reading:
        return decimals.of_column(self.file, self.columns["value"])

    @cached_property
    def months(self) -> moments.Order:
        return order_of(cells[self.columns["period"]] for _, cells in rows(self.file))

    @cached_property
    def days(self) -> moments.Order:
        column = self.columns.get("date")
        if column is None:
            return "dmy"
        return moments.shown_order(cells[column] for _, cells in rows(self.file))

    def lines(self) -> Iterator[tuple[dict[str, str], Callable[[str], Place]]]:
        """Yield the lines of the KPI that have a value, with the places of their cells."""
        for number, cells in rows(self.file):
            texts = {name: tidy(cells[column]) for name, column in self.columns.items()}
            of_kpi = "kpi" not in texts or fold(texts["kpi"]) in self.asked.names
            if of_kpi and fold(texts["value"]) not in NOTHING:

                def place(name: str, number: int = number) -> Place:
                    known = self.columns.get(name, self.columns["value"])
                    return self.file.at(number, known)

                yield texts, place


def _file(sheet: _Sheet, found: Lines) -> None:
    found.remarks.extend(sheet.decimal.notes)
    for texts, place in sheet.lines():
        wrong: list[Problem] = []
        days = _period(texts["period"], sheet, place, wrong)
        value = _number(texts["value"], sheet, place, wrong)
        typed = _typed(texts.get("date", ""), sheet, place, wrong)
        wrong.extend(_of_people(texts, sheet.asked, place))
        found.mistakes += [Mistake(p, days) for p in wrong if p.level == "error"]
        found.remarks += [p for p in wrong if p.level != "error"]
        if days is None or value is None or any(p.level == "error" for p in wrong):
            continue
        found.entries.append(
            Entry(
                number=len(found.entries),
                employee=texts["employee"],
                person=sheet.asked.person(texts["employee"]),
                first=days[0],
                after=days[1],
                value=value,
                author=texts.get("author", ""),
                typed=typed,
                reason=texts.get("reason", ""),
                place=place("value"),
                employee_place=place("employee"),
                reason_place=place("reason"),
            )
        )


def _period(
    text: str, sheet: _Sheet, place: Callable[[str], Place], wrong: list[Problem]
) -> tuple[date, date] | None:
    """Return the days of a period that is as long as the values of the KPI are of."""
    asked = sheet.asked
    named = _period_named(text, sheet.months) if text else None
    days = None if named is None else periods.fixed_days(named)
    if days is None or not periods.in_calendar(*days):
        wrong.append(Problem("manual.bad_period", place("period"), {"given": text}))
        return None
    months = periods.months(*days)
    if len(months) == asked.kind.months and not (days[0].month - 1) % len(months):
        return days
    every = next((unit for unit, n in MONTHS.items() if n == len(months)), "")
    data = {"given": text, "kpi": asked.label, "every": asked.kind.every, "other": every}
    wrong.append(Problem("manual.other_length", place("period"), data))
    return None


def _number(
    text: str, sheet: _Sheet, place: Callable[[str], Place], wrong: list[Problem]
) -> Decimal | None:
    sign = sheet.decimal.sign
    number = _number_of(text, sign)
    if number is None or abs(number) >= _LARGEST or _is_too_fine(text, sign):
        data = {"given": text[:80], "caption": sheet.file.header[sheet.columns["value"]]}
        wrong.append(Problem("manual.not_a_number", place("value"), data))
        return None
    return number


def _typed(
    text: str, sheet: _Sheet, place: Callable[[str], Place], wrong: list[Problem]
) -> date | None:
    day = _day_of(text, sheet.days) if text else None
    if text and (day is None or not periods.in_calendar(day, day)):
        wrong.append(Problem("manual.bad_date", place("date"), {"given": text[:80]}))
        return None
    if day is None and sheet.asked.kind.due is not None:
        data = {"kpi": sheet.asked.label}
        wrong.append(Problem("manual.no_date", place("date"), data))
    return day


def _of_people(
    texts: Mapping[str, str], asked: Asked, place: Callable[[str], Place]
) -> Iterator[Problem]:
    """Yield what is wrong with whose value it is, and with who typed it."""
    data: dict[str, object] = {"kpi": asked.label, "authors": ", ".join(asked.kind.authors)}
    if not texts["employee"]:
        yield Problem("manual.no_employee", place("employee"), data)
    elif asked.is_nobody(texts["employee"]):
        known = [called for p in asked.directory.people for called in (p.email, p.name) if called]
        near = suggest(texts["employee"], known)["near"]
        named = {"name": texts["employee"][:80], "near": near}
        yield Problem("manual.nobody", place("employee"), named, "warning")
    if not asked.kind.authors:
        return
    author = texts["author"]
    if not author:
        yield Problem("manual.no_author", place("author"), data)
    elif asked.person(author) not in asked.authors:
        yield Problem("manual.author", place("author"), {**data, "author": author[:80]})


def _second_values(asked: Asked, found: Lines) -> None:
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
