"""Lights: the colours of the report, each with a sign of its own, for those who see no colour."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.values import Grade

if TYPE_CHECKING:
    from kpictl.values import Column, Grades, Score

SIGNS: dict[Grade, str] = {"red": "✗", "yellow": "!", "green": "✓", "bright": "★"}


def light(score: Score, column: Column, grades: Grades) -> Grade | None:
    """Return how a number stands: by its pace where it has one, else by its points."""
    pace = score.pace
    is_paced = pace is not None and pace.percent is not None and column.better == "higher"
    found = pace.percent if pace is not None and is_paced else score.points
    return None if found is None else grades.of(found)


def lit(name: str, weakest: Decimal | None, grades: Grades) -> str:
    """Return a department's name with the light of its weakest member before it, if it has one."""
    return name if weakest is None else f"{SIGNS[grades.of(weakest)]} {name}"
