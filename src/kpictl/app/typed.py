"""Who lacks a value that was to be typed by now: of KPIs whose values people type by a term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl import periods
from kpictl.calendar import UnknownYear
from kpictl.errors import Problem
from kpictl.kinds.manual import entity_of
from kpictl.measure import completeness
from kpictl.measure.query import whole_months
from kpictl.naming import few, told_apart
from kpictl.people import attribution
from kpictl.scoring.targets.attendance import Roll

if TYPE_CHECKING:
    from kpictl.app.computation import Computation
    from kpictl.app.workspace import Workspace
    from kpictl.kinds.base import Kind
    from kpictl.people.staff import Person
    from kpictl.plan.bound import Bound
    from kpictl.values import Period


LACKING = f"{completeness.PREFIX}not_typed_of"


class Term(Struct, frozen=True):
    """A stretch of time that values are of, [`first`, `after`), whose term is over."""

    first: date
    after: date


def terms_over(kind: Kind, period: Period, today: date) -> Iterator[Term]:
    """Yield what in a period values were to be typed of before today."""
    if kind.term is None:
        return
    first, end = whole_months(period, kind.months)
    while first < end:
        after = first
        for _ in range(kind.months):
            after = (after + timedelta(days=31)).replace(day=1)
        if after + timedelta(days=kind.term) <= today:
            yield Term(first, after)
        first = after


def remarks(computed: Computation) -> Iterator[Problem]:
    """Yield who of the scorecards lacks values of the period, for each KPI whose term is over."""
    today = _last_day(computed)
    for kpi in computed.kpis:
        terms = [*terms_over(computed.bound.kind(kpi), computed.period, today)]
        if terms and not computed.subjects.from_records:
            people = [
                person
                for card in computed.cards
                if is_personal(computed.bound, card, kpi)
                for person in computed.members[card]
            ]
            yield from lacking(computed.workspace, kpi, people, terms, today)


def _last_day(computed: Computation) -> date:
    """Return the day of the last instant that is seen."""
    instant = computed.slice.as_of - timedelta(microseconds=1)
    return instant.astimezone(computed.bound.zone).date()


def last_remarks(workspace: Workspace, today: date) -> Iterator[Problem]:
    """Yield who lacks the value that was last to be typed before today, for each KPI."""
    zone = workspace.bound.zone
    years = periods.of_days(date(today.year - 2, 1, 1), today, zone)
    for kpi, kind in workspace.bound.plan.kpis.items():
        terms = [*terms_over(kind, years, today)]
        if not terms:
            continue
        last = periods.of_days(terms[-1].first, terms[-1].after, zone)
        bound = workspace.bound.at(last)
        people = [
            person
            for card in bound.cards
            if is_personal(bound, card, kpi)
            for person in attribution.employed(bound, card, workspace.employees or (), last)
        ]
        yield from lacking(workspace, kpi, people, terms[-1:], today)


def is_personal(bound: Bound, card: str, kpi: str) -> bool:
    """Say whether a scorecard asks for a KPI of each of its people."""
    spec = bound.cards[card]
    return kpi in spec.kpis and spec.kpis[kpi].level == "person" and spec.rows != "departments"


def lacking(
    workspace: Workspace, kpi: str, people: Iterable[Person], terms: Iterable[Term], today: date
) -> Iterator[Problem]:
    """Yield one problem that names who of the people lacks a value of any of the terms. Who was
    employed in none of its days, or away on all of them, lacks nothing."""
    bound, reader = workspace.bound, workspace.typed.get(kpi)
    if reader is None:
        return
    holding, own = reader.holding(today), {p.subject: p for p in people}.values()
    terms, roll = [*terms], Roll(bound.zone, bound.calendar, workspace.absences)
    missed: dict[str, list[Term]] = {}
    due: set[tuple[str, date]] = set()
    for person in own:
        for term in terms:
            cell = (person.id, term.first)
            if cell not in due and _was_there(roll, person, term):
                due.add(cell)
                if (reader.key(person.id), term.first) not in holding:
                    missed.setdefault(person.id, []).append(term)
    if missed:
        names = told_apart({p.id: p for p in own}.values())
        called = {p.id: names.get(p.subject, p.name) for p in own}
        data = {
            "kpi": bound.label(kpi),
            "entity": entity_of(kpi),
            "count": sum(map(len, missed.values())),
            "of": len(due),
            "due": bound.kind(kpi).term,
            "names": few([called[ident] for ident in missed]),
            "periods": few([*dict.fromkeys(_written(t) for t in _in_order(missed))]),
        }
        place = bound.place(("kpis", kpi, "due"), key=True)
        yield Problem("complete.not_typed_of", place, data, "warning")


def _in_order(missed: Mapping[str, list[Term]]) -> list[Term]:
    return sorted((t for terms in missed.values() for t in terms), key=lambda term: term.first)


def _written(term: Term) -> str:
    return periods.write(term.first, term.after)


def _was_there(roll: Roll, person: Person, term: Term) -> bool:
    """Say whether somebody held the post, and was not away, on any day."""
    period = periods.of_days(term.first, term.after, roll.zone)
    if not person.employed(period):
        return False
    try:
        return roll.presence(person, term.first, term.after).days > 0
    except UnknownYear:  # which is said where a number needs it
        return True
