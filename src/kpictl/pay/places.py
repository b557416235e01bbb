"""Where the plan says what a step of a pay does: the key that each was made by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.plan.document import Path
from kpictl.values import PayLine, PayStep

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

_KEYS: dict[str, str] = {
    "pay.fixed": "fixed",
    "pay.salary": "salary_share",
    "pay.by_index": "by_index",
    "pay.by": "by",
    "pay.cap": "cap",
    "pay.prorate": "prorate",
    "pay.guarantee": "guarantee",
    "pay.commission": "commission",
    "pay.piece": "piece",
}
_GATES = ("pay.gate", "pay.gate_percent", "pay.gate_cap")
_MONEY = {"pay.pool": ("pools", "pool"), "pay.fund": ("funds", "fund")}


def placed(bound: Bound, line: PayLine) -> PayLine:
    """Return a line whose steps say where the plan has them; those that know it already keep it."""
    bonus: Path = ("scorecards", line.scorecard, "bonus")
    gates = {gate.label: gate.id for gate in line.gates}

    def place(steps: Iterable[PayStep], at: Path) -> tuple[PayStep, ...]:
        return tuple(
            step
            if step.place is not None or (path := _path(bound, step, at, gates)) is None
            else replace(step, place=bound.place(path, key=True))
            for step in steps
        )

    parts = (
        replace(part, steps=place(part.steps, (*bonus, "parts", part.id) if part.id else bonus))
        for part in line.parts
    )
    return replace(line, parts=tuple(parts), steps=place(line.steps, bonus))


def _path(bound: Bound, step: PayStep, at: Path, gates: dict[str, str]) -> Path | None:
    """Return the path of the key that a step of the part (or bonus) `at` was made by."""
    data, bonus = step.data, at[:3]
    family = ".".join(step.code.split(".")[:2])
    if family in _MONEY:
        section, name = _MONEY[family]
        return (section, str(data[name]))
    if step.code in _GATES:
        gate = gates.get(str(data["gate"]))
        return None if gate is None else (*bonus[:2], "gates", gate, "then")
    if step.code == "pay.by_kpi":
        return (*at, "by_kpi", str(data["kpi"]))
    if step.code == "pay.factor":
        return (*at, "factors", str(data["name"]))
    if step.code == "pay.prorate" and not _is_own(bound, at):
        return (*bonus, "prorate")
    key = _KEYS.get(family)
    return None if key is None else (*at, key)


def _is_own(bound: Bound, at: Path) -> bool:
    """Say whether a part has a proration of its own, instead of the bonus's."""
    bonus = bound.cards[str(at[1])].bonus
    part = None if bonus is None else bonus.each.get(str(at[-1]) if len(at) > len(at[:3]) else "")
    return part is not None and part.prorate is not None
