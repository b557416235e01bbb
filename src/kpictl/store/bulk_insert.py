"""Rows on their way into the database: a view of columns, read there quickly and to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpictl.database import Connection

Cells = Sequence[Any]
"""A row: its id and a delivered value for each column."""
Columns = list[list[str | None] | None]
"""The texts of each column; None for one in which no row has a value."""

VIEW = "brought"
"""The view in which the database finds rows: columns c0, c1, … of texts, as far as `present`."""

_LARGE = 4_000_000
"""Characters of a run of rows that the database takes within the little memory it is given."""
_NOTHING: frozenset[type] = frozenset({type(None)})
_TEXTS: frozenset[type] = frozenset({str, type(None)})
_NUMBERS: frozenset[type] = frozenset({int, str, type(None)})
# One for all values: `json.dumps` with options of its own makes another with each call.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@contextmanager
def shown(connection: Connection, columns: Columns) -> Iterator[None]:
    """Show columns to the database, as `VIEW`, for the length of a block; those without any value
    are not in it."""
    import duckdb
    import numpy as np  # what the database reads without looking at every value twice

    arrays = {}
    for number, values in enumerate(columns):
        if values is not None:
            arrays[f"c{number}"] = array = np.empty(len(values), dtype=object)
            array[:] = values
    connection.execute("SET pandas_analyze_sample = 0")  # texts all, however many are missing
    connection.register(VIEW, arrays)
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # of a transaction that has failed: it goes with that
            connection.unregister(VIEW)


def present(columns: Columns) -> list[int]:
    """Return the numbers of the columns that `VIEW` has: of most fields of a portal, no record has
    a value, and what is not written costs nothing."""
    return [number for number, values in enumerate(columns) if values is not None]


def selected(columns: Columns) -> str:
    """Return what selects all columns from `VIEW`, NULL in place of those that it has not."""
    there = frozenset(present(columns))
    return ", ".join(f"c{n}" if n in there else "NULL" for n in range(len(columns)))


def packs(rows: Sequence[Cells]) -> Iterator[Columns]:
    """Yield rows as columns of texts, so many at a time that they are not too large: a page of
    mails may hold a hundred megabytes.

    What no text may hold is replaced: half a surrogate pair (a portal cuts texts between them),
    and the character NUL.
    """
    if rows:
        columns, sizes = zip(*(_storable(v) for v in zip(*rows, strict=True)), strict=True)
        yield from _cut(list(columns), len(rows), sum(sizes))


def _cut(columns: Columns, rows: int, size: int) -> Iterator[Columns]:
    if size <= _LARGE or rows == 1:
        yield columns
        return
    middle = rows // 2
    for part in (slice(middle), slice(middle, None)):
        half = [None if c is None else c[part] for c in columns]
        size = sum(len(value) for column in half for value in column or () if value)
        yield from _cut(half, len(range(rows)[part]), size)


def texts(values: Sequence[Any]) -> list[str | None] | None:
    """Return the delivered values of a column as the texts that the store keeps; None where there
    is not one."""
    kinds = set(map(type, values))
    if kinds == _NOTHING:
        return None
    if kinds <= _TEXTS:
        return list(values)
    if kinds == {int}:
        return list(map(str, values))
    if kinds <= _NUMBERS:
        return [None if value is None else str(value) for value in values]
    return [text(value) for value in values]


def text(value: Any) -> str | None:
    """Return a delivered value as the text that the store keeps."""
    if value is None or value.__class__ is str:
        found: str | None = value
        return found
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    return _json(value) if value != [] else "[]"  # a list of several values is mostly empty


def _storable(delivered: Sequence[Any]) -> tuple[list[str | None] | None, int]:
    """Return the values of a column as they can be stored, and how many characters they have."""
    values = texts(delivered)
    if values is None:
        return None, 0
    joined = "".join(filter(None, values))
    if "\0" in joined:
        values = [v and v.replace("\0", "\N{REPLACEMENT CHARACTER}") for v in values]
    if joined.isascii():
        return values, len(joined)
    try:
        joined.encode()
    except UnicodeEncodeError:
        values = [v and v.encode("utf-8", "replace").decode() for v in values]
    return values, len(joined)
