"""How names and captions are compared: the way people read them, not the way they are typed."""

from __future__ import annotations


def fold(text: str) -> str:
    """Return a text as it is compared: case, ё and the width of spaces make no difference."""
    return " ".join(text.casefold().replace("ё", "е").split())
