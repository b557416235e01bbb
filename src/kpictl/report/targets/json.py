"""The list of targets as JSON; `kpictl schema --of targets` describes it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpictl.report.json import VERSION, company, span, warning, written
from kpictl.report.targets import rows

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList
    from kpictl.report import Options
    from kpictl.scoring.target_remarks import Assignment
    from kpictl.values import Target


def render_targets(listed: TargetList, options: Options) -> str:
    return written(to_dict(listed, options.lang))


def to_dict(listed: TargetList, lang: str) -> dict[str, Any]:
    """Return the documented shape; numbers are `Decimal` or int, absence is None."""
    return {
        "kpictl": VERSION,
        "period": span(listed.period),
        "as_of": listed.as_of.isoformat(),
        "plan": {"file": listed.plan_file, "sha256": listed.plan_sha256},
        "company": company(listed, lang),
        "targets": [_line(line) for line in listed.lines],
        "goals": [_assignment(one) for one in listed.assignments],
        "warnings": [warning(one, lang) for one in listed.warnings],
    }


def _line(line: TargetLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "scorecard": line.scorecard or None,
        "id": line.id or None,
        "name": line.name or None,
        "department": line.department,
        **({"segment": line.segment} if line.segment else {}),
        "kpi": line.kpi,
        "label": line.label,
        "unit": line.unit,
        "state": rows.state(line),
        **_target(line.target),
        "overruled": [_target(one) for one in line.target.overruled] if line.target else [],
    }


def _target(target: Target | None) -> dict[str, Any]:
    if target is None:
        return {"target": None, "level": None, "place": None, "derivation": "", "steps": []}
    return {
        "target": target.value,
        "level": target.level,
        "place": str(target.place) if target.place else None,
        "derivation": target.derivation,
        "steps": [
            {"code": step.code, "data": {name: _plain(v) for name, v in step.data.items()}}
            for step in target.steps
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | int | str) or value is None:
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _assignment(one: Assignment) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name or None,
        "kpi": one.kpi,
        "goal": one.goal.value,
        "given_to": one.of,
        "given": one.total,
        "difference": one.difference,
        "percent": one.percent,
        "count": one.count,
        "lacking": one.lacking,
    }
