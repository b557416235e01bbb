"""How what a pull has brought changes the store: replace, put in place of, take away."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kpictl.expressions.sql import name, text
from kpictl.store import ddl, history
from kpictl.store.bulk_insert import VIEW, packs, selected, shown
from kpictl.store.reader import Stored

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.store.work import Applied, PulledEntity

Changes = dict[str, dict[str, int]]
OWNERS = "deals"
"""Whose rows are read together with them."""


class Application:
    """Applying one entity. All of it is inside the caller's transaction."""

    def __init__(self, connection: Connection, stored: Stored, found: PulledEntity) -> None:
        self.connection, self.stored, self.found = connection, stored, found
        self.entity = found.entity
        self.target = stored.table(self.entity)
        self.rows = f"work.rows.{name(self.entity)}"
        self.swept = f"work.swept.{name(self.entity)}"

    def _has(self, database: str, schema: str) -> bool:
        return ddl.has_table(self.connection, database, schema, self.entity)

    @property
    def there(self) -> bool:
        return self._has(self.stored.database, self.stored.source)

    @property
    def brought(self) -> bool:
        return self._has("work", "rows")

    def _count(self, query: str) -> int:
        return int(self.stored.rows(query)[0][0])

    def will_have(self) -> int:
        """Return how many records the entity will have."""
        with ddl.comparing(self.connection):
            brought = self._count(f"SELECT count(*) FROM {self.rows}") if self.brought else 0
            if self.found.whole or not self.there:
                return brought - (self._count(self._gone(self.rows)) if self.brought else 0)
            before = self._count(f"SELECT count(*) FROM {self.target}")
            new = self._new() if self.brought else 0
            return before + new - self._count(self._gone(self.target))

    def _gone(self, table: str) -> str:
        """Return the count of the records of a table that the sweep has missed."""
        if self.found.swept_to is None or not self._has("work", "swept"):
            return "SELECT 0"
        return f"SELECT count(*) {self._missed(table)}"

    def _missed(self, table: str) -> str:
        return (
            f"FROM {table} s WHERE s._id <= {self.found.swept_to} "
            f"AND NOT EXISTS (SELECT 1 FROM {self.swept} w WHERE w._id = s._id)"
        )

    def _new(self) -> int:
        return self._count(
            f"SELECT count(*) FROM {self.rows} w "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self.target} s WHERE s._id = w._id)"
        )

    def _different(self) -> int:
        """Return how many of the rows that were brought say anything new: a pull looks back a
        little, and reads again what it knows."""
        if not self.brought:
            return 0
        stored = {ddl.column_key(c) for c in self.stored.columns(self.entity)}
        columns = ddl.columns_of(self.connection, "work", "rows", self.entity)
        shared = [c for c in columns if ddl.column_key(c) in stored]
        both = ", ".join(map(name, ("_id", *shared)))
        if len(stored) < len(columns):
            return self._count(f"SELECT count(*) FROM {self.rows}")
        near = f"_id IN (SELECT _id FROM {self.rows})"
        return self._count(
            f"SELECT count(*) FROM (SELECT {both} FROM {self.rows} "
            f"EXCEPT SELECT {both} FROM {self.target} WHERE {near})"
        )

    def unknown(self) -> list[int]:
        """Return the ids that the sweep has seen and nobody has brought."""
        if not self._has("work", "swept"):
            return []
        known = [self.rows] if self.brought else []
        if self.there and not self.found.whole:
            known.append(self.target)
        tests = "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {table} k WHERE k._id = w._id)" for table in known
        )
        with ddl.comparing(self.connection):
            rows = self.stored.rows(f"SELECT _id FROM {self.swept} w WHERE TRUE{tests}")
        return sorted(row[0] for row in rows)

    def run(self) -> dict[str, int]:
        """Change the entity's table; return how many records came, changed and went."""
        if self.found.whole or not self.there:
            brought = self._count(f"SELECT count(*) FROM {self.rows}") if self.brought else 0
            before = self._count(f"SELECT count(*) FROM {self.target}") if self.there else 0
            self._replace()
            changes = {"read": brought, "before": before}
        else:
            with ddl.comparing(self.connection):
                new = self._new() if self.brought else 0
                changes = {"new": new, "changed": self._different() - new}
                self._upsert()
        with ddl.comparing(self.connection):
            changes["gone"] = self._sweep()
        return changes

    def _replace(self) -> None:
        self.connection.execute(f"DROP TABLE IF EXISTS {self.target}")
        if self.brought:
            self.connection.execute(f"CREATE TABLE {self.target} AS SELECT * FROM {self.rows}")
            return
        self._make(self.found.columns)

    def _make(self, columns: tuple[str, ...]) -> None:
        ddl.make_table(
            self.connection, self.stored.database, self.stored.source, self.entity, columns
        )

    def _upsert(self) -> None:
        if self.found.owners and self._has("work", "swept"):
            owner = f"TRY_CAST({name(self.found.owners)} AS BIGINT)"
            self.connection.execute(
                f"DELETE FROM {self.target} WHERE {owner} IN (SELECT _id FROM {self.swept})"
            )
        if not self.brought:
            return
        self._make(ddl.columns_of(self.connection, "work", "rows", self.entity))
        self.connection.execute(
            f"DELETE FROM {self.target} WHERE _id IN (SELECT _id FROM {self.rows})"
        )
        self.connection.execute(f"INSERT INTO {self.target} BY NAME SELECT * FROM {self.rows}")

    def _sweep(self) -> int:
        """Take away what the sweep has not seen."""
        if self.found.swept_to is None or not self._has("work", "swept"):
            return 0
        count = self._count(self._gone(self.target))
        if count:
            self.connection.execute(f"DELETE {self._missed(self.target)}")
        return count

    def forget_the_ownerless(self) -> None:
        """Take away the rows of records that have gone."""
        owners = self.stored.table(OWNERS)
        columns = ddl.columns_of(
            self.connection, self.stored.database, self.stored.source, self.entity
        )
        # Where not a row has ever come, and every field was asked for, no field has a column yet.
        if self.found.owners in columns and self.found.owners and self.stored.columns(OWNERS):
            owner = f"TRY_CAST(s.{name(self.found.owners)} AS BIGINT)"
            self.connection.execute(
                f"DELETE FROM {self.target} s "
                f"WHERE NOT EXISTS (SELECT 1 FROM {owners} o WHERE o._id = {owner})"
            )

    def mark(self) -> None:
        """Note down how far the entity is complete now."""
        found, stored = self.found, self.stored
        if found.complete_to is None:
            return
        entities = f"{name(stored.database)}.entities"
        where = f"source = {text(stored.source)} AND entity = {text(self.entity)}"
        before = stored.rows(f"SELECT swept_at, last_id FROM {entities} WHERE {where}")
        swept = _naive(found.swept_at) or (before[0][0] if before else None)
        known = 0 if found.whole or not before else before[0][1] or 0
        last = max(found.last_id, known)
        self.connection.execute(f"DELETE FROM {entities} WHERE {where}")
        values: list[Any] = [
            stored.source,
            self.entity,
            _naive(found.complete_to),
            swept,
            self._count(f"SELECT count(*) FROM {self.target}"),
            last,
            list(found.columns),
            found.listing,
            _naive(found.since),
        ]
        marks = ", ".join("?" * len(values))
        self.connection.execute(f"INSERT INTO {entities} VALUES ({marks})", values)


def apply(connection: Connection, stored: Stored, applied: Applied) -> Changes:
    """Bring everything that was pulled into the store, inside the caller's transaction."""
    applications = [Application(connection, stored, found) for found in applied.found]
    tracked = [f for f in applied.found if f.entity in history.TRACKED]
    historians = [(history.Historian(connection, stored, f.entity), f) for f in tracked]
    for historian, _ in historians:
        historian.begin()
    changes: Changes = {one.entity: one.run() for one in applications}
    for historian, found in historians:
        historian.note(found.complete_to)
    for one in applications:
        one.forget_the_ownerless()
        one.mark()
    _describe(connection, stored, applied)
    database = name(stored.database)
    for key, value in applied.facts.items():
        where = f"source = {text(stored.source)} AND name = {text(key)}"
        connection.execute(f"DELETE FROM {database}.facts WHERE {where}")
        connection.execute(
            f"INSERT INTO {database}.facts VALUES (?, ?, ?)", [stored.source, key, value]
        )
    if applied.diary:
        connection.execute(
            f"INSERT INTO {database}.pulls SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? "
            f"FROM {database}.pulls",
            [
                applied.job,
                applied.source,
                _naive(applied.started),
                _naive(applied.finished),
                applied.requests,
                json.dumps(changes),
            ],
        )
    return changes


def _describe(connection: Connection, stored: Stored, applied: Applied) -> None:
    table = stored.table("fields")
    rows = [
        [entity, d.name, d.code, d.type, d.caption, "true" if d.multiple else "false",
         d.status_type, json.dumps([list(item) for item in d.items], ensure_ascii=False)]
        for entity, descriptions in applied.descriptions.items()
        for d in descriptions
    ]  # fmt: skip
    listed = ", ".join(text(entity) for entity in applied.descriptions)
    if listed:
        connection.execute(f"DELETE FROM {table} WHERE entity IN ({listed})")
    for pack in packs(rows):
        with shown(connection, pack):
            connection.execute(f"INSERT INTO {table} SELECT {selected(pack)} FROM {VIEW}")


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
