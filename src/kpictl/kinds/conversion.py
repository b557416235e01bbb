"""`conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}`."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field

from kpictl.expressions import Type
from kpictl.expressions.functions import asks_working_time
from kpictl.kinds.base import Binder, Kind, Operands, PartTallies, Path, Phrase, Word
from kpictl.measure.query import NOBODY, Link, Measure, Op
from kpictl.plan.fields import Part, Text, Window
from kpictl.values import Fact
from kpictl.values.ranges import ANYTHING, PERCENT, Range


class ConversionOf(Part):
    """From what, to what, and how the two are held together."""

    entity: Text = Field(alias="from", description="The entity that converts: leads.")
    to: Text = Field(description="The entity it converts into: deals.")
    basis: Literal["cohort", "period"] = Field(
        description="cohort: of the period's own records, how many were followed by a success; "
        "period: the period's successes over the period's records, whenever they began."
    )
    where: Text | None = Field(None, description="What makes a record of `to` a success: won.")
    when: Text = Field("closed_at", description="The date of the success, a field of `to`.")
    within: Window | None = Field(
        None, description="How long a record may take to convert (30d); needed by `cohort`."
    )
    by: Text | None = Field(
        None, description="Whose the success is, for the period basis. Default: the owner of `to`."
    )
    via: Text = Field(
        "lead_id",
        description="The field of `to` that holds the id of `from`, as text: `007` is not `7`.",
    )


class Conversion(Kind):
    """How many records led to a success, in percent; each base record counts once.

    `where`, `when` and `by` on the KPI itself are those of the base records.
    """

    verb: ClassVar[str] = "conversion"
    quotient: ClassVar[bool] = True

    conversion: ConversionOf
    where: Text | None = Field(None, description="Which base records count.")
    when: Text = Field(description="The date field that puts a base record into the period.")
    by: Text | None = Field(
        None, description="Whose number it is: a field, or none. Default: the owner."
    )

    @property
    def shown_unit(self) -> str:
        return self.unit or "percent"

    @property
    def divides_strangers(self) -> bool:
        return self.conversion.basis == "period"

    def range(self) -> Range:
        return PERCENT if self.conversion.basis == "cohort" else ANYTHING

    def entities(self) -> tuple[str, ...]:
        return (self.conversion.entity, self.conversion.to)

    def link_fields(self) -> tuple[tuple[str, str], ...]:
        spec = self.conversion
        return ((spec.to, spec.via),) if spec.basis == "cohort" else ()

    def phrase(self) -> Phrase:
        spec = self.conversion
        data: dict[str, str | Word] = {
            "base": Word("entity", spec.entity),
            "to": Word("entity", spec.to),
        }
        key = f"conversion.{spec.basis}"
        if spec.basis == "cohort":
            days, rest = divmod(spec.within or 0, 86400)
            data["time"] = f"{(spec.within or 0) // 3600}" if rest else f"{days}"
            key += ".hours" if rest else ".days"
        return Phrase(key, data, aside=spec.where, where=self.where, when=self.when)

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        path: Path = ("kpis", kpi, "conversion")
        spec = self.conversion
        if spec.basis == "cohort" and spec.within is None:
            binder.problem("kind.cohort_window", path)
            return ()
        known = [
            binder.has_entity(entity, (*path, key))
            for key, entity in (("from", spec.entity), ("to", spec.to))
        ]
        if not all(known):
            return ()
        base = self._base(kpi, binder)
        hits = self._cohort(base, binder, path) if spec.basis == "cohort" else None
        if spec.basis == "period":
            hits = self._period(kpi, binder, path)
        return () if base is None or hits is None else (base, hits)

    def _base(self, kpi: str, binder: Binder) -> Measure | None:
        entity, path = self.conversion.entity, ("kpis", kpi)
        where = None
        if self.where is not None:
            where = binder.expression(entity, self.where, (*path, "where"), {Type.BOOL})
        when = binder.settle_moment(entity, self.when, (*path, "when"))
        by = binder.owner(entity, self.by, (*path, "by"))
        if when is None or by is None or (self.where is not None and where is None):
            return None
        return Measure(kpi, "base", entity, Op.COUNT, when, by, where=where)

    def _cohort(self, base: Measure | None, binder: Binder, path: Path) -> Measure | None:
        spec = self.conversion
        where = None
        if spec.where is not None:
            where = binder.expression(spec.to, spec.where, (*path, "where"), {Type.BOOL})
        when = binder.settle_moment(spec.to, spec.when, (*path, "when"))
        via = binder.key(spec.to, spec.via, (*path, "via"))
        if base is None or when is None or via is None or spec.within is None:
            return None
        if spec.where is not None and where is None:
            return None
        by = NOBODY  # whose success it is matters only where it is asked when they work
        if where is not None and asks_working_time(where.tree):
            by = binder.owner_if_any(spec.to, spec.by) or NOBODY
        link = Link(spec.to, via, where, when, spec.within, by)
        return replace(base, part="hits", op=Op.LINKED, link=link)

    def _period(self, kpi: str, binder: Binder, path: Path) -> Measure | None:
        spec = self.conversion
        where = None
        if spec.where is not None:
            where = binder.expression(spec.to, spec.where, (*path, "where"), {Type.BOOL})
        when = binder.settle_moment(spec.to, spec.when, (*path, "when"))
        by = binder.owner(spec.to, spec.by, (*path, "by"))
        if when is None or by is None or (spec.where is not None and where is None):
            return None
        return Measure(kpi, "hits", spec.to, Op.COUNT, when, by, where=where)

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        base, hits = tallies["base"], tallies["hits"]
        count = hits.total or Fraction(0)
        return self.quotient_fact(count, Fraction(base.n), base.n, hits.immature)
