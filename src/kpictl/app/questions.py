"""Who and what is measured → one question for each entity that an engine is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.measure.query import ALL, GroupId, Measure, Members, Query, Slice, SliceId
from kpictl.people import attribution, working_time
from kpictl.people.attribution import Subjects
from kpictl.people.staff import Person
from kpictl.plan import editions, pay_figures
from kpictl.plan.bound import Bound
from kpictl.scoring import posts, units
from kpictl.scoring.target_context import group_of_person, of_departments
from kpictl.scoring.targets import DEPARTMENTS, TargetBook
from kpictl.values import Period, SubjectId

if TYPE_CHECKING:
    from kpictl.app.computation import ComputeRequest
    from kpictl.measure.dataset import Dataset


def cards_of(bound: Bound, request: ComputeRequest) -> list[str]:
    """Return the scorecards that are asked for, by id, in the plan's order."""
    return [card for card in bound.cards if not request.scorecards or card in request.scorecards]


def needed_kpis(bound: Bound, request: ComputeRequest, of_units: Iterable[str]) -> tuple[str, ...]:
    """Return the KPIs of the chosen scorecards and of units' goals, and what they are made of."""
    plan = bound.plan
    needed = {kpi for card in cards_of(bound, request) for kpi in bound.cards[card].kpis}
    if not request.scorecards:
        blocks = plan.targets.blocks.items()
        needed |= {*plan.targets.company, *of_units, *bound.cascades}
        needed |= {kpi for kpi in plan.kpis if bound.of_company(kpi)}
        needed |= {kpi for key, block in blocks if key.startswith("department.") for kpi in block}
    needed |= set(request.extra_kpis)

    def add(kpi: str) -> None:
        needed.add(kpi)
        for need in plan.kpis[kpi].needs():
            add(need)

    for kpi in tuple(needed):
        add(kpi)
    return tuple(kpi for kpi in bound.order if kpi in needed)


def slice_of(period: Period, request: ComputeRequest, data: Dataset) -> Slice:
    """Return a period as it is known now, or when it is to be seen, to where the data reach."""
    as_of = request.seen.get(period.text, request.as_of)
    horizon = as_of if data.latest is None else min(as_of, data.latest)
    cut = period.text in request.seen
    return Slice(f"{period.text}@{as_of}" if cut else period.text, period, as_of, horizon)


def members_of(
    bound: Bound, request: ComputeRequest, whose: Subjects, period: Period
) -> dict[str, tuple[Person, ...]]:
    """Return the people of each scorecard that is asked for, in a period."""
    cards = cards_of(bound, request)
    return {card: tuple(attribution.members(bound, card, whose, period)) for card in cards}


class Crowd(Struct, frozen=True):
    """Who is measured: `members` by slice and scorecard. `departments` says whether departments are
    told apart, `within` whether also those within each scorecard."""

    bound: Bound
    subjects: Subjects
    book: TargetBook
    members: Mapping[str, Mapping[str, tuple[Person, ...]]]
    departments: bool
    within: bool


def queries(
    measures: Sequence[Measure], slices: tuple[Slice, ...], crowd: Crowd
) -> dict[str, Query]:
    """Return one question for each entity, of all its measures and all slices. Everybody has the
    same schedule in all of these (`working_time.alike`)."""
    subjects, zone = crowd.subjects, crowd.bound.zone
    everyone = [people for of_card in crowd.members.values() for people in of_card.values()]
    told_apart = crowd.departments or crowd.within
    divisions = units.divisions(subjects, crowd.book, everyone, always=told_apart)
    groups = dict(_groups(crowd, [one_slice.id for one_slice in slices], divisions))
    found = {}
    for entity in dict.fromkeys(m.entity for m in measures):
        own = tuple(m for m in measures if m.entity == entity)
        owners = {
            by: subjects.owners(entity, by, zone, _months(own, by))
            for by in dict.fromkeys(m.by for m in own)
        }
        query = Query(entity, own, slices, zone, owners, groups, divisions)
        period = slices[0].period
        work = working_time.work_times(crowd.bound, subjects, query, period)
        linked = working_time.linked_work_times(crowd.bound, subjects, query, period)
        found[entity] = replace(query, work=work, linked_work=linked)
    return found


def _groups(
    crowd: Crowd, slices: Sequence[SliceId], divisions: Mapping[SubjectId, GroupId]
) -> Iterator[tuple[GroupId, Members | None]]:
    """Yield who is measured together: scorecards, everybody, the posts of a person, departments."""
    bound, subjects = crowd.bound, crowd.subjects
    for card in dict.fromkeys(card for of_card in crowd.members.values() for card in of_card):
        spec = bound.cards[card]
        yield (
            card,
            {
                slice_id: units.subjects_of_card(spec, of_card[card], subjects)
                for slice_id, of_card in crowd.members.items()
            },
        )
    yield ALL, None
    for person in subjects.people():
        if len(own := person.posts()) > 1:
            whole = frozenset(post.subject for post in own)
            yield group_of_person(person.id), dict.fromkeys(slices, whole)
    for group, several in posts.groups(bound, subjects.people(), crowd.members.values()).items():
        yield group, dict.fromkeys(slices, several)
    above = units.groups_above(subjects, slices, divisions)
    yield from above.items()
    asked = (*divisions.values(), *above)
    yield from units.groups_of_nobody(slices, crowd.book, asked).items()
    if crowd.within:
        yield from units.groups_of_cards(crowd.members).items()


def _months(measures: Iterable[Measure], by: str) -> int:
    """Return of how many months each record is that an owner field names somebody of; 0 where not
    all are of as many."""
    each = {m.months if m.monthly else 0 for m in measures if m.by == by}
    return each.pop() if len(each) == 1 else 0


def needs_departments(bound: Bound, request: ComputeRequest) -> bool:
    """Say whether departments have targets that are made of facts of theirs or divided among them,
    or a scorecard, from whichever day on, scores departments, or people by their department."""
    cascades = (step for steps in bound.cascades.values() for step in steps)
    if of_departments(bound) or any(step.to == DEPARTMENTS for step in cascades):
        return True
    if request.pay and pay_figures.needs_departments(bound, cards_of(bound, request)):
        return True
    cards = (bound.cards[card] for card in cards_of(bound, request))
    specs = [spec for card in cards for _, spec in editions.editions(card)]
    levels = {entry.level for spec in specs for entry in spec.kpis.values()}
    return "department" in levels or any(spec.rows == "departments" for spec in specs)
