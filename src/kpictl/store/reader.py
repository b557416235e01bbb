"""The store as a command reads it: attached to its own database, read-only, one source of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.errors import StoreError
from kpictl.expressions.sql import name, text
from kpictl.store import ddl
from kpictl.store.healing import is_regular

if TYPE_CHECKING:
    from kpictl.database import Connection

PULLED = "pulled"
PATIENCE = 60.0
"""Seconds that a reader waits for a pull to write down what it has brought, and it for readers."""


class Mark(Struct, frozen=True):
    """How far an entity has been pulled: every change up to `complete_to` (aware) is there.

    `since` is set where only records changed from then on were asked for. `columns` are delivered
    names, `listing` the method that brought them, `last_id` the highest id ever seen.
    """

    entity: str
    complete_to: datetime
    swept_at: datetime | None
    rows: int
    columns: tuple[str, ...]
    last_id: int = 0
    listing: str = ""
    since: datetime | None = None


class FieldDescription(Struct, frozen=True):
    """A field as the portal describes it; `items` are (id, value) of an enumeration."""

    name: str
    code: str
    type: str
    caption: str
    multiple: bool = False
    status_type: str | None = None
    items: tuple[tuple[str, str], ...] = ()


class Pulled(Struct, frozen=True):
    """One pull in the store's diary; `changes` is entity → what changed → how many."""

    number: int
    source: str
    started: datetime
    finished: datetime
    requests: int
    changes: Mapping[str, Mapping[str, int]]


class Stored(Struct, frozen=True, dict=True):
    """A source's part of a store that is attached to a connection as a database."""

    connection: Connection
    source: str
    database: str = PULLED
    _columns: dict[str, tuple[str, ...]] = {}

    @cached_property
    def marks(self) -> Mapping[str, Mark]:
        """Return, by entity, how far it has been pulled."""
        rows = self.rows(
            'SELECT entity, complete_to, swept_at, "rows", columns, last_id, listing, since '
            f"FROM {name(self.database)}.entities WHERE source = {text(self.source)} "
            "ORDER BY entity"
        )
        return {row[0]: _mark(row) for row in rows}

    def table(self, entity: str) -> str:
        """Return the SQL name of an entity's table."""
        return f"{name(self.database)}.{name(self.source)}.{name(entity)}"

    def columns(self, entity: str) -> tuple[str, ...]:
        """Return the delivered fields that are stored; () when there is no such table."""
        if entity not in self._columns:
            self._columns[entity] = ddl.columns_of(
                self.connection, self.database, self.source, entity
            )
        return self._columns[entity]

    def descriptions(self, entity: str) -> tuple[FieldDescription, ...]:
        """Return the portal's own descriptions of an entity's fields, in its order."""
        if not self.columns("fields"):
            return ()
        rows = self.rows(
            "SELECT name, code, type, caption, multiple, status_type, items "
            f"FROM {self.table('fields')} WHERE entity = {text(entity)} ORDER BY rowid"
        )
        return tuple(
            FieldDescription(n, code, kind, caption, multiple, status_type, _items(items))
            for n, code, kind, caption, multiple, status_type, items in rows
        )

    def fact(self, key: str) -> str | None:
        """Return something the store knows of the portal: scopes, base_currency, user, …"""
        rows = self.rows(
            f"SELECT value FROM {name(self.database)}.facts "
            f"WHERE source = {text(self.source)} AND name = {text(key)}"
        )
        return rows[0][0] if rows else None

    def pulls(self, limit: int = 10) -> list[Pulled]:
        """Return the last pulls, newest first."""
        rows = self.rows(
            "SELECT number, source, started, finished, requests, changes "
            f"FROM {name(self.database)}.pulls WHERE source = {text(self.source)} "
            f"ORDER BY number DESC LIMIT {limit}"
        )
        return [
            Pulled(n, s, _aware(a), _aware(b), requests, json.loads(changes or "{}"))
            for n, s, a, b, requests, changes in rows
        ]

    def records(self, entity: str) -> list[Mapping[str, str | None]]:
        """Return a short list as it was delivered, in its order; [] when there is none."""
        columns = self.columns(entity)
        if not columns:
            return []
        named = ", ".join(name(column) for column in columns)
        rows = self.rows(f"SELECT {named} FROM {self.table(entity)} ORDER BY _id")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


def _items(packed: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((ident, value) for ident, value in json.loads(packed or "[]"))


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _mark(row: tuple[Any, ...]) -> Mark:
    entity, complete_to, swept_at, rows, columns, last_id, listing, since = row
    return Mark(
        entity,
        _aware(complete_to),
        _aware(swept_at) if swept_at else None,
        rows,
        tuple(columns or ()),
        last_id or 0,
        listing or "",
        _aware(since) if since else None,
    )


def attach(connection: Connection, folder: Path, source: str) -> Stored | None:
    """Attach the store read-only; None when nothing was ever pulled. StoreError: locked by a
    pull that is writing, damaged, or of a newer version. Attaching it twice is no harm."""
    path = folder / ddl.STORE
    ddl.refuse_open(folder)
    if not path.is_file():
        return None
    there = connection.execute(
        f"SELECT count(*) FROM duckdb_databases() WHERE database_name = {text(PULLED)}"
    ).fetchone()
    if not there or not there[0]:
        attach_patiently(connection, path, PULLED, "READ_ONLY")
    found = ddl.version(connection, PULLED)
    if found is None:
        return None
    ddl.refuse_newer(found)
    return Stored(connection, source)


def attach_patiently(connection: Connection, path: Path, database: str, mode: str) -> None:
    """Attach a database file, waiting while another process has it. StoreError."""
    import time

    import duckdb

    if not is_regular(path):
        raise StoreError("store.no_file", file=str(path))
    began = time.monotonic()
    while True:
        try:
            connection.execute(f"ATTACH {text(str(path))} AS {name(database)} ({mode})")
        except duckdb.Error as error:
            if not is_locked(error):
                raise unreadable(path, error) from None
            if time.monotonic() - began > PATIENCE:
                raise StoreError("store.locked", file=path.name) from None
            time.sleep(0.05)
        else:
            return


def is_locked(error: Exception) -> bool:
    """Say whether a file could not be opened because another process has it."""
    said = str(error).lower()
    locked = ("could not set lock", "conflicting lock", "being used by another process")
    return any(one in said for one in locked)


_FULL = ("no space", "disk full", "could not write", "checkpoint during detach failed")
_DENIED = ("permission", "read-only file system")


@contextmanager
def sound(folder: Path) -> Iterator[None]:
    """Say so where the store's file turns out to be damaged, or the disk full, in the middle of
    something: not every part of a file is read when it is opened."""
    try:
        yield
    except Exception as error:
        import duckdb  # not before: a pull first asks the portal, then loads the database

        if not isinstance(error, duckdb.Error) or not _of_the_file(error):
            raise
        raise unreadable(folder / ddl.STORE, error) from None


def _of_the_file(error: Exception) -> bool:
    """Say whether the database stumbled over its file. A block whose checksum is wrong comes as an
    error of no class of its own."""
    import duckdb

    said = str(error).lower()
    if "corrupt database" in said:
        return True
    broken = (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException)
    ours = ddl.FOLDER in said or _FULL[-1] in said
    return ours and (isinstance(error, broken) or _FULL[2] in said)


def is_damage(error: Exception) -> bool:
    """Say whether a file is at fault that the database cannot open, and not its disk or rights."""
    said = str(error).lower()
    return not any(one in said for one in (*_FULL, *_DENIED))


def unreadable(path: Path, error: Exception) -> StoreError:
    """Return what to say of a file that the database cannot open or write."""
    detail = str(error).splitlines()[0]
    said = detail.lower()
    if (named := re.search(r'"([^"]+\.duckdb)(?:\.wal)?"', detail)) is not None:
        path = Path(named[1])  # of the two files the one that it is about
    if any(one in said for one in _FULL):
        return StoreError("store.disk_full", file=path.name)
    whole = str(error).lower()
    if "newer version of duckdb" in whole or "unsupported storage version" in whole:
        import duckdb

        return StoreError("store.newer_database", file=str(path), version=duckdb.__version__)
    if any(one in said for one in _DENIED):
        return StoreError("store.no_access", file=str(path), detail=detail)
    return StoreError("store.damaged", file=str(path), detail=detail)
