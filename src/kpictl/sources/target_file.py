"""A file of targets → written numbers; its forms are in `layout`.

Instead of an employee a line may name the members of a department (каждому в отделе) or a scorecard
(карта), for whom it is a personal target; a department (отдел), whose goal it is; or the company,
or (in the long form) nobody: the company's goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl import periods
from kpictl.errors import Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.fields import GROWTHS, Growth, allowed_growth, since, unit_of
from kpictl.plan.load import suggest
from kpictl.scoring.targets import ANY, Written, no_department, whose
from kpictl.sources import numbers
from kpictl.sources.file_reader import said_by_plan
from kpictl.sources.layout import KpiNames, Line, Subject, lines_of, period_named
from kpictl.sources.sheets import SheetReading, open_sheets
from kpictl.tables import expand

if TYPE_CHECKING:
    from kpictl.people.staff import Directory
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
TARGETS = Subject(
    CAPTIONS, "target", ("employee", "members", "scorecard", "department"), zero_counts=False
)
COMPANY = ("company", "компания", "вся компания")


class Lines(Struct, frozen=True):
    """The lines of all target files, and what kept others from being read."""

    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()

    def unit_kpis(self, bound: Bound) -> list[str]:
        """Return the KPIs that units have goals for: they are computed for their sake."""
        return [kpi for one in self.lines if _of_unit(one) and (kpi := _kpi(one, bound, []))]

    def growths(self, *, of_departments: bool = False) -> list[Growth]:
        """Return what is written as growth over a fact, of departments alone where asked for."""
        lines = (x for x in self.lines if not of_departments or x.cells.get("department"))
        return [growth for x in lines if (growth := allowed_growth(x.cells["target"]))]


def read(bound: Bound, directory: Directory, scratch: Path) -> tuple[list[Written], list[Problem]]:
    """Return the numbers in the plan's target files, and everything wrong with them."""
    return written(read_lines(bound, scratch), bound, directory)


def written(
    read_before: Lines, bound: Bound, directory: Directory
) -> tuple[list[Written], list[Problem]]:
    """Return the numbers in lines, and everything wrong with them and their files."""
    problems = list(read_before.problems)
    found = [one for line in read_before.lines for one in _read(line, bound, directory, problems)]
    unique: list[Problem] = []  # a name is wrong once, whatever the months beside it
    unique.extend(one for one in problems if one not in unique)
    return found, unique


def read_lines(bound: Bound, scratch: Path) -> Lines:
    """Read the plan's target files; whose the lines are is not asked yet."""
    patterns = bound.plan.targets.file
    found: list[Line] = []
    problems: list[Problem] = []
    listed = [patterns] if isinstance(patterns, str) else (patterns or [])
    reading = SheetReading(bound.loaded.folder, scratch, TARGETS, KpiNames.of(bound.plan))
    for i, pattern in enumerate(listed):
        path = ("targets", "file", i) if isinstance(patterns, list) else ("targets", "file")
        try:
            for file in expand(pattern, reading.folder):
                for sheet in open_sheets(file, reading, problems):
                    found.extend(lines_of(sheet, problems))
        except SourceError as error:
            place = bound.place(path)
            problems.extend(said_by_plan(p, place) for p in error.problems)
    return Lines(tuple(found), tuple(problems))


def _of_unit(line: Line) -> bool:
    """Say whether a line is a goal of the company or a department."""
    return not any(line.cells.get(name) for name in ("employee", "members", "scorecard"))


class _Amount(Struct, frozen=True):
    """What is expected: a number, per what it is, or the growth that makes it."""

    value: Decimal
    per: str = ""
    growth: Growth | None = None


def _read(
    line: Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> Iterator[Written]:
    kpi = _kpi(line, bound, problems)
    period = _period(line, problems)
    amount = _amount(line, kpi, bound, problems)
    level, subject = _subject(line, bound, directory, problems)
    if kpi is None or period is None or amount is None or level is None:
        return
    day = since(period)
    if day is not None and bound.volume(kpi) and not amount.per and amount.growth is None:
        data = {"kpi": kpi, "given": line.cells["target"]}
        problems.append(Problem("targets.since_of_what", line.place("target"), data))
        return
    yield Written(
        level,
        subject,
        kpi,
        f"{day}.." if day else period,
        amount.value,
        line.place("target"),
        line.cells.get(level, ""),
        amount.per,
        day,
        amount.growth,
    )


def _kpi(line: Line, bound: Bound, problems: list[Problem]) -> str | None:
    text = line.cells["kpi"]
    if (kpi := line.sheet.kpis.find(text)) is not None:
        return kpi
    data = {"name": text, **suggest(text, list(bound.plan.kpis))}
    problems.append(Problem("bind.unknown_kpi", line.place("kpi"), data))
    return None


def _period(line: Line, problems: list[Problem]) -> str | None:
    text = line.cells.get("period", "")
    if not text or unit_of(text):
        return ANY
    if since(text) is not None:
        return text
    if (period := period_named(text, line.order)) is not None:
        return period
    years = {"first": periods.FIRST_YEAR, "last": periods.LAST_YEAR}
    code = "targets.period_year" if periods.names_year_beyond(text) else "targets.bad_period"
    problems.append(Problem(code, line.place("period"), {"given": text, **years}))
    return None


def _amount(line: Line, kpi: str | None, bound: Bound, problems: list[Problem]) -> _Amount | None:
    """Return what a line expects: a number and per what it is, said beside it or in place of a
    period; or growth, as a plan writes it."""
    text = line.cells["target"]
    if any(word in text.lower() for word in (" over ", "best of")):
        growth = allowed_growth(text)
        if growth is None:
            data = {"given": text, "forms": ", ".join(GROWTHS)}
            problems.append(Problem("plan.growth", line.place("target"), data))
        return None if growth is None else _Amount(Decimal(0), growth=growth)
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
    return None if code or number is None or per is None else _Amount(number, per)


def _subject(
    line: Line, bound: Bound, directory: Directory, problems: list[Problem]
) -> tuple[TargetLevel | None, str]:
    if any(fold(line.cells.get(name, "")) in COMPANY for name in ("employee", "department")):
        return "company", ""
    if text := line.cells.get("employee"):
        person, problem = whose(text, directory, line.place("employee"))
        if problem is not None:
            problems.append(problem)
        return ("employee", person.id) if person else (None, "")
    of_card = line.cells.get("scorecard", "")
    if of_card and not line.cells.get("members"):
        return _scorecard(of_card, line, bound, problems)
    of_department: tuple[TargetLevel, ...] = ("members", "department")
    for level in of_department:
        if text := line.cells.get(level):
            problems.extend(no_department(text, directory, line.place(level)))
            return level, fold(text)
    return "company", ""


def _scorecard(
    text: str, line: Line, bound: Bound, problems: list[Problem]
) -> tuple[TargetLevel | None, str]:
    cards = {fold(c): c for c in bound.plan.scorecards}
    cards |= {fold(s.label or c): c for c, s in bound.plan.scorecards.items()}
    if fold(text) in cards:
        return "scorecard", cards[fold(text)]
    data = {"name": text, **suggest(text, list(bound.plan.scorecards))}
    problems.append(Problem("targets.scorecard", line.place("scorecard"), data))
    return None, ""
