"""What somebody is paid for a period, with every step of its making.

Money is an exact `Fraction` of the company's currency until it is paid out; then a `Decimal` of two
places, rounded half-up once. Amounts are before tax, and without what payroll adds itself (regional
coefficients).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from msgspec import Struct

from kpictl.errors import Place
from kpictl.values.exact import WIDE, Later, to_decimal

MONEY_PLACES = 2

PayBase = Literal["salary", "fixed", "commission", "piece", "pool"]
"""What a part of a bonus is a share of."""

PayState = Literal["computed", "not_rated", "no_figure", "no_salary", "no_pool", "not_employed"]
"""Why there is an amount or none: the index that it depends on is not known (`not_rated`), nor
another figure (`no_figure`), nor the salary; a pool has no amount for the period."""

NO_AMOUNT: Mapping[PayState, str] = {
    "not_rated": "pay.no_index",
    "no_figure": "pay.no_figure",
    "no_salary": "pay.no_salary",
    "no_pool": "pay.no_pool",
}
"""The remarks that say who has no amount, by the reason."""


class PayStep(Struct, frozen=True):
    """One step in the making of a pay, as a code of the table of words (`pay.step.…`) with its
    figures: `amount` is what there is after it, in money; None where it changes no money."""

    code: str
    data: Mapping[str, Any] = {}
    amount: Fraction | None = None
    place: Place | None = None


class PayPart(Struct, frozen=True):
    """One part of a bonus. `full` is what it is at 100 percent, `percent` how much of that is
    earned (None where there is no such thing: a commission), `amount` what it comes to after
    conditions, proration and its own cap; None where something is not known."""

    id: str
    label: str
    base: PayBase
    amount: Fraction | None
    full: Fraction | None = None
    percent: Fraction | None = None
    steps: tuple[PayStep, ...] = ()


_THEN = (  # compiled when a first plan has a condition
    r"(?P<zero>zero)|payout\s*[*×]\s*(?P<times>\d+(?:\.\d+)?)"
    r"|cap\s+(?P<percent>\d+(?:\.\d+)?)\s*%|cap\s+(?P<sum>\d[\d \u00a0\u202f]*(?:\.\d+)?)"
)


class Effect(Struct, frozen=True):
    """What a condition does to the payout: times a number, at most so many percent, or a sum."""

    kind: Literal["times", "cap_percent", "cap_sum"]
    number: Decimal


def effect_of(then: str) -> Effect | None:
    """Return what a condition does, as a plan writes it: `zero`, `payout * 0.5`, `cap 100%`,
    `cap 20000`; None of any other text."""
    match = re.fullmatch(_THEN, " ".join(then.split()))
    if match is None:
        return None
    if match["zero"]:
        return Effect("times", Decimal(0))
    if match["times"]:
        return Effect("times", Decimal(match["times"]))
    if match["percent"]:
        return Effect("cap_percent", Decimal(match["percent"]))
    return Effect("cap_sum", Decimal("".join(match["sum"].split())))


class Gate(Struct, frozen=True):
    """A condition of earning: `met` says whether it acts (None: a figure of it is not known, and it
    does not), `figures` what it was held against, `then` what it does, as the plan has it."""

    id: str
    label: str
    when: str
    then: str
    met: bool | None
    figures: tuple[tuple[str, Decimal | None], ...] = ()
    place: Place | None = None

    @property
    def effect(self) -> Effect:
        effect = effect_of(self.then)
        assert effect is not None  # noqa: S101  a plan with another text is refused
        return effect


class Adjustment(Struct, frozen=True):
    """An amount that somebody added or took off by hand: signed, with its reason and author. It is
    of the period in which it is paid, and may refer to an earlier one."""

    id: str
    amount: Decimal
    reason: str
    author: str
    written: date | None = None
    part: str = ""
    kpi: str = ""
    refers_to: str = ""
    place: Place | None = None


class Release(Struct, frozen=True):
    """Of what is earned at one date and released at another: `earned` in all until the end of the
    period, of which `released` now, `before` in earlier periods, `waiting` not yet."""

    earned: Decimal
    before: Decimal
    released: Decimal
    waiting: Decimal


class PayLine(Struct, frozen=True):
    """The pay of one row of a scorecard.

    `earned` is what the parts come to after everything that is computed, exactly; `amount` that,
    rounded to the kopeck (half-up, or by largest remainder where it is a share of a fund); None
    where `state` says why. Adjustments are lines of their own; `carried` is a negative balance of
    earlier periods, `balance` what of it is carried on. `payout` is what is paid, at least the
    `draw`: an advance, which later periods make up for.
    """

    scorecard: str
    id: str
    name: str
    state: PayState
    segment: str = ""
    department: str | None = None
    position: str | None = None
    parts: tuple[PayPart, ...] = ()
    gates: tuple[Gate, ...] = ()
    steps: tuple[PayStep, ...] = ()
    earned: Fraction | None = None
    amount: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    carried: Decimal = Decimal(0)
    release: Release | None = None
    lacks: str = ""
    draw: Decimal = Decimal(0)

    @property
    def adjusted(self) -> Decimal | None:
        """Return the amount with adjustments and what is carried, which may be negative; None where
        there is neither an amount nor an adjustment."""
        if self.amount is None and not self.adjustments and not self.carried:
            return None
        added = sum((one.amount for one in self.adjustments), self.carried)
        return (self.amount or Decimal(0)) + added

    @property
    def payout(self) -> Decimal | None:
        """Return what is paid: never less than nothing, and at least the draw."""
        return None if self.adjusted is None else max(self.adjusted, self.draw)

    @property
    def entries(self) -> tuple[PayEntry, ...]:
        """Return the amounts that what is paid is made of: they add up to it. No bonus where none
        is known."""
        found = [] if self.amount is None else [PayEntry("bonus", self.amount)]
        found += [PayEntry("adjustment", one.amount, one) for one in self.adjustments]
        found += [PayEntry("carried", self.carried)] if self.carried else []
        rest = (self.payout or Decimal(0)) - sum((one.amount for one in found), Decimal(0))
        return (*found, PayEntry("balance", rest)) if rest else tuple(found)

    @property
    def balance(self) -> Decimal:
        """Return what is carried on to the next period: nothing, or less."""
        return Decimal(0) if self.adjusted is None else min(self.adjusted - self.draw, Decimal(0))


class PayEntry(Struct, frozen=True):
    """One amount of what a line pays: the `bonus` itself, an `adjustment`, what is `carried` from
    earlier periods, or the `balance` that is carried on, so that not less is paid than may be."""

    kind: Literal["bonus", "adjustment", "carried", "balance"]
    amount: Decimal
    adjustment: Adjustment | None = None


class FundUse(Struct, frozen=True):
    """A pool or a fund of a period: `limit` is what there is, `computed` what was computed of it
    before it was scaled down, `paid` what was paid of it. `met` says whether the condition of a
    pool was (None: a figure of it is not known), `scorecards` whose people have a share in it."""

    id: str
    kind: Literal["pool", "fund"]
    limit: Decimal | None
    computed: Fraction
    paid: Decimal
    met: bool | None = True
    when: str = ""
    figures: tuple[tuple[str, Decimal | None], ...] = ()
    place: Place | None = None
    scorecards: tuple[str, ...] = ()


class Pay(Struct, frozen=True):
    """The pay of a period: lines in the order of scorecards and ranks."""

    lines: tuple[PayLine, ...] = ()
    funds: Later[tuple[FundUse, ...]] = ()

    def line(self, scorecard: str, ident: str, segment: str = "") -> PayLine | None:
        """Return the line of a row; None where it has none."""
        key = (scorecard, ident, segment)
        same = (one for one in self.lines if (one.scorecard, one.id, one.segment) == key)
        return next(same, None)

    @property
    def total(self) -> Decimal:
        """Return what is paid in all."""
        return sum((line.payout or Decimal(0) for line in self.lines), Decimal(0))


def to_money(amount: Fraction | Decimal) -> Decimal:
    """Round to the kopeck, half-up, with two places.

    >>> to_money(Fraction(34735238095, 1000000))
    Decimal('34735.24')
    """
    return to_decimal(amount, MONEY_PLACES).quantize(Decimal("0.01"), context=WIDE)
