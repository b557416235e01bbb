"""A pay as far as it is computed: the amount, and the steps to it."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.values import PayState, PayStep


class Computed(Struct, frozen=True):
    """A part as far as it is computed. `amount` is None where something is not known: `state` says
    what, and `lacks` which figure. `full` is the amount at 100 `percent`."""

    amount: Fraction | None
    steps: tuple[PayStep, ...] = ()
    full: Fraction | None = None
    percent: Fraction | None = None
    state: PayState = "computed"
    lacks: str = ""

    def times(self, factor: Fraction, step: PayStep) -> Computed:
        """Return the part multiplied, with the step that says so."""
        return self if self.amount is None else self.becoming(self.amount * factor, step)

    def at_most(self, limit: Fraction, step: PayStep) -> Computed:
        """Return at most so much of the part; the step is there where that changes it."""
        if self.amount is None or self.amount <= limit:
            return self
        return self.becoming(limit, step)

    def at_least(self, floor: Fraction, step: PayStep) -> Computed:
        """Return at least so much of the part; the step is there where that changes it."""
        if self.amount is None or self.amount >= floor:
            return self
        return self.becoming(floor, step)

    def becoming(self, amount: Fraction, step: PayStep) -> Computed:
        """Return the part with another amount, which a step has led to."""
        return replace(self, amount=amount, steps=(*self.steps, replace(step, amount=amount)))
