"""Rows on their way into the database: one JSON text, read there quickly and to the letter."""

from __future__ import annotations

import json
from collections.abc import Sequence

Cells = Sequence[str | None]

UNPACKED = "SELECT unnest(from_json(CAST($1 AS JSON), '[[\"VARCHAR\"]]')) AS r"
"""A SELECT of packed rows, each a list `r` of texts."""


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
