"""`awards:` of a plan: recognition without money, who gets it and over how many periods.

An award is a condition on a row of a scorecard (`when`), on each of its weighted KPIs (`every`), or
a comparison of periods (`most_improved`, `record`). `for` asks for a condition in several periods.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kpictl.plan.fields import Part, Text, unfit
from kpictl.scoring.conditions import OF_ROW, ConditionNames

MOST_PERIODS = 36
_PERIODS = re.compile(
    r"(?:(?P<least>\d{1,3})\s*(?:of|из)\s*)?(?P<of>\d{1,3})\s*(?:periods?|период\w*)"
)
_TENURE = re.compile(r"(?P<count>\d{1,3})\s*(?P<unit>months?|years?|месяц\w*|лет|год\w*)")


class PeriodCount(Struct, frozen=True):
    """In how many (`least`) of the last `of` periods, this one among them: `5 of 6 periods`."""

    least: int
    of: int

    def __str__(self) -> str:
        return (
            f"{self.least} of {self.of} periods" if self.least < self.of else f"{self.of} periods"
        )


def _period_count(value: Any) -> PeriodCount:
    match = _PERIODS.fullmatch(" ".join(str(value).lower().split()))
    if match is None:
        raise PydanticCustomError("award_for", "not a count of periods", {"given": str(value)})
    count = PeriodCount(int(match["least"] or match["of"]), int(match["of"]))
    if not 1 <= count.least <= count.of or not 2 <= count.of <= MOST_PERIODS:
        limit = {"given": str(value), "most": MOST_PERIODS}
        raise PydanticCustomError("award_periods", "too many or too few", limit)
    return count


def _periods(value: Any) -> int:
    match = _PERIODS.fullmatch(" ".join(str(value).lower().split()))
    if match is None or match["least"] is not None:
        raise PydanticCustomError("award_count", "not a count of periods", {"given": str(value)})
    return _period_count(value).of


def _tenure(value: Any) -> int:
    match = _TENURE.fullmatch(" ".join(str(value).lower().split()))
    if match is None or not int(match["count"]):
        raise PydanticCustomError("award_tenure", "not a length of service", {"given": str(value)})
    return int(match["count"]) * (1 if match["unit"].startswith(("month", "месяц")) else 12)


_TEXT = {"type": "string"}
Periods = Annotated[
    int, BeforeValidator(_periods), WithJsonSchema({**_TEXT, "examples": ["3 periods"]})
]
InPeriods = Annotated[
    PeriodCount,
    BeforeValidator(_period_count),
    WithJsonSchema({**_TEXT, "examples": ["3 periods", "5 of 6 periods"]}),
]
Months = Annotated[
    int, BeforeValidator(_tenure), WithJsonSchema({**_TEXT, "examples": ["12 months"]})
]


class Award(Part):
    """Recognition without money, given to each whose row meets all that it says."""

    label: Text = Field(description="What it is called.")
    when: Text | None = Field(
        None, description="A condition on a row: `rank = 1`, `index >= 110`, `revenue >= 1000000`."
    )
    every: Text | None = Field(
        None, description="A condition on each weighted KPI of it: `score >= 100`."
    )
    most_improved: Periods | None = Field(
        None,
        description="`3 periods`: to whose index has risen most above the mean of so many before.",
    )
    record: Periods | None = Field(
        None, description="`6 periods`: to whose index is their best of so many, this one included."
    )
    of: Text | None = Field(
        None, description="A KPI whose fact is compared by these two, instead of the index."
    )
    for_: InPeriods | None = Field(
        None,
        alias="for",
        description="In how many periods up to this one: `3 periods`, `5 of 6 periods`.",
    )
    gates: Literal["passed"] | None = Field(
        None, description="`passed`: only without a failed gate in any of those periods."
    )
    tenure: Months | None = Field(
        None, description="`12 months`: only to who was hired so long before the period ended."
    )
    among: Text | list[Text] | None = Field(
        None, description="Of which scorecards. Default: all of people, each by itself."
    )

    def model_post_init(self, _context: object) -> None:
        given = [key for key in _COMPARED if getattr(self, key) is not None]
        conditions = self.when is not None or self.every is not None
        if len(given) > 1:
            raise unfit("award_two", *_COMPARED)
        if not given and not conditions:
            raise unfit("award_nothing", "label")
        if self.of is not None and not given:
            raise unfit("award_of", "of")
        if self.for_ is not None and not conditions:
            raise unfit("award_for_what", "for")

    @property
    def scorecards(self) -> tuple[str, ...]:
        """Return the scorecards that it names; none where it is of all."""
        if self.among is None:
            return ()
        return tuple(self.among) if isinstance(self.among, list) else (self.among,)

    @property
    def earlier(self) -> int:
        """Return how many periods before this one it looks at."""
        held = 0 if self.for_ is None else self.for_.of - 1
        best = 0 if self.record is None else self.record - 1
        return max(held, best, self.most_improved or 0)


_COMPARED = ("most_improved", "record")
OF_EACH = ("attainment", "score")
"""What the condition on each KPI may ask for of it."""
_OF_KPI = (*OF_EACH, "value", "target")


def names_of(kpis: Iterable[str], *, each: bool = False) -> ConditionNames:
    """Return what a condition of an award may ask for; `each` is that on each KPI, which may ask
    for what any has. A pace is of a period that goes on, and no award is given then."""
    return ConditionNames(tuple(kpis), OF_ROW, OF_EACH if each else (), _OF_KPI)
