"""Between which bounds a number lies: exact, and closed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct


class Range(Struct, frozen=True):
    """All numbers from `low` to `high`, both included; None is no bound."""

    low: Fraction | None = None
    high: Fraction | None = None

    def __add__(self, other: Range) -> Range:
        return Range(_sum(self.low, other.low), _sum(self.high, other.high))

    def __neg__(self) -> Range:
        return Range(
            None if self.high is None else -self.high, None if self.low is None else -self.low
        )

    def times(self, factor: Fraction) -> Range:
        """Return the range of the products with a number."""
        ends = [None if end is None else end * factor for end in (self.low, self.high)]
        low, high = ends if factor >= 0 else ends[::-1]
        return Range(Fraction(0), Fraction(0)) if not factor else Range(low, high)

    def within(self, least: Decimal, most: Decimal | None) -> Range:
        """Return where numbers of the range come to lie that are held between two bounds."""
        floor = Fraction(least)
        low = floor if self.low is None else max(self.low, floor)
        high = None if self.high is None else max(self.high, floor)
        if most is None:
            return Range(low, high)
        cap = Fraction(most)
        return Range(min(low, cap), cap if high is None else min(high, cap))


ANYTHING = Range()
PERCENT = Range(Fraction(0), Fraction(100))
NOT_NEGATIVE = Range(Fraction(0), None)


def _sum(first: Fraction | None, second: Fraction | None) -> Fraction | None:
    return None if first is None or second is None else first + second
