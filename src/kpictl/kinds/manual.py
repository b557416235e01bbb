"""`manual: marks.xlsx`: numbers that people type, such as marks of experts and surveys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field, model_validator

from kpictl.expressions import Type
from kpictl.kinds.base import Binder, Kind, Operands, PartTallies, Phrase
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import MONTHS, Text, Whole, unfit
from kpictl.values import Fact, State

PERIOD, VALUE = "period", "value"
REPLACED, LATE, AHEAD = "replaced", "late", "ahead"
"""Why a value does not hold: another one came after it; it came too late; it is dated after the
moment at which the number is asked for."""


class Manual(Kind):
    """Values that people type, each of an employee and a period; what nobody has typed is no data,
    never zero."""

    file_keys: ClassVar = ("manual",)

    verb: ClassVar[str] = "manual"
    is_typed: ClassVar[bool] = True

    manual: Text | list[Text] = Field(
        description="File with employee, kpi, period, value, author, date, reason; glob, or a list."
    )
    sheet: Text | None = Field(
        None,
        description="Of a workbook: the sheet that is read, `*` for all. Default: those called like"
        " a KPI or a period, else the first.",
    )
    every: Literal["month", "quarter", "half", "year"] = Field(
        "month", description="Of what length of time each value is."
    )
    together: Literal["mean", "sum"] = Field(
        "mean",
        description="What several values make: months of a quarter, people of a department.",
    )
    authors: list[Text] = Field(
        [], description="Who may type: a value by anybody else is a mistake. Default: anybody."
    )
    due: Whole | None = Field(
        None, description="By how many days after the end of its period a value is to be there."
    )
    late: Literal["warn", "ignore"] = Field(
        "warn", description="What is done with a value that came later: taken and said, or not."
    )

    @model_validator(mode="after")
    def _has_term(self) -> Manual:
        if self.late == "ignore" and self.due is None:
            raise unfit("late_alone", "late")
        return self

    @property
    def paths(self) -> list[str]:
        """Return the names and patterns of its files."""
        return self.manual if isinstance(self.manual, list) else [self.manual]

    @property
    def term(self) -> int | None:
        """Return the days of `due`."""
        return self.due

    @property
    def months(self) -> int:
        """Return how many months a value is of."""
        return MONTHS[self.every]

    def grows(self, volumes: Mapping[str, bool]) -> bool:
        del volumes
        return self.together == "sum"

    def expressions(self) -> Iterator[str]:
        """Nothing that a plan says of such a KPI names a field."""
        return iter(())

    def phrase(self) -> Phrase:
        return Phrase(f"manual.{self.together}", {"file": ", ".join(self.paths)})

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        entity, path = entity_of(kpi), ("kpis", kpi, self.verb)
        if not binder.has_entity(entity, path):
            return ()
        holds = " and ".join(f"not {reason}" for reason in (REPLACED, LATE, AHEAD))
        where = binder.expression(entity, holds, path, {Type.BOOL})
        value = binder.expression(entity, VALUE, path, {Type.NUMBER})
        when = binder.settle_moment(entity, PERIOD, path)
        by = binder.owner(entity, None, path)
        assert when is not None  # noqa: S101  the reader's own fields are there
        assert by is not None  # noqa: S101
        made = Measure(kpi, "value", entity, Op.SUM, when, by, value, where)
        return (replace(made, monthly=True, months=self.months),)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        tally = tallies["value"]
        if self.together == "mean":
            return self.quotient_fact(tally.total or Fraction(0), Fraction(tally.n), tally.n)
        if tally.total is None:
            return Fact(State.NO_DATA)
        return self.guard(replace(Fact(State.MEASURED, tally.total), n=tally.n))


def typed(kpis: Mapping[str, Kind]) -> dict[str, Manual]:
    """Return the KPIs whose values people type."""
    return {kpi: kind for kpi, kind in kpis.items() if isinstance(kind, Manual)}


def entity_of(kpi: str) -> str:
    """Return what the values of a KPI are called among the entities of the sources."""
    return f"manual.{kpi}"
