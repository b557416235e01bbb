"""Pools that are shared, and funds that limit: both add up to the kopeck, by largest remainder
(kpi-method B2, "Bonus formulas", 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.expressions import Type
from kpictl.pay.conditions import Answered, answer
from kpictl.pay.parts import Written
from kpictl.pay.payee import Payee, shown
from kpictl.pay.steps import Computed
from kpictl.plan.fields import MONTHS, PerPeriod
from kpictl.plan.pay import FundPlan, Pool, PoolPlan
from kpictl.scoring.targets.cascade import divide
from kpictl.values import FundUse, PayLine, PayStep, Period, to_money

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

KOPECK = Fraction(1, 100)
Key = tuple[str, str, str]
"""A part of a bonus of a row: scorecard, subject, part."""


class Claim(Struct, frozen=True):
    """Somebody's share in a pool before it is divided: its weight, or why there is none."""

    payee: Payee
    written: Written
    weight: Fraction | None
    eligible: bool | None
    weighed: Answered
    judged: tuple[tuple[str, Answered], ...] = ()

    @property
    def key(self) -> Key:
        return (self.payee.card, self.payee.row.subject, self.written.id)

    @property
    def lacks(self) -> str:
        unknown = (one.lacks for _, one in self.judged if one.value is None)
        return self.weighed.lacks or next(unknown, "")


def claim(payee: Payee, written: Written, pool: PoolPlan) -> Claim:
    """Return what somebody's share in a pool is measured by."""
    weighed = answer(payee, str(written.part.by), Type.NUMBER)
    when = pool.when if isinstance(pool, Pool) else None
    conditions = [text for text in (when, written.part.eligible) if text is not None]
    judged = tuple((text, answer(payee, text, Type.BOOL)) for text in conditions)
    values = [one.value for _, one in judged]
    eligible = False if False in values else None if None in values else True
    weight = None if weighed.value is None else max(Fraction(weighed.value), Fraction(0))
    return Claim(payee, written, weight, eligible, weighed, judged)


def share(
    bound: Bound, name: str, claims: Sequence[Claim], period: Period
) -> tuple[dict[Key, Computed], FundUse]:
    """Divide a pool among those who claim a part of it."""
    pool = bound.plan.pools[name]
    place = bound.place(("pools", name), key=True)
    size = amount_in(pool.amount if isinstance(pool, Pool) else pool, period)
    if size is None:
        lacking = Computed(None, state="no_pool", lacks=name)
        use = FundUse(name, "pool", None, Fraction(0), Decimal(0), place=place)
        return {one.key: lacking for one in claims}, use
    returns = isinstance(pool, Pool) and pool.rest == "return"
    known = [one for one in claims if one.weight is not None and one.eligible is not None]
    counted = [one for one in known if one.eligible or returns]
    whole = sum((one.weight or Fraction(0) for one in counted), Fraction(0))
    weights = {
        one.key: (one.weight or Fraction(0)) / whole if whole else Fraction(0) for one in counted
    }
    amounts = divide_by_number(size, [weights[one.key] for one in counted])
    got = dict(zip(weights, amounts, strict=True))
    made = {
        one.key: _made(one, name, size, (got.get(one.key, Fraction(0)), whole)) for one in claims
    }
    paid = sum((got[one.key] for one in counted if one.eligible), Fraction(0))
    met = any(one.eligible for one in known) if known else None
    return made, FundUse(name, "pool", to_money(size), paid, to_money(paid), met, place=place)


def paid_of(use: FundUse, bound: Bound, lines: Iterable[PayLine]) -> FundUse:
    """Return what was paid of a pool or a fund, as the lines have it at last."""
    paid = Fraction(0)
    for line in lines:
        bonus = bound.cards[line.scorecard].bonus if line.scorecard else None
        if bonus is None or line.amount is None:
            continue
        if use.kind == "fund":
            paid += Fraction(line.amount) if bonus.fund == use.id else 0
            continue
        own = (part for part in line.parts if bonus.each[part.id].pool == use.id)
        paid += sum((part.amount or Fraction(0) for part in own), Fraction(0))
    return replace(use, paid=to_money(paid))


def divide_by_number(amount: Fraction, weights: Sequence[Fraction]) -> list[Fraction]:
    """Divide an amount to the kopeck by weights that add up to one; a kopeck that is left goes to
    the largest remainder, of equal ones to the first.

    >>> [str(one) for one in divide_by_number(Fraction(1), [Fraction(1, 3)] * 3)]
    ['17/50', '33/100', '33/100']
    """
    numbered = {str(number): weight for number, weight in enumerate(weights)}
    return list(divide(amount, numbered, KOPECK).amounts.values())


def _made(one: Claim, name: str, size: Fraction, got: tuple[Fraction, Fraction]) -> Computed:
    amount, whole = got
    for text, judged in one.judged:
        if judged.value is False:
            told = {"pool": name, "when": text, "figures": shown(judged.figures)}
            return Computed(Fraction(0), (PayStep("pay.pool.not_eligible", told, Fraction(0)),))
    if one.weight is None or one.eligible is None:
        return Computed(None, state="no_figure", lacks=one.lacks)
    data = {
        "pool": name,
        "size": size,
        "by": str(one.written.part.by),
        "weight": one.weight,
        "of": whole,
        "figures": shown(one.weighed.figures),
    }
    return Computed(amount, (PayStep("pay.pool", data, amount),))


def amount_in(plan: FundPlan, period: Period) -> Fraction | None:
    """Return what there is in a period: a sum a period as it is, one a month or quarter as often as
    that lies in it, else what is written for the period, or for all its months."""
    if isinstance(plan, Decimal):
        return Fraction(plan)
    first, after = period.first, periods.day_after(period)
    months = periods.months(first, after)
    if isinstance(plan, PerPeriod):
        size = MONTHS.get(plan.per)
        if size is None or len(months) % size:
            return None
        return Fraction(plan.value) * (len(months) // size)
    return _written_for(plan, (first, after), months) if isinstance(plan, Mapping) else None


def _written_for(
    plan: Mapping[str, Decimal], days: tuple[date, date], months: Sequence[date]
) -> Fraction | None:
    by_days = {periods.fixed_days(text): amount for text, amount in plan.items()}
    if days in by_days:
        return Fraction(by_days[days])
    ends = [*months[1:], days[1]]
    each = [by_days.get(month) for month in zip(months, ends, strict=True)]
    if not each or None in each:
        return None
    return sum((Fraction(one) for one in each if one is not None), Fraction(0))


def limit(
    bound: Bound, name: str, lines: Iterable[PayLine], period: Period
) -> tuple[list[PayLine], FundUse]:
    """Scale the lines of a fund down to what there is, if they come to more."""
    several = list(lines)
    place = bound.place(("funds", name), key=True)
    size = amount_in(bound.plan.funds[name], period)
    known = [line for line in several if line.earned is not None]
    computed = sum((line.earned or Fraction(0) for line in known), Fraction(0))
    if size is None:
        # Neither earned nor paid, so that nothing that comes later (sanctions, balances) has a sum.
        lacking = [
            replace(line, state="no_pool", earned=None, amount=None, lacks=name) for line in several
        ]
        return lacking, FundUse(name, "fund", None, computed, Decimal(0), place=place)
    rounded = sum((Fraction(to_money(line.earned or Fraction(0))) for line in known), Fraction(0))
    if max(computed, rounded) > size:  # kopecks rounded up may come to more than there is
        positive = [line for line in known if line.earned is not None and line.earned > 0]
        whole = sum((line.earned or Fraction(0) for line in positive), Fraction(0))
        owed = size - (computed - whole)
        weights = [(line.earned or Fraction(0)) / whole for line in positive]
        amounts = divide_by_number(max(owed, Fraction(0)), weights)
        scaled = {id(line): own for line, own in zip(positive, amounts, strict=True)}
        several = [_limited(line, name, (size, computed), scaled.get(id(line))) for line in several]
    paid = sum((line.amount or Decimal(0) for line in several), Decimal(0))
    return several, FundUse(name, "fund", to_money(size), computed, paid, place=place)


def _limited(
    line: PayLine, name: str, sizes: tuple[Fraction, Fraction], own: Fraction | None
) -> PayLine:
    if own is None:
        return line
    data = {"fund": name, "size": sizes[0], "computed": sizes[1], "before": line.earned}
    step = PayStep("pay.fund", data, own)
    return replace(line, earned=own, amount=to_money(own), steps=(*line.steps, step))
