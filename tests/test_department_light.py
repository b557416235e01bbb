"""How a department's line stands: by its own score, or by its weakest member, as the plan says."""

from __future__ import annotations

import csv
import io
import json
import warnings
from decimal import Decimal
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from typer.testing import CliRunner

from kpictl import results as kept
from kpictl.cli import app
from kpictl.report.json import schema
from plans import HEAD, compute

PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: people.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
scorecards:
  sales: {label: Продажи, kpis: {revenue: {weight: 100, target: 100/month}}}
"""
FILES = {
    "people.csv": "имя;e-mail;отдел\n"
    "Анна Белова;a@example.ru;Москва\nОлег Ким;o@example.ru;Москва\n"
    "Пётр Дёмин;p@example.ru;Казань\nИван Петров;i@example.ru;Казань\n",
    "deals.csv": "ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии\n"
    "1;Сделка успешна;300;Анна Белова;06.05.2024 12:00:00\n"
    "2;Сделка успешна;50;Олег Ким;07.05.2024 12:00:00\n"
    "3;Сделка успешна;110;Пётр Дёмин;07.05.2024 12:00:00\n"
    "4;Сделка успешна;105;Иван Петров;07.05.2024 12:00:00\n",
}
WEAKEST = "report: {department_light: weakest}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, section: str, *words: str) -> str:
    (folder / "kpi.yaml").write_text(HEAD + PLAN + section, encoding="utf-8")
    asked = ["compute", "-c", str(folder / "kpi.yaml"), "-p", "2024-05", "-q", *words]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("words", [(), ("--by", "department"), ("--top", "2")])
def test_the_weakest_member(folder: Path, words: tuple[str, ...]) -> None:
    """Of 300 % and 50 % a department is red by its weakest; of 110 % and 105 % green; also where
    the weakest is not shown. Without the key, no light is before a name, nor in the JSON."""
    page = run(folder, WEAKEST, *words)
    assert "✗ Москва" in page
    assert "✓ Казань" in page
    assert "по самому низкому индексу" in page
    found = json.loads(run(folder, WEAKEST, "-f", "json", *words))
    jsonschema.validate(found, schema())
    (card,) = found["scorecards"]
    lines = [*card["departments"], *card["rows"]]
    given = {line["name"]: line["weakest_index"] for line in lines if "weakest_index" in line}
    assert given["Москва"] == 50
    plain = run(folder, "", "-f", "json", *words)
    assert "weakest_index" not in plain
    assert "✗" not in run(folder, "", *words)


def test_every_other_format_has_the_light(folder: Path, tmp_path: Path) -> None:
    """Markdown and the workbook have the sign and what it means, CSV the lowest index."""
    page = run(folder, WEAKEST, "-f", "md")
    assert "✗ Москва" in page
    assert "По самому низкому" in page or "по самому низкому индексу" in page
    rows = [*csv.DictReader(io.StringIO(run(folder, WEAKEST, "-f", "csv")))]
    lowest = {row["name"]: row["weakest_index"] for row in rows if row["kind"] == "department"}
    assert Decimal(lowest["Москва"]) == 50
    assert {row["weakest_index"] for row in rows if row["kind"] == "row"} == {""}
    assert "weakest_index" not in run(folder, "", "-f", "csv")
    book = tmp_path / "light.xlsx"
    run(folder, WEAKEST, "-o", str(book))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no bars of data
        cells = [str(c.value) for sheet in openpyxl.load_workbook(book) for r in sheet for c in r]
    assert "✗ Москва" in cells


def test_it_is_kept(folder: Path) -> None:
    """Results that are kept and read again have the light."""
    results = compute(folder, PLAN + WEAKEST, FILES).results
    assert results.scorecards[0].departments[0].weakest is not None
    assert kept.loads(kept.dumps(results)) == results


def test_an_unknown_light(folder: Path) -> None:
    """Another word is a mistake of the plan, with the words that there are."""
    (folder / "kpi.yaml").write_text(
        HEAD + PLAN + "report: {department_light: best}\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["check", "-c", str(folder / "kpi.yaml")])
    assert done.exit_code == 3
    assert "weakest" in done.output
