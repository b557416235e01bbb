"""Tables that lie on their side: days and months in columns become records, each with its cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import books
from kpictl.sources import dated_captions
from kpictl.sources.dated_captions import Around
from plans import compute, refused

ATTENDANCE = """\
AtX,,2024-06-03,2024-06-04,2024-06-05,Total
Employee Code,Name,Mon,Tue,Wed,
A-1,Ann Ray,P,SL,P,2
A-2,Bo Lund,WFH,P,PL,2
Total,,2,1,1,4
"""
PLAN = """
    sources:
      hr:
        type: csv
        days: {{path: {path}, {more}unpivot: {{into: {{day: caption, mark: value}}{options}}}}}
    kpis:
      present: {{from: days, count: rows, where: "mark in ('P', 'WFH')", when: day, by: name}}
"""
JUNE = "2024-06"


def plan(path: str = "a.csv", more: str = "", options: str = "") -> str:
    return PLAN.format(path=path, more=more, options=options)


def book(**sheets: Sequence[Sequence[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_an_attendance_sheet_with_two_lines_of_captions_is_counted(tmp_path: Path) -> None:
    """Days above week days, a column and a line of totals: neither is counted, and both are
    said."""
    found = compute(tmp_path, plan(more="header: [1, 2], "), {"a.csv": ATTENDANCE}, period=JUNE)
    assert found.of("present") == {"Ann Ray": 2, "Bo Lund": 2}
    assert found.total == {"present": 4}
    assert found.said("unpivot.totals").data["columns"] == "«Total»"
    assert found.said("table.footer").data["count"] == 1


def test_a_record_knows_its_cell(tmp_path: Path) -> None:
    """A cell that cannot be read is named by line and column, and one in a kept column by its
    own; a day that cannot be is named in the captions."""
    text = ATTENDANCE.replace("SL", "x").replace("P,", "8,").replace("WFH", "8").replace("PL", "8")
    hours = """
        sources:
          hr:
            type: csv
            days:
              path: a.csv
              header: 1-2
              unpivot: {into: {day: caption, hours: value}}
              fields: {hours: {column: hours, type: number}, code: {column: Employee Code, type: number}}
        kpis:
          hours: {from: days, sum: hours, when: day, by: name}
          codes: {from: days, sum: code, when: day, by: name}
    """
    found = refused(tmp_path, hours, {"a.csv": text}, period=JUNE)
    cells = {(str(p.place), p.data.get("value")) for p in found if p.code == "source.bad_value"}
    assert ("a.csv:3:4", "x") in cells
    assert ("a.csv:4:1", "A-2") in cells


def test_what_is_in_columns_is_named_where_a_field_is_missing(tmp_path: Path) -> None:
    """Who asks for the field `mark` of a table with days in columns is told to turn it."""
    sideways = plan(more="header: 1, ").replace("unpivot: {into: {day: caption, mark: value}}", "")
    found = refused(tmp_path, sideways, {"a.csv": ATTENDANCE}, period=JUNE)
    assert {p.code for p in found} == {"unpivot.sideways"}
    assert found[0].data["captions"] == "2024-06-03, 2024-06-04, 2024-06-05"


@pytest.mark.parametrize(
    ("captions", "around", "expected"),
    [
        (["2024-06-03"], None, "2024-06-03"),
        (["2024-06-03 00:00:00"], None, "2024-06-03"),
        (["03.06.2024", "Mon"], None, "2024-06-03"),
        (["июнь 2024", "3"], None, "2024-06-03"),
        (["3"], Around(2024, 6), "2024-06-03"),
        (["пн\n3"], Around(2024, 6), "2024-06-03"),
        (["3 июня"], Around(2024), "2024-06-03"),
        (["03.06"], Around(2024), "2024-06-03"),
        (["31"], Around(2024, 6), None),
        (["3"], None, None),
        (["май 2026"], None, "2026-05"),
        (["May-26"], None, "2026-05"),
        (["05.2026"], None, "2026-05"),
        (["январь"], Around(2024), "2024-01"),
        (["Jan."], Around(2024), "2024-01"),
        (["1"], Around(2024), "2024-01"),
        (["январь 2024", "план"], None, "2024-01"),
        (["Итого"], Around(2024, 6), None),
        (["Name"], Around(2024), None),
    ],
)
def test_captions_are_read_as_people_write_them(
    captions: list[str], around: Around | None, expected: str | None
) -> None:
    """A day or a month, whole or with what is around it; a day that is none is not read."""
    found = dated_captions.read(captions, around, "dmy")
    assert (found and str(found)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Табель за июнь 2024 г.", "2024-06"),
        ("с 01.06.2024 по 30.06.2024", "2024-06"),
        ("attendance_2024-06", "2024-06"),
        ("План 2024", "2024"),
        ("май 2024 и июнь 2024", None),
        ("Табель", None),
    ],
)
def test_a_title_says_of_which_month_the_days_are(text: str, expected: str | None) -> None:
    """A title, the name of a sheet or of a file; where it speaks of two months, of none."""
    found = dated_captions.around(text, "dmy")
    assert (found and str(found)) == expected


SHEET: list[list[Any]] = [["Name", 1, 2, 3, 31, "Итого"], ["Ann Ray", "P", None, "P", None, 2]]


def test_all_sheets_are_read_and_each_says_its_month(tmp_path: Path) -> None:
    """Days from 1 to 31 take the month from the name of the sheet, which is a field too; 31 June
    is no day, and an empty column of it nothing to speak of."""
    files = {"a.xlsx": book(**{"June 2024": SHEET, "July 2024": SHEET})}
    whole = plan("a.xlsx", 'sheet: "*", ').replace("mark in", "sheet = 'June 2024' and mark in")
    assert compute(tmp_path, whole, files, period="2024-06").of("present") == {"Ann Ray": 2}
    assert compute(tmp_path, whole, files, period="2024-07").of("present") == {"Ann Ray": 0}
    found = compute(tmp_path, plan("a.xlsx", 'sheet: "*", '), files, period="2024-07")
    assert found.of("present") == {"Ann Ray": 2}
    assert "unpivot.impossible" not in found.codes


def test_days_without_a_month_are_refused_until_it_is_said(tmp_path: Path) -> None:
    """Nothing says of which month the days are: the plan has to."""
    files = {"a.xlsx": book(Sheet=SHEET)}
    (problem,) = refused(tmp_path, plan("a.xlsx"), files, period=JUNE)
    assert problem.code == "unpivot.no_period"
    said = plan("a.xlsx", options=", period: 2024-06")
    assert compute(tmp_path, said, files, period=JUNE).of("present") == {"Ann Ray": 2}


def test_merged_months_over_plan_and_fact(tmp_path: Path) -> None:
    """Months as real dates and in words, each over two columns: the upper line is filled to the
    right, and the lower line is a field."""
    lines: list[list[Any]] = [
        ["Менеджер", date(2024, 1, 1), None, "февраль 2024", None, "Итого"],
        [None, "план", "факт", "план", "факт", None],
        ["Анна Белова", 100, 90, 110, 120, 210],
        ["Олег Ким", 50, 70, None, 60.5, 130.5],
    ]
    months = """
        sources:
          crm:
            type: csv
            plan:
              path: p.xlsx
              header: [1, 2]
              unpivot: {into: {month: caption, what: caption 2, amount: value}}
        kpis:
          fact: {from: plan, sum: amount, where: what = 'факт', when: month, by: Менеджер}
    """
    files = {"p.xlsx": book(План=lines)}
    february = compute(tmp_path, months, files, period="2024-02")
    assert february.of("fact") == {"Анна Белова": 120, "Олег Ким": Decimal("60.5")}
    assert compute(tmp_path, months, files, period="2024-Q1").total == {"fact": Decimal("340.5")}


LINES = [["Name", "2024-06-03", "2024-06-04"], ["Ann Ray", "P", ""], ["Bo Lund", "P", "P"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xlsb", "xls", "ods", "html", "tsv"])
def test_every_kind_of_file_is_turned_alike(tmp_path: Path, ending: str) -> None:
    """CSV, TSV, workbooks of every kind and HTML tables give the same records."""
    made: dict[str, bytes | str] = {
        "csv": "".join(",".join(line) + "\n" for line in LINES),
        "tsv": "".join("\t".join(line) + "\n" for line in LINES),
        "xlsx": book(Sheet=LINES),
        "xlsb": books.xlsb(books.grid(LINES)),
        "xls": books.xls(books.grid(LINES), extent=(3, 3)),
        "ods": books.ods(books.ods_rows(LINES)),
        "html": "<table>"
        + "".join("<tr>" + "".join(f"<td>{c}" for c in line) for line in LINES)
        + "</table>",
    }
    found = compute(tmp_path, plan(f"a.{ending}"), {f"a.{ending}": made[ending]}, period=JUNE)
    assert found.of("present") == {"Ann Ray": 1, "Bo Lund": 2}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [('["Q1 plan", "Q2 plan"]', 30), ('"Q[1-3] plan"', 60), ('"q1 PLAN"', 10)],
)
def test_columns_are_named_or_fit_a_pattern(tmp_path: Path, columns: str, expected: int) -> None:
    """A list of captions, or an expression that a whole caption fits, whatever its letters."""
    text = "day,name,Q1 plan,Q2 plan,Q3 plan,Q1 plan note\n2024-06-01,Ann Ray,10,20,30,99\n"
    named = f"""
        sources:
          crm:
            type: csv
            plan: {{path: p.csv, unpivot: {{columns: {columns}, into: {{what: caption, n: value}}}}}}
        kpis:
          n: {{from: plan, sum: n, when: day, by: name}}
    """
    assert compute(tmp_path, named, {"p.csv": text}, period=JUNE).of("n") == {"Ann Ray": expected}


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A listed caption that the file lacks, a pattern that nothing fits, captions without days."""
    files = {"a.csv": "name,one\nAnn Ray,P\n"}
    for options, code in (
        (", columns: [one, two]", "unpivot.no_column"),
        (", columns: two", "unpivot.no_fit"),
        ("", "unpivot.no_dates"),
    ):
        (problem,) = refused(tmp_path, plan(options=options), files, period=JUNE)
        assert problem.code == code


@pytest.mark.parametrize(
    ("more", "options", "code"),
    [
        ("header: [1, 3], ", "", "plan.header_lines"),
        ("header: 3-1, ", "", "plan.header_lines"),
        ("", ", columns: '('", "plan.pattern"),
        ("", ", period: soon", "plan.fixed_period"),
    ],
)
def test_mistakes_of_the_plan_are_said_at_their_place(
    tmp_path: Path, more: str, options: str, code: str
) -> None:
    """Lines that are no neighbours, a broken pattern, a period that is none."""
    (problem,) = refused(tmp_path, plan(more=more, options=options), {"a.csv": ATTENDANCE})
    assert problem.code == code
    assert problem.place is not None
    assert problem.place.line


def test_a_record_needs_a_value(tmp_path: Path) -> None:
    """`into` without the value of the cell, or with a word that means nothing, is refused."""
    none = plan().replace("mark: value", "mark: caption")
    assert refused(tmp_path, none, {"a.csv": ATTENDANCE})[0].code == "plan.unpivot_value"
    other = plan().replace("mark: value", "mark: cell")
    assert refused(tmp_path, other, {"a.csv": ATTENDANCE})[0].code == "plan.unpivot_role"
