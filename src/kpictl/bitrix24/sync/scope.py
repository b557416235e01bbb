"""What is to be pulled for a plan: the entities and fields that its KPIs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpictl.app.workspace import Workspace, require_sound, workspace_of
from kpictl.bitrix24.read import required_columns
from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.sync.order import Need, Order
from kpictl.plan.asserts import matched_fields
from kpictl.plan.bound import Bound
from kpictl.plan.load import LoadedPlan
from kpictl.plan.reads import fields_needed, own_fields


def needs_of(loaded: LoadedPlan, order: Order, *, only: bool) -> Mapping[str, Need]:
    """Return what a plan needs, by the field descriptions in the store; with `only`, of the
    entities named alone. PlanRejected."""
    with workspace_of(loaded) as workspace:
        if not only:
            require_sound(workspace)
        return _needs(workspace, order, only=only)


def _not_described(workspace: Workspace, order: Order) -> Iterator[tuple[str, str]]:
    """Yield KPIs and what they read though the portal has not described it: it has refused to."""
    bound = workspace.bound
    elsewhere = {
        entity
        for name, spec in bound.plan.sources.items()
        if name != order.source
        for entity in spec.entities()
    }
    for kpi in bound.plan.kpis:
        for entity in bound.plan.entities_of(kpi):
            if entity in bound.schemas or entity in elsewhere:
                continue
            if methods.listing(entity, order.items) is not None:
                yield kpi, entity


def _needs(workspace: Workspace, order: Order, *, only: bool) -> Mapping[str, Need]:
    bound = workspace.bound
    read, kpis = _read(workspace, order, only=only)
    columns: dict[str, set[str]] = {}
    for entity, names in read.items():
        columns.setdefault(entity, set())
        if entity not in bound.schemas:
            continue
        schema = bound.schemas[entity]
        columns[entity] |= required_columns.columns(entity, schema, names)
        for related, more in required_columns.related(entity, schema, names).items():
            if only and related not in order.only:
                continue
            columns.setdefault(related, set()).update(more)
            kpis.setdefault(related, {}).update(kpis.get(entity, {}))
    if "products" in columns:
        columns.setdefault("deals", set())
    return {
        entity: Need(frozenset(found), tuple(kpis.get(entity, ())))
        for entity, found in columns.items()
    }


def _of_pay(bound: Bound) -> Iterator[tuple[str, Mapping[str, frozenset[str]]]]:
    """Yield what the pay for a KPI's records reads, beside what the KPI does."""
    if any(card.bonus is not None for card in bound.plan.scorecards.values()):
        from kpictl.plan import pay_records  # what few plans have is imported for them alone

        for kpi, entity, fields in pay_records.reads(bound):
            yield kpi, own_fields({entity: fields}, bound.schemas)


def _read(
    workspace: Workspace, order: Order, *, only: bool
) -> tuple[dict[str, set[str]], dict[str, dict[str, None]]]:
    """Return the fields that KPIs, their pay and assertions of them read of each entity of this
    portal, and which KPIs those are."""
    bound = workspace.bound
    read: dict[str, set[str]] = {entity: set() for entity in order.only}
    kpis: dict[str, dict[str, None]] = {}
    needed = [
        *((kpi, fields_needed(own, bound.schemas)) for kpi, own in bound.measures.items()),
        (None, own_fields(matched_fields(bound), bound.schemas)),
        *_of_pay(bound),
    ]
    for kpi, by_entity in needed:
        for entity, fields in by_entity.items():
            if methods.listing(entity, order.items) is None:
                continue
            if bound.schemas[entity].source != order.source or (only and entity not in order.only):
                continue
            read.setdefault(entity, set()).update(fields)
            if kpi is not None:
                kpis.setdefault(entity, {})[kpi] = None
    for kpi, entity in _not_described(workspace, order):
        if not only or entity in order.only:
            read.setdefault(entity, set())
            kpis.setdefault(entity, {})[kpi] = None
    return read, kpis
