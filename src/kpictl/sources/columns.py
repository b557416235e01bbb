"""Captions over columns → fields: the plan's own first, then the catalogue's, then as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.catalog import Entity, Field, Kind, exports
from kpictl.errors import Place, Problem
from kpictl.naming import fold, slug
from kpictl.plan.sources import Column, Table

if TYPE_CHECKING:
    from kpictl.tables import TableFile


class Matched(Struct, frozen=True):
    """Which columns of one file are which fields.

    `fields` holds every field found; its kind is None in `undeclared` until the data have been
    looked at. `columns` are the column numbers (several are joined). `missing` are the plan's own
    fields whose caption is not in the file; `repeated` captions that stand over more than one
    column, with the number of the column that was taken.
    """

    fields: Mapping[str, Field]
    columns: Mapping[str, tuple[int, ...]]
    undeclared: frozenset[str]
    missing: Mapping[str, str] = {}
    repeated: Mapping[str, int] = {}


def match(entity: Entity, spec: Table, header: Sequence[str]) -> Matched:
    """Give every column of a header its field."""
    matcher = _Matcher(entity, header)
    for name, column in spec.columns.items():
        matcher.declared(name, column)
    own = [caption for known in entity.fields.values() for caption in known.captions]
    tool = exports.recognised(entity.name if entity.known else exports.OWN, header, own)
    for known in entity.fields.values():
        matcher.known(known, tool.get(known.name, ()))
    if not entity.known:
        matcher.of_tool(tool)
    matcher.rest()
    return Matched(
        matcher.fields,
        matcher.columns,
        frozenset(matcher.undeclared),
        matcher.missing,
        matcher.repeated,
    )


def columns_of(header: Sequence[str], captions: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return in which column each of some fields stands, by the captions that it may have: the
    earlier of two. So are the small tables read that are of no entity."""
    folded = [fold(caption) for caption in header]
    return {
        name: folded.index(fold(caption))
        for name, several in captions.items()
        for caption in reversed(several)
        if fold(caption) in folded
    }


def no_column(file: TableFile, field: str, captions: Iterable[str]) -> Problem:
    """Return the mistake that such a table lacks a column without which it cannot be read."""
    data = {
        "caption": " / ".join(captions),
        "file": file.origin,
        "field": field,
        "near": "",
        "known": ", ".join(caption for caption in file.header if caption),
    }
    return Problem("source.no_column", Place(file.origin, 1), data)


def declared_name(entity: Entity, name: str) -> str:
    """Return what a field of the plan is called here: what a CRM calls otherwise is the owner all
    the same."""
    return entity.owner if name == "owner" and entity.owner is not None else name


class _Matcher:
    def __init__(self, entity: Entity, header: Sequence[str]) -> None:
        self.entity = entity
        self.header = header
        self.folded = [fold(caption) for caption in header]
        self.fields: dict[str, Field] = {}
        self.columns: dict[str, tuple[int, ...]] = {}
        self.undeclared: set[str] = set()
        self.missing: dict[str, str] = {}
        self.repeated: dict[str, int] = {}
        self.taken: set[int] = set()

    def locate(self, caption: str, *, free: bool) -> int | None:
        wanted = fold(caption)
        found = [
            i
            for i, text in enumerate(self.folded)
            if text and text == wanted and not (free and i in self.taken)
        ]
        if len(found) > 1:
            self.repeated[caption] = found[0] + 1
        return found[0] if found else None

    def declared(self, name: str, column: Column) -> None:
        name = declared_name(self.entity, name)
        captions = column.column if isinstance(column.column, list) else [column.column]
        places = [self.locate(caption, free=False) for caption in captions]
        for caption, place in zip(captions, places, strict=True):
            if place is None:
                self.missing[name] = caption
        if name in self.missing:
            return
        known = self.entity.fields.get(name)
        kind: Kind | None = column.type or (known.kind if known else None)
        if column.credit is not None:
            kind = "person"
        if kind is None and name == self.entity.owner:
            kind = "person"
        if kind is None and name == self.entity.id:
            kind = "id"
        if kind is None:
            self.undeclared.add(name)
        self.put(name, kind or "text", captions, [p for p in places if p is not None], known)

    def put(
        self, name: str, kind: Kind, captions: Sequence[str], places: list[int], known: Field | None
    ) -> None:
        codes = known.codes if known else ()
        self.fields[name] = Field(name, kind, codes, tuple(captions))
        self.columns[name] = tuple(places)
        self.taken.update(places)

    def known(self, known: Field, of_tool: Sequence[str] = ()) -> None:
        """Find the column of a field of the catalogue: by its own captions before a tool's."""
        if known.derived or known.name in self.fields or known.name in self.missing:
            return
        for caption in (*known.captions, *known.codes, known.name, *of_tool):
            place = self.locate(caption, free=True)
            if place is not None:
                self.put(known.name, known.kind, [self.header[place]], [place], known)
                return

    def of_tool(self, tool: exports.Captions) -> None:
        """Give an entity of the plan's own the fields that its tool is known for."""
        for name, captions in tool.items():
            if name in self.fields or name in self.missing or name in map(slug, self.header):
                continue
            places = (self.locate(caption, free=True) for caption in captions)
            place = next((found for found in places if found is not None), None)
            if place is not None:
                self.put(name, exports.OWN_KINDS[name], [self.header[place]], [place], None)

    def rest(self) -> None:
        """Leave the other columns reachable by their caption."""
        for place, caption in enumerate(self.header):
            if place in self.taken or not caption:
                continue
            name = slug(caption)
            taken = name in self.fields or name in self.entity.fields or name in self.missing
            name = caption if taken else name
            if name in self.fields:
                self.repeated.setdefault(caption, self.columns[name][0] + 1)
                continue
            kind: Kind | None = None
            if not self.entity.known and name == self.entity.owner:
                kind = "person"
            if not self.entity.known and name == self.entity.id:
                kind = "id"
            if kind is None:
                self.undeclared.add(name)
            self.put(name, kind or "text", [caption], [place], None)
