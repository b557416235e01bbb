"""What the section `assert` says next to the KPIs and the sources of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.plan.asserts import SECTION, Side, matched_measure
from kpictl.plan.load import suggest

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound


def asserts(bound: Bound) -> Iterator[Problem]:
    """Both sides are KPIs of one unit, of whom they are asserted, and of records that match."""
    for name, spec in bound.plan.asserts.items():
        unknown = [side for side in spec.sides if side.kpi not in bound.plan.kpis]
        for side in unknown:
            data = {"name": side.kpi, **suggest(side.kpi, list(bound.plan.kpis))}
            yield Problem("bind.unknown_kpi", bound.place((SECTION, name, side.key)), data)
        if unknown:
            continue
        units = [bound.kind(side.kpi).shown_unit for side in spec.sides]
        if units[0] != units[1]:
            data = {"kpi": spec.kpi, "unit": units[0], "other": spec.equals, "other_unit": units[1]}
            yield Problem("assert.units", bound.place((SECTION, name, "equals")), data)
        for side in spec.sides:
            if spec.of != "company" and bound.of_company(side.kpi):
                data = {"kpi": side.kpi, "of": spec.of}
                yield Problem("assert.of_nobody", bound.place((SECTION, name, "of")), data)
            if side.fields and (bound.measures[side.kpi] or bound.kind(side.kpi).needs()):
                yield from _fields(bound, name, side)


def _fields(bound: Bound, name: str, side: Side) -> Iterator[Problem]:
    """The records of a side each give a part of it, and have the fields by which they match."""
    measure = matched_measure(bound, side.kpi)
    if measure is None:
        data = {"kpi": side.kpi, "verb": bound.kind(side.kpi).verb}
        yield Problem("assert.no_records", bound.place((SECTION, name, side.key)), data)
        return
    schema = bound.schemas[measure.entity]
    for first, own in zip(bound.plan.asserts[name].match, side.fields, strict=True):
        if schema.field(own) is None and own not in schema.broken:
            data = {"entity": measure.entity, "name": own, **suggest(own, list(schema.present))}
            place = bound.place((SECTION, name, "match", first), key=side.key == "kpi")
            yield Problem("bind.no_field", place, data)
