"""What users and departments were, and since which pull: the portal itself knows only today's.

Inside the caller's transaction each change is noted down that a pull has brought; what the first
one finds holds as far back as anybody knows. An older store has no history: it begins with what
the pull before had left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.expressions.sql import name, text
from kpictl.store import ddl

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.store.reader import Stored

TRACKED: Mapping[str, tuple[str, ...]] = {
    "users": ("ACTIVE", "WORK_POSITION", "UF_DEPARTMENT"),
    "departments": ("NAME", "PARENT", "UF_HEAD"),
}
"""The fields whose changes are kept, in the order in which a state has them."""
_DELETED = frozenset({"departments"})
"""Of what a pull does not bring it is known that it is gone. No user ever is, but dismissed: a list
of users may be shorter because pages of it failed."""
SINCE = "history_since"
"""The fact that says from when on changes are known."""


class PastState(Struct, frozen=True):
    """What a record was from `since` on (aware; None: as far back as is known). `state` has the
    tracked fields in their order; None where the record was gone."""

    id: int
    since: datetime | None
    state: Mapping[str, str] | None


class Historian:
    """Notes down what becomes of the records of one entity."""

    def __init__(self, connection: Connection, stored: Stored, entity: str) -> None:
        self.connection, self.stored, self.entity = connection, stored, entity
        self.table = f"{name(stored.database)}.history"
        self.own = f"source = {text(stored.source)} AND entity = {text(entity)}"

    @property
    def has_begun(self) -> bool:
        return bool(self.stored.rows(f"SELECT count(*) FROM {self.table} WHERE {self.own}")[0][0])

    def begin(self) -> None:
        """Take what an earlier pull has left for the beginning, where there is no history yet."""
        there = ddl.has_table(
            self.connection, self.stored.database, self.stored.source, self.entity
        )
        if there and not self.has_begun:
            marks = (
                f"SELECT complete_to FROM {name(self.stored.database)}.entities WHERE {self.own}"
            )
            known = self.stored.rows(marks)
            self._note(None)
            self._say_since(known[0][0] if known else None)

    def note(self, moment: datetime | None) -> None:
        """Note down what is another now, as of a moment (aware)."""
        at = None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
        if self.has_begun:
            self._note(at)
        else:
            self._note(None)
            self._say_since(at)

    def _note(self, at: datetime | None) -> None:
        target = self.stored.table(self.entity)
        there = {ddl.column_key(c) for c in self.stored.columns(self.entity)}
        cells = (
            f"trim(coalesce({name(c)}, ''))" if ddl.column_key(c) in there else "''"
            for c in TRACKED[self.entity]
        )
        state = f"[{', '.join(cells)}]"
        latest = f"SELECT id, last(state ORDER BY number) AS s FROM {self._own()} GROUP BY id"
        join = "FULL" if self.entity in _DELETED else "LEFT"
        number = f"(SELECT coalesce(max(number), 0) + 1 FROM {self.table})"
        head = f"SELECT {text(self.stored.source)}, {text(self.entity)}"
        self.connection.execute(
            f"INSERT INTO {self.table} WITH latest AS ({latest}), "
            f"now AS (SELECT _id, {state} AS state FROM {target}) "
            f"{head}, coalesce(_id, id), {number}, ?::TIMESTAMP, state "
            f"FROM now {join} JOIN latest ON id = _id WHERE state IS DISTINCT FROM s",
            [at],
        )

    def _own(self) -> str:
        return f"(SELECT * FROM {self.table} WHERE {self.own})"

    def _say_since(self, at: datetime | None) -> None:
        facts = f"{name(self.stored.database)}.facts"
        where = f"source = {text(self.stored.source)} AND name = {text(SINCE)}"
        if at is not None and not self.stored.rows(f"SELECT 1 FROM {facts} WHERE {where}"):
            moment = at.replace(tzinfo=UTC).isoformat()
            self.connection.execute(
                f"INSERT INTO {facts} VALUES (?, ?, ?)", [self.stored.source, SINCE, moment]
            )


def states(stored: Stored, entity: str) -> Iterator[PastState]:
    """Yield what the records of an entity were, oldest first; of an older store nothing."""
    there = stored.connection.execute(
        "SELECT count(*) FROM duckdb_tables() "
        f"WHERE database_name = {text(stored.database)} AND table_name = 'history'"
    ).fetchone()
    if not there or not there[0]:
        return
    rows = stored.rows(
        f"SELECT id, since, state FROM {name(stored.database)}.history "
        f"WHERE source = {text(stored.source)} AND entity = {text(entity)} ORDER BY number, id"
    )
    for ident, since, state in rows:
        aware = None if since is None else since.replace(tzinfo=UTC)
        held = None if state is None else dict(zip(TRACKED[entity], state, strict=True))
        yield PastState(ident, aware, held)


def known_since(stored: Stored) -> datetime | None:
    """Return the moment from which on changes of users and departments are known."""
    said = stored.fact(SINCE)
    return None if said is None else datetime.fromisoformat(said)
