"""`kpictl card`: the page of a person, made of the results of a period and of nothing else.

Whatever is of somebody else is taken out here, before anything is written: rows, totals, units,
awards, pay, and every remark that names a colleague.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.app.computation import Computation, ComputeRequest, compute_beside
from kpictl.app.explain import contribution
from kpictl.app.one_more import one_more
from kpictl.errors import Problem, UsageError
from kpictl.naming import fold
from kpictl.people import selection
from kpictl.scoring import scorecards
from kpictl.values import (
    BY_DEPARTMENT,
    VALUE_PLACES,
    Award,
    Edge,
    EngineName,
    Pay,
    PayLine,
    PayStep,
    Period,
    Results,
    Row,
    Scorecard,
    State,
    to_decimal,
)
from kpictl.values.card import Card, CardLine, IndexPoint, NextStep

if TYPE_CHECKING:
    from kpictl.app.workspace import Workspace
    from kpictl.people.staff import Person

PERIODS = 12


class CardRequest(Struct, frozen=True):
    """What is asked for: whose page (None: everybody's), of which period, with the pay or without.
    People and scorecards are named as people name them."""

    period: Period
    as_of: datetime
    employee: str | None = None
    scorecards: tuple[str, ...] = ()
    department: str | None = None
    pay: bool = False
    periods: int = PERIODS
    engine: EngineName = "duckdb"


def cards(workspace: Workspace, request: CardRequest) -> tuple[Card, ...]:
    """Return the pages, in the order of names. PlanRejected, SourceError or UsageError with all
    that is in the way."""
    compute_request = ComputeRequest(
        request.period,
        request.as_of,
        request.scorecards,
        department=request.department,
        insight=True,
        engine=request.engine,
        pay=request.pay,
    )
    before = _earlier(workspace, request)
    results, computations = compute_beside(workspace, compute_request, before)
    now = computations[request.period.text]
    history = [computations[period.text] for period in (*before, request.period)]
    made = [
        _card(results, now, history, ident) for ident in _people(results, now, request.employee)
    ]
    return tuple(sorted(made, key=lambda card: (fold(card.name), card.id)))


def _earlier(workspace: Workspace, request: CardRequest) -> tuple[Period, ...]:
    """Return the periods before the one that is asked for, as far back as they can be computed."""
    bound, found = workspace.bound, list[Period]()
    count = request.periods
    while count > 1:
        with suppress(UsageError):
            found = list(periods.run(request.period, count, bound.zone)[:-1])
            break
        count -= 1
    known: list[Period] = []
    for period in reversed(found):
        try:
            bound.at(period)
        except UsageError:
            break
        known.append(period)
    return tuple(reversed(known))


def _people(results: Results, now: Computation, employee: str | None) -> list[str]:
    """Return the ids of those whose pages are asked for: of everybody who has a row, else of one.
    UsageError where nobody, or more than one, is meant."""
    listed = [
        row.id
        for card in results.scorecards
        if not scorecards.is_of_departments(now, card.id)
        for row in card.rows
    ]
    if employee is None:
        return list(dict.fromkeys(listed))
    person, scored = selection.person(employee, now.members, now.subjects.everybody())
    paid = results.pay is not None and any(line.id == person.id for line in results.pay.lines)
    if not scored and not paid:
        raise UsageError("usage.not_scored", name=person.name)
    return [person.id]


def _card(results: Results, now: Computation, history: Sequence[Computation], ident: str) -> Card:
    own = only(results, ident)
    lines = []
    for card in own.scorecards:
        rows = scorecards.card_rows(now, card.id)
        people = {person.subject: person for person in now.members[card.id]}
        for row in card.rows:
            whose = _Whose(now, card.id, people[row.subject], row, rows)
            lines.append(_line(whose, history, _pay_of(own, card.id, row)))
    name = next(
        (row.name for card in own.scorecards for row in card.rows),
        next((line.name for line in own.pay.lines), ident) if own.pay else ident,
    )
    return Card(ident, name, own, tuple(lines))


class _Whose(Struct, frozen=True):
    """A row with the person behind it, and all rows of its scorecard."""

    computed: Computation
    card: str
    person: Person
    row: Row
    rows: tuple[Row, ...]


def _line(whose: _Whose, history: Sequence[Computation], pay: PayLine | None) -> CardLine:
    row = whose.row
    return CardLine(
        whose.card,
        row.subject,
        rated=sum(one.rank is not None for one in whose.rows),
        contributions=tuple(contribution(row, score) for score in row.scores),
        trend=tuple(_point(computed, whose) for computed in history),
        one_more=one_more(whose.computed, whose.card, whose.person, row, whose.rows),
        next_steps=() if pay is None else tuple(_next_steps(whose.computed, pay)),
    )


def _point(computed: Computation, whose: _Whose) -> IndexPoint:
    """Return the index of the row in a period."""
    period = computed.period
    if whose.card not in computed.members:
        return IndexPoint(period, State.NOT_APPLICABLE)
    rows = scorecards.card_rows(computed, whose.card)
    row = next((one for one in rows if one.subject == whose.row.subject), None)
    if row is None:
        return IndexPoint(period, State.NOT_APPLICABLE)
    if row.index is None or _is_silent(computed, row):
        return IndexPoint(period, State.NO_DATA)
    return IndexPoint(period, State.MEASURED, row.index, row.rank)


def _is_silent(computed: Computation, row: Row) -> bool:
    """Say whether there was no record of any of the KPIs of a row in a period, whoever's."""
    return all(computed.is_silent((score.kpi,)) for score in row.scores)


def _pay_of(own: Results, card: str, row: Row) -> PayLine | None:
    return None if own.pay is None else own.pay.line(card, row.id, row.segment)


def _next_steps(computed: Computation, pay: PayLine) -> Iterator[NextStep]:
    """Yield the next step of each scale of pay that is read in bands."""
    for part in pay.parts:
        for step in part.steps:
            found = _next_step(computed, pay.scorecard, part.id, step)
            if found is not None:
                yield found


def _next_step(computed: Computation, card: str, part: str, step: PayStep) -> NextStep | None:
    data = step.data
    edge = str(data.get("to", ""))
    bound = Edge.of(edge)
    if bound is None or "name" in data:  # a factor is no scale of the part
        return None
    of = str(data.get("kpi") or data.get("of") or "index")
    at = next((data[name] for name in ("attainment", "value", "index") if name in data), None)
    if at is None:
        return None
    from kpictl.pay.scales import percent_at

    bonus = computed.bound.cards[card].bonus
    assert bonus is not None  # noqa: S101  a line of pay has one
    percent = percent_at(bonus.each[part], of, edge)
    if percent is None:
        return None
    lacking = to_decimal(Fraction(bound.at) - Fraction(at), VALUE_PLACES)
    now = to_decimal(Fraction(data["percent"]), VALUE_PLACES)
    return NextStep(of, part, to_decimal(Fraction(at), VALUE_PLACES), edge, lacking, now, percent)


# --- nothing of anybody else -------------------------------------------------------------------


def only(results: Results, ident: str) -> Results:
    """Return results with nothing in them of anybody but the person of an id."""
    tables = tuple(
        replace(
            card,
            rows=tuple(row for row in card.rows if row.id == ident),
            total=None,
            hidden=0,
            departments=(),
            insights=(),
        )
        for card in results.scorecards
    )
    own = tuple(card for card in tables if card.rows and not _is_of_units(card))
    others = _other_names(results, ident)
    mine = [one.name for card in own for one in card.rows]
    return replace(
        results,
        scorecards=own,
        company=(),
        departments=(),
        left_out=tuple(one for one in results.left_out if set(one.names) & set(mine)),
        warnings=tuple(p for p in results.warnings if not _names_any(p, others)),
        whole_people=tuple(one for one in results.whole_people if one.id == ident),
        awards=tuple(_own_award(award, ident) for award in results.awards),
        alert=None,
        comparison=None,
        pay=None if results.pay is None else _own_pay(results.pay, ident),
    )


def _is_of_units(card: Scorecard) -> bool:
    return card.by == BY_DEPARTMENT


def _own_award(award: Award, ident: str) -> Award:
    mine = tuple(one for one in award.recipients if one.id == ident)
    return replace(award, recipients=mine, hidden=0, undecided=0)


def _own_pay(pay: Pay, ident: str) -> Pay:
    """Return the lines of one person; what pools and funds came to is of all, and with few others
    in them tells what these are paid."""
    return Pay(tuple(_of_one(line) for line in pay.lines if line.id == ident))


def _of_one(line: PayLine) -> PayLine:
    """Return a line whose steps have no sums of everybody."""
    parts = (replace(part, steps=tuple(map(_own_step, part.steps))) for part in line.parts)
    return replace(line, parts=tuple(parts), steps=tuple(map(_own_step, line.steps)))


def _own_step(step: PayStep) -> PayStep:
    """Return a step with the share of one person alone: what the fund has, what was computed of it
    and the weights of all are left out."""
    kept = {"pay.pool": ("pool", "by", "weight", "figures"), "pay.fund": ("fund", "before")}
    if step.code not in kept:
        return step
    own = {name: step.data[name] for name in kept[step.code] if name in step.data}
    return replace(step, code=f"{step.code}.own", data=own)


def _other_names(results: Results, ident: str) -> frozenset[str]:
    rows = [row for card in results.scorecards for row in card.rows]
    lines = results.pay.lines if results.pay is not None else ()
    named: Iterable[tuple[str, str]] = (
        *((row.id, row.name) for row in rows),
        *((line.id, line.name) for line in lines),
    )
    mine = {fold(name) for own, name in named if own == ident}
    return frozenset(fold(name) for own, name in named if own != ident) - mine


def _names_any(problem: Problem, names: frozenset[str]) -> bool:
    """Say whether a remark names one of these people, or any number of people at all."""
    if {"names", "people", "name"} & problem.data.keys():
        return True
    told = fold(" ".join(str(value) for value in _values(problem.data)))
    return any(name and name in told for name in names)


def _values(data: Mapping[str, object]) -> Iterator[object]:
    yield from data.values()
