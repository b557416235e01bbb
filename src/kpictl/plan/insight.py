"""`insight:` of a plan: whom people are compared with, and from where on that is strong or weak."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from kpictl.plan.fields import Count, Number, Part, unfit


class InsightPlan(Part):
    """How `compute --insight` finds strengths and weaknesses."""

    peers: Literal["scorecard", "department"] = Field(
        "scorecard", description="Who is compared: all of a scorecard, or those of a department."
    )
    min_peers: Count = Field(5, description="With fewer of them who have a KPI: not compared.")
    strong: Number = Field(Decimal(1), description="From this robust z on it is a strength.")
    weak: Number = Field(Decimal(-1), description="Up to this one it is a weakness.")

    def model_post_init(self, _context: object) -> None:
        if self.weak >= self.strong:
            raise unfit("insight_order", "weak", "strong")
