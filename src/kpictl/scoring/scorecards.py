"""What the engine answered → scorecards: facts against targets, points, ranks, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.measure import completeness
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
    from kpictl.app.computation import Computation


def column_of(computed: Computation, kpi: str, entry: Entry, missing: Missing) -> Column:
    """Return the head of a KPI; `missing` is what stands in unless its entry says otherwise."""
    kind, shape = computed.bound.kind(kpi), entry.score
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


def card_rows(computed: Computation, card: str) -> tuple[Row, ...]:
    """Return everybody of a scorecard, ranked; of one of departments, these."""
    if card not in computed.ranked:
        computed.ranked[card] = _ranked(computed, card)
    return computed.ranked[card]


def _ranked(computed: Computation, card: str) -> tuple[Row, ...]:
    rows = _rows(computed, card)
    spec = computed.bound.cards[card]
    kinds = {kpi: computed.bound.kind(kpi) for kpi in spec.kpis}
    lower = frozenset(kpi for kpi, kind in kinds.items() if kind.better == "lower")
    order = ranked(rows, spec, lambda row: f"{fold(row.name)}\x00{row.subject}", lower)
    if completeness.is_empty(computed, card):
        return tuple(replace(row, rank=None) for row in order)
    return tuple(order)


def _rows(computed: Computation, card: str) -> list[Row]:
    if computed.bound.cards[card].rows == "departments":
        return _whole_departments(computed, card)
    people = [row_of(computed, card, person) for person in computed.members[card]]
    return _departments_of(computed, card, people) if computed.job.by == "department" else people


def is_of_departments(computed: Computation, card: str) -> bool:
    """Say whether the rows of a scorecard are departments: the plan says so, or it is asked for."""
    return computed.bound.cards[card].rows == "departments" or computed.job.by == "department"


def _whole_departments(computed: Computation, card: str) -> list[Row]:
    """Return a row for each department that somebody of a scorecard is in, of all its records,
    whoever's they are, held against its own goals."""
    spec, found = computed.bound.cards[card], []
    for folded, name in units.of_people_in(computed.members[card]).items():
        of_kpis = {
            kpi: units.fact_and_target(computed, kpi, card, ("department", folded))
            for kpi in spec.kpis
        }
        found.append(_row(computed, card, of_kpis, name))
    return found


def _departments_of(computed: Computation, card: str, people: Sequence[Row]) -> list[Row]:
    """Return a row for each department of those in a scorecard: their records and targets together.
    Who is in no department is in no row."""
    found = []
    for folded, name in units.of_people_in(computed.members[card]).items():
        own = [row for row in people if row.department and fold(row.department) == folded]
        whole = together(computed, card, own, units.group_of_card(card, name))
        found.append(replace(whole, id=name, name=name, department=name))
    return found


def _row(
    computed: Computation, card: str, of_kpis: Mapping[str, tuple[Fact, Target | None]], name: str
) -> Row:
    """Return the row of a department, whose facts and targets these are by KPI."""
    value, coverage, counted = _scored(computed, card, lambda kpi, _: of_kpis[kpi])
    paced = pace.of_unit(computed, counted)
    return Row(name, name, paced, name, index=value, coverage=coverage)


def _scored(
    computed: Computation,
    card: str,
    fact_and_target: Callable[[str, Entry], tuple[Fact, Target | None]],
) -> tuple[Decimal | None, Decimal, list[Score]]:
    """Return the index, the coverage and the scores of a row, of whose KPIs `fact_and_target` gives
    both."""
    spec = computed.bound.cards[card]
    scores = [
        score(
            Expectation(kpi, entry, computed.bound.kind(kpi).better), *fact_and_target(kpi, entry)
        )
        for kpi, entry in spec.kpis.items()
    ]
    return index(spec, scores)


def row_of(computed: Computation, card: str, person: Person) -> Row:
    """Return a person's row of a scorecard, not ranked yet."""
    facts = computed.facts_of(person.subject)

    def fact_and_target(kpi: str, entry: Entry) -> tuple[Fact, Target | None]:
        if entry.level == "person":
            return facts[kpi], computed.expected.find(kpi, card, person)
        whose = units.of_row(entry.level, person.department)
        return units.fact_and_target(computed, kpi, card, whose)

    value, coverage, counted = _scored(computed, card, fact_and_target)
    return Row(
        id=person.id,
        name=person.name,
        scores=pace.of_row(computed, card, person, counted),
        department=person.department,
        position=person.position,
        index=value,
        coverage=coverage,
        segment=person.segment,
    )


def whole_of(computed: Computation, lines: Iterable[tuple[str, Person]]) -> WholePerson:
    """Return somebody who has lines of several posts (each with its scorecard) as one."""
    rows = [(card, post, row_of(computed, card, post)) for card, post in lines]
    return posts.whole_person(computed, rows)


def total(computed: Computation, card: str, rows: Sequence[Row]) -> Row | None:
    """Re-aggregate the records of everybody in the scorecard against their targets together."""
    return None if len(rows) < 2 else whole(computed, card, rows)


def whole(computed: Computation, card: str, rows: Sequence[Row]) -> Row:
    """Return what all rows of a scorecard have reached together."""
    return together(computed, card, outermost(computed, card, rows), card)


def outermost(computed: Computation, card: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a scorecard whose targets add up to the total's: of departments those that
    are no part of another one, in whose goal theirs is."""
    if computed.bound.cards[card].rows != "departments":
        return list(rows)
    names = units.without_parts(computed.members[card], (fold(row.name) for row in rows))
    return [row for row in rows if fold(row.name) in names]


def together(computed: Computation, card: str, rows: Sequence[Row], group: GroupId) -> Row:
    """Re-aggregate the records of a group of a scorecard's people, whose rows these are."""
    bound, facts = computed.bound, computed.group_facts(group)
    lines = [(card, row) for row in rows]

    def fact_and_target(kpi: str, entry: Entry) -> tuple[Fact, Target | None]:
        if entry.level != "person":
            return _common([row.score(kpi) for row in rows])
        several = [row.score(kpi) for row in posts.expecting(computed, kpi, lines)]
        return facts[kpi], posts.target_of_several(several, volume=bound.volume(kpi))

    value, coverage, counted = _scored(computed, card, fact_and_target)
    paced = pace.together(computed, card, rows, counted)
    return Row("", "", paced, index=value, coverage=coverage)


def _common(scores: Sequence[Score]) -> tuple[Fact, Target | None]:
    """Return the number of the unit that all are in, with its target; units of their own add up to
    nothing."""
    if scores and all((s.fact, s.target) == (scores[0].fact, scores[0].target) for s in scores):
        return scores[0].fact, scores[0].target
    return Fact(State.NOT_APPLICABLE), None
