"""The shelf of rules on the data of a period; the order is that in which they speak."""

from __future__ import annotations

from collections.abc import Mapping

from kpictl.errors import Problem
from kpictl.lint import fund, history, signs
from kpictl.lint.base import Rule, remarks
from kpictl.lint.observed import Observed
from kpictl.plan.lint import RuleId

DATA_RULES: Mapping[RuleId, Rule[Observed]] = {
    "target_unreachable": Rule(history.target_unreachable),
    "target_trivial": Rule(history.target_trivial),
    "late_wins": Rule(signs.late_wins),
    "quick_wins": Rule(signs.quick_wins),
    "won_by_others": Rule(signs.won_by_others),
    "date_moved": Rule(signs.date_moved),
    "tiny_deals": Rule(signs.tiny_deals),
    "highest_fund": Rule(fund.highest_fund, "note"),
}


def of_data(observed: Observed) -> list[Problem]:
    """Return the remarks on the data of a period, and on its targets."""
    return remarks(DATA_RULES, observed, observed.bound)
