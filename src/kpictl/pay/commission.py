"""Commissions and prices for each record: a percentage of a fact at one rate, at the rates of the
steps that it passes (`marginal`), or at the rate of the step that it reaches (`whole`).

Marginal and whole tiers as in kpi-method B2, "Bonus formulas", 3.
"""

from __future__ import annotations

from fractions import Fraction

from kpictl.curves import edge_below
from kpictl.pay.payee import Payee
from kpictl.pay.scales import slices
from kpictl.pay.steps import Computed
from kpictl.plan.pay import BonusPart, Commission, Piece
from kpictl.values import PayStep

HUNDRED = Fraction(100)


def compute(payee: Payee, part: BonusPart) -> Computed:
    """Return what a commission, or a price for each record, comes to."""
    if part.piece is not None:
        return _pieces(payee, part.piece)
    assert part.commission is not None  # noqa: S101  asked before
    return _commission(payee, part.commission)


def _commission(payee: Payee, paid: Commission) -> Computed:
    fact, target = payee.fact_and_target(paid.of)
    if fact.exact is None:
        return Computed(None, state="no_figure", lacks=paid.of)
    if paid.rate is not None:
        amount = fact.exact * Fraction(paid.rate) / HUNDRED
        data = {"kpi": paid.of, "fact": fact.exact, "rate": paid.rate}
        return Computed(amount, (PayStep("pay.commission", data, amount),))
    plan = Fraction(1) if paid.at == "value" else None
    if plan is None and target is not None:
        plan = Fraction(target.value) / HUNDRED
    if not plan or plan < 0:
        return Computed(None, state="no_figure", lacks=f"{paid.of}.target")
    reached = fact.exact / plan
    data = {
        "kpi": paid.of,
        "fact": fact.exact,
        "target": None if paid.at == "value" or target is None else target.value,
        "reached": reached,
        "at": paid.at,
    }
    if paid.whole:
        edge = edge_below(paid.whole, reached)
        rate = Fraction(0) if edge is None else Fraction(paid.whole[edge])
        amount = fact.exact * rate / HUNDRED
        data |= {"rate": rate, "from": "" if edge is None else str(edge)}
        return Computed(amount, (PayStep("pay.commission.whole", data, amount),))
    tiers = tuple(
        (start * plan, end * plan, rate, (end - start) * plan * Fraction(rate) / HUNDRED)
        for start, end, rate in slices(paid.marginal or {}, reached)
    )
    amount = sum((own for *_, own in tiers), Fraction(0))
    return Computed(amount, (PayStep("pay.commission.marginal", data | {"tiers": tiers}, amount),))


def _pieces(payee: Payee, paid: Piece) -> Computed:
    fact, _ = payee.fact_and_target(paid.of)
    amount = fact.n * Fraction(paid.rate or 0)
    data = {"kpi": paid.of, "count": fact.n, "rate": paid.rate}
    return Computed(amount, (PayStep("pay.piece", data, amount),))
