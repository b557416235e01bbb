"""The file that accounting imports: numbers that are numbers, columns that the plan maps, a sum that
is what is paid, nothing of it where an amount is not known."""

from __future__ import annotations

import csv
import io
import shutil
import stat
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from plans import Files, write
from test_pay_report import FILES, PLAN

COLUMNS = """\
payroll:
  columns:
    Табельный номер: employee.number
    ФИО: name
    Подразделение: department
    Вид начисления: "'П01'"
    Месяц: period
    С: period.first
    По: period.last
    Показатель: revenue
    План: revenue.target
    "%": revenue.attainment
    Сумма: payout
    Основание: ground
"""
PAID = FILES["staff.csv"].replace("Пётр Дёмин;Казань;;;", "Пётр Дёмин;Казань;40000;;")
KNOWN = {**FILES, "staff.csv": PAID}
BY_HAND = "pay: {adjustments: by_hand.csv}\n"
TABLE = """\
номер;сотрудник;сумма;период;причина;автор;дата;за период
К-1;Анна Белова;-65000;2024-11;возврат по сделке 7;Главбух;02.12.2024;2024-10
К-2;Олег Ким;1500,50;2024-11;=наставник;Главбух;02.12.2024;
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    arguments = ["payroll", "-p", "2024-11", "--as-of", "2025-01-15", *words]
    return CliRunner().invoke(app, arguments)


def made(here: Path, plan: str, files: Files, *words: str) -> Result:
    write(here, plan, files)
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def cells(path: Path, *, values: bool = True) -> list[list[Any]]:
    book = openpyxl.load_workbook(path, data_only=values)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_columns_are_those_that_the_plan_maps(here: Path) -> None:
    """Captions, codes and figures as accounting imports them; rows and their sum on stderr."""
    done = made(here, PLAN + COLUMNS, KNOWN)
    first, *rest = rows(done.stdout)
    assert first == {
        "Табельный номер": "Анна Белова",
        "ФИО": "Анна Белова",
        "Подразделение": "Москва",
        "Вид начисления": "П01",
        "Месяц": "2024-11",
        "С": "2024-11-01",
        "По": "2024-11-30",
        "Показатель": "970000",
        "План": "1000000",
        "%": "97",
        "Сумма": "60000.00",
        "Основание": first["Основание"],
    }
    assert first["Основание"].startswith("расчёт за ноябрь 2024 по плану kpi.yaml ")
    assert [row["Сумма"] for row in rest] == ["0.00", "0.00"]
    assert "Строк: 3, контрольная сумма 60 000 ₽" in done.stderr


def test_without_a_map_each_step_is_a_column(here: Path) -> None:
    """What a part is at 100 percent, the percent, the days, the sum: enough to check it by hand."""
    first = rows(made(here, PLAN, KNOWN).stdout)[0]
    base, percent, days = (
        Decimal(first[f"main.{name}"]) for name in ("base", "percent", "prorate")
    )
    assert (base, percent, days) == (Decimal("35809.5238095238"), Decimal(97), Decimal(1))
    whole = base * percent / 100 * days + Decimal(first["team.amount"]) + Decimal(first["fund"])
    assert round(whole, 2) == Decimal(first["sum"]) == Decimal("60000.00")


def test_numbers_have_no_spaces_and_there_is_no_total_unless_it_is_wanted(here: Path) -> None:
    """For Excel with its comma, for programs with a point; a total only where the plan says so."""
    plain = made(here, PLAN + COLUMNS, KNOWN).stdout
    assert "Итого" not in plain
    done = made(here, PLAN + COLUMNS + "  total: true\n", KNOWN, "--excel")
    assert ";60000,00;" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Итого;")
    assert done.stdout.splitlines()[-1].count("60000,00") == 1


def test_adjustments_are_rows_of_their_own_and_the_sum_is_what_is_paid(here: Path) -> None:
    """Less than nothing is not paid: the rest of a reduction is a row that carries it on."""
    files = {**KNOWN, "by_hand.csv": TABLE}
    done = made(
        here, PLAN + BY_HAND + COLUMNS.replace("Вид начисления: \"'П01'\"", "Вид: kind"), files
    )
    found = [(row["ФИО"], row["Вид"], row["Сумма"]) for row in rows(done.stdout)]
    assert found == [
        ("Анна Белова", "премия", "60000.00"),
        ("Анна Белова", "корректировка", "-65000.00"),
        ("Анна Белова", "перенос на следующий период", "5000.00"),
        ("Олег Ким", "премия", "0.00"),
        ("Олег Ким", "корректировка", "1500.50"),
        ("Пётр Дёмин", "премия", "0.00"),
    ]
    assert "контрольная сумма 1 500,50 ₽" in done.stderr
    grounds = [row["Основание"] for row in rows(done.stdout)]
    assert "возврат по сделке 7 (Главбух, за 2024-10" in grounds[1]


def test_an_unknown_amount_stops_it_unless_a_part_is_wanted(here: Path) -> None:
    """Nothing is written and it ends with 5; --partial writes the others, and says who is missing."""
    write(here, PLAN, FILES)
    done = run("-o", "out.csv")
    assert done.exit_code == 5
    assert not Path("out.csv").exists()
    assert "сумма неизвестна, в файле нет: Пётр Дёмин" in done.stderr
    assert "не известен оклад" in done.stderr
    done = run("--partial")
    assert done.exit_code == 0
    assert [row["name"] for row in rows(done.stdout)] == ["Анна Белова", "Олег Ким"]
    assert "Пётр Дёмин" in done.stderr


def test_a_column_of_what_there_is_not_is_a_mistake_with_its_place(here: Path) -> None:
    """All of them at once, each with the nearest name; a file without the amount is remarked on."""
    columns = "payroll: {columns: {Номер: employe.number, Итого: payuot, Вид: П01}}\n"
    write(here, PLAN + columns, KNOWN)
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 3
    said = " ".join(done.output.split())
    assert "в столбце «Итого» нельзя показать payuot" in said
    assert "может быть, payout?" in said
    assert "может быть, employee.number?" in said
    assert "в столбце «Вид» нельзя показать П01" in said
    assert "нет столбца с суммой" in said


def test_the_workbook_holds_numbers_and_formulas_that_give_them(here: Path) -> None:
    """A cell that somebody sums is a number; the amount is a formula over the cells of its row."""
    made(here, PLAN, KNOWN, "-o", "pay-{period}.xlsx")
    path = Path("pay-2024-11.xlsx")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    heads, first, *_ = cells(path)
    _, formulas, *_ = cells(path, values=False)
    place = heads.index("Сумма")
    assert first[place] == 60000
    assert formulas[place].startswith("=ROUND(")
    assert first[heads.index("Основная: основа")] == pytest.approx(35809.5238095238)
    assert all(head is None or not str(head).startswith("=") for head in heads)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_computes_what_the_cells_hold(here: Path) -> None:
    """Recalculated by somebody else, every cell is what we have written."""
    made(here, PLAN, {**KNOWN, "by_hand.csv": TABLE}, "-o", "ours.xlsx")
    ours = cells(Path("ours.xlsx"))
    recalculated = recalculate(here / "ours.xlsx", here / "theirs")
    theirs = cells(recalculated)
    assert (
        sum(1 for row in cells(Path("ours.xlsx"), values=False) for c in row if is_formula(c)) > 5
    )
    for own, other in zip(ours, theirs, strict=True):
        for one, two in zip(own, other, strict=True):
            if isinstance(one, int | float):
                assert two == pytest.approx(one, abs=1e-8)
            else:
                assert two == one


def is_formula(cell: object) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def recalculate(path: Path, folder: Path) -> Path:
    """Return a workbook as LibreOffice writes it after it has computed every formula: the values
    that we had put beside them are gone before."""
    bare = folder / "bare.xlsx"
    folder.mkdir()
    openpyxl.load_workbook(path).save(bare)  # openpyxl keeps no values of formulas
    profile = f"-env:UserInstallation=file://{folder}/profile"
    out = folder / "out"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(bare)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return out / "bare.xlsx"


def test_f12_no_regional_coefficient_and_no_net_pay(here: Path) -> None:
    """What payroll adds itself is payroll's: the file carries the bonus before tax as computed."""
    made_plan = PLAN.partition("scorecards:")[0] + (
        "scorecards:\n"
        "  s: {kpis: {revenue: {weight: 100, target: 1000000}}, bonus: {fixed: 40000, "
        "by_index: linear, prorate: none}}\n"
        "payroll: {columns: {Кто: name, Сумма: payout}}\n"
    )
    sold = FILES["deals.csv"].replace("900000", "885200")  # index 95.52
    done = made(here, made_plan, {**KNOWN, "deals.csv": sold})
    assert rows(done.stdout)[0] == {"Кто": "Анна Белова", "Сумма": "38208.00"}


def test_hostile_names_are_no_formulas(here: Path) -> None:
    """A name of the CRM that begins like a formula is text in both kinds of files."""
    files = {name: text.replace("Анна Белова", "=cmd|'/c calc'!A1") for name, text in KNOWN.items()}
    done = made(here, PLAN + COLUMNS, files, "-o", "-", "-o", "a.xlsx")
    assert "'=cmd|" in done.stdout
    values = [value for row in cells(Path("a.xlsx"), values=False) for value in row]
    assert not [v for v in values if is_formula(v) and "cmd" in v and not v.startswith("=cmd|'/c")]
    book = openpyxl.load_workbook("a.xlsx")
    kinds = {c.data_type for row in book.worksheets[0] for c in row if "cmd" in str(c.value)}
    assert kinds == {"s"}


def test_only_csv_and_xlsx_can_be_imported(here: Path) -> None:
    """Another form is refused before anything is computed."""
    write(here, PLAN, KNOWN)
    done = run("-f", "json")
    assert done.exit_code == 2
    assert "эта команда не пишет json" in done.stderr
    assert "она пишет csv, xlsx" in " ".join(done.stderr.split())
    unknown = run("-f", "pdf")
    assert (unknown.exit_code, "Есть: csv, xlsx" in unknown.stderr) == (2, True)
