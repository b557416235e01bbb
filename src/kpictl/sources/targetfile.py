"""A file of targets → written numbers. Columns (Russian or English captions, any order):

employee (сотрудник), kpi (показатель), period (период, месяц), target (план, цель); instead of an
employee a line may name a department (отдел) or a scorecard (карта), or nobody: the company.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl import periods
from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.load import suggest
from kpictl.sources import decimals, footers, numbers
from kpictl.sources.csv import said_by_plan
from kpictl.tables import TableFile, expand, open_table, rows
from kpictl.targets import Written, no_department, whose

if TYPE_CHECKING:
    from kpictl.people import Directory
    from kpictl.plan.bind import Bound
    from kpictl.values import TargetLevel

CAPTIONS = {
    "employee": ("employee", "сотрудник", "ответственный", "email", "e-mail"),
    "department": ("department", "отдел", "подразделение"),
    "scorecard": ("scorecard", "карта", "карта показателей"),
    "kpi": ("kpi", "показатель", "metric"),
    "period": ("period", "период", "месяц", "month"),
    "target": ("target", "план", "цель", "value"),
}


@dataclass(frozen=True, slots=True)
class _Line:
    file: TableFile
    number: int
    cells: dict[str, str]
    columns: dict[str, int]
    decimal: str

    def place(self, column: str) -> Place:
        return Place(self.file.origin, self.number, self.columns.get(column, 0) + 1)


def read(bound: Bound, directory: Directory, scratch: Path) -> tuple[list[Written], list[Problem]]:
    """Return the numbers in the plan's target files, and everything wrong with them."""
    patterns = bound.plan.targets.file
    found: list[Written] = []
    problems: list[Problem] = []
    listed = [patterns] if isinstance(patterns, str) else (patterns or [])
    for i, pattern in enumerate(listed):
        path = ("targets", "file", i) if isinstance(patterns, list) else ("targets", "file")
        folder = bound.loaded.folder
        try:
            for file in expand(pattern, folder):
                shown = file.relative_to(folder) if file.is_relative_to(folder) else file
                opened = replace(open_table(file, scratch=scratch), origin=shown.as_posix())
                opened, remarks = footers.leave_out(opened, scratch)
                problems.extend(remarks)
                for line in _lines(opened, problems):
                    found.extend(_read(line, bound, directory, problems))
        except SourceError as error:
            place = bound.place(path)
            problems.extend(said_by_plan(p, place) for p in error.problems)
    return found, problems


def _lines(file: TableFile, problems: list[Problem]) -> Iterator[_Line]:
    folded = [fold(c) for c in file.header]
    columns = {
        name: folded.index(caption)
        for name, captions in CAPTIONS.items()
        for caption in reversed(captions)
        if caption in folded
    }
    missing = [name for name in ("kpi", "target") if name not in columns]
    for name in missing:
        data = {
            "caption": " / ".join(CAPTIONS[name]),
            "file": file.origin,
            "field": name,
            "near": "",
            "known": ", ".join(c for c in file.header if c),
        }
        problems.append(Problem("source.no_column", Place(file.origin, 1), data))
    if missing:
        return
    column = columns["target"]
    reading = decimals.of_column(file, column)
    problems.extend(replace(note, code="targets.decimal_sign") for note in reading.notes)
    for number, cells in rows(file):
        named = {name: " ".join(cells[i].split()) for name, i in columns.items()}
        if any(named.values()):
            yield _Line(file, number, named, columns, reading.sign)


def _read(
    line: _Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> Iterator[Written]:
    kpi = _kpi(line, bound, problems)
    period = _period(line, problems)
    value = _value(line, problems)
    level, subject = _subject(line, bound, directory, problems)
    if None not in (kpi, period, value, level):
        assert kpi is not None  # noqa: S101  the line above
        assert period is not None  # noqa: S101
        assert value is not None  # noqa: S101
        assert level is not None  # noqa: S101
        yield Written(level, subject, kpi, period, value, line.place("target"))


def _kpi(line: _Line, bound: Bound, problems: list[Problem]) -> str | None:
    text = line.cells["kpi"]
    names = {fold(kpi): kpi for kpi in bound.plan.kpis}
    names |= {fold(bound.label(kpi)): kpi for kpi in bound.plan.kpis}
    if fold(text) in names:
        return names[fold(text)]
    data = {"name": text, **suggest(text, list(bound.plan.kpis))}
    problems.append(Problem("bind.unknown_kpi", line.place("kpi"), data))
    return None


def _period(line: _Line, problems: list[Problem]) -> str | None:
    text = line.cells.get("period", "")
    if not text:
        return text
    with suppress(ValueError):
        first, after = periods.fixed_days(text.removesuffix(" 00:00:00"))
        if first.day == 1 and (after - first).days == 1:
            return f"{first:%Y-%m}"  # a spreadsheet's month is the first day of it
        return periods.write(first, after)
    problems.append(Problem("targets.bad_period", line.place("period"), {"given": text}))
    return None


def _value(line: _Line, problems: list[Problem]) -> Decimal | None:
    text = line.cells["target"]
    number = numbers.read(text, line.decimal)
    if number is None or number <= 0:
        code = "targets.bad_number" if number is None else "targets.not_positive"
        problems.append(Problem(code, line.place("target"), {"given": text}))
        return None
    return number


def _subject(
    line: _Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> tuple[TargetLevel | None, str]:
    if text := line.cells.get("employee"):
        person, problem = whose(text, directory, line.place("employee"))
        if problem is not None:
            problems.append(problem)
        return ("employee", person.id) if person else (None, "")
    if text := line.cells.get("department"):
        problems.extend(no_department(text, directory, line.place("department")))
        return "department", fold(text)
    if text := line.cells.get("scorecard"):
        cards = {fold(c): c for c in bound.plan.scorecards}
        cards |= {fold(s.label or c): c for c, s in bound.plan.scorecards.items()}
        if fold(text) in cards:
            return "scorecard", cards[fold(text)]
        data = {"name": text, **suggest(text, list(bound.plan.scorecards))}
        problems.append(Problem("targets.scorecard", line.place("scorecard"), data))
        return None, ""
    return "company", ""


Cells = Sequence[str]
