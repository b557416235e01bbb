"""A plan file → everything a command works with: sources opened, plan bound, people known.

The one place that knows which kinds of source there are; a new kind is one branch in `source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import kpictl.catalog as catalogue
from kpictl.database import Connection, UnknownZone, connect, rule_difference
from kpictl.errors import KpictlError, Place, PlanRejected, Problem, SourceError, rejection
from kpictl.naming import fold
from kpictl.people import Accounts, Person, Staff, join
from kpictl.plan import partial
from kpictl.plan.bind import Bound, bind
from kpictl.plan.load import Loaded, load, suggest
from kpictl.plan.model import Bitrix24Source, CsvSource, Plan
from kpictl.scratch import scratch_folder
from kpictl.sources import csv, employees
from kpictl.sources.base import SourceReader

if TYPE_CHECKING:
    from kpictl.sources.bitrix24.people import Staff as Users
    from kpictl.store import Stored


class Databases:
    """The databases of a workspace: one to open the sources with, and one for each dataset, since
    what a dataset was loaded into is sealed."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.first = connect(zone)
        self.stores: list[tuple[Path, str]] = []  # a folder, and a source of a portal in it
        self._fresh: Connection | None = self.first
        self._all = [self.first]

    def next(self) -> Connection:
        """Return the first one, if nobody has had it, else a new one."""
        if self._fresh is not None:
            connection, self._fresh = self._fresh, None
            return connection
        connection = connect(self.zone)
        self._all.append(connection)
        for folder, source in self.stores:
            from kpictl import store

            store.attach(connection, folder, source)
        return connection

    def close(self) -> None:
        for connection in self._all:
            connection.close()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A checked plan with its sources at hand.

    `unpulled` says of entities of a portal, which KPIs read, that they are not in the store yet;
    `missing` is all that is said of what is not: warnings as long as nothing is computed of it.
    """

    bound: Bound
    readers: Mapping[str, SourceReader]
    databases: Databases
    scratch: Path
    staff: Staff
    problems: tuple[Problem, ...]
    unpulled: Mapping[str, Problem] = field(default_factory=dict)
    missing: tuple[Problem, ...] = ()

    @property
    def connection(self) -> Connection:
        """Return the database that the sources were opened with."""
        return self.databases.first

    def new_database(self) -> Connection:
        """Return a database to load into, in which what was pulled of portals can be read. The
        first is the one that the sources were opened with; all are closed with the workspace."""
        return self.databases.next()

    @property
    def employees(self) -> tuple[Person, ...] | None:
        """Return everybody that a source lists; None where none does."""
        return self.staff.people

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Return where a field of an entity first holds a text, as far as that is a cell."""
        return self.readers[entity].cell_of(entity, field_name, text)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == "error"]


@dataclass(slots=True)
class _Opening:
    loaded: Loaded
    plan: Plan
    databases: Databases
    scratch: Path
    readers: dict[str, SourceReader] = field(default_factory=dict)
    unopened: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    people: list[Person] | None = None
    portals: dict[str, Bitrix24Source] = field(default_factory=dict)
    of_files: frozenset[str] = frozenset()
    users: list[tuple[str, frozenset[str], Users]] = field(default_factory=list)
    unpulled: dict[str, Problem] = field(default_factory=dict)
    awaited: bool = False  # people come with the first pull

    @property
    def connection(self) -> Connection:
        return self.databases.first

    def source(self, name: str, spec: CsvSource | Bitrix24Source) -> None:
        if isinstance(spec, Bitrix24Source):
            self.portals[name] = spec  # opened once it is known what files hold
            return
        opening = csv.Opening(
            name,
            self.loaded.folder,
            self.scratch,
            self.connection,
            fold(self.loaded.document.text),
            self.loaded.document.place,
        )
        reader, problems = csv.open_source(spec, opening)
        self.problems.extend(problems)
        self.unopened.update(set(spec.tables) - set(reader.schemas))
        for entity in reader.schemas:
            if entity in self.readers:
                place = self.loaded.document.place(("sources", name, entity), key=True)
                self.problems.append(Problem("source.entity_twice", place, {"entity": entity}))
            self.readers[entity] = reader
        if "employees" in spec.tables:
            self.employees(name, spec)

    def portal(self, name: str, spec: Bitrix24Source) -> None:
        """Open what was pulled of a portal."""
        from kpictl import store
        from kpictl.sources.bitrix24 import people, reader

        entities = self._of_portal(name, spec, reader.offered(spec.items))
        folder = store.folder_of(self.loaded.file)
        stored = store.attach(self.connection, folder, name)
        self.databases.stores.append((folder, name))
        if stored is None:
            self.awaited = True
            self._unpulled(name, entities)
            self.unopened.update(entities)
            return
        stages = {fold(k): str(v) for k, v in spec.stages.items()}
        currencies = {fold(k): code for k, code in spec.currencies.items()}
        skips = spec.on_bad_value == "skip"
        settings = reader.Settings(name, stages, spec.items, skips, currencies)
        opened = reader.open_portal(stored, settings, entities)
        self.readers.update(dict.fromkeys(opened.schemas, opened))
        self._unpulled(name, [e for e in entities if e not in stored.marks], stored)
        self.unopened.update(set(entities) - opened.schemas.keys())
        users = people.read(stored)
        if users is not None:
            self.users.append((name, frozenset(entities), users))
        elif stored.marks:
            place = self.loaded.document.place(("sources", name), key=True)
            data = {"source": name}
            self.problems.append(Problem("portal.no_users", place, data, "warning"))

    def _of_portal(self, name: str, spec: Bitrix24Source, known: Sequence[str]) -> list[str]:
        """Return the entities that are read of a portal: not what files hold, nor what the plan
        names at another portal."""
        path = ("sources", name)
        for i, entity in enumerate(spec.pull):
            if entity not in known:
                data = {"entity": entity, **suggest(entity, list(known))}
                place = self.loaded.document.place((*path, "pull", i))
                self.problems.append(Problem("portal.no_entity", place, data))
        for entity in spec.items:
            if catalogue.entity(entity).known:
                data = {"path": "items", "key": entity}
                place = self.loaded.document.place((*path, "items", entity), key=True)
                self.problems.append(Problem("plan.reserved", place, data))
        own = {*spec.pull, *spec.items}
        if spec.pull and len(self.portals) > 1:
            known = [e for e in known if e in own or e.partition("_history_")[2] in own]
        others = {
            e for n, p in self.portals.items() if n != name for e in (*p.pull, *p.items)
        } - own
        taken = self.readers.keys() | self.unopened
        by_portals = taken - self.of_files
        read = {e for kind in self.plan.kpis.values() for e in kind.entities()}
        for entity in sorted((taken & own) | ((by_portals & read & set(known)) - others)):
            place = self.loaded.document.place(path, key=True)
            self.problems.append(Problem("source.entity_twice", place, {"entity": entity}))
        return [e for e in known if e not in taken and e not in others]

    def _unpulled(self, name: str, entities: Iterable[str], stored: Stored | None = None) -> None:
        """Remark on what KPIs read and nobody has pulled; what computes them stops there."""
        from kpictl.sources.bitrix24.checking import not_pulled

        missing, items = set(entities), self.portals[name].items
        for kpi, kind in self.plan.kpis.items():
            for entity in missing.intersection(kind.entities()):
                found, path = (
                    Problem("portal.nothing_pulled", None, {"source": name}),
                    ("sources", name),
                )
                if stored is not None:
                    found, path = not_pulled(stored, entity, items), ("kpis", kpi)
                place = self.loaded.document.place(path, key=True)
                problem = replace(found, place=place, level="warning")
                self.problems.append(self.unpulled.setdefault(entity, problem))

    def staff(self) -> Staff:
        """Return everybody that is known: of the files, of the portals, or of both."""
        people, by_accounts = self.people, False
        accounts: dict[str, Accounts] = {}
        for name, entities, users in self.users:
            found = Accounts({p.id: p.id for p in users.people}, users.names)
            if people is None:
                people, by_accounts = list(users.people), True
            else:
                people, found = join(people, users.people, users.names)
                if by_accounts:  # of another portal, where numbers mean others
                    strangers = [p for p in users.people if p.id not in found.people]
                    own = {p.id: f"{name}.{p.id}" for p in strangers}
                    people += [replace(p, id=own[p.id]) for p in strangers]
                    found = replace(found, people={**found.people, **own})
            accounts.update(dict.fromkeys(entities, found))
        return Staff(None if people is None else tuple(people), accounts, by_accounts)

    def employees(self, name: str, spec: CsvSource) -> None:
        table = spec.tables["employees"]
        try:
            files = csv.open_files(table, spec, self.loaded.folder, self.scratch, self.problems)
        except SourceError as error:
            place = self.loaded.document.place(("sources", name, "employees"))
            self.problems.extend(csv.said_by_plan(p, place) for p in error.problems)
            self.people = []
            return
        people, problems = employees.read(files, table)
        self.problems.extend(problems)
        self.people = [*(self.people or []), *people]


@contextmanager
def opened(path: str | Path, environment: Mapping[str, str]) -> Iterator[Workspace]:
    """Open a plan and its sources for the length of a command.

    Problems of sources and of meaning are in the workspace; a plan whose shape is wrong is
    PlanRejected at once, with those of its sound parts.
    """
    with opened_plan(load(path, environment)) as workspace:
        yield workspace


@contextmanager
def opened_plan(loaded: Loaded) -> Iterator[Workspace]:
    """Open the sources of a plan that has been read already; see `opened`."""
    if loaded.plan is None:
        raise PlanRejected(sorted_problems([*loaded.problems, *_of_sound_parts(loaded)]))
    with scratch_folder() as folder:
        databases, doubts = _connect(loaded, loaded.plan)
        try:
            with _sound_store(loaded.file, loaded.plan):
                yield _open(_Opening(loaded, loaded.plan, databases, folder, problems=doubts))
        finally:
            databases.close()


def _of_sound_parts(loaded: Loaded) -> list[Problem]:
    """Return the mistakes of meaning, and of sources, in what is sound of a rejected plan."""
    part = partial.sound(loaded.document)
    if part is None:
        return []
    try:
        with scratch_folder() as folder:
            databases, doubts = _connect(loaded, part.plan)
            try:
                with _sound_store(loaded.file, part.plan):
                    meant = replace(loaded, document=part.document)
                    opening = _Opening(meant, part.plan, databases, folder, problems=doubts)
                    opening.unopened.update(part.entities)
                    workspace = _open(opening)
            finally:
                databases.close()
    except KpictlError:  # of a store that is busy: the plan is to be mended first
        return []
    said = {problem.place for problem in loaded.problems}
    found = [*part.problems, *partial.independent(workspace.problems, part)]
    return [p for p in found if p.place is None or p.place not in said]


def _connect(loaded: Loaded, plan: Plan) -> tuple[Databases, list[Problem]]:
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
        return Databases(ZoneInfo("UTC")), [Problem("plan.zone", place, data)]
    day = rule_difference(databases.first, zone)
    if day is None:
        return databases, []
    differing = Problem("plan.zone_rules", place, {"zone": zone.key, "day": day}, "note")
    return databases, [differing]


def read_store(workspace: Workspace) -> bool:
    """Read every block of the store; False where there is none. StoreError when it is damaged."""
    from kpictl import store

    folder = store.folder_of(workspace.bound.loaded.file)
    with store.sound(folder):
        stored = store.attach(workspace.connection, folder, "")
        if stored is not None:
            store.read_every_block(workspace.connection, stored.database)
    return stored is not None


def _sound_store(path: str | Path, plan: Plan) -> AbstractContextManager[None]:
    if not any(isinstance(spec, Bitrix24Source) for spec in plan.sources.values()):
        return nullcontext()
    from kpictl import store

    return store.sound(store.folder_of(path))


def _open(opening: _Opening) -> Workspace:
    """Open the sources and bind the plan to them; of what is `unopened` already nothing is said."""
    loaded, plan = opening.loaded, opening.plan
    for name, spec in plan.sources.items():
        opening.source(name, spec)
    opening.of_files = frozenset(opening.readers) | opening.unopened
    for name, portal in opening.portals.items():
        opening.portal(name, portal)
    schemas = {entity: reader.schemas[entity] for entity, reader in opening.readers.items()}
    staff = opening.staff()
    people = staff.people
    more = None if people is None else sorted({key for p in people for key in p.more})
    if people is None and opening.awaited:
        more = ["departments", "head"]
    bound, problems = bind(loaded, plan, schemas, unopened=opening.unopened, employee_fields=more)
    problems = [_with_cell(problem, opening.readers) for problem in problems]
    never, missing = _foreseen(bound, opening, staff)
    problems = sorted_problems([*opening.problems, *problems, *never, *missing])
    unpulled = opening.unpulled
    missing = [*unpulled.values(), *missing]
    return Workspace(
        bound,
        opening.readers,
        opening.databases,
        opening.scratch,
        staff,
        tuple(problems),
        unpulled,
        tuple(missing),
    )


def _with_cell(problem: Problem, readers: Mapping[str, SourceReader]) -> Problem:
    """Show of a column of a file that is no date the first cell which says so."""
    reader = readers.get(str(problem.data.get("entity", "")))
    if problem.code != "bind.not_a_date" or not isinstance(reader, csv.CsvReader):
        return problem
    cell = reader.not_a_date(str(problem.data["entity"]), str(problem.data["name"]))
    if cell is None:
        return problem
    shown = {"value": cell.value[:80], "file": cell.place, "caption": cell.caption}
    data = {**problem.data, **shown, "beside": (cell.beside or "")[:80]}
    code = "bind.cell_not_a_date" if cell.beside is None else "bind.month_among_days"
    return replace(problem, code=code, data=data)


def _foreseen(bound: Bound, opening: _Opening, staff: Staff) -> tuple[list[Problem], list[Problem]]:
    """Return what the plan says that its portals never give, and what they have not given yet."""
    if not opening.portals:
        return [], []
    from kpictl.sources.bitrix24 import foresight

    asked = foresight.Asked(bound, opening.connection, opening.readers, staff)
    return list(foresight.never(asked)), list(foresight.missing(asked, opening.unpulled))


def sorted_problems(
    problems: Iterator[Problem] | tuple[Problem, ...] | list[Problem],
) -> list[Problem]:
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
    read = {e for kpi in kpis for e in workspace.bound.kind(kpi).entities()}
    found = [replace(p, level="error") for e, p in workspace.unpulled.items() if e in read]
    if found:
        raise SourceError(sorted_problems(found))


def require_sound(workspace: Workspace) -> None:
    """Stop with all mistakes if there are any: SourceError where they are of files alone."""
    if workspace.errors:
        raise rejection(workspace.errors, workspace.bound.loaded.document.file)
