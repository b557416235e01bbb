"""Which encoding a text file has, and its recoding into UTF-8 in a stream."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kpictl.tables.file import Source, refusal, scratch_file
from kpictl.tables.records import breaks

_CHUNK = 1 << 20
_WHOLE = 4 << 20
_SAMPLES, _SAMPLE = 16, 1 << 17
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SURELY_UTF8 = 3
"""So many well-formed characters beyond ASCII do not come about by chance in another encoding."""


def encoding_of(source: Source, wanted: str | None) -> str:
    """Return the encoding of a text: the user's word, else what its bytes say."""
    if wanted:
        return _known(wanted, source.origin)
    for mark, name in _BOMS:
        if source.start.startswith(mark):
            return name
    if wide := _wide(source.start):
        return wide
    if b"\0" in source.start:
        raise refusal(source.origin, "table.not_text")
    if looks_utf8(source.path, source.size):
        return "utf-8"
    return surely(source.path, source.origin)


def _known(name: str, origin: str) -> str:
    """Return Python's name of an encoding that the user named."""
    try:
        found = codecs.lookup(name).name
        b"".decode(found)
    except (LookupError, ValueError):
        raise refusal(origin, "table.encoding_name", encoding=name) from None
    return "utf-8" if found == "utf-8-sig" else found


def _wide(start: bytes) -> str | None:
    """Recognise UTF-16 without a mark: zero bytes, often, and on one side of each pair only."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if min(even, odd) or max(even, odd) * 10 < len(start[1::2]):
        return None
    name = "utf-16-le" if odd else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeDecodeError:
        return None
    return name if all(char >= " " or char in "\t\r\n" for char in text) else None


def looks_utf8(path: Path, size: int) -> bool:
    """Tell whether a file is UTF-8: surely for a small one, by samples for a large one.

    DuckDB checks every value that it reads, so what samples miss cannot pass unseen: its refusal
    leads to `mend`, which reads everything.
    """
    with path.open("rb") as file:
        if size <= _WHOLE:
            return _valid(file.read(), at_end=True)
        step = (size - _SAMPLE) // (_SAMPLES - 1)
        for number in range(_SAMPLES):
            file.seek(number * step)
            sample = file.read(_SAMPLE)
            head = next((i for i in range(4) if sample[i] & 0xC0 != 0x80), 0) if number else 0
            if not _valid(sample[head:], at_end=False):
                return False
    return True


def _valid(data: bytes, *, at_end: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, at_end)
    except UnicodeDecodeError:
        return False
    return True


def surely(path: Path, origin: str) -> str:
    """Read a whole file to tell UTF-8 from windows-1251; a mixture of both is refused."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, wide = 1, 0
    with path.open("rb") as file:
        for chunk, last in _chunks(file):
            try:
                text = decoder.decode(chunk, last)
            except UnicodeDecodeError as error:
                text = error.object[: error.start].decode("utf-8")
                if wide + _beyond_ascii(text) < _SURELY_UTF8:
                    return "cp1251"
                place = line + breaks(text)
                raise refusal(origin, "table.mixed_encoding", place) from None
            line += breaks(text)
            wide += _beyond_ascii(text)
    return "utf-8"


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield a file in pieces, each with whether it is the last, empty one."""
    while True:
        chunk = file.read(_CHUNK)
        yield chunk, not chunk
        if not chunk:
            return


def decoded(path: Path, origin: str, encoding: str) -> Iterator[str]:
    """Yield the text of a file in pieces, without a byte order mark."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, begun = 1, False
    with path.open("rb") as file:
        for chunk, last in _chunks(file):
            try:
                text = decoder.decode(chunk, last)
            except UnicodeError as error:
                place = line + breaks(_before(error, encoding))
                raise refusal(origin, "table.encoding", place, encoding=encoding) from None
            line += breaks(text)
            if text:
                yield text if begun else text.removeprefix("\ufeff")
                begun = True


def _before(error: UnicodeError, encoding: str) -> str:
    """Return the text that precedes the place of a decoding error."""
    if not isinstance(error, UnicodeDecodeError):
        return ""
    return error.object[: error.start].decode(encoding, "ignore")


def to_utf8(path: Path, origin: str, encoding: str, scratch: Path) -> Path:
    """Copy a text into a UTF-8 file under `scratch`, line ends untouched, in flat memory."""
    with scratch_file(scratch) as (target, out):
        for text in decoded(path, origin, encoding):
            out.write(text.encode())
    return target
