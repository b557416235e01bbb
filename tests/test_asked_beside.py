"""What else is asked, or measured beside it, changes no fact."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.workspace import open_workspace
from kpictl.values import EngineName
from plans import LATER, compute, lines, write

STAFF = "name;department;hired\nAnn;North;2024-01-01\nBob;South;2023-01-01\n"


def test_a_goal_that_is_divided_among_departments_is_held_against_their_records(
    tmp_path: Path,
) -> None:
    """Departments that have targets by a cascade alone have the sums of their people."""
    plan = """
sources:
  crm:
    type: csv
    employees: staff.csv
    orders: {path: o.csv, fields: {day: {column: day, type: date}, who: {column: who, type: person}, sum: {column: sum, type: money}}}
kpis:
  rev: {from: orders, sum: sum, when: day, by: who, unit: money}
scorecards:
  north: {who: department = 'North', kpis: {rev: {weight: 100}}}
  south: {who: department = 'South', kpis: {rev: {weight: 100}}}
targets:
  company: {rev: 400/month}
  cascade: {rev: {to: departments, by: equal}}
"""
    files = {
        "staff.csv": STAFF,
        "o.csv": lines("day;who;sum", [("2024-05-02", "Ann", 100), ("2024-05-03", "Bob", 60)]),
    }
    computed = compute(tmp_path, plan, files)
    units = {
        unit.name: unit.scores[0]
        for card in computed.results.scorecards
        for unit in card.departments
    }
    assert {name: float(score.fact.value or 0) for name, score in units.items()} == {
        "North": 100,
        "South": 60,
    }


HOURS = """
sources:
  crm:
    type: csv
    employees: {path: staff.csv, fields: {team: team}}
    tickets: {path: t.csv, fields: {who: {column: who, type: person}, opened: {column: opened, type: datetime}, closed: {column: closed, type: datetime}}}
calendar:
  hours: "09:00-18:00"
  schedules:
    short: {hours: "09:00-10:00", who: "WHO"}
kpis:
  hours: {from: tickets, sum: "working_hours(opened, closed)", when: closed, by: who, better: lower}
  closed: {from: tickets, count: rows, when: closed, by: who}
scorecards:
  desk: {kpis: {hours: {weight: 100, target: 10}}}
"""


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
@pytest.mark.parametrize("beside", [("2023-12", "2024-05"), ("2024-05", "2024-01"), ("2024-05",)])
def test_whose_a_schedule_is_does_not_depend_on_what_is_asked_beside(
    tmp_path: Path, engine: EngineName, beside: tuple[str, ...]
) -> None:
    """A schedule of those who are new holds for a period by how new they are in it, alone or
    measured with a period in which they were newer, and with KPIs that ask for no hours."""
    plan = HOURS.replace("WHO", "months_since(hired) < 5")
    files = {
        "staff.csv": "name;hired;team\nAnn;2024-01-01;a\n",
        "t.csv": "who;opened;closed\nAnn;2024-05-06 08:00;2024-05-06 20:00\n",
    }
    with open_workspace(write(tmp_path, plan, files), {}) as workspace:
        several = [periods.parse(one, as_of=LATER, zone=workspace.bound.zone) for one in beside]
        job = ComputeRequest(several[0], LATER, engine=engine, extra_kpis=("closed",))
        computed = {c.slice.id: c for c in computation.measure_periods(workspace, job, several)}
        may = computed["2024-05"]
        (post,) = may.subjects.posts()
        assert may.facts_of(post.subject)["hours"].value == 9


@pytest.mark.parametrize("column", ["team", "position"])
def test_a_schedule_by_any_column_holds_from_the_day_on_which_it_changed(
    tmp_path: Path, column: str
) -> None:
    """Who moves to a team with other hours has the old ones until that day, as after a change of
    position."""
    plan = HOURS.replace("WHO", f"{column} = 'short'")
    plan = plan.replace("{team: team}", f"{{{column}: {column}}}")
    files = {
        "staff.csv": lines(
            f"имя;{column};с;по",
            [("Ann", "long", "", "2024-05-14"), ("Ann", "short", "2024-05-15", "")],
        ),
        "t.csv": lines(
            "who;opened;closed",
            [
                ("Ann", "2024-05-06 08:00", "2024-05-06 20:00"),
                ("Ann", "2024-05-20 08:00", "2024-05-20 20:00"),
            ],
        ),
    }
    assert compute(tmp_path, plan, files).total == {"hours": Decimal(10)}
