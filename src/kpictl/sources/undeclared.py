"""What the columns hold whose type nobody declared: the ids of other records, or what their first
cells show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import duckdb
from msgspec.structs import replace

from kpictl.catalog import Field, Kind
from kpictl.naming import fold, slug
from kpictl.sources.guessing import has_time, infer
from kpictl.sources.parts import FilePart
from kpictl.tables import mend

if TYPE_CHECKING:
    from kpictl.sources.file_reader import FileOpening


def settle(parts: list[FilePart], opening: FileOpening, empty: tuple[str, ...]) -> list[FilePart]:
    """Find out, from the first rows, what the columns hold whose type nobody declared.

    A column holds the same in all files of an entity, as far as they have anything in it: moments
    as soon as one cell has a time.
    """
    seen: dict[str, list[Kind]] = {}
    for index, part in enumerate(parts):
        asked = _asked(part, opening)
        if not asked:
            continue
        try:
            kinds = infer(part, asked, opening.connection, empty)
        except duckdb.Error:
            part = parts[index] = replace(part, file=mend(part.file, opening.scratch))  # noqa: PLW2901
            kinds = infer(part, asked, opening.connection, empty)
        for name, kind in kinds.items():
            if kind is not None:
                seen.setdefault(name, []).append(kind)
    found = {name: _together(kinds) for name, kinds in seen.items()}
    for name in (n for n, kind in found.items() if kind == "date"):
        # One time makes moments of a column, however far down it stands.
        if any(has_time(part, name, opening.connection, empty) for part in parts):
            found[name] = "datetime"
    return [_typed(part, found) for part in parts]


def with_keys(part: FilePart, keys: frozenset[str]) -> FilePart:
    """Return a part in which the columns that hold the ids of other records are ids: `007` is not
    7, nor is 12.0 the 12, however much like numbers they look."""
    matched = part.matched
    found = {
        name: replace(matched.fields[name], kind="id")
        for name in matched.undeclared
        if not keys.isdisjoint(_callings(name, matched.fields[name]))
    }
    if not found:
        return part
    fields, undeclared = {**matched.fields, **found}, matched.undeclared - found.keys()
    return replace(part, matched=replace(matched, fields=fields, undeclared=undeclared))


def _callings(name: str, field: Field) -> set[str]:
    """Return what a plan may call a field, folded."""
    return {fold(text) for caption in field.captions for text in (caption, slug(caption))} | {
        fold(name)
    }


def _asked(part: FilePart, opening: FileOpening) -> list[str]:
    return [
        name
        for name in sorted(part.matched.undeclared)
        if any(fold(t) in opening.mentioned for t in (name, *part.matched.fields[name].captions))
        or slug(name) in opening.mentioned
    ]


def _together(kinds: list[Kind]) -> Kind:
    return "datetime" if set(kinds) == {"date", "datetime"} else kinds[0]


def _typed(part: FilePart, kinds: Mapping[str, Kind]) -> FilePart:
    fields = {
        name: replace(found, kind=kinds.get(name, found.kind), untyped=name not in kinds)
        if name in part.matched.undeclared
        else found
        for name, found in part.matched.fields.items()
    }
    return replace(part, matched=replace(part.matched, fields=fields))
