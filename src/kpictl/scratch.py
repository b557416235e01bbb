"""The scratch folder of one run. It holds parts of the CRM, so it never outlives its process long.

A folder is removed when its command ends, also by a signal. A process that was killed outright
leaves one behind; the next run removes it: the lock of its file `owner` ended with the process.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kpictl.locking import try_lock

PREFIX = "kpictl-"
_OWNER = "owner"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder that only this user can read, for the length of a command."""
    _sweep(Path(tempfile.gettempdir()))
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            with (folder / _OWNER).open("w", encoding="utf-8") as owner:
                if try_lock(owner):
                    yield folder
                    return
            # Another process swept in the moment before the lock, and is removing the folder.


def _sweep(where: Path) -> None:
    """Remove the folders of processes that are gone, as far as they are ours to remove."""
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, or already being removed
            if not folder.is_symlink() and _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    with (folder / _OWNER).open("r+", encoding="utf-8") as owner:
        return try_lock(owner)
