"""`ratio: {of: revenue, over: won_deals}`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Kind, Operands, PartTallies, Phrase, Word
from kpictl.measure.query import Measure
from kpictl.plan.fields import Part, Text
from kpictl.values import Fact, State


class RatioOf(Part):
    """Two KPIs."""

    of: Text = Field(description="The KPI above the line.")
    over: Text = Field(description="The KPI below the line; min_n counts its records.")


class Ratio(Kind):
    """One KPI over another; both parts are kept, and a roll-up divides the summed parts."""

    verb: ClassVar[str] = "ratio"
    quotient: ClassVar[bool] = True

    ratio: RatioOf

    def needs(self) -> tuple[str, ...]:
        return self.ratio.of, self.ratio.over

    def phrase(self) -> Phrase:
        return Phrase(
            "ratio", {"of": Word("kpi", self.ratio.of), "over": Word("kpi", self.ratio.over)}
        )

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        del kpi, binder
        return ()

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del tallies
        top, bottom = operands[self.ratio.of], operands[self.ratio.over]
        for part in (top, bottom):
            if part.plain is None:
                return Fact(part.fact.state, n=part.fact.n, need=part.fact.need)
        assert top.plain is not None  # noqa: S101  the loop has just seen it
        assert bottom.plain is not None  # noqa: S101
        if not bottom.plain:
            return Fact(State.NO_DATA, n=bottom.fact.n, parts=(top.plain, bottom.plain))
        fact = self.quotient_fact(top.plain, bottom.plain, bottom.fact.n)
        return self.held_together(fact, (top.fact,))
