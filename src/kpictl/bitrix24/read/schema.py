"""Which fields an entity has on a portal: those that the catalogue knows, and all the others.

Made of what the portal says of its fields, before any record is there. In a schema made here the
first code of a stored field is the name under which the portal delivers it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

import kpictl.catalog as catalogue
from kpictl.bitrix24.rest.methods import HISTORY, ITEM_TYPES
from kpictl.catalog import Entity, Field, Kind
from kpictl.sources import schema
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.store import FieldDescription

DESCRIBED_BY_PORTAL = frozenset(ITEM_TYPES)
"""Entities of which the catalogue alone is not enough: companies add fields of their own. So is
every smart process."""

_CAMEL = frozenset({"tasks", "products"})  # delivered in camel case, and described by no method
_KINDS: Mapping[str, Kind] = {
    "integer": "number",
    "double": "number",
    "float": "number",
    "money": "money",
    "date": "date",
    "datetime": "datetime",
    "boolean": "bool",
    "char": "bool",
    "user": "person",
    "employee": "person",
}
_NO_LINKS = ("crm_status", "crm_category", "crm_currency", "crm_multifield", "crm_enum")


class Stored(Struct, frozen=True):
    """A field that the portal delivers, and what it says of it: None where it says nothing."""

    field: Field
    name: str
    described: FieldDescription | None = None

    @property
    def multiple(self) -> bool:
        return self.described is not None and self.described.multiple

    @property
    def link(self) -> bool:
        """Whether it points to another record, so that 0 points to none."""
        if self.field.kind in ("id", "person"):
            return True
        kind = self.described.type if self.described is not None else ""
        if kind.startswith("crm_"):
            return not kind.startswith(_NO_LINKS)
        return self.field.kind == "text" and self.field.name.endswith("_id")


def entity_of(name: str) -> Entity:
    """Return what the catalogue knows of an entity; a name that it does not know is the plan's own
    for a smart process, or the stage history of one."""
    if name.startswith(f"{HISTORY}_"):
        found = replace(catalogue.entity(HISTORY), name=name)
        return replace(found, parent=name.removeprefix(f"{HISTORY}_"))
    found = catalogue.entity(name)
    return found if found.known else replace(catalogue.entity("items"), name=name)


def describe(
    entity_name: str,
    descriptions: Sequence[FieldDescription],
    present_entities: Collection[str],
    *,
    source: str = "",
) -> Schema:
    """Return the schema of an entity: the catalogue's fields that the portal has, every other
    field under its code in lower case, and what is derived from them and from the records of
    `present_entities`.

    Without descriptions the catalogue stands for what the portal has.
    """
    entity = entity_of(entity_name)
    present = {n: found.field for n, found in stored_fields(entity, descriptions).items()}
    present |= {n: f for n, f in entity.fields.items() if f.inherited}
    return schema.build(entity, source, present, others=frozenset(present_entities))


def stored_fields(entity: Entity, descriptions: Iterable[FieldDescription]) -> dict[str, Stored]:
    """Return the fields that are delivered, by canonical name."""
    listed = list(descriptions)
    if not listed:
        return dict(_by_catalogue(entity))
    by_code = {one.code.upper(): one for one in reversed(listed)}
    found: dict[str, Stored] = {}
    taken: set[str] = set()
    for known in entity.fields.values():
        one = next((by_code[c] for c in known.codes if c in by_code), None)
        if known.derived or one is None or one.name in taken:
            continue
        taken.add(one.name)
        kind: Kind = "text" if one.multiple else known.kind
        codes = tuple(dict.fromkeys((one.name, one.code, *known.codes)))
        captions = tuple(dict.fromkeys((one.caption, *known.captions)))
        field = replace(known, kind=kind, codes=codes, captions=captions, several=one.multiple)
        found[known.name] = Stored(field, one.name, one)
    for one in listed:
        if one.name not in taken:
            found.update(_other(entity, one, found))
    return found


def _by_catalogue(entity: Entity) -> Iterable[tuple[str, Stored]]:
    leads = entity.parent == "leads"
    for known in entity.fields.values():
        if known.derived or known.inherited:
            continue
        code = known.codes[0]
        if leads and entity.name.startswith(HISTORY):
            code = known.codes[-1]  # the older words for a stage; leads have no pipelines
            if known.name == "pipeline":
                continue
        delivered = camel(code) if entity.name in _CAMEL else code
        codes = tuple(dict.fromkeys((delivered, *known.codes)))
        yield known.name, Stored(replace(known, codes=codes), delivered)


def _other(entity: Entity, one: FieldDescription, found: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return a field that the catalogue does not know, under its code in lower case."""
    name = one.code.lower()
    if name in found or name in entity.fields:
        name = f"crm_{name}"
    if name in found:
        return {}
    kind: Kind = "text" if one.multiple else _KINDS.get(one.type, "text")
    codes = tuple(dict.fromkeys((one.name, one.code)))
    priced = one.type == "money" and not one.multiple
    field = Field(name, kind, codes, (one.caption,), priced=priced, several=one.multiple)
    return {name: Stored(field, one.name, one)}


def camel(code: str) -> str:
    """Return a code as newer methods write it: `CLOSED_DATE` → `closedDate`."""
    return re.sub(r"_(\w)", lambda m: m[1].upper(), code.lower())


def delivered(field: Field) -> str:
    """Return the name under which the portal delivers a stored field of a schema made here."""
    return field.codes[0]
