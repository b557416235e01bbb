"""What an .xlsb file says of itself ([MS-XLSB]), before it is read."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from kpictl.tables.archive import Archive
from kpictl.tables.ooxml import part_of, relations
from kpictl.tables.outline import Outline, UnreadableSheet
from kpictl.tables.workbook import BookOfParts
from kpictl.tables.xls import ERRORS

WORKBOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_TEXTS = "xl/sharedstrings.bin"
_ROW, _BLANK, _CELL_ERROR, _FORMULA_ERROR, _RICH = 0, 1, 3, 11, 62
_BOOK, _SHEET, _BEGIN_TEXTS = 153, 156, 159
MAX_RECORD = 1 << 24


class Workbook(BookOfParts):
    """The parts of an xlsb file."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.epoch = 1900
        archive.verify([name for name in archive.names() if _is_read(name)])
        try:
            targets = relations(archive.read(_RELATIONS))
            parts: dict[str, str] = {}
            for kind, data in records([archive.read(WORKBOOK)]):
                if kind == _BOOK:
                    self.epoch = 1904 if data[0] & 1 else 1900
                elif kind == _SHEET:
                    target, end = _wide(data, 8)
                    parts[_wide(data, end)[0]] = part_of(targets.get(target, ""))
            self._parts = parts
            self._count_texts()
        except (ET.ParseError, ValueError, IndexError, struct.error, UnreadableSheet):
            raise self._no_table() from None

    def _count_texts(self) -> None:
        """Refuse more texts than the part can hold: the reader makes room for what is said."""
        if _TEXTS not in self._archive:
            return
        data = self._archive.read(_TEXTS)
        kind, first = next(records([data]), (0, b""))
        if kind == _BEGIN_TEXTS and struct.unpack_from("<I", first, 4)[0] * 5 > len(data):
            raise UnreadableSheet(_TEXTS)

    def _look(self, part: str) -> Outline:
        return look(self._archive.pieces(part))

    def content(self, sheet: str, outline: Outline) -> bytes:  # noqa: ARG002
        return self._archive.path.read_bytes()


def _is_read(name: str) -> bool:
    """Tell whether readers look at a member whatever sheet they are asked for."""
    return name.endswith((".bin", ".xml", ".rels")) and not name.startswith("xl/worksheets/")


def _wide(data: bytes, place: int) -> tuple[str, int]:
    """Return a text with its length before it, and where it ends."""
    (length,) = struct.unpack_from("<I", data, place)
    if length == 0xFFFFFFFF:  # none
        return "", place + 4
    end = place + 4 + 2 * length
    if end > len(data):
        raise UnreadableSheet(length)
    return data[place + 4 : end].decode("utf-16-le", "replace"), end


def records(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the data of each record. UnreadableSheet where one is cut off."""
    carried = b""
    for piece in pieces:
        text, place = carried + piece, 0
        ready = len(text) - 8  # the longest head of a record has six bytes
        while place < ready:
            head, kind, size = _head(text, place)
            if size > MAX_RECORD:
                raise UnreadableSheet(size)
            if head + size > len(text):
                break
            yield kind, text[head : head + size]
            place = head + size
        carried = text[place:]
    yield from _rest(carried)


def _rest(text: bytes) -> Iterator[tuple[int, bytes]]:
    place, padded = 0, text + bytes(8)
    while place < len(text):
        head, kind, size = _head(padded, place)
        if head + size > len(text):
            raise UnreadableSheet(size)
        yield kind, text[head : head + size]
        place = head + size


def _head(text: bytes, place: int) -> tuple[int, int, int]:
    """Return where the data of a record begin, its kind and their size."""
    kind = text[place]
    place += 1
    if kind & 0x80:
        kind = (kind & 0x7F) | (text[place] & 0x7F) << 7
        place += 1
    size = text[place]
    place += 1
    if size & 0x80:
        size &= 0x7F
        for shift in (7, 14, 21):
            byte = text[place]
            place += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
    return place, kind, size


def look(pieces: Iterable[bytes]) -> Outline:
    """Return how far a sheet reaches, and its errors."""
    outline = Outline()
    row, number = 0, struct.Struct("<I").unpack_from
    for kind, data in records(pieces):
        if kind == _ROW:
            (row,) = number(data)
        elif _BLANK < kind <= _FORMULA_ERROR or kind == _RICH:
            (column,) = number(data)
            outline.add(row, column)
            if kind in (_CELL_ERROR, _FORMULA_ERROR):
                outline.texts[row, column] = ERRORS.get(data[8] if data[8:] else -1, "#ERROR!")
    return outline
