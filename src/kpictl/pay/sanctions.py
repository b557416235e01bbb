"""Reductions for disciplinary sanctions: of the bonus of the period in which they were applied, and
within the cap of the law.

Labour Code of Russia, art. 135 as in force from 1 September 2025: the reduction may not lower the
wage of the month by more than 20 percent. Whether the wage is taken with the bonus or without it is
disputed: `base: wage` or `base: salary`.
"""

from __future__ import annotations

from fractions import Fraction

from kpictl.absences import KINDS
from kpictl.pay.payee import Payee, mean_salary
from kpictl.pay.steps import Computed
from kpictl.plan.pay import ProrateBy, Sanctions
from kpictl.values import PayStep


def reduced(payee: Payee, total: Computed) -> Computed:
    """Return a bonus less the sanctions of the period, each a step; together at most the cap."""
    computed = payee.computed
    spec, period = computed.bound.plan.pay.sanctions, computed.job.period
    sanctions = computed.workspace.paybook.sanctions_of(payee.person.id, period)
    if spec is None or total.amount is None or total.amount <= 0 or not sanctions:
        return total
    bonus = total.amount
    base = _base(payee, spec, bonus)
    if base is None:
        return Computed(None, state="no_salary")
    cap = base * Fraction(spec.cap) / 100
    left = min(cap, bonus)
    for sanction in sanctions:
        wanted = bonus * Fraction(sanction.reduction) / 100
        taken = min(wanted, left)
        left -= taken
        data = {
            "order": sanction.order,
            "day": sanction.day,
            "percent": sanction.reduction,
            "wanted": wanted,
            "base": base,
            "base_of": spec.base,
            "cap_percent": spec.cap,
            "cap": cap,
            "reduction": taken,
        }
        step = PayStep("pay.sanction", data, place=sanction.place)
        total = total.becoming((total.amount or Fraction(0)) - taken, step)
    return total


def _base(payee: Payee, spec: Sanctions, bonus: Fraction) -> Fraction | None:
    """Return what the cap is a percentage of: the salary for the days worked, with the bonus or
    without; None where the salary is not known."""
    by: ProrateBy = "calendar_days" if payee.computed.bound.calendar is None else "worked_days"
    kinds = [kind for kind in KINDS if kind != "worked"]
    salary = Fraction(0)
    for month in payee.months:
        of_month = mean_salary(payee.salaries(month))
        if of_month is None:
            return None
        salary += of_month * payee.presence(month, by, kinds).share
    return salary + bonus if spec.base == "wage" else salary
