"""How a target of another length was made, where people and scripts look for it."""

from __future__ import annotations

import csv
import io
import json
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.report import Options, render
from kpictl.values import Results
from plans import Computed, compute

STAFF = """\
имя;e-mail;отдел
Анна Белова;belova@example.ru;Москва
Олег Ким;kim@example.ru;Казань
Пётр Дёмин;demin@example.ru;Казань
Зоя Лапина;lapina@example.ru;Казань
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;50;Анна Белова;10.05.2024 12:00:00
2;Сделка успешна;20;Олег Ким;10.05.2024 12:00:00
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Объём продаж, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  deals: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
scorecards:
  sales: {label: Продажи, who: active, kpis: {revenue: {weight: 50}, deals: {weight: 50}}}
targets:
  scorecard.sales: {deals: 60/year, revenue: {2024-05: 1000}}
  employee.belova@example.ru: {revenue: {2024-Q2: 300}}
  employee.kim@example.ru: {revenue: {2024-Q2: 600}}
  employee.demin@example.ru: {revenue: {2024-H1: 1200}}
  employee.lapina@example.ru: {revenue: {2024: 3600}}
"""


def planned(folder: Path) -> Computed:
    return compute(folder, PLAN, {"deals.csv": DEALS, "employees.csv": STAFF})


def page(results: Results, **options: Any) -> str:
    text = render(results, "table", Options(**{"lang": "ru", "width": 200, **options}))
    assert isinstance(text, str)
    return text.replace("\u00a0", " ")


MADE = {
    "Анна Белова": "2024-Q2: 300 × 1/3",
    "Олег Ким": "2024-Q2: 600 × 1/3",
    "Пётр Дёмин": "2024-H1: 1200 × 1/6",
    "Зоя Лапина": "2024: 3600 × 1/12",
}


def test_the_page_names_whom_a_derivation_concerns(tmp_path: Path) -> None:
    """What is everybody's is said once, without names; else each derivation names its people, and
    the rest is named with the command that shows it."""
    shown = page(planned(tmp_path).results)
    assert "  Сделки: 60/год × 1/12 = 5\n" in shown
    assert "2024-Q2: 300 × 1/3 = 100 ₽ (Анна Белова)" in shown
    assert "2024-Q2: 600 × 1/3 = 200 ₽ (Олег Ким)" in shown
    assert "ещё 2 (Зоя Лапина, Пётр Дёмин): kpictl explain revenue -p 2024-05" in shown


def test_a_derivation_of_some_names_them(tmp_path: Path) -> None:
    """Where others have a target written for this very period, whoever has another is named."""
    plan = PLAN[: PLAN.index("  employee.kim")]
    found = compute(tmp_path, plan, {"deals.csv": DEALS, "employees.csv": STAFF})
    assert "Объём продаж: 2024-Q2: 300 × 1/3 = 100 ₽ (Анна Белова)" in page(found.results)


def test_a_derivation_masks_names(tmp_path: Path) -> None:
    """With --mask no name stands in a derivation."""
    shown = page(planned(tmp_path).results, mask=True)
    assert "(Сотрудник " in shown
    assert not any(name in shown for name in MADE)


def test_each_cell_carries_its_derivation(tmp_path: Path) -> None:
    """CSV, the workbook and JSON say of each person's KPI how its target was made."""
    results = planned(tmp_path).results
    output = render(results, "csv", Options())
    assert isinstance(output, bytes)
    lines = list(csv.DictReader(io.StringIO(output.decode())))
    of_people = [one for one in lines if (one["kpi"], one["kind"]) == ("revenue", "row")]
    assert {one["name"]: one["target_derivation"] for one in of_people} == MADE
    assert {one["target_level"] for one in of_people} == {"employee"}
    written = json.loads(str(render(results, "json", Options())))
    rows = written["scorecards"][0]["rows"]
    assert {r["name"]: r["kpis"]["revenue"]["target_derivation"] for r in rows} == MADE
    book = render(results, "xlsx", Options())
    assert isinstance(book, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know the colours of a bar
        sheet = openpyxl.load_workbook(io.BytesIO(book))["Данные"]
    head, *rest = sheet.iter_rows(values_only=True)
    by_name = [dict(zip(head, row, strict=True)) for row in rest]
    found = {
        one["Сотрудник"]: one["Как получен план"]
        for one in by_name
        if (one["KPI"], one["Вид строки"]) == ("revenue", "строка")
    }
    assert found == {
        name: made.replace("1200", "1 200").replace("3600", "3 600") for name, made in MADE.items()
    }


@pytest.mark.parametrize("name", MADE)
def test_explain_shows_a_derivation_whole(tmp_path: Path, name: str) -> None:
    """The explanation of a person's number says how the target was made."""
    planned(tmp_path)
    words = ["explain", "revenue", "-e", name, "-p", "2024-05", "-c", str(tmp_path / "kpi.yaml")]
    shown = CliRunner().invoke(app, words).stdout.replace("\u00a0", " ")
    assert MADE[name].replace("1200", "1 200").replace("3600", "3 600") in shown
