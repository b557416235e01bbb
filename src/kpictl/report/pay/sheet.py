"""Pay as a sheet of a workbook: a column for each step, amounts as live formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpictl.report.pay.steps_table import SUM, Cell, Column, Key, StepsTable, table
from kpictl.report.workbook import GREY, HEAD, PALE, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Results

_SHAPES = {"money": "#,##0.00", "percent": "0.####", "number": "0.######", "day": "yyyy-mm-dd"}


def pay_sheet(book: Book, results: Results) -> None:
    """Add the sheet of what is paid, where that was asked for."""
    if results.pay is None or not results.pay.lines:
        return
    shown = table(results, book.numbers, results.pay.lines)
    sheet = book.sheet(book.reserve(say(book.numbers.lang, "pay.head")))
    fill(book, sheet, shown, total=True)


def fill(book: Book, sheet: Any, shown: StepsTable, *, total: bool) -> None:
    """Write a table of steps from the first cell on; a last line with its sum where wanted."""
    places = {column.key: place for place, column in enumerate(shown.columns)}
    for place, column in enumerate(shown.columns):
        is_text = column.shape == "text"
        side = {"align": "left"} if is_text else {"align": "right", "indent": 1}
        head = book.format(bold=True, bg_color=HEAD, bottom=1, text_wrap=True, **side)
        write(sheet, (0, place), column.caption, head)
        style = book.format(**side, **_number(column))
        for number, row in enumerate(shown.rows, start=1):
            cell = row.get(column.key, Cell(None))
            _cell(sheet, (number, place), cell, style, places)
        texts = (str(row[column.key].value or "") for row in shown.rows if column.key in row)
        sheet.set_column(place, place, room([column.caption[:16], *texts], 9, 40))
    sheet.freeze_panes(1, 2)
    if total and shown.rows:
        _total(book, sheet, shown, places[SUM])


def _number(column: Column) -> dict[str, str]:
    return {} if column.shape == "text" else {"num_format": _SHAPES[column.shape]}


def _cell(
    sheet: Any, place: tuple[int, int], cell: Cell, style: Any, places: dict[Key, int]
) -> None:
    if not cell.formula or cell.value is None:
        write(sheet, place, cell.value, style)
        return
    from xlsxwriter.utility import xl_rowcol_to_cell

    terms = (
        term if isinstance(term, str) else xl_rowcol_to_cell(place[0], places[term])
        for term in cell.formula
    )
    sheet.write_formula(*place, "=" + "".join(terms), style, float(cell.value))


def _total(book: Book, sheet: Any, shown: StepsTable, place: int) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    last = len(shown.rows)
    style = {"bold": True, "top": 1, "top_color": GREY, "bg_color": PALE}
    for column in range(len(shown.columns)):
        sheet.write_blank(last + 1, column, None, book.format(**style))
    write(sheet, (last + 1, 0), say(book.numbers.lang, "report.total"), book.format(**style))
    first, end = (xl_rowcol_to_cell(row, place) for row in (1, last))
    money = book.format(**style, num_format=_SHAPES["money"], align="right", indent=1)
    sheet.write_formula(last + 1, place, f"=SUM({first}:{end})", money, float(shown.total))
