"""The head start: the first pages of a list, read with what a pull asks before anything else.

Which fields to ask for is known only once the portal has described them, and the plan been bound;
where every field is brought it does not matter, and the first request has room for pages besides.
They count only if they are what the list would have brought by the names of the fields: `*` is
documented as all fields, and a field that is not among them is not to be lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import Replies, Row, Walk
from kpictl.bitrix24.rest.responses import Fault
from kpictl.bitrix24.sync.entity_sync import EVERYTHING, EntityReading
from kpictl.store import WalkState


class HeadStart(Struct):
    """The pages of an entity that fill up the first request. Whatever becomes of them, they are
    asked for once: a fault leaves them to the reading of the list."""

    walk: Walk
    done: bool = False
    flying: bool = False
    failures: int = 0
    ready_at: float = 0.0
    pages: int | None = None  # as many as there is room for, after everything else
    fault: Fault | None = None
    rows: list[Row] = []

    @property
    def entity(self) -> str:
        return self.walk.state.entity

    @property
    def method(self) -> str:
        return self.walk.method

    def commands(self, room: int, prefix: str) -> list[Command]:
        return self.walk.commands(room, prefix)

    def take(self, commands: Sequence[Command], replies: Replies) -> None:
        self.walk.take(commands, replies)
        self.rows, self.walk.taken, self.done = list(self.walk.taken or ()), None, True

    def deliver(self) -> None:
        """The rows stay where they are until the fields are known."""

    def fits(self, reading: EntityReading) -> bool:
        """Say whether the rows are the beginning of what a reading is going to bring."""
        named = frozenset(reading.named)
        return (
            bool(self.rows)
            and reading.entity == self.entity
            and reading.listing.method == self.method
            and reading.whole
            and reading.start is None
            and all(named <= row.keys() for row in self.rows)
        )

    def begin(self, reading: EntityReading, walk: Walk) -> None:
        """Let the first walk of a reading that fits go on from these rows."""
        rows: Sequence[Row] = self.rows
        if EVERYTHING not in reading.columns:  # what is not described is not asked for by its name
            names: dict[str, Any] = dict.fromkeys((reading.listing.id, *reading.columns))
            rows = [{name: row[name] for name in names} for row in rows]
        walk.go_on_from(rows)


def head_start(wanted: Sequence[str], items: Mapping[str, int]) -> HeadStart | None:
    """Return the head start of the first entity of whose records any field can be asked for."""
    for entity in wanted:
        listing = methods.listing(entity, items)
        if listing is not None and listing.older is not None and listing.paging == "ids":
            state = WalkState(f"{entity}/head", entity, "all")
            return HeadStart(Walk(state, listing, (EVERYTHING,), lambda _, __: None))
    return None
