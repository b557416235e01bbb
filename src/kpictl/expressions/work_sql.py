"""Working time as DuckDB SQL: looked up in a table of one row whose columns are lists.

`make_table` writes a `CumulativeTable` into a database; the functions here return the SQL that
reads it. A list is read by the number of its entry, so that no record is joined with anything.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from kpictl.calendar.cumulative import DAY_MICROS, CumulativeTable
from kpictl.expressions.context import WorkTable


def make_table(connection: Any, name: str, table: CumulativeTable) -> WorkTable:
    """Write a table of working time under a name in SQL."""
    columns = {
        "worked": table.worked,
        "shown": table.shown,
        "working_days": table.working_days,
        "is_working": table.is_working,
        "unknown": table.unknown,
        "is_unknown": table.is_unknown,
        **{f"start_{n}": cells for n, cells in enumerate(table.starts)},
        **{f"length_{n}": cells for n, cells in enumerate(table.lengths)},
        **{f"turn_{n}": cells for n, cells in enumerate(table.turns)},
    }
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} ({', '.join(f'{key} BIGINT[]' for key in columns)})"
    )
    slots = ", ".join("?" for _ in columns)
    connection.execute(f"INSERT INTO {name} VALUES ({slots})", list(columns.values()))
    return WorkTable(name, _micros(table.first), table.days, len(table.starts), len(table.turns))


def _micros(day: date) -> int:
    return int(datetime.combine(day, time.min, UTC).timestamp()) * 1_000_000


def worked_before(instant: str, table: WorkTable) -> str:
    """Return the microseconds of working time before an instant, since the table begins."""
    entry, inside = _entry(instant, table), _inside(instant, table)
    parts = [_cell(table, "worked", entry)]
    for n in range(table.spans):
        start, length = _cell(table, f"start_{n}", entry), _cell(table, f"length_{n}", entry)
        parts.append(f"greatest(0, least({inside} - {start}, {length}))")
    return f"({' + '.join(parts)})"


def is_working_at(instant: str, table: WorkTable) -> str:
    """Return whether an instant is working time."""
    entry, inside = _entry(instant, table), _inside(instant, table)
    tests = []
    for n in range(table.spans):
        start, length = _cell(table, f"start_{n}", entry), _cell(table, f"length_{n}", entry)
        tests.append(f"({inside} >= {start} AND {inside} < {start} + {length})")
    return f"({' OR '.join(tests) or 'FALSE'})"


def shown_day(instant: str, table: WorkTable) -> str:
    """Return the entry of the day that the clock of whoever works shows at an instant."""
    entry, inside = _entry(instant, table), _inside(instant, table)
    turned = [
        f"CAST({inside} >= {_cell(table, f'turn_{n}', entry)} AS BIGINT)"
        for n in range(table.turns)
    ]
    return f"({' + '.join([_cell(table, 'shown', entry), *turned])})"


def day(sql: str, table: WorkTable) -> str:
    """Return the entry of a calendar day."""
    first = datetime.fromtimestamp(table.first / 1_000_000, UTC).date()
    return f"least(greatest(CAST({sql} - DATE '{first}' AS BIGINT), 0), {table.days - 1})"


def of_day(table: WorkTable, column: str, entry: str) -> str:
    """Return what a column says of a day, by its entry."""
    return _cell(table, column, f"({entry} + {table.run} + 1)")


def known_between(entry: str, other: str, table: WorkTable) -> str:
    """Return whether all days from one entry to another, in whatever order, are known."""
    first, last = f"least({entry}, {other})", f"greatest({entry}, {other})"
    before, until = of_day(table, "unknown", first), of_day(table, "unknown", last)
    return f"({until} + {of_day(table, 'is_unknown', last)} - {before} = 0)"


def _since(instant: str, table: WorkTable) -> str:
    return f"(epoch_us({instant}) - {table.first})"


def _entry(instant: str, table: WorkTable) -> str:
    """Return the number, from 1, of the entry of an instant's day in UTC; of all time before and
    after the table that of its first and last."""
    number = f"least(greatest({_since(instant, table)} // {DAY_MICROS}, 0), {table.days - 1})"
    return f"({number} + {table.run} + 1)"


def _inside(instant: str, table: WorkTable) -> str:
    return f"({_since(instant, table)} % {DAY_MICROS})"


def _cell(table: WorkTable, column: str, entry: str) -> str:
    return f"(SELECT {column} FROM {table.name})[{entry}]"
