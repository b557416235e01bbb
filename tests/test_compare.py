"""`compute --compare`: each number beside that of another period, and what has changed."""

from __future__ import annotations

import csv
import io
import json
import warnings
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from kpictl import periods
from kpictl.cli import app
from kpictl.errors import UsageError
from kpictl.report.json import schema
from kpictl.values import Change, State
from plans import HEAD, write

D = Decimal
MOSCOW = ZoneInfo("Europe/Moscow")
PLAN = """\
calendar: {country: RU}
sources: {crm: {type: csv, deals: deals.csv, employees: people.csv, leads: leads.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  all: {from: leads, count: rows, when: created_at}
  good: {from: leads, count: rows, where: stage = 'да', when: created_at}
  share: {label: Доля, ratio: {of: good, over: all}, unit: percent}
scorecards:
  sales:
    kpis:
      revenue: {weight: 80, target: 1000000/month}
      share: {weight: 20, target: 20}
"""
PEOPLE = """\
имя;e-mail;принят
Анна Белова;belova@example.ru;01.01.2020
Олег Ким;kim@example.ru;01.01.2020
Инна Рей;rey@example.ru;01.05.2024
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;1050000;Анна Белова;12.04.2024 12:00:00
2;Сделка успешна;2000000;Олег Ким;15.04.2024 12:00:00
3;Сделка успешна;400000;Анна Белова;25.04.2024 12:00:00
4;Сделка успешна;1260000;Анна Белова;10.05.2024 12:00:00
5;Сделка успешна;-5;Олег Ким;11.05.2024 12:00:00
6;Сделка успешна;7;Инна Рей;11.05.2024 12:00:00
7;Сделка успешна;190000;Анна Белова;28.05.2024 12:00:00
8;Сделка успешна;1;Анна Белова;05.06.2024 12:00:00
"""


def leads() -> str:
    """Of Anna's leads 20 % were good in April and 24.5 % in May."""
    rows = [("2024-04", 200, 40), ("2024-05", 200, 49)]
    lines = ["ID;Стадия;Ответственный;Дата создания"]
    for month, count, good in rows:
        day = f"03.{month[5:]}.2024 12:00:00"
        lines += [
            f"{month}{n};{'да' if n < good else 'нет'};Анна Белова;{day}" for n in range(count)
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare")
    for name, text in (
        ("kpi.yaml", HEAD + PLAN),
        ("people.csv", PEOPLE),
        ("deals.csv", DEALS),
        ("leads.csv", leads()),
    ):
        (path / name).write_text(text, encoding="utf-8")
    return path


def run(folder: Path, *words: str, as_of: str = "2024-07-15") -> Result:
    plan = str(folder / "kpi.yaml")
    return CliRunner().invoke(app, ["compute", *words, "-c", plan, "--as-of", as_of, "-q"])


def data(folder: Path, *words: str, as_of: str = "2024-07-15") -> dict[str, Any]:
    done = run(folder, *words, "-f", "json", as_of=as_of)
    assert not done.exit_code, done.output
    jsonschema.validate(json.loads(done.stdout), schema())
    found: dict[str, Any] = json.loads(done.stdout, parse_float=D)
    return found


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    rows = found["scorecards"][0]["rows"]
    return next(one for one in rows if one["name"] == name)


def test_percent_and_percentage_points(folder: Path) -> None:
    """1.45 million after 1.45 is no change; 24.5 % after 20 % are 4.5 points, 22.5 % of 20."""
    anna = row(data(folder, "-p", "2024-05", "--compare", "prev"), "Анна Белова")["kpis"]
    assert anna["revenue"]["change"] == {
        "value": 1_450_000, "state": "measured", "delta": 0, "percent": 0,
    }  # fmt: skip
    assert anna["share"]["change"] == {
        "value": 20, "state": "measured", "delta": D("4.5"), "percent": D("22.5"),
    }  # fmt: skip
    page = run(folder, "-p", "2024-05", "--compare", "prev").stdout
    assert "Сравнение: апрель 2024 (01.04–30.04)" in page
    assert "+4,5 п. п." in page


def test_a_month_that_goes_on_against_as_many_working_days(folder: Path) -> None:
    """After 10 working days of May stand 10 of April: to the end of the 12th, a Friday. 1.26 million
    after 1.05 are 20 % more; what came later in April is not held against it."""
    found = data(folder, "-p", "2024-05", "--compare", "prev", as_of="2024-05-17")
    assert found["comparison"]["days"] == 10
    assert found["comparison"]["unit"] == "working_days"
    assert found["comparison"]["as_of"] == "2024-04-13T00:00:00+03:00"
    change = row(found, "Анна Белова")["kpis"]["revenue"]["change"]
    assert (change["value"], change["percent"]) == (1_050_000, 20)
    oleg = row(found, "Олег Ким")["kpis"]["revenue"]["change"]
    assert (oleg["value"], oleg["percent"]) == (0, None)  # 2 million came on the 15th
    page = run(folder, "-p", "2024-05", "--compare", "prev", as_of="2024-05-17").stdout
    assert "те же 10 рабочих дней: по 12.04.2024 24:00" in page
    to_date = data(folder, "-p", "mtd", "--compare", "prev", as_of="2024-05-17")
    assert to_date["comparison"] == found["comparison"]


@pytest.mark.parametrize(
    ("as_of", "cut"),
    [
        ("2024-05-17T15:00", "2024-04-12T15:00:00+03:00"),  # in the tenth working day
        ("2024-05-19T15:00", "2024-04-13T15:00:00+03:00"),  # on a Sunday after ten of them
        ("2024-05-31T15:00", "2024-04-26T15:00:00+03:00"),
    ],
)
def test_the_same_time_of_the_day(folder: Path, as_of: str, cut: str) -> None:
    """In the middle of a day the other period is cut in the middle of the day that is like it."""
    found = data(folder, "-p", "2024-05", "--compare", "prev", as_of=as_of)
    assert found["comparison"]["as_of"] == cut


def test_what_was_not_there_is_no_zero(folder: Path) -> None:
    """Inna was not there in April; of March there is no record at all; a base that is not above zero
    has no percent."""
    inna = row(data(folder, "-p", "2024-05", "--compare", "prev"), "Инна Рей")
    assert inna["change"]["state"] == "not_applicable"
    assert inna["kpis"]["revenue"]["change"]["state"] == "not_applicable"
    march = row(data(folder, "-p", "2024-04", "--compare", "2024-03"), "Анна Белова")
    assert march["kpis"]["revenue"]["change"] == {
        "value": None, "state": "no_data", "delta": None, "percent": None,
    }  # fmt: skip
    assert march["change"]["index"] is None
    june = row(data(folder, "-p", "2024-06", "--compare", "2024-05"), "Олег Ким")
    change = june["kpis"]["revenue"]["change"]
    assert (change["value"], change["delta"], change["percent"]) == (-5, 5, None)
    page = run(folder, "-p", "2024-05", "--compare", "prev").stdout
    assert "не было" in page


def test_ranks_won_and_lost(folder: Path) -> None:
    """Anna was second in April and is first in May; Oleg has fallen."""
    found = data(folder, "-p", "2024-05", "--compare", "prev")
    moved = {r["name"]: (r["change"]["rank"], r["change"]["ranks_gained"]) for r in
             found["scorecards"][0]["rows"]}  # fmt: skip
    assert moved["Анна Белова"] == (2, 1)
    assert moved["Олег Ким"][1] is not None
    assert moved["Олег Ким"][1] < 0
    assert moved["Инна Рей"] == (None, None)


def test_the_figures_themselves_are_as_ever(folder: Path) -> None:
    """What is compared changes no number of its own: only fields are added."""
    plain = data(folder, "-p", "2024-05")
    compared = data(folder, "-p", "2024-05", "--compare", "-1y")
    assert compared.pop("comparison")["text"] == "2023-05"
    assert stripped(compared) == plain


def stripped(node: Any) -> Any:
    if isinstance(node, list):
        return [stripped(one) for one in node]
    if isinstance(node, dict):
        return {key: stripped(one) for key, one in node.items() if key != "change"}
    return node


def test_every_format_has_the_change(folder: Path, tmp_path: Path) -> None:
    """CSV, Excel and Markdown have the number then and the change."""
    words = ("-p", "2024-05", "--compare", "prev")
    line = next(csv.DictReader(io.StringIO(run(folder, *words, "-f", "csv").stdout)))
    assert (line["other_period"], line["other_value"], line["rank_change"]) == (
        "2024-04", "1450000", "1",
    )  # fmt: skip
    page = run(folder, *words, "-f", "md").stdout
    assert "### Сравнение: апрель 2024" in page
    assert "\\+4,5 п. п." in page or "+4,5 п. п." in page
    out = tmp_path / "may.xlsx"
    assert not run(folder, *words, "-o", str(out)).exit_code
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know every extension of Excel
        book = openpyxl.load_workbook(out)
    sheet = book[next(name for name in book.sheetnames if name.startswith("Сравнение"))]
    values = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=6, max_row=6)]
    assert values[0][0] == "Анна Белова"
    assert 1_450_000 in values[0]


@pytest.mark.parametrize("against", ["2024-05", "nothing", "prev2"])
def test_what_cannot_be_compared(folder: Path, against: str) -> None:
    """A period with itself, or what is no period, is refused with what there is."""
    done = run(folder, "-p", "2024-05", "--compare", against)
    assert done.exit_code == 2
    assert against in done.output


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2024-05", "2023-05"),
        ("2024-Q1", "2023-Q1"),
        ("2024", "2023"),
        ("2024-H2", "2023-H2"),
        ("2024-W21", "2023-W21"),
        ("2020-W53", "2019-W52"),
        ("2024-02-29", "2023-02-28"),
        ("2024-05-01..2024-05-17", "2023-05-01..2023-05-17"),
    ],
)
def test_a_year_before(text: str, before: str) -> None:
    """The same month, quarter or week of the year before; a day that there was not is the last."""
    period = periods.parse(text, as_of=datetime(2024, 7, 1, tzinfo=MOSCOW), zone=MOSCOW)
    assert periods.year_before(period, MOSCOW).text == before


def test_before_the_years_that_are_computed_with() -> None:
    """Nothing is before 1900."""
    period = periods.parse("1900", as_of=datetime(2024, 7, 1, tzinfo=MOSCOW), zone=MOSCOW)
    with pytest.raises(UsageError):
        periods.year_before(period, MOSCOW)


numbers = st.fractions(min_value=-(10**9), max_value=10**9)


@given(numbers, numbers)
def test_a_change_leads_back(now: Fraction, then: Fraction) -> None:
    """The other number and its change are this number, as exactly as they are stored."""
    change = Change.between(now, then, State.MEASURED)
    assert change.other is not None
    assert change.delta is not None
    assert abs(Fraction(change.other) + Fraction(change.delta) - now) <= Fraction(1, 10**10)
    assert (change.percent is None) is (then <= 0)


ONE_THEN = """\
sources: {crm: {type: csv, o: o.csv, employees: e.csv}}
kpis: {sum: {from: o, sum: amount, when: day, by: owner}}
scorecards:
  people: {kpis: {sum: {weight: 100, target: 10/month}}}
  units: {also: true, rows: departments, kpis: {sum: {weight: 100, target: 10/month}}}
"""


def test_the_whole_is_compared_also_where_one_made_it_all(tmp_path: Path) -> None:
    """In April there was one person, in one department: theirs is the number of the whole, and the
    department's, although it had no line of its own then."""
    (tmp_path / "kpi.yaml").write_text(HEAD + ONE_THEN)
    (tmp_path / "o.csv").write_text(
        "day,amount,owner\n2024-04-03,4,Ann\n2024-05-03,5,Ann\n2024-05-04,7,Ben\n"
    )
    (tmp_path / "e.csv").write_text(
        "name,department,hired\nAnn,North,2020-01-01\nBen,South,2024-05-01\n"
    )
    people, units = data(tmp_path, "-p", "2024-05", "--compare", "prev")["scorecards"]
    for card in (people, units):
        assert card["total"]["kpis"]["sum"]["change"]["value"] == 4
    then = {one["name"]: one["kpis"]["sum"]["change"] for one in people["departments"]}
    assert then["North"]["value"] == 4
    assert then["South"]["value"] is None
    assert people["total"]["change"]["index"] == 40


def test_a_post_is_held_against_the_same_post_then(tmp_path: Path) -> None:
    """After a transfer in mid-month the post that goes on has the month before beside it; the new
    one has nothing then, and the old figure stands beside one line only."""
    people = (
        "id,name,department,from,to\n1,Ann Roe,East,2020-01-01,2024-05-14\n"
        "1,Ann Roe,West,2024-05-15,\n2,Ben Ito,West,2020-01-01,\n"
    )
    deals = "ID,owner,amount,day\n1,Ann Roe,10,2024-04-03\n2,Ann Roe,7,2024-05-03\n3,Ann Roe,5,2024-05-20\n"
    plan = (
        "sources: {crm: {type: csv, employees: people.csv, sales: {path: deals.csv, id: ID,"
        " fields: {owner: {column: owner, type: person}, amount: {column: amount, type: number},"
        " day: {column: day, type: date}}}}}\n"
        "kpis: {sold: {from: sales, sum: amount, when: day}}\n"
        "scorecards: {all: {kpis: {sold: {weight: 100, target: 10/month}}}}\n"
    )
    path = write(tmp_path, HEAD + plan, {"people.csv": people, "deals.csv": deals})
    call = ["compute", "-c", str(path), "-p", "2024-05", "--compare", "prev", "-f", "json"]
    done = CliRunner().invoke(app, [*call, "--as-of", "2024-06-10"])
    (card,) = json.loads(done.stdout)["scorecards"]
    changes = {
        row["department"]: row["kpis"]["sold"]["change"]
        for row in card["rows"]
        if row["name"] == "Ann Roe"
    }
    assert (changes["East"]["value"], changes["East"]["delta"]) == (10, -3)
    assert (changes["West"]["value"], changes["West"]["state"]) == (None, "not_applicable")


def test_a_unit_is_compared_in_a_sheet_of_its_own(folder: Path, tmp_path: Path) -> None:
    """What the company has goals for: a line a KPI, with the number then in the unit of the KPI."""
    plan = folder / "kpi.yaml"
    goals = "targets: {company: {revenue: 2000000/month, share: 20}}\n"
    plan.write_text(plan.read_text("utf-8") + goals, encoding="utf-8")
    out = tmp_path / "may.xlsx"
    assert not run(folder, "-p", "2024-05", "--compare", "prev", "-o", str(out)).exit_code
    sheet = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Сравнение Компания").to_python()
    heads, revenue, share = sheet[4], sheet[5], sheet[6]
    assert heads[0] == "Показатель"
    assert (revenue[0], revenue[1]) == ("Объём", 3_450_000)
    assert (share[0], share[1]) == ("Доля", 20)
