"""How PHP reads a query string and a number, and how it writes an empty map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

Params = Mapping[str, Any]

_PART = re.compile(r"\[([^\]]*)\]")
_NUMBER = re.compile(r"\s*([+-]?\d+)")
_INDEX = re.compile(r"0|[1-9]\d*")
REFERENCE = re.compile(r"\$result((?:\[[^\[\]]+\])+)")


@lru_cache(maxsize=4096)
def parse_query(text: str) -> dict[str, Any]:
    """Read `a[b][]=1&c=2` as `parse_str` does: percent signs are decoded once, every value is text,
    every array a map. The map is shared between callers: nobody may write into it."""
    tree: dict[str, Any] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name:
            _store(tree, unquote_plus(name), unquote_plus(value))
    return tree


def _store(tree: dict[str, Any], name: str, value: str) -> None:
    head, bracket, _ = name.partition("[")
    keys = [head, *_PART.findall(name[len(head) :])] if bracket and head else [name]
    here = tree
    for at, key in enumerate(keys):
        place = key if key or not at else _next_index(here)
        if at == len(keys) - 1:
            here[place] = value
            return
        inner = here.get(place)
        if not isinstance(inner, dict):
            inner = here[place] = {}
        here = inner


def _next_index(array: Mapping[str, Any]) -> str:
    return str(max((int(key) + 1 for key in array if _INDEX.fullmatch(key)), default=0))


def resolve(value: Any, results: Mapping[str, Any]) -> Any:
    """Put the results of earlier commands where `$result[label][field]…` stands.

    The docs only say that this is possible. A reference that leads nowhere becomes an empty text,
    as an unset variable of PHP does; one that is the whole value keeps its type."""
    if isinstance(value, str):
        if "$result" not in value:
            return value
        whole = REFERENCE.fullmatch(value)
        if whole:
            return _follow(whole, results)
        return REFERENCE.sub(lambda match: text(_follow(match, results)), value)
    if isinstance(value, Mapping):
        return {key: resolve(inner, results) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, results) for inner in value]
    return value


def _follow(match: re.Match[str], results: Mapping[str, Any]) -> Any:
    here: Any = results
    for key in _PART.findall(match[1]):
        if isinstance(here, Mapping) and key in here:
            here = here[key]
        elif isinstance(here, list) and _INDEX.fullmatch(key) and int(key) < len(here):
            here = here[int(key)]
        else:
            return ""
    return "" if here is None else here


def php_map(pairs: Mapping[str, Any]) -> dict[str, Any] | list[Any]:
    """Return a map as PHP's `json_encode` writes it: empty or counted from zero, it is a list."""
    if all(key == str(at) for at, key in enumerate(pairs)):
        return list(pairs.values())
    return dict(pairs)


def is_array(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def items(array: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of a PHP array, however it came: a list has keys 0, 1, 2…"""
    if isinstance(array, Mapping):
        yield from array.items()
    elif isinstance(array, list):
        yield from ((str(at), value) for at, value in enumerate(array))


def values(array: Any) -> list[Any]:
    """Return the values of an array; of a single value, a list of it; of nothing, none."""
    if array is None or array == "":
        return []
    return [value for _, value in items(array)] if is_array(array) else [array]


def integer(value: Any) -> int:
    """Cast as `(int)` does: text counts as far as it is a number, and as 0 otherwise."""
    if isinstance(value, str):
        match = _NUMBER.match(value)
        return int(match[1]) if match else 0
    return int(value) if isinstance(value, bool | int | float) else int(bool(value))


def text(value: Any) -> str:
    """Cast as `(string)` does."""
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def truthy(value: Any) -> bool:
    """Cast as `(bool)` does, reading the words of JSON clients too."""
    return value not in ("", "0", "N", "false", 0, None, False)


def first(params: Params, names: Iterable[str]) -> Any:
    """Return the first parameter that is there."""
    return next((params[name] for name in names if name in params), None)
