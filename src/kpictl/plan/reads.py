"""What a plan reads of its sources."""

from __future__ import annotations

from collections.abc import Iterable

from kpictl.expressions import refs
from kpictl.expressions.money import AMOUNT, original_of
from kpictl.query import NOBODY, Measure


def fields_needed(measures: Iterable[Measure]) -> dict[str, frozenset[str]]:
    """Return, per entity, the fields that a set of measures reads."""
    found: dict[str, set[str]] = {}
    for measure in measures:
        names = found.setdefault(measure.entity, set())
        names.update({measure.when, measure.by} - {NOBODY})
        for part in (measure.value, measure.where):
            names.update(refs(part.tree) if part else ())
        if AMOUNT in measure.converted:
            names.add(original_of(AMOUNT))
        if measure.link is not None:
            names.add("id")
            linked = found.setdefault(measure.link.entity, set())
            linked.update({measure.link.via, measure.link.when})
            linked.update(refs(measure.link.where.tree) if measure.link.where else ())
    return {entity: frozenset(names) for entity, names in sorted(found.items())}
