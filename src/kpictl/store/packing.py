"""Rows on their way into the database: one JSON text, read there quickly and to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

Cells = Sequence[str | None]

UNPACKED = "SELECT unnest(from_json(CAST($1 AS JSON), '[[\"VARCHAR\"]]')) AS r"
"""A SELECT of packed rows, each a list `r` of texts."""

_LARGE = 4_000_000
"""Characters of a pack that the database unpacks within the little memory that it is given."""


def packs(rows: Sequence[Cells]) -> Iterator[str]:
    """Yield rows in packs that are not too large: a page of mails may hold a hundred megabytes."""
    packed = pack(rows)
    if len(packed) <= _LARGE or len(rows) == 1:
        yield packed
        return
    middle = len(rows) // 2
    yield from packs(rows[:middle])
    yield from packs(rows[middle:])


def pack(rows: Sequence[Cells]) -> str:
    """Return rows as one JSON text.

    What no text may hold is replaced: half a surrogate pair (a portal cuts texts between them),
    and the character NUL.
    """
    packed = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in packed:
        packed = json.dumps(
            [[c and c.replace("\0", "\N{REPLACEMENT CHARACTER}") for c in row] for row in rows],
            ensure_ascii=False,
        )
    try:
        packed.encode()
    except UnicodeEncodeError:
        packed = packed.encode("utf-8", "replace").decode()
    return packed
