"""Derived fields, as SQL over the stored ones: outcome, won, closed_at, client_id, amount.

The one place that says what they mean, for every source. A stage means what the catalogue, the
CRM or the plan says it means; a stage that nobody explains has no outcome and is listed.

Fields of one record only (`ROW_FIELDS`) are worked out while the table is made; amounts in the
company's currency, which need the rates and, of product lines, their sum, in the view over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.catalog import Field
from kpictl.errors import Level, Problem
from kpictl.expressions.sql import NUMBER, column, name, text
from kpictl.naming import fold
from kpictl.sources import currency_conversion
from kpictl.sources.currency_conversion import EntityTable
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.base import LoadRequest

UNEXPLAINED = "unexplained_stage"  # column of captions that have no meaning
IN_HISTORY = "closed_in_history"  # column: whether the stage history says when a record closed


def stored_fields(schema: Schema, wanted: Iterable[str]) -> dict[str, Field]:
    """Return the stored fields that the wanted ones are made of, and the record's id; in the order
    of the schema, so that what is said of them has one."""
    found: dict[str, Field] = {}
    asked = frozenset(wanted)
    names = [name for name in schema.present if name in asked]
    if schema.entity.id in schema.present:
        names.insert(0, str(schema.entity.id))
    for field_name in names:
        field = schema.present[field_name]
        for stored in _ingredients(field, schema):
            found.setdefault(stored, schema.present[stored])
    return found


def read_aside(schema: Schema, request: LoadRequest) -> frozenset[str]:
    """Return the stored fields that nothing but the fields `aside` is made of."""
    if not request.aside:
        return frozenset()
    meant = stored_fields(schema, request.fields - request.aside)
    return frozenset(stored_fields(schema, request.aside).keys() - meant.keys())


def _ingredients(field: Field, schema: Schema) -> list[str]:
    """Return every stored field that helps: all members of all alternatives, and the helpers."""
    own = [] if field.derived else [field.name]
    helpers = _DAYS if field.priced else _HELPERS.get(field.name, ()) if field.derived else ()
    groups = [g for g in field.needs if all(n in schema.present for n in g)]
    names = [n for group in groups for n in group] + [n for n in helpers if n in schema.present]
    flat = own
    for needed in names:
        flat.extend(_ingredients(schema.present[needed], schema))
    return list(dict.fromkeys(flat))


# What the day whose rate holds for an amount is made of.
_DAYS = ("moved_at", "close_date", "created_at", "stage", "closed", "closed_at")
# Stored fields that a derived one uses where they are there, but does not need.
_HELPERS: Mapping[str, tuple[str, ...]] = {
    "amount": ("currency", *_DAYS),
    "outcome": ("closed",),
    "won": ("closed",),
    "lost": ("closed",),
    "converted": ("closed",),
    "junk": ("closed",),
    "closed_at": ("closed",),
}


# --- worked out for each record while it is read -----------------------------------------------


class Rowwise(Struct, frozen=True):
    """The stored fields that the SQL of one record's derived fields may use; `days` of them are
    calendar days, other moments are instants already.

    What other records say of it, where the source has them: `history` is the SQL of the moment at
    which a record came to its outcome, `replies` of the sorted moments of what was sent to its
    client. `linked` says that clients are numbers of companies and contacts, not names.
    """

    stored: frozenset[str]
    days: frozenset[str] = frozenset()
    history: str | None = None
    replies: str | None = None
    linked: bool = False

    def has(self, field: str) -> bool:
        return field in self.stored


def row_fields(rowwise: Rowwise, schema: Schema, wanted: Iterable[str]) -> dict[str, str]:
    """Return the SQL of the wanted fields that are derived from one record, over columns `f_…`.

    Where an amount is wanted, so is the day whose rate holds for it.
    """
    names = list(wanted)
    asked = [n for n in names if schema.present[n].derived]
    more = ["amount_original"] if "amount" in asked else []
    if rated(schema, names):
        more.append("closed_at")
    asked.extend(n for n in more if n in schema.present and schema.present[n].derived)
    return {n: ROW_FIELDS[n](rowwise) for n in dict.fromkeys(asked) if n in ROW_FIELDS}


def rated(schema: Schema, wanted: Iterable[str]) -> bool:
    """Say whether an amount is wanted that may be in another currency than the company's."""
    fields = [schema.present[n] for n in wanted]
    whole = "currency" in schema.present
    return any(f.priced or (whole and f.name == "amount" and f.derived) for f in fields)


def row_columns(rowwise: Rowwise, schema: Schema, wanted: Iterable[str]) -> dict[str, str]:
    """Return the SQL of the wanted fields that are derived from one record, by column, and of
    what a reader must be told of them."""
    made = row_fields(rowwise, schema, wanted)
    columns = {column(n): sql for n, sql in made.items()}
    if rowwise.has("stage") and made:
        unexplained = f"CASE WHEN {outcome(rowwise)} IS NULL THEN {column('stage')} END"
        columns[UNEXPLAINED] = unexplained
    if rowwise.history is not None and "closed_at" in made:
        columns[IN_HISTORY] = f"({rowwise.history} IS NOT NULL)"
    return columns


def make_stages(
    connection: Connection, entity: str, stages: Mapping[str, str], captions: Iterable[str]
) -> None:
    """Make the table of what the captions that occur mean; `stages` is folded caption → outcome."""
    table = name(f"stages_{entity}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} (caption VARCHAR, outcome VARCHAR)")
    known = {c: stages[fold(c)] for c in sorted(captions) if fold(c) in stages}
    if known:
        rows = ", ".join(f"({text(c)}, {text(outcome)})" for c, outcome in known.items())
        connection.execute(f"INSERT INTO {table} VALUES {rows}")


def stages_join(entity: str) -> str:
    """Return the join that brings `o.outcome`."""
    return f"LEFT JOIN {name(f'stages_{entity}')} o ON o.caption = {column('stage')}"


def outcome(rowwise: Rowwise) -> str:
    """Return the SQL of how a record ended; `o.outcome` is what its stage means."""
    if rowwise.has("closed"):
        return f"coalesce(o.outcome, CASE WHEN NOT {column('closed')} THEN 'open' END)"
    return "o.outcome"


def _is(ended: str) -> Callable[[Rowwise], str]:
    return lambda rowwise: f"({outcome(rowwise)} = {text(ended)})"


def reach(field: str, stored: frozenset[str]) -> str:
    """Return the stored moment that a derived one is, wherever the stored one is there."""
    choices = {"closed_at": ("moved_at", "close_date")}[field]
    return next(n for n in choices if n in stored)


def _closed_at(rowwise: Rowwise) -> str:
    """The time of the move to a final stage; failing that the close date.

    The history says when a record came to its present outcome, also one that has been moved
    since, from one final stage to another of the same outcome.
    """
    choices = [] if rowwise.history is None else [rowwise.history]
    if rowwise.has("moved_at"):
        choices.append(column("moved_at"))
    if rowwise.has("close_date"):
        closed = column("close_date")
        is_day = "close_date" in rowwise.days
        choices.append(f"cell_utc(CAST({closed} AS TIMESTAMP))" if is_day else closed)
    final = f"{outcome(rowwise)} IN ('won', 'lost')"
    return f"(CASE WHEN {final} THEN coalesce({', '.join(choices)}) END)"


def _client(rowwise: Rowwise) -> str:
    """The company, else the contact; a company of some number is not the contact of that number."""
    choices = [
        f"{text(letter)} || {column(n)}" if rowwise.linked else column(n)
        for n, letter in (("company_id", "CO_"), ("contact_id", "C_"))
        if rowwise.has(n)
    ]
    return f"coalesce({', '.join(choices)})"


def _first_reply(rowwise: Rowwise) -> str:
    """The first of what was sent to the client once the record was there."""
    created = column("created_at")
    return f"list_filter({rowwise.replies}, lambda m: m >= {created})[1]"


def _line_amount(_rowwise: Rowwise) -> str:
    """What a product row comes to, to the hundredth, as list exports write it."""
    product = f"{column('price')} * {column('quantity')}"
    return f"CAST(CAST({product} AS DECIMAL(38,2)) AS {NUMBER})"


def _answered(_rowwise: Rowwise) -> str:
    return f"({column('result_code')} = '200')"


ROW_FIELDS: Mapping[str, Callable[[Rowwise], str]] = {
    "outcome": outcome,
    "won": _is("won"),
    "lost": _is("lost"),
    "converted": _is("converted"),
    "junk": _is("junk"),
    "closed_at": _closed_at,
    "client_id": _client,
    "first_reply_at": _first_reply,
    "amount_original": _line_amount,
    "answered": _answered,
}


# --- worked out over the whole table -----------------------------------------------------------


def view(
    connection: Connection, schema: Schema, table: str, request: LoadRequest, notes: list[Problem]
) -> str:
    """Make the view `entity_<name>`, say what a reader must know of it; return its SQL name."""
    whole = _whole(connection, schema, table, request, notes)
    _remark(whole)
    amounts, joins = currency_conversion.amounts(whole)
    view_name = name(f"entity_{schema.entity.name}")
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view_name} AS SELECT {amounts} FROM {table} s {joins}"
    )
    return view_name


def remarks(
    connection: Connection, schema: Schema, table: str, request: LoadRequest
) -> list[Problem]:
    """Return what a reader must know of the records in a table."""
    notes: list[Problem] = []
    _remark(_whole(connection, schema, table, request, notes))
    return notes


def _whole(
    connection: Connection, schema: Schema, table: str, request: LoadRequest, notes: list[Problem]
) -> EntityTable:
    columns = frozenset(str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall())
    return EntityTable(connection, schema, table, columns, request, notes)


def _remark(whole: EntityTable) -> None:
    _list_unexplained(whole)
    if "closed_at" in whole.request.fields and whole.schema.present["closed_at"].derived:
        _say_how_closed(whole)


def _list_unexplained(whole: EntityTable) -> None:
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


def _say_how_closed(whole: EntityTable) -> None:
    """Say which date stands for the moment of closing; the close date is a plan anyone can edit."""
    entity, present = whole.schema.entity.name, whole.schema.present
    if IN_HISTORY in whole.columns:
        _say_how_many_closed(whole)
        return
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


def _say_how_many_closed(whole: EntityTable) -> None:
    """Say how many moments of closing the stage history gives, and what stands in for the rest."""
    moved = f"{column('moved_at')} IS NOT NULL" if whole.has("moved_at") else "FALSE"
    counts = ", ".join(
        f"count(*) FILTER ({condition})"
        for condition in (
            IN_HISTORY,
            f"NOT {IN_HISTORY} AND {moved}",
            f"NOT {IN_HISTORY} AND NOT {moved}",
        )
    )
    closed = f"{column('closed_at')} IS NOT NULL"
    history, by_move, planned = whole.rows(f"SELECT {counts} FROM {whole.table} WHERE {closed}")[0]
    if not (history or by_move or planned):
        return
    stand_in = whole.schema.present.get("moved_at") or whole.schema.present["close_date"]
    data = {
        "entity": whole.schema.entity.name,
        "history": history,
        "moved": by_move,
        "planned": planned,
        "caption": stand_in.captions[0],
    }
    level: Level = "warning" if planned else "note"
    whole.note(Problem("source.closed_by_history", None, data, level))
