"""Fields that are described and empty, beside columns that nobody describes and that are filled.

A portal may deliver a field under another name than it describes it by (custom fields do before
CRM 25.0.0, which ignores `useOriginalUfNames`), and somebody may delete a field and make it anew.
Figures over the described one are then of nothing, and say nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from kpictl.expressions.sql import name
from kpictl.store.reader import FieldDescription, Stored

_FORMER = "former."  # fact of an entity: fields described before and not now → caption


class Twin(Struct, frozen=True):
    """A described field without any value, and the column that has `rows` values in its place."""

    entity: str
    field: FieldDescription
    column: str
    rows: int


def former(
    stored: Stored, described: Mapping[str, Sequence[FieldDescription]]
) -> Iterator[tuple[str, str]]:
    """Yield, as facts of the store, the captions of the fields that are described no more."""
    for entity, fields in described.items():
        now = {one.name.casefold() for one in fields}
        before = {one.name: one.caption for one in stored.descriptions(entity)}
        known = {**json.loads(stored.fact(_FORMER + entity) or "{}"), **before}
        gone = {n: caption for n, caption in known.items() if n.casefold() not in now}
        if gone:
            yield _FORMER + entity, json.dumps(gone, ensure_ascii=False)


def twins(stored: Stored, entity: str) -> Iterator[Twin]:
    """Yield the fields of an entity that are empty beside a twin."""
    described = {one.name.casefold(): one for one in stored.descriptions(entity)}
    columns = stored.columns(entity)
    strangers = [column for column in columns if column.casefold() not in described]
    if not described or not strangers:
        return
    captions = json.loads(stored.fact(_FORMER + entity) or "{}")
    for column in columns:
        field = described.get(column.casefold())
        for stranger in strangers if field is not None else ():
            if field is None or not _alike(field, stranger, captions.get(stranger)):
                continue
            empty, filled = _filled(stored, entity, column), _filled(stored, entity, stranger)
            if not empty and filled:
                yield Twin(entity, field, stranger, filled)


def _alike(field: FieldDescription, column: str, caption: str | None) -> bool:
    """Say whether a column has a field's name, written in another way, or once had its caption."""
    if _bare(column) in (_bare(field.name), _bare(field.code)):
        return True
    return caption is not None and caption == field.caption


def _bare(text: str) -> str:
    return text.replace("_", "").casefold()


def _filled(stored: Stored, entity: str, column: str) -> int:
    value = name(column)
    query = f"SELECT count(*) FROM {stored.table(entity)} WHERE {value} NOT IN ('', '[]')"
    return int(stored.rows(query)[0][0])
