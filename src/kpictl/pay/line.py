"""One row's pay, in one order of operations (`docs/numbers.md` states it):

parts → sum → cap of a condition → cap → guarantee → sanctions → rounding, once
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from kpictl.expressions import Type
from kpictl.pay import parts, sanctions, time
from kpictl.pay.conditions import answer
from kpictl.pay.parts import Written
from kpictl.pay.payee import Payee, shown
from kpictl.pay.steps import Computed
from kpictl.plan.pay import Bonus
from kpictl.values import Gate, PayLine, PayPart, PayStep, Release, to_money

ZERO = Decimal(0)


def written_parts(bonus: Bonus) -> list[Written]:
    """Return the parts of a bonus, as the plan has them."""
    return [Written(name, bonus, part) for name, part in bonus.each.items()]


def gates_of(payee: Payee) -> tuple[Gate, ...]:
    """Return the conditions of a scorecard, held against the figures of a payee."""
    bound, rules = payee.computed.bound, payee.computed.bound.cards[payee.card].gates
    held = []
    for name, rule in rules.items():
        answered = answer(payee, rule.when, Type.BOOL)
        met = answered.value if isinstance(answered.value, bool) else None
        place = bound.place(("scorecards", payee.card, "gates", name, "when"))
        label, figures = rule.label or name, shown(answered.figures)
        held.append(Gate(name, label, rule.when, rule.then, met, figures, place))
    return tuple(held)


def line(payee: Payee, bonus: Bonus, from_pools: Mapping[str, Computed]) -> PayLine:
    """Return what a payee has earned; `from_pools` is what pools give, by the part."""
    gates = gates_of(payee)
    made = [
        parts.compute(payee, written, gates, from_pools.get(written.id))
        for written in written_parts(bonus)
    ]
    total = _sum([computed for _, computed in made])
    rules = payee.computed.bound.cards[payee.card].gates
    for gate in gates:
        effect = rules[gate.id].effect
        if gate.met and effect.kind == "cap_sum":
            step = PayStep("pay.gate_cap", {"gate": gate.label, "limit": effect.number})
            total = total.at_most(Fraction(effect.number), step)
    if bonus.cap is not None:
        limit = Fraction(bonus.cap) * len(payee.months)
        total = total.at_most(limit, PayStep("pay.cap", {"limit": limit}))
    total = _guaranteed(payee, bonus, [part for part, _ in made], total)
    total = sanctions.reduced(payee, total)
    row = payee.row
    bare = PayLine(
        payee.card, row.id, row.name, total.state, row.segment, row.department, row.position,
        tuple(part for part, _ in made), gates, total.steps, total.amount, lacks=total.lacks,
        release=_released(payee), draw=_draw(payee, bonus),
    )  # fmt: skip
    return rounded(bare)


def _released(payee: Payee) -> Release | None:
    """Return what is released of all parts together; None where none waits for money."""
    several = tuple(payee.released.values())
    if not several:
        return None
    names = ("earned", "before", "released", "waiting")
    return Release(*(sum((getattr(one, name) for one in several), ZERO) for name in names))


def rounded(one: PayLine) -> PayLine:
    """Return a line with its amount, rounded."""
    return replace(one, amount=None if one.earned is None else to_money(one.earned))


def _sum(made: list[Computed]) -> Computed:
    lacking = next((one for one in made if one.amount is None), None)
    if lacking is not None:
        return Computed(None, state=lacking.state, lacks=lacking.lacks)
    amount = sum((one.amount or Fraction(0) for one in made), Fraction(0))
    return Computed(amount, (PayStep("pay.sum", {"count": len(made)}, amount),))


def _guaranteed(payee: Payee, bonus: Bonus, made: list[PayPart], total: Computed) -> Computed:
    """Return at least what is guaranteed: a percentage of what is due at 100, for the time that
    somebody was there; also of who has no index yet."""
    share = _guarantee(payee, bonus)
    if not share or total.state == "no_salary":
        return total
    full = sum((_due_at_100(part) for part in made), Fraction(0))
    floor = full * share / 100
    data = {"percent": share, "full": full, "month": payee.month_of_service}
    step = PayStep("pay.guarantee", data)
    if total.amount is None:
        return replace(total, state="computed").becoming(floor, step)
    return total.at_least(floor, step)


def _draw(payee: Payee, bonus: Bonus) -> Decimal:
    """Return the advance for the time that somebody was there."""
    if bonus.draw is None:
        return Decimal(0)
    months = (time.share_of(payee, month, bonus.prorate) for month in payee.months)
    return to_money(sum((Fraction(bonus.draw) * share for share in months), Fraction(0)))


def _guarantee(payee: Payee, bonus: Bonus) -> Fraction | None:
    """Return the guaranteed percentage, by month of service where it differs by that."""
    guarantee = bonus.guarantee
    if guarantee is None or not isinstance(guarantee, dict):
        return None if guarantee is None else Fraction(guarantee)
    month = payee.month_of_service
    return Fraction(guarantee[month]) if month is not None and month in guarantee else None


def _due_at_100(part: PayPart) -> Fraction:
    """Return what a part is at 100 percent for the time that somebody was there."""
    if part.full is None:
        return Fraction(0)
    factors = [step.data["factor"] for step in part.steps if step.code == "pay.prorate"]
    return part.full * (Fraction(factors[0]) if factors else 1)
