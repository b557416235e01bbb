"""Files as a kind of source: opened by each command, never pulled."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.errors import Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.sources import CsvSource, SourceSpec
from kpictl.sources.base import Lint, Linting, Opened, Opening, Source, Standpoint, Sync
from kpictl.sources.status import Files, Status, count_files

if TYPE_CHECKING:
    from kpictl.people import Person

EMPLOYEES = "employees"


class FileSource:
    """CSV, TSV, workbooks and the exports of a CRM."""

    yields = False

    def open(self, opening: Opening) -> Opened:
        from kpictl.sources import csv

        spec, document = _spec(opening.spec), opening.loaded.document
        reader, found = csv.open_source(
            spec,
            csv.Opening(
                opening.name,
                opening.loaded.folder,
                opening.scratch,
                opening.connection,
                fold(document.text),
                document.place,
            ),
        )
        problems = list(found)
        for entity in reader.schemas:
            if entity in opening.taken:
                place = document.place(("sources", opening.name, entity), key=True)
                problems.append(Problem("source.entity_twice", place, {"entity": entity}))
        people = None
        if EMPLOYEES in spec.tables:
            people, more = _people(opening, spec)
            problems += more
        readers = dict.fromkeys(reader.schemas, reader)
        unopened = frozenset(spec.tables) - readers.keys()
        return Opened(readers, tuple(problems), unopened, people)

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


def _people(opening: Opening, spec: CsvSource) -> tuple[tuple[Person, ...], list[Problem]]:
    """Return everybody whom its files of employees list, and what could not be read of them."""
    from kpictl.sources import csv, employees

    table, problems = spec.tables[EMPLOYEES], list[Problem]()
    try:
        files = csv.open_files(table, spec, opening.loaded.folder, opening.scratch, problems)
    except SourceError as error:
        place = opening.loaded.document.place(("sources", opening.name, EMPLOYEES))
        return (), [*problems, *(csv.said_by_plan(p, place) for p in error.problems)]
    people, more = employees.read(files, table)
    return tuple(people), [*problems, *more]


SOURCE: Source = FileSource()
