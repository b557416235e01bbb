"""Locks on open files, which end with the process that holds them, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def locked(file: IO[str]) -> Iterator[None]:
        """Hold a file against other processes; waits for them."""
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

    def try_lock(file: IO[str]) -> bool:
        """Hold a file until it is closed, or say that another process does."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    @contextmanager
    def locked(file: IO[str]) -> Iterator[None]:
        """Hold a file against other processes; waits for them."""
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def try_lock(file: IO[str]) -> bool:
        """Hold a file until it is closed, or say that another process does."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
