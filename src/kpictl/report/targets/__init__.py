"""The list of targets in the form that somebody needs: a page, a table for programs, a workbook.

Each form is a module here with `render_targets(listed, options)`, by the names of
`kpictl.report.FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report import render_page

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.report import Options

FORMS = ("table", "json", "csv", "xlsx")


def render(listed: TargetList, form: str, options: Options) -> bytes | str:
    """Return the list in one of `FORMS`."""
    output: bytes | str = render_page("targets", listed, form, options, listed.language)
    return output
