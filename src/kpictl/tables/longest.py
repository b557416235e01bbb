"""The longest line of a text: what has no end is refused before anybody takes it for a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kpictl.tables.file import MAX_RECORD, refusal

_CHUNK = 1 << 20
_BLOCK = MAX_RECORD // 2
_FIRST = 1 << 16
_END = re.compile(rb"[\r\n]")


def refuse_long_lines(path: Path, origin: str) -> None:
    """Raise where a line of a UTF-8 file has more than `MAX_RECORD` bytes.

    Every block of half that size is looked at as far as the first end of a line in it, mostly a few
    bytes; where there is one in each block, no line is longer than two of them.
    """
    size = path.stat().st_size
    if size <= MAX_RECORD:
        return
    with path.open("rb") as file:
        if not all(_ends_in(file, start) for start in range(0, size - _BLOCK + 1, _BLOCK)):
            file.seek(0)
            _measure(file, origin)


def _ends_in(file: BinaryIO, start: int) -> bool:
    """Say whether a line ends in the block from a byte on."""
    file.seek(start)
    left, wanted = _BLOCK, _FIRST
    while left > 0 and (chunk := file.read(min(wanted, left))):
        if _END.search(chunk):
            return True
        left, wanted = left - len(chunk), _CHUNK
    return False


def _measure(file: BinaryIO, origin: str) -> None:
    line, run = 1, 0
    for chunk in _chunks(file):
        ends = _END.search(chunk)
        run += len(chunk) if ends is None else ends.start()
        if run > MAX_RECORD:
            raise refusal(origin, "table.long", line)
        if ends is not None:
            line += chunk.count(b"\n") or chunk.count(b"\r")
            run = len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) - 1


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
