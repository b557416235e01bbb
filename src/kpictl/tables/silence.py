"""What libraries of other languages write to stderr by themselves, kept from the user's eyes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STDERR = 2


@contextmanager
def silence() -> Iterator[None]:
    """Let nothing that is written past Python reach the file of stderr.

    The reader of workbooks fails with an exception, which we turn into a message of ours; but
    before that its language writes lines of its own, with places in its sources, that nobody can
    switch off (`thread '<unnamed>' panicked at …`).
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:  # stderr was closed: nothing can be written there
        yield
        return
    _flush()
    try:
        _point_at(os.devnull)
        yield
    finally:
        _flush()
        os.dup2(kept, _STDERR)
        os.close(kept)


def _point_at(name: str) -> None:
    nothing = os.open(name, os.O_WRONLY)
    os.dup2(nothing, _STDERR)
    os.close(nothing)


def _flush() -> None:
    """Keep in order what Python has yet to write."""
    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
