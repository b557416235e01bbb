"""One row's pay, in one order of operations (`docs/numbers.md` states it):

parts → sum → cap of a condition → cap → guarantee → rounding, once

Funds, what accumulates, sanctions and the ledger come after it, in this order (`payments`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from kpictl.expressions import Type
from kpictl.pay import parts, time
from kpictl.pay.conditions import answer
from kpictl.pay.parts import Written
from kpictl.pay.payee import Payee, shown
from kpictl.pay.steps import Computed
from kpictl.plan.pay import Bonus
from kpictl.values import Gate, PayLine, PayStep, Period, Release, to_money

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
    for gate in gates:
        if gate.met and gate.effect.kind == "cap_sum":
            limit = Fraction(gate.effect.number) * len(payee.months)
            step = PayStep("pay.gate_cap", {"gate": gate.label, "limit": limit})
            total = total.at_most(limit, step)
    if bonus.cap is not None:
        limit = Fraction(bonus.cap) * len(payee.months)
        total = total.at_most(limit, PayStep("pay.cap", {"limit": limit}))
    total = _guaranteed(payee, bonus, total)
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


def _guaranteed(payee: Payee, bonus: Bonus, total: Computed) -> Computed:
    """Return at least what is guaranteed: a percentage of what is due at 100, for the time that
    somebody was there; also of who has no index yet."""
    shares = [_guarantee(payee, bonus, month) for month in payee.months]
    if not any(shares) or total.state == "no_salary":
        return total
    due = [parts.due_at_100(payee, written) for written in written_parts(bonus)]
    of_months = [sum(of_part, Fraction(0)) for of_part in zip(*due, strict=True)]
    full = sum(of_months, Fraction(0))
    pairs = zip(of_months, shares, strict=True)
    floor = sum((worth * share / 100 for worth, share in pairs), Fraction(0))
    percent = floor / full * 100 if full else Fraction(0)
    data = {"percent": percent, "full": full, "month": payee.month_of_service}
    step = PayStep("pay.guarantee", data)
    if total.amount is None:
        return replace(total, state="computed", lacks="").becoming(floor, step)
    return total.at_least(floor, step)


def _draw(payee: Payee, bonus: Bonus) -> Decimal:
    """Return the advance for the time that somebody was there."""
    if bonus.draw is None:
        return Decimal(0)
    months = (time.share_of(payee, month, bonus.prorate) for month in payee.months)
    return to_money(sum((Fraction(bonus.draw) * share for share in months), Fraction(0)))


def _guarantee(payee: Payee, bonus: Bonus, month: Period) -> Fraction:
    """Return the percentage that is guaranteed for a month, by the month of service where it
    differs by that; 0 where none is."""
    guarantee = bonus.guarantee
    if not isinstance(guarantee, dict):
        return Fraction(guarantee or 0)
    return Fraction(guarantee.get(payee.service_in(month) or 0, 0))
