"""Several people share a record: by equal or written shares, or each with overlay credit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as compute_of
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.people import credit
from kpictl.values import EngineName, Results
from plans import LATER, Computed, compute, refused, write

D = Decimal
ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
STAFF = "id,name,department\n1,Ann Roe,East\n2,Ben Ito,West\n3,Carl Nov,West\n"
DEALS = """\
day,owner,amt
2024-05-10,"Ann Roe, Ben Ito",1000
2024-05-11,Ann Roe,100
2024-05-12,Ann Roe 60; Ben Ito 25%; Carl Nov: 15,0.01
2024-05-13,Ben Ito; Carl Nov; Ann Roe,-10
2024-05-14,Ben Ito; Dan Foe,8
"""
FILES = {"e.csv": STAFF, "o.csv": DEALS}
PLAN = """
    sources:
      s:
        type: csv
        o: {path: o.csv, fields: {owner: {column: owner, type: person, credit: split}}}
        employees: e.csv
    kpis:
      sum: {from: o, sum: amt, when: day}
      n: {from: o, count: rows, when: day}
      average: {from: o, average: amt, when: day}
      most: {from: o, max: amt, when: day}
      middle: {from: o, median: amt, when: day}
      kinds: {from: o, count: distinct amt, when: day}
    scorecards:
      all: {kpis: {sum: {weight: 100}, n: {weight: 0}, average: {weight: 0}, most: {weight: 0},
                   middle: {weight: 0}, kinds: {weight: 0}}}
"""


def results(folder: Path, engine: EngineName, plan: str = PLAN) -> Results:
    with open_workspace(write(folder, plan, FILES), {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        return compute_of(workspace, ComputeRequest(may, LATER, engine=engine, by_department=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sum_is_shared_and_all_else_is_of_whole_records(
    tmp_path: Path, engine: EngineName
) -> None:
    """Each has the part of an amount, and counts the record whole; together it counts once. What a
    stranger has of a record is nobody's of the scorecard."""
    found = Computed(results(tmp_path, engine))
    assert found.of("sum") == {
        "Ann Roe": D("596.68"),
        "Ben Ito": D("500.66"),
        "Carl Nov": D("-3.33"),
    }
    assert found.of("n") == {"Ann Roe": 4, "Ben Ito": 4, "Carl Nov": 2}
    assert found.of("most") == {"Ann Roe": 1000, "Ben Ito": 1000, "Carl Nov": D("0.01")}
    assert found.total["sum"] == D("1094.01")
    assert found.total["n"] == 5
    assert found.total["kinds"] == 5
    assert found.total["middle"] == 8
    stranger = found.left_out("sum")["unknown_owner"]
    assert (stranger.count, stranger.names) == (1, ("Dan Foe",))


def test_the_engines_agree_on_shared_records(tmp_path: Path) -> None:
    """People, departments, totals and what is left out."""
    assert results(tmp_path, "duckdb") == results(tmp_path, "plain")


def test_the_total_equals_the_records(tmp_path: Path) -> None:
    """Where everybody is scored, the parts add up to what the files say."""
    whole = {**FILES, "o.csv": DEALS.replace("Dan Foe", "Carl Nov")}
    assert compute(tmp_path, PLAN, whole).total["sum"] == D("1098.01")


@pytest.mark.parametrize("engine", ENGINES)
def test_explain_shows_the_share(tmp_path: Path, engine: EngineName) -> None:
    """Of each shared record the part, the share and the whole; they add up, also for the company."""
    with open_workspace(write(tmp_path, PLAN, FILES), {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine, ordered=True)
        found = explain(workspace, job, ExplainRequest("sum", employee="Ben Ito"))
        company = explain(workspace, job, ExplainRequest("sum", company=True))
        counted = explain(workspace, job, ExplainRequest("n", employee="Ben Ito"))
    records = found.steps[0].parts[0].records
    assert [(r.value, r.share, r.whole) for r in records] == [
        (500, Fraction(1, 2), 1000),
        (0, Fraction(1, 4), D("0.01")),
        (D("-3.34"), Fraction(1, 3), -10),
        (4, Fraction(1, 2), 8),
    ]
    assert company.steps[0].fact.value == D("1098.01")
    assert len(counted.steps[0].parts[0].records) == 4


@pytest.mark.parametrize("engine", ENGINES)
def test_overlay_credit_is_whole_and_in_no_total(tmp_path: Path, engine: EngineName) -> None:
    """Each has all of the record; totals and departments have none of it."""
    found = Computed(results(tmp_path, engine, PLAN.replace("split", "overlay")))
    assert found.of("sum") == {
        "Ann Roe": D("1090.01"),
        "Ben Ito": D("998.01"),
        "Carl Nov": D("-9.99"),
    }
    assert set(found.total.values()) == {"not_applicable"}


def test_shares_that_are_not_whole_are_refused_all_of_them(tmp_path: Path) -> None:
    """Less or more than 100, a share for some only, somebody twice: each with its cell."""
    text = (
        "day,owner,amt\n2024-05-10,Ann Roe 60; Ben Ito 30,1\n2024-05-11,Ann Roe 60; Ben Ito,1\n"
        "2024-05-12,Ann Roe; ann roe,1\n2024-05-13,Ann Roe 150; Ben Ito,1\n2024-05-14,Ann Roe,1\n"
    )
    found = refused(tmp_path, PLAN, {**FILES, "o.csv": text})
    assert {p.code for p in found} == {"credit.not_whole"}
    assert [str(p.place) for p in found] == [f"o.csv:{line}:2" for line in (2, 3, 4, 5)] or len(
        found
    ) == 4


def test_two_in_a_cell_are_refused_until_it_is_said_that_they_share(tmp_path: Path) -> None:
    """Without `credit` whose record it is cannot be told."""
    found = refused(tmp_path, PLAN.replace(", credit: split", ""), FILES)
    assert {p.code for p in found} == {"people.two_in_one_cell"}


SHARES = """\
deal,who,share
D1,Ann Roe,33.33
d1,Ben Ito,33.33
D1,Carl Nov,33.34
D2,Ben Ito,100
D9,Ben Ito,1
"""
SOLD = "id,day,amt\nD1,2024-05-10,100\nD2,2024-05-11,7\nD3,2024-05-12,1\n"
PARTICIPANTS = """
    sources:
      s:
        type: csv
        shares: {path: p.csv, fields: {who: {column: who, type: person}}}
        o:
          path: o.csv
          fields: {sellers: {from: shares, key: id = deal, take: who, credit: split, share: share}}
        employees: e.csv
    kpis:
      sum: {from: o, sum: amt, when: day, by: sellers}
      n: {from: o, count: rows, when: day, by: sellers}
"""


def test_participants_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    """A line a participant with the share; a deal without one is nobody's. Shares of deals beside
    the period may be what they are."""
    files = {"e.csv": STAFF, "o.csv": SOLD, "p.csv": SHARES}
    found = compute(tmp_path, PARTICIPANTS, files)
    assert found.of("sum") == {"Ann Roe": D("33.33"), "Ben Ito": D("40.33"), "Carl Nov": D("33.34")}
    assert found.total == {"sum": 107, "n": 2}
    assert found.left_out("sum")["no_owner"].amount is None
    equal = PARTICIPANTS.replace(", share: share", "")
    assert compute(tmp_path, equal, files).of("sum") == {
        "Ann Roe": D("33.34"),
        "Ben Ito": D("40.33"),
        "Carl Nov": D("33.33"),
    }


def test_shares_of_participants_are_100_together(tmp_path: Path) -> None:
    """A deal whose shares are not is named with its lines."""
    files = {"e.csv": STAFF, "o.csv": SOLD, "p.csv": SHARES.replace("33.34", "33.33")}
    (problem,) = refused(tmp_path, PARTICIPANTS, files)
    assert (problem.code, problem.data["total"]) == ("credit.not_whole_of", "99.99")
    assert (str(problem.place), problem.data["lines"]) == ("p.csv:2", "p.csv:2, p.csv:3, p.csv:4")


def test_check_names_shares_that_are_not_100_together(tmp_path: Path) -> None:
    """They stop the periods of their deals alone: `check` warns of them, with the lines."""
    files = {"e.csv": STAFF, "o.csv": SOLD, "p.csv": SHARES.replace("33.34", "33.33")}
    path = write(tmp_path, PARTICIPANTS, files)
    done = CliRunner().invoke(app, ["check", "--config", str(path), "--lang", "en", "-f", "json"])
    assert done.exit_code == 0
    found = [(p["code"], p["level"], p["file"], p["line"]) for p in json.loads(done.output)]
    assert found == [("credit.not_whole_of", "warning", "p.csv", 2)]


def test_a_share_needs_credit(tmp_path: Path) -> None:
    """A share alone says nothing of what it is for."""
    files = {"e.csv": STAFF, "o.csv": SOLD, "p.csv": SHARES}
    (problem,) = refused(tmp_path, PARTICIPANTS.replace("credit: split, ", ""), files)
    assert problem.code == "plan.share_alone"


@settings(max_examples=200)
@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=4),
    st.lists(st.integers(min_value=1, max_value=10**6), min_size=1, max_size=12),
)
def test_parts_add_up_to_the_record(value: Decimal, weights: list[int]) -> None:
    """By whatever shares: the sum is exact, no part is a hundredth or more away from its share
    (the first, which keeps what is below a hundredth, two), and none has the other sign."""
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    exact = Fraction(value)
    parts = credit.divided(exact, shares)
    assert sum(parts) == exact
    for number, (part, share) in enumerate(zip(parts, shares, strict=True)):
        assert abs(part - exact * share) < Fraction(2 if number == 0 else 1, 100) + Fraction(1, 100)
        assert part * exact >= 0
    assert all((part * 100).denominator == 1 for part in parts[1:])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Roe", [("Ann Roe", 100)]),
        ("Ann Roe; Ben Ito", [("Ann Roe", 50), ("Ben Ito", 50)]),
        ("Ann Roe and Ben Ito", [("Ann Roe", 50), ("Ben Ito", 50)]),
        ("Анна Белова 60; Олег Ким 40", [("Анна Белова", 60), ("Олег Ким", 40)]),
        ("Ann Roe (33,3 %)\nBen Ito – 66,7%", [("Ann Roe", "33.3"), ("Ben Ito", "66.7")]),
        ("Roe, Ann; Ito, Ben", [("Roe, Ann", 50), ("Ito, Ben", 50)]),
        ("Ann Roe 60; Ben Ito", None),
        ("Ann Roe; Ann Roe", None),
    ],
)
def test_who_shares_is_read_as_people_write_it(
    text: str, expected: Sequence[tuple[str, int | str]] | None
) -> None:
    """Names between the usual signs, shares behind them in any form."""
    found = credit.settled(credit.sharers(text, lambda _name: False))
    whole = None if found is None else [(one.name, (one.share or 0) * 100) for one in found]
    wanted = None if expected is None else [(name, Fraction(share)) for name, share in expected]
    assert whole == wanted
