"""Whose records a column says: people or channels, which of somebody's posts, and who is expected in
a scorecard before a record is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app.workspace import open_workspace
from kpictl.people import attribution
from plans import LATER, Computed, compute, refused, write

PLAN = """\
sources:
  s:
    type: csv
    orders: {path: o.csv, fields: {owner: {column: owner, type: person}}}
    calls: c.csv
    employees: e.csv
kpis:
  sold: {from: orders, sum: amt, when: d}
  calls: {from: calls, count: rows, when: d, by: operator}
scorecards:
  all: {kpis: KPIS}
"""
STAFF = "id,name\n1,Ann Roe\n2,Ben Ito\n3,Cyd Orr\n"
ORDERS = "d,owner,amt\n2024-05-10,Ann Roe,100\n"


def called(folder: Path, kpis: str, *operators: str, day: str = "2024-05-10") -> Computed:
    """Compute a scorecard of calls, each by one of the operators."""
    rows = "".join(f"{day},{operator}\n" for operator in operators)
    files = {"e.csv": STAFF, "o.csv": ORDERS, "c.csv": "d,operator\n" + rows}
    return compute(folder, PLAN.replace("KPIS", kpis), files)


CALLS = "{calls: {weight: 100}}"


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        # half of them are names of employees
        (("Ann Roe", "Ben Ito", "Hotline", "Night"), {"Ann Roe": 1, "Ben Ito": 1, "Cyd Orr": 0}),
        (("Ann Roe", "Hotline"), {"Ann Roe": 1, "Ben Ito": 0, "Cyd Orr": 0}),
        # less than half
        (("Ann Roe", "Hotline", "Night"), {"Ann Roe": 1, "Hotline": 1, "Night": 1}),
        # none
        (("Hotline",), {"Hotline": 1}),
    ],
)
def test_a_column_is_of_people_where_half_of_its_texts_are_their_names(
    tmp_path: Path, operators: tuple[str, ...], expected: dict[str, int]
) -> None:
    """Beside a list of employees a column without a kind is of people or of channels by what stands
    in it."""
    assert called(tmp_path, CALLS, *operators).of("calls") == expected


def test_a_column_of_channels_without_a_record_is_nobody_s(tmp_path: Path) -> None:
    """A file without records makes no row of every employee; a month without any shows the
    channels of other months."""
    assert called(tmp_path, CALLS).card.rows == ()
    assert called(tmp_path, CALLS, "Hotline", day="2024-04-10").of("calls") == {"Hotline": 0}


def test_beside_a_column_of_people_one_known_name_is_enough(tmp_path: Path) -> None:
    """In one scorecard with a column of people another one is of them too, if it names any of them;
    who is a stranger there has no row."""
    kpis = "{sold: {weight: 100}, calls: {weight: 0}}"
    found = called(tmp_path, kpis, "Ann Roe", "Hotline", "Night")
    assert found.of("calls") == {"Ann Roe": 1, "Ben Ito": 0, "Cyd Orr": 0}
    assert found.of("sold") == {"Ann Roe": 100, "Ben Ito": 0, "Cyd Orr": 0}
    assert found.left_out("calls")["unknown_owner"].names == ("Hotline", "Night")
    found = called(tmp_path, kpis, "Ben Ito", "Hotline", "Night")  # who sold nothing
    assert found.of("calls") == {"Ann Roe": 0, "Ben Ito": 1, "Cyd Orr": 0}


def test_a_name_of_two_employees_is_a_name(tmp_path: Path) -> None:
    """A column whose only texts fit two people each is of people, and whose they are is asked."""
    files = {
        "e.csv": STAFF + "4,Ann Roe\n",
        "o.csv": ORDERS,
        "c.csv": "d,operator\n2024-05-10,Ann Roe\n",
    }
    (problem,) = refused(tmp_path, PLAN.replace("KPIS", CALLS), files)
    assert (problem.code, problem.data["name"]) == ("people.two_of_one_name", "Ann Roe")


def test_without_a_list_a_scorecard_has_whom_its_own_records_name(tmp_path: Path) -> None:
    """Who sold is in the scorecard of sales, who answered in that of calls."""
    plan = (
        PLAN.replace(", employees: e.csv", "")
        .replace("    employees: e.csv\n", "")
        .replace(
            "calls: c.csv",
            "calls: {path: c.csv, fields: {operator: {column: operator, type: person}}}",
        )
        .replace(
            "  all: {kpis: KPIS}",
            "  s: {kpis: {sold: {weight: 100}}}\n  c: {kpis: {calls: {weight: 100}}}",
        )
    )
    files = {"o.csv": ORDERS, "c.csv": "d,operator\n2024-05-10,Ben Ito\n"}
    found = compute(tmp_path, plan, files)
    assert {card.id: [row.name for row in card.rows] for card in found.results.scorecards} == {
        "s": ["Ann Roe"],
        "c": ["Ben Ito"],
    }


# --- months that are typed for somebody who came in them ------------------------------------------

TYPED = """\
sources: {s: {type: csv, employees: e.csv}}
kpis: {poll: {manual: m.csv, every: EVERY}}
scorecards: {n: {who: "department = 'North'", kpis: {poll: {weight: 100, target: 50}}}}
"""


@pytest.mark.parametrize(
    ("every", "period", "first"),
    [
        ("month", "2024-02", "2024-02-15"),
        ("quarter", "2024-Q1", "2024-01-15"),
        ("quarter", "2024-Q1", "2024-02-15"),
        ("quarter", "2024-Q2", "2024-05-15"),
        ("quarter", "2024-Q2", "2024-06-30"),
        ("half", "2024-H1", "2024-05-15"),
        ("year", "2023", "2023-11-15"),
    ],
)
def test_what_is_typed_of_a_whole_stretch_is_also_of_who_came_in_it(
    tmp_path: Path, every: str, period: str, first: str
) -> None:
    """A mark of a month, quarter, half or year belongs to the first post of somebody though that
    began in the midst of it."""
    files = {
        "e.csv": f"id,name,department,from,to\n1,Ann,North,{first},2025-12-31\n1,Ann,South,2026-01-01,\n",
        "m.csv": f"employee,kpi,period,value\nAnn,poll,{period},41\n",
    }
    found = compute(tmp_path, TYPED.replace("EVERY", every), files, period=period)
    assert found.of("poll") == {"Ann": 41}


def test_what_was_typed_before_somebody_came_is_not_theirs(tmp_path: Path) -> None:
    """Who came in April has no part of the first quarter."""
    files = {
        "e.csv": "id,name,department,from,to\n1,Ann,North,2024-04-15,2025-12-31\n1,Ann,South,2026-01-01,\n",
        "m.csv": "employee,kpi,period,value\nAnn,poll,2024-Q1,41\nAnn,poll,2024-Q2,43\n",
    }
    plan = TYPED.replace("EVERY", "quarter")
    assert compute(tmp_path, plan, files, period="2024-Q2").of("poll") == {"Ann": 43}
    half = compute(tmp_path, plan, files, period="2024-H1")
    assert half.of("poll") == {"Ann": 43}


# --- who is expected ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2024-04", {"Ann Roe"}), ("2024-05", {"Ann Roe", "Cyd Orr"}), ("2024-06", {"Cyd Orr"})],
)
def test_who_is_expected_in_a_scorecard_was_employed(
    tmp_path: Path, month: str, expected: set[str]
) -> None:
    """Before a record is read the people of a scorecard are those of the list who were there."""
    staff = "id,name,hired,left\n1,Ann Roe,,2024-05-15\n3,Cyd Orr,2024-05-20,\n"
    files = {"e.csv": staff, "o.csv": ORDERS, "c.csv": "d,operator\n"}
    plan = PLAN.replace("KPIS", "{sold: {weight: 100}}")
    with open_workspace(write(tmp_path, plan, files), {}) as workspace:
        period = periods.parse(month, as_of=LATER, zone=workspace.bound.zone)
        people = workspace.employees or ()
        found = attribution.employed(workspace.bound, "all", people, period)
    assert {person.name for person in found} == expected
