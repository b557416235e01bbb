"""For how much of a month somebody is paid, as a bonus says."""

from __future__ import annotations

from fractions import Fraction

from kpictl.pay.payee import Payee
from kpictl.plan.pay import Prorate, ProrateSpec
from kpictl.values import Period


def spec_of(prorate: Prorate | None) -> ProrateSpec | None:
    """Return by what the pay of a part of a month is less; None where it is not."""
    if prorate is None or prorate == "none":
        return None
    if isinstance(prorate, ProrateSpec):
        return prorate
    return ProrateSpec(by=prorate, absences=[])


def share_of(payee: Payee, month: Period, prorate: Prorate | None) -> Fraction:
    """Return the share of a month that somebody is paid for, 0 to 1."""
    spec = spec_of(prorate)
    if spec is None:
        return Fraction(1)
    return payee.presence(month, spec.by, spec.absences).share
