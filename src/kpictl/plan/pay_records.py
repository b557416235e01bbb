"""The parts of a bonus that are paid record by record: commissions and prices whose rates differ by
fields of the record, and those that are released as money for a record comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem
from kpictl.expressions import Type
from kpictl.measure.query import NOBODY, Measure, Op
from kpictl.plan import editions
from kpictl.plan.document import Path
from kpictl.plan.load import dotted, suggest
from kpictl.plan.pay import Bonus, Commission, Piece, RateTable, ReleaseBy
from kpictl.plan.reads import fields_named

if TYPE_CHECKING:
    from kpictl.plan.bind import PlanBinder
    from kpictl.plan.bound import Bound
    from kpictl.plan.model import Plan, ScorecardPlan

SHOWN = ("id", "title")
"""Fields of each record that explanations show."""
KINDS = ("sum", "count")
DUE = "amount"
"""The field that says how much is to come in for a record, unless the plan names another."""
KPI = "\0release"
"""The `kpi` of the measures of payments: no KPI is called so."""


class ByRecord(Struct, frozen=True):
    """A part that is paid record by record, and where its commission or price is written."""

    part: str
    path: Path
    paid: Commission | Piece

    @property
    def verb(self) -> str:
        return str(self.path[-1])


def parts_of(bonus: Bonus | None, at: Path) -> Iterator[ByRecord]:
    """Yield the parts of a bonus that are paid record by record; `at` is where it is written."""
    for name, part in bonus.each.items() if bonus is not None else ():
        own = (*at, "parts", name) if name else at
        for verb, paid in (("commission", part.commission), ("piece", part.piece)):
            if paid is not None and (paid.rates is not None or paid.release is not None):
                yield ByRecord(name, (*own, verb), paid)


def measure_of(bound: Bound, kpi: str) -> Measure | None:
    """Return the measure of a KPI whose records have a number and an owner each; None of other
    KPIs: quotients, medians, those computed from others, the company's alone."""
    measures = bound.measures.get(kpi, ())
    if kpi not in bound.plan.kpis or bound.kind(kpi).verb not in KINDS or len(measures) != 1:
        return None
    (measure,) = measures
    own = measure.op in (Op.SUM, Op.COUNT) and measure.by != NOBODY
    return measure if own else None


def rate_fields(bound: Bound, measure: Measure, rates: RateTable) -> tuple[str, ...]:
    """Return the fields that rates go by, as the schema calls them."""
    schema = bound.schemas[measure.entity]
    found = (schema.field(name) for name in rates.names)
    return tuple(field.name for field in found if field is not None)


def key_fields(release: ReleaseBy) -> tuple[str, str]:
    """Return the field of the record and that of the payment that are equal; "" for none."""
    own, equal, other = release.key.partition("=")
    return (own.strip(), other.strip()) if equal and "=" not in other else ("", "")


def due_field(bound: Bound, measure: Measure, release: ReleaseBy) -> str | None:
    """Return the field of what is to come in for a record; None where it is the record's number."""
    field = bound.schemas[measure.entity].field(release.of or DUE)
    return None if field is None or field.type is not Type.NUMBER else field.name


def fields_of(bound: Bound, card: str) -> frozenset[str]:
    """Return the fields of records that the pay of a scorecard asks for."""
    found: frozenset[str] = frozenset()
    for one in parts_of(bound.cards[card].bonus, ()):
        if (measure := measure_of(bound, one.paid.of)) is not None:
            found |= {*SHOWN, *_own_fields(bound, measure, one)}
    return found


def _own_fields(bound: Bound, measure: Measure, one: ByRecord) -> frozenset[str]:
    """Return the fields of the records that a part is paid for."""
    found: set[str] = set()
    if one.paid.rates is not None:
        found.update(rate_fields(bound, measure, one.paid.rates))
    if one.paid.release is not None:
        key = bound.schemas[measure.entity].field(key_fields(one.paid.release)[0])
        due = due_field(bound, measure, one.paid.release)
        found.update({"" if key is None else key.name, due or ""} - {""})
    return frozenset(found)


def reads(bound: Bound) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield what pay reads of sources: for which KPI, of which entity, which fields."""
    for _, spec, _ in editions.written(bound.plan.scorecards):
        for one in parts_of(spec.bonus, ()):
            if (measure := measure_of(bound, one.paid.of)) is None:
                continue
            yield one.paid.of, measure.entity, _own_fields(bound, measure, one)
            release = one.paid.release
            payments = None if release is None else bound.releases.get(release)
            if release is None or payments is None:
                continue
            field = bound.schemas[payments.entity].field(key_fields(release)[1])
            named = fields_named([payments])[payments.entity]
            yield one.paid.of, payments.entity, named | {"" if field is None else field.name} - {""}


# --- binding and checks ------------------------------------------------------------------------


def bind(plan: Plan, binder: PlanBinder) -> Mapping[ReleaseBy, Measure]:
    """Return the measure of the payments of each release; mistakes go to the binder."""
    found: dict[ReleaseBy, Measure] = {}
    for _, spec, at in editions.written(plan.scorecards):
        for one in parts_of(spec.bonus, (*at, "bonus")):
            release = one.paid.release
            if release is None:
                continue
            measure = _payments(release, (*one.path, "release"), binder)
            if measure is not None:
                found[release] = measure
    return found


def _payments(release: ReleaseBy, path: Path, binder: PlanBinder) -> Measure | None:
    entity = release.from_
    if not binder.has_entity(entity, (*path, "from")):
        return None
    value = binder.expression(entity, release.sum, (*path, "sum"), {Type.NUMBER})
    when = binder.settle_moment(entity, release.when, (*path, "when"))
    _, key = key_fields(release)
    if not key:
        binder.problem("pay.release_key", (*path, "key"), given=release.key)
    known = binder.field(entity, key, (*path, "key")) if key else None
    if value is None or when is None or known is None:
        return None
    converted = binder.converted(entity, value)
    return Measure(
        KPI, f"{entity}.{when}", entity, Op.SUM, when, NOBODY, value=value, converted=converted
    )


def check(bound: Bound, spec: ScorecardPlan, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the parts of a bonus that are paid record by record."""
    for one in parts_of(spec.bonus, path):
        kpi = one.paid.of
        if not bound.measures.get(kpi):
            continue  # said already
        measure, place = measure_of(bound, kpi), bound.place((*one.path, "of"))
        entry = spec.kpis.get(kpi)
        if measure is None:
            data = {"path": dotted(one.path), "kpi": kpi, "kinds": ", ".join(KINDS)}
            yield Problem("pay.by_record", place, data)
            continue
        if entry is not None and entry.level != "person":
            data = {"path": dotted(one.path), "kpi": kpi, "level": entry.level}
            yield Problem("pay.by_record_level", place, data)
        if one.paid.rates is not None:
            yield from _rates(bound, measure, one.paid.rates, (*one.path, "rates"))
        if one.paid.release is not None:
            yield from _release(bound, measure, one.paid.release, (*one.path, "release"))


def _rates(bound: Bound, measure: Measure, rates: RateTable, path: Path) -> Iterator[Problem]:
    for number, name in enumerate(rates.names):
        at = (*path, "by", number) if isinstance(rates.by, list) else (*path, "by")
        yield from _unknown(bound, measure, name, at)


def _release(bound: Bound, measure: Measure, release: ReleaseBy, path: Path) -> Iterator[Problem]:
    own, _ = key_fields(release)
    if own:
        yield from _unknown(bound, measure, own, (*path, "key"))
    if release.of is not None:
        yield from _unknown(bound, measure, release.of, (*path, "of"))
    counted = measure.op is Op.COUNT or release.of is not None
    known = release.of is None or bound.schemas[measure.entity].field(release.of) is not None
    if counted and known and due_field(bound, measure, release) is None:
        at = (*path, "of") if release.of is not None else path
        data = {"path": dotted(path), "field": release.of or DUE, "entity": measure.entity}
        yield Problem("pay.release_of", bound.place(at, key=release.of is None), data)


def _unknown(bound: Bound, measure: Measure, name: str, path: Path) -> Iterator[Problem]:
    schema = bound.schemas[measure.entity]
    if schema.field(name) is None and name not in schema.broken:
        data = {"entity": measure.entity, "name": name, "path": dotted(path)}
        near = suggest(name, list(schema.present))
        yield Problem("bind.no_field", bound.place(path), {**data, **near})
