"""Whose hours and whose shifts hold for a record, and which years a calendar must know for it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.workspace import open_workspace
from kpictl.errors import PlanRejected
from kpictl.values import EngineName
from plans import LATER, Computed, compute, compute_each, refused, write

ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
HOURS = """\
calendar:
  country: RU
  hours: "09:00-18:00"
  schedules:
    desk: {who: "department = 'Desk'", cycle: {from: 2024-05-01, days: ["10:00-22:00"]}}
    late: {who: "department = 'Late'", cycle: {from: 2024-05-01, days: ["18:00-20:00"]}}
sources: {s: {type: csv, r: {path: r.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {waited: {from: r, sum: "working_hours(asked, answered)", when: asked}}
"""
MOVED = """\
id,name,department,from,to
1,Ann,North,2020-01-01,2024-05-15
1,Ann,Desk,2024-05-16,2024-05-23
1,Ann,Late,2024-05-24,2024-05-25
1,Ann,North,2024-05-26,
2,Ben,Desk,,
3,Cyd,North,,
"""


def day(text: str, owner: str, days: int = 1) -> str:
    """Return a request that waits from one midnight to another."""
    first = date.fromisoformat(text)
    return f"{first} 00:00,{first + timedelta(days=days)} 00:00,{owner}\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_hours_of_a_post_hold_from_its_first_day_to_its_last(
    tmp_path: Path, engine: EngineName
) -> None:
    """Office hours, then twelve hours of every day, then two of an evening, then the office again: a
    Saturday counts only for whom it is worked, and what lies in two posts by the hours of each."""
    requests = "asked,answered,owner\n" + "".join(
        (
            day("2024-05-14", "Ann"),  # a Tuesday of the office: 9
            day("2024-05-15", "Ann", days=2),  # 9 and 12
            day("2024-05-18", "Ann"),  # a Saturday of the desk: 12
            day("2024-05-24", "Ann", days=2),  # 2 and 2
            day("2024-05-26", "Ann", days=2),  # a Sunday and a Monday of the office: 9
            day("2024-05-18", "Ben"),
            day("2024-05-18", "Cyd"),
        )
    )
    path = write(tmp_path, HOURS, {"r.csv": requests, "e.csv": MOVED})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        results = computation.compute(workspace, ComputeRequest(may, LATER, engine=engine))
    rows = Computed(results).card.rows
    hours = [(row.name, row.department, int(row.score("waited").fact.value or 0)) for row in rows]
    expected = [
        ("Ann", "Desk", 12),
        ("Ann", "Late", 4),
        ("Ann", "North", 9),
        ("Ann", "North", 30),
        ("Ben", "Desk", 12),
        ("Cyd", "North", 0),
    ]
    assert sorted(hours, key=str) == sorted(expected, key=str)


# --- tables of shifts -----------------------------------------------------------------------------

SHIFTS = """\
calendar: {country: RU, shifts: {file: shifts.csv, codes: {D: "08:00-20:00"}}}
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {sold: {from: o, sum: amt, when: d}}
scorecards: {n: {kpis: {sold: {weight: 100, target: 1000/month}}}}
"""


def shifts(first: str, last: str) -> str:
    """Return a table of shifts of Ann from one day to another, on the first of which she works."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [f"{start + timedelta(days=n):%d.%m.%Y}" for n in range((end - start).days + 1)]
    return ";".join(["name", *days]) + "\n" + ";".join(["Ann", "D", *[""] * (len(days) - 1)]) + "\n"


@pytest.mark.parametrize(
    ("first", "last", "left", "beyond"),
    [
        ("2024-05-01", "2024-05-29", "", (30, 31)),
        ("2024-05-01", "2024-05-30", "", (31, 31)),
        ("2024-05-02", "2024-05-31", "", (1, 1)),
        ("2024-05-01", "2024-05-31", "", None),
        ("2024-05-01", "2024-05-20", "2024-05-20", None),  # all days of who left
        ("2024-05-01", "2024-05-19", "2024-05-20", (20, 20)),
        ("2024-06-01", "2024-06-30", "", None),  # nothing of the month
    ],
)
def test_days_of_a_period_that_a_table_of_shifts_lacks_are_said(
    tmp_path: Path, first: str, last: str, left: str, beyond: tuple[int, int] | None
) -> None:
    """From the first to the last of them; of days on which nobody was there, and of months that are
    not in the table at all, nothing."""
    files = {
        "o.csv": "d,owner,amt\n2024-05-02,Ann,1\n",
        "e.csv": f"id,name,left\n1,Ann,{left}\n",
        "shifts.csv": shifts(first, last),
    }
    found = compute(tmp_path, SHIFTS, files)
    if beyond is None:
        assert "compute.beyond_shifts" not in found.codes
    else:
        data = found.said("compute.beyond_shifts").data
        assert (data["first"].day, data["last"].day) == beyond


# --- years that a calendar must know --------------------------------------------------------------

ASKED = """\
calendar: {country: RU, hours: "09:00-18:00"}
sources:
  s: {type: csv, employees: e.csv, tickets: t.csv, works: w.csv,
      r: {path: r.csv, fields: {owner: {column: owner, type: person}}}}
kpis:
  waited: {from: r, sum: "working_hours(asked, answered)", where: WHERE, when: answered}
  came: {conversion: {from: tickets, to: works, basis: cohort, via: ticket, when: done, within: 7d},
         when: asked, by: owner, min_n: 1}
  fast: {conversion: {from: tickets, to: works, basis: cohort, via: ticket, when: done, within: 7d,
         where: "working_hours(begun, done) <= 8"}, when: asked, by: owner, min_n: 1}
"""
EMPTY = {
    "e.csv": "id,name\n1,Ann\n",
    "t.csv": "id,asked,owner\n1,2024-05-30 08:00,Ann\n",
    "w.csv": "id,ticket,begun,done\n7,1,2024-06-03 10:00,2024-06-03 12:00\n",
    "r.csv": "asked,answered,made,amount,owner\n2024-05-14 00:00,2024-05-15 00:00,,1,Ann\n",
}
APRIL = "2024-04-16 00:00,2024-04-17 12:00,,1,Ann\n"
LONG_AGO = "2014-05-14 00:00,2024-05-15 00:00,,1,Ann\n"
PLAIN = ASKED.replace("WHERE", "amount > 0")


def several(folder: Path, files: dict[str, str], *texts: str) -> list[dict[str, Decimal | str]]:
    with open_workspace(write(folder, PLAIN, files), {}) as workspace:
        zone = workspace.bound.zone
        asked = [periods.parse(text, as_of=LATER, zone=zone) for text in texts]
        found = compute_each(workspace, ComputeRequest(asked[-1], LATER), asked)
    return [Computed(results).of("waited") for results in found]


def test_working_time_of_several_periods_is_that_of_each(tmp_path: Path) -> None:
    """Months that are measured at once have each their own hours."""
    files = {**EMPTY, "r.csv": EMPTY["r.csv"] + APRIL}
    assert several(tmp_path, files, "2024-04", "2024-05") == [{"Ann": 12}, {"Ann": 9}]
    assert several(tmp_path, files, "2024-05", "2024-04") == [{"Ann": 9}, {"Ann": 12}]


def test_a_year_that_no_calendar_knows_is_said_of_any_of_several_periods(tmp_path: Path) -> None:
    """Of the earlier one too, whichever is asked for first: what was answered in 2016 had waited
    since 2014."""
    files = {**EMPTY, "r.csv": EMPTY["r.csv"] + "2014-05-14 00:00,2016-05-15 00:00,,1,Ann\n"}
    for texts in (("2016-05", "2024-05"), ("2024-05", "2016-05")):
        with pytest.raises(PlanRejected) as raised:
            several(tmp_path, files, *texts)
        assert [(p.code, p.data["year"]) for p in raised.value.problems] == [
            ("calendar.unknown_year", 2014)
        ]


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("amount > 0", {"r.csv": EMPTY["r.csv"] + LONG_AGO}),
        # a condition that asks of one moment
        (
            "is_working(made) or amount > 0",
            {"r.csv": EMPTY["r.csv"].replace(",,", ",2014-05-14 00:00,")},
        ),
        # of two years that are lacking one is said, and the other when that is known
        ("amount > 0", {"r.csv": EMPTY["r.csv"] + 2 * LONG_AGO + LONG_AGO.replace("2014", "2013")}),
        # an empty date beside it asks for no year
        ("is_working(made) or amount > 0", {"r.csv": EMPTY["r.csv"] + LONG_AGO}),
        # what followed in the days after the month
        ("amount > 0", {"w.csv": EMPTY["w.csv"].replace("2024-06-03 10", "2014-06-03 10")}),
    ],
)
def test_a_year_that_no_calendar_knows_is_never_taken_for_free(
    tmp_path: Path, where: str, changed: dict[str, str]
) -> None:
    """Whatever asks for it: a number, a condition, or a success behind the end of the period."""
    plan = ASKED.replace("WHERE", where)
    assert compute(tmp_path, plan, EMPTY).of("waited") == {"Ann": 9}
    assert compute(tmp_path, plan, EMPTY).of("fast") == {"Ann": 100}
    problems = refused(tmp_path, plan, EMPTY | changed)
    (problem,) = problems
    assert problem.code == "calendar.unknown_year"
    assert problem.data["year"] in (2013, 2014)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_month_without_records_asks_for_no_working_time(
    tmp_path: Path, engine: EngineName
) -> None:
    """Where nothing is to be followed the last record before is looked for all the same."""
    with open_workspace(write(tmp_path, PLAIN, EMPTY), {}) as workspace:
        june = periods.parse("2024-06", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(june, LATER, engine=engine)
        found = Computed(computation.compute(workspace, job))
    assert found.of("fast") == {"Ann": "no_data"}
    silent = [p for p in found.results.warnings if p.code == "complete.silent"]
    assert {p.data["entity"]: p.data["last"] for p in silent} == {
        "r": date(2024, 5, 15),
        "tickets": date(2024, 5, 30),
    }
