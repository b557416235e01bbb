"""CSV, XLSX and the frame they come from, read back by other libraries."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import warnings
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from kpictl.report import Options, render
from kpictl.report.dataframe import COLUMNS
from kpictl.values import Results, Scorecard
from results_sample import HOSTILE, alone, many, people, sales, sample, support

NAME = COLUMNS.index("name")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(results: Results, delimiter: str = ",", **options: Any) -> list[list[str]]:
    output = render(results, "csv", Options(**options))
    assert isinstance(output, bytes)
    text = output.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def workbook(results: Results, **options: Any) -> Any:
    output = render(results, "xlsx", Options(**options))
    assert isinstance(output, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know data bars
        return openpyxl.load_workbook(io.BytesIO(output))


def test_the_frame_holds_exact_decimals_and_none() -> None:
    """One line per row and KPI; decimals stay decimals, absence is None and never NaN."""
    frame = sample().to_frame()
    assert len(frame) == 8 * 4 + 3 + 4 + 1  # people of two scorecards, a total, the company
    assert set(map(str, frame.dtypes)) == {"object"}
    assert frame["value"][0] == Decimal("1655420.5")
    absent = frame[frame["state"] == "insufficient"]
    assert all(value is None for value in absent["value"])
    assert all(value is None or value == value for value in frame.to_numpy().ravel())  # noqa: PLR0124
    assert list(alone(sales([])).to_frame().columns) == list(frame.columns)


def test_csv_is_plain_utf8_for_programs() -> None:
    """By default: no BOM, commas, points, the frame's own column names."""
    output = render(sample(), "csv", Options(lang="ru"))
    assert isinstance(output, bytes)
    assert output.startswith(b"scorecard,kind,period,from,to,rank,id,name,department,position")
    lines = table(sample(), lang="ru")
    assert len(lines) == 1 + 8 * 4 + 3 + 4 + 1
    assert all(len(line) == len(lines[0]) for line in lines)
    first = dict(zip(lines[0], lines[1], strict=True))
    assert (first["name"], first["value"], first["state"]) == (
        "Анна Белова",
        "1655420.5",
        "measured",
    )


def test_csv_for_a_russian_excel() -> None:
    """With excel in Russian: BOM, semicolons, decimal commas, Russian captions and states."""
    output = render(sample(), "csv", Options(lang="ru", excel=True))
    assert isinstance(output, bytes)
    assert output.startswith(b"\xef\xbb\xbf")
    lines = table(sample(), ";", lang="ru", excel=True)
    first = dict(zip(lines[0], lines[1], strict=True))
    assert first["Факт"] == "1655420,5"
    assert first["Состояние"] == "измерено"
    english = table(sample(), ",", lang="en", excel=True)
    assert dict(zip(english[0], english[1], strict=True))["Fact"] == "1655420.5"


def test_csv_text_is_never_a_formula() -> None:
    """A name that begins like a formula gets an apostrophe; numbers do not."""
    names = {line[NAME] for line in table(sample())}
    assert "'" + HOSTILE[0] in names
    assert HOSTILE[1] in names


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_name_is_one_harmless_csv_cell(name: str) -> None:
    """Whatever a name holds: the same lines and cells, and no formula."""
    card = replace(support(), rows=(replace(support().rows[0], name=name),))
    lines = table(alone(card))
    assert [len(line) for line in lines] == [len(COLUMNS)] * 2
    assert not lines[1][NAME].startswith(FORMULA)


def test_the_workbook_has_a_sheet_per_scorecard_the_data_and_the_circumstances() -> None:
    """Sheets in order, captions in the language asked for."""
    russian = workbook(sample(), lang="ru")
    assert russian.sheetnames == ["Менеджеры по продажам", "Поддержка", "Данные", "О расчёте"]
    english = workbook(sample(), lang="en")
    assert english.sheetnames[-2:] == ["Data", "About"]
    assert [cell.value for cell in english["Data"][1]][:4] == [
        "Scorecard",
        "Kind",
        "Period",
        "From",
    ]


def test_a_scorecard_sheet_is_ranked_filtered_frozen_and_coloured() -> None:
    """Numbers are numbers, reasons are words, the header stays and repeats, colours are rules."""
    sheet = workbook(sample(), lang="ru").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=14)]
    assert rows[0][:6] == [1, "Анна Белова", 118.4237, 100, 1655420.5, 1400000]
    assert rows[3][4] == 1699300.03
    assert rows[2][12] == "2 из 3 нужно"
    assert rows[7][2] == "без оценки"
    assert rows[8][1] == "Итого"
    assert sheet["E6"].number_format == '#,##0" ₽"'
    assert sheet.freeze_panes == "C6"
    assert sheet.auto_filter.ref == "A5:T13"
    assert sheet.print_title_rows == "$4:$5"
    assert sheet.page_setup.orientation == "landscape"
    alone_ = workbook(alone(support()), lang="ru").worksheets[0]
    fit = (alone_.page_setup.fitToHeight, alone_.sheet_properties.pageSetUpPr.fitToPage)
    assert fit == (0, True)  # what can be read on one page is fitted to it
    kinds = {rule.type for rules in sheet.conditional_formatting for rule in rules.rules}
    assert kinds == {"containsBlanks", "cellIs", "dataBar"}
    texts = [cell.value for row in sheet.iter_rows(min_row=15) for cell in row if cell.value]
    assert "Мария Соколова: без оценки: измерено 20 % веса, нужно 60 %" in [
        text.replace("\u00a0", " ") for text in texts
    ]


def test_the_company_stands_on_the_first_sheet() -> None:
    """Below the first table: what the company has reached of its own goals."""
    book = workbook(sample(), lang="ru")
    found = [
        [" ".join(str(cell.value).split()) for row in sheet.iter_rows() for cell in row]
        for sheet in book.worksheets[:2]
    ]
    line = "Компания · Объём продаж 7 047 720,53 ₽ план 12 000 000 ₽ 59%"
    assert line in found[0]
    assert line not in found[1]


def test_the_data_sheet_holds_every_number() -> None:
    """The long sheet is the frame, number for number."""
    sheet = workbook(sample(), lang="en")["Data"]
    frame = sample().to_frame()
    heads = [cell.value for cell in sheet[1]]
    column = [row[heads.index("Fact")].value for row in sheet.iter_rows(min_row=2)]
    assert [None if v is None else float(v) for v in frame["value"]] == column


def test_the_about_sheet_says_under_which_circumstances() -> None:
    """Period, plan, hash, what was left out and the warnings are in the file."""
    sheet = workbook(sample(), lang="ru")["О расчёте"]
    texts = {str(cell.value).replace("\u00a0", " ") for row in sheet.iter_rows() for cell in row}
    assert {"май 2024", "02.06.2024 08:15", "kpi.yaml", sample().plan_sha256} <= texts
    assert any("2 сделки без ответственного (183 000 ₽)" in text for text in texts)
    assert 7047720.53 in [cell.value for row in sheet.iter_rows() for cell in row]


def test_hostile_text_in_a_workbook_stays_text() -> None:
    """No cell is a formula or a link, and control characters are gone."""
    book = workbook(sample(), lang="ru")
    names = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
            names += [cell.value for cell in row if isinstance(cell.value, str)]
    assert HOSTILE[0] in names
    assert not any("\x1b" in name for name in names)


@pytest.mark.parametrize(
    "labels",
    [
        ("Отдел: 1/2 [юг]?*\\", "Отдел: 1/2 [юг]?*\\"),
        ("О" * 60, "о" * 60),
        ("", "''"),
        ("Данные", "history"),
        ("😀" * 40, "\x00"),
    ],
)
def test_sheet_names_are_valid_and_unique(labels: tuple[str, str]) -> None:
    """Any labels give a workbook that other libraries open, each scorecard on its own sheet."""
    cards = [replace(sales(), id=f"s{n}", label=label) for n, label in enumerate(labels)]
    output = render(sample(*cards), "xlsx", Options(lang="ru"))
    assert isinstance(output, bytes)
    names = CalamineWorkbook.from_filelike(io.BytesIO(output)).sheet_names
    assert len(names) == 4
    assert len({name.casefold() for name in names}) == 4
    assert all(0 < len(name.encode("utf-16-le")) <= 62 for name in names)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=50))
def test_any_text_makes_a_readable_workbook(text: str) -> None:
    """Whatever labels and names hold, the workbook opens and the numbers are where they were."""
    row = replace(people()[0], name=text, id=text, department=text, position=text)
    card = replace(sales([row, people()[1]]), label=text, total=None)
    book = workbook(alone(card), lang="ru")
    assert 118.4237 in [cell.value for cell in book.worksheets[0][6]]


def test_the_same_results_give_the_same_bytes() -> None:
    """No clock in the file: writing twice gives one and the same workbook."""
    assert render(sample(), "xlsx", Options()) == render(sample(), "xlsx", Options())


@pytest.mark.parametrize("card", [sales([]), many(9), many(1), support()])
def test_unusual_scorecards_make_workbooks(card: Scorecard) -> None:
    """No rows, many KPIs, one KPI: a workbook all the same."""
    assert workbook(alone(card), lang="en").sheetnames[-1] == "About"


def test_asking_for_a_report_loads_nothing_heavy() -> None:
    """The shelf's door loads neither pandas nor xlsxwriter, nor does JSON load them."""
    code = (
        "import sys; import kpictl.report; import kpictl.report.json, kpictl.report.table;"
        "print([m for m in ('pandas', 'numpy', 'xlsxwriter') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
