"""A pay as far as it is computed: the amount, and the steps to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from kpictl.values import PayState, PayStep


@dataclass(frozen=True, slots=True)
class Computed:
    """A part as far as it is computed. `amount` is None where something is not known: `state` says
    what, and `lacks` which figure. `full` is the amount at 100 `percent`."""

    amount: Fraction | None
    steps: tuple[PayStep, ...] = ()
    full: Fraction | None = None
    percent: Fraction | None = None
    state: PayState = "computed"
    lacks: str = ""

    def times(self, code: str, factor: Fraction, **data: object) -> Computed:
        """Return the part multiplied, with the step that says so."""
        if self.amount is None:
            return self
        amount = self.amount * factor
        step = PayStep(code, {"factor": factor, **data}, amount)
        return replace(self, amount=amount, steps=(*self.steps, step))

    def changed(self, code: str, amount: Fraction, **data: object) -> Computed:
        """Return the part with another amount, and the step that says why."""
        step = PayStep(code, {"before": self.amount, **data}, amount)
        return replace(self, amount=amount, steps=(*self.steps, step))

    def at_most(self, code: str, limit: Fraction, **data: object) -> Computed:
        """Return at most so much of the part."""
        if self.amount is None or self.amount <= limit:
            return self
        return self.changed(code, limit, limit=limit, **data)

    def at_least(self, code: str, floor: Fraction, **data: object) -> Computed:
        """Return at least so much of the part."""
        if self.amount is None or self.amount >= floor:
            return self
        return self.changed(code, floor, floor=floor, **data)
