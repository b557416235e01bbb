"""What a source is, and what it says of itself after loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kpictl.errors import Place, Problem
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection


@dataclass(frozen=True, slots=True)
class Loaded:
    """An entity that now lies in the database as a table of typed `f_<field>` columns.

    `table` is its SQL name, `rows` how many records it holds, `latest` the last moment (aware)
    that any of its records bears, `notes` what happened on the way.
    """

    entity: str
    table: str
    rows: int
    latest: datetime | None = None
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is needed of an entity: stored and derived fields, and whether line order matters.

    `currency` is the company's; None leaves amounts in whatever currency they are written.
    """

    fields: frozenset[str]
    ordered: bool = False
    currency: str | None = None


class SourceReader(Protocol):
    """A source that has been opened: its schemas are known, its records not yet read."""

    @property
    def schemas(self) -> Mapping[str, Schema]: ...

    def load(self, connection: Connection, entity: str, wanted: Wanted) -> Loaded:
        """Bring an entity into the database. Raises SourceError with every problem found."""

    def place_of(self, entity: str, row: int) -> Place | None:
        """Return where the record with this `rowid` of an ordered table is written."""


@dataclass(frozen=True, slots=True)
class Opened:
    """All sources of a plan: one reader per entity, and what is wrong with the others."""

    readers: Mapping[str, SourceReader]
    problems: tuple[Problem, ...] = ()
    schemas: Mapping[str, Schema] = field(default_factory=dict)
