"""Departments, the company and totals as lines: whose numbers they show, and what each column says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.scoring import scorecards, units
from kpictl.values import Fact, Row, State, Unit
from plans import Computed, compute, measured

D = Decimal
STAFF = """\
id,name,department
1,Ann Roe,North
2,Ben Ito,North
3,Cat Poe,South
4,Dan Low,Sales
5,Eve Fox,
"""
TREE = "name,parent\nSales,\nNorth,Sales\nSouth,Sales\nBack,\n"
ORDERS = """\
owner,date,amount
Ann Roe,2024-05-02,100
Ben Ito,2024-05-03,250
Cat Poe,2024-05-04,200
Dan Low,2024-05-05,50
Eve Fox,2024-05-06,70
Nobody Known,2024-05-07,30
"""
PLAN = """\
sources:
  f:
    type: csv
    employees: staff.csv
    departments: deps.csv
    orders: {path: o.csv, fields: {owner: {column: owner, type: person}}}
kpis:
  own: {from: orders, sum: amount, when: date, by: owner}
  firm: {from: orders, sum: amount, when: date, by: owner}
  middle: {from: orders, median: amount, when: date, by: owner}
  all: {from: orders, count: rows, when: date, by: none}
scorecards:
  sales:
    KPIS
"""
FILES = {"o.csv": ORDERS, "staff.csv": STAFF, "deps.csv": TREE}
OWN = "kpis: {own: {weight: 100, target: 200/month}}"
TEAM = "kpis: {own: {weight: 60, target: 200/month}, firm: {weight: 40, level: company}}"
GOALS = "targets: {company: {firm: 700/month}}\n"


def plan(kpis: str, goals: str = "") -> str:
    return PLAN.replace("KPIS", kpis) + goals


def line(found: Computed, name: str) -> Unit:
    return next(unit for unit in found.card.departments if unit.name == name)


def target(line: Row | Unit, kpi: str) -> Decimal | None:
    found = line.score(kpi).target
    return None if found is None else found.value


# --- the company and departments with goals ------------------------------------------------------


def test_the_company_has_its_own_numbers_and_those_with_a_goal(tmp_path: Path) -> None:
    """A KPI of the company alone stands there without a goal; another one with its goal."""
    found = compute(tmp_path, plan(OWN, GOALS), FILES).results
    values = {s.kpi: (s.fact.value, s.target.value if s.target else None) for s in found.company}
    assert values == {"firm": (D(700), D(700)), "all": (D(6), None)}


def test_a_goal_of_another_month_leaves_this_one_without(tmp_path: Path) -> None:
    """Where there is a goal for June, May lacks one; where there is none for any period, the fact
    is just that."""
    goals = "targets: {department.North: {own: {2024-06: 100}}, company: {firm: {2024-06: 100}}}\n"
    found = compute(tmp_path, plan(OWN, goals), FILES)
    (north,) = found.results.departments
    assert (north.score("own").fact.value, north.score("own").state) == (D(350), State.NO_TARGET)
    states = {score.kpi: score.state for score in found.results.company}
    assert states == {"firm": State.NO_TARGET, "all": State.MEASURED}
    assert line(found, "South").score("own").state is State.MEASURED


# --- departments under a scorecard ---------------------------------------------------------------


def test_a_scorecard_of_several_departments_has_a_line_for_each(tmp_path: Path) -> None:
    """Of all their records, with those of departments that are a part of them; who is in none is in
    no line."""
    found = compute(tmp_path, plan(OWN), FILES)
    values = {unit.name: unit.score("own").fact.value for unit in found.card.departments}
    assert values == {"North": 350, "Sales": 600, "South": 200}
    people = {unit.name: unit.people for unit in found.card.departments}
    assert people == {"North": 2, "Sales": 4, "South": 1}


@pytest.mark.parametrize(
    ("goals", "shown"), [("", []), ("targets: {department.North: {own: 100/month}}\n", ["North"])]
)
def test_one_department_has_a_line_for_its_goal_only(
    tmp_path: Path, goals: str, shown: list[str]
) -> None:
    """It would repeat the total."""
    found = compute(tmp_path, plan(f"who: department = 'North'\n    {OWN}", goals), FILES)
    assert [unit.name for unit in found.card.departments] == shown


def test_a_department_s_line_has_nothing_of_the_whole_company_s(tmp_path: Path) -> None:
    """Neither the number nor what it is of a goal, though the department has one for the KPI."""
    goals = GOALS.replace("}}", "}, department.North: {firm: 175/month}}")
    north = line(compute(tmp_path, plan(TEAM, goals), FILES), "North").score("firm")
    assert (north.fact, north.state) == (Fact(State.NOT_APPLICABLE), State.NOT_APPLICABLE)
    assert (north.target, north.attainment, north.points) == (None, None, None)


def test_without_departments_there_are_no_lines_of_them(tmp_path: Path) -> None:
    """Nor a mistake."""
    staff = "id,name\n1,Ann Roe\n2,Ben Ito\n"
    found = compute(
        tmp_path,
        plan(OWN).replace("    departments: deps.csv\n", ""),
        {**FILES, "staff.csv": staff},
    )
    assert found.card.departments == ()
    assert found.of("own") == {"Ann Roe": 100, "Ben Ito": 250}


# --- rows that are departments -------------------------------------------------------------------


def by_department(folder: Path, kpis: str, goals: str = "") -> dict[str, Row]:
    with measured(folder, plan(kpis, goals), FILES, by="department") as found:
        return {row.name: row for row in scorecards.card_rows(found, "sales")}


def test_rows_by_department_are_of_its_people_in_the_scorecard(tmp_path: Path) -> None:
    """The records and the targets of its own people together, under its name; a number that all
    share is there once, also where one person makes the row."""
    rows = by_department(tmp_path, TEAM, GOALS)
    assert {name: (row.id, row.department, row.position) for name, row in rows.items()} == {
        name: (name, name, None) for name in ("North", "South", "Sales")
    }
    assert {name: row.score("own").fact.value for name, row in rows.items()} == {
        "North": 350, "South": 200, "Sales": 50,
    }  # fmt: skip
    assert {name: target(row, "own") for name, row in rows.items()} == {
        "North": 400, "South": 200, "Sales": 200,
    }  # fmt: skip
    assert {(row.score("firm").fact.value, target(row, "firm")) for row in rows.values()} == {
        (D(700), D(700))
    }
    # 0.6 × 350/400 + 0.4 × 700/700
    assert rows["North"].index == D("92.5")


def test_the_total_of_departments_has_a_part_s_goal_once(tmp_path: Path) -> None:
    """The goals of North and South are in that of Sales."""
    goals = "targets: {department.Sales: {own: 500/month}, department.North: {own: 300/month}, department.South: {own: 250/month}}\n"
    kpis = "rows: departments\n    kpis: {own: {weight: 100}}"
    found = compute(tmp_path, plan(kpis, goals), FILES)
    assert found.card.total is not None
    assert (found.total["own"], target(found.card.total, "own")) == (D(600), D(500))


# --- what a row says of itself -------------------------------------------------------------------


def test_a_row_says_how_much_of_its_weight_was_measured(tmp_path: Path) -> None:
    """Without a record there is no median: 30 of 100. That of all together is measured."""
    kpis = "kpis: {own: {weight: 30, target: 200/month}, middle: {weight: 70, target: 100}}"
    staff = STAFF + "6,Fay Day,North\n"
    found = compute(tmp_path, plan(kpis), {**FILES, "staff.csv": staff})
    assert {row.name: row.coverage for row in found.card.rows if row.department == "North"} == {
        "Ann Roe": 100, "Ben Ito": 100, "Fay Day": 30,
    }  # fmt: skip
    assert found.card.total is not None
    assert found.card.total.coverage == 100
    assert found.row("Fay Day").position is None


def test_a_column_says_how_its_points_are_made(tmp_path: Path) -> None:
    """The shape, its bounds, and what stands in where nothing is measured: the entry's own word
    before the scorecard's."""
    kpis = (
        "missing: zero\n    kpis: {own: {weight: 60, target: 200/month, score: reflected, cap: 120, floor: 10}, "
        "middle: {weight: 40, target: 100, missing: neutral}}"
    )
    own, middle = compute(tmp_path, plan(kpis), FILES).card.columns
    assert (own.rule.shape, own.rule.missing) == ("reflected", "zero")
    assert (own.rule.floor, own.rule.cap, own.rule.needs_target) == (D(10), D(120), True)
    assert (middle.rule.shape, middle.rule.missing) == ("linear", "neutral")


def test_nobody_is_ranked_where_nothing_has_a_record(tmp_path: Path) -> None:
    """All are at zero, and nobody is first."""
    assert [row.rank for row in compute(tmp_path, plan(OWN), FILES).card.rows] == [1, 2, 3, 4, 5]
    june = compute(tmp_path, plan(OWN), FILES, period="2024-06")
    assert {(row.index, row.rank) for row in june.card.rows} == {(D(0), None)}
    assert june.said("complete.no_ranks").data == {"card": "sales", "period": "2024-06"}


# --- who is in a department ----------------------------------------------------------------------

HIRED = """\
id,name,department,hired
1,Ann Roe,North,2024-06-01
2,Ben Ito,North,2024-07-01
3,Cat Poe,South,2024-05-31
4,Dan Low,East,2024-06-01
5,Eve Fox,East,
"""


@pytest.mark.parametrize(
    ("department", "expected"),
    [("north", True), ("south", False), ("east", False), ("nowhere", False)],
)
def test_a_department_is_not_yet_where_all_come_later(
    tmp_path: Path, department: str, expected: bool
) -> None:
    """Nobody of it was hired by the last day of the period; of whom nothing is known, was."""
    files = {**FILES, "staff.csv": HIRED}
    text = plan(OWN).replace("    departments: deps.csv\n", "")
    with measured(tmp_path, text, files, by_department=True) as found:
        assert units.is_not_yet(found, department) is expected
