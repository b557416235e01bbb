"""A band of a scale in words: «свыше 100 %», “from 80 to 100 % inclusive”."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.report.format import NBSP
from kpictl.values import Edge
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.explanation import Explanation
    from kpictl.report.explanation import Teller
    from kpictl.values import Score


def band(lang: str, edge: Edge | None, after: Edge | None, shown: Callable[[Decimal], str]) -> str:
    """Return a band in words, by its lower bound and that of the next (None: there is none);
    `shown` writes a bound with its unit."""
    first = "none" if edge is None else "above" if edge.above else "from"
    last = "none" if after is None else "through" if after.above else "below"
    if first == last == "none":
        return ""
    slots = {
        "low": "" if edge is None else shown(edge.at),
        "high": "" if after is None else shown(after.at),
    }
    return say(lang, f"explain.band.{first}.{last}", **slots)


def shape(teller: Teller, found: Explanation, score: Score) -> str:
    """Return what has made points of a fact; of bands the one that it lies in."""
    key = type(found.shape).key if found.shape is not None else "linear"
    text, fact = teller.say(f"explain.shape.{key}"), score.fact.exact
    if found.shape is None or fact is None:
        return text
    kind, target = found.steps[0].kind, score.target
    expected = None if target is None else Fraction(target.value)
    reached = found.shape.band(fact, expected, kind.better)
    if reached is None:
        return text

    def shown(bound: Decimal) -> str:
        if reached.of == "value":
            return teller.value(bound, kind.shown_unit)
        return f"{teller.exact(bound)}{NBSP}%"

    return f"{text}: {band(teller.lang, reached.edge, reached.after, shown)}"
