"""Derived fields, as SQL over the stored ones: outcome, won, closed_at, client_id, amount.

The one place that says what they mean, for every source. A stage means what the catalogue or the
plan says its caption means; a caption that nobody explains has no outcome and is listed.

Fields of one record only (`ROW_FIELDS`) are worked out while the table is made; the amount in the
company's currency, which needs the rates and, of product lines, their sum, in the view over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kpictl.catalog import Field
from kpictl.errors import Problem
from kpictl.expressions.sql import NUMBER, column, name, text
from kpictl.sources.currencies import RATES, code_of
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.base import Wanted

UNEXPLAINED = "unexplained_stage"  # column of captions that have no meaning


def stored_fields(schema: Schema, wanted: Iterable[str]) -> dict[str, Field]:
    """Return the stored fields that the wanted ones are made of, and the record's id."""
    found: dict[str, Field] = {}
    names = list(wanted)
    if schema.entity.id in schema.present:
        names.insert(0, str(schema.entity.id))
    for field_name in names:
        field = schema.present[field_name]
        for stored in _ingredients(field, schema) if field.derived else (field_name,):
            found.setdefault(stored, schema.present[stored])
    return found


def _ingredients(field: Field, schema: Schema) -> list[str]:
    """Return every stored field that helps: all members of all alternatives, and the helpers."""
    helpers = _HELPERS.get(field.name, ())
    groups = [g for g in field.needs if all(n in schema.present for n in g)]
    names = [n for group in groups for n in group] + [n for n in helpers if n in schema.present]
    flat: list[str] = []
    for needed in names:
        inner = schema.present[needed]
        flat.extend(_ingredients(inner, schema) if inner.derived else [needed])
    return list(dict.fromkeys(flat))


# Stored fields that a derived one uses where they are there, but does not need.
_HELPERS: Mapping[str, tuple[str, ...]] = {
    "amount": ("currency", "moved_at", "close_date", "created_at", "stage", "closed"),
    "outcome": ("closed",),
    "won": ("closed",),
    "lost": ("closed",),
    "converted": ("closed",),
    "junk": ("closed",),
    "closed_at": ("closed",),
}


# --- worked out for each record while it is read -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Rowwise:
    """The stored fields that the SQL of one record's derived fields may use; `days` of them are
    calendar days, other moments are instants already."""

    stored: frozenset[str]
    days: frozenset[str] = frozenset()

    def has(self, field: str) -> bool:
        return field in self.stored


def row_fields(rowwise: Rowwise, schema: Schema, wanted: Iterable[str]) -> dict[str, str]:
    """Return the SQL of the wanted fields that are derived from one record, over columns `f_…`.

    Where the amount is wanted, so is the day whose rate holds for it.
    """
    asked = [n for n in wanted if schema.present[n].derived]
    closed = schema.present.get("closed_at")
    if "amount" in asked and "currency" in rowwise.stored and closed is not None and closed.derived:
        asked.append("closed_at")
    return {n: ROW_FIELDS[n](rowwise) for n in dict.fromkeys(asked) if n in ROW_FIELDS}


def unexplained(rowwise: Rowwise) -> str:
    """Return the SQL of a stage's caption where it has no meaning, else NULL."""
    return f"CASE WHEN {_outcome(rowwise)} IS NULL THEN {column('stage')} END"


def make_stages(connection: Connection, entity: str, stages: Mapping[str, str]) -> None:
    """Make the table of what the captions of stages mean."""
    table = name(f"stages_{entity}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} (caption VARCHAR, outcome VARCHAR)")
    rows = ", ".join(f"({text(c.lower())}, {text(o)})" for c, o in sorted(stages.items()))
    if rows:
        connection.execute(f"INSERT INTO {table} SELECT DISTINCT * FROM (VALUES {rows})")


def stages_join(entity: str) -> str:
    """Return the join that brings `o.outcome`."""
    return f"LEFT JOIN {name(f'stages_{entity}')} o ON o.caption = lower({column('stage')})"


def _outcome(rowwise: Rowwise) -> str:
    if rowwise.has("closed"):
        return f"coalesce(o.outcome, CASE WHEN NOT {column('closed')} THEN 'open' END)"
    return "o.outcome"


def _is(outcome: str) -> Callable[[Rowwise], str]:
    return lambda rowwise: f"({_outcome(rowwise)} = {text(outcome)})"


def reach(field: str, stored: frozenset[str]) -> str:
    """Return the stored moment that a derived one is, wherever the stored one is there."""
    choices = {"closed_at": ("moved_at", "close_date")}[field]
    return next(n for n in choices if n in stored)


def _closed_at(rowwise: Rowwise) -> str:
    """The time of the move to a final stage; failing that the close date."""
    choices = []
    if rowwise.has("moved_at"):
        choices.append(column("moved_at"))
    if rowwise.has("close_date"):
        closed = column("close_date")
        is_day = "close_date" in rowwise.days
        choices.append(f"cell_utc(CAST({closed} AS TIMESTAMP))" if is_day else closed)
    final = f"{_outcome(rowwise)} IN ('won', 'lost')"
    return f"(CASE WHEN {final} THEN coalesce({', '.join(choices)}) END)"


def _client(rowwise: Rowwise) -> str:
    choices = [column(n) for n in ("company_id", "contact_id") if rowwise.has(n)]
    return f"coalesce({', '.join(choices)})"


ROW_FIELDS: Mapping[str, Callable[[Rowwise], str]] = {
    "outcome": _outcome,
    "won": _is("won"),
    "lost": _is("lost"),
    "converted": _is("converted"),
    "junk": _is("junk"),
    "closed_at": _closed_at,
    "client_id": _client,
}


# --- worked out over the whole table -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """A table of an entity, with the notes on it."""

    connection: Connection
    schema: Schema
    table: str
    columns: frozenset[str]
    notes: list[Problem]

    def has(self, field: str) -> bool:
        return f"f_{field}" in self.columns

    def note(self, problem: Problem) -> None:
        if problem not in self.notes:
            self.notes.append(problem)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = self.connection.execute(query).fetchall()
        return found


def view(
    connection: Connection, schema: Schema, table: str, wanted: Wanted, notes: list[Problem]
) -> str:
    """Make the view `entity_<name>`, say what a reader must know of it; return its SQL name."""
    columns = frozenset(str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall())
    whole = Whole(connection, schema, table, columns, notes)
    _list_unexplained(whole)
    if "closed_at" in wanted.fields and schema.present["closed_at"].derived:
        _say_how_closed(whole)
    amount, join = "", ""
    if "amount" in wanted.fields and schema.present["amount"].derived:
        converts = _converts(whole, wanted.currency)
        join = _rate_join(whole) if converts else ""
        original = f"s.{column('amount_original')}"
        value = f"CAST({original} * r.rate AS {NUMBER})" if converts else original
        amount = f", {value} AS {column('amount')}"
    view_name = name(f"entity_{schema.entity.name}")
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view_name} AS SELECT s.*{amount} FROM {table} s {join}"
    )
    return view_name


def _list_unexplained(whole: Whole) -> None:
    """Name the stages that nobody explained; those of open records explain themselves."""
    if UNEXPLAINED not in whole.columns:
        return
    rows = whole.rows(
        f"SELECT {UNEXPLAINED}, count(*) FROM {whole.table} "
        f"WHERE {UNEXPLAINED} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    if rows:
        shown = ", ".join(f"«{caption}» ({count})" for caption, count in rows[:10])
        data = {"entity": whole.schema.entity.name, "stages": shown, "count": len(rows)}
        whole.note(Problem("source.unknown_stage", None, data, "warning"))


def _say_how_closed(whole: Whole) -> None:
    """Say which date stands for the moment of closing; the close date is a plan anyone can edit."""
    entity, present = whole.schema.entity.name, whole.schema.present
    if not whole.has("moved_at"):
        data = {"entity": entity, "caption": present["close_date"].captions[0]}
        whole.note(Problem("source.closed_by_plan_date", None, data, "warning"))
        return
    data = {"entity": entity, "caption": present["moved_at"].captions[0]}
    whole.note(Problem("source.closed_by_move", None, data, "note"))
    rows = whole.rows(
        f"SELECT count(*) FROM {whole.table} "
        f"WHERE {column('closed_at')} IS NOT NULL AND {column('moved_at')} IS NULL"
    )
    if rows[0][0]:
        more = {**data, "count": rows[0][0]}
        whole.note(Problem("source.some_by_plan_date", None, more, "warning"))


def _currencies(whole: Whole) -> list[str]:
    rows = whole.rows(
        f"SELECT DISTINCT {column('currency')} FROM {whole.table} "
        f"WHERE {column('currency')} IS NOT NULL ORDER BY 1"
    )
    return [str(row[0]) for row in rows]


def _converts(whole: Whole, company: str | None) -> bool:
    """Say whether any amount is in another currency than the company's."""
    if not whole.has("currency"):
        return False
    codes = {code_of(caption) or caption for caption in _currencies(whole)}
    if company is None:
        if len(codes) > 1:
            data = {"entity": whole.schema.entity.name, "currencies": ", ".join(sorted(codes))}
            whole.note(Problem("source.mixed_currencies", None, data, "warning"))
        return False
    return bool(codes - {company})


def _rate_join(whole: Whole) -> str:
    """Join the rate of the currency on the day of the record: when it closed, else was made."""
    pairs = [(c, code_of(c)) for c in _currencies(whole)]
    unknown = [caption for caption, code in pairs if code is None]
    if unknown:
        data = {"entity": whole.schema.entity.name, "currencies": ", ".join(unknown)}
        whole.note(Problem("source.unknown_currency", None, data, "warning"))
    whens = "".join(
        f" WHEN s.{column('currency')} = {text(caption)} THEN {text(code)}"
        for caption, code in pairs
        if code
    )
    # A record without a currency is in the company's.
    code = f"(CASE WHEN s.{column('currency')} IS NULL THEN ''{whens} END)"
    days = [
        f"cell_day(s.{column(moment)})"
        for moment in ("closed_at", "created_at")
        if whole.has(moment)
    ]
    day = f"coalesce({', '.join([*days, _LAST_DAY])})"
    return f"ASOF LEFT JOIN {RATES} r ON r.currency = {code} AND {day} >= r.day"


_LAST_DAY = f"DATE '{date.max}'"
