"""The highest pay of everybody on a scorecard together, in money: what the fund must hold.

Each has at most what the scales allow (`ceiling`), of the salary that they have in the period. What
a pool holds is shared, however many take part in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpictl.lint import ceiling
from kpictl.lint.base import Remark, money
from kpictl.lint.observed import Observed
from kpictl.pay.payee import Payee, payees
from kpictl.pay.pools import amount_in
from kpictl.plan.bound import Bound
from kpictl.plan.model import ScorecardPlan
from kpictl.plan.pay import Bonus, Pool


def highest_fund(observed: Observed) -> Iterator[Remark]:
    """The most that a scorecard can cost in the period; only where pay is asked for."""
    computed, bound = observed.now, observed.bound
    if not computed.request.pay:
        return
    by_card: dict[str, list[Payee]] = {}
    for payee in payees(computed):
        by_card.setdefault(payee.card, []).append(payee)
    for card, several in by_card.items():
        spec = bound.cards[card]
        most = _most(bound, spec, several)
        if most is None:  # a bonus without a highest amount is said by a rule of its own
            continue
        unknown = sum(payee.salary_base is None for payee in several)
        data = {
            "card": spec.label or card,
            "period": computed.period.text,
            "people": len(several),
            "most": money(observed.bound, most),
            "unknown": unknown if ceiling.of_card(bound, spec).of_salary else 0,
        }
        yield Remark(bound.place(("scorecards", card, "bonus"), key=True), data, card)


def _most(bound: Bound, spec: ScorecardPlan, several: list[Payee]) -> Fraction | None:
    """Return the highest pay of all together; None where there is none. Two bounds hold, and the
    lower is proved: each with all of a pool, or without pools and these once."""
    sums = [_of_all(bound, spec, several)]
    pools = _pools(bound, spec.bonus, several)
    bare = _without_pools(spec)
    rest = Fraction(0) if bare is None else _of_all(bound, bare, several)
    if pools is not None and rest is not None:
        sums.append(rest + pools)
    known = [one for one in sums if one is not None]
    if not known or spec.bonus is None:
        return None
    fund = None if spec.bonus.fund is None else bound.plan.funds.get(spec.bonus.fund)
    limit = None if fund is None else amount_in(fund, several[0].computed.period)
    return min((*known, limit)) if limit is not None else min(known)


def _of_all(bound: Bound, spec: ScorecardPlan, several: list[Payee]) -> Fraction | None:
    most = ceiling.of_card(bound, spec)
    if most.endless:
        return None
    salaries = sum((payee.salary_base or Fraction(0) for payee in several), Fraction(0))
    months = sum(len(payee.months) for payee in several)
    return most.of_salary * salaries / 100 + most.money * months


def _pools(bound: Bound, bonus: Bonus | None, several: list[Payee]) -> Fraction | None:
    """Return what the pools of a bonus hold in the period; None where one has no amount."""
    period, total = several[0].computed.period, Fraction(0)
    names = {part.pool for part in bonus.each.values() if part.pool} if bonus else set()
    for name in sorted(names):
        pool = bound.plan.pools[name]
        size = amount_in(pool.amount if isinstance(pool, Pool) else pool, period)
        if size is None:
            return None
        total += size
    return total


def _without_pools(spec: ScorecardPlan) -> ScorecardPlan | None:
    """Return a scorecard whose bonus has no share of a pool; None where nothing is left of it."""
    bonus = spec.bonus
    if bonus is None or bonus.pool is not None:
        return None
    parts = {name: part for name, part in bonus.parts.items() if part.pool is None}
    if bonus.parts and not parts:
        return None
    return spec.model_copy(update={"bonus": bonus.model_copy(update={"parts": parts})})
