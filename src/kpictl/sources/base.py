"""What a source is: what a kind of source does, what one gives when it is opened, and what it says
of itself after loading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from kpictl.errors import Place, Problem
from kpictl.expressions import Type
from kpictl.expressions.sql import NUMBER
from kpictl.sources.currencies import RATES
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.database import Connection
    from kpictl.people.staff import Person, Staff
    from kpictl.plan.bound import Bound
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan
    from kpictl.plan.sources import SourceSpec
    from kpictl.sources.assignments import StaffLine
    from kpictl.sources.departments import Department
    from kpictl.sources.status import Status


class Rhythm(Struct, frozen=True):
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


COLUMNS: Mapping[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.NUMBER: NUMBER,
    Type.BOOL: "BOOLEAN",
    Type.DATE: "DATE",
    Type.DATETIME: "TIMESTAMP",
}
"""The type of a field → that of its column in the database."""


class LoadedEntity(Struct, frozen=True):
    """An entity that now lies in the database as a table of typed `f_<field>` columns.

    `table` is its SQL name, `latest` the last moment (aware) that any record bears, or, if
    `complete`, up to which the source vouches that everything is there. `texts` is what stands in
    the owner fields of all records, `notes` what happened on the way. `rhythm` is there where the
    records of files end before what was asked for does.

    The table has a column `f_<field>` for each field that was wanted, of the SQL type of that of
    the field (`COLUMNS`): instants in UTC, numbers with ten places, ids as texts. Those that the
    catalogue derives (`won`, `closed_at`, `amount` in the company's currency) are among them: the
    source makes them, with `sources.derive` over what it has stored. Beside them it has `part` and
    `line`, whole numbers by which records without an id are ordered and `place_of` finds where one
    is written: file and line, or 0 and a number that no other record has.
    """

    entity: str
    table: str
    latest: datetime | None = None
    texts: Mapping[str, tuple[str, ...]] = {}
    notes: tuple[Problem, ...] = ()
    complete: bool = False
    rhythm: Rhythm | None = None


class Window(Struct, frozen=True):
    """Records whose moment is in `[start, end)` are needed, and those without one."""

    field: str
    start: datetime
    end: datetime


class LoadRequest(Struct, frozen=True):
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
    currencies: Mapping[str, str] = {}
    as_of: datetime | None = None
    aside: frozenset[str] = frozenset()


class SourceReader(Protocol):
    """A source that has been opened: its schemas are known, its records not yet read."""

    @property
    def schemas(self) -> Mapping[str, Schema]: ...

    @property
    def is_of_files(self) -> bool:
        """Whether its records stand in files, with cells that can be mended there."""

    def load(self, connection: Connection, entity: str, request: LoadRequest) -> LoadedEntity:
        """Bring an entity into the database, in a table as `LoadedEntity` says: what it wants of
        `fields` is stored or derived. Raises SourceError with every problem found."""

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Return where a field of an entity first holds a text, as far as that is a cell."""

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Return where a record of an ordered table is written, by its columns of these names."""

    def closer(self, problem: Problem) -> Problem:
        """Return a mistake of the plan as its records show it, or as it is."""

    # --- for a look into an entity -------------------------------------------------------

    def holds(self, entity: str) -> bool:
        """Say whether records of an entity can be read at all."""

    def readable(self, entity: str, field: Field) -> bool:
        """Say whether a field of an entity can be read, with all that it is made of."""

    def guessed(self, connection: Connection, entity: str) -> Mapping[str, str]:
        """Return how fields look of whose type nobody says anything: name → kind, or "" where
        nothing stands in it."""

    def code(self, field: Field) -> str:
        """Return what the CRM calls a field, or ""."""

    def lenient(self, entity: str) -> SourceReader:
        """Return a reader of an entity that leaves out what it cannot read."""


# --- a kind of source --------------------------------------------------------------------------


class SourceOpening(Struct, frozen=True):
    """A source that is to be opened: what the plan says of it (`spec`, of its class), and where.

    `taken` are the entities of the sources that were opened before, `unopened` those that these
    could not give; `first` are both, of the sources alone that do not yield.
    """

    name: str
    spec: SourceSpec
    loaded: LoadedPlan
    plan: Plan
    connection: Connection
    scratch: Path
    taken: frozenset[str] = frozenset()
    unopened: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()


class Users(Struct, frozen=True):
    """The users of a CRM, by whose numbers its records name people. `people` are those who can be
    scored, dismissed ones among them; `names` are everybody's by number, also those of bots and
    guests."""

    people: tuple[Person, ...]
    names: Mapping[str, str]


class OpenedSource(Struct, frozen=True):
    """What a source gave when it was opened.

    `readers` by entity; `unopened` are the entities that it should have and does not give. `people`
    are those of a list of employees, None where it has none, `posts` what people were from when to
    when, `departments` with what they are parts of; `users` those of a CRM, and `accounts`
    the entities that name them. `unpulled` says of entities that KPIs read and nobody has brought
    yet; `is_awaited` that people come with the first pull. `attach` makes what it reads from
    readable in a further database.
    """

    readers: Mapping[str, SourceReader] = {}
    problems: tuple[Problem, ...] = ()
    unopened: frozenset[str] = frozenset()
    people: tuple[Person, ...] | None = None
    users: Users | None = None
    accounts: frozenset[str] = frozenset()
    unpulled: Mapping[str, Problem] = {}
    is_awaited: bool = False
    attach: Callable[[Connection], object] | None = None
    posts: tuple[StaffLine, ...] = ()
    departments: tuple[Department, ...] = ()


class Linting(Struct, frozen=True):
    """A bound plan that is held against what its sources are known to have; of the entities `told`
    it has been said that they are not there."""

    bound: Bound
    connection: Connection
    readers: Mapping[str, SourceReader]
    staff: Staff
    told: frozenset[str]


class Lint(Struct, frozen=True):
    """What the plan says that its sources never give, and what they have not given yet."""

    never: tuple[Problem, ...] = ()
    missing: tuple[Problem, ...] = ()


class Standpoint(Struct, frozen=True):
    """From where it is looked how a source stands: the plan and its file, and a database."""

    plan: Plan
    file: Path
    connection: Connection


class Sync(Protocol):
    """What is to be pulled of a source: the entities that the plan names (() is what KPIs read),
    and `items`, the names that it gives to records of the source's own types."""

    @property
    def entities(self) -> tuple[str, ...]: ...

    @property
    def items(self) -> Mapping[str, int]: ...

    def client(
        self,
        folder: Path,
        environment: Mapping[str, str],
        clock: Any,
        on_wait: Callable[[Any], None],
    ) -> AbstractContextManager[Any]:
        """Open the way to it, for a plan in a folder. UsageError: no key, or it cannot be one."""


class Source(Protocol):
    """A kind of source: one line in `kpictl.sources.SOURCES`.

    source_of("csv").open(SourceOpening("crm", spec, loaded, plan, connection, scratch)).readers
    """

    yields: bool
    """Whether sources of this kind leave to others what these hold, and are opened after them."""

    def open(self, opening: SourceOpening) -> OpenedSource:
        """Open one; whatever is wrong with it is among its problems. StoreError."""

    def describe(self, spec: SourceSpec) -> tuple[str, ...]:
        """Return the entities that a plan may read of it once they were pulled."""

    def status(self, name: str, spec: SourceSpec, seen_from: Standpoint) -> Status:
        """Return how one stands, without asking anybody outside."""

    def lint(self, linting: Linting) -> Lint:
        """Hold a bound plan against all sources of this kind."""

    def sync(self, spec: SourceSpec) -> Sync | None:
        """Return how it is pulled; None where there is nothing to pull."""

    def guard(self, file: str | Path) -> AbstractContextManager[object]:
        """Return what is around all work with sources of this kind, for a plan in `file`: what
        keeps their records may be damaged or busy, and then says so in words."""
