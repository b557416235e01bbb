"""Commands of a batch, as the portal reads them: `method?query` with the brackets of PHP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import quote_plus

from msgspec import Struct

MOST = 50  # commands in a batch


class Command(Struct, frozen=True):
    """One call in a batch.

    `label` is unique in its batch, of a–z, 0–9 and `_`; later commands refer to its answer by
    `$result[label]…`. `params` are nested dicts and lists of str, int, bool and None.
    """

    label: str
    method: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        query = encode(self.params)
        return f"{self.method}?{query}" if query else self.method


def encode(params: Mapping[str, Any]) -> str:
    """Return parameters as a query: `filter[>id]=5&select[0]=id`, percent-encoded once.

    True and False are 1 and 0, None is empty; an empty dict or list cannot be written so and is
    left out. TypeError for any other kind of value.
    """
    found = (_flat(quote_plus(name), value) for name, value in params.items())
    return "&".join(chain.from_iterable(found))


def _flat(name: str, value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _flat(f"{name}%5B{quote_plus(str(key))}%5D", inner)
        case list() | tuple():
            if all(item.__class__ is str for item in value):
                if value:
                    yield _texts(name, tuple(value))
                return
            for number, inner in enumerate(value):
                yield from _flat(f"{name}%5B{number}%5D", inner)
        case None:
            yield f"{name}="
        case bool():
            yield f"{name}={int(value)}"
        case str() | int():
            yield f"{name}={quote_plus(str(value))}"
        case _:
            raise TypeError(type(value).__name__)


@lru_cache(maxsize=32)
def _texts(name: str, values: tuple[str, ...]) -> str:
    """Return a list of texts as a query: the fields to select are the same page after page."""
    return "&".join(f"{name}%5B{n}%5D={quote_plus(value)}" for n, value in enumerate(values))
