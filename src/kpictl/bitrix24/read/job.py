"""One loading of an entity of a portal: which fields are needed, and what there is of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.bitrix24.read import required_columns
from kpictl.bitrix24.read.schema import Stored, entity_of, stored_fields
from kpictl.expressions import Type
from kpictl.expressions.sql import name
from kpictl.sources import derive

if TYPE_CHECKING:
    from kpictl.bitrix24.read.cell_sql import Words
    from kpictl.bitrix24.read.reader import PortalReader
    from kpictl.database import Connection
    from kpictl.errors import Problem
    from kpictl.sources.base import LoadRequest
    from kpictl.sources.schema import Schema
    from kpictl.store import Stored as Store

SEMANTICS = "stage_group"  # the field of a record's own S, F or P
NOT_MEANT = ("is_template", "is_own")
"""Flags of rows that are no records of the entity: left out, unless the plan asks for the flag."""


class PortalLoad(Struct, dict=True):
    """Loading one entity, or (`called` after both) the records to which another's belong."""

    connection: Connection
    reader: PortalReader
    entity: str
    request: LoadRequest
    called: str = ""
    notes: list[Problem] = []

    @property
    def store(self) -> Store:
        return self.reader.store

    def table(self, kind: str) -> str:
        """Return the SQL name of a table of this job."""
        return name(f"{kind}_{self.called or self.entity}")

    def there(self, entity: str) -> frozenset[str]:
        """Return the delivered names that an entity's table has, in lower case."""
        return frozenset(c.lower() for c in self.store.columns(entity))

    @cached_property
    def schema(self) -> Schema:
        return self.reader.schemas[self.entity]

    @cached_property
    def delivered(self) -> Mapping[str, Stored]:
        return self._delivered(self.entity)

    def _delivered(self, entity: str) -> Mapping[str, Stored]:
        return stored_fields(entity_of(entity), self.store.descriptions(entity))

    # --- what is needed ------------------------------------------------------------------

    @cached_property
    def fields(self) -> dict[str, Stored]:
        """Return the delivered fields that are needed, by name; the record's number first."""
        names = sorted(self.request.fields)
        if self.inherited:
            names.append(self.schema.entity.parent_key)
        if "record_type" in self.schema.present and self.schema.entity.parent is not None:
            names.append("record_type")
        wanted = derive.stored_fields(self.schema, names)
        return {n: self.delivered[n] for n, f in wanted.items() if not f.inherited}

    @cached_property
    def inherited(self) -> frozenset[str]:
        """Return the fields of the parent record that are needed."""
        return required_columns.inherited(self.schema, self.request.fields)

    @property
    def parent(self) -> str | None:
        return self.schema.entity.parent if self.inherited else None

    @cached_property
    def asked(self) -> frozenset[str]:
        """Return the wanted fields that are derived, and the moment of closing if rates need it."""
        found = {n for n in self.request.fields if self.schema.present[n].derived}
        if required_columns.closes(self.schema, self.request.fields):
            found.add("closed_at")
        return frozenset(found)

    @cached_property
    def rowwise(self) -> derive.Rowwise:
        days = frozenset(n for n, s in self.fields.items() if s.field.type is Type.DATE)
        history = "h.moment" if "closed_at" in self.asked and self.has_history else None
        replies = "y.moments" if "first_reply_at" in self.asked else None
        return derive.Rowwise(frozenset(self.fields), days, history, replies, linked=True)

    @cached_property
    def priced(self) -> dict[str, Stored]:
        """Return the fields whose values bear their currency."""
        return {n: stored for n, stored in self.fields.items() if stored.field.priced}

    def checked(self) -> list[str]:
        """Return the fields whose texts can be unreadable."""
        aside = derive.read_aside(self.schema, self.request)
        typed = (n for n, s in self.fields.items() if s.field.type is not Type.TEXT)
        return [n for n in typed if n not in aside]

    # --- what there is -------------------------------------------------------------------

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """Return the columns that tell rows which are no records, by flag."""
        found = {flag: self.delivered[flag].name for flag in NOT_MEANT if flag in self.delivered}
        return {
            flag: column
            for flag, column in found.items()
            if flag not in self.request.fields and column.lower() in self.there(self.entity)
        }

    @cached_property
    def semantics(self) -> str | None:
        """Return the column of the stage's own semantics, where there is one."""
        found = self.delivered.get(SEMANTICS)
        return found.name if found and found.name.lower() in self.there(self.entity) else None

    @cached_property
    def history(self) -> str:
        """Return the entity of the moves of these records."""
        return required_columns.history_of(self.entity)

    @cached_property
    def has_history(self) -> bool:
        """Say whether the moves of these records were pulled, and there are any."""
        return self.history in self.store.marks and "owner_id" in self.there(self.history)

    @property
    def history_columns(self) -> tuple[str, str]:
        """Return what the stage and its semantics are called in the moves."""
        found = self._delivered(self.history)
        return found["stage"].name, found[SEMANTICS].name

    @cached_property
    def words(self) -> Mapping[str, Words]:
        """Return the words for the codes that single values are, by field."""
        found = {
            n: self.reader.directories.words(self.entity, stored)
            for n, stored in self.fields.items()
            if n != "stage" and not stored.multiple and stored.field.type is Type.TEXT
        }
        return {n: words for n, words in found.items() if words}
