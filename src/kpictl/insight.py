"""Small statistics for comparing people and periods. None of them ever enters pay.

Sources: Wilson (1927) score interval; shrinkage towards the peers' mean; percentile rank with half
of the ties. Decimals in, decimals out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from kpictl.values import to_decimal


def wilson_lower(hits: int, n: int, z: Decimal = Decimal("1.96")) -> Decimal:
    """Return the lower bound of a share of `hits` in `n`, 0 to 1, 4 decimals; n must be above 0.

    (p + z²/2n − z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    """
    with localcontext() as context:
        context.prec = 40
        p, size = Decimal(hits) / n, Decimal(n)
        spread = (p * (1 - p) / size + z * z / (4 * size * size)).sqrt()
        bound = (p + z * z / (2 * size) - z * spread) / (1 + z * z / size)
    return to_decimal(max(bound, Decimal(0)), 4)


def shrunk(hits: int, n: int, mean: Decimal, weight: Decimal) -> Decimal:
    """Return (k + m·p₀)/(n + m): a share drawn towards `mean` as if by `weight` more records."""
    exact = (hits + Fraction(weight) * Fraction(mean)) / (n + Fraction(weight))
    return to_decimal(exact, 4)


def percentile_rank(value: Decimal, peers: Sequence[Decimal]) -> Decimal:
    """Return the percent of `peers` (the value's owner among them) below it, ties counted half."""
    below = sum(1 for peer in peers if peer < value)
    equal = sum(1 for peer in peers if peer == value)
    return to_decimal(Fraction(2 * below + equal, 2 * len(peers)) * 100, 4)


def change(now: Decimal, before: Decimal) -> Decimal | None:
    """Return the relative change in percent, 4 decimals; None where `before` is not above 0."""
    if before <= 0:
        return None
    return to_decimal((Fraction(now) / Fraction(before) - 1) * 100, 4)


def points_change(now: Decimal, before: Decimal) -> Decimal:
    """Return the change of a percentage in percentage points."""
    return now - before
