"""How the store looks on disk, the only place with its DDL, and how older ones become newer.

`.kpictl/store.duckdb` beside the plan holds the last complete state of every portal of the plan;
`.kpictl/pull.duckdb` what a pull in progress has brought. Both are secrets of the company: the
folder is 0700, the files 0600.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.errors import StoreError, UsageError
from kpictl.expressions.sql import name, text

if TYPE_CHECKING:
    from kpictl.database import Connection

FOLDER = ".kpictl"
STORE, WORK = (f"{name}.duckdb" for name in ("store", "pull"))
_WRITABLE = "READ_WRITE, ROW_GROUP_SIZE 20480"
STORAGE = "v1.5.0"
"""The format of the files: that of the oldest DuckDB we run with. By itself each DuckDB makes new
files in its own, and 1.5 cannot read that of 2.0."""
MEMORY, COMPARING = "64MB", "128MB"
"""What the database may take: to write rows down as they come, and to compare millions of ids."""
LAYOUT = 2
"""The layout that this version writes."""

_HISTORY = """history(source VARCHAR, entity VARCHAR, id BIGINT, number BIGINT, since TIMESTAMP,
        state VARCHAR[])"""
"""What records were from a pull on: `since` is NULL for what the first pull found, `state` for what
was gone; `number` counts the pulls that saw a change."""
_TABLES = (
    "layout(version INTEGER)",
    """pulls(number BIGINT, job VARCHAR, source VARCHAR, started TIMESTAMP, finished TIMESTAMP,
        requests BIGINT, changes VARCHAR)""",
    """entities(source VARCHAR, entity VARCHAR, complete_to TIMESTAMP, swept_at TIMESTAMP,
        "rows" BIGINT, last_id BIGINT, columns VARCHAR[], listing VARCHAR, since TIMESTAMP)""",
    "facts(source VARCHAR, name VARCHAR, value VARCHAR)",
    _HISTORY,
)
FIELDS = (
    "entity VARCHAR, name VARCHAR, code VARCHAR, type VARCHAR, caption VARCHAR,"
    " multiple BOOLEAN, status_type VARCHAR, items VARCHAR"
)
"""Columns of the table of field descriptions that every source has."""

Migrations = Mapping[int, tuple[str, ...]]
MIGRATIONS: Migrations = {1: (f"CREATE TABLE {_HISTORY}",)}
"""Layout → the statements that make the next one of it, run in one transaction."""

_WORK_TABLES = (
    "job(key VARCHAR, value VARCHAR)",
    """walks(id VARCHAR, entity VARCHAR, kind VARCHAR, cursor BIGINT, until BIGINT, last BIGINT,
        since VARCHAR, done BOOLEAN, read BIGINT)""",
)


def folder_of(plan: str | Path) -> Path:
    """Return the folder of the store that belongs to a plan file."""
    return Path(plan).resolve().parent / FOLDER


def make_folder(folder: Path) -> None:
    """Make the store's folder; it keeps itself out of version control."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise StoreError("store.no_folder", file=str(folder)) from None
    refuse_open(folder)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", "utf-8")


def refuse_open(folder: Path) -> None:
    """Refuse a folder in which group or others may write, as far as it is there: they could put
    another store in the place of ours. UsageError."""
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:
        return
    if os.name == "posix" and mode & 0o022:
        command = f"chmod go-w {shlex.quote(str(folder))}"
        raise UsageError("store.open_folder", file=str(folder), mode=f"{mode:o}", command=command)


def writable(path: Path) -> str:
    """Return how to open a file for writing: what is not yet a whole group of rows is held in
    memory. A file that is there keeps its format, which can be raised but not lowered."""
    return _WRITABLE if path.exists() else f"{_WRITABLE}, STORAGE_VERSION {text(STORAGE)}"


@contextmanager
def private(path: Path) -> Iterator[None]:
    """Whatever is made here, the file and what the database lays beside it, is the user's alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
    if path.exists():
        path.chmod(0o600)


def has_plenty(connection: Connection) -> bool:
    """Say whether large records have made the database take more than it is to compare with."""
    row = connection.execute(
        "SELECT current_setting('memory_limit') LIKE '%GiB' OR "
        "replace(current_setting('memory_limit'), ' MiB', '')::DOUBLE > 130"
    ).fetchone()
    return bool(row and row[0])


@contextmanager
def comparing(connection: Connection) -> Iterator[None]:
    """Let the database take more for a while; what does not fit even so goes through the disk."""
    if has_plenty(connection):
        yield
        return
    connection.execute(f"SET memory_limit = '{COMPARING}'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{MEMORY}'")


def prepare(
    connection: Connection,
    database: str,
    *,
    migrations: Migrations = MIGRATIONS,
    layout: int = LAYOUT,
) -> None:
    """Bring an attached store to this version's layout. StoreError when it is a newer one's."""
    found = version(connection, database)
    if found is None:
        connection.begin()
        for table in _TABLES:
            connection.execute(f"CREATE TABLE {name(database)}.{table}")
        connection.execute(f"INSERT INTO {name(database)}.layout VALUES ({layout})")
        connection.commit()
        return
    refuse_newer(found, layout)
    while found < layout:
        connection.begin()
        connection.execute(f"USE {name(database)}")
        for statement in migrations[found]:
            connection.execute(statement)
        found += 1
        connection.execute(f"UPDATE layout SET version = {found}")
        connection.commit()
        connection.execute("USE memory")


def version(connection: Connection, database: str) -> int | None:
    """Return the layout of an attached store, None when it is empty."""
    there = connection.execute(
        "SELECT count(*) FROM duckdb_tables() "
        f"WHERE database_name = {text(database)} AND table_name = 'layout'"
    ).fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute(f"SELECT version FROM {name(database)}.layout").fetchone()
    return None if row is None else int(row[0])


def refuse_newer(found: int, layout: int = LAYOUT) -> None:
    """Stop at a store that a newer version of the program has written."""
    if found > layout:
        raise StoreError("store.newer", found=found, known=layout)


def prepare_work(connection: Connection, database: str) -> None:
    """Make the tables of a pull in progress, where they are not there yet."""
    for table in _WORK_TABLES:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name(database)}.{table}")


def make_schema(connection: Connection, database: str, schema: str) -> None:
    """Make the schema of a source, with its table of field descriptions."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name(database)}.{name(schema)}")
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {name(database)}.{name(schema)}.fields({FIELDS})"
    )


def columns_of(connection: Connection, database: str, schema: str, table: str) -> tuple[str, ...]:
    """Return the delivered fields that a table has columns for; () when there is no such table."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() "
        f"WHERE database_name = {text(database)} AND schema_name = {text(schema)} "
        f"AND table_name = {text(table)} AND column_name <> '_id' ORDER BY column_index"
    ).fetchall()
    return tuple(str(row[0]) for row in rows)


def has_table(connection: Connection, database: str, schema: str, table: str) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM duckdb_tables() "
        f"WHERE database_name = {text(database)} AND schema_name = {text(schema)} "
        f"AND table_name = {text(table)}"
    ).fetchone()
    return bool(row and row[0])


def column_key(field: str) -> str:
    """Return what tells a column from others: the database looks past the size of ASCII letters."""
    return field.translate(_SMALL)


_SMALL = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


def can_be_column(field: str) -> bool:
    """Say whether a delivered field can have a column: no name at all cannot, nor can our own."""
    return field != "" and column_key(field) != "_id"


def make_table(
    connection: Connection, database: str, schema: str, table: str, columns: tuple[str, ...]
) -> None:
    """Make an entity's table, or give it the columns that it lacks."""
    full = f"{name(database)}.{name(schema)}.{name(table)}"
    connection.execute(f"CREATE TABLE IF NOT EXISTS {full}(_id BIGINT)")
    there = {column_key(c) for c in columns_of(connection, database, schema, table)}
    for column in columns:
        if column_key(column) not in there:
            connection.execute(f"ALTER TABLE {full} ADD COLUMN {name(column)} VARCHAR")
            there.add(column_key(column))
