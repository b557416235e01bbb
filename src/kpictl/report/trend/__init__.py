"""A trend in the form that somebody needs: a page, a table for programs, a workbook.

The formats are those of `kpictl.report`, by the same names and endings; each is a module here with
`render_trend(trend, options)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report import render_page

if TYPE_CHECKING:
    from kpictl.app.trend import Trend
    from kpictl.report import Options


def render(trend: Trend, form: str, options: Options) -> bytes | str:
    """Return the trend in one of `kpictl.report.FORMATS`."""
    output: bytes | str = render_page("trend", trend, form, options, trend.language)
    return output
