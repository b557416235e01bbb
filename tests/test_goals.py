"""Goals of the company and of departments: the unit's own, and nobody's personal target."""

from __future__ import annotations

import csv
import io
import json
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.report import Options, render
from kpictl.values import Results, Unit
from plans import Computed, Files, compute, refused, write

D = Decimal

STAFF = """\
имя;e-mail;отдел;должность
Анна Белова;belova@example.ru;Москва;Менеджер
Олег Ким;kim@example.ru;Казань;Менеджер
Пётр Дёмин;demin@example.ru;Казань;Менеджер
Инна Рей;rey@example.ru;Казань;Руководитель
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Компания;Дата изменения стадии;Канал
1;Сделка успешна;50;Анна Белова;А;10.05.2024 12:00:00;Сайт
2;Сделка успешна;20;Олег Ким;А;10.05.2024 12:00:00;Сайт
3;Сделка успешна;30;Пётр Дёмин;А;11.05.2024 12:00:00;Сайт
4;Сделка успешна;15;Инна Рей;Б;11.05.2024 12:00:00;Сайт
5;Сделка успешна;7;;В;11.05.2024 12:00:00;Сайт
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Объём продаж, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  clients: {label: Клиенты, from: deals, count: distinct client_id, where: won, when: closed_at}
  middle: {label: Медиана, from: deals, median: amount, where: won, when: closed_at, unit: money}
scorecards:
  sales:
    label: Продажи
    who: position = 'Менеджер'
    kpis: {revenue: {weight: 50}, clients: {weight: 50}, middle: {weight: 0}}
"""
FILES: Files = {"deals.csv": DEALS, "employees.csv": STAFF}


def planned(
    folder: Path, targets: str, *, period: str = "2024-05", **files: str | bytes
) -> Computed:
    more = {f"{name}.csv": content for name, content in files.items()}
    return compute(folder, f"{PLAN}targets:\n{targets}", {**FILES, **more}, period=period)


def department(units: tuple[Unit, ...], name: str) -> dict[str, Any]:
    unit = next(unit for unit in units if unit.name == name)
    return {s.kpi: (s.fact.value, s.target and s.target.value, s.attainment) for s in unit.scores}


def lines(results: Results, **options: Any) -> list[dict[str, str]]:
    output = render(results, "csv", Options(**options))
    assert isinstance(output, bytes)
    return list(csv.DictReader(io.StringIO(output.decode())))


def page(results: Results, width: int | None) -> str:
    text = render(results, "table", Options(lang="ru", width=width or 120))
    assert isinstance(text, str)
    return text.replace("\u00a0", " ")


GOALS = """\
  company: {revenue: {2024-05: 200}}
  department.Казань: {revenue: {2024-05: 130}, clients: {2024-05: 4}}
"""


@pytest.mark.parametrize("goals", [GOALS, "  file: t.csv\n"], ids=["plan", "file"])
def test_a_goal_of_a_unit_is_nobodys_target(tmp_path: Path, goals: str) -> None:
    """Whoever has no target of their own has none, whatever the company and departments aim at."""
    text = """\
        отдел,показатель,период,план
        ,revenue,2024-05,200
        Казань,revenue,2024-05,130
        Казань,Клиенты,2024-05,4
        """
    found = planned(tmp_path, goals, t=text)
    for row in found.card.rows:
        for kpi in ("revenue", "clients"):
            one = row.score(kpi)
            assert (one.target, str(one.state), one.points) == (None, "no_target", None)
        assert (row.index, row.rank) == (None, None)
    assert found.card.total is not None
    assert found.card.total.score("revenue").target is None
    (company,) = found.results.company
    assert (company.fact.value, company.attainment) == (D(122), D(61))
    assert department(found.results.departments, "Казань") == {
        "revenue": (D(65), D(130), D(50)),
        "clients": (D(2), D(4), D(50)),
    }


def test_a_department_counts_all_its_people(tmp_path: Path) -> None:
    """The fact of a department is of everybody in it, its head too, who is in no scorecard; clients
    and medians are recomputed from the records, not added up."""
    found = planned(tmp_path, GOALS)
    (unit,) = found.results.departments
    assert (unit.kind, unit.name, unit.people) == ("department", "Казань", 3)
    kazan = department(found.card.departments, "Казань")
    assert kazan["middle"] == (D(20), None, None)
    assert kazan["clients"][0] == 2  # А and Б, though three people have one each
    moscow = department(found.card.departments, "Москва")
    assert moscow == {
        "revenue": (D(50), None, None),
        "clients": (D(1), None, None),
        "middle": (D(50), None, None),
    }
    states = {str(s.state) for unit in found.card.departments for s in unit.scores}
    assert states == {"measured"}  # what has no goal lacks none


def test_members_have_a_target_each(tmp_path: Path) -> None:
    """`members.X` is personal: before the scorecard's, after an employee's own."""
    targets = """\
          members.Казань: {revenue: 40}
          scorecard.sales: {revenue: 60}
          employee.kim@example.ru: {revenue: 10}
        """
    found = planned(tmp_path, targets)
    levels = {}
    for row in found.card.rows:
        target = row.score("revenue").target
        assert target is not None
        levels[row.name] = (target.value, target.level)
    assert levels == {
        "Анна Белова": (D(60), "scorecard"),
        "Олег Ким": (D(10), "employee"),
        "Пётр Дёмин": (D(40), "members"),
    }
    assert found.card.total is not None
    total = found.card.total.score("revenue").target
    assert (total and total.value, total and total.level) == (D(110), "sum")
    assert found.results.units == ()


def test_a_goal_of_what_no_scorecard_has_is_computed(tmp_path: Path) -> None:
    """A KPI that only a unit has a goal for is measured for its sake, from the plan or a file."""
    plan = PLAN.replace(", clients: {weight: 50}", "").replace("weight: 50", "weight: 100")
    text = "отдел,показатель,план\nКазань,clients,4\n,clients,6\n"
    found = compute(tmp_path, plan + "targets: {file: t.csv}\n", {**FILES, "t.csv": text})
    assert department(found.results.departments, "Казань")["clients"] == (D(2), D(4), D(50))
    assert [s.fact.value for s in found.results.company] == [D(3)]
    text = page(found.results, 100)
    assert "Казань\n" in text
    assert "Клиенты" in text


def test_a_goal_of_another_period(tmp_path: Path) -> None:
    """A unit whose goal is of other months is shown with the fact and the words for it."""
    found = planned(tmp_path, "  department.Казань: {revenue: {2024-06: 130}}\n")
    (unit,) = found.results.departments
    assert str(unit.score("revenue").state) == "no_target"
    assert "нет плана" in page(found.results, 120)


def test_a_department_of_nobody(tmp_path: Path) -> None:
    """A goal of a department that nobody is in has no fact, and that is said."""
    found = planned(tmp_path, "  department.Пермь: {revenue: 130}\n")
    (unit,) = found.results.departments
    assert (unit.people, str(unit.score("revenue").state)) == (0, "no_data")
    assert found.said("targets.department").data["name"] == "Пермь"


def test_departments_do_not_have_what_channels_bring(tmp_path: Path) -> None:
    """A KPI counted by something that is no person is in no department; the company has it."""
    plan = PLAN.replace(
        "scorecards:",
        "  by_channel: {from: deals, count: rows, where: won, when: closed_at, by: channel}\n"
        "scorecards:",
    ).replace("deals: deals.csv", "deals: {path: deals.csv, fields: {channel: Канал}}")
    targets = "targets: {company: {by_channel: 10}, department.Казань: {by_channel: 4}}\n"
    found = compute(tmp_path, plan + targets, FILES)
    (unit,) = found.results.departments
    assert str(unit.score("by_channel").state) == "not_applicable"
    assert [s.fact.value for s in found.results.company] == [D(5)]


# --- every output ----------------------------------------------------------------------------


def test_the_table_shows_units(tmp_path: Path) -> None:
    """A department's line stands under its scorecard, the company's below; wide and in a pipe."""
    results = planned(tmp_path, GOALS).results
    for width in (100, 160, None):
        text = page(results, width)
        (kazan,) = [line for line in text.splitlines() if "Казань" in line]
        assert "65" in kazan
        assert "50" in kazan
        assert "Москва" not in text  # it has no goal
        assert "Компания" in text
        (company,) = [line for line in text.splitlines() if "план 200" in line]
        assert "122" in company
        assert "61%" in company


@pytest.mark.parametrize("width", [*range(32, 90, 3), 120])
def test_a_unit_keeps_its_attainment_in_every_window(tmp_path: Path, width: int) -> None:
    """However long a label and however narrow the window, the label gives way, no line runs over,
    and how far the unit is stands at the end of its lines."""
    long = "Объём продаж действующим клиентам без возвратов"
    plan = PLAN.replace("Объём продаж", long).replace("Клиенты", "Клиенты с покупкой в мае")
    results = compute(tmp_path, f"{plan}targets:\n{GOALS}", FILES).results
    below = page(replace(results, scorecards=()), width).splitlines()
    assert max(map(len, below)) <= width
    (company,) = [line for line in below if line.startswith("Объём") and line.endswith(" 61%")]
    assert "122" in company
    assert sum(line.endswith(" 50%") for line in below) == 2


def test_the_csv_has_every_kind_of_line(tmp_path: Path) -> None:
    """Rows, the total, departments within the scorecard, and units with goals outside it."""
    found = lines(planned(tmp_path, GOALS).results)
    assert {(one["scorecard"], one["kind"]) for one in found} == {
        ("sales", "row"),
        ("sales", "total"),
        ("sales", "department"),
        ("", "department"),
        ("", "company"),
    }
    assert {(one["period"], one["from"], one["to"]) for one in found} == {
        ("2024-05", "2024-05-01", "2024-05-31")
    }
    assert {one["position"] for one in found if one["kind"] == "row"} == {"Менеджер"}
    revenue = [one for one in found if one["kpi"] == "revenue"]
    rows = sum(D(one["value"]) for one in revenue if one["kind"] == "row")
    (total,) = [one for one in revenue if one["kind"] == "total"]
    assert rows == D(total["value"]) == 100
    (company,) = [one for one in revenue if one["kind"] == "company"]
    assert (company["name"], company["target"], company["weight"]) == ("Ромашка", "200", "")
    names = {one["department"] for one in revenue if one["kind"] == "department"}
    assert names == {"Казань", "Москва"}


def test_the_json_has_units(tmp_path: Path) -> None:
    """`units` are those with goals, `departments` of a scorecard all of its people."""
    text = render(planned(tmp_path, GOALS).results, "json", Options())
    found = json.loads(text)
    assert [(u["kind"], u["name"], sorted(u["kpis"])) for u in found["units"]] == [
        ("company", "", ["revenue"]),
        ("department", "Казань", ["clients", "revenue"]),
    ]
    assert found["units"][0]["kpis"] == found["totals"]["company"]["kpis"]
    assert found["units"][1]["kpis"]["revenue"]["target_level"] == "department"
    (card,) = found["scorecards"]
    assert [(d["name"], d["people"]) for d in card["departments"]] == [("Казань", 3), ("Москва", 1)]
    assert {row["kind"] for row in card["rows"]} == {"row"}
    assert card["total"]["kind"] == "total"


def test_the_workbook_has_units(tmp_path: Path) -> None:
    """The first sheet has a line for each department, the sheet of data everything the CSV has."""
    results = planned(tmp_path, GOALS).results
    output = render(results, "xlsx", Options(lang="en"))
    assert isinstance(output, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know data bars
        book = openpyxl.load_workbook(io.BytesIO(output))
    texts = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert [row[1] for row in texts if row[1] in ("Total", "Казань", "Москва")] == [
        "Total", "Казань", "Москва",
    ]  # fmt: skip
    data = [[cell.value for cell in row] for row in book["Data"].iter_rows()]
    assert len(data) == 1 + len(lines(results))
    kinds = [row[data[0].index("Kind")] for row in data[1:]]
    assert set(kinds) == {"row", "total", "department", "company"}
    assert {f"{row[data[0].index('To')]:%Y-%m-%d}" for row in data[1:]} == {"2024-05-31"}


def test_the_frame_tells_lines_apart(tmp_path: Path) -> None:
    """Analysts who add up keep to the rows."""
    frame = planned(tmp_path, GOALS).results.to_frame()
    rows = frame[(frame["kind"] == "row") & (frame["kpi"] == "revenue")]
    assert sum(rows["value"]) == 100


def test_a_filter_keeps_the_departments_of_those_shown(tmp_path: Path) -> None:
    """With only Kazan shown, Moscow's line is not."""
    write(tmp_path, f"{PLAN}targets:\n{GOALS}", FILES)
    call = [
        "compute",
        "-c",
        str(tmp_path / "kpi.yaml"),
        "-p",
        "2024-05",
        "-d",
        "Казань",
        "-f",
        "json",
    ]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    (card,) = json.loads(result.stdout)["scorecards"]
    assert [unit["name"] for unit in card["departments"]] == ["Казань"]


def test_an_unknown_level(tmp_path: Path) -> None:
    """A level that there is not names those that there are."""
    (problem,) = refused(tmp_path, f"{PLAN}targets: {{team.Казань: {{revenue: 1}}}}\n", FILES)
    assert problem.code == "targets.level"
    assert problem.data["known"].startswith("employee.…, members.…, scorecard.…, department.…")
