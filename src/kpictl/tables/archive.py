"""A workbook that is a ZIP archive, unpacked only as far as its sizes are what they should be.

What an archive says of a member's size is a claim: members are inflated here piece by piece, and
one that holds more than it says, or far more than its packed size can stand for, is refused before
a reader that trusts the claim is let loose on it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kpictl.tables.file import refusal

MAX_MEMBER = 1 << 30
"""The most that one member may hold unpacked, in bytes: a full sheet of 1,048,576 rows has less
for up to some thirty columns."""
SUSPECT_FROM = 1 << 26
MAX_RATIO = 200
"""Beyond `SUSPECT_FROM` bytes a member may be so many times its packed size; sheets and texts
pack 5 to 30 times, deflate could reach 1,032 times."""
PIECE = 1 << 21


class Archive:
    """The members of a ZIP file by name; names are compared without regard to case."""

    def __init__(self, path: Path, origin: str) -> None:
        self.path, self.origin = path, origin
        try:
            with zipfile.ZipFile(path) as opened:
                members = opened.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise self._damaged() from None
        if any(member.header_offset < 0 for member in members):
            raise self._damaged()
        self._members = {member.filename.casefold(): member for member in members}
        if len(self._members) != len(members):
            raise self._damaged()  # which of two namesakes is read would be chance

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._members

    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """Return a whole member, b"" where there is none."""
        return b"".join(self.pieces(name)) if name in self else b""

    def pieces(self, name: str) -> Iterator[bytes]:
        """Inflate a member piece by piece; SourceError where it is not what the archive says."""
        member = self._members[name.casefold()]
        self._measure(member)
        size = 0
        with self.path.open("rb") as file:
            file.seek(member.header_offset)
            header = file.read(30)
            if member.flag_bits & 1:
                raise refusal(self.origin, "table.password")
            if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
                raise self._damaged()
            name_length, extra_length = struct.unpack("<HH", header[26:30])
            file.seek(name_length + extra_length, 1)
            for piece in self._inflate(file, member):
                size += len(piece)
                if size > member.file_size:
                    break
                yield piece
        if size != member.file_size:
            raise self._damaged()

    def _inflate(self, file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
        left = member.compress_size
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._damaged()
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type else None
        while left:
            packed = file.read(min(left, PIECE >> 3))
            if not packed:
                return
            left -= len(packed)
            if unpacker is None:
                yield packed
                continue
            try:
                while packed:
                    yield unpacker.decompress(packed, PIECE)
                    packed = unpacker.unconsumed_tail
            except zlib.error:
                raise self._damaged() from None
        if unpacker is not None:
            yield unpacker.flush()

    def verify(self, names: list[str]) -> None:
        """Refuse the archive if one of these members is not what it says."""
        for name in names:
            for _ in self.pieces(name):
                pass

    def _measure(self, member: zipfile.ZipInfo) -> None:
        size, packed = member.file_size, member.compress_size
        if size > MAX_MEMBER or (size > SUSPECT_FROM and size > MAX_RATIO * packed):
            raise refusal(
                self.origin,
                "table.unpacked",
                member=member.filename,
                size=size >> 20,
                packed=max(packed >> 10, 1),
            )

    def _damaged(self) -> Exception:
        return refusal(self.origin, "table.binary", kind="ZIP")
