"""What the CRM's entities look like: for each field its canonical name, code, type and captions.

A new entity is one YAML file in `entities/`. Entities that no file describes are the plan's own:
their fields are what the plan declares and what the file's captions say.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from msgspec import Struct

from kpictl.expressions.nodes import Type
from kpictl.naming import fold

Kind = Literal[
    "id",
    "text",
    "number",
    "money",
    "date",
    "datetime",
    "month",
    "bool",
    "person",
    "duration",
    "percent",
]
"""How a cell is read. `person` is matched with employees, `duration` becomes minutes; a `month` is
kept as its first day, and belongs to the periods that hold it whole."""

EXPRESSION_TYPES: Mapping[str, Type] = {
    "id": Type.TEXT,
    "text": Type.TEXT,
    "person": Type.TEXT,
    "number": Type.NUMBER,
    "money": Type.NUMBER,
    "duration": Type.NUMBER,
    "percent": Type.NUMBER,
    "bool": Type.BOOL,
    "date": Type.DATE,
    "datetime": Type.DATETIME,
    "month": Type.DATE,
}


class Field(Struct, frozen=True):
    """A field of an entity.

    `codes` are what the CRM calls it, first of all in its REST interface; `captions` what an
    export writes over its column, in order of preference, and `called` the first of them in each
    language; `needs` are, for a derived field,
    alternatives of stored fields it is made of, and `also` an entity whose records it reads
    besides. `values` are words for the codes that stand in a field, `empty` texts that mean
    nothing. An `inherited` field is that of the record to which this one belongs; each value of
    one that is `priced` bears its own currency. One with `several` holds many values in a record.
    One that is `untyped` has no cell that would show its type: it is what a plan takes it for.
    """

    name: str
    kind: Kind
    codes: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    also: str = ""
    values: Mapping[str, str] = {}
    empty: tuple[str, ...] = ()
    inherited: bool = False
    priced: bool = False
    several: bool = False
    untyped: bool = False
    called: Mapping[str, str] = {}

    def __hash__(self) -> int:
        # Words are no part of it: a mapping has no hash.
        return hash((self.name, self.kind, self.codes, self.captions, self.needs))

    @property
    def type(self) -> Type:
        return EXPRESSION_TYPES[self.kind]

    @property
    def derived(self) -> bool:
        return bool(self.needs)


class Entity(Struct, frozen=True):
    """An entity: its fields by name, which of them names the owner and which the record.

    Records of a `parent` entity are what its own belong to, by their field `parent_key`.
    """

    name: str
    fields: Mapping[str, Field]
    owner: str | None = None
    id: str | None = None
    stages: Mapping[str, str] = {}
    known: bool = True
    parent: str | None = None
    parent_key: str = ""


@cache
def entity(name: str) -> Entity:
    """Return the description of an entity; an unknown one has no fields yet."""
    source = resources.files(__package__) / "entities" / f"{name}.yaml"
    if not name.isidentifier() or not source.is_file():
        return Entity(name, {}, owner="owner", id="id", known=False)
    raw = yaml.load(source.read_text("utf-8"), Loader=_LOADER)  # noqa: S506  our own package data
    fields = {n: _field(n, spec) for n, spec in raw["fields"].items()}
    stages = {
        fold(caption): outcome
        for outcome, captions in raw.get("stages", {}).items()
        for caption in captions
    }
    parent, parent_key = raw.get("parent"), raw.get("parent_key", "")
    return Entity(name, fields, raw.get("owner"), raw.get("id"), stages, True, parent, parent_key)


@cache
def names() -> tuple[str, ...]:
    """Return the entities that have a description, sorted."""
    folder = resources.files(__package__) / "entities"
    found = (item.name for item in folder.iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in found if n.endswith(".yaml")))


CAPTIONED = ("ru", "en")  # the languages of exports whose captions are known, by preference
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _field(name: str, spec: Mapping[str, Any]) -> Field:
    own = {lang: spec.get(lang, ()) for lang in CAPTIONED}
    captions = [caption for several in own.values() for caption in several]
    needs = tuple(tuple(group) for group in spec.get("needs", ()))
    code = spec.get("code", ())
    codes = (code,) if isinstance(code, str) else tuple(code)
    return Field(
        name,
        spec["type"],
        codes,
        tuple(captions),
        needs,
        spec.get("also", ""),
        {str(key): str(word) for key, word in spec.get("values", {}).items()},
        tuple(str(text) for text in spec.get("empty", ())),
        spec.get("inherited", False),
        called={lang: several[0] for lang, several in own.items() if several},
    )
