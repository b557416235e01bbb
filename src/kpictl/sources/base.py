"""What a source is, and what it says of itself after loading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from kpictl.errors import Place, Problem
from kpictl.sources.currencies import RATES
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How regularly records come: the last day that has one (None: no day has), and the most days
    without one between two that have, in the quarter before it; in it so many `days` have one.
    Records that are all dated by the
    first of a month, or of a quarter, stand for the whole of it: for so many `months`."""

    last: date | None
    longest: int
    months: int = 0
    days: int = 0

    @property
    def is_known(self) -> bool:
        """Whether there are enough days to say what is usual."""
        return self.days >= _ENOUGH

    @property
    def covered(self) -> date:
        """Return the last day of which the records tell."""
        assert self.last is not None  # noqa: S101  asked only where there are records
        after = self.last
        for _ in range(self.months):
            after = (after + timedelta(days=31)).replace(day=1)
        return after - timedelta(days=1) if self.months else after


def rhythm(days: Iterable[date]) -> Rhythm:
    """Return how regularly records come, by the different days that have some."""
    known = sorted(days)
    if not known:
        return Rhythm(None, 0)
    recent = [day for day in known if day >= known[-1] - _QUARTER]
    months = 1 if all(day.day == 1 for day in known) else 0
    if months and len(known) > 1 and all(day.month % 3 == 1 for day in known):
        months = 3
    ends = [Rhythm(day, 0, months).covered for day in recent]
    gaps = [(after - end).days - 1 for end, after in zip(ends, recent[1:], strict=False)]
    return Rhythm(known[-1], max(gaps, default=0), months, len(recent))


_ENOUGH = 4
_QUARTER = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An entity that now lies in the database as a table of typed `f_<field>` columns.

    `table` is its SQL name, `latest` the last moment (aware) that any record bears, or, if
    `complete`, up to which the source vouches that everything is there. `texts` is what stands in
    the owner fields of all records, `notes` what happened on the way. `rhythm` is there where the
    records of files end before what was asked for does.
    """

    entity: str
    table: str
    latest: datetime | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    complete: bool = False
    rhythm: Rhythm | None = None


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
    `rates` is the table of rates into it, `currencies` how the source writes currencies (folded) →
    their codes. `as_of` (aware) is the moment up to which there can be records at all. Fields
    `aside` are no part of a number: what cannot be read of them is missing, and nothing is said.
    """

    fields: frozenset[str]
    owners: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    ordered: bool = False
    currency: str | None = None
    rates: str = RATES
    currencies: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None
    aside: frozenset[str] = frozenset()


class SourceReader(Protocol):
    """A source that has been opened: its schemas are known, its records not yet read."""

    @property
    def schemas(self) -> Mapping[str, Schema]: ...

    def load(self, connection: Connection, entity: str, wanted: Wanted) -> Loaded:
        """Bring an entity into the database. Raises SourceError with every problem found."""

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Return where a field of an entity first holds a text, as far as that is a cell."""

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Return where a record of an ordered table is written, by its columns of these names."""
