"""The list of targets in the form that somebody needs: a page, a table for programs, a workbook.

Each form is a module here with `render_targets(listed, options)`, by the names of
`kpictl.report.FORMATS`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.report import Options

FORMS = ("table", "json", "csv", "xlsx")


def render(listed: TargetList, form: str, options: Options) -> bytes | str:
    """Return the list in one of `FORMS`."""
    from kpictl.report.targets.masked import masked  # `--help` needs the names of the forms alone

    chosen = replace(options, lang=options.lang or listed.language)
    shown = masked(listed, chosen.lang) if chosen.mask else listed
    module = importlib.import_module(f"kpictl.report.targets.{form}")
    output: bytes | str = module.render_targets(shown, chosen)
    return output
