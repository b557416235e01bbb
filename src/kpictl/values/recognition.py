"""Recognition: awards with their evidence, what somebody is strong and weak at."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Figures = tuple[tuple[str, Decimal | None], ...]
"""Numbers by the names that conditions have for them (`index`, `revenue.score`); None: unknown."""


class AwardPeriod(Struct, frozen=True):
    """One of several periods that an award looks at: the figures of its condition, and whether it
    was `met` (None: not known). Of a comparison the figure alone, with `met` None."""

    period: str
    figures: Figures
    met: bool | None = None


class Recipient(Struct, frozen=True):
    """Somebody who was given an award, with what proves it.

    `figures` are those of this period that the condition asks for, of each KPI where it is on each.
    `periods` are all that it looks at, the oldest first and this one last, where they are several.
    Of a comparison `value` is held against `base`: the mean of the periods before, or the best of
    the others; `gain` is by how much it is better. `months` were served by the end of the period.
    """

    scorecard: str
    id: str
    name: str
    segment: str = ""
    figures: Figures = ()
    periods: tuple[AwardPeriod, ...] = ()
    value: Decimal | None = None
    base: Decimal | None = None
    gain: Decimal | None = None
    months: int | None = None

    @property
    def subject(self) -> str:
        """Return by what the row of the recipient is found."""
        return f"{self.id}\x00{self.segment}" if self.segment else self.id


class Award(Struct, frozen=True):
    """An award of the plan, what it is for, and everybody who was given it, in order of scorecards
    and ranks.

    `when` and `every` are its conditions as they are written. `compared` says what it compares,
    over `periods` periods, of `of` (a KPI; "" of the index). A condition must hold in `least` of
    `held` periods (0: in this one). `hidden` counts recipients whose rows are not shown,
    `undecided` those with an index of whom too little is known of earlier periods to say.
    """

    id: str
    label: str
    recipients: tuple[Recipient, ...] = ()
    when: str = ""
    every: str = ""
    compared: Literal["", "most_improved", "record"] = ""
    of: str = ""
    periods: int = 0
    least: int = 0
    held: int = 0
    gates: bool = False
    tenure: int | None = None
    hidden: int = 0
    undecided: int = 0
