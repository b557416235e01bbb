"""The list of targets with numbers in place of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.report.view import masked_problems
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList


def masked(listed: TargetList, lang: str) -> TargetList:
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
