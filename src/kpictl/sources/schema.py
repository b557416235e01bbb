"""Which fields an entity has in a particular source, and how the plan may call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kpictl.catalog import Entity, Field, Kind
from kpictl.expressions import Type
from kpictl.naming import fold, slug


class LookedUp(Struct, frozen=True):
    """Where a field is looked up: in the record of `entity` whose `key` is this one's `own`, the
    field `take`; of `several` such records all of them, with their `share` if there is one."""

    entity: str
    own: str
    key: str
    take: str
    several: bool = False
    share: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """Return the fields that are read of the other entity."""
        return (self.key, self.take) + (() if self.share is None else (self.share,))


class Schema(Struct, frozen=True):
    """An entity in a source: what is there, and what the catalogue knows but the source lacks.

    `parent` is that of the records to which the entity's own belong, where they do. `looked_up` are
    the fields that are taken from other entities; their records do not bring them. `credits` are
    the owner fields that name several people, each with whether these split a record or have all of
    it (split, overlay). Of what people type `told` is why a record does not hold, by the condition
    that it fails, and each is shown with who typed it, when and why.

    One thing changes while a plan is bound: an `untyped` field of `present` gets its type
    (`settle_type`). `own` is the schema as the source has it, where look-ups were added to it.
    """

    entity: Entity
    source: str
    present: dict[str, Field]
    absent: Mapping[str, Field] = {}
    aliases: Mapping[str, str] = {}
    broken: frozenset[str] = frozenset()  # declared, but their column is not there: already said
    parent: Schema | None = None
    looked_up: Mapping[str, LookedUp] = {}
    credits: Mapping[str, str] = {}
    told: Mapping[str, str] = {}
    own: Schema | None = None

    def find(self, name: str) -> tuple[str, Type] | None:
        """Return canonical name and type of what an expression calls `name`."""
        found = self.field(name)
        return None if found is None else (found.name, found.type)

    def field(self, name: str) -> Field | None:
        if name in self.present:
            return self.present[name]
        canonical = self.aliases.get(fold(name))
        return None if canonical is None else self.present.get(canonical)

    def settle_type(self, name: str, kind: Kind) -> Field:
        """Give a field without any cell the type that the plan takes it for, and return it.

        This changes `present` for all who hold the same one, frozen as the rest of a schema is: the
        first use in a plan settles what later uses, and the reader of the source, go by. It may be
        any type, since there is no value that could be read otherwise.
        """
        self.present[name] = replace(self.present[name], kind=kind, untyped=False)
        if self.own is not None and name in self.own.present:
            self.own.settle_type(name, kind)
        return self.present[name]

    def lacks(self, name: str) -> Field | None:
        """Return the catalogue's field of that name when the source does not bring it."""
        wanted = fold(name)
        for found in self.absent.values():
            if wanted in {fold(found.name), *(fold(c) for c in found.codes)}:
                return found
        return None

    def known(self) -> Iterable[str]:
        return self.present

    def moments(self) -> list[str]:
        """Return the fields that `when` may name."""
        return [n for n, f in self.present.items() if f.type in (Type.DATE, Type.DATETIME)]


def build(
    entity: Entity,
    source: str,
    stored: Mapping[str, Field],
    broken: frozenset[str] = frozenset(),
    others: frozenset[str] = frozenset(),
) -> Schema:
    """Make a schema of the stored fields found in a source; add what can be derived from them,
    and from the records of `others`, the further entities of that source."""
    present = dict(stored)
    for name, described in entity.fields.items():
        if described.derived and name not in present and _derivable(described, present, others):
            present[name] = described
    absent = {n: f for n, f in entity.fields.items() if n not in present}
    aliases: dict[str, str] = {}
    for name, found in present.items():
        for text in (*found.codes, *found.captions, name):
            aliases.setdefault(fold(text), name)
    for name, found in present.items():
        for caption in found.captions:  # as it is called where no field has taken the column
            aliases.setdefault(slug(caption), name)
    aliases.update({fold(name): name for name in present})
    return Schema(entity, source, present, absent, aliases, broken)


def _derivable(described: Field, present: Mapping[str, Field], others: frozenset[str]) -> bool:
    if described.also and described.also not in others:
        return False
    return any(all(need in present for need in group) for group in described.needs)
