"""`median: minutes(created_at, first_reply_at)`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, ValueKind, single
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact


class Median(ValueKind):
    """The middle value; of an even number of values, the mean of the middle two."""

    verb: ClassVar[str] = "median"

    median: Text = Field(description="The number to take the middle of: a field or an expression.")

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        return self.value_measure(kpi, binder, op=Op.QUANTILE)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        return self.guard(single(tallies["value"], empty_is_zero=False))
