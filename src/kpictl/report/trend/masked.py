"""A trend with numbers in place of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.report.view import masked_problems
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Trend


def masked(trend: Trend, lang: str) -> Trend:
    """Return the trend with people numbered in the order of its lines, the same person the same
    everywhere."""
    numbers: dict[str, int] = {}
    names: dict[str, int] = {}

    def line(one: Line) -> Line:
        if one.kind != "row":
            return one
        number = numbers.setdefault(one.id, len(numbers) + 1)
        names.setdefault(one.name, number)
        return replace(one, id=str(number), name=say(lang, "report.masked", n=number))

    tables = tuple(replace(table, lines=tuple(map(line, table.lines))) for table in trend.tables)
    warnings = masked_problems(trend.warnings, names | numbers, lang)
    return replace(trend, tables=tables, warnings=warnings)
