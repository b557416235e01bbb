"""A plan and a few lines of CSV, written into a folder and computed: what a user would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import kpictl
from kpictl import periods
from kpictl.app import assembly
from kpictl.app.computation import Computation, ComputeRequest, measure, measure_periods
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.errors import PlanRejected, Problem, SourceError
from kpictl.results import dumps, loads
from kpictl.values import LeftOut, PayLine, Period, Results, Row, Score, Scorecard
from kpictl.words import LANGUAGES, has, say

LATER = datetime(2024, 7, 15, 9, tzinfo=UTC)
"""When the tests look back on May 2024: late enough for every window of 30 days."""

Figures = dict[str, dict[str, Decimal | str]]
Files = Mapping[str, str | bytes]

HEAD = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
"""

STAFF = """\
имя;e-mail;отдел
Анна Белова;belova@example.ru;Москва
Олег Ким;kim@example.ru;Казань
Пётр Дёмин;demin@example.ru;Казань
"""
"""Three people of two departments, one of them alone in hers."""


@dataclass(frozen=True)
class Computed:
    """What came out. `figures` says it in short: person → KPI → value, or the state it is in."""

    results: Results

    @property
    def figures(self) -> Figures:
        return {
            row.name: {score.kpi: figure(score) for score in row.scores}
            for card in self.results.scorecards
            for row in card.rows
        }

    def of(self, kpi: str) -> dict[str, Decimal | str]:
        """Return one KPI: person → value or state."""
        return {name: values[kpi] for name, values in self.figures.items()}

    @property
    def card(self) -> Scorecard:
        (only,) = self.results.scorecards
        return only

    def row(self, name: str) -> Row:
        return next(row for row in self.card.rows if row.name == name)

    def score(self, name: str, kpi: str) -> Score:
        return self.row(name).score(kpi)

    @property
    def total(self) -> dict[str, Decimal | str]:
        assert self.card.total is not None
        return {score.kpi: figure(score) for score in self.card.total.scores}

    @property
    def codes(self) -> set[str]:
        """Return the codes of everything that is said beside the figures."""
        return {problem.code for problem in self.results.warnings}

    def said(self, code: str) -> Problem:
        """Return the one remark of a code."""
        (found,) = [p for p in self.results.warnings if p.code == code]
        return checked(found)

    def left_out(self, kpi: str) -> dict[str, LeftOut]:
        """Return what a KPI leaves out, by reason."""
        return {one.reason: one for one in self.results.left_out if one.kpi == kpi}


def figure(score: Score) -> Decimal | str:
    return str(score.fact.state) if score.fact.value is None else score.fact.value


def checked(problem: Problem) -> Problem:
    """Return a problem whose data fill all slots of its texts (that it has texts: test_house)."""
    for lang in LANGUAGES:
        if has(lang, problem.code):
            assert say(lang, problem.code, **problem.data)
    return problem


def write(folder: Path, plan: str, files: Files) -> Path:
    """Write a plan and its files; what stands before the first section may be left out."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else dedent(content).encode()
        path.write_bytes(raw)
    text = dedent(plan)
    path = folder / "kpi.yaml"
    path.write_text(text if text.startswith("kpictl:") else HEAD + text, encoding="utf-8")
    return path


def compute(
    folder: Path, plan: str, files: Files, *, period: str = "2024-05", as_of: datetime = LATER
) -> Computed:
    """Write a plan and its files, and compute the period as it was seen at `as_of`."""
    path = write(folder, plan, files)
    return Computed(kpictl.compute(path, period=period, as_of=as_of, environment={}))


def compute_each(
    workspace: Workspace, request: ComputeRequest, several: Iterable[Period]
) -> list[Results]:
    """Return the scorecards of several periods, measured at once as `compare` and `trend` do."""
    return [assembly.results(one) for one in measure_periods(workspace, request, [*several])]


@contextmanager
def measured(
    folder: Path,
    plan: str,
    files: Files,
    *,
    period: str = "2024-05",
    as_of: datetime = LATER,
    **asked: Any,
) -> Iterator[Computation]:
    """Write a plan and its files, and measure the period: all that results are made of."""
    with open_workspace(write(folder, plan, files), {}) as workspace:
        wanted = periods.parse(period, as_of=as_of, zone=workspace.bound.zone)
        yield measure(workspace, ComputeRequest(wanted, as_of, **asked))


def paid(
    folder: Path, plan: str, files: Files, period: str, as_of: datetime | None = None
) -> dict[str, PayLine]:
    """Return what a plan pays for a period, by name, seen long after it."""
    path, seen = write(folder, plan, files), as_of or datetime(2025, 1, 15, 9, tzinfo=UTC)
    results = kpictl.compute(path, period=period, as_of=seen, environment={}, pay=True)
    assert loads(dumps(results)) == results
    assert results.pay is not None
    return {line.name: line for line in results.pay.lines}


def refused(
    folder: Path, plan: str, files: Files, *, period: str = "2024-05", as_of: datetime = LATER
) -> list[Problem]:
    """Return the mistakes for which a plan or its files are refused."""
    try:
        compute(folder, plan, files, period=period, as_of=as_of)
    except (PlanRejected, SourceError) as error:
        return [checked(p) for p in error.problems if p.level == "error"]
    raise AssertionError("nothing was refused")


def lines(head: str, rows: Iterable[Iterable[object]], delimiter: str = ";") -> str:
    """Return a CSV text of captions and rows."""
    return "\n".join([head, *_rows(rows, delimiter), ""])


def _rows(rows: Iterable[Iterable[object]], delimiter: str) -> Iterator[str]:
    for row in rows:
        yield delimiter.join("" if cell is None else str(cell) for cell in row)
