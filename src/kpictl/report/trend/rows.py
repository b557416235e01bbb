"""A trend as rows for programs and for sheets: one line per subject and period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpictl.report.format import Numbers, unit_word
from kpictl.values import VALUE_PLACES, to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Table, Trend

INDEX = "index"  # stands where the id of a KPI does
COLUMNS = (
    *("scorecard", "kind", "id", "name", "department", "kpi", "label", "unit"),
    *("period", "from", "to", "over", "value", "state", "n", "target", "attainment", "score"),
    *("rank", "coverage", "change", "change_percent", "rank_change"),
)


def rows(trend: Trend) -> Iterator[tuple[Any, ...]]:
    """Yield the lines in the order of `COLUMNS`; `from` and `to` are days, `over` says whether the
    period is over, changes are against the period before."""
    for table in trend.tables:
        for line in table.lines:
            yield from _line(trend, table, line)


def _line(trend: Trend, table: Table, line: Line) -> Iterator[tuple[Any, ...]]:
    name = line.name or (trend.company_name if line.kind == "company" else None)
    whose = (table.id or None, line.kind, line.id or None, name or None, line.department)
    what = (trend.kpi or INDEX, trend.label or None, trend.unit or None)
    for place, (period, point) in enumerate(zip(trend.periods, line.points, strict=True)):
        change = line.change(place)
        when = (period.text, period.first, period.last, trend.is_over(period))
        value = None if point.exact is None else to_decimal(point.exact, VALUE_PLACES)
        held = (value, str(point.state), point.n, point.target, point.attainment, point.score)
        moved = (None, None) if change is None else (change.delta, change.percent)
        rank = line.rank_change(place)
        yield (*whose, *what, *when, *held, point.rank, point.coverage, *moved, rank)


def worded(name: str, value: Any, numbers: Numbers) -> Any:
    """Return a value as it is written for people: codes in words."""
    lang = numbers.lang
    if value is None:
        return None
    if name in ("state", "kind"):
        return say(lang, f"report.{name}.{value}")
    if name == "over":
        return say(lang, "trend.yes" if value else "trend.no")
    if name == "kpi" and value == INDEX:
        return say(lang, "trend.index")
    return unit_word(value, numbers) if name == "unit" else value
