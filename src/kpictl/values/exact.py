"""What all other values stand on: exact numbers, their states, stretches of time."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, TypeVar

from msgspec import Struct

VALUE_PLACES = 10
SCORE_PLACES = 4
T = TypeVar("T")
Later = Annotated[T, "came later"]
"""The type of a field that came later: kept results that lack it are as good as ever, and where it
says nothing they are kept as they always were (`results.dumps`)."""
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


class Edge(Struct, frozen=True, order=True):
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


class Period(Struct, frozen=True, eq=False):
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
    to_date: bool = False
    by_default: bool = False
    whole: Later[Period | None] = None

    def __eq__(self, other: object) -> bool:
        """Say whether it is the same stretch of the same name, however it was asked for."""
        if not isinstance(other, Period):
            return NotImplemented
        return (self.text, self.start, self.end) == (other.text, other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.text, self.start, self.end))

    @property
    def first(self) -> date:
        return self.start.date()

    @property
    def last(self) -> date:
        from datetime import timedelta

        return (self.end - timedelta(microseconds=1)).date()
