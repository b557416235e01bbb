"""Chance that falls the same way on every platform.

Only `Random.random()` is promised to stay as it is between Python versions, and only `+ - * /` on
floats are the same to the last bit everywhere; so nothing else is used here.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Dice:
    """A seeded source of the few kinds of chance that the examples need."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both possible, all alike."""
        return low + self.below(high - low + 1)

    def skewed(self, low: int, high: int) -> int:
        """Return a whole number in the range, small ones more often: the mean is a third up."""
        unit = self._random.random()
        return low + int((high - low) * unit * unit)

    def around(self, middle: int, spread: int) -> int:
        """Return a whole number near `middle`, at most `spread` percent away."""
        swing = self._random.random() + self._random.random() - 1
        return max(0, int(middle + middle * spread * swing / 100 + 0.5))

    def chance(self, percent: float) -> bool:
        return self._random.random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def office_time(self, day: date) -> datetime:
        """Return a moment in office hours of the day, or of the Monday after its weekend."""
        day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
        moment = time(self.between(9, 18), self.below(60), self.below(60))
        return datetime.combine(day, moment)


def month_starts(first: date, months: int) -> list[date]:
    """Return the first days of so many months in a row."""
    start = first.year * 12 + first.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + months)]


def days_in(month: date) -> int:
    following = (month + timedelta(days=31)).replace(day=1)
    return (following - month).days
