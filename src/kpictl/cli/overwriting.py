"""What no output may be written over: the plan, every file that it reads, and its store.

A path is compared by what it leads to, not by how it is spelt: through links of both kinds, in
another case or another normal form of its letters, from another folder.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from kpictl.errors import SourceError, UsageError
from kpictl.plan.model import Plan
from kpictl.store import folder_of
from kpictl.tables import expand
from kpictl.tables.paths import home

SECRETS = ".env"  # beside the plan; read for the key of a portal

Inode = tuple[int, int]


class Protected(Struct, frozen=True):
    """The files that are read: by how they are spelt when resolved, by what they are on the disk,
    by the patterns that would take a new file in; and the folder of the store."""

    spelt: frozenset[str]
    inodes: frozenset[Inode]
    patterns: frozenset[str]
    store: Path

    def refuse(self, names: Iterable[str]) -> None:
        """Refuse the first name that leads to a protected file: UsageError."""
        for name in names:
            path = Path(name)
            if self._is_read(path):
                raise UsageError("usage.output_is_input", file=name)
            if self._is_store(path):
                raise UsageError("usage.output_is_store", file=name, folder=self.store.name)

    def _is_read(self, path: Path) -> bool:
        own = spelling(path)
        return (
            own in self.spelt
            or inode(path) in self.inodes
            or any(fnmatch.fnmatchcase(own, pattern) for pattern in self.patterns)
        )

    def _is_store(self, path: Path) -> bool:
        store = inode(self.store)
        folders = resolved(path).parents
        return spelling(self.store) in map(spelling, folders) or (
            store is not None and store in map(inode, folders)
        )


def protected(plan: Plan, file: str) -> Protected:
    """Return what the outputs of a plan's commands may not be written over."""
    store = folder_of(file)
    named = [*_inputs(plan, file), Path(file).parent / SECRETS, *_contents(store)]
    inodes = (inode(path) for path in named)
    return Protected(
        frozenset(map(spelling, named)),
        frozenset(one for one in inodes if one is not None),
        frozenset(_masks(plan, Path(file).parent)),
        store,
    )


def _inputs(plan: Plan, file: str) -> Iterator[Path]:
    """Yield the plan's own file and the files that it names, as far as they are there."""
    yield Path(file)
    for pattern in plan.files():
        with suppress(SourceError):
            yield from expand(pattern, Path(file).parent)


def spelling(path: Path) -> str:
    """Return the one spelling of a path: on many disks case and normal form make no difference."""
    return unicodedata.normalize("NFC", str(resolved(path))).casefold()


def resolved(path: Path) -> Path:
    """Return a path without links, as far as it can be followed: one to itself cannot."""
    with suppress(OSError, RuntimeError, ValueError):
        return path.resolve()
    return Path(os.path.abspath(path))  # noqa: PTH100  Path.absolute keeps `..`


def inode(path: Path) -> Inode | None:
    """Return what a path is on its disk; None where there is nothing, or the disk does not say."""
    with suppress(OSError, ValueError):
        about = path.stat()
        return (about.st_dev, about.st_ino) if about.st_ino else None
    return None


def _contents(store: Path) -> Iterator[Path]:
    """Yield the files of a store, for there may be other names of theirs elsewhere."""
    with suppress(OSError):
        yield from list(store.iterdir())


def _masks(plan: Plan, folder: Path) -> Iterator[str]:
    """Yield the patterns of the plan as they fit a spelling: what a new file would be read by."""
    for pattern in plan.files():
        full = home(pattern)
        if not glob.has_magic(pattern):
            yield glob.escape(spelling(folder / full))
            continue
        head = folder if not full.is_absolute() else Path(full.anchor)
        steps = list(full.relative_to(full.anchor).parts if full.is_absolute() else full.parts)
        while steps and not glob.has_magic(steps[0]):
            head, steps = head / steps[0], steps[1:]
        tail = unicodedata.normalize("NFC", "/".join(steps)).casefold().replace("/**/", "/*")
        yield f"{glob.escape(spelling(head))}/{tail}"
