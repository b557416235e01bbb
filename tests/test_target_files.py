"""Files of targets in the forms in which people keep them: long, months or KPIs in columns, sheets."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from plans import STAFF, Computed, Files, compute, refused

D = Decimal

PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Выручка, from: deals, sum: amount, when: date, by: owner, unit: money}
  deals: {label: Сделки, from: deals, count: rows, when: date, by: owner}
scorecards: {sales: {kpis: {revenue: {weight: 50}, deals: {weight: 50}}}}
targets: {file: FILE}
"""
DEALS = "date;amount;owner\n10.05.2024;50;Анна Белова\n11.05.2024;20;Олег Ким\n"

Rows = list[list[object]]


def workbook(sheets: dict[str, Rows]) -> bytes:
    """Return an .xlsx with these sheets; days are real dates."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "mmm yy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(r, c, cell, day)
                else:
                    sheet.write(r, c, cell)
    book.close()
    return buffer.getvalue()


def files(content: str | bytes, name: str) -> Files:
    return {"deals.csv": DEALS, "employees.csv": STAFF, name: content}


def kept(
    folder: Path, content: str | bytes, name: str = "targets.csv", period: str = "2024-05"
) -> Computed:
    return compute(folder, PLAN.replace("FILE", name), files(content, name), period=period)


def expected(found: Computed, kpi: str = "revenue") -> dict[str, Decimal]:
    scores = {row.name: row.score(kpi).target for row in found.card.rows}
    return {name: target.value for name, target in scores.items() if target is not None}


@pytest.mark.parametrize(
    "captions",
    [
        ("05.2024", "06.2024"),
        ("май 2024", "июнь 2024"),
        ("May-24", "Jun-24"),
        ("май.24", "июн.24"),
        ("01.05.2024", "01.06.2024"),
        ("5/1/2024", "6/1/2024"),
        ("2024-05", "2024-06"),
        ("План на май 2024 г.", "План на июнь 2024 г."),
        ("45413", "45444"),
    ],
)
def test_a_column_a_month(tmp_path: Path, captions: tuple[str, str]) -> None:
    """Months stand in the captions as people write them; a row is a person and a KPI."""
    text = (
        f"Сотрудник;Показатель;{captions[0]};{captions[1]}\n"
        "Анна Белова;Выручка;100;110\nОлег Ким;Выручка;200,50;\nОлег Ким;Сделки;3;4\n"
    )
    found = kept(tmp_path, text)
    assert expected(found) == {"Анна Белова": D(100), "Олег Ким": D("200.5")}
    assert expected(found, "deals") == {"Олег Ким": D(3)}
    june = kept(tmp_path, text, period="2024-06")
    assert expected(june) == {"Анна Белова": D(110)}
    target = found.score("Олег Ким", "revenue").target
    assert target is not None
    assert str(target.place) == "targets.csv:3:3"


def test_real_dates_of_a_workbook_with_a_sheet_a_kpi(tmp_path: Path) -> None:
    """A sheet that is called like a KPI holds its targets; other sheets are left out, and said."""
    months = [date(2024, 5, 1), date(2024, 6, 1)]
    book = workbook(
        {
            "Заметки": [["что-то"], ["другое"]],
            "Выручка": [["ФИО", *months, "Итого"], ["Анна Белова", 100, 110, 210]],
            "Сделки": [["ФИО", *months], ["Анна Белова", 5, 6], ["Олег Ким", 7, 8]],
        }
    )
    found = kept(tmp_path, book, "plan.xlsx")
    assert expected(found) == {"Анна Белова": D(100)}
    assert expected(found, "deals") == {"Анна Белова": D(5), "Олег Ким": D(7)}
    assert found.said("layout.sheets_left_out").data["names"] == "Заметки"
    target = found.score("Олег Ким", "deals").target
    assert target is not None
    assert str(target.place) == "plan.xlsx[Сделки]:3:2"


def test_a_column_a_kpi(tmp_path: Path) -> None:
    """KPIs stand in the captions by label or id; the period in its column, or none at all."""
    text = "Менеджер,Месяц,Выручка,deals\nАнна Белова,май 2024,100,5\nОлег Ким,05.2024,200,\n"
    found = kept(tmp_path, text)
    assert expected(found) == {"Анна Белова": D(100), "Олег Ким": D(200)}
    assert expected(found, "deals") == {"Анна Белова": D(5)}
    found = kept(tmp_path, "Менеджер,deals\nАнна Белова,5/month\n", period="2024-Q2")
    assert expected(found, "deals") == {"Анна Белова": D(15)}


def test_totals_are_no_targets(tmp_path: Path) -> None:
    """Lines and columns of totals are left out, and said: a quarter beside its months, subtotals
    between people, a sum at the end."""
    text = (
        "ФИО;Отдел;Показатель;апр 2024;май 2024;июн 2024;2 кв 2024;Итого\n"
        "Анна Белова;Москва;Выручка;90;100;110;300;300\n"
        "Итого по отделу;;Выручка;90;100;110;300;300\n"
        "Олег Ким;Казань;Выручка;100;200;300;600;600\n"
        "Всего;;Выручка;190;300;410;900;900\n"
    )
    found = kept(tmp_path, text)
    assert expected(found) == {"Анна Белова": D(100), "Олег Ким": D(200)}
    assert expected(kept(tmp_path, text, period="2024-Q2")) == {
        "Анна Белова": D(300),
        "Олег Ким": D(600),
    }
    assert "2 кв 2024" in str(found.said("layout.columns_left_out").data["names"])
    assert "Итого по отделу" in str(found.said("layout.lines_left_out").data["lines"])


def test_a_quarter_alone_is_a_target(tmp_path: Path) -> None:
    """A quarter that its months do not make up is no total."""
    text = "ФИО;Показатель;май 2024;3 кв 2024\nАнна Белова;Выручка;100;330\n"
    assert expected(kept(tmp_path, text, period="2024-Q3")) == {"Анна Белова": D(330)}


def test_units_by_row(tmp_path: Path) -> None:
    """A row may be the company's or a department's: their goals, and nobody's target."""
    text = (
        "Сотрудник;Отдел;Показатель;май 2024\n"
        ";Казань;Выручка;500\nКомпания;;Выручка;1000\nАнна Белова;Москва;Выручка;100\n"
    )
    found = kept(tmp_path, text)
    assert expected(found) == {"Анна Белова": D(100)}
    goals = {unit.name: unit.score("revenue").target for unit in found.results.units}
    assert {name: t.value for name, t in goals.items() if t} == {"": D(1000), "Казань": D(500)}


def test_zeros_and_dashes_are_no_targets(tmp_path: Path) -> None:
    """Where people put 0 or a dash there is no target; zeros are counted in a note."""
    text = "ФИО;Показатель;апр 2024;май 2024\nАнна Белова;Выручка;0;-\nОлег Ким;Выручка;1;2\n"
    found = kept(tmp_path, text)
    assert expected(found) == {"Олег Ким": D(2)}
    assert found.said("layout.zeros").data["count"] == 1


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("ФИО;Показатель;май\nАнна Белова;Выручка;5\n", "layout.month_of_which_year", ":1:3"),
        ("ФИО;май 2024\nАнна Белова;5\n", "layout.of_which_kpi", ":1:2"),
        ("ФИО;Показатель;май 2024;мйа 2024\nАнна Белова;Выручка;5;6\n", "layout.caption_no_period", ":1:4"),
        ("ФИО;Выручка;май 2024\nАнна Белова;5;6\n", "layout.two_forms", ":1:2"),
        ("ФИО;Показатель;май 2024\n;Выручка;5\nАнна Белова;Выручка;6\n", "layout.whose_line", ":2:1"),
        ("ФИО;Показатель;май 2024\nАнна Белова;Выручка;#ССЫЛКА!\n", "targets.bad_number", ":2:3"),
        ("ФИО;Показатель;май 2024\nАнна Белова;Доход;5\n", "bind.unknown_kpi", ":2:2"),
        ("Сотрудник;Показатель;май 20244\nАнна Белова;Выручка;5\n", "layout.caption_unknown", ":1:3"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_mistake_at_its_cell(
    tmp_path: Path, text: str, code: str, place: str
) -> None:
    """Nothing is guessed: the mistake stands at the caption or the cell."""
    plan = PLAN.replace("FILE", "targets.csv")
    (problem,) = refused(tmp_path, plan, files(text, "targets.csv"))
    assert (problem.code, str(problem.place)) == (code, f"targets.csv{place}")


def test_the_year_may_stand_in_the_name(tmp_path: Path) -> None:
    """Months without a year are of the one that the file or its sheet is called by."""
    text = "ФИО;Показатель;апрель;май\nАнна Белова;Выручка;90;100\n"
    assert expected(kept(tmp_path, text, "Планы 2024.csv")) == {"Анна Белова": D(100)}


def test_a_column_that_is_no_kpi_is_said(tmp_path: Path) -> None:
    """Numbers below the name of no KPI warn, with the label that is near."""
    text = "ФИО;Сделки;Выручкаа\nАнна Белова;5;6\n"
    found = kept(tmp_path, text)
    assert expected(found, "deals") == {"Анна Белова": D(5)}
    assert found.said("layout.caption_no_kpi").data["near"] == "Выручка"


def test_columns_of_facts_are_no_targets(tmp_path: Path) -> None:
    """Plan and fact side by side: only the plan is read, and the rest is said to be left out."""
    text = "ФИО;Показатель;май 2024 план;май 2024 факт;% вып.\nАнна Белова;Выручка;100;80;80\n"
    found = kept(tmp_path, text)
    assert expected(found) == {"Анна Белова": D(100)}
    assert "факт" in str(found.said("layout.columns_left_out").data["names"])


def test_a_stranger_is_named_once(tmp_path: Path) -> None:
    """A name that nobody has is one warning, not one for each month beside it."""
    text = "ФИО;Показатель;май 2024;июн 2024\nНекто;Выручка;1;2\nАнна Белова;Выручка;3;4\n"
    found = kept(tmp_path, text)
    assert found.said("people.unknown").data["name"] == "Некто"


def test_cells_say_what_a_plan_may_say(tmp_path: Path) -> None:
    """Growth over a fact, and a number from a day on: the target is the same as of the plan's."""
    deals = DEALS + "15.04.2024;80;Анна Белова\n"
    text = (
        "Сотрудник;Показатель;май 2024;с 21.05.2024\n"
        "Анна Белова;Выручка;+10% over prev;\nОлег Ким;Выручка;31/month;62/month\n"
    )
    plan = PLAN.replace("FILE", "targets.csv")
    found = compute(tmp_path, plan, {**files(text, "targets.csv"), "deals.csv": deals})
    april = compute(
        tmp_path, plan, {**files(text, "targets.csv"), "deals.csv": deals}, period="2024-04"
    )
    fact = april.score("Анна Белова", "revenue").fact.value
    assert fact == 80
    assert expected(found)["Анна Белова"] == 88
    june = compute(tmp_path, plan, files(text, "targets.csv"), period="2024-06")
    assert expected(june) == {"Олег Ким": D(62)}


@pytest.mark.parametrize(
    ("cell", "code"),
    [("+10% over last", "plan.growth"), ("best of 0 periods", "plan.growth")],
)
def test_what_is_no_growth_is_refused_at_its_cell(tmp_path: Path, cell: str, code: str) -> None:
    """The place is the cell, and the forms that are known are said."""
    text = f"Сотрудник;Показатель;май 2024\nАнна Белова;Выручка;{cell}\n"
    (problem,) = refused(tmp_path, PLAN.replace("FILE", "targets.csv"), files(text, "targets.csv"))
    assert (problem.code, str(problem.place)) == (code, "targets.csv:2:3")


def test_a_volume_from_a_day_on_says_per_what(tmp_path: Path) -> None:
    """As in a plan: a bare number from a day on is of no length of time."""
    text = "Сотрудник;Показатель;с 21.05.2024\nАнна Белова;Выручка;31\n"
    (problem,) = refused(tmp_path, PLAN.replace("FILE", "targets.csv"), files(text, "targets.csv"))
    assert (problem.code, str(problem.place)) == ("targets.since_of_what", "targets.csv:2:3")
