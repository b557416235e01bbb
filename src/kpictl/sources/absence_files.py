"""The files that a plan's `absences` names: by their path, or as an entity of a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.errors import Problem, SourceError
from kpictl.plan.load import dotted, suggest
from kpictl.plan.sources import CsvSource
from kpictl.sources.bare import open_listed
from kpictl.sources.csv import open_files, said_by_plan
from kpictl.tables import TableFile

if TYPE_CHECKING:
    from kpictl.plan.absences import AbsencesPlan
    from kpictl.plan.load import Loaded
    from kpictl.plan.model import Plan


def opened(
    spec: AbsencesPlan, plan: Plan, loaded: Loaded, scratch: Path
) -> tuple[list[TableFile], list[Problem]]:
    """Open the files; what cannot be opened is said at the section."""
    place = loaded.document.place(("absences",), key=True)
    if (spec.file is None) == (spec.from_ is None):
        return [], [Problem("absences.where", place, {})]
    if spec.from_ is not None:
        return _of_entity(spec.from_, plan, loaded, scratch)
    return open_listed(spec.file or [], ("absences", "file"), loaded, scratch)


def _of_entity(
    entity: str, plan: Plan, loaded: Loaded, scratch: Path
) -> tuple[list[TableFile], list[Problem]]:
    place = loaded.document.place(("absences", "from"))
    sources = [source for source in plan.sources.values() if isinstance(source, CsvSource)]
    source = next((one for one in sources if entity in one.tables), None)
    if source is None:
        known = [name for one in sources for name in one.tables]
        data = {"entity": entity, "path": dotted(("absences", "from")), **suggest(entity, known)}
        return [], [Problem("bind.unknown_entity", place, data)]
    notes: list[Problem] = []
    try:
        files = open_files(source.tables[entity], source, loaded.folder, scratch, notes)
    except SourceError as error:
        return [], [*notes, *(said_by_plan(p, place) for p in error.problems)]
    return files, notes
