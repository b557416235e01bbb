"""A KPI, or the index, over many periods: what each line says, and how the page looks."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import kpictl
from kpictl import periods
from kpictl.cli import app
from kpictl.cli.schema import output_schema
from kpictl.report.trend.plot import plot, spark
from plans import HEAD, LATER, write

MOSCOW = ZoneInfo("Europe/Moscow")
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: people.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
  average: {label: Средний чек, ratio: {of: revenue, over: wins}, min_n: 2, unit: money}
scorecards:
  sales:
    label: Продажи
    kpis:
      revenue: {weight: 60, target: 100/month}
      wins: {weight: 40, target: 2/month}
      average: {weight: 0}
"""
PEOPLE = """\
имя;e-mail;отдел;принят
Анна Белова;belova@example.ru;Москва;01.01.2020
Олег Ким;kim@example.ru;Казань;01.01.2020
Инна Рей;rey@example.ru;Казань;01.05.2024
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;60;Анна Белова;10.03.2024 12:00:00
2;Сделка успешна;40;Анна Белова;11.03.2024 12:00:00
3;Сделка успешна;50;Олег Ким;11.03.2024 12:00:00
4;Сделка успешна;150;Анна Белова;10.04.2024 12:00:00
5;Сделка успешна;100;Олег Ким;11.04.2024 12:00:00
6;Сделка успешна;30;Олег Ким;12.04.2024 12:00:00
7;Сделка успешна;90;Анна Белова;10.05.2024 12:00:00
8;Сделка успешна;90;Анна Белова;11.05.2024 12:00:00
9;Сделка успешна;20;Олег Ким;11.05.2024 12:00:00
10;Сделка успешна;7;;11.05.2024 12:00:00
11;Сделка успешна;10;Анна Белова;05.06.2024 12:00:00
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trend")
    (path / "kpi.yaml").write_text(HEAD + PLAN, encoding="utf-8")
    (path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (path / "deals.csv").write_text(DEALS, encoding="utf-8")
    return path


def run(folder: Path, *words: str, as_of: str = "2024-07-15") -> Result:
    plan = str(folder / "kpi.yaml")
    return CliRunner().invoke(app, ["trend", *words, "-c", plan, "--as-of", as_of, "-q"])


def data(folder: Path, *words: str, **more: str) -> dict[str, Any]:
    done = run(folder, *words, "-f", "json", **more)
    assert not done.exit_code, done.output
    found: dict[str, Any] = json.loads(done.stdout, parse_float=Decimal)
    return found


def values(found: dict[str, Any]) -> dict[str, list[Any]]:
    """Return line → the number in each period, or the state that it is in."""
    return {
        line["name"] or line["kind"]: [
            p["state"] if p["value"] is None else p["value"] for p in line["points"]
        ]
        for table in found["tables"]
        for line in table["lines"]
    }


MONTHS = ("-p", "2024-05", "--periods", "4")


def test_a_line_each_and_a_value_for_every_month(folder: Path) -> None:
    """February has no record at all: that is no data, and not zero. Inna came in May: before, she
    was not there; she has sold nothing, which is measured."""
    assert values(data(folder, "--kpi", "revenue", *MONTHS)) == {
        "Анна Белова": ["no_data", 100, 150, 180],
        "Олег Ким": ["no_data", 50, 130, 20],
        "Инна Рей": ["not_applicable", "not_applicable", "not_applicable", 0],
        "total": ["no_data", 150, 280, 200],
    }


def test_each_month_is_what_compute_says_of_it(folder: Path) -> None:
    """A trend is many computations at once: index, rank and state are those of each period."""
    found = data(folder, "--index", *MONTHS)
    for place, month in enumerate(("2024-03", "2024-04", "2024-05"), start=1):
        results = kpictl.compute(folder / "kpi.yaml", period=month, as_of=LATER, environment={})
        (card,) = results.scorecards
        points = {line["name"]: line["points"][place] for line in found["tables"][0]["lines"]}
        for row in card.rows:
            point = points[row.name]
            assert (point["value"], point["rank"]) == (row.index, row.rank)
        assert card.total is not None
        assert points[None]["value"] == card.total.index
    assert {p["state"] for p in points.values()} == {"measured"}


def test_too_few_records_stay_visible(folder: Path) -> None:
    """Where a month has fewer records than `min_n` it says so, with both numbers."""
    found = data(folder, "--kpi", "Средний чек", *MONTHS)
    anna = next(x for x in found["tables"][0]["lines"] if x["name"] == "Анна Белова")
    assert [(p["state"], p["n"], p["need"]) for p in anna["points"]][2] == ("insufficient", 1, 2)
    page = run(folder, "--kpi", "average", *MONTHS).stdout
    assert "1/2" in page
    assert "n/m мало записей" in page


def test_departments_and_the_company_as_wholes(folder: Path) -> None:
    """A department's line is of its people's records, the company's of all, also nobody's."""
    assert values(data(folder, "-k", "revenue", "--by", "department", *MONTHS)) == {
        "Казань": ["no_data", 50, 130, 20],
        "Москва": ["no_data", 100, 150, 180],
    }
    company = data(folder, "-k", "revenue", "--by", "company", *MONTHS)
    assert values(company) == {"company": ["no_data", 150, 280, 207]}


def test_a_department_that_was_not_there_yet_has_no_zero(tmp_path: Path) -> None:
    """Before the first of its people was hired a department is not applicable; from then on a sum
    without a record is 0. A record from before counts nevertheless."""
    people = PEOPLE + "Яна Юн;yun@example.ru;Тверь;15.04.2024\n"
    deals = DEALS + "12;Сделка успешна;5;Инна Рей;10.03.2024 12:00:00\n"
    write(
        tmp_path,
        HEAD + PLAN,
        {"people.csv": people.replace("Казань;01.05", "Омск;01.05"), "deals.csv": deals},
    )
    found = values(data(tmp_path, "-k", "revenue", "--by", "department", *MONTHS))
    assert found["Тверь"][1:] == ["not_applicable", 0, 0]
    assert found["Омск"][1:] == [5, "not_applicable", 0]


def test_a_trend_of_a_scorecard_of_departments_is_headed_as_one(tmp_path: Path) -> None:
    """Its lines are departments, whatever was not asked for."""
    plan = PLAN.replace("    label: Продажи\n", "    label: Продажи\n    rows: departments\n")
    write(tmp_path, HEAD + plan, {"people.csv": PEOPLE, "deals.csv": DEALS})
    assert "по отделам" in run(tmp_path, "--index", *MONTHS).output
    assert data(tmp_path, "--index", *MONTHS)["by"] == "department"


def test_the_index_of_a_department_is_of_its_people_together(folder: Path) -> None:
    """Facts and targets of the department's people in the scorecard are added up, then scored."""
    found = values(data(folder, "--index", "--by", "department", *MONTHS))
    assert found["Москва"][1] == 100
    assert found["Казань"][2] == Decimal(118)  # 60 % of 130 and 40 % of 100
    assert found["Казань"][3] == Decimal(16)  # of two people: 20 of 200, 1 of 4
    whole = values(data(folder, "--index", "--by", "company", *MONTHS))
    assert next(iter(whole.values()))[1] == Decimal(75)  # 150 of 200, 3 of 4


def test_what_is_asked_for_by_name(folder: Path) -> None:
    """One person or one department; somebody who is not there is a slip of the pen."""
    assert [*values(data(folder, "--index", "-e", "Ким", *MONTHS))] == ["Олег Ким"]
    assert [*values(data(folder, "--index", "-d", "Москва", *MONTHS))] == ["Анна Белова"]
    assert "Смирнов" in run(folder, "--index", "-e", "Смирнов", *MONTHS).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--kpi"),
        (("--kpi", "revenue", "--index"), "--kpi"),
        (("--kpi", "nothing"), "nothing"),
        (("--index", "--by", "team"), "employee, department, company"),
        (("--index", "--by", "company", "-d", "Казань"), "--department"),
        (("--index", "--by", "department", "-e", "Ким"), "--employee"),
        (("--index", "-p", "1901-01", "--periods", "100"), "1900"),
        (("--index", "-o", "{scorecard}.csv"), "{scorecard}"),
    ],
)
def test_what_cannot_be_asked(folder: Path, words: tuple[str, ...], said: str) -> None:
    """A question that contradicts itself is refused with what to ask instead."""
    done = run(folder, *words)
    assert done.exit_code == 2
    assert said in done.output


def test_a_month_that_goes_on_is_compared_with_nothing(folder: Path) -> None:
    """Half of June against the whole of May says nothing: changes are those of the last month that
    is over."""
    page = run(folder, "-k", "revenue", "-p", "mtd", "--periods", "3", as_of="2024-06-10").stdout
    assert "апрель 2024 → май 2024; июнь 2024 не закончен" in page
    anna = next(line for line in page.splitlines() if line.startswith("Анна"))
    assert anna.split()[2:5] == ["150", "180", "10"]
    assert "+20,0 %" in anna


def test_ranks_and_changes_on_the_page(folder: Path) -> None:
    """A change of the index is in points, and says how many ranks somebody won or lost."""
    page = run(folder, "--index", "-p", "2024-04", "--periods", "2").stdout
    lines = {line.split()[0]: line for line in page.splitlines() if line}
    assert "+10,0 ▼1" in lines["Анна"]  # 110: 60 % of 150 and 40 % of 50
    assert "+68,0 ▲1" in lines["Олег"]


def test_the_page_fits_the_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last months stay where a line cannot hold all; how many are missing stands below."""
    for width in (40, 60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = run(folder, "-k", "revenue", "-p", "2024-05", "--periods", "24").stdout.splitlines()
        assert max(map(len, lines)) <= width
        assert any(line.startswith("Олег") and "20" in line for line in lines)
        assert any("--wide" in line for line in lines)
    wide = run(folder, "-k", "revenue", "-p", "2024-05", "--periods", "24", "--wide").stdout
    assert "2022" in wide
    assert "--wide" not in wide


def test_the_chart_is_of_all_together_or_of_the_only_line(folder: Path) -> None:
    """Of several departments none is drawn for all; one that is asked for alone is."""
    words = ("-k", "revenue", "--by", "department", *MONTHS)
    assert "┼" not in run(folder, *words).stdout
    assert "┼" in run(folder, *words, "-d", "Казань").stdout
    assert "┼" in run(folder, "-k", "revenue", *MONTHS).stdout


def test_every_format_says_the_same(folder: Path, tmp_path: Path) -> None:
    """CSV, JSON, Excel and Markdown hold the same numbers, and the JSON is as its schema says."""
    found = data(folder, "-k", "revenue", *MONTHS)
    schema = output_schema("trend")
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(found, default=float)))
    text = run(folder, "-k", "revenue", *MONTHS, "-f", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    flat = [p for t in found["tables"] for x in t["lines"] for p in x["points"]]
    assert [row["value"] or row["state"] for row in rows] == [
        str(p["state"] if p["value"] is None else p["value"]) for p in flat
    ]
    assert {row["over"] for row in rows} == {"true"}
    out = tmp_path / "динамика-{period}.xlsx"
    assert not run(folder, "-k", "revenue", *MONTHS, "-o", str(out)).exit_code
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no sparklines
        book = openpyxl.load_workbook(tmp_path / "динамика-2024-05.xlsx")
    cells = [[c.value for c in line] for line in book.worksheets[0].iter_rows(min_row=5, max_row=8)]
    assert cells[0][:5] == ["Анна Белова", "–", 100, 150, 180]
    assert cells[3][0] == "Итого"
    assert book.worksheets[1].max_row == len(flat) + 1
    page = run(folder, "-k", "revenue", *MONTHS, "-f", "md").stdout
    assert "| Анна Белова | – | 100 | 150 | 180 |" in page


def test_hostile_names_and_masked_ones(tmp_path: Path) -> None:
    """Nothing in a name is markup, a formula or a command to the terminal; --mask hides names."""
    evil = "=cmd|'/c calc' \x1b[31m[red]x"
    deals = DEALS.replace("Анна Белова", evil)
    (tmp_path / "kpi.yaml").write_text(HEAD + PLAN.replace(", employees: people.csv", ""))
    (tmp_path / "deals.csv").write_text(deals, encoding="utf-8")
    for form in ("table", "csv", "md", "json"):
        page = run(tmp_path, "-k", "revenue", *MONTHS, "-f", form).stdout
        assert "\x1b" not in page
        masked = run(tmp_path, "-k", "revenue", *MONTHS, "-f", form, "--mask").stdout
        assert "calc" not in masked
        assert "Олег" not in masked
        assert "Сотрудник 1" in masked
    assert ",'=cmd" in run(tmp_path, "-k", "revenue", *MONTHS, "-f", "csv").stdout


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("2024-05", 12, "2023-06"),
        ("2024-Q2", 4, "2023-Q3"),
        ("2024-W02", 3, "2023-W52"),
        ("2024", 3, "2022"),
        ("2024-H1", 2, "2023-H2"),
        ("mtd", 2, "2024-04"),
        ("qtd", 2, "2024-Q1"),
        ("ytd", 2, "2023"),
        ("2024-05-10..2024-05-12", 2, "2024-05-07..2024-05-09"),
    ],
)
def test_periods_of_one_kind(text: str, count: int, first: str) -> None:
    """Before a month come months, before a week weeks; to date means the whole that goes on."""
    now = datetime(2024, 5, 17, 9, tzinfo=UTC)
    named = periods.parse(text, as_of=now, zone=MOSCOW)
    last = named.whole or named
    run = periods.run(last, count, MOSCOW)
    assert (run[0].text, len(run)) == (first, count)
    assert all(a.end == b.start for a, b in pairwise(run))


numbers = st.one_of(st.none(), st.fractions(min_value=-1000, max_value=1000))


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_sparkline_has_a_sign_for_each_value(several: list[Fraction | None]) -> None:
    """The greatest stands highest; a value that is not there is a blank."""
    drawn = spark(several)
    assert len(drawn) == len(several)
    assert [sign == " " for sign in drawn] == [value is None for value in several]
    known = {v: s for v, s in zip(several, drawn, strict=True) if v is not None}
    if len(known) > 1:
        assert (known[max(known)], known[min(known)]) == ("█", "▁")


@given(st.lists(numbers, min_size=2, max_size=40), st.integers(20, 120))
def test_a_chart_stays_in_its_width(several: list[Fraction | None], width: int) -> None:
    """However large, small or negative the numbers are, each line fits, and there are few."""
    heads = [f"M{n}" for n in range(len(several))]
    lines = plot(several, several[::-1], heads, lambda v: f"{float(v):g}", width)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= 24


def test_a_chart_by_hand() -> None:
    """Two marks of the axis and what lies between them, drawn to an eighth of a line."""
    lines = plot([Fraction(4), None, Fraction(3)], [None] * 3, ["a", "b", "c"], str, 40)
    assert lines == [
        "4 ┤ ██",
        "  │ ██",
        "3 ┤ ██    ██",
        "  │ ██    ██",
        "2 ┤ ██    ██",
        "  │ ██    ██",
        "1 ┤ ██    ██",
        "  │ ██ ·· ██",
        "0 ┼─────────",
        "     a  b  c",
    ]


def test_narrow_columns_show_the_year_whole(tmp_path: Path) -> None:
    """A column of small numbers is as wide as its year."""
    files = {"o.csv": "d;who;amt\n2024-04-05;Анна;1\n2024-05-05;Анна;2\n"}
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    write(tmp_path, plan, files)
    at = ["-c", str(tmp_path / "kpi.yaml"), "-p", "2024-05", "--as-of", "2024-06-15", "-q"]
    done = CliRunner().invoke(app, ["trend", "--kpi", "v", "--periods", "2", *at])
    assert re.search(r"^ +2024\b", done.stdout, re.MULTILINE), done.stdout
