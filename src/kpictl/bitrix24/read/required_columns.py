"""What has to be pulled so that fields can be computed, of an entity itself and of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpictl.bitrix24.read.schema import delivered
from kpictl.bitrix24.rest.methods import HISTORY, ITEM_TYPES, WITHOUT_HISTORY
from kpictl.sources import derive
from kpictl.sources.schema import Schema

KEYS = (
    "id",
    "title",
    "owner_id",
    "created_at",
    "modified_at",
    "moved_at",
    "pipeline",
    "stage",
    "stage_group",
    "amount_original",
    "currency",
    "is_template",
    "is_own",
    "deal_id",
    "record_id",
    "record_type",
)
"""What is always brought where the portal has it: keys, dates, what evidence shows."""

ACTIVITIES = ("ID", "OWNER_TYPE_ID", "OWNER_ID", "DIRECTION", "COMPLETED", "START_TIME", "CREATED")
MOVES = ("ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "STAGE_ID", "STAGE_SEMANTIC_ID")


def columns(entity: str, schema: Schema, fields: Iterable[str]) -> frozenset[str]:
    """Return the delivered names that an entity's own table must have for some fields."""
    assert schema.entity.name == entity  # noqa: S101  a schema is one entity's
    wanted = [n for n in (*fields, *KEYS) if n in schema.present]
    found = derive.stored_fields(schema, wanted).values()
    return frozenset(delivered(f) for f in found if not f.inherited)


def related(entity: str, schema: Schema, fields: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return what other entities must be pulled for some fields: entity → delivered names.

    Product rows and stage histories have fields of the record that they belong to: the columns
    that these are made of, and what those need in turn.
    """
    wanted = frozenset(fields) & schema.present.keys()
    found: dict[str, frozenset[str]] = {}
    if closes(schema, wanted) and ITEM_TYPES.get(entity) not in WITHOUT_HISTORY:
        found[history_of(entity)] = frozenset(MOVES)
    for also in sorted({schema.present[n].also for n in wanted} - {""}):
        found[also] = frozenset(ACTIVITIES)
    names, above = inherited(schema, wanted), schema.parent
    if above is not None and names:
        found[above.entity.name] = columns(above.entity.name, above, names)
        for other, more in related(above.entity.name, above, names).items():
            found[other] = found.get(other, frozenset()) | more
    return found


def inherited(schema: Schema, fields: Iterable[str]) -> frozenset[str]:
    """Return the fields of the parent that some fields need."""
    wanted = [n for n in fields if n in schema.present]
    found = derive.stored_fields(schema, wanted)
    return frozenset(n for n, f in found.items() if f.inherited)


def closes(schema: Schema, fields: Iterable[str]) -> bool:
    """Say whether the moment of closing is asked for, or an amount whose rate is that day's."""
    closed, wanted = schema.present.get("closed_at"), frozenset(fields)
    if closed is None or not closed.derived:
        return False
    priced = any(n in schema.present and schema.present[n].priced for n in wanted)
    return priced or not wanted.isdisjoint({"closed_at", "amount"})


def history_of(entity: str) -> str:
    """Return the entity that holds the moves of another's records."""
    return HISTORY if entity == "deals" else f"{HISTORY}_{entity}"
