"""The working database of one run: an in-memory DuckDB with our readers in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from kpictl.expressions.sql import MACROS, text
from kpictl.sources import cells

Connection = duckdb.DuckDBPyConnection


class UnknownZone(ValueError):
    """A zone of Python's time zone database that DuckDB's lacks."""


def connect(zone: ZoneInfo) -> Connection:
    """Open a database whose zone is the company's. Row order is not kept unless asked for.

    UnknownZone where DuckDB does not know the zone, though Python does (`posix/Europe/Berlin`).
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET TimeZone = {text(zone.key)}")
    except duckdb.Error:
        connection.close()
        raise UnknownZone(zone.key) from None
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    # As one text: a statement of its own for each takes a third longer.
    connection.execute(";".join((*MACROS, *cells.macros(zone))))
    return connection


def rule_difference(connection: Connection, zone: ZoneInfo) -> date | None:
    """Return the first day on which DuckDB's rules of a zone differ from Python's, or None.

    Each has a time zone database of its own; where one is older than a country's last change, a
    moment near midnight may be put into another day.
    """
    if zone in _DIFFERENCES:
        return _DIFFERENCES[zone]
    rows = connection.execute(
        f"SELECT epoch(t), epoch(timezone({text(zone.key)}, t)) - epoch(t) FROM "
        f"(SELECT unnest(generate_series({_FIRST}, {_LAST}, INTERVAL 10 DAY)) AS t)"
    ).fetchall()
    moments = ((datetime.fromtimestamp(at, zone), timedelta(seconds=off)) for at, off in rows)
    days = (moment.date() for moment, offset in moments if moment.utcoffset() != offset)
    return _DIFFERENCES.setdefault(zone, next(days, None))


# By zone: neither of the two databases changes while a process runs.
_DIFFERENCES: dict[ZoneInfo, date | None] = {}
# The years that KPIs are about: before them nobody has a CRM, after them rules are guesses.
_FIRST, _LAST = "TIMESTAMPTZ '2000-01-01 00:00:00+00'", "TIMESTAMPTZ '2035-01-01 00:00:00+00'"


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
