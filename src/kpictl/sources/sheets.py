"""Which sheets of a workbook are the table, and what their names say: a KPI, a period, a year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from msgspec import Struct

from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.sources.bare import open_bare
from kpictl.sources.layout import KpiNames, Sheet, Subject, period_named
from kpictl.tables import TableFile, sheet_names

ALL_SHEETS = "*"
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")


class SheetReading(Struct, frozen=True):
    """How files are read: seen from which folder, with which folder for what is unpacked; what the
    tables are about, and of which KPIs; which sheet of a workbook is to be read (`*`: all of them,
    nothing: those that are called like KPIs or periods, else the first)."""

    folder: Path
    scratch: Path
    about: Subject
    kpis: KpiNames
    sheet: str | None = None


def open_sheets(file: Path, reading: SheetReading, problems: list[Problem]) -> Iterator[Sheet]:
    """Yield the table of a file, of a workbook each sheet to be read. Raises SourceError."""
    names = sheet_names(file)
    chosen = _chosen(names, reading)
    others = [name for name in names if name not in chosen]
    if chosen and others and reading.sheet is None:
        shown = file.relative_to(reading.folder) if file.is_relative_to(reading.folder) else file
        data = {"names": ", ".join(others)}
        problems.append(Problem("layout.sheets_left_out", Place(shown.as_posix()), data, "note"))
    for name in chosen or names[:1] or [""]:
        asked = name if chosen else None
        opened, remarks = open_bare(file, reading.folder, reading.scratch, asked)
        problems.extend(remarks)
        yield _sheet(opened, name, reading)


def _chosen(names: Sequence[str], reading: SheetReading) -> list[str]:
    """Return the sheets that are to be read by their names; none where it is the first one."""
    if not names or reading.sheet == ALL_SHEETS:
        return list(names)
    if reading.sheet is not None:
        meant = [name for name in names if fold(name) == fold(reading.sheet)]
        return meant or [reading.sheet]  # which `open_bare` does not find, and says so
    kpis = [name for name in names if reading.kpis.find(name)]
    return kpis or ([n for n in names if period_named(n)] if len(names) > 1 else [])


def _sheet(file: TableFile, name: str, reading: SheetReading) -> Sheet:
    """Return a table with what the name of its sheet, or of its file, says of its numbers."""
    period = period_named(name) if name else None
    years = set(_YEAR.findall(name)) or set(_YEAR.findall(PurePath(file.origin).name))
    year = years.pop() if len(years) == 1 else ""
    said = "" if period is None or len(period) == 4 else period
    return Sheet(file, reading.about, reading.kpis, reading.kpis.find(name) or "", said, year)
