"""Between which bounds the figures of a plan lie, whatever the records are: exact, and proved.

A range is closed; None is no bound. Where nothing is known of a figure it may be anything, so that
what is said to be impossible is impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import product

from kpictl.expressions import Literal, Node, Operation, Ref
from kpictl.plan.bound import Bound
from kpictl.plan.model import Entry, ScorecardPlan
from kpictl.values.ranges import ANYTHING, NOT_NEGATIVE, PERCENT, Range

MOST_SUBSETS = 12  # KPIs of which every choice of measured ones is tried
HUNDRED = Fraction(100)


# --- points and indexes ----------------------------------------------------------------------


def points(entry: Entry) -> Range:
    """Return between which points a KPI of a scorecard lies, whatever its fact is."""
    return entry.score.range().within(entry.floor, entry.cap)


def index(spec: ScorecardPlan) -> Range:
    """Return between which bounds the index of a scorecard lies: of every choice of KPIs that may
    be measured while the others are not (`missing`, `min_coverage`)."""
    weighted = {kpi: entry for kpi, entry in spec.kpis.items() if entry.weight}
    each = {kpi: points(entry) for kpi, entry in weighted.items()}
    if len(weighted) > MOST_SUBSETS:
        found = [*each.values(), PERCENT]  # a mean lies between the least and the greatest
        return Range(_least(r.low for r in found), _greatest(r.high for r in found))
    means = []
    for measured in product((True, False), repeat=len(weighted)):
        mean = _mean(spec, weighted, each, dict(zip(weighted, measured, strict=True)))
        means += [] if mean is None else [mean]
    if not means:
        return ANYTHING
    return Range(_least(mean.low for mean in means), _greatest(mean.high for mean in means))


def _mean(
    spec: ScorecardPlan,
    weighted: dict[str, Entry],
    each: dict[str, Range],
    measured: dict[str, bool],
) -> Range | None:
    """Return the range of the index where just these KPIs are measured; None where there is none
    then (as `kpictl.scoring.score.index`)."""
    total, weight, whole = Range(Fraction(0), Fraction(0)), Fraction(0), Fraction(0)
    for kpi, entry in weighted.items():
        own, policy = Fraction(entry.weight), entry.missing or spec.missing
        whole += own
        if measured[kpi]:
            total, weight = total + each[kpi].times(own), weight + own
        elif policy == "hold":
            return None
        elif policy in ("zero", "neutral"):
            stands = HUNDRED if policy == "neutral" else Fraction(0)
            total, weight = total + Range(stands * own, stands * own), weight + own
    thin = weight < whole and weight * 100 < whole * Fraction(spec.min_coverage)
    return None if thin or not weight else total.times(1 / weight)


def _least(ends: Iterable[Fraction | None]) -> Fraction | None:
    several = list(ends)
    known = [end for end in several if end is not None]
    return min(known) if len(known) == len(several) else None


def _greatest(ends: Iterable[Fraction | None]) -> Fraction | None:
    several = list(ends)
    known = [end for end in several if end is not None]
    return max(known) if len(known) == len(several) else None


# --- figures and expressions -----------------------------------------------------------------


_OWN = {
    "coverage": PERCENT,
    "rank": Range(Fraction(1), None),
    **dict.fromkeys(("salary", "days", "days_of", "fte", "tenure"), NOT_NEGATIVE),
}


class Figures:
    """The figures that the pay of one scorecard may ask for."""

    def __init__(self, bound: Bound, spec: ScorecardPlan) -> None:
        self.bound = bound
        self.spec = spec

    def of(self, name: str) -> Range:
        """Return between which bounds a figure lies."""
        kpi, _, what = name.partition(".")
        if name == "index":
            return index(self.spec)
        if name in _OWN:
            return _OWN[name]
        if kpi in self.spec.kpis and what == "score":
            return points(self.spec.kpis[kpi])
        if kpi in self.bound.plan.kpis and what in ("", "value"):
            return self.bound.kind(kpi).range()
        return ANYTHING


def number(node: Node, figure: Callable[[str], Range]) -> Range:
    """Return between which bounds an expression lies."""
    if isinstance(node, Ref):
        return figure(node.name)
    if isinstance(node, Operation):
        return _computed(node.op, [number(arg, figure) for arg in node.args])
    value = node.value
    return Range(Fraction(value), Fraction(value)) if isinstance(value, Decimal) else ANYTHING


def _computed(op: str, several: list[Range]) -> Range:
    match op, several:
        case "+", [first, second]:
            return first + second
        case "-", [first, second]:
            return first + (-second)
        case "neg", [only]:
            return -only
        case "*", [first, second]:
            return _product(first, second)
        case "/", [first, second] if second.low and second.low == second.high:
            return first.times(1 / second.low)
    return ANYTHING


def _product(first: Range, second: Range) -> Range:
    for constant, other in ((first, second), (second, first)):
        if constant.low is not None and constant.low == constant.high:
            return other.times(constant.low)
    return ANYTHING


def can_be(node: Node, figure: Callable[[str], Range], *, value: bool) -> bool:
    """Say whether a condition can have a value at all: False only where it is proved not to."""
    if isinstance(node, Literal):
        return node.value is value or not isinstance(node.value, bool)
    if not isinstance(node, Operation):
        return True
    if node.op in ("and", "or"):
        every = (node.op == "and") is value
        parts = [can_be(arg, figure, value=value) for arg in node.args]
        return all(parts) if every else any(parts)
    if node.op == "not":
        return can_be(node.args[0], figure, value=not value)
    if node.op not in _OPPOSITE:
        return True
    op = node.op if value else _OPPOSITE[node.op]
    left, right = (number(arg, figure) for arg in node.args)
    return _can_compare(op, left, right)


_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "<>", "<>": "="}


def _can_compare(op: str, left: Range, right: Range) -> bool:
    """Say whether numbers of two ranges can stand so to one another."""
    if op in (">", ">="):
        return _can_compare("<" if op == ">" else "<=", right, left)
    if op == "<>":
        alike = left.low is not None and left == right and left.low == left.high
        return not alike
    if op == "=":
        return _can_compare("<=", left, right) and _can_compare("<=", right, left)
    if left.low is None or right.high is None:
        return True
    return left.low < right.high if op == "<" else left.low <= right.high
