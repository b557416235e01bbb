"""What is said of people beside the figures: who was there for a part of the period only, who is on
no scorecard, and who is on two."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from plans import Computed, compute

D = Decimal
PLAN = """\
calendar: {country: RU}
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis:
  sold: {from: o, sum: amt, when: d}
  n: {from: o, count: rows, when: d}
scorecards:
"""
NORTH = "  north: {label: Northern, who: department = 'North', kpis: {sold: {weight: 100, target: 100}}}\n"
ORDERS = {"o.csv": "d,owner,amt\n2024-03-10,Ann,100\n2024-05-10,Ann,100\n"}


def said(folder: Path, cards: str, staff: str, period: str = "2024-05") -> Computed:
    return compute(folder, PLAN + cards, {**ORDERS, "e.csv": staff}, period=period)


# --- who was there for a part of the period ------------------------------------------------------


def test_who_was_employed_for_a_part_of_the_period_is_named(tmp_path: Path) -> None:
    """With the working days of how many; who was there all the time is not, nor who began on its
    last Sunday, of which no day is a working one."""
    staff = (
        "name,department,hired,left\nEva,North,2024-03-31,\nDan,North,2024-03-18,\n"
        "ben,North,,2024-03-15\nAnn,North,2020-01-01,\nCid,South,2024-03-18,\n"
    )
    found = said(tmp_path, NORTH, staff, "2024-03")
    told = found.said("compute.part_of_period.working_days")
    assert told.level == "note"
    assert told.data["names"] == "ben 10/20, Dan 10/20"
    assert {row.name for row in found.card.rows} == {"Ann", "ben", "Dan", "Eva"}


def test_where_all_were_there_nothing_is_said(tmp_path: Path) -> None:
    """No note without a name."""
    found = said(tmp_path, NORTH, "name,department,hired,left\nAnn,North,2020-01-01,\n")
    assert found.codes == set()


# --- who is on no scorecard ----------------------------------------------------------------------

LISTED = """\
name,department,position
Ann,North,Seller
Ben,North,Cook
Cid,Nort,Guard
Dan,South,seller
eve,South,COOK
Fay,South,Driver
"""


def test_who_may_have_been_meant_is_named(tmp_path: Path) -> None:
    """Whose position others are scored in, or whose department is called nearly like theirs; not
    who has neither."""
    told = said(tmp_path, NORTH, LISTED).said("compute.on_no_card")
    assert (told.data["names"], told.data["count"], told.level) == ("Cid, Dan, eve", 3, "note")


@pytest.mark.parametrize(
    ("cards", "staff"),
    [
        # a scorecard of everybody leaves nobody out
        (NORTH + "  all: {also: true, kpis: {n: {weight: 100, target: 1}}}\n", LISTED),
        # nobody is like those who are scored
        (NORTH, "name,department,position\nAnn,North,Seller\nFay,South,Driver\nGus,,\n"),
    ],
)
def test_where_nobody_was_meant_nothing_is_said(tmp_path: Path, cards: str, staff: str) -> None:
    """A note that names nobody is none."""
    assert "compute.on_no_card" not in said(tmp_path, cards, staff).codes


# --- who is on two -------------------------------------------------------------------------------

CARDS = """\
  first: {who: department = 'North', kpis: {sold: {weight: 100, target: 100}, n: {weight: 0}}}
  middle: {label: Middle, who: "department in ('North', 'South')", kpis: {n: {weight: 100, target: 1}}}
  last: {label: Last, who: department = 'North', kpis: {sold: {weight: 100, target: 100}}}
"""
TWICE = "name,department\nbob,North\nAnn,North\nCid,North\nDan,South\n"


def test_who_is_on_several_scorecards_is_named(tmp_path: Path) -> None:
    """By name in the order of the alphabet, with the scorecards; the place is that of the last."""
    told = said(tmp_path, CARDS, TWICE).said("compute.on_two_cards")
    assert (told.level, told.data["names"]) == ("warning", "Ann, bob, Cid")
    assert (told.data["count"], told.data["cards"]) == (3, "first, Middle, Last")
    assert told.place is not None
    lines = (tmp_path / "kpi.yaml").read_text(encoding="utf-8").splitlines()
    assert told.place.line is not None
    assert lines[told.place.line - 1].startswith("  last:")


@pytest.mark.parametrize(
    "second",
    [
        "{also: true, who: department = 'North', kpis: {n: {weight: 100, target: 1}}}",
        "{who: department = 'South', kpis: {n: {weight: 100, target: 1}}}",
        "{rows: departments, who: department = 'North', kpis: {n: {weight: 100, target: 1}}}",
    ],
)
def test_no_second_index_is_no_second_scorecard(tmp_path: Path, second: str) -> None:
    """One that is `also` theirs, of others or of departments makes no index of the same people
    twice."""
    found = said(tmp_path, f"{NORTH}  second: {second}\n", TWICE)
    assert "compute.on_two_cards" not in found.codes


# --- what is expected of whom, where somebody was away -------------------------------------------

AWAY = """\
absences: {file: a.csv, codes: {O: paid_absence}}
"""
VACATION = "name,from,to,code\nBen,2024-05-01,2024-05-31,O\n"


def away(folder: Path, more: str, vacation: str, as_of: datetime | None = None) -> Computed:
    cards = NORTH.replace("target: 100}", "target: 100/month}")
    files = {**ORDERS, "e.csv": "name,department\nAnn,North\nBen,North\n", "a.csv": vacation}
    seen = as_of or datetime(2024, 7, 15, tzinfo=UTC)
    return compute(folder, PLAN + cards + AWAY + more, files, as_of=seen)


@pytest.mark.parametrize(
    ("more", "goal"),
    [("", 100), ("targets: {employee.Ben: {sold: 40/month}}\n", 140)],
)
def test_who_was_away_adds_to_the_total_what_is_expected_of_them(
    tmp_path: Path, more: str, goal: int
) -> None:
    """Nothing by the days, of which none was theirs; a number that is written by their name, all
    of it."""
    total = away(tmp_path, more, VACATION).card.total
    assert total is not None
    target = total.score("sold").target
    assert target is not None
    assert target.value == goal


def test_where_all_are_away_the_total_has_a_pace_like_theirs(tmp_path: Path) -> None:
    """As long as the period goes on there is what they have reached together, though nothing is
    expected of anybody."""
    everybody = VACATION + VACATION.splitlines()[1].replace("Ben", "Ann") + "\n"
    found = away(tmp_path, "", everybody, datetime(2024, 5, 20, tzinfo=UTC))
    assert found.card.total is not None
    score = found.card.total.score("sold")
    assert score.target is None
    assert score.pace is not None
    assert found.score("Ann", "sold").pace is not None
