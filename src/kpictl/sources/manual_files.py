"""The files of typed values → tables, each read once, however many KPIs share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.kinds.manual import Manual
from kpictl.naming import fold
from kpictl.plan.load import suggest
from kpictl.sources.file_reader import said_by_plan
from kpictl.sources.layout import KpiNames, Sheet, lines_of
from kpictl.sources.manual_lines import MARKS, Table
from kpictl.sources.sheets import SheetReading, open_sheets
from kpictl.tables import expand

if TYPE_CHECKING:
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan

Key = tuple[Path, str | None]
"""A file, and which sheet of it is read."""


class Files:
    """The files of all such KPIs (`of`), their tables, and what is wrong with them."""

    def __init__(
        self, plan: Plan, loaded: LoadedPlan, scratch: Path, kinds: Mapping[str, Manual]
    ) -> None:
        self.plan, self.loaded, self.scratch, self.kinds = plan, loaded, scratch, kinds
        self.problems: list[Problem] = []
        self.unopened: set[str] = set()
        self.of: dict[str, list[Key]] = {}
        self.sharing: dict[Key, list[str]] = {}
        self._tables: dict[Key, tuple[Table, ...]] = {}
        for kpi, kind in kinds.items():
            self.of[kpi] = [(file, kind.sheet) for file in self._expanded(kpi, kind)]
            for key in self.of[kpi]:
                self.sharing.setdefault(key, []).append(kpi)
        for key, kpis in self.sharing.items():
            self._read(key, kpis)

    def tables(self, key: Key) -> tuple[Table, ...]:
        return self._tables[key]

    def _expanded(self, kpi: str, kind: Manual) -> Iterator[Path]:
        """Yield the files of a KPI, each once."""
        seen: set[Path] = set()
        for number, pattern in enumerate(kind.paths):
            try:
                for file in expand(pattern, self.loaded.folder):
                    if file not in seen:
                        seen.add(file)
                        yield file
            except SourceError as error:
                self._refuse(kpi, number, error)

    def _refuse(self, kpi: str, number: int, error: SourceError) -> None:
        """Say at the plan's name of a file what keeps it from being read."""
        listed = isinstance(self.kinds[kpi].manual, list)
        place = self.loaded.document.place(
            ("kpis", kpi, "manual", number) if listed else ("kpis", kpi, "manual")
        )
        self.problems += [said_by_plan(p, place) for p in error.problems]
        self.unopened.add(kpi)

    def _read(self, key: Key, kpis: Sequence[str]) -> None:
        names = KpiNames.of(self.plan, kpis)
        reading = SheetReading(self.loaded.folder, self.scratch, MARKS, names, key[1])
        try:
            sheets = [*open_sheets(key[0], reading, self.problems)]
        except SourceError as error:
            for kpi in kpis:
                self._refuse(kpi, self._number(kpi, key[0]), error)
            return
        self._tables[key] = tuple(self._table(sheet, kpis) for sheet in sheets)

    def _number(self, kpi: str, file: Path) -> int:
        """Return which of the names of a KPI's files means a file."""
        paths, folder = self.kinds[kpi].paths, self.loaded.folder
        return next((n for n, path in enumerate(paths) if file in expand(path, folder)), 0)

    def _table(self, sheet: Sheet, kpis: Sequence[str]) -> Table:
        """Read a table; where it is of one KPI alone, nothing needs to say so."""
        if not sheet.kpi and len(kpis) == 1:
            sheet = replace(sheet, kpi=kpis[0])
        if _says_no_kpi(sheet):
            data = {"file": sheet.file.origin, "kpis": ", ".join(kpis)}
            self.problems.append(Problem("manual.no_kpi_column", Place(sheet.file.origin, 1), data))
            return Table(sheet, ())
        remarks: list[Problem] = []
        lines = tuple(lines_of(sheet, remarks))
        self.problems += [p for p in remarks if p.level != "error"]
        table = Table(sheet, lines, tuple(p for p in remarks if p.level == "error"))
        self.problems += _of_no_kpi(table, self.kinds)
        return table


def _says_no_kpi(sheet: Sheet) -> bool:
    """Say whether nothing tells of which of several KPIs the values of a long table are."""
    columns = MARKS.columns(sheet.file.header)
    return "value" in columns and "kpi" not in columns and not sheet.kpi


def _of_no_kpi(table: Table, kinds: Mapping[str, Manual]) -> Iterator[Problem]:
    """Yield the names of KPIs in a table that are none, each with the number of its lines."""
    if "kpi" not in table.columns:
        return
    labels = [kind.label or kpi for kpi, kind in kinds.items()]
    known = {fold(name) for name in (*kinds, *labels)}
    strange = [line for line in table.lines if fold(line.cells["kpi"]) not in known]
    counts = Counter(line.cells["kpi"].strip() for line in strange)
    for called, count in counts.items():
        place = next(x.place("kpi") for x in strange if x.cells["kpi"].strip() == called)
        said: dict[str, object] = {"name": called[:80], "count": count, **suggest(called, labels)}
        yield Problem("manual.unknown_kpi", place, said, "warning")
