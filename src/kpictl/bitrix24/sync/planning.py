"""How an entity is to be read this time: all of it or its changes, which fields, since when."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.methods import HISTORY, Listing
from kpictl.bitrix24.sync.entity_sync import EVERYTHING, OVERLAP, EntityReading
from kpictl.bitrix24.sync.order import Need, Order
from kpictl.bitrix24.sync.reference import Extent, Reference
from kpictl.errors import UsageError
from kpictl.plan.load import suggest
from kpictl.plan.model import Plan
from kpictl.store import Mark

SWEEP_EVERY = timedelta(hours=24)


def reading_of(
    order: Order, reference: Reference, listing: Listing, need: Need, mark: Mark | None
) -> EntityReading:
    """Return the reading of an entity; `mark` is how far the store has it, None: not at all.

    All of it is read where the store lacks it, a field of it, or an earlier time that is asked for
    now. Fields that the store has are read on: another plan in the folder may need them.
    """
    entity, now = listing.entity, reference.server.now()
    origin = _origin(listing, reference)
    if mark is not None and (mark.listing != origin or mark.complete_to > now + OVERLAP):
        mark = None  # of other records, or of a time when the portal's clock was wrong
    described = tuple(d.name for d in reference.described.get(entity, ()))
    columns = tuple(dict.fromkeys([*listing.always, *sorted(need.columns)]))
    if order.all_fields:
        columns = described or (EVERYTHING,)
    since = order.since or (mark.since if mark and not order.full else None)
    whole = mark is None or order.full or _lacks(mark, columns)
    if mark is not None and mark.since is not None and since is not None:
        whole = whole or since < mark.since
    if mark is not None and not order.full:
        columns = tuple(dict.fromkeys([*columns, *mark.columns]))
        columns = described if EVERYTHING in columns and described else columns
    if mark is None or whole:
        reading = _whole(listing, columns, now, since)
    else:
        begin = mark.complete_to if order.since is None else min(mark.complete_to, order.since)
        reading = EntityReading(
            entity, listing, columns, False, begin, Extent(), since=mark.since, last_id=mark.last_id
        )
        due = mark.swept_at is None or now - mark.swept_at >= SWEEP_EVERY
        reading.sweep = due and not listing.appended
    reading.sweep = reading.sweep or (order.sweep and not listing.appended)
    reading.kpis, reading.origin = need.kpis, origin
    reading.extent = reference.extents.get(entity, Extent())
    return reading


def signature_of(readings: Mapping[str, EntityReading]) -> str:
    """Return what is read of each entity as one text: the same text means the same job."""
    return json.dumps(
        {
            entity: [r.whole, r.origin, r.columns, r.since and r.since.isoformat(),
                     None if r.whole else r.mark.isoformat()]
            for entity, r in readings.items()
        }
    )  # fmt: skip


def look_further_back(readings: Mapping[str, EntityReading]) -> None:
    """Read the records to which others belong from where those stand: a pull of the records alone
    may have been between."""
    rows, deals = readings.get("products"), readings.get("deals")
    if rows is not None and deals is not None and not rows.whole and not deals.whole:
        deals.mark = min(deals.mark, rows.mark)


def _origin(listing: Listing, reference: Reference) -> str:
    """Return where the rows of a listing come from: what another portal has, or another type of
    record under the same name, is never mixed with it."""
    kind = listing.fixed.get("entityTypeId", "")
    return f"{reference.facts.get('host', '')} {listing.method} {kind}".strip()


def _whole(
    listing: Listing, columns: tuple[str, ...], now: datetime, since: datetime | None
) -> EntityReading:
    reading = EntityReading(listing.entity, listing, columns, True, now, Extent(), since=since)
    reading.swept_at = now
    return reading


def _lacks(mark: Mark, columns: Sequence[str]) -> bool:
    """Say whether the store has not every field that is asked for."""
    return EVERYTHING not in mark.columns and not set(columns) <= set(mark.columns)


def mentioned(plan: Plan, order: Order, *, only: bool = False) -> tuple[str, ...]:
    """Return the entities that a pull may come to, before anything is known of their fields; with
    `only`, those named in the order alone.

    UsageError when one is asked for that no portal has.
    """
    known = methods.names(order.items)
    for entity in order.only:
        if methods.listing(entity, order.items) is None:
            near = suggest(entity, list(known))
            raise UsageError("pull.no_entity", entity=entity, **near)
    wanted = dict.fromkeys(order.only)
    if only:
        return tuple(wanted if "products" not in wanted else {**wanted, "deals": None})
    for kpi in plan.kpis:
        listed = (e for e in plan.entities_of(kpi) if methods.listing(e, order.items))
        wanted.update(dict.fromkeys(listed))
    if "products" in wanted:
        wanted["deals"] = None
    texts = (text for spec in plan.kpis.values() for text in spec.expressions())
    if any(_REPLY.search(text) for text in texts):
        wanted["activities"] = None
    types = {**methods.ITEM_TYPES, **order.items}
    for entity in tuple(wanted):
        if entity == "deals":
            wanted[HISTORY] = None
        elif types.get(entity) not in _HISTORY_UNREAD and entity in types:
            wanted[f"{HISTORY}_{entity}"] = None
    return tuple(wanted)


_REPLY = re.compile(r"\bfirst_reply_at\b")  # a field that is made of activities


def every_field(plan: Plan, wanted: Sequence[str]) -> Mapping[str, Need]:
    """Return what is needed where every field is brought of the entities that were named: no more
    than they are, whatever the plan says of their fields."""
    kpis = {kpi: plan.entities_of(kpi) for kpi in plan.kpis}
    return {
        entity: Need(frozenset(), tuple(kpi for kpi, read in kpis.items() if entity in read))
        for entity in wanted
    }


_HISTORY_UNREAD = methods.WITHOUT_HISTORY | {methods.LEADS}  # a lead tells itself when it closed
