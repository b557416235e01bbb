"""A portal as a source: what was pulled of it, read from the local store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from kpictl.bitrix24.read.required_columns import history_of
from kpictl.bitrix24.read.schema import DESCRIBED_BY_PORTAL, describe
from kpictl.bitrix24.read.stages import Directories
from kpictl.bitrix24.rest import methods
from kpictl.errors import Place, Problem
from kpictl.sources import derive

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.database import Connection
    from kpictl.sources.base import LoadedEntity, LoadRequest
    from kpictl.sources.schema import Schema
    from kpictl.store import Stored as Store


class Settings(Struct, frozen=True):
    """What the plan says of a portal: its name there, how stages of some captions (folded) end,
    its smart processes, and whether a value that cannot be read is left out."""

    source: str
    stages: Mapping[str, str] = {}
    items: Mapping[str, int] = {}
    skips_bad_values: bool = False
    currencies: Mapping[str, str] = {}


class PortalReader(Struct, frozen=True):
    """A portal of which something was pulled."""

    store: Store
    settings: Settings
    schemas: Mapping[str, Schema]
    directories: Directories

    is_of_files: ClassVar[bool] = False

    def load(self, connection: Connection, entity: str, request: LoadRequest) -> LoadedEntity:
        """Bring an entity into the database. SourceError: it was not pulled, or not the fields
        that are wanted, or it holds values that cannot be read."""
        from kpictl.bitrix24.read.loading import load

        return load(connection, self, entity, request)

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Values of a portal stand in no file."""
        del entity, field_name, text
        return None

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Records of a portal have numbers; there is no file to show."""
        del entity, part, line
        return None

    def closer(self, problem: Problem) -> Problem:
        """A portal describes its fields: there is no cell that says more."""
        return problem

    def holds(self, entity: str) -> bool:
        return entity in self.store.marks

    def readable(self, entity: str, field: Field) -> bool:
        """Say whether a field was pulled, with all that it is made of."""
        marks = self.store.marks
        if entity not in marks or (field.also and field.also not in marks):
            return False
        made_of = derive.stored_fields(self.schemas[entity], [field.name]).values()
        there = {c.casefold() for c in self.store.columns(entity)}
        empty = not marks[entity].rows
        return empty or all(f.codes[0].casefold() in there for f in made_of if not f.inherited)

    def guessed(self, connection: Connection, entity: str) -> Mapping[str, str]:
        """A portal says of what type its fields are."""
        del connection, entity
        return {}

    def code(self, field: Field) -> str:
        """Return the portal's own code; the first that is known is the delivered name."""
        if len(field.codes) > 1 and not field.derived:
            return field.codes[1]
        return field.codes[0] if field.codes else ""

    def lenient(self, entity: str) -> PortalReader:
        del entity
        return replace(self, settings=replace(self.settings, skips_bad_values=True))


def offered(items: Mapping[str, int]) -> tuple[str, ...]:
    """Return every entity that a plan may read of a portal."""
    names = methods.names(items)
    with_stages = [e for e in names if e in ("leads", "invoices") or e in items]
    return (*names, *(history_of(e) for e in with_stages))


def open_portal(store: Store, settings: Settings, entities: Iterable[str]) -> PortalReader:
    """Return the reader of a portal, with the schemas of those entities of which it is known what
    fields they have."""
    own = DESCRIBED_BY_PORTAL | settings.items.keys()
    everything = frozenset(offered(settings.items))
    schemas: dict[str, Schema] = {}
    for entity in entities:
        descriptions = store.descriptions(entity)
        if descriptions or entity not in own:
            schemas[entity] = describe(entity, descriptions, everything, source=settings.source)
    for entity, schema in schemas.items():
        if schema.entity.parent in schemas:
            schemas[entity] = replace(schema, parent=schemas[schema.entity.parent])
    directories = Directories(store, settings.items)
    directories.read()
    return PortalReader(store, settings, schemas, directories)
