"""`percentile: {of: minutes(opened, closed), at: 90}`."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from msgspec.structs import replace
from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, Phrase, ValueKind, single
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import NotNegative, Part, Text, unfit
from kpictl.values import Fact


class PercentileOf(Part):
    """What to rank, and where to look."""

    of: Text = Field(description="The number: a field or an expression.")
    at: NotNegative = Field(description="The percentile, 0 to 100.")

    def model_post_init(self, _context: object) -> None:
        if self.at > 100:
            raise unfit("percentile", "at", given=str(self.at))


class Percentile(ValueKind):
    """The value below which `at` percent of the values lie, interpolated between neighbours.

    Linear between order statistics at (n - 1) * at / 100, as spreadsheets do (PERCENTILE.INC).
    """

    verb: ClassVar[str] = "percentile"

    percentile: PercentileOf

    def value_text(self) -> str:
        return self.percentile.of

    def phrase(self) -> Phrase:
        found = super().phrase()
        return replace(found, data={**found.data, "at": str(self.percentile.at)})

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        position = Fraction(self.percentile.at) / 100
        return self.value_measure(kpi, binder, op=Op.QUANTILE, position=position)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        return self.guard(single(tallies["value"], empty_is_zero=False))
