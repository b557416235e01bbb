"""Numbers of a whole department or company in a person's scorecard, and scorecards of departments."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.values import Row
from plans import compute, write

D = Decimal
STAFF = """\
id,name,department
1,Ann Roe,North
2,Ben Ito,North
3,Cat Poe,South
4,Dan Low,Sales
5,Eve Fox,Support
"""
TREE = "name,parent,head\nSales,,Dan Low\nNorth,Sales,\nSouth,SALES,\nSupport,,\n"
ORDERS = """\
id,owner,date,amount,client
1,Ann Roe,2024-05-02,100,a
2,Ben Ito,2024-05-03,250,a
3,Cat Poe,2024-05-04,200,b
4,Dan Low,2024-05-05,50,b
5,Eve Fox,2024-05-06,70,c
6,Nobody Known,2024-05-07,30,d
"""
PLAN = """\
sources:
  f:
    type: csv
    employees: staff.csv
    departments: deps.csv
    orders: {path: o.csv, fields: {owner: owner, date: {column: date, type: date}, amount: {column: amount, type: money}}}
kpis:
  own: {from: orders, sum: amount, when: date, unit: money}
  team: {from: orders, sum: amount, when: date, unit: money}
  firm: {from: orders, sum: amount, when: date, unit: money}
  clients: {from: orders, count: distinct client, when: date}
  middle: {from: orders, median: amount, when: date, unit: money}
  n: {from: orders, count: rows, when: date}
  check: {ratio: {of: own, over: n}, unit: money}
scorecards:
SCORECARDS
targets:
  company: {firm: 700/month}
  department.North: {team: 300/month, own: 300/month}
  department.South: {team: 250/month, own: 250/month}
  department.Sales: {team: 500/month, own: 500/month}
  department.Support: {own: 100/month}
"""
FILES = {"o.csv": ORDERS, "staff.csv": STAFF, "deps.csv": TREE}
PEOPLE = """\
  sales:
    who: department under 'Sales'
    kpis:
      own: {weight: 50, target: 200/month}
      team: {weight: 30, level: department}
      firm: {weight: 20, level: company}
"""
UNITS = "  units: {rows: departments, kpis: {own: {weight: 100}}}\n"
FACTS = """\
  units:
    rows: departments
    kpis: {own: {weight: 100}, clients: {weight: 0}, middle: {weight: 0}, check: {weight: 0}}
"""


def plan(cards: str) -> str:
    return PLAN.replace("SCORECARDS\n", cards)


def goal(row: Row, kpi: str) -> Decimal | None:
    target = row.score(kpi).target
    return None if target is None else target.value


def run(folder: Path, cards: str, *words: str) -> str:
    write(folder, plan(cards), FILES)
    at = [
        "-c",
        str(folder / "kpi.yaml"),
        "-p",
        "2024-05",
        "--as-of",
        "2024-06-15",
        "-q",
        "--lang",
        "en",
    ]
    done = CliRunner().invoke(app, [words[0], *words[1:], *at])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def lines(folder: Path, cards: str, *words: str) -> Iterator[dict[str, Any]]:
    return csv.DictReader(io.StringIO(run(folder, cards, "compute", "-f", "csv", *words)))


def test_everybody_of_a_department_shares_its_number(tmp_path: Path) -> None:
    """The department's fact and goal stand in the row of each member, and weigh in the index; who
    leads a department of departments has that of all of them."""
    done = compute(tmp_path, plan(PEOPLE), FILES, period="2024-05")
    assert done.of("team") == {"Ann Roe": 350, "Ben Ito": 350, "Cat Poe": 200, "Dan Low": 600}
    goals = {row.name: goal(row, "team") for row in done.card.rows}
    assert goals == {"Ann Roe": 300, "Ben Ito": 300, "Cat Poe": 250, "Dan Low": 500}
    # 0.5 × 100/200 + 0.3 × 350/300 + 0.2 × 700/700
    assert done.row("Ann Roe").index == D(80)


def test_the_company_s_number_takes_nobody_s_records_too(tmp_path: Path) -> None:
    """At the level of the company everybody has the same number, of all records."""
    done = compute(tmp_path, plan(PEOPLE), FILES, period="2024-05")
    assert set(done.of("firm").values()) == {700}
    assert done.card.total is not None
    assert done.card.total.score("firm").fact.value == 700


def test_the_total_has_no_number_of_several_departments(tmp_path: Path) -> None:
    """What each department has for itself adds up to nothing; the goal of one is not the total's."""
    done = compute(tmp_path, plan(PEOPLE), FILES, period="2024-05")
    assert done.total["team"] == "not_applicable"
    assert {unit.name: unit.score("firm").state for unit in done.card.departments} == dict.fromkeys(
        ("North", "Sales", "South"), "not_applicable"
    )


def test_who_is_in_no_department_has_none_of_its_numbers(tmp_path: Path) -> None:
    """The number is not theirs; the rest of the weight decides."""
    staff = STAFF + "6,Nobody Known,\n"
    done = compute(
        tmp_path, plan(PEOPLE.replace("    who: department under 'Sales'\n", "")),
        FILES | {"staff.csv": staff}, period="2024-05",
    )  # fmt: skip
    assert done.of("team")["Nobody Known"] == "not_applicable"


def test_departments_are_scored_and_ranked(tmp_path: Path) -> None:
    """Each against its own goal, over all that is a part of it; the total counts a part once."""
    done = compute(tmp_path, plan(UNITS), FILES, period="2024-05")
    assert [row.name for row in done.card.rows] == ["Sales", "North", "South", "Support"]
    assert [row.rank for row in done.card.rows] == [1, 2, 3, 4]
    assert done.of("own") == {"Sales": 600, "North": 350, "South": 200, "Support": 70}
    assert done.total == {"own": 670}
    assert done.card.total is not None
    assert goal(done.card.total, "own") == 600


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_the_total_of_departments_is_that_of_their_rows(tmp_path: Path, engine: str) -> None:
    """Whoever of a department is in no scorecard counts in its row and in the total alike, and the
    total lists the same records when it is explained."""
    cards = UNITS.replace("{rows:", "{who: \"name in ('Ann Roe', 'Cat Poe')\", rows:")
    page = run(tmp_path, cards, "explain", "own", "-s", "units", "--engine", engine)
    assert [text in page for text in ("₽550", "# 2", "# 4")] == [True, True, False]
    shown = json.loads(run(tmp_path, cards, "compute", "-f", "json", "--engine", engine))
    (card,) = shown["scorecards"]
    rows = {row["name"]: row["kpis"]["own"]["value"] for row in card["rows"]}
    assert rows == {"North": 350, "South": 200}
    assert card["total"]["kpis"]["own"]["value"] == 550


def test_who_has_left_is_in_the_department_and_in_the_total(tmp_path: Path) -> None:
    """A deal won after its owner had left is the department's, and the total's, which is then the
    sum of the departments; nothing says that it was left out."""
    staff = "".join(
        f"{line}{',left' if n == 0 else ',2024-03-29' if n == 3 else ','}\n"
        for n, line in enumerate(STAFF.splitlines())
    )
    files = FILES | {"staff.csv": staff + "7,Fay Day,South,\n"}
    done = compute(tmp_path, plan(UNITS), files, period="2024-05")
    assert done.of("own") == {"Sales": 600, "North": 350, "South": 200, "Support": 70}
    assert done.total == {"own": 670}
    assert [one.names for one in done.results.left_out if one.kpi == "own"] == [("Nobody Known",)]


def test_a_unit_is_measured_anew_from_its_records(tmp_path: Path) -> None:
    """Different clients and middles are those of the unit's records, quotients are made of their
    parts: none is the sum or the mean of its people's."""
    done = compute(tmp_path, plan(FACTS), FILES, period="2024-05")
    assert done.figures["North"] == {"own": 350, "clients": 1, "middle": 175, "check": 175}
    assert done.figures["Sales"] == {"own": 600, "clients": 2, "middle": 150, "check": 150}


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_any_scorecard_is_shown_by_department(tmp_path: Path, engine: str) -> None:
    """The records and the targets of those of a department who are in the scorecard, together; the
    rows of all of them are the total."""
    rows = [
        (line["kind"], line["name"], line["value"], line["target"])
        for line in lines(tmp_path, PEOPLE, "--by", "department", "--engine", engine)
        if line["scorecard"] == "sales" and line["kpi"] == "own"
    ]
    assert rows == [
        ("row", "North", "350", "400"), ("row", "South", "200", "200"), ("row", "Sales", "50", "200"),
        ("total", "", "600", "800"),
    ]  # fmt: skip


def test_both_engines_score_units_alike(tmp_path: Path) -> None:
    """The JSON of the plain engine is that of DuckDB."""
    for cards in (PEOPLE, FACTS):
        shown = [
            run(tmp_path, cards, "compute", "-f", "json", "--engine", e)
            for e in ("duckdb", "plain")
        ]
        assert shown[0] == shown[1]


def test_json_says_whose_number_it_is(tmp_path: Path) -> None:
    """A column tells its level, a scorecard of departments that it is one."""
    (card,) = json.loads(run(tmp_path, PEOPLE, "compute", "-f", "json"))["scorecards"]
    assert [column.get("level") for column in card["columns"]] == [None, "department", "company"]
    (card,) = json.loads(run(tmp_path, UNITS, "compute", "-f", "json"))["scorecards"]
    assert (card["by"], card["rows"][0]["department"]) == ("department", "Sales")


def test_names_of_departments_are_not_masked(tmp_path: Path) -> None:
    """They are nobody's."""
    assert "North" in run(tmp_path, UNITS, "compute", "--mask")


@pytest.mark.parametrize(
    ("cards", "words", "shown"),
    [
        (PEOPLE, ("team", "-e", "Ann Roe"), ["Ann Roe: North, 2 people", "₽300", "# 1", "# 2"]),
        (PEOPLE, ("firm", "-e", "Ann Roe"), ["Ann Roe: Company", "₽700", "# 6"]),
        (PEOPLE, ("own", "-s", "sales", "-d", "North"), ["₽350", "₽400", "# 1", "# 2"]),
        (UNITS, ("own", "-s", "units", "-d", "sales"), ["Sales, 4 people", "₽600", "₽500", "# 4"]),
        (UNITS, ("index", "-s", "units", "-d", "Sales"), ["120"]),
        (UNITS, ("own", "-s", "units"), ["₽670", "₽600"]),
    ],
)  # fmt: skip
def test_each_number_is_explained(
    tmp_path: Path, cards: str, words: tuple[str, ...], shown: list[str]
) -> None:
    """By the records of the unit, its goal, and what the scorecard makes of it."""
    page = run(tmp_path, cards, "explain", *words)
    assert [text for text in shown if text not in page] == []


def test_a_unit_without_a_goal_is_said(tmp_path: Path) -> None:
    """`check` warns where no unit has what the points need; personal targets are no help."""
    cards = "  s: {kpis: {n: {weight: 100, level: department}}}\n"
    write(tmp_path, plan(cards) + "  employee.1: {n: 3/month}\n", FILES)
    done = CliRunner().invoke(app, ["check", "-c", str(tmp_path / "kpi.yaml"), "-f", "json"])
    assert "targets.lacking_unit" in done.stdout


def test_a_goal_that_is_divided_among_departments_is_theirs(tmp_path: Path) -> None:
    """`check` does not miss goals that a cascade gives to departments."""
    cards = "  s: {rows: departments, kpis: {firm: {weight: 100}}}\n"
    write(tmp_path, plan(cards) + "  cascade: {firm: {to: departments, by: equal}}\n", FILES)
    done = CliRunner().invoke(app, ["check", "-c", str(tmp_path / "kpi.yaml"), "-f", "json"])
    assert "targets.lacking_unit" not in done.stdout


def test_the_goals_of_the_total_are_those_that_add_up_to_it(tmp_path: Path) -> None:
    """A part's goal is in that of its department: explained, the total's target is a sum of the
    outermost alone."""
    page = run(tmp_path, UNITS, "explain", "own", "-s", "units")
    target = page[page.index("Target") : page.index("Attainment")]
    assert [name in target for name in ("Sales", "Support", "North", "South")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("compute", "--by", "department"),
        ("compute", "-d", "South"),
        ("compute", "-f", "json", "-d", "South"),
        ("targets",),
        ("trend", "--index"),
    ],
)
def test_masked_nobody_is_named_on_either_stream(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither in the report nor in a note beside it, also where those who are told of are in no
    row: hidden by an option, or taken together in departments."""
    hired = "id,name,department,hired\n1,Ann Roe,North,2024-05-15\n2,Ben Ito,North,\n3,Cat Poe,South,2024-05-20\n"
    cards = "  sales: {kpis: {own: {weight: 100, target: 200/month}}}\n"
    write(tmp_path, plan(cards), FILES | {"staff.csv": hired})
    at = ["-c", str(tmp_path / "kpi.yaml"), "-p", "2024-05", "--as-of", "2024-06-15"]
    done = CliRunner().invoke(app, [*words, "--mask", *at])
    assert done.exit_code == 0, done.stderr
    said = done.stdout + done.stderr
    assert [
        name for name in ("Ann Roe", "Ben Ito", "Cat Poe", "Nobody Known") if name in said
    ] == []
    assert words[0] != "compute" or "…" in said
