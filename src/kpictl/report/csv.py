"""CSV, one line per person and KPI, written from the frame.

Plain: UTF-8, `,`, a decimal point, columns named as in the frame; for programs. With
`Options.excel`: a byte order mark, captions in words, and in Russian `;` with a decimal comma,
which is what a Russian Excel opens by double click. Text that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpictl.report.dataframe import worded
from kpictl.report.format import Numbers, clean
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
    frame = results.to_frame()
    lang = options.lang or results.language
    russian = options.excel and lang == "ru"
    names = [str(name) for name in frame.columns]
    heads = [say(lang, f"report.column.{name}") for name in names] if options.excel else names
    buffer = io.StringIO()
    ends = "\r\n" if options.excel else "\n"
    writer = csv.writer(buffer, delimiter=";" if russian else ",", lineterminator=ends)
    writer.writerow(heads)
    numbers = Numbers.of(results, lang)
    for line in frame.itertuples(index=False, name=None):
        cells = list(line)
        if options.excel:
            pairs = zip(names, line, strict=True)
            cells = [worded(name, value, numbers) for name, value in pairs]
        writer.writerow([_cell(value, comma=russian) for value in cells])
    return buffer.getvalue().encode("utf-8-sig" if options.excel else "utf-8")


def _cell(value: Any, *, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (Decimal, int)):
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if comma else text
    return neutral(str(value))
