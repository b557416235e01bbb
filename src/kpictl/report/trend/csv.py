"""A trend as CSV, for programs or for Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report.csv import Sheet, written
from kpictl.report.trend import rows, texts

if TYPE_CHECKING:
    from kpictl.app.trend import Trend
    from kpictl.report import Options


def render_trend(trend: Trend, options: Options) -> bytes:
    sheet = Sheet(rows.COLUMNS, _plain(trend), "trend.column.", rows.worded)
    return written(sheet, texts.numbers_of(trend, options.lang), excel=options.excel)


def _plain(trend: Trend) -> list[list[object]]:
    """Return the rows with `over` in the word that JSON has for it."""
    place = rows.COLUMNS.index("over")
    found = [list(line) for line in rows.rows(trend)]
    for line in found:
        line[place] = "true" if line[place] else "false"
    return found
