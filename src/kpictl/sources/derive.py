"""Derived fields, as SQL over the stored ones: outcome, won, closed_at, client_id, amount.

The one place that says what they mean, for every source. A stage means what the catalogue or the
plan says its caption means; a caption that nobody explains has no outcome and is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    from kpictl.sources.csv import FileEntity

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
    "amount": ("currency", "moved_at", "close_date", "created_at", "stage"),
    "outcome": ("closed",),
    "won": ("closed",),
    "lost": ("closed",),
    "closed_at": ("closed",),
}


@dataclass(slots=True)
class Deriving:
    """Making the view over one stored table."""

    connection: Connection
    found: FileEntity
    table: str
    notes: list[Problem]
    stored: frozenset[str]
    currency: str | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)

    def note(self, problem: Problem) -> None:
        if problem not in self.notes:
            self.notes.append(problem)

    def has(self, field: str) -> bool:
        return field in self.stored

    def distinct(self, field: str) -> list[str]:
        """Return the different texts of a field, sorted; asked of the table once."""
        if field not in self.texts:
            rows = self.connection.execute(
                f"SELECT DISTINCT {column(field)} FROM {self.table} "
                f"WHERE {column(field)} IS NOT NULL ORDER BY 1"
            ).fetchall()
            self.texts[field] = [row[0] for row in rows]
        return self.texts[field]


def view(
    connection: Connection,
    found: FileEntity,
    table: str,
    wanted: Wanted,
    notes: list[Problem],
) -> str:
    """Make the view `entity_<name>` with stored and derived columns; return its SQL name."""
    schema = found.schema
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    stored = frozenset(str(row[0])[2:] for row in described if str(row[0]).startswith("f_"))
    deriving = Deriving(connection, found, table, notes, stored, wanted.currency)
    asked = {n for n in wanted.fields if schema.present[n].derived}
    exprs = {n: make(deriving) for n, make in _DERIVED.items() if n in asked}
    joins = _rate_join(deriving) if "amount" in asked and _converts(deriving) else ""
    columns = "".join(f", {sql} AS {column(n)}" for n, sql in exprs.items())
    line = "" if any(row[0] == "line" for row in described) else ", s.rowid AS line"
    view_name = name(f"entity_{found.entity.name}")
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view_name} AS SELECT s.*{line}{columns} "
        f"FROM {table} s {joins}"
    )
    return view_name


def _outcome(deriving: Deriving) -> str:
    meanings = deriving.found.stages
    known: dict[str, list[str]] = {}
    unknown = []
    for caption in deriving.distinct("stage"):
        meaning = meanings.get(caption.casefold())
        if meaning is None:
            unknown.append(caption)
        else:
            known.setdefault(meaning, []).append(caption)
    whens = [
        f"WHEN s.{column('stage')} IN ({', '.join(text(c) for c in captions)}) THEN {text(meaning)}"
        for meaning, captions in sorted(known.items())
    ]
    if deriving.has("closed"):
        whens.append(f"WHEN NOT s.{column('closed')} THEN 'open'")
    _list_unknown(deriving, unknown)
    return f"(CASE {' '.join(whens)} ELSE NULL END)" if whens else "CAST(NULL AS VARCHAR)"


def _list_unknown(deriving: Deriving, captions: list[str]) -> None:
    """Name the stages that nobody explained; those of open records explain themselves."""
    if not captions:
        return
    listed = ", ".join(text(c) for c in captions)
    still_open = f"AND coalesce(s.{column('closed')}, TRUE)" if deriving.has("closed") else ""
    rows = deriving.connection.execute(
        f"SELECT {column('stage')}, count(*) FROM {deriving.table} s "
        f"WHERE {column('stage')} IN ({listed}) {still_open} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if rows:
        shown = ", ".join(f"«{caption}» ({count})" for caption, count in rows[:10])
        data = {"entity": deriving.found.entity.name, "stages": shown, "count": len(rows)}
        deriving.note(Problem("source.unknown_stage", None, data, "warning"))


def _is(outcome: str) -> Callable[[Deriving], str]:
    return lambda deriving: f"({_outcome(deriving)} = {text(outcome)})"


def _closed_at(deriving: Deriving) -> str:
    """The time of the move to a final stage; failing that the close date, and that is said."""
    final = f"{_outcome(deriving)} IN ('won', 'lost')"
    choices = []
    if deriving.has("moved_at"):
        choices.append(f"s.{column('moved_at')}")
    if deriving.has("close_date"):
        choices.append(f"cell_utc(CAST(s.{column('close_date')} AS TIMESTAMP))")
    _say_close_source(deriving, final)
    return f"(CASE WHEN {final} THEN coalesce({', '.join(choices)}) END)"


def _say_close_source(deriving: Deriving, final: str) -> None:
    entity, present = deriving.found.entity.name, deriving.found.schema.present
    if not deriving.has("moved_at"):
        caption = present["close_date"].captions[0]
        data = {"entity": entity, "caption": caption}
        deriving.note(Problem("source.closed_by_plan_date", None, data, "warning"))
        return
    data = {"entity": entity, "caption": present["moved_at"].captions[0]}
    deriving.note(Problem("source.closed_by_move", None, data, "note"))
    if deriving.has("close_date"):
        row = deriving.connection.execute(
            f"SELECT count(*) FROM {deriving.table} s WHERE {final} "
            f"AND {column('moved_at')} IS NULL AND {column('close_date')} IS NOT NULL"
        ).fetchone()
        if row and row[0]:
            more = {**data, "count": row[0]}
            deriving.note(Problem("source.some_by_plan_date", None, more, "warning"))


def _client(deriving: Deriving) -> str:
    choices = [f"s.{column(n)}" for n in ("company_id", "contact_id") if deriving.has(n)]
    return f"coalesce({', '.join(choices)})"


def _amount(deriving: Deriving) -> str:
    amount = f"s.{column('amount_original')}"
    return f"CAST({amount} * r.rate AS {NUMBER})" if _converts(deriving) else amount


def _converts(deriving: Deriving) -> bool:
    """Say whether any amount is in another currency than the company's."""
    if not deriving.has("currency"):
        return False
    codes = {code_of(caption) or caption for caption in deriving.distinct("currency")}
    if deriving.currency is None:
        if len(codes) > 1:
            data = {"entity": deriving.found.entity.name, "currencies": ", ".join(sorted(codes))}
            deriving.note(Problem("source.mixed_currencies", None, data, "warning"))
        return False
    return bool(codes - {deriving.currency})


def _rate_join(deriving: Deriving) -> str:
    """Join the rate of the currency on the day of the record: when it closed, else was made."""
    pairs = [(c, code_of(c)) for c in deriving.distinct("currency")]
    unknown = [caption for caption, code in pairs if code is None]
    if unknown:
        data = {"entity": deriving.found.entity.name, "currencies": ", ".join(unknown)}
        deriving.note(Problem("source.unknown_currency", None, data, "warning"))
    whens = "".join(
        f" WHEN s.{column('currency')} = {text(caption)} THEN {text(code)}"
        for caption, code in pairs
        if code
    )
    # A record without a currency is in the company's.
    code = f"(CASE WHEN s.{column('currency')} IS NULL THEN ''{whens} END)"
    days = []
    if deriving.has("stage") and (deriving.has("moved_at") or deriving.has("close_date")):
        days.append(f"cell_day({_closed_at(replace(deriving, notes=[]))})")
    if deriving.has("created_at"):
        days.append(f"cell_day(s.{column('created_at')})")
    days.append(f"DATE '{date.max}'")
    day = f"coalesce({', '.join(days)})"
    return f"ASOF LEFT JOIN {RATES} r ON r.currency = {code} AND {day} >= r.day"


_DERIVED: Mapping[str, Callable[[Deriving], str]] = {
    "outcome": _outcome,
    "won": _is("won"),
    "lost": _is("lost"),
    "converted": _is("converted"),
    "junk": _is("junk"),
    "closed_at": _closed_at,
    "client_id": _client,
    "amount": _amount,
}
