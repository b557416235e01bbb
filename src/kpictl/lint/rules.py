"""The shelf of rules on plans; the order is that in which they speak."""

from __future__ import annotations

from collections.abc import Mapping

from kpictl.errors import Problem
from kpictl.lint import scorecards
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
}


def of_plan(bound: Bound) -> list[Problem]:
    """Return the remarks on a plan without mistakes."""
    return remarks(PLAN_RULES, bound, bound, tell_unused=True)
