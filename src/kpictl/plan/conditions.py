"""Conditions on results that a plan holds: what is wrong with one, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.plan.load import suggest
from kpictl.scoring import conditions
from kpictl.scoring.conditions import Condition, ConditionNames

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound
    from kpictl.plan.document import Path


def mistakes(bound: Bound, path: Path, text: str, names: ConditionNames) -> Iterator[Problem]:
    """Yield what is wrong with a condition at a path of the plan, each at its character."""
    _, errors = conditions.read(text, names.kpis, names)
    for error in errors:
        code, data = error.code, dict(error.data)
        if code == "expr.unknown_name":
            name = str(data["name"])
            code, data = "condition.unknown_name", {"name": name, **suggest(name, names.known())}
        place = bound.loaded.document.place_within(path, text, error.offset)
        yield Problem(code, place, {"text": text, **data})


def of_plan(text: str, names: ConditionNames) -> Condition:
    """Return a condition of a plan that is checked."""
    condition, _ = conditions.read(text, names.kpis, names)
    assert condition is not None  # noqa: S101  `mistakes` has refused it
    return condition
