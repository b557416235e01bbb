"""Files as a kind of source: what stands on the shelf, and answers what its protocol asks.

They are opened by each command, never pulled. What is in them `file_reader` reads; here it is told
which entities, people, posts and departments a source gives, and how it stands.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.sources import CsvSource, SourceSpec
from kpictl.sources.base import Lint, Linting, OpenedSource, Source, SourceOpening, Standpoint, Sync
from kpictl.sources.status import Files, Status, count_files

if TYPE_CHECKING:
    from kpictl.people.staff import Person
    from kpictl.plan.model import Plan
    from kpictl.sources.assignments import StaffLine
    from kpictl.sources.departments import Department
    from kpictl.tables import TableFile

EMPLOYEES = "employees"
POSTS = "assignments"


class FileSource:
    """Sources of the type `csv`: CSV, TSV, workbooks and the list exports of a CRM."""

    yields = False

    def open(self, opening: SourceOpening) -> OpenedSource:
        from kpictl.sources import file_reader

        spec, document = _spec(opening.spec), opening.loaded.document
        reader, found = file_reader.open_source(
            spec,
            file_reader.FileOpening(
                opening.name,
                opening.loaded.folder,
                opening.scratch,
                opening.connection,
                fold(document.text),
                document.place,
                _link_fields(opening.plan),
            ),
        )
        problems = list(found)
        for entity in reader.schemas:
            if entity in opening.taken:
                place = document.place(("sources", opening.name, entity), key=True)
                problems.append(Problem("source.entity_twice", place, {"entity": entity}))
        lists = _Lists(opening, spec, problems)
        people = lists.people()
        posts, tree = lists.posts(), lists.departments()
        readers = dict.fromkeys(reader.schemas, reader)
        unopened = frozenset(spec.tables) - readers.keys()
        return OpenedSource(
            readers, tuple(problems), unopened, people, posts=posts, departments=tree
        )

    def describe(self, spec: SourceSpec) -> tuple[str, ...]:
        del spec
        return ()

    def status(self, name: str, spec: SourceSpec, seen_from: Standpoint) -> Status:
        folder = seen_from.file.resolve().parent
        files = tuple(
            Files(entity, tuple(table.paths), sum(count_files(p, folder) for p in table.paths))
            for entity, table in _spec(spec).tables.items()
        )
        return Status(name, spec.type, files)

    def lint(self, linting: Linting) -> Lint:
        del linting
        return Lint()

    def sync(self, spec: SourceSpec) -> Sync | None:
        del spec
        return None

    def guard(self, file: str | Path) -> AbstractContextManager[object]:
        del file
        return nullcontext()


def _spec(spec: SourceSpec) -> CsvSource:
    assert isinstance(spec, CsvSource)  # noqa: S101  the shelf goes by its type
    return spec


def _link_fields(plan: Plan) -> frozenset[tuple[str, str]]:
    """Return the fields that hold the ids of other records, folded, each with its entity."""
    several = (kpi.link_fields() for kpi in plan.kpis.values())
    return frozenset((entity, fold(name)) for one in several for entity, name in one)


class _Lists(Struct):
    """The lists of people that a source has beside its records; what cannot be read of them goes to
    the `problems`."""

    opening: SourceOpening
    spec: CsvSource
    problems: list[Problem]

    def people(self) -> tuple[Person, ...] | None:
        """Return everybody whom the files of employees list; None where there are none."""
        from kpictl.sources import employees

        files = self._files(EMPLOYEES)
        if files is None:
            return () if EMPLOYEES in self.spec.tables else None
        people, more = employees.read(files, self.spec.tables[EMPLOYEES])
        self.problems += more
        return tuple(people)

    def posts(self) -> tuple[StaffLine, ...]:
        """Return the lines that say what people were from when to when."""
        from kpictl.sources import employees

        files = self._files(POSTS)
        if files is None or not all(employees.is_dated(f, self.spec.tables[POSTS]) for f in files):
            return ()
        lines, more = employees.read_lines(files, self.spec.tables[POSTS])
        self.problems += more
        return tuple(lines)

    def departments(self) -> tuple[Department, ...]:
        """Return the departments with what they are parts of."""
        from kpictl.sources import departments

        files = self._files(departments.ENTITY)
        if files is None:
            return ()
        return tuple(departments.read(files, self.spec.tables[departments.ENTITY]))

    def _files(self, entity: str) -> list[TableFile] | None:
        """Open the files of an entity; None where it has none, or they cannot be opened."""
        from kpictl.sources import file_reader

        if entity not in self.spec.tables:
            return None
        table, folder = self.spec.tables[entity], self.opening.loaded.folder
        try:
            return file_reader.open_files(
                table, self.spec, folder, self.opening.scratch, self.problems
            )
        except SourceError as error:
            place = self.opening.loaded.document.place(("sources", self.opening.name, entity))
            self.problems += [file_reader.said_by_plan(p, place) for p in error.problems]
            return None


SOURCE: Source = FileSource()
