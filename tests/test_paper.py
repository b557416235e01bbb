"""A workbook on A4: what is printed on which page, how large, and what stands around it."""

from __future__ import annotations

import io
import warnings
from typing import Any

import openpyxl
from msgspec.structs import replace
from openpyxl.utils import get_column_letter, range_boundaries

from kpictl.report import Options, render
from kpictl.values import Results
from results_sample import alone, many, sample, support


def workbook(results: Results, **options: Any) -> Any:
    output = render(results, "xlsx", Options(**options))
    assert isinstance(output, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know data bars
        return openpyxl.load_workbook(io.BytesIO(output))


def printed(sheet: Any) -> list[tuple[int, int, int, int]]:
    """Return the parts that a sheet is printed in: first and last column, first and last row."""
    areas = [area.split("!")[-1].replace("$", "") for area in sheet.print_area.split(",")]
    return [range_boundaries(area) for area in areas]


def pixels(sheet: Any, first: int, last: int) -> float:
    """Return how wide columns are in the pixels of a screen."""
    widths: dict[int, float] = {}
    for one in sheet.column_dimensions.values():
        widths |= dict.fromkeys(range(one.min, one.max + 1), one.width)
    return sum(7 * widths[number] for number in range(first, last + 1))


def test_a_wide_scorecard_is_printed_in_parts_that_begin_with_a_kpi() -> None:
    """With many KPIs each part is whole KPIs and the names, fitted to a page that can be read."""
    sheet = workbook(alone(many(12)), lang="en").worksheets[0]
    parts = printed(sheet)
    assert [part[0] for part in parts] == [1, *(part[2] + 1 for part in parts[:-1])]
    assert parts[-1][2] == sheet.max_column
    starts = [part[0] for part in parts[1:]]
    assert all((start - 5) % 4 == 0 for start in starts)
    sizes = [pixels(sheet, part[0], part[2]) for part in parts]
    assert 2 * min(sizes) >= max(sizes)  # no page with a column left over
    names = pixels(sheet, 1, 2)
    assert all(0.58 * (size + names) <= 1065 + names for size in sizes)
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


def test_what_stands_around_a_table_is_printed_once_and_whole() -> None:
    """The title is the page's heading; lines below the table are on the first part, over its width."""
    sheet = workbook(sample(many(12)), lang="ru").worksheets[0]
    first, *others = printed(sheet)
    found = [c for row in sheet.iter_rows(min_row=6) for c in row if "Компания · " in str(c.value)]
    (company,) = found
    assert first[1] == 4
    assert first[3] >= company.row
    assert all(part[1] == 4 and part[3] < company.row for part in others)
    (merged,) = (one for one in sheet.merged_cells.ranges if company.coordinate in one)
    lines = ((sheet.row_dimensions[company.row].height or 17) - 3) // 14
    assert lines * pixels(sheet, merged.min_col, merged.max_col) > 6 * len(company.value)
    assert merged.max_col <= first[2]
    assert "Менеджеры по продажам" in sheet.oddHeader.left.text
    assert "май 2024" in sheet.oddHeader.left.text


def test_no_figure_is_wider_than_its_column() -> None:
    """A column has room for its longest figure, its caption and the label above it."""
    for sheet in workbook(sample(), lang="ru").worksheets[:2]:
        for merged in sheet.merged_cells.ranges:
            if merged.min_row == 4:
                label = sheet.cell(4, merged.min_col).value
                assert pixels(sheet, merged.min_col, merged.max_col) >= 7 * (len(label) + 1)


def test_the_data_sheet_is_printed_with_the_names_beside_the_figures() -> None:
    """Two parts, each with the name: who somebody is, and the figures of a KPI beside its name."""
    sheet = workbook(sample(), lang="en")["Data"]
    heads = [cell.value for cell in sheet[1]]
    name, kpi = heads.index("Employee") + 1, heads.index("KPI") + 1
    parts = printed(sheet)
    assert [(part[0], part[2]) for part in parts] == [(1, kpi - 1), (kpi, len(heads))]
    letter = get_column_letter(name)
    assert sheet.print_title_cols == f"${letter}:${letter}"
    assert sheet.print_title_rows == "$1:$1"


def test_a_heading_of_a_page_is_text_whatever_the_name() -> None:
    """An ampersand, digits first and a very long label do not spoil the heading of a page."""
    card = replace(support(), label="2024 R&D & " + "very " * 80)
    sheet = workbook(alone(card), lang="en").worksheets[0]
    assert "2024 R&&D" in sheet.oddHeader.left.text
    assert "May 2024" in sheet.oddHeader.left.text
