"""What the sums of pools and funds may say: what can be paid, for months; and that no scorecard
changes within what a bonus accumulates over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.plan import editions
from kpictl.plan.document import Path
from kpictl.plan.fields import MONTHS, Growth, PerPeriod
from kpictl.plan.load import dotted
from kpictl.plan.pay import Bonus, FundPlan, Pool, span_start
from kpictl.values.pay import MONEY_PLACES

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound


def check(bound: Bound) -> Iterator[Problem]:
    """Yield the sums that cannot be paid, and changes within what accumulates."""
    plan = bound.plan
    accumulating = {name for bonus in _bonuses(bound) if bonus.accumulate for name in _used(bonus)}
    for name, pool in plan.pools.items():
        path: Path = ("pools", name, "amount") if isinstance(pool, Pool) else ("pools", name)
        amount = pool.amount if isinstance(pool, Pool) else pool
        yield from _amount(bound, amount, path, adds_up=("pools", name) in accumulating)
    for name, fund in plan.funds.items():
        adds_up = ("funds", name) in accumulating
        yield from _amount(bound, fund, ("funds", name), adds_up=adds_up)
    yield from _changes(bound)


def _bonuses(bound: Bound) -> Iterator[Bonus]:
    for _, spec, _ in editions.written(bound.plan.scorecards):
        if spec.bonus is not None:
            yield spec.bonus


def _used(bonus: Bonus) -> Iterator[tuple[str, str]]:
    yield "funds", bonus.fund or ""
    for part in bonus.each.values():
        yield "pools", part.pool or ""


def _amount(bound: Bound, amount: FundPlan, path: Path, *, adds_up: bool) -> Iterator[Problem]:
    sums: dict[Path, Decimal]
    if isinstance(amount, Growth):
        yield Problem("pay.amount_growth", bound.place(path), {"path": dotted(path)})
        return
    if isinstance(amount, dict):
        sums = {(*path, key): value for key, value in amount.items()}
    else:
        sums = {path: amount.value if isinstance(amount, PerPeriod) else amount}
    for at, value in sums.items():
        if value < 0:
            data = {"path": dotted(at), "given": value}
            yield Problem("pay.negative_amount", bound.place(at), data)
        elif value != round(value, MONEY_PLACES):
            data = {"path": dotted(at), "given": value}
            yield Problem("pay.amount_kopecks", bound.place(at), data)
    if isinstance(amount, PerPeriod) and amount.per not in MONTHS:
        data = {"path": dotted(path), "per": amount.per}
        yield Problem("pay.amount_per", bound.place(path), data)
    if isinstance(amount, Decimal) and adds_up:
        yield Problem("pay.amount_adds_up", bound.place(path), {"path": dotted(path)})


def _changes(bound: Bound) -> Iterator[Problem]:
    """A bonus since the start of a year has one set of rules since then: a scorecard that changes
    within it would have two."""
    cards = bound.plan.scorecards
    spans = list(_spans(bound))
    codes = {"year": "pay.changes_within_year", "quarter": "pay.changes_within_quarter"}
    for card, spec in cards.items():
        for day, key in editions.days_of(spec):
            for of_card, span, first, after in spans:
                if first <= day < after and span_start(span, day) < day:
                    data = {"card": card, "day": day, "of": of_card, "span": span}
                    place = bound.place(("scorecards", card, "from", key), key=True)
                    yield Problem(codes[span], place, data)
                    break


def _spans(bound: Bound) -> Iterator[tuple[str, str, date, date]]:
    """Yield which scorecard accumulates over what, from which day on until which."""
    for card, spec in bound.plan.scorecards.items():
        held = [one for _, one in editions.editions(spec)]
        days = [date.min, *(day for day, _ in editions.days_of(spec)), date.max]
        for one, (first, after) in zip(held, pairwise(days), strict=True):
            if one.bonus is not None and one.bonus.accumulate is not None:
                yield card, one.bonus.accumulate, first, after
