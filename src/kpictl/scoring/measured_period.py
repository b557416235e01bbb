"""One period as it is scored: what was measured, who is in its scorecards, what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Literal

from msgspec import Struct

from kpictl.measure.facts import Facts
from kpictl.measure.query import Slice
from kpictl.people.attribution import Subjects
from kpictl.people.staff import Person
from kpictl.plan.bound import Bound
from kpictl.scoring.targets import PeriodTargets
from kpictl.values import Fact, Period, Row


class MeasuredPeriod(Struct, frozen=True, dict=True):
    """Facts of a period and all that scores are made of beside them; whoever replaces a part of it
    (the plan, the facts, what is expected) may score again without any source or engine.

    `facts` are those of all slices that were measured together, `slice` is this period's. `cards`
    are the scorecards that are asked for, in the plan's order (`all_cards`: none was chosen),
    `members` the people of each; `by` says whose the rows are, `kpis` which were measured,
    `expected` what is expected of whom.
    """

    bound: Bound
    slice: Slice
    facts: Facts
    kpis: tuple[str, ...]
    subjects: Subjects
    members: Mapping[str, tuple[Person, ...]]
    expected: PeriodTargets
    cards: tuple[str, ...]
    all_cards: bool
    by: Literal["employee", "department"]

    @property
    def period(self) -> Period:
        return self.slice.period

    @property
    def as_of(self) -> datetime:
        """Return the moment (aware) as of which the period is known."""
        return self.slice.as_of

    @cached_property
    def ranked(self) -> dict[str, tuple[Row, ...]]:
        """The rows of its scorecards that were ranked so far (`scorecards.card_rows`)."""
        return {}

    def facts_of(self, subject: str) -> Mapping[str, Fact]:
        """Return the facts of a person in this period."""
        return self.facts.of(self.slice.id, subject)

    def group_facts(self, group: str) -> Mapping[str, Fact]:
        """Return the facts of people together in this period (see `Facts.of_group`)."""
        return self.facts.of_group(self.slice.id, group)

    def is_silent(self, kpis: Iterable[str]) -> bool:
        """Say whether there is no record in the period that any of the KPIs is made of."""
        measures = (measure for kpi in kpis for measure in self.bound.leaves(kpi))
        return not any(self.facts.has_records(measure, self.slice.id) for measure in measures)
