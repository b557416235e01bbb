"""What a pull in progress has brought, and how it becomes the store's next complete state.

Rows and the place where their reading stands are committed together, so that a pull killed at any
moment goes on from its last page. The store itself changes in one transaction at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from kpictl.errors import StoreError
from kpictl.expressions.sql import name, text
from kpictl.store import ddl, healing
from kpictl.store.bulk_insert import VIEW, Cells, packs, present, shown
from kpictl.store.memory import Memory
from kpictl.store.reader import (
    FieldDescription,
    Stored,
    attach_patiently,
    is_damage,
    is_locked,
    unreadable,
)

_DATABASE = "work"
_TARGET = "store"
_ROWS, _SWEPT = "rows", "swept"


class WalkState(Struct):
    """Where the reading of a stretch of ids stands: all up to `cursor` has been brought.

    `until` is the last id of the stretch (None: no end), `last` the highest id that was there when
    the reading began, `since` the moment (as the portal writes it) from which changes are read.
    """

    id: str
    entity: str
    kind: str
    cursor: int = 0
    until: int | None = None
    last: int | None = None
    since: str | None = None
    done: bool = False
    read: int = 0


class PulledEntity(Struct, frozen=True):
    """What a pull has brought of an entity. `whole` replaces what was there; else the rows are
    changes. `swept_to`: ids up to there that the sweep did not see are gone. `owners` is the column
    that says to which record a row belongs, where the rows of a record are read together; the
    records that were read are then in place of swept ids."""

    entity: str
    whole: bool
    complete_to: datetime | None = None
    columns: tuple[str, ...] = ()
    listing: str = ""
    since: datetime | None = None
    last_id: int = 0
    swept_to: int | None = None
    swept_at: datetime | None = None
    owners: str | None = None


class Applied(Struct, frozen=True):
    """Everything that one pull changes in the store, in one transaction."""

    source: str
    job: str
    started: datetime
    finished: datetime
    requests: int
    found: tuple[PulledEntity, ...]
    descriptions: Mapping[str, Sequence[FieldDescription]] = {}
    facts: Mapping[str, str] = {}
    diary: bool = True


class Work:
    """The pull in progress of one source. Only one process has it at a time."""

    def __init__(self, folder: Path, source: str) -> None:
        """Open it, or make it. StoreError: another pull holds it, or the file is damaged."""
        import duckdb

        self.folder, self.source = folder, source
        self._made: dict[str, frozenset[str]] = {}  # entity → columns that its table has
        self._memory = Memory()
        self.discarded = False  # what an earlier pull had left was damaged
        self.path = folder / ddl.WORK
        ddl.make_folder(folder)
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": ddl.MEMORY,
                "threads": 1,
                "preserve_insertion_order": False,
                "temp_directory": str(folder / "tmp"),
            },
        )
        try:
            self._open()
        except BaseException:
            self.connection.close()
            raise

    def _open(self) -> None:
        import duckdb

        with ddl.private(self.path):
            if not healing.is_regular(self.path):
                self._discard()
            try:
                self._attach()
            except duckdb.Error as error:
                if is_locked(error):
                    process = re.search(r"PID (\d+)", str(error))
                    held = process[1] if process else "?"
                    raise StoreError("store.busy", process=held) from None
                if not is_damage(error):
                    raise unreadable(self.path, error) from None
                self._discard()
                try:
                    self._attach()
                except duckdb.Error as again:
                    raise unreadable(self.path, again) from None

    def _attach(self) -> None:
        self.connection.execute(
            f"ATTACH {text(str(self.path))} AS {_DATABASE} ({ddl.writable(self.path)})"
        )
        ddl.prepare_work(self.connection, _DATABASE)
        for schema in (_ROWS, _SWEPT):
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_DATABASE}.{schema}")
        self._memory.enough(self.connection, lambda: healing.probe(self.connection, _DATABASE))

    def _discard(self) -> None:
        """Throw away what lies in the place of the pull in progress: of no use, and in the way."""
        self._execute(f"DETACH DATABASE IF EXISTS {_DATABASE}")
        healing.discard(self.path)
        self.discarded = True

    def close(self) -> None:
        self.connection.close()

    # --- the job -------------------------------------------------------------------------

    def job(self) -> dict[str, str]:
        """Return what the unfinished pull was asked for; {} when there is none."""
        return dict(self._all(f"SELECT key, value FROM {_DATABASE}.job"))

    def begin(self, job: Mapping[str, str]) -> None:
        """Forget whatever an earlier pull has left, and note down what this one is to bring."""
        self._made.clear()
        with self._transaction():
            for schema in (_ROWS, _SWEPT):
                self._execute(f"DROP SCHEMA {_DATABASE}.{schema} CASCADE")
                self._execute(f"CREATE SCHEMA {_DATABASE}.{schema}")
            for table in ("job", "walks"):
                self._execute(f"DELETE FROM {_DATABASE}.{table}")
            self._note(job)

    def note(self, job: Mapping[str, str]) -> None:
        """Note more about the job down."""
        with self._transaction():
            self._note(job)

    def _note(self, job: Mapping[str, str]) -> None:
        for key, value in job.items():
            self._execute(f"DELETE FROM {_DATABASE}.job WHERE key = {text(key)}")
            self._execute(f"INSERT INTO {_DATABASE}.job VALUES (?, ?)", [key, value])

    def walks(self) -> list[WalkState]:
        """Return where every reading stands, in the order in which they were begun."""
        return [WalkState(*row) for row in self._all(f"SELECT * FROM {_DATABASE}.walks")]

    def forget(self, kinds: Iterable[str]) -> None:
        """Forget the readings of some kinds: they are to begin anew."""
        listed = ", ".join(text(kind) for kind in kinds)
        with self._transaction():
            self._execute(f"DELETE FROM {_DATABASE}.walks WHERE kind IN ({listed})")

    # --- bringing ------------------------------------------------------------------------

    def put(
        self,
        states: Iterable[WalkState],
        entity: str = "",
        columns: Sequence[str] = (),
        rows: Sequence[Cells] = (),
        *,
        fresh: bool = False,
    ) -> None:
        """Write rows down, and where their reading then stands, in one transaction.

        A row is its id and a delivered value for each column. `fresh` ids are known not to be there
        yet; others replace what was brought before.
        """
        states = tuple(states)

        def put() -> None:
            with self._transaction():
                if entity not in self._made or not self._made[entity] >= set(columns):
                    ddl.make_table(self.connection, _DATABASE, _ROWS, entity, tuple(columns))
                self._put_rows(f"{_DATABASE}.{_ROWS}.{name(entity)}", columns, rows, fresh=fresh)
                self._states(states)

        self._memory.enough(self.connection, put)
        self._made[entity] = self._made.get(entity, frozenset()) | set(columns)

    def put_lists(self, lists: Mapping[str, tuple[Sequence[str], Sequence[Cells]]]) -> None:
        """Write down lists, each with its columns, in place of what was brought of them before."""
        with self._transaction():
            for entity, (columns, rows) in lists.items():
                table = f"{_DATABASE}.{_ROWS}.{name(entity)}"
                typed = ", ".join(["_id BIGINT", *(f"{name(c)} VARCHAR" for c in columns)])
                self._execute(f"CREATE OR REPLACE TABLE {table}({typed})")
                self._put_rows(table, columns, rows, fresh=True)
        for entity in lists:
            self._made.pop(entity, None)

    def _put_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Cells], *, fresh: bool
    ) -> None:
        for pack in packs(rows):
            filled = present(pack)[1:]
            names = "".join(f", {name(columns[number - 1])}" for number in filled)
            cells = "".join(f", c{number}" for number in filled)
            with shown(self.connection, pack):
                if not fresh:
                    ids = f"SELECT CAST(c0 AS BIGINT) FROM {VIEW}"
                    self._execute(f"DELETE FROM {table} WHERE _id IN ({ids})")
                self._execute(
                    f"INSERT INTO {table} (_id{names}) SELECT CAST(c0 AS BIGINT){cells} FROM {VIEW}"
                )

    def put_ids(self, states: Iterable[WalkState], entity: str, ids: Sequence[int]) -> None:
        """Write down which ids a sweep has seen, and where it stands."""
        with self._transaction():
            ddl.make_table(self.connection, _DATABASE, _SWEPT, entity, ())
            if ids:
                self._execute(
                    f"INSERT INTO {_DATABASE}.{_SWEPT}.{name(entity)} "
                    "SELECT unnest(from_json(CAST($1 AS JSON), '[\"BIGINT\"]'))",
                    [json.dumps(list(ids))],
                )
            self._states(states)

    def clear_ids(self, entity: str) -> None:
        """Forget what a sweep has seen of an entity."""
        with self._transaction():
            self._execute(f"DROP TABLE IF EXISTS {_DATABASE}.{_SWEPT}.{name(entity)}")

    def _states(self, states: Iterable[WalkState]) -> None:
        for state in states:
            self._execute(f"DELETE FROM {_DATABASE}.walks WHERE id = {text(state.id)}")
            marks = ", ".join("?" * len(astuple(state)))
            self._execute(f"INSERT INTO {_DATABASE}.walks VALUES ({marks})", list(astuple(state)))

    def brought(self, entity: str) -> int:
        """Return how many records of an entity this pull has brought so far."""
        if not ddl.has_table(self.connection, _DATABASE, _ROWS, entity):
            return 0
        return int(self._all(f"SELECT count(*) FROM {_DATABASE}.{_ROWS}.{name(entity)}")[0][0])

    def brought_table(self, entity: str) -> str | None:
        """Return the SQL name of the table of what this pull has brought; None: nothing of it."""
        there = ddl.has_table(self.connection, _DATABASE, _ROWS, entity)
        return f"{_DATABASE}.{_ROWS}.{name(entity)}" if there else None

    def ids(self, entity: str) -> list[int]:
        """Return the ids of the records that this pull has brought, ascending."""
        if not ddl.has_table(self.connection, _DATABASE, _ROWS, entity):
            return []
        table = f"{_DATABASE}.{_ROWS}.{name(entity)}"
        return [r[0] for r in self._all(f"SELECT _id FROM {table} ORDER BY _id")]

    def last_id(self, entity: str) -> int:
        """Return the highest id that this pull has brought, 0 when none."""
        if not ddl.has_table(self.connection, _DATABASE, _ROWS, entity):
            return 0
        table = f"{_DATABASE}.{_ROWS}.{name(entity)}"
        return int(self._all(f"SELECT coalesce(max(_id), 0) FROM {table}")[0][0])

    # --- the store's next state ----------------------------------------------------------

    @contextmanager
    def store(self) -> Iterator[Stored]:
        """Open the store for reading and writing, as shortly as possible."""
        path = self.folder / ddl.STORE
        with ddl.private(path):
            attach_patiently(self.connection, path, _TARGET, ddl.writable(path))
        try:
            ddl.prepare(self.connection, _TARGET)
            ddl.make_schema(self.connection, _TARGET, self.source)
            yield Stored(self.connection, self.source, _TARGET)
        finally:
            self._execute("USE memory")
            self._execute(f"DETACH {_TARGET}")

    def counted(self, stored: Stored, found: PulledEntity) -> int:
        """Return how many records an entity will have once what was found is applied."""
        from kpictl.store.merge import Application

        return Application(self.connection, stored, found).will_have()

    def unknown(self, stored: Stored, found: PulledEntity) -> list[int]:
        """Return the ids that a sweep has seen and that neither the store nor this pull has."""
        from kpictl.store.merge import Application

        return Application(self.connection, stored, found).unknown()

    def apply(self, applied: Applied) -> dict[str, dict[str, int]]:
        """Make what was brought the store's state; return what changed, by entity.

        One transaction: a process killed here leaves the state of before or of after.
        """
        from kpictl.store.merge import apply

        def run() -> dict[str, dict[str, int]]:
            with self.store() as stored, self._transaction():
                return apply(self.connection, stored, applied)

        return self._memory.enough(self.connection, run)

    def was_applied(self, job: str) -> bool:
        """Say whether a pull has reached the store already."""
        with self.store() as stored:
            query = f"SELECT count(*) FROM {_TARGET}.pulls WHERE job = {text(job)}"
            return bool(stored.rows(query)[0][0])

    # --- the database --------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        import duckdb

        self.connection.begin()
        try:
            yield
            self.connection.commit()
        except BaseException as error:
            with suppress(duckdb.Error):  # a failed commit has rolled back already
                self.connection.rollback()
            if isinstance(error, duckdb.IOException | duckdb.FatalException):
                raise unreadable(self.path, error) from None
            raise

    def _execute(self, statement: str, values: list[Any] | None = None) -> None:
        self.connection.execute(statement, values)

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()
