"""Delimited text split into records, by the same rules as DuckDB's strict reader.

The standard `csv` module is not used: it takes a space before an opening quote for text where
DuckDB takes it for padding, so the two would disagree on where a record ends; and it cannot say
where an unclosed quote was opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from kpictl.tables.file import MAX_RECORD, TableFile, refusal

Record = tuple[int, list[str]]


class QuoteError(Exception):
    """A quote that never closes, or closes in the middle of a cell; `line` is where it opened."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


class _Splitter:
    """Cuts one record, given its first physical line and the lines that follow."""

    def __init__(self, delimiter: str, quote: str) -> None:
        d, q = re.escape(delimiter), re.escape(quote)
        body = rf" *+{q}([^{q}]*+(?:{q}{q}[^{q}]*+)*+)"
        end = rf"({d}|\r\n|\n|\r|\Z)"
        self._cell = re.compile(rf"(?:{body}{q} *+|((?! *{q})[^{d}\r\n]*+)){end}")
        self._open = re.compile(rf"{body}\Z")
        # `"Ромашка" ООО`: a quoted word begins a text. Its quotes close on the line where they
        # open, or any open quote could swallow lines up to the next one.
        word = rf" *+{q}[^{q}\r\n]*+(?:{q}{q}[^{q}\r\n]*+)*+{q}"
        self._worded = re.compile(rf"({word}[^{d}\r\n]*+){end}")
        self._delimiter, self._quote, self._double = delimiter, quote, quote * 2
        self._seam = f"{quote}{delimiter}{quote}"
        self._closed = f"{quote}{delimiter}"

    def simple(self, line: str) -> list[str] | None:
        """Split the usual line, where all cells are quoted and none holds a quote."""
        body = line.rstrip("\r\n")
        tail = body.endswith(self._closed)
        if not body.startswith(self._quote) or not (tail or body.endswith(self._quote)):
            return None
        cells = body[1 : -2 if tail else -1].split(self._seam)
        if body.count(self._quote) != 2 * len(cells):
            return None
        return [*cells, ""] if tail else cells

    def split(self, line: str, more: Iterator[str], number: int) -> tuple[list[str], int]:
        """Return the cells of a record and how many physical lines it took."""
        cells: list[str] = []
        used, place, ended = 1, 0, False
        while True:
            match = self._cell.match(line, place)
            if match is None and (worded := self._worded.match(line, place)):
                cells.append(worded[1])
                place = worded.end()
                if worded[2] != self._delimiter:
                    return cells, used
                continue
            if match is None:
                if ended or not self._open.match(line, place):
                    raise QuoteError(number + breaks(line[:place]))
                line, taken, ended = self._grow(line, more)
                used += taken
                continue
            quoted = match[1]
            cells.append(match[2] if quoted is None else quoted.replace(self._double, self._quote))
            place = match.end()
            if match[3] != self._delimiter:
                return cells, used

    def _grow(self, line: str, more: Iterator[str]) -> tuple[str, int, bool]:
        """Add physical lines up to one after which no quote is open; tell if there was none."""
        parts, size = [line], len(line)
        for extra in more:
            parts.append(extra)
            size += len(extra)
            if extra.count(self._quote) % 2:
                return "".join(parts), len(parts) - 1, False
            if size > MAX_RECORD:
                break
        return "".join(parts), len(parts) - 1, True


_splitter = cache(_Splitter)


def breaks(text: str) -> int:
    """Return how many line ends a text holds, whatever their kind."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def records(
    lines: Iterable[str], delimiter: str, quote: str = '"', first: int = 1
) -> Iterator[Record]:
    """Yield each record with the number of its first line; a blank line is a record of no cells.

    `lines` keep their ends (a file opened with `newline=""`). Raises `QuoteError`.
    """
    splitter = _splitter(delimiter, quote) if quote else None
    more = iter(lines)
    number = first
    for line in more:
        used = 1
        if not line.strip("\r\n"):
            cells: list[str] = []
        elif splitter is None or quote not in line:
            cells = line.rstrip("\r\n").split(delimiter)
        elif (quick := splitter.simple(line)) is not None:
            cells = quick
        else:
            cells, used = splitter.split(line, more, number)
        yield number, cells
        number += used


def _bare(cell: str) -> bool:
    """Tell whether a cell holds nothing; a line break is something, for lines are counted."""
    return not cell.strip(" \t\xa0")


def is_blank(cells: list[str], width: int) -> bool:
    """Tell whether a record says nothing: a blank line, or only spaces where cells should be."""
    if width == 1:
        return not any(cells[:1]) and all(_bare(cell) for cell in cells)
    return not cells or (len(cells) == 1 and _bare(cells[0]))


def fitted(cells: list[str], header: tuple[str, ...]) -> list[str] | None:
    """Return the cells as many as there are columns, or None where they do not fit.

    Missing nameless columns and blank cells too many, both made by a trailing delimiter, fit.
    """
    width = len(header)
    if len(cells) == width:
        return cells
    if any(header[len(cells) :]) or not all(_bare(cell) for cell in cells[width:]):
        return None
    return cells[:width] + [""] * (width - len(cells))


def data_records(table: TableFile) -> Iterator[Record]:
    """Yield the records below the header, blank ones too, with their places in the origin."""
    with table.path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for _ in range(table.skip):
            next(lines, "")
        start = table.skip + 1
        found = records(lines, table.delimiter, table.quote, start)
        for row, (line, cells) in enumerate(found, start):
            yield (row if table.by_row else line), cells


def rows(table: TableFile) -> Iterator[Record]:
    """Yield each row with the line where it starts in the origin (a sheet's or HTML table's row).

    Blank lines are passed over. Rows come as DuckDB gives them, '' standing for NULL; one that does
    not fit the header (`check_shape` tells of it) lacks no column all the same, and keeps the cells
    that it has too many.
    """
    try:
        for place, cells in data_records(table):
            if not is_blank(cells, table.width):
                fit = fitted(cells, table.header)
                yield place, fit or cells + [""] * (table.width - len(cells))
    except QuoteError as error:
        raise refusal(table.origin, "table.quote", error.line) from None
