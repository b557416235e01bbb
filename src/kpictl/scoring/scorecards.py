"""What the engine answered → scorecards: facts against targets, points, ranks, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.measure.query import GroupId
from kpictl.naming import fold
from kpictl.people.staff import Person
from kpictl.plan.model import Entry, Missing
from kpictl.scoring import pace, posts, units
from kpictl.scoring.score import Expectation, index, ranked, score
from kpictl.values import (
    Column,
    Fact,
    Row,
    Rule,
    Score,
    State,
    Target,
    WholePerson,
)

if TYPE_CHECKING:
    from kpictl.scoring.measured_period import MeasuredPeriod


def column_of(measured: MeasuredPeriod, kpi: str, entry: Entry, missing: Missing) -> Column:
    """Return the head of a KPI; `missing` is what stands in unless its entry says otherwise."""
    kind, shape = measured.bound.kind(kpi), entry.score
    rule = Rule(
        shape=type(shape).key,
        settings=shape.settings(),
        needs_target=shape.wants_target(),
        floor=entry.floor,
        cap=entry.cap,
        missing=entry.missing or missing,
    )
    label, unit = kind.label or kpi, kind.shown_unit
    return Column(kpi, label, unit, entry.weight, kind.better, rule, entry.level)


def card_rows(measured: MeasuredPeriod, card: str) -> tuple[Row, ...]:
    """Return everybody of a scorecard, ranked; of one of departments, these."""
    if card not in measured.ranked:
        measured.ranked[card] = _ranked(measured, card)
    return measured.ranked[card]


def _ranked(measured: MeasuredPeriod, card: str) -> tuple[Row, ...]:
    rows = _rows(measured, card)
    spec = measured.bound.cards[card]
    kinds = {kpi: measured.bound.kind(kpi) for kpi in spec.kpis}
    lower = frozenset(kpi for kpi, kind in kinds.items() if kind.better == "lower")
    order = ranked(rows, spec, lambda row: f"{fold(row.name)}\x00{row.subject}", lower)
    if measured.is_silent(spec.kpis):
        return tuple(replace(row, rank=None) for row in order)
    return tuple(order)


def _rows(measured: MeasuredPeriod, card: str) -> list[Row]:
    if measured.bound.cards[card].rows == "departments":
        return _whole_departments(measured, card)
    people = [row_of(measured, card, person) for person in measured.members[card]]
    return _departments_of(measured, card, people) if measured.by == "department" else people


def is_of_departments(measured: MeasuredPeriod, card: str) -> bool:
    """Say whether the rows of a scorecard are departments: the plan says so, or it is asked for."""
    return measured.bound.cards[card].rows == "departments" or measured.by == "department"


def _whole_departments(measured: MeasuredPeriod, card: str) -> list[Row]:
    """Return a row for each department that somebody of a scorecard is in, of all its records,
    whoever's they are, held against its own goals."""
    spec, found = measured.bound.cards[card], []
    for folded, name in units.of_people_in(measured.members[card]).items():
        of_kpis = {
            kpi: units.fact_and_target(measured, kpi, card, ("department", folded))
            for kpi in spec.kpis
        }
        found.append(_row(measured, card, of_kpis, name))
    return found


def _departments_of(measured: MeasuredPeriod, card: str, people: Sequence[Row]) -> list[Row]:
    """Return a row for each department of those in a scorecard: their records and targets together.
    Who is in no department is in no row."""
    found = []
    for folded, name in units.of_people_in(measured.members[card]).items():
        own = [row for row in people if row.department and fold(row.department) == folded]
        whole = together(measured, card, own, units.group_of_card(card, name))
        found.append(replace(whole, id=name, name=name, department=name))
    return found


def _row(
    measured: MeasuredPeriod,
    card: str,
    of_kpis: Mapping[str, tuple[Fact, Target | None]],
    name: str,
) -> Row:
    """Return the row of a department, whose facts and targets these are by KPI."""
    value, coverage, counted = _scored(measured, card, lambda kpi, _: of_kpis[kpi])
    paced = pace.of_unit(measured, counted)
    return Row(name, name, paced, name, index=value, coverage=coverage)


def _scored(
    measured: MeasuredPeriod,
    card: str,
    fact_and_target: Callable[[str, Entry], tuple[Fact, Target | None]],
) -> tuple[Decimal | None, Decimal, list[Score]]:
    """Return the index, the coverage and the scores of a row, of whose KPIs `fact_and_target` gives
    both."""
    spec = measured.bound.cards[card]
    scores = [
        score(
            Expectation(kpi, entry, measured.bound.kind(kpi).better), *fact_and_target(kpi, entry)
        )
        for kpi, entry in spec.kpis.items()
    ]
    return index(spec, scores)


def row_of(measured: MeasuredPeriod, card: str, person: Person) -> Row:
    """Return a person's row of a scorecard, not ranked yet."""
    facts = measured.facts_of(person.subject)

    def fact_and_target(kpi: str, entry: Entry) -> tuple[Fact, Target | None]:
        if entry.level == "person":
            return facts[kpi], measured.expected.find(kpi, card, person)
        whose = units.of_row(entry.level, person.department)
        return units.fact_and_target(measured, kpi, card, whose)

    value, coverage, counted = _scored(measured, card, fact_and_target)
    return Row(
        id=person.id,
        name=person.name,
        scores=pace.of_row(measured, card, person, counted),
        department=person.department,
        position=person.position,
        index=value,
        coverage=coverage,
        segment=person.segment,
    )


def whole_of(measured: MeasuredPeriod, lines: Iterable[tuple[str, Person]]) -> WholePerson:
    """Return somebody who has lines of several posts (each with its scorecard) as one."""
    rows = [(card, post, row_of(measured, card, post)) for card, post in lines]
    return posts.whole_person(measured, rows)


def total(measured: MeasuredPeriod, card: str, rows: Sequence[Row]) -> Row | None:
    """Re-aggregate the records of everybody in the scorecard against their targets together."""
    return None if len(rows) < 2 else whole(measured, card, rows)


def whole(measured: MeasuredPeriod, card: str, rows: Sequence[Row]) -> Row:
    """Return what all rows of a scorecard have reached together."""
    return together(measured, card, outermost(measured, card, rows), card)


def outermost(measured: MeasuredPeriod, card: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a scorecard whose targets add up to the total's: of departments those that
    are no part of another one, in whose goal theirs is."""
    if measured.bound.cards[card].rows != "departments":
        return list(rows)
    names = units.without_parts(measured.members[card], (fold(row.name) for row in rows))
    return [row for row in rows if fold(row.name) in names]


def together(measured: MeasuredPeriod, card: str, rows: Sequence[Row], group: GroupId) -> Row:
    """Re-aggregate the records of a group of a scorecard's people, whose rows these are."""
    bound, facts = measured.bound, measured.group_facts(group)
    lines = [(card, row) for row in rows]

    def fact_and_target(kpi: str, entry: Entry) -> tuple[Fact, Target | None]:
        if entry.level != "person":
            return _common([row.score(kpi) for row in rows])
        several = [row.score(kpi) for row in posts.expecting(measured, kpi, lines)]
        return facts[kpi], posts.target_of_several(several, volume=bound.volume(kpi))

    value, coverage, counted = _scored(measured, card, fact_and_target)
    paced = pace.together(measured, card, rows, counted)
    return Row("", "", paced, index=value, coverage=coverage)


def _common(scores: Sequence[Score]) -> tuple[Fact, Target | None]:
    """Return the number of the unit that all are in, with its target; units of their own add up to
    nothing."""
    if scores and all((s.fact, s.target) == (scores[0].fact, scores[0].target) for s in scores):
        return scores[0].fact, scores[0].target
    return Fact(State.NOT_APPLICABLE), None
