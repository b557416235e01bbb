"""`sum: amount`."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, ValueKind, single
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact


class Sum(ValueKind):
    """The sum of a number over the records; of no records it is zero."""

    verb: ClassVar[str] = "sum"
    volume: ClassVar[bool] = True

    sum: Text = Field(description="The number to add up: a field or an expression.")

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        return self.value_measure(kpi, binder, op=Op.SUM, divided=True)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        tally = tallies["value"]
        fact = single(tally, empty_is_zero=True)
        fact = replace(fact, lacking=tally.no_value, lacking_rate=tally.no_rate)
        return self.guard(replace(fact, empty=tally.total is None))
