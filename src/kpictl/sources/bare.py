"""Tables that a plan names by their path alone, with no keys beside it: targets and rates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kpictl.errors import Place, Problem, SourceError
from kpictl.sources import footers
from kpictl.tables import TableFile, check_shape, open_table

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


def _of_bare(problem: Problem, path: str, shown: str) -> Problem:
    place, data = problem.place, dict(problem.data)
    if place is not None and place.file == path:
        place = Place(shown, place.line, place.column)
    if data.get("file") == path:
        data["file"] = shown
    code = _OF_BARE.get(problem.code.removeprefix("table."), problem.code)
    return replace(problem, code=code, place=place, data=data)
