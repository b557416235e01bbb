"""Codes → words: what a portal's directories, pipelines and stages are called, and how stages end.

A stage ends as the portal says (its semantics: S success, F failure), unless the plan says
otherwise of its caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.bitrix24.rest.methods import HISTORY, ITEM_TYPES
from kpictl.expressions.sql import name, text
from kpictl.naming import fold

if TYPE_CHECKING:
    from kpictl.bitrix24.read.cell_sql import Words
    from kpictl.bitrix24.read.schema import Stored
    from kpictl.database import Connection
    from kpictl.store import Stored as Store

_ENDS: Mapping[str, str] = {"S": "won", "F": "lost", "P": "open"}
_LEAD_ENDS: Mapping[str, str] = {"S": "converted", "F": "junk", "P": "open"}
_FAMILIES = {
    "deals": "DEAL_STAGE", "leads": "STATUS", "quotes": "QUOTE_STATUS",
    "invoices": "SMART_INVOICE_STAGE",
}  # fmt: skip


class Status(Struct, frozen=True):
    """An entry of a directory."""

    caption: str
    semantics: str | None


class Directories(Struct):
    """What the portal calls things: the directories, by name and code, and the pipelines, by type
    of record and id. `items` are the types of the plan's smart processes."""

    store: Store
    items: Mapping[str, int] = {}
    statuses: dict[str, dict[str, Status]] = {}
    pipelines: dict[str, dict[str, str]] = {}

    def read(self) -> None:
        """Read the portal's directories, which are small."""
        asked = ("ENTITY_ID", "STATUS_ID", "NAME", "SEMANTICS")
        for directory, code, caption, semantics in _rows(self.store, "statuses", asked):
            entries = self.statuses.setdefault(directory or "", {})
            entries[code or ""] = Status(caption or code or "", semantics or None)
        for kind, ident, called in _rows(self.store, "categories", ("entityTypeId", "id", "name")):
            self.pipelines.setdefault(kind or "", {})[ident or ""] = called or ident or ""

    def type_of(self, entity: str) -> int | None:
        """Return the entityTypeId of an entity's records, or of those whose history it is."""
        if entity.startswith(HISTORY):
            entity = entity.removeprefix(f"{HISTORY}_") if entity != HISTORY else "deals"
        return {**ITEM_TYPES, **self.items}.get(entity)

    def stages(self, entity: str) -> Mapping[str, Status]:
        """Return the stages of an entity, of all its pipelines."""
        if entity.startswith(HISTORY):
            entity = entity.removeprefix(f"{HISTORY}_") if entity != HISTORY else "deals"
        family = _FAMILIES.get(entity) or f"DYNAMIC_{self.type_of(entity)}_STAGE"
        found: dict[str, Status] = {}
        for directory in sorted(self.statuses):
            if re.fullmatch(rf"{family}(_\d+)?", directory):
                found.update(self.statuses[directory])
        return found

    def words(self, entity: str, stored: Stored) -> Words:
        """Return the words for the codes of a field; {} where it holds what it means."""
        described = stored.described
        if stored.field.values:
            return stored.field.values
        if stored.field.name == "pipeline" or (described and described.type == "crm_category"):
            return self.pipelines.get(str(self.type_of(entity)), {})
        if described is None:
            return {}
        if described.items:
            return dict(described.items)
        entries = self.statuses.get(described.status_type or "", {})
        return {code: status.caption for code, status in entries.items()}


def _rows(store: Store, table: str, asked: Iterable[str]) -> Iterable[tuple[str | None, ...]]:
    there = {c.casefold() for c in store.columns(table)}
    if not there:
        return ()
    columns = [name(c) if c.casefold() in there else "NULL" for c in asked]
    return store.rows(f"SELECT {', '.join(columns)} FROM {store.table(table)} ORDER BY _id")


def make_words(connection: Connection, table: str, words: Mapping[str, Words]) -> None:
    """Make the table of words: for each field, of its codes."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} (field VARCHAR, code VARCHAR, caption VARCHAR)"
    )
    _fill(connection, table, [(f, c, w) for f, pairs in words.items() for c, w in pairs.items()])


def make_stages(
    connection: Connection,
    table: str,
    used: Iterable[tuple[str, str]],
    meaning: Meaning,
) -> None:
    """Make the table of what stages are called and how they end, for each (code, semantics) that
    occurs."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} "
        "(code VARCHAR, semantics VARCHAR, caption VARCHAR, outcome VARCHAR)"
    )
    _fill(connection, table, [(c, s, *meaning.of(c, s)) for c, s in sorted(set(used))])


def _fill(connection: Connection, table: str, rows: Iterable[tuple[str | None, ...]]) -> None:
    lines = [
        f"({', '.join('NULL' if cell is None else text(cell) for cell in row)})" for row in rows
    ]
    if lines:
        connection.execute(f"INSERT INTO {table} VALUES {', '.join(lines)}")


class Meaning(Struct, frozen=True):
    """How the stages of an entity end: the portal's `known` ones, and what the plan `says` of
    captions (folded)."""

    known: Mapping[str, Status]
    says: Mapping[str, str]
    leads: bool

    def of(self, code: str, semantics: str) -> tuple[str, str | None]:
        """Return caption and outcome of a stage; a record's own semantics come first, since the
        directory may have changed. No outcome: nobody knows."""
        status = self.known.get(code)
        caption = code if status is None else status.caption
        ends = _LEAD_ENDS if self.leads else _ENDS
        if semantics not in ends and status is not None:
            semantics = status.semantics if status.semantics in ("S", "F") else "P"
        return caption, self.says.get(fold(caption)) or ends.get(semantics)
