"""What an opened table is, and the two small tools that every reader of this package needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from kpictl.errors import Place, Problem, SourceError

CONVERTED = frozenset({"xlsx", "html"})
MAX_RECORD = 16 * 1024 * 1024
"""The longest record that is read; beyond it an open quote has swallowed the file."""


class Origins(Struct, frozen=True):
    """Which cell of a table each record was made of, where a line of it makes several.

    `lines` and `columns` (from 0) are the cells of the records. `of` says of each column of the
    records in which column of the table it stands: None in that of the cell. `captions` says of
    each on which line, where it holds a caption; 0 where it stands on the line of the cell.
    """

    lines: Sequence[int]
    columns: Sequence[int]
    of: tuple[int | None, ...]
    captions: tuple[int, ...]

    def place(self, origin: str, record: int, column: int | None) -> Place:
        """Return where a record of that number (from 0) is written, or one of its columns."""
        if not 0 <= record < len(self.lines):
            return Place(origin)
        own = self.columns[record]
        if column is None:
            return Place(origin, self.lines[record], own + 1)
        of = self.of[column]
        return Place(
            origin, self.captions[column] or self.lines[record], (own if of is None else of) + 1
        )


class TableFile(Struct, frozen=True):
    """A table in a UTF-8 delimited text file, ready for DuckDB's parallel reader."""

    origin: str
    """The path as the user wrote it, for messages."""
    path: Path
    """The UTF-8 file to read: the user's own wherever possible."""
    delimiter: str
    quote: str
    header: tuple[str, ...]
    """Captions, stripped; a nameless column is ''."""
    skip: int
    """Physical lines before the first data record."""
    width: int
    """Columns of a data line, nameless ones included."""
    encoding: str
    """As found: utf-8, cp1251, utf-16 …; xlsx for any workbook; html."""
    modified: float
    """When the origin was last changed, as in `os.stat`."""
    epoch: int = 1900
    """The year from which a workbook counts its days: 1900, or 1904 of old Macintoshes."""
    above: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The rows above the captions that say anything, each with its number."""
    origins: Origins | None = None
    """Where its records come from, if they are no lines of the origin."""

    @property
    def by_row(self) -> bool:
        """Whether places are rows of a sheet or of an HTML table, not lines of a text."""
        return self.is_converted or self.origins is not None

    @property
    def is_converted(self) -> bool:
        """Whether it comes from a workbook or an HTML table."""
        return self.encoding in CONVERTED

    def at(self, line: int, column: int | None = None) -> Place:
        """Return where a record is written that `rows` gives as on a `line`, or one of its cells,
        by its column from 0."""
        if self.origins is not None:
            return self.origins.place(self.origin, line - self.skip - 1, column)
        return Place(self.origin, line, 0 if column is None else column + 1)


class Wishes(Struct, frozen=True):
    """What the user said about a file that otherwise would be found out."""

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None


class Source(Struct, frozen=True):
    """A file to be opened, as far as it is known before reading it."""

    path: Path
    origin: str
    start: bytes
    """The first bytes, enough to tell what it is."""
    size: int
    modified: float


def refusal(origin: str, code: str, line: int = 0, **data: object) -> SourceError:
    """Return the error that refuses a file for one reason, placed in it."""
    return SourceError([Problem(code, Place(origin, line), data)])


@contextmanager
def scratch_file(scratch: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a new file under `scratch`; it is removed when filling it fails."""
    scratch.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="table-", suffix=".csv", dir=scratch)
    path = Path(name).resolve()
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as out:
            yield path, out
    except BaseException:
        path.unlink(missing_ok=True)
        raise
