"""The working database of one run: an in-memory DuckDB with our readers in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import duckdb

from kpictl.expressions.sql import MACROS, text
from kpictl.sources import cells

Connection = duckdb.DuckDBPyConnection


def connect(zone: ZoneInfo) -> Connection:
    """Open a database whose zone is the company's. Row order is not kept unless asked for."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET TimeZone = {text(zone.key)}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    for statement in (*MACROS, *cells.macros(zone)):
        connection.execute(statement)
    return connection


@contextmanager
def ordered(connection: Connection) -> Iterator[None]:
    """Keep the order of lines while a table is made, so that `rowid` counts them."""
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute("SET preserve_insertion_order = false")


def seal(connection: Connection) -> None:
    """Cut the database off from files and network; nothing after this needs them."""
    connection.execute("SET enable_external_access = false")
