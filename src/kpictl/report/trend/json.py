"""A trend as JSON; `kpictl schema --of trend` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpictl.report.json import VERSION, company, span, warning, written
from kpictl.report.trend.rows import INDEX
from kpictl.values import VALUE_PLACES, to_decimal

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Point, Table, Trend
    from kpictl.report import Options
    from kpictl.values import Change


def render_trend(trend: Trend, options: Options) -> str:
    return written(to_dict(trend, options.lang))


def to_dict(trend: Trend, lang: str) -> dict[str, Any]:
    """Return the documented shape; numbers are `Decimal` or int, absence is None."""
    return {
        "kpictl": VERSION,
        "kpi": trend.kpi or INDEX,
        "label": trend.label or None,
        "unit": trend.unit or None,
        "better": trend.better,
        "by": trend.by,
        "periods": [span(one) | {"over": trend.is_over(one)} for one in trend.periods],
        "as_of": trend.as_of.isoformat(),
        "data_as_of": trend.data_as_of and trend.data_as_of.isoformat(),
        "plan": {"file": trend.plan_file, "sha256": trend.plan_sha256},
        "company": company(trend, lang),
        "tables": [_table(one, trend) for one in trend.tables],
        "warnings": [warning(one, lang) for one in trend.warnings],
    }


def _table(table: Table, trend: Trend) -> dict[str, Any]:
    lines = [_line(one, trend) for one in table.lines]
    return {"scorecard": table.id or None, "label": table.label or None, "lines": lines}


def _line(line: Line, trend: Trend) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "id": line.id or None,
        "name": line.name or None,
        "department": line.department,
        **({"segment": line.segment} if line.segment else {}),
        "points": [_point(line, place, trend) for place in range(len(line.points))],
    }


def _point(line: Line, place: int, trend: Trend) -> dict[str, Any]:
    point: Point = line.points[place]
    return {
        "period": trend.periods[place].text,
        "value": None if point.exact is None else to_decimal(point.exact, VALUE_PLACES),
        "state": str(point.state),
        "n": point.n,
        "need": point.need,
        "target": point.target,
        "attainment": point.attainment,
        "score": point.score,
        "rank": point.rank,
        "coverage": point.coverage,
        **_change(line.change(place)),
        "rank_change": line.rank_change(place),
    }


def _change(change: Change | None) -> dict[str, Any]:
    if change is None:
        return {"change": None, "change_percent": None}
    return {"change": change.delta, "change_percent": change.percent}
