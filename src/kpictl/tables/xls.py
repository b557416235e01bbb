"""What an .xls file says of itself ([MS-XLS], and Excel 5 before it), before it is read."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from kpictl.errors import KpictlError
from kpictl.tables.file import Source, refusal
from kpictl.tables.ole import CompoundFile, DamagedFile
from kpictl.tables.outline import MAX_CELLS, Outline
from kpictl.tables.workbook import WholeBook

STREAMS = ("Workbook", "Book")
MAX_FILE = 1 << 28
"""The largest file, in bytes, that is read: the reader needs a few times as much."""

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
_BOF, _EOF, _SHEET, _PASSWORD, _DATES, _TEXTS = 0x0809, 0x000A, 0x0085, 0x002F, 0x0022, 0x00FC
_EXTENT, _ERROR, _FORMULA, _MANY_NUMBERS = 0x0200, 0x0205, 0x0006, 0x00BD
_ONE_CELL = frozenset((0x0203, 0x0204, 0x00FD, 0x00D6, 0x027E, _ERROR, _FORMULA))
_BIFF8 = 0x0600


class Workbook(WholeBook):
    """The sheets of an .xls file. The reader takes in all of them when it opens the file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.epoch = 1900
        if source.size > MAX_FILE:
            sizes = {"size": source.size >> 20, "limit": MAX_FILE >> 20}
            raise refusal(source.origin, "table.large_file", **sizes)
        self._data = source.path.read_bytes()
        try:
            stream = self._stream()
            sheets = self._globals(stream)
            self._outlines = [(name, _outline(stream, at)) for name, at in sheets]
        except (DamagedFile, IndexError, struct.error):
            raise self._no_table() from None

    def content(self, sheet: str, outline: Outline) -> bytes:  # noqa: ARG002
        return self._data

    def _stream(self) -> bytes:
        file = CompoundFile(self._data)
        name = next((one for one in STREAMS if one in file), None)
        if name is None:
            if "EncryptedPackage" in file:  # a newer workbook, locked
                raise refusal(self._source.origin, "table.password")
            raise self._no_table()
        return file.read(name)

    def _globals(self, stream: bytes) -> list[tuple[str, int]]:
        """Return the sheets and where they begin, and learn what holds for the whole workbook."""
        sheets: list[tuple[str, int]] = []
        version = _BIFF8
        for kind, start, size in _records(stream, 0):
            if kind == _BOF:
                (version,) = struct.unpack_from("<H", stream, start)
            elif kind == _PASSWORD:
                raise refusal(self._source.origin, "table.password")
            elif kind == _DATES:
                self.epoch = 1904 if stream[start : start + 2] == b"\1\0" else 1900
            elif kind == _TEXTS:
                (texts,) = struct.unpack_from("<I", stream, start + 4)
                if texts * 3 > len(stream):  # a text takes three bytes at least
                    raise self._no_table()
            elif kind == _SHEET:
                (at,) = struct.unpack_from("<I", stream, start)
                sheets.append((_name(stream[start + 6 : start + size], version), at))
        return sheets

    def _no_table(self) -> KpictlError:
        return refusal(self._source.origin, "table.binary", kind="Microsoft OLE")


def _name(data: bytes, version: int) -> str:
    if version != _BIFF8:
        return data[1 : 1 + data[0]].decode("latin-1")
    if data[1] & 1:
        return data[2 : 2 + 2 * data[0]].decode("utf-16-le", "replace")
    return data[2 : 2 + data[0]].decode("latin-1")


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """Yield the kind of each record up to the end of a part, where its data begin, their size."""
    size_of = len(stream)
    unpack = struct.Struct("<HH").unpack_from
    depth = 0
    while place + 4 <= size_of:
        kind, size = unpack(stream, place)
        yield kind, place + 4, size
        depth += (kind & 0xFF == 0x09 and kind in (0x0809, 0x0409, 0x0209)) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        place += 4 + size


def _outline(stream: bytes, place: int) -> Outline:
    """Return how far a sheet reaches, and its errors. struct.error where a record is cut off."""
    outline = Outline()
    cell = struct.Struct("<HH").unpack_from
    for kind, start, size in _records(stream, place):
        if kind in _ONE_CELL:
            row, column = cell(stream, start)
            outline.add(row, column)
            code = _error(kind, stream, start)
            if code is not None:
                outline.texts[row, column] = ERRORS.get(code, "#ERROR!")
        elif kind == _MANY_NUMBERS:
            row, _ = cell(stream, start)
            (last,) = struct.unpack_from("<H", stream, start + size - 2)
            outline.add(row, last)
        elif kind == _EXTENT:
            _check_extent(outline, stream[start : start + size])
    return outline


def _check_extent(outline: Outline, data: bytes) -> None:
    """Look at what a sheet says of its extent: the reader makes room for that before any cell."""
    if len(data) not in (10, 14):
        return
    first_row, rows, first, columns = struct.unpack_from("<IIHH" if data[12:] else "<4H", data)
    if not (rows and columns):
        return
    if rows <= first_row or columns <= first:
        message = "an extent that ends before it begins"
        raise DamagedFile(message)
    if (rows - first_row) * (columns - first) > MAX_CELLS:
        outline.refuse(rows - 1, columns - 1)


def _error(kind: int, stream: bytes, start: int) -> int | None:
    """Return the code of a cell's error, None where it holds none."""
    if kind == _ERROR:
        value, is_error = stream[start + 6 : start + 8].ljust(2, b"\0")
        return value if is_error else None
    if kind == _FORMULA:
        result = stream[start + 6 : start + 14]
        if result[6:] == b"\xff\xff" and result[0] == 2:
            return result[2]
    return None
