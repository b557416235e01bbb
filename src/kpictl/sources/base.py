"""What a source is, and what it says of itself after loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kpictl.errors import Place, Problem
from kpictl.sources.currencies import RATES
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection


@dataclass(frozen=True, slots=True)
class Loaded:
    """An entity that now lies in the database as a table of typed `f_<field>` columns.

    `table` is its SQL name, `latest` the last moment (aware) that any record bears, or, if
    `complete`, up to which the source vouches that everything is there. `texts` is what stands in
    the owner fields of all records, `notes` what happened on the way.
    """

    entity: str
    table: str
    latest: datetime | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Records whose moment is in `[start, end)` are needed, and those without one."""

    field: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is needed of an entity: stored and derived fields, and the texts of `owners`.

    `windows` say which records are enough; () means all, and `ordered` that their lines must be
    known too. `currency` is the company's; None leaves amounts in whatever currency they are;
    `rates` is the table of rates into it.
    """

    fields: frozenset[str]
    owners: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    ordered: bool = False
    currency: str | None = None
    rates: str = RATES


class SourceReader(Protocol):
    """A source that has been opened: its schemas are known, its records not yet read."""

    @property
    def schemas(self) -> Mapping[str, Schema]: ...

    def load(self, connection: Connection, entity: str, wanted: Wanted) -> Loaded:
        """Bring an entity into the database. Raises SourceError with every problem found."""

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Return where a record of an ordered table is written, by its columns of these names."""
