"""A trend in the form that somebody needs: a page, a table for programs, a workbook.

The formats are those of `kpictl.report`, by the same names and endings; each is a module here with
`render_trend(trend, options)`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from kpictl.app.trend import Trend
    from kpictl.report import Options


def render(trend: Trend, form: str, options: Options) -> bytes | str:
    """Return the trend in one of `kpictl.report.FORMATS`."""
    from kpictl.report.trend.masked import masked  # `--help` needs the names of the forms alone

    chosen = replace(options, lang=options.lang or trend.language)
    shown = masked(trend, chosen.lang) if chosen.mask else trend
    module = importlib.import_module(f"kpictl.report.trend.{form}")
    output: bytes | str = module.render_trend(shown, chosen)
    return output
