"""What every sheet of a workbook needs: formats by name, safe text, number formats, sheet names."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from kpictl.report.format import Numbers, clean, symbol, unit_word
from kpictl.report.terminal import widest

if TYPE_CHECKING:
    from kpictl.values import Column

    class Sourced(Protocol):
        """What a workbook is made of: results, or a trend."""

        @property
        def company_name(self) -> str: ...
        @property
        def as_of(self) -> datetime: ...


INK, GREY, LINE, PALE, HEAD = "#1F2933", "#7B8794", "#CBD2D9", "#EEF1F4", "#E4E7EB"
_LARGEST_CELL = 10**15
LONGEST_NAME = 31  # of a sheet, in UTF-16 units
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
# Widths of columns are counted in digits of this font: one that every machine has, or its like.
_FONT = {"font_name": "Arial", "font_size": 10}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_BASE = {**_FONT, "font_color": INK, "valign": "vcenter"}


class Book(Struct):
    """An open workbook in memory. Sheets are `Any`: xlsxwriter ships no types."""

    numbers: Numbers
    buffer: io.BytesIO = field(default_factory=io.BytesIO)
    workbook: Any = None
    _formats: dict[str, Any] = {}
    _names: set[str] = set()

    @classmethod
    def about(cls, results: Sourced, numbers: Numbers) -> Book:
        """Open a workbook whose bytes depend on nothing but the results."""
        import xlsxwriter

        book = cls(numbers)
        # xlsxwriter takes the font out of the mapping that it is given: a second workbook needs
        # one of its own.
        options = _OPTIONS | {"default_format_properties": dict(_FONT)}
        book.workbook = xlsxwriter.Workbook(book.buffer, options)
        book.workbook.set_properties(
            {
                "title": clean(results.company_name),
                "created": results.as_of.astimezone(UTC).replace(tzinfo=None),
                "comments": "kpictl",
            }
        )
        return book

    def format(self, **wanted: Any) -> Any:
        """Return the format with these properties over the house's own, made once."""
        key = repr(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(_BASE | wanted)
        return self._formats[key]

    def reserve(self, name: str) -> str:
        """Return a valid name for a sheet that no other sheet has."""
        base = clean(name).translate(_FORBIDDEN).strip(" '") or "KPI"
        if base.casefold() == "history":  # Excel keeps this one for itself
            base += " KPI"
        unique, number = cut(base, LONGEST_NAME), 1
        while unique.casefold() in self._names:
            number += 1
            mark = f" ({number})"
            unique = cut(base, LONGEST_NAME - len(mark)) + mark
        self._names.add(unique.casefold())
        return unique

    def sheet(self, name: str) -> Any:
        """Add a sheet under a reserved name."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        return sheet

    def bytes(self) -> bytes:
        self.workbook.close()
        return self.buffer.getvalue()

    def number_format(self, column: Column, values: Iterable[Decimal]) -> str:
        """Return the number format of a KPI's facts and targets, with unit and currency."""
        seen = list(values)
        whole = all(value == value.to_integral_value() for value in seen)
        largest = max(map(abs, seen), default=Decimal(0))
        if column.unit == "money":
            return self._money("#,##0" if whole or largest >= 10_000 else "#,##0.00")
        if column.unit == "percent":
            return "0.0" + self.percent_sign
        shape = "#,##0" if whole or largest >= 10_000 else "#,##0.0"
        unit = _literal(unit_word(column.unit, self.numbers))
        return f'{shape}" {unit}"' if unit else shape

    @property
    def percent_sign(self) -> str:
        """Values are percent already, so the sign is text and does not multiply."""
        return '" %"' if self.numbers.lang == "ru" else '"%"'

    def _money(self, shape: str) -> str:
        mark = _literal(symbol(self.numbers.currency, self.numbers.lang))
        if self.numbers.lang == "ru":
            return f'{shape}" {mark}"'
        gap = " " if mark.isalpha() else ""
        return f'"{mark}{gap}"{shape};-"{mark}{gap}"{shape}'


def write(sheet: Any, place: tuple[int, int], value: Any, style: Any) -> None:
    """Write a number as a number, a day as a day, all else as text that is never a formula.

    A cell holds a binary float: beyond 15 digits before the point it would show another number, so
    that such a one is text as well.
    """
    if value is None:
        sheet.write_blank(*place, None, style)
    elif isinstance(value, Decimal | int) and -_LARGEST_CELL < value < _LARGEST_CELL:
        sheet.write_number(*place, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(*place, datetime.combine(value, time.min), style)
    else:
        sheet.write_string(*place, clean(str(value)), style)


def room(texts: Iterable[str], least: int, most: int) -> int:
    """Return a column width that fits the texts, within bounds."""
    return max(least, min(widest(texts) + 2, most))


def cut(text: str, units: int) -> str:
    """Cut text to so many UTF-16 units, which is how Excel counts; never inside a character."""
    kept = text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")
    return kept.strip(" '")


def _literal(text: str) -> str:
    return clean(text).replace('"', "").replace("\\", "")
