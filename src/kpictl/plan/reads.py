"""What a plan reads of its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kpictl.expressions import refs
from kpictl.expressions.money import AMOUNT, original_of
from kpictl.measure.query import NOBODY, Measure

if TYPE_CHECKING:
    from kpictl.sources.schema import Schema


def fields_needed(
    measures: Iterable[Measure], schemas: Mapping[str, Schema]
) -> dict[str, frozenset[str]]:
    """Return, per entity, the fields of its own records that a set of measures reads: of what is
    looked up, those that it is made of."""
    return own_fields(fields_named(measures), schemas)


def own_fields(
    named: Mapping[str, Iterable[str]], schemas: Mapping[str, Schema]
) -> dict[str, frozenset[str]]:
    """Return fields with those that are looked up replaced by keys, in both entities, and by what
    is taken there."""
    found: dict[str, set[str]] = {}
    waiting = [(entity, one) for entity, several in named.items() for one in several]
    found.update({entity: set() for entity in named})
    seen: set[tuple[str, str]] = set()
    while waiting:
        entity, one = waiting.pop()
        looked_up = schemas[entity].looked_up.get(one) if entity in schemas else None
        if (entity, one) in seen:
            continue
        seen.add((entity, one))
        if looked_up is None:
            found.setdefault(entity, set()).add(one)
            continue
        waiting.append((entity, looked_up.own))
        waiting.extend((looked_up.entity, part) for part in looked_up.others)
    return {entity: frozenset(names) for entity, names in sorted(found.items())}


def looked_up(
    named: Mapping[str, Iterable[str]], schemas: Mapping[str, Schema]
) -> dict[str, tuple[str, ...]]:
    """Return those of some fields that are looked up, by entity."""
    found = {
        entity: tuple(sorted(set(several) & schemas[entity].looked_up.keys()))
        for entity, several in sorted(named.items())
        if entity in schemas
    }
    return {entity: names for entity, names in found.items() if names}


def fields_named(measures: Iterable[Measure]) -> dict[str, frozenset[str]]:
    """Return, per entity, the fields that a set of measures names."""
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
            linked.update({measure.link.via, measure.link.when, measure.link.by} - {NOBODY})
            linked.update(refs(measure.link.where.tree) if measure.link.where else ())
    return {entity: frozenset(names) for entity, names in sorted(found.items())}
