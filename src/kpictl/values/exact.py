"""What all other values stand on: exact numbers, their states, stretches of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

VALUE_PLACES = 10
SCORE_PLACES = 4
ADDED = "added"
LATER = MappingProxyType({ADDED: True})
"""Marks a field that came later: kept results that lack it are as good as ever, and where it says
nothing they are kept as they always were (`results.dumps`)."""
WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def to_decimal(number: Fraction | Decimal | int, places: int) -> Decimal:
    """Round half-up (away from zero) to `places` decimals and drop trailing zeros.

    >>> to_decimal(Fraction(2675, 1000), 2)
    Decimal('2.68')
    """
    top, bottom = number.as_integer_ratio()
    units = (2 * abs(top) * 10**places + bottom) // (2 * bottom)
    signed = units if top >= 0 else -units
    whole, rest = divmod(signed, 10**places)
    if not rest:
        return Decimal(whole)
    return Decimal(signed).scaleb(-places, context=WIDE).normalize(context=WIDE)


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """The lower bound of a band: it belongs to the band, or (`above`) does not: `">100"`."""

    at: Decimal
    above: bool = False

    def __str__(self) -> str:
        return f">{self.at:f}" if self.above else f"{self.at:f}"

    @classmethod
    def of(cls, text: str) -> Edge | None:
        """Return the bound that a text says as `str` writes it; None of an empty one."""
        bare = text.removeprefix(">")
        return cls(Decimal(bare), above=bare != text) if bare else None

    def is_reached(self, x: Fraction) -> bool:
        """Say whether a figure is not below the bound."""
        return x > self.at if self.above else x >= self.at


Setting = Decimal | str | tuple[tuple[Decimal | Edge, Decimal], ...]
"""What a score shape is given: a number, a word, or a table in ascending order. Of bands a bound
that does not belong to its band is an `Edge`, any other a number."""


class State(StrEnum):
    """What is known of a number. Zero is `measured`; absence is one of the others, never 0."""

    MEASURED = "measured"
    NO_DATA = "no_data"  # the source is silent, or the denominator is zero
    INSUFFICIENT = "insufficient"  # fewer records than `min_n`
    NOT_APPLICABLE = "not_applicable"  # not this person's, or not this period's
    NO_TARGET = "no_target"  # measured, but nothing to hold it against


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, whole days in the company's zone.

    `text` is how it is written resolved (`2024-05`), `start <= instant < end`; both instants are
    aware. `first` and `last` are its calendar days, both inclusive. `to_date` says that a stretch
    up to now was asked for (`mtd`): that its last day is not over is no news then; `whole` is the
    month, quarter or year that it is of. `by_default` says that nobody chose it, so that the
    heading does.
    """

    text: str
    start: datetime
    end: datetime
    to_date: bool = field(default=False, compare=False)
    by_default: bool = field(default=False, compare=False)
    whole: Period | None = field(default=None, compare=False, metadata=LATER)

    @property
    def first(self) -> date:
        return self.start.date()

    @property
    def last(self) -> date:
        from datetime import timedelta

        return (self.end - timedelta(microseconds=1)).date()
