"""The body of an answer, unpacked as it comes and no further than is bearable.

A few kilobytes of gzip may hold gigabytes; so what comes out is counted, not what goes in.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

MOST = 64 * 1024 * 1024
"""Bytes of an answer. A batch of 2,500 whole deals has about ten million."""
ACCEPTED = "gzip"
_PACKED = ("gzip", "x-gzip", "deflate")
_EITHER = 32 + zlib.MAX_WBITS  # the head of the data says whether they are gzip's or zlib's


class TooLarge(Exception):
    """An answer of more than `MOST` bytes."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> bytes:
    """Return the body that comes in chunks, packed as `Content-Encoding` says.

    TooLarge; ValueError where it is packed in a way that was not asked for, is not what it is said
    to be, or ends too early.
    """
    name = encoding.strip().lower()
    if name not in ("", "identity", *_PACKED):
        raise ValueError(f"Content-Encoding: {name}")
    body = bytearray()
    for part in _inflated(chunks) if name in _PACKED else chunks:
        body += part
        if len(body) > MOST:
            raise TooLarge
    return bytes(body)


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream, begun = zlib.decompressobj(_EITHER), False
    try:
        for chunk in chunks:
            left = chunk
            while left:
                begun = True
                yield stream.decompress(left, MOST + 1)
                left = stream.unconsumed_tail
                if stream.eof:  # another member may follow
                    left = stream.unused_data
                    stream, begun = zlib.decompressobj(_EITHER), bool(left)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if begun:
        raise ValueError("the packed answer ends too early")
