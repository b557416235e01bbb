"""Whose number it is: one person, a channel, or the company alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app

Files = Mapping[str, str]


def run(folder: Path, command: str, files: Files, *words: str) -> Result:
    """Write files beside one another and run a command over them, May 2024 seen from July."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    call = [command, *words, "-c", str(folder / "kpi.yaml")]
    if command != "check":
        call += ["-p", "2024-05", "--as-of", "2024-07-01"]
    return CliRunner().invoke(app, call)


def computed(folder: Path, files: Files, *words: str) -> dict[str, Any]:
    done = run(folder, "compute", files, "-q", "-f", "json", *words)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
    return found


# --- several people ------------------------------------------------------------------------------

OWNED = """\
kpictl: 1
sources: {{s: {{type: csv, o: {{path: o.csv, fields: {{owner: {{column: owner, type: person}}}}}}{employees}}}}}
kpis: {{rev: {{from: o, sum: amt, when: d}}}}
"""
STAFF = "id,name,aliases\n1,Ann Roe,\n2,Ben Ito,\n3,Roe Industries & Sons,\n4,Иван Петров,\n5,Анна Белова,\n"


def owned(owner: str, *, employees: bool) -> dict[str, str]:
    lines = f'd,owner,amt\n2024-05-10,"{owner}",10\n2024-05-11,Ann Roe,1\n2024-05-11,Ben Ito,1\n'
    lines += "2024-05-11,Иван Петров,1\n2024-05-12,Анна Белова,1\n"
    more = ", employees: e.csv" if employees else ""
    return {"kpi.yaml": OWNED.format(employees=more), "o.csv": lines, "e.csv": STAFF}


@pytest.mark.parametrize("employees", [True, False])
@pytest.mark.parametrize(
    "owner",
    [
        "Ann Roe, Ben Ito",
        "Ann Roe; Ben Ito",
        "Ann Roe / Ben Ito",
        "Ann Roe\nBen Ito",
        "Ann Roe and Ben Ito",
        "Roe Ann & Ito Ben",
        "Иван Петров, Анна Белова",
        "Белова Анна и Петров Иван",
        "Ann Roe, Somebody Else",
        "Ann Roe | Ben Ito | Иван Петров",
    ],
)
def test_two_people_in_one_cell_are_called_so(tmp_path: Path, owner: str, employees: bool) -> None:
    """A record of two people is nobody's to guess: refused, and called what it is."""
    done = run(tmp_path, "compute", owned(owner, employees=employees), "--lang", "en")
    said = " ".join(done.stderr.split())
    assert done.exit_code == 4
    assert "two people in one cell" in said


@pytest.mark.parametrize(
    ("owner", "whose"),
    [("Roe, Ann", "Ann Roe"), ("Белова, Анна", "Анна Белова"), ("Roe Industries & Sons", None)],
)
def test_one_name_with_a_comma_is_one_person(tmp_path: Path, owner: str, whose: str | None) -> None:
    """A surname before a comma, or a name with an ampersand, is one owner."""
    (card,) = computed(tmp_path, owned(owner, employees=True))["scorecards"]
    value = {row["name"]: row["kpis"]["rev"]["value"] for row in card["rows"]}
    assert value[whose or owner] == (11 if whose else 10)


# --- currencies under the names of the source ------------------------------------------------------

MONEY = """\
kpictl: 1
company: {currency: RUB}
sources: {s: {type: csv, deals: d.csv%s}}
kpis: {rev: {from: deals, sum: amount, when: created_at, unit: money}}
rates: {CNY: 12.5}
"""
DEALS = """\
ID,Стадия сделки,Сумма,Валюта,Ответственный,Дата создания
1,Сделка успешна,4,Юань (офшор),Анна,2024-05-02 10:00
2,Сделка успешна,7,Тугрик большой,Анна,2024-05-02 10:00
3,Сделка успешна,100,RUB,Анна,2024-05-02 10:00
"""


@pytest.mark.parametrize(
    "written", ["Юань (офшор)", "юань  (офшор)", "ЮАНЬ\u00a0(ОФШОР)", "Юа\u00adнь (офшор)"]
)
def test_a_currency_is_known_by_the_name_that_the_source_gives_it(
    tmp_path: Path, written: str
) -> None:
    """`currencies` beside `stages` says the code of a name, in any spelling."""
    plan = MONEY % f", currencies: {{{written}: CNY}}"
    (card,) = computed(tmp_path, {"kpi.yaml": plan, "d.csv": DEALS})["scorecards"]
    assert card["rows"][0]["kpis"]["rev"]["value"] == 150


def test_a_deal_in_an_unknown_currency_shows_what_was_written(tmp_path: Path) -> None:
    """What nobody could convert is listed with its amount and its currency."""
    done = run(tmp_path, "explain", {"kpi.yaml": MONEY % "", "d.csv": DEALS}, "rev", "--left-out")
    assert "7 Тугрик большой" in done.stdout
    assert "4 Юань (офшор)" in done.stdout


def test_a_currency_that_is_no_code_is_refused(tmp_path: Path) -> None:
    """The right side of `currencies` is an ISO code."""
    plan = MONEY % ", currencies: {Юань: юань}"
    done = run(tmp_path, "check", {"kpi.yaml": plan, "d.csv": DEALS}, "--lang", "en")
    assert (done.exit_code, "USD" in done.stdout) == (3, True)


# --- the company alone ------------------------------------------------------------------------------

COMPANY = """\
kpictl: 1
company: {currency: USD}
sources: {s: {type: csv, costs: c.csv, orders: o.csv}}
kpis:
  spend: {label: Расход, from: costs, sum: costs, when: dt, by: none, unit: money, better: lower}
  revenue: {from: orders, sum: revenue, when: at, by: who, unit: money}
  buyers: {from: orders, count: distinct uid, when: at, by: none}
  middle: {from: orders, median: revenue, when: at, by: none}
  romi: {formula: (revenue - spend) / spend, unit: percent}
targets: {company: {romi: 20}}
"""
COSTS = "source_id,dt,costs\n1,2024-05-05,100\n2,2024-05-06,50\n3,2024-06-06,500\n"
ORDERS = (
    "at,revenue,uid,who\n2024-05-05 10:00,120,9001,Ann\n2024-05-07 11:00,60,9002,\n"
    "2024-05-08 12:00,30,9001,Ben\n"
)
ALONE = {"kpi.yaml": COMPANY, "c.csv": COSTS, "o.csv": ORDERS}


def test_a_figure_without_people_is_the_companys(tmp_path: Path) -> None:
    """`by: none` makes one line of the company; a formula with it is the company's too, over all
    records, also nobody's, and has the company's goal."""
    found = computed(tmp_path, ALONE)
    kpis = found["totals"]["company"]["kpis"]
    assert {k: c["value"] for k, c in kpis.items()} == {
        "spend": 150,
        "buyers": 2,
        "middle": 60,
        "romi": 40,
    }
    assert (kpis["romi"]["target"], kpis["romi"]["attainment"]) == (20, 200)
    assert kpis["spend"]["state"] == "measured"
    (card,) = found["scorecards"]
    assert [c["kpi"] for c in card["columns"]] == ["revenue"]
    assert {row["name"]: row["kpis"]["revenue"]["value"] for row in card["rows"]} == {
        "Ann": 120,
        "Ben": 30,
    }
    assert [(one["kpi"], one["reason"]) for one in found["left_out"]] == [("revenue", "no_owner")]


def test_a_plan_of_the_company_alone_has_a_page(tmp_path: Path) -> None:
    """Without any scorecard there are the heading and the lines of the company, in every format."""
    plan = COMPANY.replace("by: who", "by: none")
    files = {**ALONE, "kpi.yaml": plan}
    table = run(tmp_path, "compute", files, "--lang", "en").stdout
    assert "May 2024" in table
    assert "Расход" in table
    assert computed(tmp_path, files)["scorecards"] == []
    lines = run(tmp_path, "compute", files, "-q", "-f", "csv").stdout.splitlines()
    assert len(lines) == 6
    book = tmp_path / "x.xlsx"
    assert run(tmp_path, "compute", files, "-q", "-o", str(book)).exit_code == 0
    import openpyxl

    assert openpyxl.load_workbook(book).sheetnames


def test_a_figure_of_the_company_is_explained(tmp_path: Path) -> None:
    """Its records are listed; asked whose it is, it says nobody's."""
    page = run(tmp_path, "explain", ALONE, "Расход", "--lang", "en").stdout
    assert "150" in page.splitlines()[0]
    assert "c.csv:3" in page
    done = run(tmp_path, "explain", ALONE, "romi", "-e", "Ann", "--lang", "en")
    assert (done.exit_code, "company's alone" in done.stderr) == (2, True)


def test_the_company_alone_stands_in_no_scorecard(tmp_path: Path) -> None:
    """Weights and personal targets of such a figure are mistakes, with the next step."""
    plan = COMPANY.replace("{romi: 20}}", "{romi: 20}, employee.Ann: {spend: 5}}")
    plan += "scorecards: {n: {kpis: {romi: {weight: 100}}}}\n"
    done = run(tmp_path, "check", {**ALONE, "kpi.yaml": plan}, "--lang", "en")
    assert done.exit_code == 3
    said = " ".join(done.stdout.split())  # how lines break depends on how long the path is
    assert said.count("company's alone") == 2


def test_hints_name_fields_that_are_there(tmp_path: Path) -> None:
    """A number as `by` is told how to be read as a text, and of `by: none`; no field is made up."""
    plan = COMPANY.replace("when: dt, by: none", "when: dt, by: source_id")
    done = run(tmp_path, "check", {**ALONE, "kpi.yaml": plan}, "--lang", "en")
    said = " ".join(done.stdout.split())
    assert "owner_id" not in said
    assert "fields: { source_id: { column: source_id, type: id }" in said
    assert "by: none" in said


# --- one table per kind -------------------------------------------------------------------------------

KINDS = """\
kpictl: 1
sources:
  s:
    type: csv
    orders: {path: o.csv, fields: {owner: {column: Менеджер, type: person}, channel: Канал, good: Товар}}
    ads: {path: a.csv, fields: {source: Источник}}
kpis:
  sold: {from: orders, count: rows, when: d}
  leads: {from: orders, count: rows, when: d, by: channel}
  goods: {from: orders, count: rows, when: d, by: good}
  spend: {from: ads, sum: cost, when: d, by: source}
"""
SOLD = (
    "d,Менеджер,Канал,Товар\n2024-05-01,Ann,Поиск,Насос\n2024-05-02,Ben,поиск,Труба\n"
    "2024-05-03,Ann,Соцсети,Насос\n"
)
ADS = "d,Источник,cost\n2024-05-01,ПОИСК,60\n"
MIXED = {"kpi.yaml": KINDS, "o.csv": SOLD, "a.csv": ADS}


def test_people_channels_and_goods_have_tables_of_their_own(tmp_path: Path) -> None:
    """KPIs of different kinds of `by` are never mixed; columns that name the same things share a
    table."""
    cards = computed(tmp_path, MIXED)["scorecards"]
    assert {
        card["by"]: {r["name"]: {k: c["value"] for k, c in r["kpis"].items()} for r in card["rows"]}
        for card in cards
    } == {
        "": {"Ann": {"sold": 2}, "Ben": {"sold": 1}},
        "Источник": {"Поиск": {"leads": 2, "spend": 60}, "Соцсети": {"leads": 1, "spend": 0}},
        "Товар": {"Насос": {"goods": 2}, "Труба": {"goods": 1}},
    }
    assert len({card["id"] for card in cards}) == 3


def test_the_caption_of_the_column_stands_over_its_names(tmp_path: Path) -> None:
    """Above channels it says what they are, not “Employee”."""
    page = run(tmp_path, "compute", MIXED, "--lang", "en").stdout
    heads = [
        line.split()[0] for line in page.splitlines() if line.startswith(("Emp", "Ист", "Тов"))
    ]
    assert heads == ["Employee", "Источник", "Товар"]


def test_no_index_is_made_of_people_and_channels(tmp_path: Path) -> None:
    """A weighted scorecard of both is refused with the next step."""
    plan = KINDS + "scorecards: {n: {kpis: {sold: {weight: 50}, goods: {weight: 50}}}}\n"
    done = run(tmp_path, "compute", {**MIXED, "kpi.yaml": plan}, "--lang", "en")
    assert (done.exit_code, "make a scorecard of each" in done.stderr) == (3, True)
