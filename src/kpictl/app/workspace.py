"""A plan file → everything a command works with: sources opened, plan bound, people known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from kpictl.app import sections
from kpictl.database import Connection, UnknownZone, connect, rule_difference
from kpictl.errors import KpictlError, Place, PlanRejected, Problem, SourceError, rejection
from kpictl.expressions import refs
from kpictl.pay.paybook import EMPTY, PayBook
from kpictl.people.absences import NONE, Absences
from kpictl.people.assignments import TOLD_APART
from kpictl.people.staff import Accounts, Person, Staff, join, with_accounts
from kpictl.plan import partial
from kpictl.plan.bind import Beside, bind
from kpictl.plan.bound import Bound
from kpictl.plan.load import LoadedPlan, load
from kpictl.plan.model import Plan
from kpictl.scratch import scratch_folder
from kpictl.sources import SOURCES, lookups, source_of
from kpictl.sources.assignments import attached, joined
from kpictl.sources.base import Lint, Linting, OpenedSource, Source, SourceOpening, SourceReader
from kpictl.sources.departments import placed

if TYPE_CHECKING:
    from kpictl.sources.manual import ManualReader

_Made = TypeVar("_Made")
_Step = Literal[
    "zone", "sources", "lookups", "people", "salaries", "absences", "paybook", "calendar", "shifts",
    "plan", "never", "missing",
]  # fmt: skip
"""What finds problems, in the order in which those at one place are told."""


class Databases:
    """The databases of a workspace: one to open the sources with, and one for each dataset, since
    what a dataset was loaded into is sealed."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.first = connect(zone)
        self.attach: list[Callable[[Connection], object]] = []  # what sources are read from
        self._fresh: Connection | None = self.first
        self._all = [self.first]

    def next(self) -> Connection:
        """Return the first one, if nobody has had it, else a new one."""
        if self._fresh is not None:
            connection, self._fresh = self._fresh, None
            return connection
        connection = connect(self.zone)
        self._all.append(connection)
        for attach in self.attach:
            attach(connection)
        return connection

    def release(self, connection: Connection) -> None:
        """Close a database whose dataset nobody asks any more. The first stays: sources are looked
        into with it."""
        if connection is not self.first:
            self._all.remove(connection)
            connection.close()

    def close(self) -> None:
        for connection in self._all:
            connection.close()


class Workspace(Struct, frozen=True):
    """A checked plan with its sources at hand.

    `unpulled` says of entities of a portal, which KPIs read, that they are not in the store yet;
    `missing` is all that is said of what is not: warnings as long as nothing is computed of it.
    `typed` are the values that people type, by KPI.
    """

    bound: Bound
    readers: Mapping[str, SourceReader]
    databases: Databases
    scratch: Path
    staff: Staff
    problems: tuple[Problem, ...]
    unpulled: Mapping[str, Problem] = {}
    missing: tuple[Problem, ...] = ()
    absences: Absences = NONE
    paybook: PayBook = EMPTY
    typed: Mapping[str, ManualReader] = {}

    @property
    def connection(self) -> Connection:
        """Return the database that the sources were opened with."""
        return self.databases.first

    def new_database(self) -> Connection:
        """Return a database to load into, in which what was pulled of portals can be read. The
        first is the one that the sources were opened with; all are closed with the workspace, if
        not before (`Dataset.close`)."""
        return self.databases.next()

    @property
    def employees(self) -> tuple[Person, ...] | None:
        """Return everybody that a source lists; None where none does."""
        return self.staff.people

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Return where a field of an entity first holds a text, as far as that is a cell."""
        entity, field_name = self.bound.origin(entity, field_name)
        return self.readers[entity].cell_of(entity, field_name, text)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == "error"]


class _Wrong:
    """What is wrong with a plan and its sources, by the step that found it.

    Steps run in the order in which one needs what another made. Problems are told by their places,
    and those at one place in the order of `_Step`, whichever ran first.
    """

    def __init__(self) -> None:
        self._found: dict[_Step, list[Problem]] = {step: [] for step in get_args(_Step)}

    def take(self, step: _Step, found: tuple[_Made, Iterable[Problem]]) -> _Made:
        """Keep what a step found wrong, and return what it made."""
        made, problems = found
        self.add(step, problems)
        return made

    def add(self, step: _Step, problems: Iterable[Problem]) -> None:
        self._found[step].extend(problems)

    def told(self) -> tuple[Problem, ...]:
        """Return all of it in the order in which it is told, without repeats."""
        return tuple(sorted_problems([one for found in self._found.values() for one in found]))


class _Sources(Struct, frozen=True):
    """The sources of a plan that are open, by name, in the order in which they were opened.

    `values` is what the files of typed values gave, `typed` their readers by KPI; none before
    `_with_typed`, since who typed them is known only when everybody is. `unopened` are entities
    that are known not to be there.
    """

    opened: Mapping[str, OpenedSource] = {}
    unopened: frozenset[str] = frozenset()
    values: OpenedSource = field(default_factory=OpenedSource)
    typed: Mapping[str, ManualReader] = {}

    @property
    def readers(self) -> dict[str, SourceReader]:
        return {e: reader for one in self._all for e, reader in one.readers.items()}

    @property
    def schemas(self) -> lookups.Schemas:
        return {entity: reader.schemas[entity] for entity, reader in self.readers.items()}

    @property
    def problems(self) -> list[Problem]:
        return [problem for one in self._all for problem in one.problems]

    @property
    def unpulled(self) -> dict[str, Problem]:
        return {e: problem for one in self._all for e, problem in one.unpulled.items()}

    @property
    def absent(self) -> frozenset[str]:
        """Return the entities that should be there and are not."""
        return self.unopened.union(*(one.unopened for one in self._all))

    @property
    def _all(self) -> tuple[OpenedSource, ...]:
        return (*self.opened.values(), self.values)

    def employee_fields(self, staff: Staff) -> tuple[str, ...] | None:
        """Return the further columns of the list of employees; None where there is no list. Of
        people who come with the first pull it is known that they have departments."""
        if staff.people is not None:
            return tuple(sorted({key for person in staff.people for key in person.more}))
        return ("departments",) if any(one.is_awaited for one in self._all) else None

    def staff(self) -> tuple[Staff, list[Problem]]:
        """Return everybody that is known, with what they were when, and what is wrong with that."""
        staff = self._everybody()
        lines = [line for one in self.opened.values() for line in one.posts]
        if staff.people is None and not lines:
            return staff, []
        people, problems = joined(lines) if staff.people is None else attached(staff.people, lines)
        tree = [department for one in self.opened.values() for department in one.departments]
        return replace(staff, people=tuple(placed(people, tree))), problems

    def _everybody(self) -> Staff:
        """Return everybody that is known: of the files, of the portals, or of both."""
        listed = [one.people for one in self.opened.values() if one.people is not None]
        people, by_accounts = [p for several in listed for p in several] if listed else None, False
        accounts: dict[str, Accounts] = {}
        matched: list[Accounts] = []
        for name, one in self.opened.items():
            if one.users is None:
                continue
            users = one.users
            found = Accounts({p.id: p.id for p in users.people}, users.names)
            if people is None:
                people, by_accounts = list(users.people), True
            else:
                found = join(people, users.people, users.names)
                matched.append(found)
                if by_accounts:  # of another portal, where numbers mean others
                    strangers = [p for p in users.people if p.id not in found.people]
                    own = {p.id: f"{name}.{p.id}" for p in strangers}
                    people += [replace(p, id=own[p.id]) for p in strangers]
                    found = replace(found, people={**found.people, **own})
            accounts.update(dict.fromkeys(one.accounts, found))
        if people is None:
            return Staff(None, accounts, by_accounts)
        return Staff(tuple(with_accounts(people, matched)), accounts, by_accounts)


class _Place(Struct, frozen=True):
    """Where the sources of a plan are opened, and what was doubtful of it."""

    databases: Databases
    scratch: Path
    doubts: tuple[Problem, ...] = ()


@contextmanager
def open_workspace(path: str | Path, environment: Mapping[str, str]) -> Iterator[Workspace]:
    """Open a plan and its sources for the length of a command.

    Problems of sources and of meaning are in the workspace; a plan whose shape is wrong is
    PlanRejected at once, with those of its sound parts.
    """
    with workspace_of(load(path, environment)) as workspace:
        yield workspace


@contextmanager
def workspace_of(loaded: LoadedPlan) -> Iterator[Workspace]:
    """Open the sources of a plan that has been read already; see `open_workspace`."""
    if loaded.plan is None:
        raise PlanRejected(sorted_problems([*loaded.problems, *_of_sound_parts(loaded)]))
    with scratch_folder() as folder:
        databases, doubts = _connect(loaded, loaded.plan)
        try:
            with _guarded(loaded.file, loaded.plan):
                yield _open(loaded, loaded.plan, _Place(databases, folder, doubts))
        finally:
            databases.close()


def _of_sound_parts(loaded: LoadedPlan) -> list[Problem]:
    """Return the mistakes of meaning, and of sources, in what is sound of a rejected plan."""
    part = partial.sound(loaded.document)
    if part is None:
        return []
    try:
        with scratch_folder() as folder:
            databases, doubts = _connect(loaded, part.plan)
            try:
                with _guarded(loaded.file, part.plan):
                    meant = replace(loaded, document=part.document)
                    place = _Place(databases, folder, doubts)
                    workspace = _open(meant, part.plan, place, frozenset(part.entities))
            finally:
                databases.close()
    except KpictlError:  # of a store that is busy: the plan is to be mended first
        return []
    said = {problem.place for problem in loaded.problems}
    found = [*part.problems, *partial.independent(workspace.problems, part)]
    return [p for p in found if p.place is None or p.place not in said]


def _connect(loaded: LoadedPlan, plan: Plan) -> tuple[Databases, tuple[Problem, ...]]:
    """Open a database, and say what is doubtful of the company's zone.

    Where DuckDB does not know the zone, the plan is refused in the end, but all its other mistakes
    are still looked for, in UTC.
    """
    zone = ZoneInfo(plan.company.timezone)
    place = loaded.document.place(("company", "timezone"))
    try:
        databases = Databases(zone)
    except UnknownZone:
        data = {"given": zone.key, "near": zone.key.removeprefix("posix/"), "known": ""}
        return Databases(ZoneInfo("UTC")), (Problem("plan.zone", place, data),)
    day = rule_difference(databases.first, zone)
    if day is None:
        return databases, ()
    differing = Problem("plan.zone_rules", place, {"zone": zone.key, "day": day}, "note")
    return databases, (differing,)


def read_store(workspace: Workspace) -> bool:
    """Read every block of the store; False where there is none. StoreError when it is damaged."""
    from kpictl import store

    folder = store.folder_of(workspace.bound.loaded.file)
    with store.sound(folder):
        stored = store.attach(workspace.connection, folder, "")
        if stored is not None:
            store.read_every_block(workspace.connection, stored.database)
    return stored is not None


def _kinds(plan: Plan) -> dict[str, Source]:
    """Return the kinds of source that a plan has, by type, in the order of the shelf."""
    used = {spec.type for spec in plan.sources.values()}
    return {kind: source_of(kind) for kind in SOURCES if kind in used}


@contextmanager
def _guarded(file: str | Path, plan: Plan) -> Iterator[None]:
    with ExitStack() as guards:
        for kind in _kinds(plan).values():
            guards.enter_context(kind.guard(file))
        yield


def _open(
    loaded: LoadedPlan, plan: Plan, place: _Place, unopened: frozenset[str] = frozenset()
) -> Workspace:
    """Open the sources and bind the plan to them; of what is `unopened` already nothing is said."""
    wrong = _Wrong()
    wrong.add("zone", place.doubts)
    sources = _open_sources(loaded, plan, place, unopened)
    staff = wrong.take("people", sources.staff())
    staff = wrong.take("salaries", sections.with_salaries(loaded, plan, place.scratch, staff))
    sources = _with_typed(sources, loaded, plan, place, staff)
    wrong.add("sources", sources.problems)
    readers, unpulled, absent = sources.readers, sources.unpulled, sources.absent
    found = lookups.resolve(plan, loaded.document, sources.schemas, absent)
    schemas = wrong.take("lookups", found)
    book = wrong.take("calendar", sections.read_days(loaded, plan, place.scratch))
    beside = Beside(absent, sources.employee_fields(staff), book)
    bound, problems = bind(loaded, plan, schemas, beside)
    wrong.add("plan", (_closer(problem, readers) for problem in problems))
    bound = wrong.take("shifts", sections.with_shifts(bound, loaded, place.scratch, staff))
    staff = _cut(staff, bound)
    absences = wrong.take("absences", sections.read_absences(bound, loaded, place.scratch, staff))
    paybook = wrong.take("paybook", sections.read_paybook(loaded, plan, place.scratch, staff))
    lint = _lint(Linting(bound, place.databases.first, readers, staff, frozenset(unpulled)))
    wrong.add("never", lint.never)
    wrong.add("missing", lint.missing)
    return Workspace(
        bound,
        readers,
        place.databases,
        place.scratch,
        staff,
        wrong.told(),
        unpulled,
        (*unpulled.values(), *lint.missing),
        absences,
        paybook,
        sources.typed,
    )


def _open_sources(
    loaded: LoadedPlan, plan: Plan, place: _Place, unopened: frozenset[str]
) -> _Sources:
    """Open every source of a plan and return them; those that yield to others after these."""
    kinds, sources = _kinds(plan), _Sources(unopened=unopened)
    for yields in (False, True):
        first = frozenset(sources.readers) | sources.absent
        for name, spec in plan.sources.items():
            kind = kinds[spec.type]
            if kind.yields is not yields:
                continue
            connection, taken = place.databases.first, frozenset(sources.readers)
            opening = SourceOpening(name, spec, loaded, plan, connection, place.scratch)
            found = kind.open(replace(opening, taken=taken, unopened=sources.absent, first=first))
            sources = replace(sources, opened={**sources.opened, name: found})
            if found.attach is not None:
                place.databases.attach.append(found.attach)
    return sources


def _with_typed(
    sources: _Sources, loaded: LoadedPlan, plan: Plan, place: _Place, staff: Staff
) -> _Sources:
    """Return the sources with the files of what people type, if a KPI of the plan is made of it."""
    if not any(kind.is_typed for kind in plan.kpis.values()):
        return sources
    from kpictl.sources import manual  # what few plans have is imported for them alone

    values, typed = manual.opened(plan, loaded, place.scratch, staff)
    return replace(sources, values=values, typed=typed)


def _lint(linting: Linting) -> Lint:
    """Return what the kinds of source that the plan has say of it, all together."""
    lints = [kind.lint(linting) for kind in _kinds(linting.bound.plan).values()]
    never = tuple(problem for lint in lints for problem in lint.never)
    return Lint(never, tuple(problem for lint in lints for problem in lint.missing))


def _cut(staff: Staff, bound: Bound) -> Staff:
    """Let those fields cut posts too that a scorecard or a schedule chooses by. The salary never
    does: it is no other post."""
    conditions = (*bound.who.values(), *bound.own_hours.values())
    asked = {name for who in conditions if who is not None for name in refs(who.tree)}
    cuts = TOLD_APART | (asked - {*_OF_PERSON, "salary"})
    if cuts == TOLD_APART or staff.people is None:
        return staff
    people = (replace(p, cuts=cuts) if p.assignments else p for p in staff.people)
    return replace(staff, people=tuple(people))


_OF_PERSON = frozenset({"id", "name", "email", "active", "hired", "left", "is_head"})


def _closer(problem: Problem, readers: Mapping[str, SourceReader]) -> Problem:
    reader = readers.get(str(problem.data.get("entity", "")))
    return problem if reader is None else reader.closer(problem)


def sorted_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of their places, those of the plan first, without repeats."""
    unique: list[Problem] = []
    for problem in problems:
        if problem not in unique:
            unique.append(problem)
    return sorted(unique, key=lambda p: (p.place is None, str(p.place and p.place.file),
                                         p.place.line if p.place else 0,
                                         p.place.column if p.place else 0))  # fmt: skip


def require_pulled(workspace: Workspace, kpis: Iterable[str]) -> None:
    """Stop where KPIs read what is not in the store."""
    read = {e for kpi in kpis for e in workspace.bound.plan.entities_of(kpi)}
    found = [replace(p, level="error") for e, p in workspace.unpulled.items() if e in read]
    if found:
        raise SourceError(sorted_problems(found))


def require_sound(workspace: Workspace) -> None:
    """Stop with all mistakes if there are any: SourceError where they are of files alone."""
    if workspace.errors:
        raise rejection(workspace.errors, workspace.bound.loaded.document.file)
