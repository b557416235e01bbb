"""What is computed beside the figures that are asked for: departments, pay, and what is said of
them."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpictl
from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute_beside
from kpictl.app.workspace import open_workspace
from plans import LATER, Computed, compute, write

PLAN = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {sold: {from: o, sum: amt, when: d}, team: {from: o, sum: amt, when: d}}
"""
FILES = {
    "e.csv": "id,name,department,salary\n1,Ann,North,1000\n2,Ben,North,\n3,Cyd,South,1000\n",
    "o.csv": "d,owner,amt\n2024-05-10,Ann,100\n2024-05-11,Ben,50\n2024-05-12,Cyd,7\n",
}


@pytest.mark.parametrize(
    ("south", "numbers"),
    [("South", {"North": 150, "South": 7}), ("North", {"North": 157})],
)
def test_departments_without_any_goal_have_their_numbers(
    tmp_path: Path, south: str, numbers: dict[str, int]
) -> None:
    """Rows of departments, and a department's number in a person's row, need no target, and no
    second department."""
    plan = PLAN + (
        "scorecards:\n"
        "  d: {rows: departments, kpis: {sold: {weight: 100}}}\n"
        "  p: {kpis: {sold: {weight: 50}, team: {weight: 50, level: department}}}\n"
    )
    files = {**FILES, "e.csv": FILES["e.csv"].replace("South", south)}
    departments, people = compute(tmp_path, plan, files).results.scorecards
    assert {row.name: row.score("sold").fact.value for row in departments.rows} == numbers
    assert {row.name: row.score("team").fact.value for row in people.rows} == {
        "Ann": numbers["North"],
        "Ben": numbers["North"],
        "Cyd": numbers[south],
    }


def test_what_is_to_be_said_of_pay_stands_beside_what_is_said_of_figures(tmp_path: Path) -> None:
    """Who has no amount is named where pay is asked for, and nowhere else."""
    plan = PLAN + (
        "scorecards:\n"
        "  p:\n"
        "    kpis: {sold: {weight: 100, target: 100/month}}\n"
        "    bonus: {parts: {b: {salary_share: 10, prorate: none}}}\n"
    )
    path = write(tmp_path, plan, FILES)

    def said(*, pay: bool) -> set[str]:
        results = kpictl.compute(path, period="2024-05", as_of=LATER, environment={}, pay=pay)
        return Computed(results).codes

    assert said(pay=True) - said(pay=False) == {"pay.no_salary"}
    assert said(pay=False) < said(pay=True)


@pytest.mark.parametrize(
    ("pay", "kpis", "months"), [(False, {"sold"}, [5]), (True, {"sold", "team"}, [1, 2, 3, 4, 5])]
)
def test_what_pay_alone_needs_is_measured_where_it_is_asked_for(
    tmp_path: Path, kpis: set[str], months: list[int], *, pay: bool
) -> None:
    """A KPI that is paid for and not scored, and the months that a bonus makes up for."""
    plan = PLAN + (
        "scorecards:\n"
        "  p:\n"
        "    kpis: {sold: {weight: 100, target: 100/month}}\n"
        "    bonus: {commission: {of: team, rate: 10}, accumulate: year}\n"
    )
    with open_workspace(write(tmp_path, plan, FILES), {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        _, computed = compute_beside(workspace, ComputeRequest(may, LATER, pay=pay), ())
        assert set(computed["2024-05"].kpis) == kpis
        assert sorted({c.slice.period.last.month for c in computed.values()}) == months


def test_a_list_of_employees_is_no_portal(tmp_path: Path) -> None:
    """That a portal names the people is said only where it does."""
    assert "portal.people_named" not in compute(tmp_path, PLAN, FILES).codes
