"""The checklist before paying in the form that somebody needs: a page, or a table for programs.

Each form is a module here with `render_ready(readiness, options)`, by the names of
`kpictl.report.FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report import as_asked, render_page

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import Readiness

FORMS = ("table", "json", "csv", "md")


def render(readiness: Readiness, form: str, options: Options) -> bytes | str:
    """Return the list in one of `FORMS`."""
    language = readiness.results.language
    output: bytes | str = render_page("ready", readiness, form, options, language)
    return output


def render_unmatched(readiness: Readiness, options: Options) -> bytes:
    """Return as CSV all records for which an assertion finds no partner, or another figure."""
    from kpictl.report.ready import csv

    return csv.render_unmatched(*as_asked("ready", readiness, options, readiness.results.language))
