"""The checklist before paying in the form that somebody needs: a page, or a table for programs.

Each form is a module here with `render_ready(readiness, options)`, by the names of
`kpictl.report.FORMATS`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import Readiness

FORMS = ("table", "json", "csv", "md")


def render(readiness: Readiness, form: str, options: Options) -> bytes | str:
    """Return the list in one of `FORMS`."""
    shown, chosen = _seen(readiness, options)
    module = importlib.import_module(f"kpictl.report.ready.{form}")
    output: bytes | str = module.render_ready(shown, chosen)
    return output


def render_unmatched(readiness: Readiness, options: Options) -> bytes:
    """Return as CSV all records for which an assertion finds no partner, or another figure."""
    from kpictl.report.ready import csv

    return csv.render_unmatched(*_seen(readiness, options))


def _seen(readiness: Readiness, options: Options) -> tuple[Readiness, Options]:
    """Return what is to be shown, and in which language."""
    from kpictl.report.ready.masked import masked  # `--help` needs the names of the forms alone

    chosen = replace(options, lang=options.lang or readiness.results.language)
    return masked(readiness, chosen.lang) if chosen.mask else readiness, chosen
