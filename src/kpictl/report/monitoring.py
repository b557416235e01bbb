"""The fields of JSON that are there while a period goes on, or where another one is compared."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpictl.report.format import in_zone
from kpictl.values import VALUE_PLACES, to_decimal

if TYPE_CHECKING:
    from kpictl.values import Change, Pace, Results, Row, Score


def of_results(results: Results) -> dict[str, Any]:
    found: dict[str, Any] = {}
    over, other = results.elapsed, results.comparison
    if over is not None:
        found["elapsed"] = {
            "days": _days(over.days),
            "of": _days(over.of),
            "unit": over.unit,
        }
    if other is not None:
        found["comparison"] = {
            "text": other.period.text,
            "from": other.period.start.isoformat(),
            "to": other.period.end.isoformat(),
            "as_of": in_zone(other.as_of, results.timezone).isoformat(),
            "days": other.days,
            "unit": other.unit,
        }
    if results.alert is not None:
        found["fail_on"] = {
            "condition": results.alert.condition,
            "met": [
                {
                    "kind": one.kind,
                    "scorecard": one.scorecard or None,
                    "id": one.id or None,
                    "name": one.name or None,
                    **({"segment": one.segment} if one.segment else {}),
                    "kpi": one.kpi or None,
                    "figures": dict(one.figures),
                }
                for one in results.alert.breaches
            ],
        }
    return found


def of_row(row: Row) -> dict[str, Any]:
    if row.change is None:
        return {}
    change = {"index": row.change.other, "state": str(row.change.state), "delta": row.change.delta}
    return {"change": {**change, "rank": row.other_rank, "ranks_gained": row.ranks_gained}}


def of_score(score: Score) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if score.pace is not None:
        found["pace"] = _pace(score.pace)
    if score.change is not None:
        found["change"] = _change(score.change)
    return found


def _pace(pace: Pace) -> dict[str, Any]:
    return {
        "state": pace.state,
        "elapsed": _days(pace.elapsed),
        "of": _days(pace.of),
        "unit": pace.unit,
        "expected": pace.expected,
        "percent": pace.percent,
        "forecast": pace.forecast,
        "needed_per_day": pace.needed,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "value": change.other,
        "state": str(change.state),
        "delta": change.delta,
        "percent": change.percent,
    }


def _days(days: Fraction) -> Any:
    return to_decimal(days, VALUE_PLACES)
