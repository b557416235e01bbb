"""How a source stands: the files that it names, or what was brought of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import SourceError
from kpictl.tables import expand

if TYPE_CHECKING:
    from pathlib import Path

    from kpictl.store import Mark
    from kpictl.store import Pulled as Pull


class Files(Struct, frozen=True):
    """An entity that files hold: the patterns of the plan, and how many files there are."""

    entity: str
    patterns: tuple[str, ...]
    count: int


def count_files(pattern: str, folder: Path) -> int:
    """Return how many files a name or pattern means."""
    try:
        return len(expand(pattern, folder))
    except SourceError:
        return 0


class Pulled(Struct, frozen=True):
    """What was pulled of a source: of `product`, at a `host`. `scopes` are what its key grants,
    `lacking` those of them that the plan needs besides: scope → entities; None and () where nobody
    has asked it yet. `history_since` is from when on it is known what users were."""

    product: str
    host: str | None = None
    user: str | None = None
    admin: bool | None = None
    scopes: tuple[str, ...] | None = None
    lacking: Mapping[str, tuple[str, ...]] | None = None
    currency: str | None = None
    marks: tuple[Mark, ...] = ()
    pulls: tuple[Pull, ...] = ()
    history_since: datetime | None = None

    @property
    def complete_to(self) -> datetime | None:
        """Return the moment up to which everything is there."""
        return min((mark.complete_to for mark in self.marks), default=None)


class Status(Struct, frozen=True):
    """A source of a plan, and its type there. `pulled` is None where nothing is ever pulled: its
    files are read anew by each command."""

    name: str
    type: str
    files: tuple[Files, ...] = ()
    pulled: Pulled | None = None
