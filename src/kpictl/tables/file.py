"""What an opened table is, and the two small tools that every reader of this package needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kpictl.errors import Place, Problem, SourceError

CONVERTED = frozenset({"xlsx", "html"})
MAX_RECORD = 16 * 1024 * 1024
"""The longest record that is read; beyond it an open quote has swallowed the file."""


@dataclass(frozen=True, slots=True)
class TableFile:
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

    @property
    def by_row(self) -> bool:
        """Whether places are rows of a sheet or of an HTML table, not lines of a text."""
        return self.encoding in CONVERTED


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user said about a file that otherwise would be found out."""

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
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
