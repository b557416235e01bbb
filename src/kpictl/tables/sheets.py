"""Workbooks (xlsx, xls, xlsb, ods) as rows of text."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from kpictl.naming import fold
from kpictl.tables.file import Source, Wishes, refusal
from kpictl.tables.spool import Spooled, spool


def convert(source: Source, kind: str, scratch: Path, wishes: Wishes) -> Spooled:
    """Write one sheet of a workbook as a text table."""
    origin = source.origin
    try:
        with CalamineWorkbook.from_path(source.path) as book:
            sheet = _chosen(book, origin, wishes.sheet)
            if not sheet.height:
                raise refusal(origin, "table.empty")
            rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows())
            return spool(rows, origin, scratch, wishes.header_row, _width(sheet))
    except PasswordError:
        raise refusal(origin, "table.password") from None
    except CalamineError:
        raise refusal(origin, "table.binary", kind=kind) from None


def _chosen(book: CalamineWorkbook, origin: str, name: str | None) -> CalamineSheet:
    """Return the sheet of that name, or the first visible one that holds anything."""
    if name is not None:
        alike = [known for known in book.sheet_names if fold(known) == fold(name)]
        if alike:
            return book.get_sheet_by_name(name if name in alike else alike[0])
        sheets = ", ".join(book.sheet_names)
        raise refusal(origin, "table.sheet", sheet=name, sheets=sheets)
    visible = [
        book.get_sheet_by_name(about.name)
        for about in book.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    if not visible:
        raise refusal(origin, "table.empty")
    return next((sheet for sheet in visible if sheet.height), visible[0])


def _width(sheet: CalamineSheet) -> int:
    """Return the number of columns up to the last one that holds anything."""
    width = 0
    for row in sheet.iter_rows():
        if row[width:].count("") != len(row) - width:
            width = max(place for place, cell in enumerate(row, 1) if cell != "")
        if width == len(row):
            break
    return width


def cell_text(value: Any) -> str:
    """Write a cell as a person would in a text table: ISO dates, numbers in full."""
    match value:
        case str():
            text = value
        case bool():
            text = "TRUE" if value else "FALSE"
        case int() | float():
            text = _number(value)
        case datetime():
            moment = _whole_second(value)
            text = str(moment.date() if moment.time() == time() else moment)
        case date():
            text = str(value)
        case time():
            text = str(_whole_second(datetime.combine(date(1900, 1, 1), value)).time())
        case _:
            text = _duration(value)
    return text


EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number; what stands behind them is made up."""


def _number(value: float) -> str:
    """Write a number so that it has one reading only, whatever the decimal sign of the texts.

    One beyond the exact ones ends with a point: as an amount it is what it was, as an id it can be
    told from digits that somebody has typed.
    """
    if value == int(value):
        return str(int(value)) + "." * (abs(value) >= EXACT)
    text = repr(value)
    text = format(Decimal(text), "f") if "e" in text else text
    return f"{text}0" if _LIKE_GROUPS.fullmatch(text) else text


_LIKE_GROUPS = re.compile(r"-?\d{1,3}\.\d{3}")


def _whole_second(moment: datetime) -> datetime:
    """Round away what a day's fraction cannot hold."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours}:{minute:02}:{second:02}"
