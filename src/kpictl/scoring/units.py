"""The company and its departments as wholes: whose records theirs are, and what is expected.

A goal of a unit is nobody's personal target: it is held against the records of the whole unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.measure.query import ALL, GroupId, Members, SliceId
from kpictl.naming import fold
from kpictl.plan.model import Entry, ScorecardPlan
from kpictl.scoring import pace
from kpictl.scoring.score import Expectation, score
from kpictl.values import Fact, Score, State, SubjectId, Target, Unit, UnitKind

if TYPE_CHECKING:
    from kpictl.people.attribution import Subjects
    from kpictl.people.staff import Person
    from kpictl.scoring.measured_period import MeasuredPeriod
    from kpictl.scoring.targets import TargetBook

UNWEIGHTED = Entry(weight=Decimal(0))


def group_of(department: str) -> GroupId:
    """Return the group of a department's people; no scorecard's id begins like it."""
    return f"\x00department:{fold(department)}"


def divisions(
    subjects: Subjects, book: TargetBook, cards: Iterable[Iterable[Person]], *, always: bool
) -> dict[str, GroupId]:
    """Return in which department each person is, where departments are to be told apart: one has a
    goal, or a scorecard (`cards` are the people of each) has people of several."""
    several = any(len(_names(people)) > 1 for people in cards)
    if not (several or always or book.subjects("department")):
        return {}
    posts = tuple(subjects.posts())
    above = _with_others_below(posts)
    return {
        p.subject: group_of(p.department)
        for p in posts
        if p.department and fold(p.department) not in above
    }


def groups_above(
    subjects: Subjects, slices: Iterable[SliceId], told_apart: Mapping[SubjectId, GroupId]
) -> dict[GroupId, Members]:
    """Return the departments that others are a part of as groups: all that are in any of them.
    Where departments are not `told_apart` there are none."""
    if not told_apart:
        return {}
    posts, ids = tuple(subjects.posts()), tuple(slices)
    return {
        group_of(folded): dict.fromkeys(
            ids, frozenset(p.subject for p in posts if folded in _above(p))
        )
        for folded in sorted(_with_others_below(posts))
    }


def groups_of_nobody(
    slices: Iterable[SliceId], book: TargetBook, groups: Iterable[GroupId]
) -> dict[GroupId, Members]:
    """Return the departments that have goals and are none of the other groups, since nobody is in
    them: what they have is nothing, which is measured too."""
    empty: Members = dict.fromkeys(slices, frozenset())
    asked = frozenset(groups)
    goals = map(group_of, book.subjects("department"))
    return {group: empty for group in goals if group not in asked}


def _above(person: Person) -> frozenset[str]:
    """Return somebody's department and those that it is a part of, folded."""
    return person.above or frozenset({fold(person.department)} if person.department else ())


def _with_others_below(people: Iterable[Person]) -> frozenset[str]:
    """Return the departments, folded, that those of others are a part of."""
    found = (_above(p) - {fold(p.department)} for p in people if p.department)
    return frozenset().union(*found)


def group_of_card(card: str, department: str) -> GroupId:
    """Return the group of those of a department who are in a scorecard."""
    return f"{group_of(department)}\x00{card}"


def groups_of_cards(
    members: Mapping[SliceId, Mapping[str, Iterable[Person]]],
) -> dict[GroupId, Members]:
    """Return the departments within each scorecard as groups: who is in each in each slice."""
    found: dict[GroupId, dict[SliceId, frozenset[SubjectId]]] = {}
    for slice_id, of_card in members.items():
        for card, people in of_card.items():
            for person in people:
                if person.department:
                    own = found.setdefault(group_of_card(card, person.department), {})
                    own[slice_id] = own.get(slice_id, frozenset()) | {person.subject}
    return {group: dict.fromkeys(members, frozenset()) | own for group, own in found.items()}


def subjects_of_card(
    spec: ScorecardPlan, people: Iterable[Person], subjects: Subjects
) -> frozenset[SubjectId]:
    """Return whose records a scorecard with these people has together: theirs, or, where it scores
    departments, those of everybody in these."""
    if spec.rows != "departments":
        return frozenset(p.subject for p in people)
    inside = frozenset(_names(people))
    return frozenset(p.subject for p in subjects.posts() if _above(p) & inside)


def company(measured: MeasuredPeriod) -> tuple[Score, ...]:
    """Return the KPIs of the company alone and those that it has a goal for, over all records."""
    bound, planned = measured.bound, goals(measured, "company", "")
    kpis = [kpi for kpi in measured.kpis if kpi in planned or bound.of_company(kpi)]
    return _scores(measured, kpis, ("company", "")) if kpis else ()


def whole_company(measured: MeasuredPeriod, kpi: str) -> Unit:
    """Return the company with its score of one KPI, whether or not it has a goal for it."""
    return Unit("company", "", _scores(measured, (kpi,), ("company", "")))


def names(measured: MeasuredPeriod) -> dict[str, str]:
    """Return every department that has people or goals: folded → as it is shown."""
    goals_of = measured.expected.departments()
    return goals_of | {folded: name for folded, (name, _) in _everybody(measured).items()}


def department(measured: MeasuredPeriod, folded: str, kpi: str) -> Unit:
    """Return a department with its score of one KPI, whether or not it has a goal for it."""
    called = (names(measured)[folded], _everybody(measured).get(folded, ("", 0))[1])
    return _department(measured, called, (kpi,))


def is_not_yet(measured: MeasuredPeriod, folded: str) -> bool:
    """Say whether all people of a department were hired after the period only."""
    last = measured.period.last
    inside = [p for p in _posts(measured) if folded in _above(p)]
    return bool(inside) and all(p.hired is not None and p.hired > last for p in inside)


def people_of(measured: MeasuredPeriod, folded: str) -> frozenset[SubjectId]:
    """Return the subjects whose department is of this folded name, or a part of it."""
    people = _posts(measured)
    return frozenset(p.subject for p in people if folded in _above(p))


def departments(measured: MeasuredPeriod) -> tuple[Unit, ...]:
    """Return the departments that have goals, each with the KPIs it has one for."""
    known = _everybody(measured)
    found = []
    for folded, written in measured.expected.departments().items():
        kpis = goals(measured, "department", folded)
        if kpis:
            found.append(_department(measured, known.get(folded, (written, 0)), kpis))
    return tuple(sorted(found, key=lambda unit: fold(unit.name)))


def of_card(measured: MeasuredPeriod, card: str, people: Iterable[Person]) -> tuple[Unit, ...]:
    """Return the lines of departments under a scorecard of these people: where they are of several,
    all; else the one that has a goal here."""
    entries = measured.bound.cards[card].kpis
    kpis = tuple(entries)
    known, names = _everybody(measured), _names(people)
    several = len(names) > 1
    planned = measured.expected.has_goal
    found = tuple(
        _of_their_own(_department(measured, known[folded], kpis), entries)
        for folded in sorted(names)
        if several or any(planned("department", folded, kpi) for kpi in kpis)
    )
    return found if several else tuple(unit for unit in found if unit.has_goals)


def _of_their_own(unit: Unit, entries: Mapping[str, Entry]) -> Unit:
    """Return a department's line without the numbers that are the whole company's."""
    not_applicable = Fact(State.NOT_APPLICABLE)
    scores = (
        replace(
            s,
            fact=not_applicable,
            state=not_applicable.state,
            target=None,
            attainment=None,
            points=None,
        )
        if entries[s.kpi].level == "company"
        else s
        for s in unit.scores
    )
    return replace(unit, scores=tuple(scores))


def of_row(level: UnitKind, department: str | None) -> tuple[UnitKind, str]:
    """Return whose number it is that somebody of a department shares with all of a level."""
    return (level, fold(department or "") if level == "department" else "")


def fact_and_target(
    measured: MeasuredPeriod, kpi: str, card: str, whose: tuple[UnitKind, str]
) -> tuple[Fact, Target | None]:
    """Return a unit's fact, and what is expected of it: its own goal, else what the scorecard
    says. Who is in no department has none of these."""
    if whose == ("department", ""):
        return Fact(State.NOT_APPLICABLE), None
    return _facts(measured, *whose)[kpi], measured.expected.of_unit_or_card(*whose, kpi, card)


def goals(measured: MeasuredPeriod, level: UnitKind, subject: str) -> list[str]:
    """Return the KPIs measured that a unit has a goal for, whichever period that is of."""
    return [kpi for kpi in measured.kpis if measured.expected.has_goal(level, subject, kpi)]


def of_people_in(people: Iterable[Person]) -> dict[str, str]:
    """Return the departments of people, by name: folded → as it is first written."""
    return dict(sorted(_names(people).items()))


def without_parts(people: Iterable[Person], folded: Iterable[str]) -> frozenset[str]:
    """Return those of some departments, folded, that are no part of another of them."""
    all_of_them = frozenset(folded)
    below = {
        inner
        for person in people
        if person.department and (inner := fold(person.department)) in all_of_them
        if (_above(person) - {inner}) & all_of_them
    }
    return all_of_them - below


def _names(people: Iterable[Person]) -> dict[str, str]:
    """Return the departments of people: folded → as it is first written."""
    found: dict[str, str] = {}
    for person in people:
        if person.department:
            found.setdefault(fold(person.department), person.department)
    return found


def _everybody(measured: MeasuredPeriod) -> Mapping[str, tuple[str, int]]:
    """Return every department that has people, folded: its name and how many are known in it and
    in what is a part of it. One without people of its own is called as a target calls it."""
    people = _posts(measured)
    counts = Counter(folded for person in people for folded in _above(person))
    called = measured.expected.departments() | _names(people)
    return {folded: (called.get(folded, folded), count) for folded, count in sorted(counts.items())}


def _posts(measured: MeasuredPeriod) -> list[Person]:
    """Return everybody who is known, of those with assignments the posts held in the period."""
    return [p for p in measured.subjects.posts() if p.holds_post(measured.period)]


def _department(measured: MeasuredPeriod, called: tuple[str, int], kpis: Iterable[str]) -> Unit:
    name, people = called
    return Unit("department", name, _scores(measured, kpis, ("department", fold(name))), people)


def _scores(
    measured: MeasuredPeriod, kpis: Iterable[str], whose: tuple[UnitKind, str]
) -> tuple[Score, ...]:
    """Return a unit's facts against its goals; a fact without a goal is just that."""
    bound, (kind, subject) = measured.bound, whose
    facts = _facts(measured, kind, subject)
    found = []
    for kpi in kpis:
        target = measured.expected.at(kind, subject, kpi)
        one = score(Expectation(kpi, UNWEIGHTED, bound.kind(kpi).better), facts[kpi], target)
        planned = measured.expected.has_goal(kind, subject, kpi)
        found.append(one if planned else replace(one, state=one.fact.state))
    return pace.of_unit(measured, found)


def _facts(measured: MeasuredPeriod, kind: UnitKind, subject: str) -> Mapping[str, Fact]:
    """Return the facts of a unit. A department that nobody is in has none, nor has any department
    of what is counted by something other than people."""
    if kind == "company":
        return measured.group_facts(ALL)
    if subject not in _everybody(measured):
        return dict.fromkeys(measured.kpis, Fact(State.NO_DATA))
    facts = measured.group_facts(group_of(subject))
    not_applicable = Fact(State.NOT_APPLICABLE)
    return {
        kpi: fact if of_people(measured, kpi) else not_applicable for kpi, fact in facts.items()
    }


def of_people(measured: MeasuredPeriod, kpi: str) -> bool:
    """Say whether a KPI is counted by people; only people are in departments."""
    owners = {(m.entity, m.by) for m in measured.bound.leaves(kpi)}
    return not owners & measured.subjects.labels and not measured.bound.of_company(kpi)
