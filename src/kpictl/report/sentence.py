"""A KPI as a sentence: what is taken, of which records, by which date and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.kinds.conversion import Conversion
from kpictl.kinds.formula import Formula
from kpictl.kinds.ratio import Ratio

if TYPE_CHECKING:
    from kpictl.explain import Explanation, Step
    from kpictl.report.explanation import Teller


def sentence(teller: Teller, found: Explanation, step: Step) -> str:
    """Say in words how a KPI is made."""
    kind = step.kind
    verb = type(kind).verb
    if isinstance(kind, Ratio):
        return teller.say(
            "sentence.ratio",
            of=teller.kpi(kind.ratio.of, found),
            over=teller.kpi(kind.ratio.over, found),
        )
    if isinstance(kind, Formula):
        return teller.say("sentence.formula", text=teller.formula(kind, found))
    if isinstance(kind, Conversion):
        spec = kind.conversion
        hours = (spec.within or 0) // 3600
        window = f"{hours // 24}" if hours % 24 == 0 else f"{hours}/24"
        text = teller.say(
            f"sentence.conversion.{spec.basis}",
            base=teller.entities(spec.entity),
            to=teller.entities(spec.to),
            days=window,
        )
        where = f" ({spec.where})" if spec.where else ""
        return text + where + _tail(teller, kind.where, kind.when, step)
    value = {
        "count": getattr(kind, "count", ""),
        "percentile": getattr(getattr(kind, "percentile", None), "of", ""),
    }.get(verb) or str(getattr(kind, verb))
    at = str(getattr(getattr(kind, "percentile", None), "at", ""))
    name = "count_rows" if verb == "count" and value == "rows" else verb
    value = value.removeprefix("distinct ")
    entity = teller.entities(step.parts[0].measure.entity) if step.parts else ""
    text = teller.say(f"sentence.{name}", value=value, entity=entity, at=at)
    return text + _tail(teller, getattr(kind, "where", None), getattr(kind, "when", ""), step)


def _tail(teller: Teller, where: str | None, when: str, step: Step) -> str:
    tail = teller.say("sentence.where", where=where) if where else ""
    by = step.parts[0].measure.by if step.parts else ""
    whose = teller.say("sentence.by", by=teller.field(by, step)) if by else ""
    return tail + teller.say("sentence.when", when=teller.field(when, step)) + whose
