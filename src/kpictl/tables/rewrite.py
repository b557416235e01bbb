"""A table written anew: other records, or another column."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from kpictl.tables.file import TableFile, refusal, scratch_file
from kpictl.tables.records import QuoteError, data_records, fitted, is_blank


def write_table(
    table: TableFile, header: tuple[str, ...], records: Iterable[list[str]], scratch: Path
) -> TableFile:
    """Return a table of the same origin with other captions and records, one a line, which the
    caller says the places of."""
    with scratch_file(scratch) as (path, out):
        out.write(b"\n")
        for cells in records:
            out.write(_line(cells, table.delimiter))
    return replace(table, path=path, header=header, skip=1, width=len(header), quote='"')


def with_constant(table: TableFile, caption: str, value: str, scratch: Path) -> TableFile:
    """Return a table with one more column, of which each cell holds the same text."""
    header = (*table.header, caption)
    with scratch_file(scratch) as (path, out):
        out.write(b"\n" * table.skip)
        for cells in _all(table):
            out.write(b"\n" if cells is None else _line([*cells, value], table.delimiter))
    return replace(table, path=path, header=header, width=len(header), quote='"')


def _all(table: TableFile) -> Iterable[list[str] | None]:
    """Yield the cells of all records, None for a blank one; lines keep their numbers: a cell that
    takes several is followed by as many blank ones."""
    expected = table.skip + 1
    try:
        for place, cells in data_records(table):
            for _ in range(place - expected):
                yield None
            expected = place + 1
            if is_blank(cells, table.width):
                yield None
                continue
            fit = fitted(cells, table.header)
            whole = fit or cells
            # Of a text a record has to keep its one line, and those below it theirs.
            yield whole if table.by_row else [" ".join(c.splitlines()) for c in whole]
    except QuoteError as error:
        raise refusal(table.origin, "table.quote", error.line) from None


def _line(cells: list[str], delimiter: str) -> bytes:
    text = f'"{delimiter}"'.join(cell.replace('"', '""') for cell in cells)
    return f'"{text}"\n'.encode("utf-8", "replace")
