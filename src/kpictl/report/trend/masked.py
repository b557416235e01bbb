"""A trend with numbers in place of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.report.view import Numbering

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Trend


def masked(trend: Trend, lang: str) -> Trend:
    """Return the trend with people numbered in the order of its lines, the same person the same
    everywhere."""
    people = Numbering()

    def line(one: Line) -> Line:
        if one.kind != "row":
            return one
        ident, name = people.masked(one.id, one.name, lang)
        return replace(one, id=ident, name=name)

    tables = tuple(replace(table, lines=tuple(map(line, table.lines))) for table in trend.tables)
    return replace(trend, tables=tables, warnings=people.problems(trend.warnings, lang))
