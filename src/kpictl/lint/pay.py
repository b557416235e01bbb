"""Remarks on what a plan pays: steps that are worth waiting for, what can never happen, what a
bonus regulation must say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct

from kpictl.expressions import Type
from kpictl.lint import ceiling
from kpictl.lint.base import Remark, money
from kpictl.lint.ranges import HUNDRED, Figures, number
from kpictl.pay.scales import is_rising, percent_of
from kpictl.plan import editions, pay_figures
from kpictl.plan.bound import Bound
from kpictl.plan.document import Path
from kpictl.plan.fields import PerPeriod
from kpictl.plan.model import ScorecardPlan
from kpictl.plan.pay import BonusPart, Commission, Reading, Scale
from kpictl.values import VALUE_PLACES, Edge, to_decimal
from kpictl.values.quantity import Quantity
from kpictl.values.ranges import ANYTHING, Range

CLIFF = Fraction(30)  # percent of a part that one step is worth at least


class Read(Struct, frozen=True):
    """A scale of a bonus: where it is written, what it is read at (`figure` as the plan has it, in
    a range), and of which part of the bonus it is a percentage."""

    card: str
    spec: ScorecardPlan
    path: Path
    scale: Scale
    figure: str
    range: Range
    part: BonusPart


def pay_cliff(bound: Bound) -> Iterator[Remark]:
    """A step of a scale that is worth a third of a part: the last sale before it is worth as much
    as all before. Of each scale the highest."""
    for read in _scales(bound):
        steps = list(_steps(read.scale, read.range))
        if not steps:
            continue
        edge, before, after = max(steps, key=lambda step: step[2] - step[1])
        if after - before >= CLIFF:
            data = {
                "figure": read.figure,
                "edge": str(edge),
                "before": _plain(before),
                "after": _plain(after),
                "worth": _worth(bound, read.part, after - before),
                "steps": len(steps),
            }
            yield Remark(bound.place(read.path, key=True), data, read.card)


def whole_tier(bound: Bound) -> Iterator[Remark]:
    """A commission whose rate of everything jumps where a step is reached: of each the largest jump
    in money (kpi-method, vector 26: 50 000 → 80 000)."""
    for card, spec, path, part in _parts(bound):
        paid = part.commission
        if paid is None or not paid.whole:
            continue
        plan = _target_of(bound, card, spec, paid)
        jumps = [
            (step, Fraction(edge.at) * (after - before) / HUNDRED)
            for step in _tiers(paid.whole)
            for edge, before, after in [step]
        ]
        if not jumps:
            continue
        (edge, before, after), jump = max(jumps, key=lambda one: abs(one[1]))
        at_value = paid.at == "value"
        worth = jump if at_value else None if plan is None else jump * plan / HUNDRED
        data = {
            "kpi": bound.label(paid.of) if paid.of in bound.plan.kpis else paid.of,
            "edge": str(edge) if at_value else f"{edge} %",
            "before": _plain(before),
            "after": _plain(after),
            "money": money(bound, worth),
            "steps": len(jumps),
        }
        yield Remark(bound.place((*path, "commission", "whole"), key=True), data, card)


def falling_scale(bound: Bound) -> Iterator[Remark]:
    """A scale on which more brings less."""
    for read in _scales(bound):
        if not is_rising(read.scale):
            data = {"figure": read.figure}
            yield Remark(bound.place(read.path, key=True), data, read.card)


def unreachable_band(bound: Bound) -> Iterator[Remark]:
    """Steps and points of a scale that no figure can reach, as floors, caps and weights are."""
    for read in _scales(bound):
        edges = sorted(read.scale.bands or (Edge(x) for x in read.scale.curve or {}))
        beyond = [edge for edge in edges if not _is_reachable(edge, read.range.high)]
        if beyond and read.range.high is not None:
            data = {
                "figure": read.figure,
                "edges": ", ".join(map(str, beyond)),
                "highest": _plain(read.range.high),
            }
            yield Remark(bound.place(read.path, key=True), data, read.card)


def idle_gate(bound: Bound) -> Iterator[Remark]:
    """A condition that is never met, whatever the figures are."""
    for card, spec, at in editions.written(bound.plan.scorecards):
        figures = Figures(bound, spec)
        for name, gate in spec.gates.items():
            if not ceiling.can_act(bound, gate.when, figures):
                place = bound.place((*at, "gates", name, "when"))
                yield Remark(place, {"gate": gate.label or name, "when": gate.when}, card)


def highest_pay(bound: Bound) -> Iterator[Remark]:
    """The most that one person can have for a month, or that there is no most."""
    for card, spec, at in editions.written(bound.plan.scorecards):
        if spec.bonus is None or spec.rows != "people":
            continue
        most = ceiling.of_card(bound, spec)
        if not most.endless:
            sums = [_of_salary(most.of_salary)] if most.of_salary else []
            sums += [money(bound, most.money)] if most.money or not sums else []
            data = {"card": spec.label or card, "most": tuple(sums)}
            yield Remark(bound.place((*at, "bonus"), key=True), data, card)


def no_ceiling(bound: Bound) -> Iterator[Remark]:
    """A bonus that has no highest amount: one large deal may cost more than the fund."""
    for card, spec, at in editions.written(bound.plan.scorecards):
        if spec.bonus is None or spec.rows != "people":
            continue
        most = ceiling.of_card(bound, spec)
        if most.endless:
            parts = ", ".join(name for name in most.endless if name) or spec.label or card
            data = {"card": spec.label or card, "parts": parts}
            yield Remark(bound.place((*at, "bonus"), key=True), data, card)


def negative_pay(bound: Bound) -> Iterator[Remark]:
    """A percentage or a rate below zero: pay that is taken back, a fine by another name."""
    for read in _scales(bound):
        table = read.scale.bands or read.scale.curve or {}
        if any(value < 0 for value in table.values()):
            least = f"{min(table.values()):f} %"
            yield Remark(bound.place(read.path, key=True), {"least": least}, read.card)
    for card, _, path, part in _parts(bound):
        for verb, rates in (("commission", _rates(part)), ("piece", _prices(part))):
            if any(rate < 0 for rate in rates):
                least = f"{min(rates):f}"
                yield Remark(bound.place((*path, verb), key=True), {"least": least}, card)


# What a regulation on bonuses must name (Labour Code art. 135): kinds, sizes, terms, grounds,
# conditions. Sizes and grounds cannot be left out of a plan.
def missing_terms(bound: Bound) -> Iterator[Remark]:
    """What a bonus regulation must name, and this plan does not: the kind of each bonus, the
    conditions, by when it is paid."""
    for card, spec, at in editions.written(bound.plan.scorecards):
        if spec.bonus is None:
            continue
        missing = []
        if not all(part.label for part in spec.bonus.each.values()):
            missing.append("kind")
        if not (spec.gates or any(_is_conditional(part) for part in spec.bonus.each.values())):
            missing.append("conditions")
        if bound.plan.pay.due is None:
            missing.append("due")
        if missing:
            data = {"card": spec.label or card, "terms": ", ".join(missing)}
            yield Remark(bound.place((*at, "bonus"), key=True), data, card)


def _is_conditional(part: BonusPart) -> bool:
    scaled = part.by_index or part.by_kpi or part.by or part.eligible
    tiers = part.commission and (part.commission.whole or part.commission.marginal)
    return bool(scaled or tiers)


# --- what is written of a bonus --------------------------------------------------------------


def _parts(bound: Bound) -> Iterator[tuple[str, ScorecardPlan, Path, BonusPart]]:
    """Yield every part of every bonus, and where it is written."""
    for card, spec, at in editions.written(bound.plan.scorecards):
        if spec.bonus is not None:
            for name, part in spec.bonus.each.items():
                path = (*at, "bonus", "parts", name) if name else (*at, "bonus")
                yield card, spec, path, part


def _scales(bound: Bound) -> Iterator[Read]:
    """Yield every scale of every bonus."""
    for card, spec, path, part in _parts(bound):
        figures = Figures(bound, spec)
        if isinstance(part.by_index, Scale):
            index = figures.of("index")
            yield Read(card, spec, (*path, "by_index"), part.by_index, "index", index, part)
        for kpi, own in (part.by_kpi or {}).items():
            if own.bands or own.curve:
                name = f"{kpi}.attainment"
                yield Read(card, spec, (*path, "by_kpi", kpi), own, name, ANYTHING, part)
        readings = [(("by",), part.by), *((("factors", k), v) for k, v in part.factors.items())]
        for step, by in readings:
            if isinstance(by, Reading) and (by.bands or by.curve):
                expression, _ = pay_figures.read(by.of, bound, Type.NUMBER)
                known = ANYTHING if expression is None else number(expression.tree, figures.of)
                yield Read(card, spec, (*path, *step), by, by.of, known, part)


def _steps(scale: Scale, figure: Range) -> Iterator[tuple[Edge, Fraction, Fraction]]:
    """Yield the jumps of a scale that can be reached: at which bound, from what, to what percent.
    A curve jumps at its first point, from 0."""
    if scale.bands:
        below = Fraction(0)
        for edge, percent in sorted(scale.bands.items()):
            passed = figure.low is not None and edge.at <= figure.low and not edge.above
            if not passed and percent != below and _is_reachable(edge, figure.high):
                yield edge, below, Fraction(percent)
            below = Fraction(percent)
    elif scale.curve:
        first = Edge(min(scale.curve))
        start = percent_of(scale, Fraction(first.at))
        if start and not (figure.low is not None and first.at <= figure.low):
            yield first, Fraction(0), start


def _tiers(whole: Mapping[Edge, Decimal]) -> Iterator[tuple[Edge, Fraction, Fraction]]:
    steps = [(Edge(Decimal(0)), Decimal(0)), *sorted(whole.items())]
    for (_, before), (edge, after) in pairwise(steps):
        if edge.at > 0 and before != after:
            yield edge, Fraction(before), Fraction(after)


def _is_reachable(edge: Edge, high: Fraction | None) -> bool:
    return high is None or (edge.at < high if edge.above else edge.at <= high)


def _rates(part: BonusPart) -> list[Decimal]:
    paid = part.commission
    if paid is None:
        return []
    tables = [*(paid.marginal or {}).values(), *(paid.whole or {}).values()]
    by_field = [] if paid.rates is None else list(paid.rates.table.values())
    return [*([] if paid.rate is None else [paid.rate]), *tables, *by_field]


def _prices(part: BonusPart) -> list[Decimal]:
    paid = part.piece
    if paid is None:
        return []
    by_field = [] if paid.rates is None else list(paid.rates.table.values())
    return [*([] if paid.rate is None else [paid.rate]), *by_field]


def _target_of(bound: Bound, card: str, spec: ScorecardPlan, paid: Commission) -> Fraction | None:
    """Return the target of a commission's KPI for a month, where the plan has one number for all of
    the scorecard."""
    entry = spec.kpis.get(paid.of)
    written = None if entry is None else entry.target
    written = written or bound.plan.targets.blocks.get(f"scorecard.{card}", {}).get(paid.of)
    if isinstance(written, PerPeriod):
        return Fraction(written.value) if written.per == "month" else None
    return Fraction(written) if isinstance(written, Decimal) else None


# --- as they are written for people ----------------------------------------------------------


def _plain(value: Fraction) -> str:
    return f"{to_decimal(value, 2):f}"


def _worth(bound: Bound, part: BonusPart, percent: Fraction) -> Quantity:
    """Return what so many percent of a part are worth: money, or percent of the salary or part."""
    if part.fixed is not None:
        return money(bound, Fraction(part.fixed) * percent / HUNDRED)
    if part.salary_share is None:
        return Quantity(to_decimal(percent, VALUE_PLACES), "part")
    return _of_salary(Fraction(part.salary_share) * percent / HUNDRED)


def _of_salary(percent: Fraction) -> Quantity:
    return Quantity(to_decimal(percent, VALUE_PLACES), "salary")
