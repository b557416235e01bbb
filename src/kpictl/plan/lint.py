"""The section `lint` of a plan, or of one scorecard: which remarks of `check` are known, and why
the plan is right all the same."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kpictl.plan.fields import Part

RuleId = Literal[
    # of the plan alone
    "many_kpis",
    "light",
    "heavy",
    "count_without_quality",
    "same_records",
    "manual_weight",
    "company_weight",
    "period_conversion",
    "negative_points",
    "fine",
    "pay_cliff",
    "whole_tier",
    "falling_scale",
    "unreachable_band",
    "idle_gate",
    "negative_pay",
    "no_ceiling",
    "highest_pay",
    "missing_terms",
    # of a period and the year before it
    "target_unreachable",
    "target_trivial",
    "late_wins",
    "quick_wins",
    "won_by_others",
    "date_moved",
    "tiny_deals",
    "highest_fund",
]
"""Every rule of the lint (`kpictl.lint`), by the name under which a plan turns it off."""

RULE_IDS: tuple[RuleId, ...] = get_args(RuleId)


def _reason(value: Any) -> str:
    """Take a text that says something: who reads the plan later must see why."""
    text = value.strip() if isinstance(value, str) else ""
    if not any(char.isalpha() for char in text):
        raise PydanticCustomError("silence_reason", "no reason", {})
    return text


Reason = Annotated[str, BeforeValidator(_reason), WithJsonSchema({"type": "string"})]


class LintPlan(Part):
    """Remarks of `check` that are known."""

    ignore: dict[RuleId, Reason] = Field(
        {}, description="Rule → the reason why it does not apply: it is not remarked on."
    )
