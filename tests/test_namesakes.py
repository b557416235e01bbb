"""Two people of one name are told apart wherever somebody reads their names."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.naming import told_apart
from kpictl.people.staff import Person
from kpictl.report import Options, render
from plans import compute

PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis: {sold: {label: Продажи, from: deals, sum: amount, when: close_date}}
scorecards: {s: {label: Отдел, kpis: {sold: {weight: 100}}}}
targets: {employee.1: {sold: 10/month}, employee.3: {sold: 10/month}}
"""
STAFF = "id;имя;отдел;должность\n1;Анна Белова;Москва;Менеджер\n2;Анна  БЕЛОВА;Казань;Менеджер\n3;Олег Ким;Казань;Менеджер\n"
DEALS = (
    "ID;Сумма;Дата закрытия;Ответственный\n1;10;2024-05-10;1\n2;20;2024-05-10;2\n3;5;2024-05-10;3\n"
)
FILES = {"deals.csv": DEALS, "employees.csv": STAFF}


@pytest.mark.parametrize(
    ("first", "second", "called"),
    [
        (("Север", "Менеджер"), ("Юг", "Менеджер"), {"Анна (Север)", "Анна (Юг)"}),
        (("Юг", "Стажёр"), ("Юг", "Менеджер"), {"Анна (Стажёр)", "Анна (Менеджер)"}),
        (("Юг", "Менеджер"), ("юг", "менеджер"), {"Анна (1)", "Анна (2)"}),
        (("Юг", "Менеджер"), (None, None), {"Анна (1)", "Анна (2)"}),
    ],
)
def test_what_differs_stands_in_brackets(
    first: tuple[str, str], second: tuple[str | None, str | None], called: set[str]
) -> None:
    """The department, else the position, if it is another for each; else the id. Others keep their name."""
    people = [
        Person("1", "Анна", department=first[0], position=first[1]),
        Person("2", "Анна", department=second[0], position=second[1]),
        Person("3", "Олег", department="Юг"),
    ]
    assert set(told_apart(people).values()) == {*called, "Олег"}


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_namesakes_of_a_table_are_told_apart(tmp_path: Path, width: int) -> None:
    """At every width, in the rows; who shares a name with nobody has no brackets."""
    results = compute(tmp_path, PLAN, FILES).results
    text = str(render(results, "table", Options(width=width)))
    assert "Белова (Москва)" in text
    assert "(Казань)" in text
    assert "Ким (" not in text


def test_namesakes_of_a_workbook_are_told_apart(tmp_path: Path) -> None:
    """On the sheet that is read; the data have ids, and the name as the source has it."""
    output = render(compute(tmp_path, PLAN, FILES).results, "xlsx")
    assert isinstance(output, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(output))
    names = [str(cell.value) for cell in book.worksheets[0]["B"]]
    assert {"Анна БЕЛОВА (Казань)", "Анна Белова (Москва)", "Олег Ким"} <= set(names)


def test_data_keep_the_name_of_the_source(tmp_path: Path) -> None:
    """CSV has the id beside the name, so that a name is nothing but the name."""
    output = render(compute(tmp_path, PLAN, FILES).results, "csv")
    assert isinstance(output, bytes)
    rows = list(csv.DictReader(io.StringIO(output.decode())))
    assert {(row["id"], row["name"].lower()) for row in rows if row["id"] in ("1", "2")} == {
        ("1", "анна белова"),
        ("2", "анна белова"),
    }


def test_explain_and_check_tell_namesakes_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heading of an explanation says whose number it is; `check` says which of two lacks a target."""
    compute(tmp_path, PLAN, FILES)
    monkeypatch.chdir(tmp_path)
    words = ["explain", "sold", "-e", "2", "-p", "2024-05", "--as-of", "2024-06-03"]
    done = CliRunner().invoke(app, words)
    assert "(Казань)" in done.stdout.splitlines()[0]
    checked = CliRunner().invoke(app, ["check"])
    assert "(Казань)" in checked.output
    assert "Белова (Москва)" not in checked.output
