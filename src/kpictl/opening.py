"""A plan file → everything a command works with: sources opened, plan bound, people known.

The one place that knows which kinds of source there are; a new kind is one line in `_OPENERS`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from kpictl.database import Connection, connect
from kpictl.errors import PlanRejected, Problem, SourceError
from kpictl.naming import fold
from kpictl.people import Person
from kpictl.plan.bind import Bound, bind
from kpictl.plan.load import Loaded, load
from kpictl.plan.model import Bitrix24Source, CsvSource, Plan
from kpictl.sources import csv, employees
from kpictl.sources.base import SourceReader


@dataclass(frozen=True, slots=True)
class Workspace:
    """A checked plan with its sources at hand. `employees` is None where no file lists them."""

    bound: Bound
    readers: Mapping[str, SourceReader]
    connection: Connection
    scratch: Path
    employees: tuple[Person, ...] | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level == "error"]


@dataclass(slots=True)
class _Opening:
    loaded: Loaded
    plan: Plan
    connection: Connection
    scratch: Path
    readers: dict[str, SourceReader] = field(default_factory=dict)
    unopened: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    people: list[Person] | None = None

    def source(self, name: str, spec: CsvSource | Bitrix24Source) -> None:
        if isinstance(spec, Bitrix24Source):
            place = self.loaded.document.place(("sources", name, "type"))
            self.problems.append(Problem("source.no_portal_yet", place, {"source": name}))
            self.unopened.update(spec.pull)
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
    PlanRejected at once, since nothing can be opened by it.
    """
    loaded = load(path, environment)
    if loaded.plan is None:
        raise PlanRejected(sorted_problems(loaded.problems))
    with tempfile.TemporaryDirectory(prefix="kpictl-", ignore_cleanup_errors=True) as folder:
        connection = connect(ZoneInfo(loaded.plan.company.timezone))
        try:
            yield _open(loaded, loaded.plan, connection, Path(folder))
        finally:
            connection.close()


def _open(loaded: Loaded, plan: Plan, connection: Connection, scratch: Path) -> Workspace:
    opening = _Opening(loaded, plan, connection, scratch)
    for name, spec in plan.sources.items():
        opening.source(name, spec)
    schemas = {entity: reader.schemas[entity] for entity, reader in opening.readers.items()}
    people = None if opening.people is None else tuple(opening.people)
    more = None if people is None else sorted({key for p in people for key in p.more})
    bound, problems = bind(loaded, plan, schemas, unopened=opening.unopened, employee_fields=more)
    problems = sorted_problems([*opening.problems, *problems])
    return Workspace(bound, opening.readers, connection, scratch, people, tuple(problems))


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


def require_sound(workspace: Workspace) -> None:
    """Stop with all mistakes if there are any."""
    if workspace.errors:
        raise PlanRejected(workspace.errors)
