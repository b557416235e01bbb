"""Workbooks (xlsx, xls, xlsb, ods) as rows of text."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.tables import ods, ooxml, xls, xlsb
from kpictl.tables.archive import Archive
from kpictl.tables.file import Source, Wishes, refusal
from kpictl.tables.outline import MAX_CELLS, Outline
from kpictl.tables.silence import silence
from kpictl.tables.spool import Spooled, spool

T = TypeVar("T")


def convert(source: Source, kind: str, scratch: Path, wishes: Wishes) -> Spooled:
    """Write one sheet of a workbook as a text table."""
    origin = source.origin
    try:
        with silence():
            return _convert(_opened(source, kind), origin, scratch, wishes)
    except PasswordError:
        raise refusal(origin, "table.password") from None
    except CalamineError:
        raise refusal(origin, "table.binary", kind=kind) from None


def names(source: Source, kind: str) -> list[str]:
    """Return the names of the visible sheets; none of a workbook that cannot be read."""
    try:
        with silence():
            book = _opened(source, kind)
            _measure(book, source.origin)
            content = book.content("", Outline())
            return _candidates(patiently(lambda: _load(content)), source.origin, None)
    except (PasswordError, CalamineError, SourceError):
        return []


class Book(Protocol):
    """What can be told of a workbook of some kind before it is read."""

    epoch: int

    def taken_in_at_once(self) -> list[tuple[str, Outline]]:
        """Return the sheets that a reader makes room for when it opens the file."""

    def outline(self, sheet: str, number: int) -> Outline:
        """Return how far a sheet reaches, given its name and its place among the sheets from 0.

        SourceError where the file has no such sheet.
        """

    def content(self, sheet: str, outline: Outline) -> bytes:
        """Return the bytes of a file in which the reader knows every cell of a sheet."""


def _opened(source: Source, kind: str) -> Book:
    if kind != "ZIP":
        return xls.Workbook(source)
    archive = Archive(source.path, source.origin)
    if ooxml.WORKBOOK in archive:
        return ooxml.Workbook(archive)
    if xlsb.WORKBOOK in archive:
        return xlsb.Workbook(archive)
    if ods.is_spreadsheet(archive):
        return ods.Workbook(archive)
    raise refusal(source.origin, "table.binary", kind=kind)


def _convert(book: Book, origin: str, scratch: Path, wishes: Wishes) -> Spooled:
    _measure(book, origin)
    content = book.content("", Outline())
    reader = patiently(lambda: _load(content))
    for name in _candidates(reader, origin, wishes.sheet):
        outline = book.outline(name, reader.sheet_names.index(name))
        if outline.too_large:
            raise _too_large(origin, name, outline)
        sheet = _sheet(reader, book, name, outline, content)
        if sheet.height or outline.texts:
            rows = _Rows(sheet, outline.texts, origin)
            made = spool(rows.texts(), origin, scratch, wishes.header_row, rows.width())
            return replace(made, epoch=book.epoch)
    raise refusal(origin, "table.empty")


def _measure(book: Book, origin: str) -> None:
    """Refuse a workbook whose sheets are too large, each or together, for a reader that takes in
    all of them."""
    sheets = book.taken_in_at_once()
    for name, outline in sheets:
        if outline.too_large:
            raise _too_large(origin, name, outline)
    if sum(outline.area for _, outline in sheets) > MAX_CELLS:
        raise _too_large(origin, *max(sheets, key=lambda sheet: sheet[1].area))


def _load(content: bytes) -> CalamineWorkbook:
    # It is not closed: after Ctrl-C the other thread may still be reading it.
    return CalamineWorkbook.from_filelike(io.BytesIO(content))


def _sheet(
    reader: CalamineWorkbook, book: Book, name: str, outline: Outline, content: bytes
) -> CalamineSheet:
    """Return a sheet, if need be of a copy in which the reader knows every cell."""
    known = book.content(name, outline)
    if known == content:
        return patiently(lambda: reader.get_sheet_by_name(name))
    copy = patiently(lambda: _load(known))
    return patiently(lambda: copy.get_sheet_by_name(name))


def patiently(work: Callable[[], T]) -> T:
    """Return what the work gives, while Ctrl-C is heard: the reader of workbooks does not listen,
    but lets other threads run."""
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  a panic of the reader is no Exception
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if not failures:
        return results[0]
    if isinstance(failures[0], Exception):
        raise failures[0]
    raise CalamineError(str(failures[0]))


def _too_large(origin: str, sheet: str, outline: Outline) -> SourceError:
    row, column = outline.last_column
    data = {
        "sheet": sheet,
        "cell": outline.far_cells(),
        "rows": outline.height,
        "columns": outline.width,
    }
    return SourceError([Problem("table.far_cell", Place(origin, row + 1, column + 1), data)])


def _candidates(book: CalamineWorkbook, origin: str, name: str | None) -> list[str]:
    """Return the sheet of that name, or the visible ones, of which the first with anything holds
    the table."""
    if name is not None:
        alike = [known for known in book.sheet_names if fold(known) == fold(name)]
        if alike:
            return [name if name in alike else alike[0]]
        sheets = ", ".join(book.sheet_names)
        raise refusal(origin, "table.sheet", sheet=name, sheets=sheets)
    return [
        about.name
        for about in book.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]


_PANIC = "PanicException"  # of the reader's language: no Exception, and nobody exports its name


class _Rows:
    """The rows of a sheet from its first one and its column A on, as texts."""

    def __init__(
        self, sheet: CalamineSheet, valueless: Mapping[tuple[int, int], str], origin: str
    ) -> None:
        self._sheet, self._origin = sheet, origin
        self._left = sheet.start[1] if sheet.start else 0
        self._valueless: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in sorted(valueless.items()):
            self._valueless.setdefault(row, []).append((column, text))

    def _read(self) -> Iterator[list[Any]]:
        """Yield the rows of the reader, which fails at a time of more years than there are."""
        rows, number = iter(self._sheet.iter_rows()), 0
        while True:
            number += 1
            try:
                row = next(rows, None)
            except BaseException as error:
                if isinstance(error, (OverflowError, ValueError)) or type(error).__name__ == _PANIC:
                    raise refusal(self._origin, "table.far_time", number) from None
                raise
            if row is None:
                return
            yield row

    def width(self) -> int:
        """Return the number of columns up to the last one that holds anything."""
        width = 0
        for row in self._read():
            if row[width:].count("") != len(row) - width:
                width = max(place for place, cell in enumerate(row, 1) if cell != "")
            if width == len(row):
                break
        last = max((cells[-1][0] + 1 for cells in self._valueless.values()), default=0)
        return max(last, self._left + width if width else 0)

    def texts(self) -> Iterator[list[str]]:
        before = [""] * self._left
        number = -1
        for number, row in enumerate(self._read()):
            cells = [
                cell
                if cell.__class__ is str
                else (_number(cell) if cell.__class__ is float else cell_text(cell))
                for cell in row
            ]
            if before:
                cells = before + cells
            yield self._filled(number, cells) if number in self._valueless else cells
        for later in range(number + 1, max(self._valueless, default=-1) + 1):
            yield self._filled(later, [])

    def _filled(self, number: int, cells: list[str]) -> list[str]:
        for column, text in self._valueless.get(number, ()):
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text  # the reader gives nothing, or the 0 that some programs write
        return cells


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
    """Write a number so that it has one reading only, whatever the decimal sign of the texts. It is
    taken to fifteen digits and ten decimals: a cell that shows 0.3 may hold 0.30000000000000004.

    One beyond the exact ones ends with a point: as an amount it is what it was, as an id it can be
    told from digits that somebody has typed.
    """
    text = repr(value)
    if len(text) <= _SHORT and value and "n" not in text and "e" not in text:
        if text.endswith(".0"):
            return text[:-2]
        if text[-4:-3] != ".":  # 1.234 may be 1234
            return text
    return _long_number(value)


def _long_number(value: float) -> str:
    if not isfinite(value):  # a file may hold what no spreadsheet program computes
        return "#NUM!"
    if value == int(value):
        return str(int(value)) + "." * (abs(value) >= EXACT)
    exact = Decimal(f"{value:.15g}")
    text = f"{exact.quantize(_FINEST, ROUND_HALF_UP):f}".rstrip("0").removesuffix(".")
    return f"{text}0" if _LIKE_GROUPS.fullmatch(text) else text


_SHORT = 12
"""So many characters, a point among them, have no more than eleven digits and ten decimals."""
_FINEST = Decimal("1e-10")  # the last decimal that a number keeps
_LIKE_GROUPS = re.compile(r"-?\d{1,3}\.\d{3}")


def _whole_second(moment: datetime) -> datetime:
    """Round away what a day's fraction cannot hold."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours}:{minute:02}:{second:02}"
