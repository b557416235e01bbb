"""JSON, the contract with scripts; `results.schema.json` beside this file describes it.

Numbers are written digit by digit as they were computed, never through a float. Fields are only
ever added within version 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kpictl.report import monitoring, recognition_json
from kpictl.report.format import in_zone
from kpictl.report.pay import json as pay
from kpictl.report.phrases import LEFT_OUT, command_for, message, whose
from kpictl.values import VALUE_PLACES, to_decimal

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.app.trend import Trend
    from kpictl.errors import Problem
    from kpictl.report import Options
    from kpictl.values import (
        Column,
        LeftOut,
        Period,
        Reach,
        Results,
        Row,
        Score,
        Scorecard,
        Unit,
        WholePerson,
    )

VERSION = 1
# Legal in JSON, but a terminal or a reader would obey them; they are written as \uXXXX.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def render(results: Results, options: Options) -> str:
    return written(to_dict(results, options.lang))


def written(value: dict[str, Any]) -> str:
    """Return JSON with every decimal digit by digit, and nothing that a terminal would obey."""
    out: list[str] = []
    _write(value, "\n", out)
    return "".join(out) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `render` writes."""
    text = resources.files("kpictl.report").joinpath("results.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def span(period: Period) -> dict[str, Any]:
    """Return a period: how it is written, its first instant, and the one after its last."""
    ends = {"from": period.start.isoformat(), "to": period.end.isoformat()}
    return {"text": period.text, **ends}


def company(computed: Results | Trend | TargetList, lang: str) -> dict[str, Any]:
    """Return whose figures they are, and in which language they are told."""
    return {
        "name": computed.company_name,
        "currency": computed.currency,
        "timezone": computed.timezone,
        "language": lang,
    }


def to_dict(results: Results, lang: str = "") -> dict[str, Any]:
    """Return the documented shape; numbers are `Decimal` or int, absence is None."""
    lang = lang or results.language
    period = results.period
    return {
        "kpictl": VERSION,
        "period": span(period) | ({"whole": period.whole.text} if period.whole else {}),
        "as_of": in_zone(results.as_of, results.timezone).isoformat(),
        "data_as_of": results.data_as_of
        and in_zone(results.data_as_of, results.timezone).isoformat(),
        "entities": [_reach(one, results.timezone) for one in results.reaches],
        "plan": {"file": results.plan_file, "sha256": results.plan_sha256},
        "company": company(results, lang),
        "scorecards": [_card(card) for card in results.scorecards],
        "totals": _totals(results),
        "units": [_unit(unit, results.columns) for unit in results.units],
        **_people(results),
        "left_out": [_left_out(one, results, lang) for one in results.left_out],
        "warnings": [warning(one, lang) for one in results.warnings],
        **monitoring.of_results(results),
        **recognition_json.of_results(results),
        **pay.of_results(results),
    }


def _reach(one: Reach, zone: str) -> dict[str, Any]:
    at = one.data_as_of
    return {
        "entity": one.entity,
        "data_as_of": at and in_zone(at, zone).isoformat(),
        "basis": one.basis,
    }


def _card(card: Scorecard) -> dict[str, Any]:
    units = {column.kpi: column.unit for column in card.columns}
    return {
        "id": card.id,
        "label": card.label,
        "by": card.by,
        "min_coverage": card.min_coverage,
        "hidden": card.hidden,
        "columns": [_column(column) for column in card.columns],
        "rows": [_row(row, units) for row in card.rows],
        "total": _row(card.total, units, "total") if card.total else None,
        "departments": [
            _unit(unit, {column.kpi: column for column in card.columns})
            for unit in card.departments
        ],
        **recognition_json.of_card(card),
    }


def _unit(unit: Unit, columns: Mapping[str, Column]) -> dict[str, Any]:
    units = {kpi: column.unit for kpi, column in columns.items()}
    return {
        "kind": unit.kind,
        "name": unit.name,
        "people": unit.people,
        **_weakest(unit),
        "kpis": _kpis(unit.scores, units),
    }


def _weakest(of: Row | Unit) -> dict[str, Any]:
    """Return the lowest index of a department's people, where the plan asks for it."""
    return {} if of.weakest is None else {"weakest_index": of.weakest}


def _people(results: Results) -> dict[str, Any]:
    """Return those with lines of several posts, each as one; nothing where there are none."""
    units = {kpi: column.unit for kpi, column in results.columns.items()}
    found = [_person(one, units) for one in results.whole_people]
    return {"people": found} if found else {}


def _person(one: WholePerson, units: Mapping[str, str]) -> dict[str, Any]:
    posts = [
        {
            "scorecard": line.scorecard,
            "segment": line.segment,
            "department": line.department,
            "position": line.position,
            "index": line.index,
            "days": _exact(line.days),
        }
        for line in one.lines
    ]
    return {
        "kind": "person",
        "id": one.id,
        "name": one.name,
        "index": one.index,
        "days_of": one.unit,
        "days": _exact(one.of),
        "posts": posts,
        "kpis": _kpis(one.scores, units),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "kpi": column.kpi,
        "label": column.label,
        "unit": column.unit,
        "weight": column.weight,
        "better": column.better,
        **({"level": column.level} if column.level != "person" else {}),
    }


def _row(row: Row, units: Mapping[str, str], kind: str = "row") -> dict[str, Any]:
    return {
        "kind": kind,
        "id": row.id,
        "name": row.name,
        "department": row.department,
        "position": row.position,
        "rank": row.rank,
        "index": row.index,
        "coverage": row.coverage,
        **({"segment": row.segment} if row.segment else {}),
        **monitoring.of_row(row),
        **_weakest(row),
        **recognition_json.of_row(row),
        "kpis": _kpis(row.scores, units),
    }


def _kpis(scores: Iterable[Score], units: Mapping[str, str]) -> dict[str, Any]:
    return {score.kpi: _kpi(score, units.get(score.kpi, "")) for score in scores}


def _kpi(score: Score, unit: str) -> dict[str, Any]:
    fact, target = score.fact, score.target
    above, below = fact.parts or (None, None)
    return {
        "value": fact.value,
        "unit": unit,
        "state": str(score.state),
        "n": fact.n,
        "target": target.value if target else None,
        "attainment": score.attainment,
        "score": score.points,
        "weight": score.weight,
        "target_level": target.level if target else None,
        "target_place": str(target.place) if target and target.place else None,
        "target_derivation": target.derivation if target else "",
        "need": fact.need,
        "immature": fact.immature,
        **({"open": fact.open} if fact.open else {}),
        "lacking": fact.lacking,
        "lacking_rate": fact.lacking_rate,
        "numerator": _exact(above),
        "denominator": _exact(below),
        "counted": score.counted,
        "substituted": score.substituted,
        **monitoring.of_score(score),
    }


def _exact(number: Fraction | None) -> Decimal | None:
    return None if number is None else to_decimal(number, VALUE_PLACES)


def _totals(results: Results) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for card in results.scorecards:
        units = {column.kpi: column.unit for column in card.columns}
        totals[card.id] = card.total and {
            "index": card.total.index,
            "coverage": card.total.coverage,
            "kpis": _kpis(card.total.scores, units),
        }
    units = {kpi: column.unit for kpi, column in results.columns.items()}
    return totals | {"company": {"kpis": _kpis(results.company, units)}}


def _left_out(one: LeftOut, results: Results, lang: str) -> dict[str, Any]:
    return {
        "kpi": one.kpi,
        "entity": one.entity,
        "reason": one.reason,
        "count": one.count,
        "amount": one.amount,
        "ids": list(one.ids),
        "detail": whose(one, lang),
        "command": command_for(results, one.kpi, LEFT_OUT),
    }


def warning(problem: Problem, lang: str) -> dict[str, Any]:
    return {
        "code": problem.code,
        "level": problem.level,
        "place": str(problem.place) if problem.place else None,
        "message": message(problem, lang),
    }


def _write(value: Any, line: str, out: list[str]) -> None:
    """Add the text of a value; `line` is the line break with the indent of where it stands."""
    if isinstance(value, str):
        out.append(_quoted(value))
    elif isinstance(value, Decimal):
        out.append(f"{value:f}" if value.is_finite() else "null")
    elif isinstance(value, dict | list):
        _write_many(value, line, out)
    else:
        out.append(_plain(value))


def _write_many(value: dict[str, Any] | list[Any], line: str, out: list[str]) -> None:
    named = isinstance(value, dict)
    if not value:
        out.append("{}" if named else "[]")
        return
    deeper = line + "  "
    before = ("{" if named else "[") + deeper
    for held in value:
        out.append(before)
        before = "," + deeper
        if isinstance(value, dict):
            out.append(_quoted(held) + ": ")
            _write(value[held], deeper, out)
        else:
            _write(held, deeper, out)
    out.append(line + ("}" if named else "]"))


@lru_cache(1 << 12, typed=True)
def _plain(value: float | bool | None) -> str:
    return json.dumps(value)


@cache
def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
