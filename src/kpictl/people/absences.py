"""Who was away when, and which absences lower what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from kpictl.errors import Place

AbsenceKind = Literal["worked", "paid_absence", "unpaid", "sick"]
FULL_DAY = Fraction(8)
"""Hours of a day where no calendar says how many."""
KINDS: tuple[AbsenceKind, ...] = ("worked", "paid_absence", "unpaid", "sick")


class Absence(Struct, frozen=True):
    """Somebody away from the day `first` to the day `last`, both included.

    `share` is how much of each day (1: all of it), `hours` how many hours of each day where hours
    are written; `code` is what the list has for the kind, `place` where.
    """

    first: date
    last: date
    kind: AbsenceKind
    share: Fraction = Fraction(1)
    hours: Fraction | None = None
    code: str = ""
    place: Place | None = None


class Absences(Struct, frozen=True):
    """Everybody's absences by `Person.id`, in the order of their days; `lowering` are the kinds
    that lower the targets of volumes."""

    of: Mapping[str, tuple[Absence, ...]] = {}
    lowering: frozenset[AbsenceKind] = frozenset()

    def lowering_of(self, person: str) -> tuple[Absence, ...]:
        """Return the absences of a person that lower targets."""
        return tuple(a for a in self.of.get(person, ()) if a.kind in self.lowering)


NONE = Absences()
