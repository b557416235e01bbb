"""CSV, one line per person and KPI, written from the frame.

Plain: UTF-8, `,`, a decimal point, columns named as in the frame; for programs. With
`Options.excel`: a byte order mark, captions in words, and in Russian `;` with a decimal comma,
which is what a Russian Excel opens by double click. Text that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.report.dataframe import to_frame, worded
from kpictl.report.format import Numbers, clean
from kpictl.report.pay.rows import figures
from kpictl.report.pay.texts import PayTexts
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import Results

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """Return text that no spreadsheet runs as a formula.

    >>> neutral("=cmd|'/c calc'!A1")
    "'=cmd|'/c calc'!A1"
    """
    tame = clean(text)
    return (
        f"'{tame}" if text.startswith(FORMULA_STARTS) or tame.startswith(FORMULA_STARTS) else tame
    )


def render(results: Results, options: Options) -> bytes:
    numbers = Numbers.of(results, options.lang or results.language)
    in_words = PayTexts(numbers, results.columns).row if options.excel else figures
    frame = to_frame(results, in_words)
    names = [str(name) for name in frame.columns]
    rows = frame.itertuples(index=False, name=None)
    return written(Sheet(names, rows, "report.column.", worded), numbers, excel=options.excel)


class Sheet(Struct, frozen=True):
    """What is written: the columns, which the table of words has under `caption` and their names
    (they are their own captions where it is empty), the rows, and how their values are said to
    people."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    caption: str = ""
    worded: Callable[[str, Any, Numbers], Any] = lambda _name, value, _numbers: value


def written(sheet: Sheet, numbers: Numbers, *, excel: bool) -> bytes:
    """Return the bytes of a CSV, for programs or for Excel."""
    lang = numbers.lang
    russian = excel and lang == "ru"
    in_words = excel and sheet.caption
    heads = [say(lang, f"{sheet.caption}{n}") for n in sheet.columns] if in_words else sheet.columns
    buffer = io.StringIO()
    ends = "\r\n" if excel else "\n"
    writer = csv.writer(buffer, delimiter=";" if russian else ",", lineterminator=ends)
    writer.writerow(heads if in_words else [neutral(head) for head in heads])
    for line in sheet.rows:
        cells = list(line)
        if excel:
            pairs = zip(sheet.columns, line, strict=True)
            cells = [sheet.worded(name, value, numbers) for name, value in pairs]
        writer.writerow([_cell(value, comma=russian) for value in cells])
    return buffer.getvalue().encode("utf-8-sig" if excel else "utf-8")


def _cell(value: Any, *, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (Decimal, int)):
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if comma else text
    return neutral(str(value))
