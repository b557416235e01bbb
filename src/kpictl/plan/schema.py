"""The JSON Schema of the plan language, made from the same classes that read it.

What the plan may write short (a path for a table, a caption for a column, a name for a shape) is
added to what the classes themselves accept.
"""

from __future__ import annotations

from typing import Any

from kpictl.plan.model import Plan
from kpictl.scoring.curves import NAMED

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_SHORT: dict[str, list[dict[str, Any]]] = {"Table": [_TEXT, _TEXTS], "Column": [_TEXT, _TEXTS]}


def plan_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), for editors."""
    found = Plan.model_json_schema(by_alias=True)
    for definition in found["$defs"].values():
        _shorten(definition)
    entry = found["$defs"]["Entry"]["properties"]["score"]
    shapes = [one for one in entry.pop("oneOf", []) if not _is_named(one, found)]
    entry.pop("discriminator", None)
    entry["anyOf"] = [{"enum": list(NAMED)}, *shapes]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kpictl plan",
        **{key: _numbers(value) for key, value in found.items() if key != "title"},
    }


def _shorten(definition: dict[str, Any]) -> None:
    """Let a reference to a class with a short form accept that too."""
    for key in ("additionalProperties", "properties"):
        part = definition.get(key)
        if isinstance(part, dict):
            definition[key] = _with_short(part) if "$ref" in part else {
                name: _with_short(value) if isinstance(value, dict) else value
                for name, value in part.items()
            }  # fmt: skip


def _with_short(part: dict[str, Any]) -> dict[str, Any]:
    inner = part.get("additionalProperties")
    if isinstance(inner, dict):
        part = {**part, "additionalProperties": _with_short(inner)}
    options = part.get("oneOf", [part])
    names = (str(one.get("$ref", "")).rsplit("/", 1)[-1] for one in options)
    short = next((_SHORT[name] for name in names if name in _SHORT), None)
    return part if short is None else {"anyOf": [*short, *options]}


def _is_named(option: dict[str, Any], found: dict[str, Any]) -> bool:
    """Say whether a shape is written by its name alone: it has no keys of its own."""
    name = str(option.get("$ref", "")).rsplit("/", 1)[-1]
    return not found["$defs"].get(name, {}).get("properties")


def _numbers(value: Any) -> Any:
    """Write defaults of numbers as numbers; pydantic gives decimals as text."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _numbers(item) for key, item in value.items()}
    default = found.get("default")
    if isinstance(default, str) and default.isdigit() and "number" in str(found):
        found["default"] = int(default)
    return found
