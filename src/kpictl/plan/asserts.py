"""The section `assert` of a plan: figures of two sources that must agree before anybody is paid."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from kpictl.measure.query import Op
from kpictl.plan.fields import Part, Text, to_number, unfit

if TYPE_CHECKING:
    from kpictl.measure.query import Measure
    from kpictl.plan.bound import Bound

SECTION = "assert"
MATCHED = (Op.SUM, Op.COUNT)
"""What a record alone gives a part of, so that records can be held against one another."""


class Tolerance(Struct, frozen=True):
    """By how much two figures may differ: so much, in their unit, or percent of the second."""

    value: Decimal = Decimal(0)
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.value:f}%" if self.percent else f"{self.value:f}"

    def allows(self, difference: Fraction, second: Fraction) -> bool:
        """Say whether figures that are `difference` apart agree.

        >>> Tolerance(Decimal(1), percent=True).allows(Fraction(-5), Fraction(500))
        True
        """
        most = Fraction(self.value)
        if self.percent:
            most = abs(second) * most / 100
        return abs(difference) <= most


_PERCENT = re.compile(r"(?P<number>.+?)\s*%")


def _tolerance(value: Any) -> Any:
    """Take a number, or percent: `100`, `1%`."""
    if isinstance(value, Tolerance):
        return value
    share = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    most = to_number(share["number"] if share else value)
    if most < 0:
        raise PydanticCustomError("not_negative", "negative", {"given": str(value)})
    return Tolerance(most, percent=share is not None)


class Side(Struct, frozen=True):
    """A side of an assertion: its key in the plan, its KPI, the fields by which its records match
    those of the other."""

    key: str
    kpi: str
    fields: tuple[str, ...]


class Assert(Part):
    """Two KPIs that must come to the same, such as won deals and the payments that accounting has
    of them."""

    label: Text | None = Field(None, description="What is asserted, in words.")
    kpi: Text = Field(description="A KPI.")
    equals: Text = Field(description="The KPI that it must be equal to.")
    of: Literal["company", "scorecard", "employee"] = Field(
        "company",
        description="Whose figures: all records, also nobody's; those of a scorecard's people "
        "together; each one's own.",
    )
    tolerance: Annotated[
        Tolerance,
        BeforeValidator(_tolerance),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "number", "minimum": 0},
                    {"type": "string", "examples": ["1%"], "pattern": "%$"},
                ]
            }
        ),
    ] = Field(
        default_factory=Tolerance,
        description="By how much they may differ: a number in their unit, or percent of `equals`. "
        "Default: not at all.",
    )
    match: dict[Text, Text] = Field(
        {},
        description="Field of the records of `kpi` → field of those of `equals`: records that "
        "belong together have the same in them. Several: all of them.",
    )

    @model_validator(mode="after")
    def _of_two(self) -> Assert:
        if self.kpi == self.equals:
            raise unfit("assert_itself", "equals")
        return self

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both sides, the first of which is `kpi`."""
        first = Side("kpi", self.kpi, tuple(self.match))
        return first, Side("equals", self.equals, tuple(self.match.values()))


def matched_fields(bound: Bound) -> dict[str, frozenset[str]]:
    """Return the fields by which records are matched, by entity; a plan may be wrong."""
    found: dict[str, set[str]] = {}
    for spec in bound.plan.asserts.values():
        for side in spec.sides:
            for measure in bound.measures.get(side.kpi, ()):
                schema = bound.schemas.get(measure.entity)
                fields = [schema.field(name) for name in side.fields] if schema else []
                found.setdefault(measure.entity, set()).update(f.name for f in fields if f)
    return {entity: frozenset(names) for entity, names in sorted(found.items()) if names}


def matched_measure(bound: Bound, kpi: str) -> Measure | None:
    """Return the measure whose records can be held against those of another; None where a KPI is
    not made of parts that records give alone."""
    several = bound.measures.get(kpi, ())
    alone = len(several) == 1 and not bound.kind(kpi).needs()
    return several[0] if alone and several[0].op in MATCHED else None
