"""The JSON Schema of the plan language, made from the same classes that read it."""

from __future__ import annotations

from typing import Any

from kpictl.plan.model import Plan


def plan_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), for editors."""
    found = Plan.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kpictl plan",
        **{key: value for key, value in found.items() if key != "title"},
    }
