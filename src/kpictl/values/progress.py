"""How a number stands against another time: its change, and its pace while a period goes on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from kpictl.values.exact import SCORE_PLACES, VALUE_PLACES, Period, State, to_decimal

DayUnit = Literal["working_days", "calendar_days"]
"""What parts of a period are measured in: calendar days where a plan has no calendar."""
PaceState = Literal["measured", "early", "away", "no_run_rate", "no_data"]


class Pace(Struct, frozen=True):
    """How a volume stands while its period goes on; never part of points or pay.

    `elapsed` days `of` those of the period are over, counted in `unit`, of a person those of their
    post and less absences. `expected` is what the target comes to by now, `percent` the fact in
    percent of it, `forecast` the whole period at the present rate, `needed` what is lacking a day
    for the days that are left (0 where nothing is). `state` is `away` where no day of the period
    is theirs, `early` while too little is over for a rate, `no_run_rate` of what does not grow with
    time.
    """

    state: PaceState
    elapsed: Fraction = Fraction(0)
    of: Fraction = Fraction(0)
    unit: DayUnit = "calendar_days"
    expected: Decimal | None = None
    percent: Decimal | None = None
    forecast: Decimal | None = None
    needed: Decimal | None = None


class Elapsed(Struct, frozen=True):
    """How much of a period that goes on is over for the company."""

    days: Fraction
    of: Fraction
    unit: DayUnit


class Comparison(Struct, frozen=True):
    """What the numbers are compared with: another period, as it stood at `as_of`. Of a period that
    goes on it is cut after as many days as have begun of that one: `days`, counted in `unit`."""

    period: Period
    as_of: datetime
    days: int | None = None
    unit: DayUnit | None = None


class Change(Struct, frozen=True):
    """A number against another of the same thing, of another time.

    `other` is that one and `state` what is known of it. `delta` is the difference, in the number's
    own unit (of percent: percentage points); `percent` the difference relative to the other, None
    where that is not above zero. Both are None where either number is not there.
    """

    other: Decimal | None
    state: State
    delta: Decimal | None = None
    percent: Decimal | None = None

    @classmethod
    def between(cls, now: Fraction | None, other: Fraction | None, state: State) -> Change:
        """Compare two exact numbers; `state` is that of the other.

        >>> Change.between(Fraction(1_260), Fraction(1_050), State.MEASURED).percent
        Decimal('20')
        """
        shown = None if other is None else to_decimal(other, VALUE_PLACES)
        if now is None or other is None:
            return cls(shown, state)
        delta = to_decimal(now - other, VALUE_PLACES)
        share = to_decimal((now - other) * 100 / other, SCORE_PLACES) if other > 0 else None
        return cls(shown, state, delta, share)


class Breach(Struct, frozen=True):
    """A row or a unit of which the condition of an alert holds; of one KPI, where it holds for the
    pace, attainment or score of that one. `figures` are the numbers that it asks for.
    """

    kind: Literal["row", "department", "company"]
    scorecard: str
    id: str
    name: str
    kpi: str = ""
    figures: tuple[tuple[str, Decimal | None], ...] = ()
    segment: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Return what tells it from all others, today and tomorrow."""
        return (self.kind, self.scorecard, self.id or self.name, self.segment, self.kpi)


class Alert(Struct, frozen=True):
    """A condition that results were held against, and of whom it holds."""

    condition: str
    breaches: tuple[Breach, ...] = ()
