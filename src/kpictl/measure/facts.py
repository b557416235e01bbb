"""What was measured: facts by slice of time, subject (or group) and KPI.

The engine answers with tallies; here the kinds make facts of them, in fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import PlanRejected, Problem
from kpictl.expressions.evaluate import TooManyDigits
from kpictl.kinds.base import Operand
from kpictl.measure.query import Answer, GroupId, Measure, SliceId, Tally
from kpictl.plan.bound import Bound
from kpictl.values import Fact, State, SubjectId


class Facts(Struct, frozen=True, dict=True):
    """What the engine answered for each entity, read as facts of the KPIs that were asked for.

    Facts are made when somebody is first asked for, and kept: few of a thousand subjects and of
    the slices of a history are.
    """

    bound: Bound
    kpis: tuple[str, ...]
    answers: Mapping[str, Answer]

    @cached_property
    def _of_subjects(self) -> dict[tuple[SliceId, SubjectId], Mapping[str, Fact]]:
        return {}

    @cached_property
    def _of_groups(self) -> dict[tuple[SliceId, GroupId], Mapping[str, Fact]]:
        return {}

    def of(self, slice_id: SliceId, subject: SubjectId) -> Mapping[str, Fact]:
        """Return a subject's fact for each KPI."""
        key = (slice_id, subject)
        if key not in self._of_subjects:
            self._of_subjects[key] = self._facts(lambda m: self.tally(m, slice_id, subject))
        return self._of_subjects[key]

    def of_group(self, slice_id: SliceId, group: GroupId) -> Mapping[str, Fact]:
        """Return the facts of people together: of a scorecard, a department, the posts of somebody,
        or everybody (`ALL`). KeyError where the engine was not asked for the group: what was never
        measured is not 0."""
        key = (slice_id, group)
        if key not in self._of_groups:
            facts = self._facts(lambda m: self.group_tally(m, slice_id, group))
            overlaid = {kpi for kpi in facts if any(m.overlay for m in self.bound.leaves(kpi))}
            facts |= dict.fromkeys(overlaid, Fact(State.NOT_APPLICABLE))
            self._of_groups[key] = facts
        return self._of_groups[key]

    def tally(self, measure: Measure, slice_id: SliceId, subject: SubjectId | None) -> Tally | None:
        """Return what a measure came to for a subject; None where it has no record."""
        return self.subjects(measure, slice_id).get(subject)

    def group_tally(self, measure: Measure, slice_id: SliceId, group: GroupId) -> Tally:
        """Return what a measure came to for a group. KeyError where it was not asked for."""
        return self.answers[measure.entity].groups[measure.name][slice_id][group]

    def subjects(self, measure: Measure, slice_id: SliceId) -> Mapping[SubjectId | None, Tally]:
        """Return what a measure came to for everybody who has a record."""
        return self.answers[measure.entity].subjects[measure.name][slice_id]

    def has_records(self, measure: Measure, slice_id: SliceId) -> bool:
        """Say whether a measure takes any record of a slice, whoever's."""
        return any(t.n or t.no_value for t in self.subjects(measure, slice_id).values())

    def undated(self, measure: Measure) -> int:
        """Return how many records a measure would take if they had a date."""
        return self.answers[measure.entity].undated[measure.name]

    def _facts(self, tally_of: Callable[[Measure], Tally | None]) -> dict[str, Fact]:
        operands: dict[str, Operand] = {}
        for kpi in self.bound.order:
            if kpi not in self.kpis:
                continue
            kind = self.bound.kind(kpi)
            tallies = {m.part: tally_of(m) or Tally() for m in self.bound.measures[kpi]}
            try:
                fact = kind.combine(tallies, operands)
            except TooManyDigits:
                place = self.bound.place(("kpis", kpi, kind.verb))
                raise PlanRejected([Problem("kpi.too_many_digits", place, {"kpi": kpi})]) from None
            fact = replace(fact, open=sum(tally.open for tally in tallies.values()))
            plain = None if fact.exact is None else fact.exact / kind.scale
            operands[kpi] = Operand(fact, plain)
        return {kpi: operand.fact for kpi, operand in operands.items()}
