"""Amounts into the company's currency, at the rate of each record's day.

The amount of a record is in the currency that the record names; values of a priced field bear their
own. Both are converted in the view over an entity's table, where the rates are at hand.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem
from kpictl.expressions.money import AMOUNT, currency_of, original_of
from kpictl.expressions.sql import NUMBER, column, name, text
from kpictl.sources.currencies import code_of

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.base import LoadRequest
    from kpictl.sources.schema import Schema

_LAST_DAY = f"DATE '{date.max}'"


class EntityTable(Struct, frozen=True):
    """A table of an entity, with the notes on it."""

    connection: Connection
    schema: Schema
    table: str
    columns: frozenset[str]
    request: LoadRequest
    notes: list[Problem]

    def has(self, field: str) -> bool:
        return f"f_{field}" in self.columns

    def note(self, problem: Problem) -> None:
        if problem not in self.notes:
            self.notes.append(problem)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()


def amounts(whole: EntityTable) -> tuple[str, str]:
    """Return the columns of the view over a table `s`, and its joins with the rates."""
    request, present = whole.request, whole.schema.present
    added: list[str] = []
    replaced: list[str] = []
    joins: list[str] = []
    for field in sorted(request.fields):
        priced = present[field].priced
        if not priced and not (field == AMOUNT and present[field].derived):
            continue
        written = f"s.{column(field if priced else original_of(field))}"
        value = written
        if _converts(whole, field):
            rates = name(f"rate of {field}")
            joins.append(_rate_join(whole, field, rates))
            value = f"CAST({written} * {rates}.rate AS {NUMBER})"
        (replaced if priced else added).append(f"{value} AS {column(field)}")
        if priced:
            added.append(f"{written} AS {column(original_of(field))}")
    change = f" REPLACE ({', '.join(replaced)})" if replaced else ""
    return ", ".join([f"s.*{change}", *added]), " ".join(joins)


def _called(whole: EntityTable, field: str) -> str:
    """Return what a reader calls the amounts of a field: the entity, and of a priced one its
    caption."""
    described = whole.schema.present[field]
    entity = whole.schema.entity.name
    return f"{entity}, {[*described.captions, field][0]}" if described.priced else entity


def _currencies(whole: EntityTable, field: str) -> list[str]:
    currency = column(currency_of(field))
    rows = whole.rows(
        f"SELECT DISTINCT {currency} FROM {whole.table} WHERE {currency} IS NOT NULL ORDER BY 1"
    )
    return [str(row[0]) for row in rows]


def _converts(whole: EntityTable, field: str) -> bool:
    """Say whether any amount is in another currency than the company's."""
    if not whole.has(currency_of(field)):
        return False
    company = whole.request.currency
    own = whole.request.currencies
    codes = {code_of(caption, own) or caption for caption in _currencies(whole, field)}
    if company is None:
        if len(codes) > 1:
            data = {"entity": _called(whole, field), "currencies": ", ".join(sorted(codes))}
            whole.note(Problem("source.mixed_currencies", None, data, "warning"))
        return False
    return bool(codes - {company})


def _rate_join(whole: EntityTable, field: str, alias: str) -> str:
    """Join the rate of the currency on the day of the record: when it closed, else was made."""
    currency = f"s.{column(currency_of(field))}"
    own = whole.request.currencies
    pairs = [(c, code_of(c, own) or _rated(whole, c)) for c in _currencies(whole, field)]
    unknown = [caption for caption, code in pairs if code is None]
    if unknown:
        data = {"entity": _called(whole, field), "currencies": ", ".join(unknown)}
        data["example"] = json.dumps(unknown[0][:40], ensure_ascii=False)
        whole.note(Problem("source.unknown_currency", None, data, "warning"))
    whens = "".join(
        f" WHEN {currency} = {text(caption)} THEN {text(code)}" for caption, code in pairs if code
    )
    # An amount without a currency is in the company's.
    code = f"(CASE WHEN {currency} IS NULL THEN ''{whens} END)"
    days = [
        f"cell_day(s.{column(moment)})"
        for moment in ("closed_at", "created_at")
        if whole.has(moment)
    ]
    rates = whole.request.rates
    if not days:  # a file without these columns: the last rate, as for a record without a day
        latest = f"(SELECT currency, arg_max(rate, day) AS rate FROM {rates} GROUP BY currency)"
        return f"LEFT JOIN {latest} {alias} ON {alias}.currency = {code}"
    day = f"coalesce({', '.join([*days, _LAST_DAY])})"
    return f"ASOF LEFT JOIN {rates} {alias} ON {alias}.currency = {code} AND {day} >= {alias}.day"


def _rated(whole: EntityTable, code: str) -> str | None:
    """Return a code that no list of currencies has, but the rates do."""
    found = whole.rows(f"SELECT 1 FROM {whole.request.rates} WHERE currency = {text(code)} LIMIT 1")
    return code if found else None
