"""The list of targets with numbers in place of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.report.view import Numbering

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList


def masked(listed: TargetList, lang: str) -> TargetList:
    """Return the list with people numbered in its order."""
    people = Numbering()

    def line(one: TargetLine) -> TargetLine:
        if one.kind != "employee":
            return one
        ident, name = people.masked(one.id, one.name, lang)
        return replace(one, id=ident, name=name, shown=name, email="")

    lines = tuple(map(line, listed.lines))
    return replace(listed, lines=lines, warnings=people.problems(listed.warnings, lang))
