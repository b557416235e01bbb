"""Rates of commissions and prices by fields of the record: from the plan, or from a file with a
column for each field, `rate`, and `from` where rates change on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.plan import pay_records
from kpictl.sources import decimals, moments, numbers
from kpictl.sources.bare import open_listed
from kpictl.tables import TableFile, rows

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound
    from kpictl.plan.document import Path as PlanPath
    from kpictl.plan.pay import RateTable
    from kpictl.sources.schema import Schema

_RATE = ("rate", "ставка", "процент", "цена", "расценка")
_FROM = ("from", "с", "действует с", "дата", "date")
Values = tuple[str, ...]
"""What stands in the fields that rates go by, in their order."""


class Rate(Struct, frozen=True):
    """A rate: of records with these `values` (none: of any), from the day `since` on."""

    values: Values | None
    rate: Decimal
    since: date = date.min
    place: Place | None = None

    @property
    def is_undated(self) -> bool:
        return self.since == date.min


class RateBook(Struct, frozen=True):
    """All rates of one commission: by the folded values of its `fields`, each list by day."""

    fields: tuple[str, ...]
    rates: Mapping[Values, Sequence[Rate]] = {}
    other: Rate | None = None

    def find(self, values: Values, day: date) -> Rate | None:
        """Return the rate of a record of a day; None where there is none that holds then: what is
        listed from a later day on is not `other`."""
        several = self.rates.get(_folded(values))
        if several is None:
            return self.other
        number = bisect_right([one.since for one in several], day)
        return several[number - 1] if number else None

    def __iter__(self) -> Iterator[Rate]:
        """Yield all rates in the order in which they are written, `other` last."""
        for several in self.rates.values():
            yield from several
        if self.other is not None:
            yield self.other


def text_of(value: str | Decimal | bool | date | datetime | None) -> str:
    """Return a value of a record as a table of rates writes it."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else value


def read(
    bound: Bound, rates: RateTable, schema: Schema, path: PlanPath, scratch: Path
) -> tuple[RateBook, list[Problem]]:
    """Return the rates that stand at a path of the plan, with everything wrong in their file."""
    names = tuple(found.name for name in rates.names if (found := schema.field(name)))
    other = None
    if rates.other is not None:
        other = Rate(None, rates.other, place=bound.place((*path, "other"), key=True))
    if rates.file is None:
        written = {
            _folded((text,)): (
                Rate((text,), rate, place=bound.place((*path, "table", text), key=True)),
            )
            for text, rate in rates.table.items()
        }
        return RateBook(names, written, other), []
    files, problems = open_listed(rates.file, (*path, "file"), bound.loaded, scratch)
    lines = [one for file in files for one in _lines(file, names, schema, problems)]
    grouped: dict[Values, list[Rate]] = {}
    for one in lines:
        same = grouped.setdefault(_folded(one.values or ()), [])
        twice = next((known for known in same if known.since == one.since), None)
        if twice is not None:
            data = {"values": ", ".join(one.values or ()), "other": twice.place}
            problems.append(Problem("pay.rate_twice", one.place, data))
            continue
        same.append(one)
    book = {key: sorted(same, key=lambda one: one.since) for key, same in grouped.items()}
    return RateBook(names, book, other), problems


def _folded(values: Values) -> Values:
    return tuple(fold(value) for value in values)


def _lines(
    file: TableFile, names: tuple[str, ...], schema: Schema, problems: list[Problem]
) -> Iterator[Rate]:
    """Yield the rates of a file; what cannot be read is a problem at its line."""
    folded = [fold(caption) for caption in file.header]
    columns = {name: _column(folded, _called(name, schema)) for name in names}
    columns |= {"rate": _column(folded, _RATE), "from": _column(folded, _FROM)}
    lacking = [name for name in (*names, "rate") if columns[name] is None]
    for name in lacking:
        data = {"caption": name, "file": file.origin, "field": name, "near": "",
                "known": ", ".join(file.header)}  # fmt: skip
        problems.append(Problem("source.no_column", Place(file.origin, 1), data))
    if lacking:
        return
    at = {name: column for name, column in columns.items() if column is not None}
    reading = decimals.of_column(file, at["rate"])
    problems.extend(reading.notes)
    dated = at.get("from")
    order = moments.shown_order(() if dated is None else (cells[dated] for _, cells in rows(file)))
    for line, cells in rows(file):
        texts = {name: cells[column].strip() for name, column in at.items()}
        if not any(texts.values()):
            continue
        rate = numbers.read(texts["rate"], reading.sign)
        since = moments.read_day(texts["from"], order) if texts.get("from") else date.min
        if rate is None or since is None:
            name = "rate" if rate is None else "from"
            data = {"value": texts[name], "column": file.header[at[name]]}
            problems.append(Problem("pay.bad_rate", file.at(line, at[name]), data))
            continue
        yield Rate(tuple(texts[name] for name in names), rate, since, file.at(line))


def _called(name: str, schema: Schema) -> tuple[str, ...]:
    """Return what a column of a field may be called: as the field, or as its source calls it."""
    found = schema.present[name]
    return (name, *found.captions, *found.codes)


def _column(folded: Sequence[str], captions: Sequence[str]) -> int | None:
    return next((folded.index(fold(one)) for one in captions if fold(one) in folded), None)


def mistakes(bound: Bound, scratch: Path) -> Iterator[Problem]:
    """Yield what is wrong in the files of rates of all scorecards."""
    for card, spec in bound.plan.scorecards.items():
        for one in pay_records.parts_of(spec.bonus, ("scorecards", card, "bonus")):
            measure = pay_records.measure_of(bound, one.paid.of)
            if one.paid.rates is not None and measure is not None:
                schema, path = bound.schemas[measure.entity], (*one.path, "rates")
                yield from read(bound, one.paid.rates, schema, path, scratch)[1]
