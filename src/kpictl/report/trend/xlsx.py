"""A trend as an Excel workbook: a sheet for each table with sparklines and a chart, and all numbers
in one. The bytes depend on the trend alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kpictl.report import phrases
from kpictl.report.format import clean
from kpictl.report.trend import rows, texts
from kpictl.report.workbook import GREY, HEAD, LINE, PALE, Book, room, write
from kpictl.values import VALUE_PLACES, Column, to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from decimal import Decimal

    from kpictl.app.trend import Line, Point, Table, Trend
    from kpictl.report import Options

CAPTIONS, FIRST = 3, 4


def render_trend(trend: Trend, options: Options) -> bytes:
    book = Book.about(trend, texts.numbers_of(trend, options.lang))
    data = book.reserve(say(options.lang, "trend.sheet.data"))
    shown = texts.told_apart(trend)
    for table in shown.tables:
        name = book.reserve(table.label or texts.subject(trend, options.lang))
        _sheet(book, book.sheet(name), shown, table)
    _data(book, book.sheet(data), trend)
    return book.bytes()


def _sheet(book: Book, sheet: Any, trend: Trend, table: Table) -> None:
    """Write a line each, a column a period, then a sparkline and the changes."""
    lang, count = book.numbers.lang, len(trend.periods)
    heading = phrases.DOT.join(filter(None, (texts.subject(trend, lang), clean(table.label))))
    write(sheet, (0, 0), heading, book.format(bold=True, font_size=15))
    meta = phrases.DOT.join(texts.title(trend, lang))
    write(sheet, (1, 0), meta, book.format(font_color=GREY))
    heads = [f"{head} {year}".strip() for year, head in texts.heads(trend, lang)]
    after = [say(lang, f"trend.head.{name}") for name in ("spark", "change", "since")]
    first = say(lang, "report.head.name") if trend.by == "employee" else ""
    for place, text in enumerate((first, *heads, *after)):
        side = {"align": "left"} if place == 0 else {"align": "right", "indent": 1}
        style = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, **side)
        write(sheet, (CAPTIONS, place), text, style)
    names = [texts.line_name(line, lang) for line in table.lines]
    sheet.set_column(0, 0, room(names, 14, 44))
    sheet.set_column(1, count, 12)
    sheet.set_column(count + 1, count + 1, 18)
    sheet.set_column(count + 2, count + 3, 13)
    cells = texts.Cells.of(trend, table, book.numbers)
    for number, line in enumerate(table.lines):
        _line(book, sheet, (trend, line, FIRST + number), cells)
    sheet.freeze_panes(FIRST, 1)
    notes = filter(None, (texts.compared(trend, lang), "   ".join(texts.legend(table, lang))))
    for number, note in enumerate(notes):
        row = FIRST + len(table.lines) + 1 + number
        write(sheet, (row, 0), note, book.format(font_color=GREY))
    _chart(book, sheet, trend, table)


def _line(book: Book, sheet: Any, placed: tuple[Trend, Line, int], cells: texts.Cells) -> None:
    trend, line, row = placed
    total = line.kind == "total"
    look: dict[str, Any] = {"bottom": 1, "bottom_color": PALE}
    if total:
        look = {"bold": True, "top": 1, "top_color": GREY, "bg_color": PALE}
    write(sheet, (row, 0), texts.line_name(line, book.numbers.lang), book.format(**look))
    right = look | {"align": "right", "indent": 1}
    values = [_value(point) for point in line.points]
    shape = _shape(book, trend, [value for value in values if value is not None])
    for place, (point, value) in enumerate(zip(line.points, values, strict=True), start=1):
        if value is None:
            style = book.format(**right | {"font_color": GREY, "italic": True})
            write(sheet, (row, place), cells.cell(point), style)
        else:
            write(sheet, (row, place), value, book.format(**right, num_format=shape))
    count = len(trend.periods)
    sheet.write_blank(row, count + 1, None, book.format(**look))
    last = sheet.name.replace("'", "''")
    span = f"'{last}'!{_cell(row, 1)}:{_cell(row, count)}"
    sheet.add_sparkline(row, count + 1, {"range": span, "markers": True})
    rank = texts.rank_move(line.rank_change(trend.last))
    moved = f"{cells.change(line.change(trend.last))} {rank}".strip()
    since = cells.change(line.change_from_first(trend.last))
    for place, text in ((count + 2, moved), (count + 3, since)):
        write(sheet, (row, place), text, book.format(**right))


def _value(point: Point) -> Decimal | None:
    return None if point.exact is None else to_decimal(point.exact, VALUE_PLACES)


def _shape(book: Book, trend: Trend, values: list[Decimal]) -> str:
    """Return the number format of values of the KPI; an index has one decimal."""
    if trend.kpi is None:
        return "0.0"
    column = Column(trend.kpi, trend.label, trend.unit, to_decimal(0, 0), trend.better)
    return book.number_format(column, values)


def _chart(book: Book, sheet: Any, trend: Trend, table: Table) -> None:
    """Draw the last line below the table: all together, or the only one there is."""
    line = table.lines[-1] if table.lines else None
    if line is None or (line.kind != "total" and len(table.lines) > 1) or len(trend.periods) < 2:
        return
    row, count = FIRST + len(table.lines) - 1, len(trend.periods)
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": texts.line_name(line, book.numbers.lang),
            "categories": [sheet.name, CAPTIONS, 1, CAPTIONS, count],
            "values": [sheet.name, row, 1, row, count],
            "fill": {"color": "#A9CCE3"},
            "gap": 60,
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": LINE}}})
    chart.set_size({"width": 760, "height": 260})
    sheet.insert_chart(row + 5, 0, chart)


def _data(book: Book, sheet: Any, trend: Trend) -> None:
    """Write the rows, one line per subject and period, numbers unrounded."""
    lang = book.numbers.lang
    lines = [
        [rows.worded(n, v, book.numbers) for n, v in zip(rows.COLUMNS, line, strict=True)]
        for line in rows.rows(trend)
    ]
    for place, name in enumerate(rows.COLUMNS):
        values = [line[place] for line in lines]
        text = all(value is None or isinstance(value, str) for value in values)
        side = {"align": "left"} if text else {"align": "right", "indent": 1}
        caption = say(lang, f"trend.column.{name}")
        head = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, **side)
        write(sheet, (0, place), caption, head)
        for number, value in enumerate(values, start=1):
            day = {"num_format": "yyyy-mm-dd"} if isinstance(value, date) else {}
            write(sheet, (number, place), value, book.format(**side, **day))
        known = (clean(str(value)) for value in values if value is not None)
        sheet.set_column(place, place, room([f"{caption}  ", *known], 7, 34))
    sheet.freeze_panes(1, 0)
    if lines:
        sheet.autofilter(0, 0, len(lines), len(rows.COLUMNS) - 1)


def _cell(row: int, column: int) -> str:
    """Return a place as a formula names it, absolute.

    >>> _cell(4, 27)
    '$AB$5'
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"${letters}${row + 1}"
