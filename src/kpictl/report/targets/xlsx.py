"""The list of targets as an Excel workbook: a row each, numbers as numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpictl.report.format import clean
from kpictl.report.targets import rows
from kpictl.report.workbook import GREY, HEAD, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.report import Options


def render_targets(listed: TargetList, options: Options) -> bytes:
    numbers = rows.numbers_of(listed, options.lang)
    book = Book.about(listed, numbers)
    sheet = book.sheet(book.reserve(say(numbers.lang, "target_list.title")))
    lines = list(rows.rows(listed))
    for place, name in enumerate(rows.COLUMNS):
        values = [rows.worded(name, line[place], numbers) for line in lines]
        _column(book, sheet, place, (say(numbers.lang, f"target_list.column.{name}"), values))
    sheet.freeze_panes(1, 0)
    if lines:
        sheet.autofilter(0, 0, len(lines), len(rows.COLUMNS) - 1)
    return book.bytes()


def _column(book: Book, sheet: Any, place: int, column: tuple[str, list[Any]]) -> None:
    caption, values = column
    number = any(isinstance(value, Decimal) for value in values)
    side: dict[str, Any] = {"align": "right", "indent": 1} if number else {"align": "left"}
    head = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, **side)
    write(sheet, (0, place), caption, head)
    shape = {"num_format": "#,##0.##########"} if number else {}
    whole = {"num_format": "#,##0"} if number else {}
    for line, value in enumerate(values, start=1):
        is_whole = isinstance(value, Decimal) and value == value.to_integral_value()
        write(sheet, (line, place), value, book.format(**side, **(whole if is_whole else shape)))
    texts = (clean(str(value)) for value in values if value is not None)
    sheet.set_column(place, place, room([f"{caption}  ", *texts], 7, 44))
