"""The tables that a section of a plan names (`absences`, `shifts`): by their path, or as an entity
of a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kpictl.errors import Problem, SourceError
from kpictl.plan.load import dotted, suggest
from kpictl.plan.sources import CsvSource
from kpictl.sources.bare import open_listed
from kpictl.sources.file_reader import open_files, said_by_plan
from kpictl.tables import TableFile

if TYPE_CHECKING:
    from kpictl.plan.document import Path as PlanPath
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan


class NamesTables(Protocol):
    """A section that names its tables in one of two ways."""

    @property
    def file(self) -> str | list[str] | None: ...

    @property
    def from_(self) -> str | None: ...


def opened(
    spec: NamesTables, path: PlanPath, plan: Plan, loaded: LoadedPlan, scratch: Path
) -> tuple[list[TableFile], list[Problem]]:
    """Open the tables of the section at a path of the plan; what cannot be opened is said there."""
    if (spec.file is None) == (spec.from_ is None):
        place = loaded.document.place(path, key=True)
        return [], [Problem("plan.file_or_from", place, {"path": dotted(path)})]
    if spec.from_ is not None:
        return _of_entity(spec.from_, (*path, "from"), plan, loaded, scratch)
    return open_listed(spec.file or [], (*path, "file"), loaded, scratch)


def _of_entity(
    entity: str, path: PlanPath, plan: Plan, loaded: LoadedPlan, scratch: Path
) -> tuple[list[TableFile], list[Problem]]:
    place = loaded.document.place(path)
    sources = [source for source in plan.sources.values() if isinstance(source, CsvSource)]
    source = next((one for one in sources if entity in one.tables), None)
    if source is None:
        known = [name for one in sources for name in one.tables]
        data = {"entity": entity, "path": dotted(path), **suggest(entity, known)}
        return [], [Problem("bind.unknown_entity", place, data)]
    notes: list[Problem] = []
    try:
        files = open_files(source.tables[entity], source, loaded.folder, scratch, notes)
    except SourceError as error:
        return [], [*notes, *(said_by_plan(p, place) for p in error.problems)]
    return files, notes
