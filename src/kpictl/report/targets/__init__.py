"""The list of targets in the form that somebody needs: a page, a table for programs, a workbook.

Each form is a module here with `render_targets(listed, options)`, by the names of
`kpictl.report.FORMATS`.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

from kpictl.report.view import masked_problems
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.target_list import TargetLine, TargetList

FORMS = ("table", "json", "csv", "xlsx")


def render(listed: TargetList, form: str, options: Options) -> bytes | str:
    """Return the list in one of `FORMS`."""
    chosen = replace(options, lang=options.lang or listed.language)
    shown = _masked(listed, chosen.lang) if chosen.mask else listed
    module = importlib.import_module(f"kpictl.report.targets.{form}")
    output: bytes | str = module.render_targets(shown, chosen)
    return output


def _masked(listed: TargetList, lang: str) -> TargetList:
    """Return the list with people numbered in its order."""
    numbers: dict[str, int] = {}
    names: dict[str, int] = {}

    def line(one: TargetLine) -> TargetLine:
        if one.kind != "employee":
            return one
        number = numbers.setdefault(one.id, len(numbers) + 1)
        names.setdefault(one.name, number)
        name = say(lang, "report.masked", n=number)
        return replace(one, id=str(number), name=name, shown=name, email="")

    lines = tuple(map(line, listed.lines))
    warnings = masked_problems(listed.warnings, names | numbers, lang)
    return replace(listed, lines=lines, warnings=warnings)
