"""The end of a table's file: its last records, and a copy of the file without some of them."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kpictl.tables.file import MAX_RECORD, TableFile, scratch_file
from kpictl.tables.records import QuoteError, breaks, data_records, records

_END = 1 << 16
_GLANCE = 1 << 13
_CHUNK = 1 << 20
SMALL = 1 << 20
"""Files up to this size are looked at whole."""


class TailRecord(Struct, frozen=True):
    """A record with the physical lines that it takes, counted from the beginning of the tail."""

    first: int
    lines: int
    cells: list[str]


class Tail(Struct, frozen=True):
    """The last lines of a file from byte `start` on, split into records.

    `whole` says that no record precedes them.
    """

    start: int
    texts: tuple[str, ...]
    records: tuple[TailRecord, ...]
    whole: bool

    def places(self, table: TableFile, chosen: Sequence[TailRecord]) -> list[int]:
        """Return where the chosen records are written in the origin."""
        if table.by_row:
            ends = len(self.records)
            numbers = {id(r): n for n, r in enumerate(self.records)}
            last = sum(1 for _ in data_records(table)) + table.skip
            return [last - ends + 1 + numbers[id(r)] for r in chosen]
        before = 0
        if self.start:
            with table.path.open("rb") as file:
                remaining = self.start
                while remaining and (chunk := file.read(min(_CHUNK, remaining))):
                    before += breaks(chunk.decode("latin-1"))
                    remaining -= len(chunk)
        return [before + r.first + 1 for r in chosen]


def read_tail(table: TableFile, least: int = 0, *, glance: bool = False) -> Tail | None:
    """Return the end of a table with more than twice so many records; all of it where it is small,
    unless a `glance` will do; None where it cannot be split."""
    size = table.path.stat().st_size
    reach = _GLANCE if glance else size if size <= SMALL else _END
    while True:
        tail = _read(table, max(size - reach, 0))
        if tail is not None and (tail.whole or len(tail.records) > 2 * least):
            return tail
        if reach >= min(size, MAX_RECORD):  # a record that is longer is none
            return None
        reach *= 8


def _read(table: TableFile, start: int) -> Tail | None:
    with table.path.open("rb") as file:
        file.seek(start)
        data = file.read()
    if start:
        cut = data.find(b"\n") + 1
        if not cut:
            return None
        start, data = start + cut, data[cut:]
    texts = tuple(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""))
    skip = 0 if start else table.skip
    try:
        lines = iter(texts[skip:])
        split = list(records(lines, table.delimiter, table.quote, skip))
    except QuoteError:
        return None
    if start and not split:
        return None
    ends = [first for first, _ in split[1:]] + [len(texts)]
    found = [
        TailRecord(first, end - first, cells)
        for (first, cells), end in zip(split, ends, strict=False)
    ]
    fitting = sum(len(r.cells) == table.width for r in found)
    if start and fitting * 2 < len(found):
        return None
    return Tail(start, texts, tuple(found), not start)


def without_records(
    table: TableFile, tail: Tail, chosen: Collection[TailRecord], scratch: Path
) -> TableFile:
    """Return the table read from a copy with blank lines in place of the chosen records, so that
    the others keep their numbers."""
    first = {r.first: r for r in chosen}
    with table.path.open("rb") as source, scratch_file(scratch) as (path, out):
        remaining = tail.start
        while remaining and (chunk := source.read(min(_CHUNK, remaining))):
            out.write(chunk)
            remaining -= len(chunk)
        place = 0
        while place < len(tail.texts):
            if record := first.get(place):
                ends = [_end(text) for text in tail.texts[place : place + record.lines]]
                # A row of a sheet is one record, however many lines its cells have.
                out.write("".join(ends[-1:] if table.by_row else ends).encode())
                place += record.lines
            else:
                out.write(tail.texts[place].encode("utf-8", "surrogateescape"))
                place += 1
    return replace(table, path=path)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
