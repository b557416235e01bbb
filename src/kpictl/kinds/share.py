"""`share: rating >= 4` of the records that `where` names."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from msgspec.structs import replace
from pydantic import Field

from kpictl.expressions import Expression, Operation, Type
from kpictl.kinds.base import Binder, Operands, PartTallies, Phrase, RecordKind, Word
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact
from kpictl.values.ranges import PERCENT, Range


class Share(RecordKind):
    """How many of the records satisfy a condition, in percent unless `unit` says otherwise."""

    verb: ClassVar[str] = "share"
    quotient: ClassVar[bool] = True

    share: Text = Field(description="The condition of the records to count.")

    @property
    def shown_unit(self) -> str:
        return self.unit or "percent"

    def range(self) -> Range:
        return PERCENT

    def phrase(self) -> Phrase:
        data: dict[str, str | Word] = {"value": self.share, "entity": Word("entity", self.entity)}
        return Phrase("share", data, where=self.where, when=self.when)

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        hit = binder.expression(self.entity, self.share, ("kpis", kpi, "share"), {Type.BOOL})
        base = self.measure(kpi, binder, "base", op=Op.COUNT)
        if hit is None or base is None:
            return ()
        both = hit
        if base.where is not None:
            tree = Operation("and", (base.where.tree, hit.tree), Type.BOOL)
            both = Expression(f"({base.where.text}) and ({hit.text})", tree)
        return self.waiting(kpi, binder, (base, replace(base, part="hits", where=both)))

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        base, hits = tallies["base"].n, tallies["hits"].n
        return self.quotient_fact(Fraction(hits), Fraction(base), base)
