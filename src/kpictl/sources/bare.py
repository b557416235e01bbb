"""Tables that a plan names by their path alone, with no keys beside it: targets, rates, marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.sources import footers
from kpictl.sources.file_reader import said_by_plan
from kpictl.tables import TableFile, check_shape, expand, open_table

if TYPE_CHECKING:
    from kpictl.plan.document import Path as PlanPath
    from kpictl.plan.load import LoadedPlan

# There is no `header:` and no `footer:` to write for these: what helps is to mend the file.
_OF_BARE = {"title": "table.title_of_bare", "footer": "table.footer_of_bare",
            "ragged": "table.ragged_of_bare"}  # fmt: skip


def open_bare(
    path: Path, folder: Path, scratch: Path, sheet: str | None = None
) -> tuple[TableFile, list[Problem]]:
    """Open a table (of a workbook the sheet of that name) without its footer, called as seen from
    the plan's folder, and return notes of what was left out. SourceError holds what is wrong with
    it, with the steps that are open."""
    shown = (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()
    try:
        shown = f"{shown}[{sheet}]" if sheet else shown
        table = replace(open_table(path, scratch=scratch, sheet=sheet), origin=shown)
        table, remarks = footers.leave_out(table, scratch)
        ragged = check_shape(table)
    except SourceError as error:
        raise SourceError([_of_bare(p, str(path), shown) for p in error.problems]) from error
    if ragged:
        raise SourceError([_of_bare(p, str(path), shown) for p in ragged])
    return table, [_of_bare(p, str(path), shown) for p in remarks]


def open_listed(
    patterns: str | list[str], path: PlanPath, loaded: LoadedPlan, scratch: Path
) -> tuple[list[TableFile], list[Problem]]:
    """Open all files of a name or pattern, or of a list of them, that stands at a path of the plan;
    what cannot be opened is said there."""
    files: list[TableFile] = []
    problems: list[Problem] = []
    listed = [patterns] if isinstance(patterns, str) else patterns
    for number, pattern in enumerate(listed):
        at: PlanPath = path if isinstance(patterns, str) else (*path, number)
        try:
            for name in expand(pattern, loaded.folder):
                file, remarks = open_bare(name, loaded.folder, scratch)
                files.append(file)
                problems += remarks
        except SourceError as error:
            place = loaded.document.place(at)
            problems += [said_by_plan(p, place) for p in error.problems]
    return files, problems


def _of_bare(problem: Problem, path: str, shown: str) -> Problem:
    place, data = problem.place, dict(problem.data)
    if place is not None and place.file == path:
        place = Place(shown, place.line, place.column)
    if data.get("file") == path:
        data["file"] = shown
    code = _OF_BARE.get(problem.code.removeprefix("table."), problem.code)
    return replace(problem, code=code, place=place, data=data)
