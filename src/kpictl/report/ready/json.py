"""The checklist as JSON; `kpictl schema --of ready` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpictl.report.format import called
from kpictl.report.json import VERSION, company, span, written
from kpictl.report.ready.texts import Teller
from kpictl.values.readiness import Verdict

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import Assertion, Check, Finding, Pair, Readiness, Reconciliation


def render_ready(readiness: Readiness, options: Options) -> str:
    return written(to_dict(readiness, options))


def to_dict(readiness: Readiness, options: Options) -> dict[str, Any]:
    """Return the documented shape; numbers are `Decimal` or int, absence is None."""
    results, teller = readiness.results, Teller.of(readiness, options)
    return {
        "kpictl": VERSION,
        "period": span(results.period),
        "as_of": results.as_of.isoformat(),
        "data_as_of": results.data_as_of and results.data_as_of.isoformat(),
        "plan": {"file": results.plan_file, "sha256": results.plan_sha256},
        "company": company(results, options.lang),
        "ready": readiness.is_ready,
        "counts": {str(verdict): readiness.count(verdict) for verdict in Verdict},
        "checks": [_check(teller, check) for check in readiness.checks],
    }


def _check(teller: Teller, check: Check) -> dict[str, Any]:
    reason = None
    if check.reason is not None:
        reason = {"code": check.reason.code, "message": teller.reason(check)}
    return {
        "id": check.id,
        "title": teller.title(check),
        "verdict": str(check.verdict),
        "reason": reason,
        "findings": [_finding(teller, one) for one in check.findings],
        **({} if check.assertion is None else {"assert": _assertion(check.assertion)}),
    }


def _finding(teller: Teller, one: Finding) -> dict[str, Any]:
    return {
        "code": one.problem.code,
        "message": teller.finding(one),
        "count": one.count,
        "amount": one.amount,
        "kpi": one.kpi or None,
        "entity": one.entity or None,
        "names": [called(name, teller.numbers.lang) for name in one.names],
        "more_names": one.more,
        "ids": list(one.ids),
        "command": teller.hint(one) if one.command else None,
        "place": str(one.problem.place) if one.problem.place else None,
    }


def _assertion(found: Assertion) -> dict[str, Any]:
    return {
        "kpi": found.kpi,
        "equals": found.equals,
        "unit": found.unit,
        "of": found.of,
        "tolerance": found.tolerance,
        "figures": [_figures(found, one) for one in found.reconciliations],
    }


def _figures(found: Assertion, one: Reconciliation) -> dict[str, Any]:
    return {
        "id": one.id or None,
        "name": one.name or None,
        "kpi": one.kpi,
        "equals": one.equals,
        "difference": one.difference,
        "agrees": one.agrees,
        "matched": one.matched if found.by_records else None,
        "unmatched": [_pair(pair) for pair in one.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "key": None if pair.key is None else list(pair.key),
        "side": pair.side,
        "kpi": pair.kpi,
        "equals": pair.equals,
        "difference": pair.difference,
        "kpi_ids": list(pair.kpi_ids),
        "equals_ids": list(pair.equals_ids),
        "elsewhere": pair.elsewhere,
        "moment": None if pair.moment is None else pair.moment.isoformat(),
    }
