"""`average: rating`."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, ValueKind
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact


class Average(ValueKind):
    """The sum over the number of values; records without a value are not in it."""

    verb: ClassVar[str] = "average"

    average: Text = Field(description="The number to average: a field or an expression.")

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        return self.value_measure(kpi, binder, op=Op.SUM)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        tally = tallies["value"]
        return self.quotient_fact(tally.total or Fraction(0), Fraction(tally.n), tally.n)
