"""Remarks on scorecards and KPIs as they are written, whatever the data are.

The bounds (seven KPIs, 5 and 60 percent, 20 percent by hand, 50 percent of the company's) are those
of practice: below 5 nothing is steered by a KPI, above 60 nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations

from kpictl.expressions import Type, refs
from kpictl.kinds.base import Kind
from kpictl.lint.base import Remark
from kpictl.measure.query import Op
from kpictl.plan import editions, pay_figures
from kpictl.plan.bound import Bound
from kpictl.plan.document import Path
from kpictl.plan.model import Entry, ScorecardPlan

MOST_KPIS = 7
LIGHT, HEAVY = Decimal(5), Decimal(60)
MOST_MANUAL = Decimal(20)
MOST_OF_COMPANY = Decimal(50)


def many_kpis(bound: Bound) -> Iterator[Remark]:
    """More KPIs with a weight than anybody keeps an eye on."""
    for card, spec, at in _cards(bound):
        weighted = _weighted(spec)
        if len(weighted) > MOST_KPIS:
            data = {"card": spec.label or card, "count": len(weighted)}
            yield Remark(bound.place((*at, "kpis"), key=True), data, card)


def light(bound: Bound) -> Iterator[Remark]:
    """A weight that moves no index."""
    for card, spec, at in _cards(bound):
        for kpi, entry in _weighted(spec).items():
            if entry.weight < LIGHT:
                yield _of_weight(bound, card, spec, at, kpi)


def heavy(bound: Bound) -> Iterator[Remark]:
    """A weight beside which the others do not matter."""
    for card, spec, at in _cards(bound):
        for kpi, entry in _weighted(spec).items():
            if entry.weight > HEAVY and len(spec.kpis) > 1:
                yield _of_weight(bound, card, spec, at, kpi)


def _of_weight(bound: Bound, card: str, spec: ScorecardPlan, at: Path, kpi: str) -> Remark:
    weight = spec.kpis[kpi].weight
    data = {"card": spec.label or card, "kpi": bound.label(kpi), "weight": weight}
    return Remark(bound.place((*at, "kpis", kpi, "weight")), data, card)


def count_without_quality(bound: Bound) -> Iterator[Remark]:
    """Numbers of things, and nothing that tells how good they are: no average, share, ratio,
    conversion or mark, and no money, neither with a weight nor in a gate."""
    for card, spec, at in _cards(bound):
        counts = [kpi for kpi in _weighted(spec) if _is_quantity(bound, kpi)]
        others = [kpi for kpi in _weighted(spec) if kpi not in counts]
        others += [kpi for kpi in _in_gates(bound, spec) if not _is_quantity(bound, kpi)]
        if counts and not others:
            data = {"card": spec.label or card, "kpis": _labels(bound, counts)}
            yield Remark(bound.place((*at, "kpis"), key=True), data, card)


def same_records(bound: Bound) -> Iterator[Remark]:
    """One record that moves two KPIs of a scorecard: both grow with the very same records."""
    for card, spec, at in _cards(bound):
        growing = [kpi for kpi in _weighted(spec) if bound.volume(kpi)]
        for first, second in combinations(growing, 2):
            common = _records_of(bound, first) & _records_of(bound, second)
            if common:
                both = spec.kpis[first].weight + spec.kpis[second].weight
                data = {
                    "first": bound.label(first),
                    "second": bound.label(second),
                    "weight": both,
                    "entity": ", ".join(sorted({entity for entity, *_ in common})),
                }
                yield Remark(bound.place((*at, "kpis", second), key=True), data, card)


def manual_weight(bound: Bound) -> Iterator[Remark]:
    """More of the index than a fifth is typed by hand."""
    for card, spec, at in _cards(bound):
        typed = [kpi for kpi in _weighted(spec) if _is_typed(bound, kpi)]
        total = sum((spec.kpis[kpi].weight for kpi in typed), Decimal(0))
        if total > MOST_MANUAL:
            data = {"card": spec.label or card, "kpis": _labels(bound, typed), "weight": total}
            yield Remark(bound.place((*at, "kpis", typed[0]), key=True), data, card)


def company_weight(bound: Bound) -> Iterator[Remark]:
    """More than half of somebody's index is the company's number, which they hardly move."""
    for card, spec, at in _cards(bound):
        shared = [kpi for kpi, entry in _weighted(spec).items() if entry.level == "company"]
        total = sum((spec.kpis[kpi].weight for kpi in shared), Decimal(0))
        if spec.rows == "people" and total > MOST_OF_COMPANY:
            data = {"card": spec.label or card, "kpis": _labels(bound, shared), "weight": total}
            yield Remark(bound.place((*at, "kpis", shared[0]), key=True), data, card)


def period_conversion(bound: Bound) -> Iterator[Remark]:
    """Successes of a period over its records: a few records make any percentage."""
    for kpi, kind in bound.plan.kpis.items():
        if kind.divides_strangers and kind.min_n is None:
            yield Remark(bound.place(("kpis", kpi), key=True), {"kpi": bound.label(kpi)})


def negative_points(bound: Bound) -> Iterator[Remark]:
    """A KPI that takes points away: one bad number undoes what the others have earned."""
    for card, spec, at in _cards(bound):
        for kpi, entry in _weighted(spec).items():
            if entry.floor < 0:
                data = {"kpi": bound.label(kpi), "floor": entry.floor}
                yield Remark(bound.place((*at, "kpis", kpi, "floor")), data, card)


# Not «удержание»: that is retention of clients as well.
_FINE = re.compile(
    r"штраф|депремир|(?<![a-z])(?:fine[sd]?|penalt(?:y|ies))(?![a-z])", re.IGNORECASE
)


def fine(bound: Bound) -> Iterator[Remark]:
    """Words of punishment: art. 192 of the Russian Labour Code knows no fines, and a bonus that is
    not earned is none."""
    plan = bound.plan
    named: list[tuple[Path, str, str]] = []
    for kpi, kind in plan.kpis.items():
        named.append((("kpis", kpi), _words(kpi, kind), ""))
    for card, spec in plan.scorecards.items():
        named.append((("scorecards", card), f"{card} {spec.label or ''}", card))
        for gate, rule in spec.gates.items():
            named.append((("scorecards", card, "gates", gate), f"{gate} {rule.label or ''}", card))
        for name, part in spec.bonus.each.items() if spec.bonus is not None else ():
            path: Path = ("bonus", "parts", name) if name else ("bonus",)
            named.append((("scorecards", card, *path), f"{name} {part.label or ''}", card))
    for path, text, card in named:
        match = _FINE.search(text)
        if match:
            yield Remark(bound.place(path, key=True), {"word": match[0], "name": path[-1]}, card)


def _words(kpi: str, kind: Kind) -> str:
    return " ".join((kpi, kind.label or "", kind.description or ""))


# --- what KPIs are ---------------------------------------------------------------------------


def _cards(bound: Bound) -> Iterator[editions.Written]:
    return editions.written(bound.plan.scorecards)


def _weighted(spec: ScorecardPlan) -> dict[str, Entry]:
    return {kpi: entry for kpi, entry in spec.kpis.items() if entry.weight}


def _labels(bound: Bound, kpis: Iterable[str]) -> str:
    return ", ".join(bound.label(kpi) for kpi in kpis)


def _is_quantity(bound: Bound, kpi: str) -> bool:
    """Say whether a KPI is a number of things: money tells what they were worth."""
    priced = any(measure.converted for measure in bound.leaves(kpi))
    return bound.volume(kpi) and not priced and bound.kind(kpi).shown_unit != "money"


def _is_typed(bound: Bound, kpi: str) -> bool:
    """Say whether people type a KPI, or anything that it is computed from."""
    return any(bound.schemas[measure.entity].told for measure in bound.leaves(kpi))


def _records_of(bound: Bound, kpi: str) -> set[tuple[str, str, str, object]]:
    """Return which records a KPI grows with, each of them: of which entity, when, whose, on which
    condition. (The second deal of a client moves no number of clients.)"""
    return {
        (m.entity, m.when, m.by, None if m.where is None else m.where.tree)
        for m in bound.leaves(kpi)
        if m.op in (Op.COUNT, Op.SUM)
    }


def _in_gates(bound: Bound, spec: ScorecardPlan) -> Iterator[str]:
    for gate in spec.gates.values():
        found, _ = pay_figures.read(gate.when, bound, Type.BOOL)
        if found is not None:
            names = (word for name in refs(found.tree) for word in name.split("."))
            yield from (word for word in names if word in bound.plan.kpis)
