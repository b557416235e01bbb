"""What people decide about pay beside the plan: adjustments and sanctions, by employee and time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from kpictl.errors import Place
from kpictl.values import Adjustment, Period


class BookedAdjustment(Struct, frozen=True):
    """An adjustment of the employee `person` (`Person.id`), paid in the days `[first, after)`."""

    person: str
    first: date
    after: date
    adjustment: Adjustment


class Sanction(Struct, frozen=True):
    """A disciplinary sanction against the employee `person`: the `order` and its `day`, the days
    `[first, after)` of the period in which it was applied, and by how many percent the bonus of
    that period is to be less."""

    person: str
    order: str
    day: date
    first: date
    after: date
    reduction: Decimal
    place: Place | None = None


class PayBook(Struct, frozen=True):
    """All of them, in the order of the tables."""

    adjustments: tuple[BookedAdjustment, ...] = ()
    sanctions: tuple[Sanction, ...] = ()

    def adjustments_in(self, period: Period) -> list[BookedAdjustment]:
        """Return the adjustments that are paid in a period."""
        return [one for one in self.adjustments if _is_in(one, period)]

    def sanctions_of(self, person: str, period: Period) -> list[Sanction]:
        """Return the sanctions against somebody that lower the pay of a period."""
        own = (one for one in self.sanctions if one.person == person)
        return [one for one in own if _is_in(one, period)]

    def longer_than(self, period: Period) -> list[BookedAdjustment | Sanction]:
        """Return what is of a period that reaches beyond this one, so that it is not of it."""
        everything: list[BookedAdjustment | Sanction] = [*self.adjustments, *self.sanctions]
        meeting = (
            one for one in everything if one.first <= period.last and one.after > period.first
        )
        return [one for one in meeting if not _is_in(one, period)]

    @property
    def first_reduction(self) -> date | None:
        """Return the first day of the first period in which somebody is to get less by hand: before
        it no balance can be negative by that."""
        starts = (one.first for one in self.adjustments if one.adjustment.amount < 0)
        return min(starts, default=None)


def _is_in(one: BookedAdjustment | Sanction, period: Period) -> bool:
    return period.first <= one.first and one.after <= period.last + timedelta(days=1)


EMPTY = PayBook()
