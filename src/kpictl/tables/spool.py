"""Rows that come from no text file, written as one: commas, line feeds, every cell quoted.

Rows are numbered as in their origin: one record per row, blank lines for blank rows, for the
captions and for what stands above them. So a row's number is the count of records, and no map of
numbers is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from kpictl.errors import Place, Problem, SourceError
from kpictl.tables.file import MAX_RECORD, refusal, scratch_file
from kpictl.tables.head import caption, refuse_title
from kpictl.tables.records import Record, fitted

DELIMITER = ","
TOP = 21
"""So many rows show whether a title stands above the captions."""
MOST_ABOVE = 200
"""So many rows above the captions are remembered."""
MANY = 20
"""After so many problems of one file, the rest is more of the same."""


class Spooled(Struct):
    """A written file: its captions and the number of their row."""

    path: Path
    header: tuple[str, ...] = ()
    skip: int = 0
    problems: list[Problem] = []
    epoch: int = 1900
    """The year from which a workbook counts days."""
    above: list[tuple[int, tuple[str, ...]]] = []
    """The rows above the captions that say anything."""


def write_record(out: BinaryIO, cells: list[str]) -> bool:
    """Write one record; tell whether it is short enough to be read again."""
    text = '","'.join(cells)
    if text.count('"') > 2 * len(cells) - 2:
        text = '","'.join(cell.replace('"', '""') for cell in cells)
    return out.write(f'"{text}"\n'.encode("utf-8", "replace")) < MAX_RECORD


def spool(
    rows: Iterable[list[str]], origin: str, scratch: Path, header_row: int | None, width: int = 0
) -> Spooled:
    """Write rows, the first being number 1, below the captions found among them.

    The table is as wide as its captions, or `width`, whichever is more.
    """
    number = blank = 0
    top: list[Record] = []
    with scratch_file(scratch) as (path, out):
        result = Spooled(path)
        for number, cells in enumerate(rows, 1):
            if not any(cell.strip() for cell in cells):
                blank += 1
                continue
            if len(top) < TOP:
                top.append((number, cells))
            if result.skip:
                out.write(b"\n" * blank)
                blank = 0
                _add(result, out, Place(origin, number), cells)
            elif header_row in (None, number):
                result.header, result.skip = _captions(cells, width), number
                out.write(b"\n" * number)
                blank = 0
            elif len(result.above) < MOST_ABOVE:
                result.above.append((number, tuple(map(caption, cells))))
            if len(result.problems) >= MANY:
                break
        _refuse(result, origin, header_row, number, top)
    return result


def _refuse(
    result: Spooled, origin: str, header_row: int | None, last: int, top: list[Record]
) -> None:
    """Raise what is wrong with rows of which `last` is the number of the last one, `top` the first
    ones that say anything."""
    if not last or (header_row is None and not top):
        raise refusal(origin, "table.empty")
    if not result.skip:
        raise refusal(origin, "table.header_row", row=header_row, rows=last)
    if header_row is None:
        refuse_title(origin, top)
    if result.problems:
        raise SourceError(result.problems)


def _captions(cells: list[str], width: int) -> tuple[str, ...]:
    header = [caption(cell) for cell in cells]
    while len(header) > width and not header[-1]:
        del header[-1]
    return (*header, *[""] * (width - len(header)))


def _add(result: Spooled, out: BinaryIO, place: Place, cells: list[str]) -> None:
    """Write one row; one that is wider than the captions is a problem, a shorter one is not."""
    width = len(result.header)
    fit = fitted(cells + [""] * (width - len(cells)), result.header)
    if fit is None:
        data = {"cells": len(cells), "columns": width}
        result.problems.append(Problem("table.ragged", place, data))
    elif not write_record(out, fit):
        result.problems.append(Problem("table.long", place))
