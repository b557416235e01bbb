"""The SQL by which DuckDB reads an opened table."""

from __future__ import annotations

from collections.abc import Sequence

from kpictl.tables.file import MAX_RECORD, TableFile


def duckdb_scan(table: TableFile, columns: Sequence[str] | None = None) -> str:
    """Return the table expression that reads all cells as text, in parallel.

    `columns` name the columns in order (c0, c1 … by default), nameless ones included. Strict mode
    stays on, since without it an unclosed quote swallows rows silently; `null_padding` stays off,
    since it refuses line breaks inside cells. Both let DuckDB fail where `check_shape` explains.
    The line end is left to be found: a wrong one given would read as no rows at all.
    """
    names = list(columns) if columns is not None else [f"c{n}" for n in range(table.width)]
    if len(names) != table.width:
        message = f"{len(names)} names for {table.width} columns"
        raise ValueError(message)
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    options = {
        "auto_detect": "false",
        "header": "false",
        "skip": str(table.skip),
        "delim": _text(table.delimiter),
        "quote": _text(table.quote),
        "escape": _text(table.quote),
        "encoding": "'utf-8'",
        "compression": "'none'",
        "hive_partitioning": "false",
        # The buffer of the default size, and not 16 times the longest line: that would leave
        # no work for a second thread.
        "max_line_size": str(MAX_RECORD),
        "buffer_size": str(2 * MAX_RECORD),
        "columns": f"{{{types}}}",
    }
    settings = ", ".join(f"{name} = {value}" for name, value in options.items())
    scan = f"read_csv({_text(_literal(str(table.path)))}, {settings})"
    if table.width > 1:
        return scan
    name = names[0].replace('"', '""')
    # A blank line is a row of one empty cell to DuckDB.
    return f'(SELECT * FROM {scan} WHERE "{name}" IS NOT NULL)'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _literal(path: str) -> str:
    """Return a path in which no character stands for others."""
    return "".join(f"[{char}]" if char in "[*?" else char for char in path)
