"""Records that several people share, in the numbers of departments, in those of who shares only a
part of them, and among what is left out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain, left_out
from kpictl.app.workspace import open_workspace
from kpictl.values import EngineName
from plans import LATER, Computed, compute, refused, write
from test_shared_records import PLAN, STAFF

D = Decimal
ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
SOURCES = """\
sources:
  s:
    type: csv
    o: {path: o.csv, fields: {owner: {column: owner, type: person, credit: split}}}
    employees: e.csv
"""
DEPARTMENTS = (
    SOURCES
    + """\
kpis: {sum: {from: o, sum: amt, when: day}}
scorecards:
  east: {who: department = 'East', kpis: {sum: {weight: 100}}}
  west: {who: department = 'West', kpis: {sum: {weight: 100}}}
"""
)
MOVED = """\
id,name,department,from,to
1,Ann Roe,East,2020-01-01,2024-05-15
1,Ann Roe,West,2024-05-16,
2,Ben Ito,West,2020-01-01,
3,Eve Fox,East,2020-01-01,
"""


def shared(folder: Path, plan: str, orders: str, staff: str = STAFF) -> Computed:
    return compute(folder, plan, {"e.csv": staff, "o.csv": "day,owner,amt\n" + orders})


def totals(found: Computed, kpi: str) -> dict[str, Decimal | None]:
    """Return the total of each scorecard."""
    return {
        card.id: card.total.score(kpi).fact.value
        for card in found.results.scorecards
        if card.total is not None
    }


def test_a_department_has_the_parts_of_its_own_people(tmp_path: Path) -> None:
    """What two of the West share is nothing of the East: East has half of what Ann and Ben share
    and all of Ann's own, West the rest."""
    found = shared(
        tmp_path,
        DEPARTMENTS,
        "2024-05-10,Ann Roe; Ben Ito,1000\n2024-05-11,Ben Ito; Carl Nov,90\n2024-05-12,Ann Roe,100\n",
        STAFF + "4,Eve Fox,East\n",
    )
    assert totals(found, "sum") == {"east": 600, "west": 590}


def test_who_moves_takes_along_no_part_of_a_record_before(tmp_path: Path) -> None:
    """Of what Ann shared in the East her part is the East's, and Ben's the West's; of what she
    shared later both parts are the West's."""
    found = shared(
        tmp_path,
        DEPARTMENTS,
        "2024-05-10,Ann Roe; Ben Ito,100\n2024-05-20,Ann Roe; Ben Ito,40\n",
        MOVED,
    )
    values = {
        (card.id, row.name): row.score("sum").fact.value
        for card in found.results.scorecards
        for row in card.rows
    }
    assert values == {
        ("east", "Ann Roe"): 50,
        ("east", "Eve Fox"): 0,
        ("west", "Ann Roe"): 20,
        ("west", "Ben Ito"): 70,
    }
    assert totals(found, "sum") == {"east": 50, "west": 90}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_record_of_the_first_hour_is_shared_by_the_new_post(
    tmp_path: Path, engine: EngineName
) -> None:
    """Half past midnight by the clock of the company is the day of the new post, whatever day it
    is elsewhere; the records behind the number say the same."""
    orders = (
        "day,owner,amt\n2024-05-16 00:30,Ann Roe; Ben Ito,100\n"
        "2024-05-15 23:30,Ann Roe; Ben Ito,40\n2024-05-17 10:00,Ann Roe; Ben Ito,\n"
    )
    path = write(tmp_path, DEPARTMENTS, {"e.csv": MOVED, "o.csv": orders})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine)
        pages = [
            explain(workspace, job, ExplainRequest("sum", employee="Ann Roe", scorecard=card))
            for card in ("east", "west")
        ]
    shown = [[r.value for part in page.steps[0].parts for r in part.records] for page in pages]
    assert [page.steps[0].fact.value for page in pages] == [20, 50]
    assert shown == [[20], [50]]


@pytest.mark.parametrize("engine", ENGINES)
def test_overlay_credit_is_shown_whole(tmp_path: Path, engine: EngineName) -> None:
    """Each has all of a record, and is shown so."""
    orders = "day,owner,amt\n2024-05-10,Ann Roe; Ben Ito,1000\n"
    plan = PLAN.replace("split", "overlay")
    with open_workspace(write(tmp_path, plan, {"e.csv": STAFF, "o.csv": orders}), {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine)
        page = explain(workspace, job, ExplainRequest("sum", employee="Ann Roe"))
    (record,) = page.steps[0].parts[0].records
    assert record.value == 1000
    assert record.share == 1


def test_a_shared_record_without_an_amount_is_no_cost_of_zero(tmp_path: Path) -> None:
    """Who shares only a record without its amount has as little as who has such a record alone:
    where less is better, nothing that is known."""
    plan = SOURCES + (
        "kpis:\n"
        "  spent: {from: o, sum: amt, when: day}\n"
        "  n: {from: o, count: rows, when: day}\n"
        "  each: {ratio: {of: spent, over: n}, better: lower}\n"
    )
    found = shared(tmp_path, plan, "2024-05-10,Ann Roe; Ben Ito,\n2024-05-11,Carl Nov,\n")
    assert set(found.of("each").values()) == {"no_data"}
    assert set(found.of("n").values()) == {D(1)}


# --- one owner in a column of several -------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_who_owns_a_record_alone_shares_it_with_nobody(tmp_path: Path, engine: EngineName) -> None:
    """Beside shared records an only owner has the whole one, and no share is shown."""
    orders = "day,owner,amt\n2024-05-10,Ann Roe,100\n2024-05-11,Ann Roe; Ben Ito,10\n"
    path = write(tmp_path, PLAN, {"e.csv": STAFF, "o.csv": orders})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine, ordered=True)
        page = explain(workspace, job, ExplainRequest("sum", employee="Ann Roe"))
    records = page.steps[0].parts[0].records
    assert [(r.value, r.share, r.whole) for r in records] == [
        (100, None, None),
        (5, Fraction(1, 2), 10),
    ]


def test_an_only_owner_whom_nobody_knows_is_left_out(tmp_path: Path) -> None:
    """By name, as in a column of one owner each."""
    found = shared(tmp_path, PLAN, "2024-05-10,Dan Foe,100\n2024-05-11,Ann Roe; Ben Ito,10\n")
    stranger = found.left_out("sum")["unknown_owner"]
    assert (stranger.count, stranger.names) == (1, ("Dan Foe",))
    assert set(found.left_out("sum")) == {"unknown_owner"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shared_record_without_a_date_is_listed_whole(tmp_path: Path, engine: EngineName) -> None:
    """Of whom it would be cannot be told where somebody was moved: it is left out as it is."""
    orders = "day,owner,amt\n,Ann Roe; Ben Ito,7\n2024-05-11,Ann Roe; Ben Ito,10\n"
    path = write(tmp_path, DEPARTMENTS, {"e.csv": MOVED, "o.csv": orders})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine)
        omission = left_out(workspace, job, ExplainRequest("sum"))
    ((line, (record,)),) = omission.lines
    assert (line.reason, record.value, record.share) == ("no_date", 7, None)


# --- what is said of shares -----------------------------------------------------------------------


def test_shares_are_added_up_in_what_is_said_of_them(tmp_path: Path) -> None:
    """Each text with the percent that its shares come to, at its cell."""
    orders = (
        "day,owner,amt\n2024-05-10,Ann Roe 60; Ben Ito 30,1\n2024-05-11,Ann Roe 60; Ben Ito,1\n"
        "2024-05-12,Ann Roe 100; Ben Ito 0,1\n2024-05-13,Ann Roe 70.5; Ben Ito 80,1\n"
    )
    problems = refused(tmp_path, PLAN, {"e.csv": STAFF, "o.csv": orders})
    assert {p.code for p in problems} == {"credit.not_whole"}
    assert {str(p.place): p.data["total"] for p in problems} == {
        "o.csv:2:2": "90",
        "o.csv:3:2": "60",
        "o.csv:4:2": "100",
        "o.csv:5:2": "150.5",
    }


PARTICIPANTS = """\
sources:
  s:
    type: csv
    shares: {path: p.csv, fields: {who: {column: who, type: person}}}
    o:
      path: o.csv
      fields: {OWNER: {from: shares, key: id = deal, take: who, credit: split, share: share}}
    employees: e.csv
kpis:
  all: {from: o, count: rows, when: day, by: none}
  sum: {from: o, sum: amt, when: dayBY}
"""


@pytest.mark.parametrize(
    ("field", "by", "place"),
    [("sellers", ", by: sellers", "13:43"), ("owner", "", "13:3")],
)
def test_who_is_named_twice_in_a_table_of_shares_is_said_in_the_plan(
    tmp_path: Path, field: str, by: str, place: str
) -> None:
    """No cell holds both names: what asks for the records by them is shown, and where nothing is
    written there the KPI itself; not the one before it."""
    files = {
        "e.csv": STAFF,
        "o.csv": "id,day,amt\nD1,2024-05-10,100\n",
        "p.csv": "deal,who,share\nD1,Ann Roe,50\nD1,Ann Roe,50\n",
    }
    plan = PARTICIPANTS.replace("OWNER", field).replace("BY", by)
    (problem,) = refused(tmp_path, plan, files)
    assert problem.code == "credit.not_whole"
    assert str(problem.place).endswith(f"kpi.yaml:{place}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("unit", [{}, {"department": "West"}, {"company": True}])
def test_what_is_in_no_total_is_shown_with_its_records_all_the_same(
    tmp_path: Path, engine: EngineName, unit: dict[str, Any]
) -> None:
    """Of overlay credit a scorecard, a department and the company have no number; the records of
    their people are listed whole."""
    orders = "day,owner,amt\n2024-05-10,Ann Roe; Ben Ito,1000\n2024-05-11,Ben Ito,5\n"
    path = write(tmp_path, PLAN.replace("split", "overlay"), {"e.csv": STAFF, "o.csv": orders})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        page = explain(
            workspace, ComputeRequest(may, LATER, engine=engine), ExplainRequest("sum", **unit)
        )
    (step,) = page.steps
    assert step.fact.state == "not_applicable"
    assert [record.value for part in step.parts for record in part.records] == [1000, 5]


def test_what_several_share_is_left_out_once(tmp_path: Path) -> None:
    """A record of people in no scorecard is counted once, however many of them share it."""
    plan = DEPARTMENTS.replace(
        "  west: {who: department = 'West', kpis: {sum: {weight: 100}}}\n", ""
    )
    staff = "id,name,department\n1,Ann Roe,East\n2,Ben Ito,West\n3,Carl Nov,West\n"
    orders = "2024-05-02,Ben Ito; Carl Nov,10\n2024-05-03,Ann Roe; Ben Ito; Carl Nov,30\n"
    (line,) = shared(tmp_path, plan, orders, staff).results.left_out
    assert (line.reason, line.count) == ("unknown_owner", 2)


def test_records_of_two_posts_are_not_left_out_of_the_one_that_counts_them(tmp_path: Path) -> None:
    """Who holds two posts at once, of which one is scored, is missed by nobody."""
    plan = DEPARTMENTS.replace(
        "  west: {who: department = 'West', kpis: {sum: {weight: 100}}}\n", ""
    )
    staff = "id,name,department,fte\n1,Ann Roe,East,0.5\n1,Ann Roe,West,0.5\n"
    computed = shared(tmp_path, plan, "2024-05-02,Ann Roe,10\n", staff)
    assert computed.results.left_out == ()
