"""Pulling a pretended portal, and comparing the store with what the portal really holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from kpictl.bitrix24.rest.access import Webhook
from kpictl.bitrix24.rest.client import Client
from kpictl.bitrix24.rest.transport import Wire
from kpictl.bitrix24.sync.conductor import Pull
from kpictl.bitrix24.sync.headstart import head_start
from kpictl.bitrix24.sync.order import Listener, Need, Order, Outcome
from kpictl.database import connect
from kpictl.store import Mark, Work, attach, ddl
from portal import Portal, World

FIELDS = frozenset({"title", "opportunity", "stageId", "updatedTime"})
Records = dict[int, tuple[Any, ...]]


def money(text: Any) -> Decimal | None:
    """Return an amount as a number: one method writes 5.00 where another writes 5."""
    return None if text in (None, "") else Decimal(text)


def truth(world: World) -> Records:
    """Return what the portal holds of its deals."""
    return {
        row["ID"]: (row["TITLE"], money(row["OPPORTUNITY"]), row["STAGE_ID"], row["DATE_MODIFY"])
        for row in map(world["deals"].row, world["deals"].ids)
    }


@dataclass
class Trip:
    """A portal that is served, and a folder into which it is pulled."""

    portal: Portal
    folder: Path
    items: Mapping[str, int] = field(default_factory=dict)
    listener: Listener = field(default_factory=Listener)
    client: Client | None = None

    def pull(
        self,
        entities: Sequence[str] = ("deals",),
        *,
        columns: Mapping[str, frozenset[str]] | None = None,
        head: bool = False,
        **order: Any,
    ) -> Outcome:
        """Pull entities, as one process would; `columns` are the fields that KPIs read of them,
        `head` lets the first request bring pages."""
        clock = self.portal.clock
        wire = Wire(Webhook(self.portal.webhook))
        self.client = Client(wire, clock=clock, jitter=lambda: 0.5)
        asked = Order("crm", tuple(entities), items=self.items, **order)
        read = {"deals": FIELDS} if columns is None else columns
        needs = {e: Need(read.get(e, frozenset())) for e in entities}
        work = Work(self.folder, "crm")
        try:
            job = Pull(asked, tuple(entities), self.client, clock, lambda: work, lambda: needs,
                       self.listener,
                       head_start(entities, self.items) if head else None, not head)  # fmt: skip
            return job.run()
        finally:
            work.close()
            wire.close()

    def rows(self, entity: str, *columns: str) -> dict[int, tuple[Any, ...]]:
        """Return what the store holds of an entity, by id."""
        connection = connect(ZoneInfo("Europe/Moscow"))
        try:
            stored = attach(connection, self.folder, "crm")
            assert stored is not None
            listed = ", ".join(f'"{c}"' for c in columns)
            query = f"SELECT _id{', ' if columns else ''}{listed} FROM {stored.table(entity)}"
            found = stored.rows(query)
            assert len({row[0] for row in found}) == len(found), "a record is there twice"
            return {row[0]: row[1:] for row in found}
        finally:
            connection.close()

    @contextmanager
    def store(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the store, to make of it what an earlier pull might have left."""
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"ATTACH '{self.folder / ddl.STORE}' AS store")
            yield connection

    @property
    def deals(self) -> Records:
        found = self.rows("deals", "title", "opportunity", "stageId", "updatedTime")
        return {i: (t, money(o), s, u) for i, (t, o, s, u) in found.items()}

    @property
    def marks(self) -> Mapping[str, Mark]:
        connection = connect(ZoneInfo("UTC"))
        try:
            stored = attach(connection, self.folder, "crm")
            return {} if stored is None else dict(stored.marks)
        finally:
            connection.close()

    def fact(self, name: str) -> str | None:
        connection = connect(ZoneInfo("UTC"))
        try:
            stored = attach(connection, self.folder, "crm")
            return None if stored is None else stored.fact(name)
        finally:
            connection.close()

    @property
    def requests(self) -> int:
        return int(self.portal.counters["requests"])


@contextmanager
def trip(portal: Portal, folder: Path, **more: Any) -> Iterator[Trip]:
    with portal.serve():
        yield Trip(portal, folder / ".kpictl", **more)
