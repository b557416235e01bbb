"""Working databases that are used again: to open one and to define our readers takes longer than to
compute a plan of ten lines.

Only what opens a workspace in this process is given one, emptied of every table, view and attached
store. It differs from a fresh one in that it is never sealed. Where that matters, a test asks for
the fixture `cold`; commands in processes of their own, and every fifth input of `fuzz`, have fresh ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb

from kpictl import database
from kpictl.sources import cells

MOST = 4
"""So many wait for their next use, each zone."""
_OURS = "NOT internal AND database_name IN ('memory', 'temp')"
_LEFT = f"""
    SELECT 'VIEW', database_name, schema_name, view_name FROM duckdb_views() WHERE {_OURS}
    UNION ALL SELECT 'TABLE', database_name, schema_name, table_name FROM duckdb_tables() WHERE {_OURS}
    UNION ALL SELECT 'SCHEMA', database_name, '', schema_name FROM duckdb_schemas()
        WHERE {_OURS} AND schema_name <> 'main'
"""
_ATTACHED = """
    SELECT database_name FROM duckdb_databases()
    WHERE NOT internal AND database_name NOT IN ('memory', 'temp')
"""
_idle: defaultdict[str, list[Warm]] = defaultdict(list)


class Warm:
    """A connection that is emptied where others are closed. Functions written in Python go, too, or
    nobody would miss them who forgets to define them."""

    def __init__(self, real: Any, zone: ZoneInfo) -> None:
        self._real, self._zone = real, zone
        self._functions: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_function(self, name: str, *words: Any, **more: Any) -> None:
        self._real.create_function(name, *words, **more)
        self._functions.append(name)

    def close(self) -> None:
        if len(_idle[self._zone.key]) < MOST:
            try:
                if self._forgets():
                    self._empty()
                    _idle[self._zone.key].append(self)
                    return
            except duckdb.Error:  # broken by what it was made to read
                pass
        self._real.close()

    def _forgets(self) -> bool:
        """Remove the functions; say whether they are gone, as with DuckDB 1.5 they often are not.
        There all that are known are looked through, which takes longer than a small plan."""
        names = self._functions
        self._functions = []
        for name in names:
            self._real.remove_function(name)
        if not names or not duckdb.__version__.startswith("1."):
            return True
        known = self._real.execute("SELECT DISTINCT function_name FROM duckdb_functions()")
        return not {name for (name,) in known.fetchall()} & set(names)

    def _empty(self) -> None:
        cells._DEFINED.discard(self)  # type: ignore[arg-type]  # noqa: SLF001
        for kind, *names in self._real.execute(_LEFT).fetchall():
            path = ".".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names if name)
            self._real.execute(f"DROP {kind} IF EXISTS {path} CASCADE")
        for (name,) in self._real.execute(_ATTACHED).fetchall():
            self._real.execute(f'DETACH "{name}"')
        self._real.execute(f"SET TimeZone = '{self._zone.key}'")
        self._real.execute("SET preserve_insertion_order = false")


@contextmanager
def warm() -> Iterator[None]:
    """Open workspaces with databases that were used before, and never sealed."""
    with patch("kpictl.app.workspace.connect", _connect), patch("kpictl.measure.dataset.seal"):
        yield


@contextmanager
def cold() -> Iterator[None]:
    """Open workspaces with fresh databases, as every command does."""
    with (
        patch("kpictl.app.workspace.connect", database.connect),
        patch("kpictl.measure.dataset.seal", database.seal),
    ):
        yield


def _connect(zone: ZoneInfo) -> Any:
    idle = _idle[zone.key]
    return idle.pop() if idle else Warm(database.connect(zone), zone)
