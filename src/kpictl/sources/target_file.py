"""A file of targets → written numbers. Columns (Russian or English captions, any order):

employee (сотрудник), kpi (показатель), period (период, месяц), target (план, цель). Instead of an
employee a line may name the members of a department (каждому в отделе) or a scorecard (карта), for
whom it is a personal target; a department (отдел), whose goal it is; or nobody: the company's goal.
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
from kpictl.plan.fields import unit_of
from kpictl.plan.load import suggest
from kpictl.sources import decimals, numbers
from kpictl.sources.bare import open_bare
from kpictl.sources.csv import said_by_plan
from kpictl.tables import TableFile, expand, rows
from kpictl.targets import ANY, Written, no_department, whose

if TYPE_CHECKING:
    from kpictl.people import Directory
    from kpictl.plan.bound import Bound
    from kpictl.values import TargetLevel

CAPTIONS = {
    "employee": ("employee", "сотрудник", "ответственный", "email", "e-mail"),
    "members": ("members", "members of", "каждому в отделе", "сотрудникам отдела"),
    "department": ("department", "отдел", "подразделение"),
    "scorecard": ("scorecard", "карта", "карта показателей"),
    "kpi": ("kpi", "показатель", "metric"),
    "period": ("period", "период", "месяц", "month"),
    "target": ("target", "план", "цель", "value"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A filled line of a targets file: its cells by the columns that it has."""

    file: TableFile
    number: int
    cells: dict[str, str]
    columns: dict[str, int]
    decimal: str

    def place(self, column: str) -> Place:
        return Place(self.file.origin, self.number, self.columns.get(column, 0) + 1)

    @property
    def of_unit(self) -> bool:
        """Say whether it is a goal of the company or a department."""
        return not any(self.cells.get(name) for name in ("employee", "members", "scorecard"))


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all target files, and what kept others from being read."""

    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()

    def unit_kpis(self, bound: Bound) -> list[str]:
        """Return the KPIs that units have goals for: they are computed for their sake."""
        return [kpi for one in self.lines if one.of_unit and (kpi := _kpi(one, bound, []))]


def read(bound: Bound, directory: Directory, scratch: Path) -> tuple[list[Written], list[Problem]]:
    """Return the numbers in the plan's target files, and everything wrong with them."""
    return written(read_lines(bound, scratch), bound, directory)


def written(
    read_before: Lines, bound: Bound, directory: Directory
) -> tuple[list[Written], list[Problem]]:
    """Return the numbers in lines, and everything wrong with them and their files."""
    problems = list(read_before.problems)
    found = [one for line in read_before.lines for one in _read(line, bound, directory, problems)]
    return found, problems


def read_lines(bound: Bound, scratch: Path) -> Lines:
    """Read the plan's target files; whose the lines are is not asked yet."""
    patterns = bound.plan.targets.file
    found: list[Line] = []
    problems: list[Problem] = []
    listed = [patterns] if isinstance(patterns, str) else (patterns or [])
    for i, pattern in enumerate(listed):
        path = ("targets", "file", i) if isinstance(patterns, list) else ("targets", "file")
        folder = bound.loaded.folder
        try:
            for file in expand(pattern, folder):
                opened, remarks = open_bare(file, folder, scratch)
                problems.extend(remarks)
                found.extend(_lines(opened, problems))
        except SourceError as error:
            place = bound.place(path)
            problems.extend(said_by_plan(p, place) for p in error.problems)
    return Lines(tuple(found), tuple(problems))


def _lines(file: TableFile, problems: list[Problem]) -> Iterator[Line]:
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
            yield Line(file, number, named, columns, reading.sign)


def _read(
    line: Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> Iterator[Written]:
    kpi = _kpi(line, bound, problems)
    period = _period(line, problems)
    value = _value(line, kpi, bound, problems)
    level, subject = _subject(line, bound, directory, problems)
    if None not in (kpi, period, value, level):
        assert kpi is not None  # noqa: S101  the line above
        assert period is not None  # noqa: S101
        assert value is not None  # noqa: S101
        assert level is not None  # noqa: S101
        called, (number, per) = line.cells.get(level, ""), value
        yield Written(level, subject, kpi, period, number, line.place("target"), called, per)


def _kpi(line: Line, bound: Bound, problems: list[Problem]) -> str | None:
    text = line.cells["kpi"]
    names = {fold(kpi): kpi for kpi in bound.plan.kpis}
    names |= {fold(bound.label(kpi)): kpi for kpi in bound.plan.kpis}
    if fold(text) in names:
        return names[fold(text)]
    data = {"name": text, **suggest(text, list(bound.plan.kpis))}
    problems.append(Problem("bind.unknown_kpi", line.place("kpi"), data))
    return None


def _period(line: Line, problems: list[Problem]) -> str | None:
    text = line.cells.get("period", "")
    if not text or unit_of(text):
        return ANY
    with suppress(ValueError):
        first, after = periods.fixed_days(text.removesuffix(" 00:00:00"))
        if first.day == 1 and (after - first).days == 1:
            return f"{first:%Y-%m}"  # a spreadsheet's month is the first day of it
        return periods.write(first, after)
    years = {"first": periods.FIRST_YEAR, "last": periods.LAST_YEAR}
    code = "targets.period_year" if periods.names_year_beyond(text) else "targets.bad_period"
    problems.append(Problem(code, line.place("period"), {"given": text, **years}))
    return None


def _value(line: Line, kpi: str | None, bound: Bound, problems: list[Problem]) -> Amount | None:
    """Return the number of a line and per what it is: said beside it, or in place of a period."""
    text = line.cells["target"]
    written, _, unit = text.rpartition("/") if "/" in text else (text, "", "")
    number = numbers.read(written.strip(), line.decimal)
    per = unit_of(unit) if unit else unit_of(line.cells.get("period", "")) or ""
    code = None
    if number is None or per is None:
        code = "targets.bad_number"
    elif number <= 0:
        code = "targets.not_positive"
    elif per and kpi is not None and not bound.volume(kpi):
        code = "targets.per_of_quotient"
    if code is not None:
        data = {"given": text, "kpi": kpi or ""}
        problems.append(Problem(code, line.place("target"), data))
    return None if code or number is None or per is None else (number, per)


def _subject(
    line: Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> tuple[TargetLevel | None, str]:
    if text := line.cells.get("employee"):
        person, problem = whose(text, directory, line.place("employee"))
        if problem is not None:
            problems.append(problem)
        return ("employee", person.id) if person else (None, "")
    if text := line.cells.get("members"):
        problems.extend(no_department(text, directory, line.place("members")))
        return "members", fold(text)
    if text := line.cells.get("scorecard"):
        cards = {fold(c): c for c in bound.plan.scorecards}
        cards |= {fold(s.label or c): c for c, s in bound.plan.scorecards.items()}
        if fold(text) in cards:
            return "scorecard", cards[fold(text)]
        data = {"name": text, **suggest(text, list(bound.plan.scorecards))}
        problems.append(Problem("targets.scorecard", line.place("scorecard"), data))
        return None, ""
    if text := line.cells.get("department"):
        problems.extend(no_department(text, directory, line.place("department")))
        return "department", fold(text)
    return "company", ""


Cells = Sequence[str]
Amount = tuple[Decimal, str]  # a number, and per what it is
