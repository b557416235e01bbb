"""Dividing what is expected of a whole among its parts, so that they add up to it exactly.

Largest remainder: each part gets the whole steps of its share, the steps that are left go to the
largest remainders, and what is smaller than a step to the largest part.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct


class Share(Struct, frozen=True):
    """A part of a whole: its `weight` among the others (None or zero and less: nothing is known of
    it, so that it gets an equal share), and how much of the time it is there."""

    id: str
    weight: Fraction | None
    presence: Fraction = Fraction(1)

    @property
    def is_known(self) -> bool:
        return self.weight is not None and self.weight > 0


class Division(Struct, frozen=True):
    """What each part gets, in the order in which they came; `weights` are those by which it was
    divided, which add up to one. `rest` is what was smaller than a step, and is in the part
    `rest_in`."""

    amounts: dict[str, Fraction]
    weights: dict[str, Fraction]
    rest: Fraction = Fraction(0)
    rest_in: str = ""


def shares(parts: Sequence[Share], *, unknown_as_equal: bool = True) -> dict[str, Fraction]:
    """Return the share of each part, adding up to one; all zero where nobody is there.

    Of n parts one of which nothing is known gets 1/n, the known ones the rest by their weights.
    """
    count = len(parts)
    known = sum((p.weight for p in parts if p.weight is not None and p.is_known), Fraction(0))
    of_known = sum(p.is_known for p in parts)
    raw = {}
    for part in parts:
        if part.weight is not None and part.is_known:
            own = part.weight / known * Fraction(of_known, count)
        else:
            own = Fraction(1, count) if unknown_as_equal else Fraction(0)
        raw[part.id] = own * part.presence
    whole = sum(raw.values(), Fraction(0))
    return {ident: own / whole if whole else Fraction(0) for ident, own in raw.items()}


def divide(amount: Fraction, weights: dict[str, Fraction], step: Fraction) -> Division:
    """Divide an amount by weights that add up to one, in multiples of a step.

    >>> third = Fraction(1, 3)
    >>> divide(Fraction(100), {"a": third, "b": third, "c": third}, Fraction(1)).amounts
    {'a': Fraction(34, 1), 'b': Fraction(33, 1), 'c': Fraction(33, 1)}
    """
    there = [ident for ident, weight in weights.items() if weight > 0]
    if not there or amount <= 0:
        return Division(dict.fromkeys(weights, Fraction(0)), weights)
    exact = {ident: amount * weights[ident] / step for ident in there}
    steps = {ident: exact[ident].__floor__() for ident in there}
    over = (amount / step).__floor__() - sum(steps.values())
    by_remainder = sorted(there, key=lambda ident: steps[ident] - exact[ident])
    for ident in by_remainder[:over]:
        steps[ident] += 1
    amounts = {ident: steps.get(ident, 0) * step for ident in weights}
    rest = amount - sum(amounts.values(), Fraction(0))
    largest = max(there, key=lambda ident: weights[ident])
    amounts[largest] += rest
    return Division(amounts, weights, rest, largest if rest else "")
