"""Which records to read again though they have not changed: their client has vanished."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from kpictl.bitrix24.sync.entity_sync import EntityReading
from kpictl.store import Applied, PulledEntity, Work
from kpictl.store.links import Link, links, lost, stale
from kpictl.store.reader import Stored

_FACT = "lost."


class Stale(Struct):
    """Records to read again, by entity; and what the store is to know once they have been read."""

    ids: dict[str, list[int]] = {}
    facts: dict[str, str] = {}


def find(work: Work, readings: Mapping[str, EntityReading]) -> Stale:
    """Look for them in the store, to which the pull has just been applied.

    A target that is not there is told of once: what a portal hides from a key is no reason to read
    its records with every pull. As long as nothing is taken away from the targets, nothing new can
    be missing, and nothing is looked for.
    """
    found = Stale()
    entities = [e for e, r in readings.items() if r.listing.paging == "ids" and r.sweeps]
    with work.store() as stored:
        for link in links(stored, entities):
            _look(work, stored, link, found)
    return found


def apply(
    work: Work, found: Stale, source: str, now: datetime, changes: dict[str, dict[str, int]]
) -> None:
    """Bring what was read again into the store, and what it is to know; count it as changed."""
    if not found.facts:
        return
    again = tuple(PulledEntity(entity, whole=False) for entity in found.ids)
    applied = Applied(source, "", now, now, 0, again, facts=found.facts, diary=False)
    for entity, change in work.apply(applied).items():
        changes[entity]["changed"] = changes[entity].get("changed", 0) + change["changed"]
    work.begin({})


def _look(work: Work, stored: Stored, link: Link, found: Stale) -> None:
    swept_at = stored.marks[link.target].swept_at
    swept = swept_at.isoformat() if swept_at is not None else ""
    before = json.loads(stored.fact(_FACT + link.key) or "{}")
    if before.get("swept") == swept:
        return
    ids = stale(stored, link, work.brought_table(link.entity), before.get("ids", ()))
    if ids:
        found.ids[link.entity] = sorted({*found.ids.get(link.entity, ()), *ids})
    note = {"swept": swept, "ids": lost(stored, link)}
    found.facts[_FACT + link.key] = json.dumps(note, separators=(",", ":"))
