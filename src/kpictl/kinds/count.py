"""`count: rows` or `count: distinct client_id`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from kpictl.kinds.base import Binder, Operands, PartTallies, Phrase, RecordKind, Word, single
from kpictl.measure.query import Measure, Op
from kpictl.plan.fields import Text
from kpictl.values import Fact
from kpictl.values.ranges import NOT_NEGATIVE, Range

_DISTINCT = "distinct "


class Count(RecordKind):
    """How many records there are, or how many different values a field takes in them."""

    verb: ClassVar[str] = "count"
    volume: ClassVar[bool] = True

    count: Text = Field(description="`rows`, or `distinct FIELD`.")

    def range(self) -> Range:
        return NOT_NEGATIVE

    def phrase(self) -> Phrase:
        text = self.count.strip()
        key = "count_rows" if text == "rows" else "count"
        data: dict[str, str | Word] = {
            "value": text.removeprefix(_DISTINCT),
            "entity": Word("entity", self.entity),
        }
        return Phrase(key, data, where=self.where, when=self.when)

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        path = ("kpis", kpi, "count")
        text = self.count.strip()
        if text == "rows":
            found = self.measure(kpi, binder, "value", op=Op.COUNT)
            return self.waiting(kpi, binder, (found,)) if found else ()
        if not text.startswith(_DISTINCT):
            binder.problem("kind.count", path, given=text)
            return ()
        value = binder.expression(self.entity, text.removeprefix(_DISTINCT), path, ())
        found = self.measure(kpi, binder, "value", op=Op.DISTINCT, value=value)
        return self.waiting(kpi, binder, (found,)) if found and value else ()

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del operands
        return self.guard(single(tallies["value"], empty_is_zero=True))
