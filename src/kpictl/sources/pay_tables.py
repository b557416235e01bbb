"""Tables of pay that people keep: a line each, with who, when, how much, and on what ground.

What a line lacks is a mistake with its cell: money that nobody has signed for is not paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.naming import fold, tidy
from kpictl.people.staff import Ambiguous, Directory, Person
from kpictl.plan.load import suggest
from kpictl.sources import decimals, moments, numbers
from kpictl.sources.columns import columns_of, no_column
from kpictl.sources.layout import NOTHING, order_of, period_named
from kpictl.tables import TableFile, rows

Kind = Literal["employee", "period", "day", "number", "text"]
EMPLOYEE = (
    *("employee", "name", "full name", "email", "e-mail", "employee id"),
    *("сотрудник", "фио", "ф.и.о.", "имя", "почта", "табельный номер"),
)
_LARGEST = Decimal(10) ** 20


class PayColumn(Struct, frozen=True):
    """A column of such a table, by what people call it; a `needed` one has something in each
    line."""

    name: str
    kind: Kind
    captions: tuple[str, ...]
    needed: bool = True


class PayTableLine(Struct, frozen=True):
    """A line that is whole: its values by column, None of what it does not say."""

    person: Person
    values: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = {}


def read(
    files: Iterable[TableFile], columns: Sequence[PayColumn], directory: Directory
) -> tuple[list[PayTableLine], list[Problem]]:
    """Return the lines of tables, and everything that is wrong with them."""
    lines: list[PayTableLine] = []
    problems: list[Problem] = []
    for file in files:
        sheet = _Sheet(file, columns, directory)
        lacking = [one for one in columns if one.needed and one.name not in sheet.at]
        problems += [no_column(file, one.name, one.captions) for one in lacking]
        if not lacking:
            lines += sheet.lines(problems)
    return lines, problems


class _Sheet:
    """A table, where its columns are, and how its cells are written."""

    def __init__(self, file: TableFile, columns: Sequence[PayColumn], directory: Directory) -> None:
        self.file, self.columns, self.directory = file, columns, directory
        self.at = columns_of(file.header, {one.name: one.captions for one in columns})
        self.readers: Mapping[Kind, Callable[[PayColumn, str, Place], Any]] = {
            "period": self._period,
            "day": self._day,
            "number": self._number,
            "text": lambda _, text, __: text,
            "employee": self._person,
        }
        self.problems: list[Problem] = []

    def lines(self, problems: list[Problem]) -> Iterator[PayTableLine]:
        self.problems = problems
        for number, cells in rows(self.file):
            texts = {name: tidy(cells[column]) for name, column in self.at.items()}
            if not any(texts.values()):
                continue
            places = {name: self.file.at(number, column) for name, column in self.at.items()}
            before = len(problems)
            values = {one.name: self._value(one, texts, places) for one in self.columns}
            if len(problems) == before:
                yield PayTableLine(values["employee"], values, self.file.at(number, 0), places)

    def _value(
        self, column: PayColumn, texts: Mapping[str, str], places: Mapping[str, Place]
    ) -> Any:
        text = texts.get(column.name, "")
        if fold(text) in NOTHING:
            if column.needed:
                data = {"caption": self.file.header[self.at[column.name]]}
                self.problems.append(Problem("pay_table.empty", places[column.name], data))
            return None
        return self.readers[column.kind](column, text, places[column.name])

    def _person(self, column: PayColumn, text: str, place: Place) -> Person | None:
        del column
        try:
            person = self.directory.find(text)
        except Ambiguous as several:
            data: dict[str, object] = {
                "name": text[:80],
                "people": ", ".join(p.email or p.id for p in several.people),
            }
            self.problems.append(Problem("people.ambiguous", place, data))
            return None
        if person is None:
            known = [p.name for p in self.directory.people]
            data = {"name": text[:80], "near": suggest(text, known)["near"]}
            self.problems.append(Problem("pay_table.nobody", place, data))
        return person

    def _period(self, column: PayColumn, text: str, place: Place) -> tuple[date, date] | None:
        order = order_of(cells[self.at[column.name]] for _, cells in rows(self.file))
        named = period_named(text, order)
        days = None if named is None else periods.fixed_days(named)
        if days is None or not periods.in_calendar(*days) or not periods.months(*days):
            self.problems.append(Problem("pay_table.period", place, {"given": text[:80]}))
            return None
        return days

    def _day(self, column: PayColumn, text: str, place: Place) -> date | None:
        order = moments.shown_order(cells[self.at[column.name]] for _, cells in rows(self.file))
        day = moments.read_day(text, order)
        if day is None or not periods.in_calendar(day, day):
            self.problems.append(Problem("manual.bad_date", place, {"given": text[:80]}))
        return day

    def _number(self, column: PayColumn, text: str, place: Place) -> Decimal | None:
        sign = decimals.of_column(self.file, self.at[column.name]).sign
        number = numbers.read(text.removesuffix("%").strip(), sign)
        if number is None or abs(number) >= _LARGEST or numbers.is_too_fine(text, sign):
            caption = self.file.header[self.at[column.name]]
            data = {"given": text[:80], "caption": caption}
            self.problems.append(Problem("manual.not_a_number", place, data))
            return None
        return number
