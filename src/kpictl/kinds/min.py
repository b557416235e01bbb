"""`min: amount`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, ValueKind, single
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact


class Min(ValueKind):
    """The smallest value among the records."""

    verb: ClassVar[str] = "min"

    min: Text = Field(description="The number to look for: a field or an expression.")

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        return self.value_measure(kpi, binder, op=Op.MIN)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        return self.guard(single(tallies["value"], empty_is_zero=False))
