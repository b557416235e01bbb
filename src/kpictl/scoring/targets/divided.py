"""A goal that was divided, and how what each part got of it came about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kpictl.scoring.targets.cascade import Division
from kpictl.values import VALUE_PLACES, Target, TargetStep, UnitKind, to_decimal


class Divided(Struct, frozen=True):
    """A goal that was divided: whose, among whom, what others have of their own, what each got.

    `step` is what the plan rounds the parts to, `size` what they are rounded to in any case.
    `unknown` are those of whom nothing is known by which to divide, who got an equal share.
    """

    kpi: str
    kind: UnitKind
    subject: str
    parent: Target
    by: str
    parts: tuple[str, ...]
    kept: Decimal
    kept_of: int
    division: Division
    unknown: frozenset[str]
    known: Mapping[str, Fraction]
    base: str = ""
    name: str = ""
    step: Decimal | None = None
    size: Fraction = Fraction(0)

    @property
    def rounded_to(self) -> str:
        """Return the step to which parts were rounded, where that shows: "" of hundredths, which
        are kopecks or cents, unless the plan has written them."""
        if self.step is not None:
            return f"{self.step:f}"
        return f"{to_decimal(self.size, VALUE_PLACES):f}" if self.size >= 1 else ""


def made(divided: Divided, ident: str) -> str:
    """Write how a part came about: `company: 18000000 × 3200000/14640000`."""
    amount = f"{divided.parent.value:f}"
    if divided.kept:
        amount = f"({amount} − {divided.kept:f})"
    label = f"{divided.name or 'company'}: {amount}"
    weight = divided.division.weights[ident]
    known = sum(divided.known.values(), Fraction(0))
    own = divided.known.get(ident)
    if own is not None and weight == own / known:
        top, bottom = to_decimal(own, 2), to_decimal(known, 2)
        share = f"{top:f}/{bottom:f}" if top != bottom else "1"
    else:
        share = f"{to_decimal(weight * 100, 4):f}%"
    exact = (Fraction(divided.parent.value) - Fraction(divided.kept)) * weight
    is_exact = exact == divided.division.amounts[ident]
    step = divided.rounded_to if divided.step is not None or not is_exact else ""
    rounded = f" ~ {step}" if step else ""
    return f"{label} × {share}{rounded}"


def steps_of(divided: Divided, ident: str) -> tuple[TargetStep, ...]:
    """Say whose goal was divided, among how many, by what, and how it was rounded."""
    parent = {
        "kind": divided.kind,
        "name": divided.name,
        "value": divided.parent.value,
        "derivation": divided.parent.derivation,
    }
    if divided.parent.place is not None:
        parent["place"] = divided.parent.place
    found = [TargetStep("step.cascade.parent", parent)]
    if divided.kept_of:
        data = {"count": divided.kept_of, "value": divided.kept}
        found.append(TargetStep("step.cascade.kept", data))
    count, base = len(divided.parts), divided.base
    weight = divided.division.weights[ident]
    known = sum(divided.known.values(), Fraction(0))
    own = divided.known.get(ident, Fraction(0))
    equal = ident in divided.unknown
    share = Fraction(1, count) if equal or not known else own / known
    data = {"count": count, "kpi": divided.kpi, "period": base}
    data |= {"percent": to_decimal(share * 100, 2)}
    if equal:
        found.append(TargetStep("step.cascade.no_history", data))
    else:
        data |= {"own": to_decimal(own, 4), "all": to_decimal(known, 4)}
        found.append(TargetStep(f"step.cascade.{divided.by}", data))
    if weight != share:
        data = {"percent": to_decimal(weight * 100, 2)}
        found.append(TargetStep("step.cascade.adjusted", data))
    if divided.step is not None:
        data = {"step": divided.step, "rest": Decimal(0)}
        if divided.division.rest_in == ident:
            data["rest"] = to_decimal(divided.division.rest, VALUE_PLACES)
        found.append(TargetStep("step.cascade.rounded", data))
    return tuple(found)
