"""How `explain` says in words what a KPI is: of which records, by which date and whose."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.report.explanation import Look, render
from kpictl.words import say
from plans import LATER, write

SAID = {
    "from: o, count: rows, where: v > 0, when: day": "number of o, where v > 0, by day",
    "from: o, count: distinct id, when: day": "number of different id among o, by day",
    "from: o, sum: v, where: v > 1, when: day": "sum of v over o, where v > 1, by day",
    "from: o, percentile: {of: v, at: 10}, when: day": "percentile 10 of v over o, by day",
    "from: o, max: v, where: v > 2, when: day": "largest v among o, where v > 2, by day",
    "from: o, share: v > 2, where: v > 0, when: day": (
        "share of o for which v > 2, where v > 0, by day"
    ),
    "from: o, share: v > 2, when: day": "share of o for which v > 2, by day",
    "conversion: {from: o, to: p, where: v > 5, when: day, within: 30d, basis: cohort, via: o_id},"
    " where: v > 3, when: day": (
        "share of the period's o that led to a success in p within 30 days (v > 5), where v > 3,"
        " by day"
    ),
    "conversion: {from: o, to: p, when: day, basis: period}, when: day": (
        "successes in p in the period over o in the period, by day"
    ),
}
PLAN = """\
sources:
  s:
    type: csv
    o: {path: o.csv, fields: {id: id, day: {column: day, type: date}, agent: {column: agent, type: person}, v: {column: v, type: number}}}
    p: {path: p.csv, fields: {day: {column: day, type: date}, agent: {column: agent, type: person}, o_id: {column: o_id, type: text}, v: {column: v, type: number}}}
kpis:
""" + "".join(f"  k{n}: {{{kpi}}}\n" for n, kpi in enumerate(SAID))
FILES = {
    "o.csv": "id;day;agent;v\n1;2024-05-02;Ann;6\n2;2024-06-30;Ann;6\n",
    "p.csv": "o_id;day;agent;v\n1;2024-05-03;Ann;6\n2;2024-06-30;Ann;6\n",
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("said"), PLAN, FILES)


@pytest.mark.parametrize(("number", "expected"), list(enumerate(SAID.values())))
def test_a_kpi_is_said_with_its_condition_its_date_and_its_owner(
    plan: Path, number: int, expected: str
) -> None:
    """What is taken, of which records, by which date and whose: one sentence, all of it."""
    zone = ZoneInfo("Europe/Moscow")
    job = ComputeRequest(periods.parse("2024-05", as_of=LATER, zone=zone), LATER)
    with open_workspace(plan, {}) as workspace:
        page = render(explain(workspace, job, ExplainRequest(f"k{number}")), "en", Look(width=300))
    how = say("en", "explain.how")
    (told,) = [line for line in page.splitlines() if line.strip().startswith(how)]
    assert told.strip().removeprefix(how).strip() == f"{expected}, of its agent"
