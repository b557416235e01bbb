"""Look-ups: a field of a record is taken from another table, over a key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as compute_of
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.values import EngineName
from plans import LATER, compute, refused, write

CAMPAIGNS = "code;owner;until;cost\nspring;Ann Roe;2024-05-10;100,50\nBrand;Ben Ito;2024-05-31;7\n"
LEADS = """\
created;utm;mark
2024-05-03;spring;a
2024-05-04; BRAND ;b
2024-05-05;brand;a
2024-05-06;winter;c
2024-05-07;winter;c
2024-05-08;;d
2024-06-08;autumn;e
"""
ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
FILES = {"c.csv": CAMPAIGNS, "l.csv": LEADS}
PLAN = """
    sources:
      ads:
        type: csv
        campaigns: {path: c.csv, fields: {owner: {column: owner, type: person}}}
        inquiries:
          path: l.csv
          fields:
            marketer: {from: campaigns, key: utm = code, take: owner}
            until: {from: campaigns, key: utm = code, take: until}
            price: {from: campaigns, key: utm = code, take: cost}
    kpis:
      n: {from: inquiries, count: rows, when: created, by: marketer}
      early: {from: inquiries, count: rows, where: created <= until, when: created, by: marketer}
      cost: {from: inquiries, sum: price, when: created, by: marketer}
"""


def test_records_are_those_of_whom_a_look_up_names(tmp_path: Path) -> None:
    """Owner, condition and number may each be looked up; keys that look the same are the same."""
    found = compute(tmp_path, PLAN, FILES)
    assert found.figures == {
        "Ann Roe": {"n": 1, "early": 1, "cost": Decimal("100.5")},
        "Ben Ito": {"n": 2, "early": 2, "cost": 14},
    }
    assert found.total == {"n": 3, "early": 3, "cost": Decimal("114.5")}


def test_the_engines_agree_on_what_is_looked_up(tmp_path: Path) -> None:
    """The engine in plain Python sees the same fields."""
    path, found = write(tmp_path, PLAN, FILES), []
    for engine in ENGINES:
        with open_workspace(path, {}) as workspace:
            may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
            found.append(compute_of(workspace, ComputeRequest(may, LATER, engine=engine)))
    assert found[0] == found[1]


def test_what_finds_no_partner_is_counted_and_nobodys(tmp_path: Path) -> None:
    """Two records of the period have an unknown key, one has none: all three are nobody's, and the
    unknown keys are named; one after the period is not counted."""
    found = compute(tmp_path, PLAN, FILES)
    lacking = [p for p in found.results.warnings if p.code == "lookup.no_partner"]
    assert {(p.data["field"], p.data["count"], p.data["keys"]) for p in lacking} == {
        (field, 2, "«winter» (2)") for field in ("marketer", "until", "price")
    }
    assert str(lacking[0].place).startswith("kpi.yaml:")
    assert found.left_out("n")["no_owner"].count == 3


def test_a_key_that_stands_twice_is_refused_with_its_records(tmp_path: Path) -> None:
    """Whose the records are could not be told: both lines are named, also where only the letters
    differ."""
    twice = {**FILES, "c.csv": CAMPAIGNS + "SPRING;Ben Ito;2024-05-31;1\n"}
    (problem,) = refused(tmp_path, PLAN, twice)
    assert problem.code == "lookup.not_unique"
    assert (str(problem.place), problem.data["lines"]) == ("c.csv:4", "c.csv:2, c.csv:4")


def checked(folder: Path) -> tuple[int, str]:
    """Return the exit code of `check` and what it says."""
    done = CliRunner().invoke(app, ["check", "--config", str(folder / "kpi.yaml"), "--lang", "en"])
    return done.exit_code, done.output


def test_check_names_a_key_that_stands_twice(tmp_path: Path) -> None:
    """What would stop every report is found before any is asked for, with the lines."""
    write(tmp_path, PLAN, FILES)
    assert checked(tmp_path)[0] == 0
    write(tmp_path, PLAN, {**FILES, "c.csv": CAMPAIGNS + "SPRING;Ben Ito;2024-05-31;1\n"})
    code, said = checked(tmp_path)
    assert code == 4
    assert "c.csv:4" in said
    assert said.count("spring") == 1  # once, however many fields are looked up over it


def test_check_finds_whom_a_look_up_names_like_two_people(tmp_path: Path) -> None:
    """Owners that are looked up are matched with the employees, too."""
    staff = "id,name,department\n1,Ann Roe,East\n2,Ann Roe,West\n3,Ben Ito,West\n"
    plan = PLAN.replace("type: csv\n", "type: csv\n        employees: e.csv\n", 1)
    write(tmp_path, plan, {**FILES, "e.csv": staff})
    code, said = checked(tmp_path)
    assert code == 4
    assert "Ann Roe" in said


def test_a_look_up_may_use_another_one(tmp_path: Path) -> None:
    """Leads → campaigns → teams: the owner of the team, over two keys."""
    teams = "team;lead\nT1;Ann Roe\nT2;Ben Ito\n"
    chained = """
        sources:
          ads:
            type: csv
            teams: {path: t.csv, fields: {lead: {column: lead, type: person}}}
            campaigns:
              path: c.csv
              fields: {boss: {from: teams, key: team, take: lead}}
            inquiries:
              path: l.csv
              fields: {boss: {from: campaigns, key: utm = code, take: boss}}
        kpis: {n: {from: inquiries, count: rows, when: created, by: boss}}
    """
    files = {"t.csv": teams, "c.csv": "code;team\nspring;T2\nbrand;t2\n", "l.csv": LEADS}
    assert compute(tmp_path, chained, files).of("n") == {"Ben Ito": 3}


def test_numbers_are_keys_too(tmp_path: Path) -> None:
    """A key of numbers is compared as numbers; one of numbers and one of texts never meet."""
    numbered = {"c.csv": "code;owner;until;cost\n7;Ann Roe;2024-05-10;1\n8;Ben Ito;2024-05-10;2\n"}
    numbered["l.csv"] = "created;utm;mark\n2024-05-03;7,0;a\n2024-05-04;8;b\n"
    assert compute(tmp_path, PLAN, numbered).of("n") == {"Ann Roe": 1, "Ben Ito": 1}
    found = refused(tmp_path, PLAN, {**FILES, "l.csv": numbered["l.csv"]})
    assert {p.code for p in found} == {"lookup.types"}


@pytest.mark.parametrize(
    ("instead", "code"),
    [
        ("{from: campaign, key: utm = code, take: owner}", "bind.unknown_entity"),
        ("{from: campaigns, key: utm = codes, take: owner}", "lookup.no_field"),
        ("{from: campaigns, key: utm = code, take: boss}", "lookup.no_field"),
        ("{from: campaigns, key: utm = code = x, take: owner}", "plan.lookup_key"),
        ("{from: campaigns, key: utm = code}", "plan.missing_key"),
        ("{from: inquiries, key: marketer = utm, take: mark}", "lookup.circle"),
        ("{from: campaigns, key: utm = code, take: owner, x: 1}", "plan.unknown_key"),
    ],
)
def test_mistakes_are_said_at_their_place(tmp_path: Path, instead: str, code: str) -> None:
    """A name that is not there, a key that is none, a circle."""
    said = PLAN.replace("{from: campaigns, key: utm = code, take: owner}", instead)
    found = refused(tmp_path, said, FILES)
    assert code in {p.code for p in found}
    (problem,) = [p for p in found if p.code == code]
    assert problem.place is not None
    assert problem.place.line == 11


def test_a_record_that_is_searched_for_may_be_of_any_time(tmp_path: Path) -> None:
    """A campaign of last year is found, and says nothing of how far the data reach."""
    found = compute(tmp_path, PLAN, FILES)
    assert {reach.entity for reach in found.results.reaches} == {"inquiries"}


@pytest.mark.parametrize("when", ["closed", "since"])
def test_a_column_without_a_cell_dates_records_beside_a_look_up(tmp_path: Path, when: str) -> None:
    """No record has a date yet, of its own or of its customer's: they are counted as undated."""
    plan = f"""\
sources:
  s:
    type: csv
    orders:
      path: orders.csv
      fields:
        region: {{from: customers, key: customer = id, take: region}}
        since: {{from: customers, key: customer = id, take: since}}
    customers: customers.csv
kpis:
  n: {{from: orders, count: rows, when: {when}, by: manager, where: region = 'N'}}
scorecards: {{a: {{kpis: {{n: {{weight: 100, target: 1}}}}}}}}
"""
    files = {
        "orders.csv": "id;customer;manager;closed\n1;c1;Анна;\n2;c2;Пётр;\n",
        "customers.csv": "id;region;since\nc1;N;\nc2;S;\n",
    }
    left_out = compute(tmp_path, plan, files).left_out("n")
    assert {reason: line.count for reason, line in left_out.items()} == {"no_date": 1}
