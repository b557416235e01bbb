"""The shelf of rules on plans; the order is that in which they speak."""

from __future__ import annotations

from collections.abc import Mapping

from kpictl.errors import Problem
from kpictl.lint import pay, scorecards
from kpictl.lint.base import Rule, remarks
from kpictl.plan.bound import Bound
from kpictl.plan.lint import RuleId

PLAN_RULES: Mapping[RuleId, Rule[Bound]] = {
    "many_kpis": Rule(scorecards.many_kpis),
    "light": Rule(scorecards.light),
    "heavy": Rule(scorecards.heavy),
    "count_without_quality": Rule(scorecards.count_without_quality),
    "same_records": Rule(scorecards.same_records),
    "manual_weight": Rule(scorecards.manual_weight),
    "company_weight": Rule(scorecards.company_weight),
    "period_conversion": Rule(scorecards.period_conversion),
    "negative_points": Rule(scorecards.negative_points),
    "fine": Rule(scorecards.fine),
    "pay_cliff": Rule(pay.pay_cliff),
    "whole_tier": Rule(pay.whole_tier),
    "falling_scale": Rule(pay.falling_scale),
    "unreachable_band": Rule(pay.unreachable_band),
    "idle_gate": Rule(pay.idle_gate),
    "negative_pay": Rule(pay.negative_pay),
    "no_ceiling": Rule(pay.no_ceiling, "note"),
    "highest_pay": Rule(pay.highest_pay, "note"),
    "missing_terms": Rule(pay.missing_terms, "note"),
}


def of_plan(bound: Bound) -> list[Problem]:
    """Return the remarks on a plan without mistakes."""
    return remarks(PLAN_RULES, bound, bound, tell_unused=True)
