"""What a pull that has not ended has brought so far: one that was cut off, or is still running."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.expressions.sql import name, text
from kpictl.store import ddl
from kpictl.store.reader import is_locked

if TYPE_CHECKING:
    from kpictl.database import Connection

_DATABASE = "unfinished"


class Unfinished(Struct, frozen=True):
    """A pull that has not ended. `process` is the one that is at work, None where it was cut off;
    `read` is entity → records brought, known only of one that was cut off."""

    process: str | None = None
    read: Mapping[str, int] = {}


def unfinished(connection: Connection, folder: Path) -> Unfinished | None:
    """Return the pull that has not ended, None when there is none; never waits."""
    import duckdb

    path = folder / ddl.WORK
    if not path.is_file():
        return None
    try:
        connection.execute(f"ATTACH {text(str(path))} AS {name(_DATABASE)} (READ_ONLY)")
    except duckdb.Error as error:
        if not is_locked(error):
            return None  # of no use to the next pull either: it begins anew
        process = re.search(r"PID (\d+)", str(error))
        return Unfinished(process[1] if process else "?")
    try:
        return _left(connection)
    except duckdb.Error:
        return None
    finally:
        connection.execute(f"DETACH {name(_DATABASE)}")


def _left(connection: Connection) -> Unfinished | None:
    job = connection.execute(f"SELECT count(*) FROM {name(_DATABASE)}.job").fetchone()
    if not job or not job[0]:
        return None
    rows = connection.execute(
        f"SELECT entity, sum(read) FROM {name(_DATABASE)}.walks "
        "WHERE entity <> '' GROUP BY entity ORDER BY entity"
    ).fetchall()
    return Unfinished(None, {entity: int(read or 0) for entity, read in rows})
