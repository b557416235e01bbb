"""`stddev: amount`."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, ValueKind
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import VALUE_PLACES, Fact, State


class Stddev(ValueKind):
    """How far values lie from their average: the sample standard deviation, with n - 1 below the
    line (STDEV.S of spreadsheets), to 10 decimals. One value alone has none."""

    verb: ClassVar[str] = "stddev"

    stddev: Text = Field(description="The number whose spread is taken: a field or an expression.")

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        return self.value_measure(kpi, binder, op=Op.SPREAD)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        tally = tallies["value"]
        if tally.total is None or tally.squares is None:
            return Fact(State.NO_DATA)
        if tally.n == 1:
            return Fact(State.INSUFFICIENT, n=1, need=max(self.min_n or 0, 2))
        variance = (tally.squares - tally.total**2 / tally.n) / (tally.n - 1)
        return self.guard(Fact(State.MEASURED, root(variance), tally.n))


def root(square: Fraction) -> Fraction:
    """Return the square root to 10 decimals, half-up, in whole numbers only.

    >>> root(Fraction(2))
    Fraction(707106781187, 500000000000)
    """
    scale = 10**VALUE_PLACES
    halves = isqrt(4 * square.numerator * scale**2 // square.denominator)
    return Fraction((halves + 1) // 2, scale)
