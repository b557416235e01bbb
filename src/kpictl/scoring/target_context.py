"""What targets ask of people and of other periods, answered from what was measured together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.measure.query import ALL, GroupId
from kpictl.naming import fold
from kpictl.people import attribution
from kpictl.people.staff import Person
from kpictl.plan import editions
from kpictl.plan.bound import Bound
from kpictl.plan.fields import Growth
from kpictl.scoring import units
from kpictl.scoring.targets import growth
from kpictl.values import Fact, Period, State, UnitKind

if TYPE_CHECKING:
    from kpictl.measure.facts import Facts
    from kpictl.people.attribution import Subjects

_OF_YEAR_BEFORE, _OF_PERIOD_BEFORE = Growth.of("-1y"), Growth.of("prev")


def base_periods(
    bound: Bound, periods: Iterable[Period], in_files: Iterable[Growth] = ()
) -> tuple[Period, ...]:
    """Return the further periods whose facts the targets of some periods are made of: as the plan
    says, and files of targets."""
    needed = list(dict.fromkeys((*_growths(bound), *in_files)))
    found: dict[str, Period] = {}
    for period in periods:
        months = growth.whole_months(period, bound.zone)
        for one in needed:
            found |= {base.text: base for base in growth.bases(one, months, bound.zone)}
    return tuple(found.values())


def of_departments(bound: Bound) -> bool:
    """Say whether facts of departments are needed for targets."""
    plan = bound.plan
    shared = ("last_year_share", "prev_share")
    cascaded = any(
        step.to == "departments" and step.by in shared
        for steps in bound.cascades.values()
        for step in steps
    )
    blocks = (block for key, block in plan.targets.blocks.items() if key.startswith("department."))
    return cascaded or any(True for block in blocks for _ in _in_block(block))


def _growths(bound: Bound) -> Iterator[Growth]:
    """Yield by what facts targets are made: written as growth, or shares of a cascade."""
    plan = bound.plan
    for block in (plan.targets.company, *plan.targets.blocks.values()):
        yield from _in_block(block)
    held = (one for spec in plan.scorecards.values() for _, one in editions.editions(spec))
    for spec in held:
        entries = {kpi: e.target for kpi, e in spec.kpis.items() if e.target is not None}
        yield from _in_block(entries)
    for steps in bound.cascades.values():
        for step in steps:
            if step.by == "last_year_share":
                yield _OF_YEAR_BEFORE
            elif step.by == "prev_share":
                yield _OF_PERIOD_BEFORE


def _in_block(block: Mapping[str, object]) -> Iterator[Growth]:
    for value in block.values():
        written = value.values() if isinstance(value, Mapping) else [value]
        yield from (one for one in written if isinstance(one, Growth))


def group_of_person(ident: str) -> GroupId:
    """Return the group of somebody's posts; no scorecard's id begins like it."""
    return f"\x00person:{ident}"


class MeasuredContext(Struct):
    """People and facts as they were found; what was asked once is kept."""

    bound: Bound
    subjects: Subjects
    facts: Facts
    slices: frozenset[str]
    _members: dict[tuple[str, str], tuple[Person, ...]] = {}

    def members(self, card: str, period: Period) -> tuple[Person, ...]:
        """Return the people of a scorecard in a period."""
        key = (card, period.text)
        if key not in self._members:
            found = attribution.members(self.bound, card, self.subjects, period)
            self._members[key] = tuple(sorted(found, key=lambda p: (fold(p.name), p.subject)))
        return self._members[key]

    def person_fact(self, person: Person, kpi: str, period: Period) -> Fact | None:
        """Return what somebody had in a period, in all their posts."""
        several = len(person.posts()) > 1 or person.segment
        if several:
            return self._group_fact(group_of_person(person.id), kpi, period)
        return self._fact(person.subject, kpi, period, group=False)

    def unit_fact(self, kind: UnitKind, subject: str, kpi: str, period: Period) -> Fact | None:
        """Return what the company or a department (folded) had in a period."""
        group = ALL if kind == "company" else units.group_of(subject)
        return self._group_fact(group, kpi, period)

    def _group_fact(self, group: GroupId, kpi: str, period: Period) -> Fact | None:
        return self._fact(group, kpi, period, group=True)

    def _fact(self, ident: str, kpi: str, period: Period, *, group: bool) -> Fact | None:
        if period.text not in self.slices:
            return None
        of = self.facts.of_group if group else self.facts.of
        fact = of(period.text, ident).get(kpi)
        return fact if fact is not None and fact.state is State.MEASURED else None
