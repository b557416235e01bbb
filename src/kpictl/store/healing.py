"""What lies where the file of a pull in progress should be: kept if sound, else thrown away.

It holds nothing that a portal cannot give again, so nothing in it is worth a failed pull.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.expressions.sql import name, text

if TYPE_CHECKING:
    from kpictl.database import Connection

_PROBES = (
    "SELECT key, value FROM {database}.job",
    "SELECT id, entity, kind, cursor, until, last, since, done, read FROM {database}.walks",
)


def is_regular(path: Path) -> bool:
    """Say whether a database may be opened, or made, at a path: what is no file (a folder, a named
    pipe, a link to nowhere) would fail, or keep it waiting for ever."""
    return path.is_file() or not (path.exists() or path.is_symlink())


def probe(connection: Connection, database: str) -> None:
    """Read every block of an attached pull in progress, where one was left. A duckdb.Error says
    that it is damaged, or that its tables are of another version."""
    jobs = [connection.execute(q.format(database=name(database))).fetchall() for q in _PROBES]
    if any(jobs):
        read_every_block(connection, database)


def read_every_block(connection: Connection, database: str) -> int:
    """Read all that an attached database holds; return how many tables that is. A duckdb.Error
    says that a block is not as it was written."""
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        f"WHERE database_name = {text(database)} ORDER BY 1, 2"
    ).fetchall()
    for schema, table in tables:
        full = f"{name(database)}.{name(schema)}.{name(table)}"
        connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {full}").fetchall()
    return len(tables)


def discard(path: Path) -> None:
    """Take away what lies at a path, and what the database has laid beside it. A folder is nothing
    that we have made: it is moved aside."""
    for one in (path, path.with_name(f"{path.name}.wal")):
        if one.is_dir() and not one.is_symlink():
            with suppress(OSError):
                one.rmdir()
                continue
            _move_aside(one)
        else:
            one.unlink(missing_ok=True)


def _move_aside(folder: Path) -> None:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(aside)
