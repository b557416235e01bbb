"""The streams of a compound file (Microsoft OLE, [MS-CFB]), as which old workbooks come.

The sizes that such a file gives of itself are checked against what is there, before a reader that
makes room for them is let at it.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator

from msgspec import Struct

LAST = 0xFFFFFFFA  # a sector's number from here on is a sign: the end of a chain, no sector
STREAM, ROOT = 2, 5
IN_HEADER = 109  # sectors of the table of sectors that the header itself lists
ENTRY = 128  # bytes of an entry of the directory


class DamagedFile(Exception):
    """What should be a compound file, or a stream of one, is none."""


class _Entry(Struct, frozen=True):
    start: int
    size: int


class CompoundFile:
    """The streams of a compound file by name, in capitals. DamagedFile."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._open()
        except (struct.error, IndexError, ValueError) as error:
            raise DamagedFile(str(error)) from None

    def _open(self) -> None:
        version, shift, small_shift = struct.unpack_from("<H2xHH", self._data, 26)
        if (version, shift) not in ((3, 9), (4, 12)) or small_shift != 6:
            message = "sectors"
            raise DamagedFile(message)
        directories, tables, directory, self._cutoff, small_table, smalls, more, mores = (
            struct.unpack_from("<III4xIIIII", self._data, 40)
        )
        self._size = 1 << shift
        sectors = len(self._data) // self._size
        if max(directories, tables, smalls, mores) > sectors:
            message = "more sectors than the file has"
            raise DamagedFile(message)
        self._next = self._table(tables, more)
        self._entries: dict[str, _Entry] = {}
        self._small, root = array("I"), _Entry(LAST, 0)
        for name, kind, entry in self._directory(directory, version):
            if kind == ROOT:
                root = entry
            elif kind == STREAM:
                self._entries.setdefault(name.upper(), entry)
        self._small = _numbers(self._chain(small_table, smalls * self._size))
        self._smalls = self._chain(root.start, root.size)

    def __contains__(self, name: str) -> bool:
        return name.upper() in self._entries

    def read(self, name: str) -> bytes:
        """Return a whole stream. DamagedFile where its end is missing."""
        entry = self._entries[name.upper()]
        if entry.size >= self._cutoff:
            return self._chain(entry.start, entry.size)
        pieces, left, place = [], entry.size, entry.start
        while left > 0:
            if place >= len(self._small):
                raise DamagedFile(name)
            pieces.append(self._smalls[place * 64 : place * 64 + min(left, 64)])
            left -= 64
            place = self._small[place]
        return b"".join(pieces)

    def _table(self, count: int, more: int) -> array[int]:
        """Return which sector follows which."""
        numbers = list(struct.unpack_from(f"<{IN_HEADER}I", self._data, 76))
        while more < LAST and len(numbers) < count:
            sector = _numbers(self._sector(more))
            more = sector.pop()
            numbers += sector
        return _numbers(b"".join(self._sector(number) for number in numbers[:count]))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        sector = self._data[start : start + self._size]
        if not sector:
            message = f"sector {number}"
            raise DamagedFile(message)
        return sector.ljust(self._size, b"\0")

    def _chain(self, start: int, size: int) -> bytes:
        """Return so many bytes from a chain of sectors; a chain in a circle ends with them."""
        if size > len(self._data):
            message = f"{size} bytes"
            raise DamagedFile(message)
        pieces = []
        for _ in range(-(-size // self._size)):
            pieces.append(self._sector(start))
            start = self._next[start]
        return b"".join(pieces)[:size]

    def _directory(self, start: int, version: int) -> Iterator[tuple[str, int, _Entry]]:
        """Yield the name, kind and stream of each entry."""
        for _ in range(len(self._next) + 1):
            if start >= LAST:
                return
            sector = self._sector(start)
            for place in range(0, self._size, ENTRY):
                length, kind = struct.unpack_from("<HB", sector, place + 64)
                first, size = struct.unpack_from("<IQ", sector, place + 116)
                size &= 0xFFFFFFFF if version == 3 else size
                if kind in (STREAM, ROOT) and size > len(self._data):
                    message = f"a stream of {size} bytes"
                    raise DamagedFile(message)
                raw = sector[place : place + max(min(length, 64) - 2, 0)]
                yield raw.decode("utf-16-le", "replace"), kind, _Entry(first, size)
            start = self._next[start]
        message = "a directory in a circle"
        raise DamagedFile(message)


def _numbers(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))
