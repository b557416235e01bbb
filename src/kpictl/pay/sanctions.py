"""Reductions for disciplinary sanctions: of what one person is paid for the period in which they
were applied, all bonuses together, and within the cap of the law.

Labour Code of Russia, art. 135 as in force from 1 September 2025: the reduction may not lower the
wage of the month by more than 20 percent. Whether the wage is taken with the bonus or without it is
disputed: `base: wage` or `base: salary`. The wage of a month has one salary, of however many
scorecards and months the bonus is: the salary of a longer period is that of its last month, in
which its bonus is paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.pay.paybook import Sanction
from kpictl.pay.payee import Payee, mean_salary, payees
from kpictl.pay.pools import divide_by_number
from kpictl.people.absences import KINDS
from kpictl.plan.pay import ProrateBy, ProrateSpec, Sanctions
from kpictl.values import Pay, PayLine, PayStep, to_money

if TYPE_CHECKING:
    from kpictl.app.computation import Computation


class Cap(Struct, frozen=True):
    """At most what the sanctions against one person take: `percent` of the `base`, which is what
    `of` says."""

    percent: Fraction
    base: Fraction
    of: str

    @property
    def amount(self) -> Fraction:
        return self.base * self.percent / 100


def applied(pay: Pay, computed: Computation) -> Pay:
    """Return the pay less the sanctions of the period, each a step of every line that it lowers;
    together they take at most the cap from one person."""
    spec, book = computed.bound.plan.pay.sanctions, computed.workspace.paybook
    period = computed.period
    if spec is None:
        return pay
    against: dict[str, list[Payee]] = {}
    for payee in payees(computed) if book.sanctions else ():
        if book.sanctions_of(payee.person.id, period):
            against.setdefault(payee.person.id, []).append(payee)
    lines = list(pay.lines)
    for ident, posts in against.items():
        numbers = [n for n, line in enumerate(lines) if line.id == ident and (line.earned or 0) > 0]
        own = [lines[n] for n in numbers]
        lowered = _lowered(own, posts, spec, book.sanctions_of(ident, period))
        for n, line in zip(numbers, lowered, strict=True):
            lines[n] = line
    return replace(pay, lines=tuple(lines))


def _lowered(
    lines: Sequence[PayLine], posts: Sequence[Payee], spec: Sanctions, sanctions: Sequence[Sanction]
) -> list[PayLine]:
    """Return the lines of one person less the sanctions, each by its part of what is paid."""
    bonus = sum((line.earned or Fraction(0) for line in lines), Fraction(0))
    salary = _salary(posts)
    if salary is None:
        return [replace(line, state="no_salary", amount=None, earned=None) for line in lines]
    base = salary + bonus if spec.base == "wage" else salary
    cap = Cap(Fraction(spec.cap), base, spec.base)
    left, several = min(cap.amount, bonus), list(lines)
    shares = [(line.earned or Fraction(0)) / bonus for line in lines]
    for sanction in sanctions:
        wanted = bonus * Fraction(sanction.reduction) / 100
        taken = min(wanted, left)
        left -= taken
        several = [
            _less(line, sanction, cap, (wanted * share, taken * share))
            for line, share in zip(several, shares, strict=True)
        ]
    kept = sum((line.earned or Fraction(0) for line in several), Fraction(0))
    amounts = divide_by_number(Fraction(to_money(kept)), shares)
    return [replace(line, amount=to_money(own)) for line, own in zip(several, amounts, strict=True)]


def _less(line: PayLine, sanction: Sanction, cap: Cap, own: tuple[Fraction, Fraction]) -> PayLine:
    wanted, taken = own
    earned = (line.earned or Fraction(0)) - taken
    data = {
        "order": sanction.order,
        "day": sanction.day,
        "percent": sanction.reduction,
        "wanted": wanted,
        "base": cap.base,
        "base_of": cap.of,
        "cap_percent": cap.percent,
        "cap": cap.amount,
        "reduction": taken,
    }
    step = PayStep("pay.sanction", data, earned, sanction.place)
    return replace(line, earned=earned, steps=(*line.steps, step))


def _salary(posts: Sequence[Payee]) -> Fraction | None:
    """Return the salary of the last month of the period for the days worked in it, in each post
    once; None where it is not known."""
    by: ProrateBy = "worked_days"
    if posts[0].computed.bound.calendar is None:
        by = "calendar_days"
    spec = ProrateSpec(by=by, absences=[kind for kind in KINDS if kind != "worked"])
    salary = Fraction(0)
    for payee in {one.row.segment: one for one in posts}.values():
        month = payee.months[-1]
        of_month = mean_salary(payee.salaries(month, spec))
        if of_month is None:
            return None
        salary += of_month * payee.presence(month, by, spec.absences).share
    return salary
