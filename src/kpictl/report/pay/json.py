"""The pay of results as JSON: figures as exact decimals, steps by code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpictl.errors import Place
from kpictl.report.pay.rows import exact

if TYPE_CHECKING:
    from kpictl.values import Adjustment, FundUse, Gate, PayLine, PayPart, PayStep, Results


def of_results(results: Results) -> dict[str, Any]:
    """Return the field `pay` where it was asked for."""
    pay = results.pay
    if pay is None:
        return {}
    lines, funds = [_line(one) for one in pay.lines], [_fund(one) for one in pay.funds]
    return {"pay": {"total": pay.total, "lines": lines, "funds": funds}}


def _line(line: PayLine) -> dict[str, Any]:
    return {
        "scorecard": line.scorecard,
        "id": line.id,
        "name": line.name,
        **({"segment": line.segment} if line.segment else {}),
        "department": line.department,
        "position": line.position,
        "state": line.state,
        "lacks": line.lacks or None,
        "parts": [_part(one) for one in line.parts],
        "gates": [_gate(one) for one in line.gates],
        "steps": _steps(line.steps),
        "earned": exact(line.earned),
        "amount": line.amount,
        "adjustments": [_adjustment(one) for one in line.adjustments],
        "carried": line.carried,
        **_release(line),
        "payout": line.payout,
        "balance": line.balance,
    }


def _part(part: PayPart) -> dict[str, Any]:
    return {
        "id": part.id,
        "label": part.label,
        "base": part.base,
        "full": exact(part.full),
        "percent": exact(part.percent),
        "amount": exact(part.amount),
        "steps": _steps(part.steps),
    }


def _steps(steps: Iterable[PayStep]) -> list[dict[str, Any]]:
    return [
        {
            "code": step.code.removeprefix("pay."),
            "figures": {name: _figure(value) for name, value in step.data.items()},
            "amount": exact(step.amount),
            "place": _place(step.place),
        }
        for step in steps
    ]


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "id": gate.id,
        "label": gate.label,
        "when": gate.when,
        "then": gate.then,
        "met": gate.met,
        "figures": dict(gate.figures),
        "place": _place(gate.place),
    }


def _adjustment(one: Adjustment) -> dict[str, Any]:
    return {
        "id": one.id,
        "amount": one.amount,
        "reason": one.reason,
        "author": one.author,
        "date": one.written and one.written.isoformat(),
        "part": one.part or None,
        "kpi": one.kpi or None,
        "refers_to": one.refers_to or None,
        "place": _place(one.place),
    }


def _release(line: PayLine) -> dict[str, Any]:
    found = line.release
    if found is None:
        return {}
    names = ("earned", "before", "released", "waiting")
    return {"release": {name: getattr(found, name) for name in names}}


def _fund(fund: FundUse) -> dict[str, Any]:
    return {
        "id": fund.id,
        "kind": fund.kind,
        "scorecards": list(fund.scorecards),
        "limit": fund.limit,
        "computed": exact(fund.computed),
        "paid": fund.paid,
        "met": fund.met,
        "when": fund.when or None,
        "figures": dict(fund.figures),
        "place": _place(fund.place),
    }


def _figure(value: Any) -> Any:
    """Return a figure of a step: decimals, texts, and lists of such."""
    if isinstance(value, Fraction | Decimal):
        return exact(value)
    if isinstance(value, tuple | list):
        return [_figure(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Place) else value


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)
