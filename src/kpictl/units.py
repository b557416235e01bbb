"""The company and its departments as wholes: whose records theirs are, and what is expected.

A goal of a unit is nobody's personal target: it is held against the records of the whole unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.naming import fold
from kpictl.plan.model import Entry
from kpictl.query import ALL, GroupId, SubjectId
from kpictl.score import Asked, score
from kpictl.values import Fact, Score, State, Unit, UnitKind

if TYPE_CHECKING:
    from kpictl.computation import Run
    from kpictl.people import Person

UNWEIGHTED = Entry(weight=Decimal(0))


def group_of(department: str) -> GroupId:
    """Return the group of a department's people; no scorecard's id begins like it."""
    return f"\x00department:{fold(department)}"


def parts(run: Run) -> dict[str, GroupId]:
    """Return in which department each person is, where departments are to be told apart: one has a
    goal, is asked for, or a scorecard has people of several."""
    assert run.book is not None  # noqa: S101  set by `computation.run`
    assert run.subjects is not None  # noqa: S101
    several = any(len(_names(people)) > 1 for people in run.members.values())
    if not (several or run.job.by_department or run.book.subjects("department")):
        return {}
    return {p.id: group_of(p.department) for p in run.subjects.people() if p.department}


def company(run: Run) -> tuple[Score, ...]:
    """Return the KPIs of the company alone and those that it has a goal for, over all records."""
    bound, planned = run.workspace.bound, goals(run, "company", "")
    kpis = [kpi for kpi in run.kpis if kpi in planned or bound.of_company(kpi)]
    return _scores(run, kpis, ("company", "")) if kpis else ()


def whole_company(run: Run, kpi: str) -> Unit:
    """Return the company with its score of one KPI, whether or not it has a goal for it."""
    return Unit("company", "", _scores(run, (kpi,), ("company", "")))


def names(run: Run) -> dict[str, str]:
    """Return every department that has people or goals: folded → as it is shown."""
    assert run.book is not None  # noqa: S101  set by `computation.run`
    goals_of = run.book.subjects("department")
    return goals_of | {folded: name for folded, (name, _) in _everybody(run).items()}


def department(run: Run, folded: str, kpi: str) -> Unit:
    """Return a department with its score of one KPI, whether or not it has a goal for it."""
    called = (names(run)[folded], _everybody(run).get(folded, ("", 0))[1])
    return _department(run, called, (kpi,))


def people_of(run: Run, folded: str) -> frozenset[SubjectId]:
    """Return the ids of the people whose department is of this folded name."""
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    people = run.subjects.people()
    return frozenset(p.id for p in people if p.department and fold(p.department) == folded)


def departments(run: Run) -> tuple[Unit, ...]:
    """Return the departments that have goals, each with the KPIs it has one for."""
    assert run.book is not None  # noqa: S101  set by `computation.run`
    known = _everybody(run)
    found = []
    for folded, written in run.book.subjects("department").items():
        kpis = goals(run, "department", folded)
        if kpis:
            found.append(_department(run, known.get(folded, (written, 0)), kpis))
    return tuple(sorted(found, key=lambda unit: fold(unit.name)))


def of_card(run: Run, card: str, people: Iterable[Person]) -> tuple[Unit, ...]:
    """Return the lines of departments under a scorecard of these people: where they are of several,
    all; else the one that has a goal here."""
    kpis = tuple(run.workspace.bound.cards[card].kpis)
    known, names = _everybody(run), _names(people)
    found = tuple(_department(run, known[folded], kpis) for folded in sorted(names))
    return found if len(found) > 1 else tuple(unit for unit in found if unit.has_goals)


def goals(run: Run, level: UnitKind, subject: str) -> list[str]:
    """Return the KPIs computed that a unit has a goal for, whichever period that is of."""
    assert run.book is not None  # noqa: S101  set by `computation.run`
    return [kpi for kpi in run.kpis if (level, subject, kpi) in run.book.pages]


def _names(people: Iterable[Person]) -> dict[str, str]:
    """Return the departments of people: folded → as it is first written."""
    found: dict[str, str] = {}
    for person in people:
        if person.department:
            found.setdefault(fold(person.department), person.department)
    return found


def _everybody(run: Run) -> Mapping[str, tuple[str, int]]:
    """Return every department, folded: its name and how many people are known in it."""
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    people = run.subjects.people()
    counts: dict[str, int] = {}
    for person in people:
        if person.department:
            folded = fold(person.department)
            counts[folded] = counts.get(folded, 0) + 1
    return {folded: (name, counts[folded]) for folded, name in _names(people).items()}


def _department(run: Run, called: tuple[str, int], kpis: Iterable[str]) -> Unit:
    name, people = called
    return Unit("department", name, _scores(run, kpis, ("department", fold(name))), people)


def _scores(run: Run, kpis: Iterable[str], whose: tuple[UnitKind, str]) -> tuple[Score, ...]:
    """Return a unit's facts against its goals; a fact without a goal is just that."""
    assert run.book is not None  # noqa: S101  set by `computation.run`
    bound, (kind, subject) = run.workspace.bound, whose
    facts = _facts(run, kind, subject)
    found = []
    for kpi in kpis:
        target = run.book.at(kind, subject, kpi, run.job.period)
        one = score(Asked(kpi, UNWEIGHTED, bound.kind(kpi).better), facts[kpi], target)
        planned = (kind, subject, kpi) in run.book.pages
        found.append(one if planned else replace(one, state=one.fact.state))
    return tuple(found)


def _facts(run: Run, kind: UnitKind, subject: str) -> Mapping[str, Fact]:
    """Return the facts of a unit. A department that nobody is in has none, nor has any department
    of what is counted by something other than people."""
    if kind == "company":
        return run.group_facts(ALL)
    if subject not in _everybody(run):
        return dict.fromkeys(run.kpis, Fact(State.NO_DATA))
    facts = run.group_facts(group_of(subject))
    nobodys = Fact(State.NOT_APPLICABLE)
    return {kpi: fact if of_people(run, kpi) else nobodys for kpi, fact in facts.items()}


def of_people(run: Run, kpi: str) -> bool:
    """Say whether a KPI is counted by people; only people are in departments."""
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    owners = {(m.entity, m.by) for m in run.workspace.bound.leaves(kpi)}
    return not owners & run.subjects.labels and not run.workspace.bound.of_company(kpi)
