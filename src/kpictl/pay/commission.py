"""Commissions and prices for each record: a percentage of a fact at one rate, at the rates of the
steps that it passes (`marginal`), at the rate of the step that it reaches (`whole`), or of each
record at a rate of its own.

Marginal and whole tiers as in kpi-method B2, "Bonus formulas", 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from kpictl.pay.payee import Payee
from kpictl.pay.records import PaidRecord
from kpictl.pay.scales import slices
from kpictl.pay.steps import Computed
from kpictl.plan.pay import BonusPart, Commission, Piece
from kpictl.scoring.curves import edge_below
from kpictl.sources.pay_rates import Rate
from kpictl.values import PayStep

HUNDRED = Fraction(100)


def compute(payee: Payee, part: str, spec: BonusPart) -> Computed:
    """Return what a commission, or a price for each record, comes to; `part` is its id."""
    if spec.piece is not None:
        return _pieces(payee, part, spec.piece)
    assert spec.commission is not None  # noqa: S101  asked before
    return _commission(payee, part, spec.commission)


def amount_of(record: PaidRecord, rate: Decimal, *, piece: bool) -> Fraction:
    """Return what a record brings at a rate: so many percent of its number, or a price."""
    return Fraction(rate) if piece else record.number * Fraction(rate) / HUNDRED


def bases(payee: Payee, part: str, spec: BonusPart) -> list[Fraction]:
    """Return what each record of a part brings, before anything that is done to the sum: by its own
    rate; of tiers its share of the fact's."""
    records, paid = payee.records[part], spec.piece or spec.commission
    assert paid is not None  # noqa: S101  only these have records
    if paid.rates is not None or paid.rate is not None:
        return [
            amount_of(
                record,
                record.rate.rate if record.rate is not None else paid.rate or Decimal(0),
                piece=spec.piece is not None,
            )
            for record in records
        ]
    amount = compute(payee, part, spec).amount or Fraction(0)
    whole = sum((record.number for record in records), Fraction(0))
    return [amount * record.number / whole if whole else Fraction(0) for record in records]


def _commission(payee: Payee, part: str, paid: Commission) -> Computed:
    fact, target = payee.fact_and_target(paid.of)
    if fact.exact is None:
        return Computed(None, state="no_figure", lacks=paid.of)
    if paid.rates is not None:
        told = {"kpi": paid.of, "fact": fact.exact}
        return _by_rates(payee, part, PayStep("pay.commission.rates", told))
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


def _pieces(payee: Payee, part: str, paid: Piece) -> Computed:
    fact, _ = payee.fact_and_target(paid.of)
    if paid.rates is not None:
        told = {"kpi": paid.of, "count": fact.n}
        return _by_rates(payee, part, PayStep("pay.piece.rates", told))
    amount = fact.n * Fraction(paid.rate or 0)
    data = {"kpi": paid.of, "count": fact.n, "rate": paid.rate}
    return Computed(amount, (PayStep("pay.piece", data, amount),))


# --- a rate for each record --------------------------------------------------------------------


def _by_rates(payee: Payee, part: str, step: PayStep) -> Computed:
    """Return the sum of what the records bring, each at its rate; a step for every rate says of
    how many records, and of which sum."""
    records, piece = payee.records[part], step.code.startswith("pay.piece")
    steps, total = [], Fraction(0)
    for rate, of_rate in _by_rate(payee.books[part], records):
        own = sum((amount_of(one, rate.rate, piece=piece) for one in of_rate), Fraction(0))
        total += own
        data: dict[str, object] = {
            "values": ", ".join(rate.values or ()),
            "rate": rate.rate,
            "count": len(of_rate),
            "of_rate": own,
        }
        if not piece:
            data["sum"] = sum((one.number for one in of_rate), Fraction(0))
        if not rate.is_undated:
            data["since"] = rate.since
        which = "" if rate.values is not None else "_other"
        steps.append(PayStep(f"{step.code[:-1]}{which}", data, place=rate.place))
    last = PayStep(step.code, {**step.data, "rates": len(steps)}, total)
    return Computed(total, (*steps, last))


def _by_rate(
    rates: Iterable[Rate], records: Iterable[PaidRecord]
) -> Iterator[tuple[Rate, list[PaidRecord]]]:
    """Yield the rates that any record has, in the order of the table, each with its records."""
    grouped: dict[int, list[PaidRecord]] = {}
    for record in records:
        grouped.setdefault(id(record.rate), []).append(record)
    for rate in rates:
        if (of_rate := grouped.get(id(rate))) is not None:
            yield rate, of_rate
