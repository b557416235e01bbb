"""What to do when DuckDB refuses a file: say what is wrong with it, or rewrite it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.tables.file import TableFile, scratch_file
from kpictl.tables.records import QuoteError, Record, data_records, fitted, is_blank
from kpictl.tables.spool import DELIMITER, MANY, write_record
from kpictl.tables.text import surely, to_utf8


def check_shape(table: TableFile) -> list[Problem]:
    """Return the lines whose cells do not fit the captions, and the quote that never closes.

    Reads the whole file in Python: for when DuckDB has refused it.
    """
    problems: list[Problem] = []
    for _ in _fitting(table, problems):
        if len(problems) >= MANY:
            break
    return problems


def mend(table: TableFile, scratch: Path, *, keep_ragged: bool = False) -> TableFile:
    """Rewrite a table that DuckDB refuses so that it will read it, or raise with all problems.

    Mends another encoding below an ASCII beginning, mixed line ends, missing last delimiters and
    lines of spaces. Lines keep their numbers. Those that do not fit are kept as they are where
    they may turn out to be no records.
    """
    found = _reencoded(table, scratch)
    problems: list[Problem] = []
    with scratch_file(scratch) as (path, out):
        out.write(b"\n" * found.skip)
        for place, cells in _fitting(found, problems, keep_ragged=keep_ragged):
            if len(problems) >= MANY:
                break
            if not cells:
                out.write(b"\n")
            elif not write_record(out, cells):
                problems.append(Problem("table.long", Place(found.origin, place)))
        if problems:
            raise SourceError(problems)
    return replace(found, path=path, delimiter=DELIMITER, quote='"')


recode = mend
"""The same under the name of its most common cause: an encoding that samples did not show."""


def _reencoded(table: TableFile, scratch: Path) -> TableFile:
    """Return the table in the encoding that reading all of it shows."""
    if table.encoding != "utf-8" or (true := surely(table.path, table.origin)) == "utf-8":
        return table
    path = to_utf8(table.path, table.origin, true, scratch)
    return replace(table, path=path, encoding=true)


def _fitting(
    table: TableFile, problems: list[Problem], *, keep_ragged: bool = False
) -> Iterator[Record]:
    """Yield the records that fit, blank ones as no cells; put the others into `problems`, unless
    they are to be kept."""
    try:
        for place, cells in data_records(table):
            if is_blank(cells, table.width):
                yield place, []
                continue
            fit = fitted(cells, table.header)
            if fit is None and keep_ragged:
                fit = cells
            elif fit is None:
                data = {"cells": len(cells), "columns": table.width}
                problems.append(Problem("table.ragged", Place(table.origin, place), data))
            yield place, fit or []
    except QuoteError as error:
        problems.append(Problem("table.quote", Place(table.origin, error.line)))
