"""Awards and insight of a period: which earlier periods they look at, what is known of these.

Only plans whose awards compare periods, and who asks for insight, have earlier ones measured.
History ends at the first earlier period that cannot be computed: of a year that no calendar knows,
or in which a scorecard changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl import periods
from kpictl.calendar import UnknownYear
from kpictl.errors import PlanRejected, Problem, UsageError
from kpictl.expressions.evaluate import TooManyDigits
from kpictl.plan.awards import Award as AwardPlan
from kpictl.scoring import awards, insight, pace, scorecards
from kpictl.scoring.awards import CardHistory, PeriodRows
from kpictl.scoring.insight import PeerKpi, Peers
from kpictl.values import Award, Fact, Period, Results, Row, Score, State, SubjectId

if TYPE_CHECKING:
    from kpictl.app.computation import Computation, ComputeRequest
    from kpictl.people.staff import Person
    from kpictl.plan.bound import Bound

_DAY = timedelta(days=1)


def earlier(bound: Bound, request: ComputeRequest) -> tuple[Period, ...]:
    """Return the periods before the one that is asked for that are to be measured with it, the
    oldest first."""
    count = max((spec.earlier for spec in _given(bound, request).values()), default=0)
    if request.insight and _is_over(request):
        count = max(count, insight.HISTORY)
    known: list[Period] = []
    for period in reversed(_run(request.period, count, bound)[:-1]):
        if not _can_be_computed(bound, period):
            break
        known.append(period)
    return tuple(reversed(known))


def _given(bound: Bound, request: ComputeRequest) -> Mapping[str, AwardPlan]:
    """Return the awards that are given: none while the period goes on, none to departments that
    were asked for as rows."""
    return bound.plan.awards if _is_over(request) and request.by == "employee" else {}


def _is_over(request: ComputeRequest) -> bool:
    return request.as_of >= pace.frame_of(request.period).end


def _run(period: Period, count: int, bound: Bound) -> tuple[Period, ...]:
    """Return a period with so many before it, as far as the calendar goes back."""
    while count:
        try:
            return periods.run(period, count + 1, bound.zone)
        except UsageError:
            count -= 1
    return (period,)


def _can_be_computed(bound: Bound, period: Period) -> bool:
    try:
        bound.at(period)
        if bound.calendar is not None:
            bound.calendar.working_days(period.first, period.last + _DAY)
    except (UnknownYear, UsageError):
        return False
    return True


def recognized(results: Results, now: Computation, before: Sequence[Computation]) -> Results:
    """Return the results with the awards of the plan, and what each row is strong and weak at where
    that is asked for; `before` are the periods before this one, the oldest first. PlanRejected
    where a condition is too large to be computed."""
    if now.request.insight:
        results = _with_insight(results, now, before[-insight.HISTORY :])
    return _with_awards(results, now, before)


def _with_awards(results: Results, now: Computation, before: Sequence[Computation]) -> Results:
    given = _given(now.bound, now.request)
    if not given:
        return results
    people = [card for card in now.cards if not scorecards.is_of_departments(now, card)]
    chosen = {card for spec in given.values() for card in spec.scorecards or people}
    gates = {card for spec in given.values() if spec.gates for card in spec.scorecards or people}
    histories = [
        _history(card, (*before, now), gates=card in gates) for card in now.cards if card in chosen
    ]
    found = []
    for award, spec in given.items():
        cards = [one for one in histories if one.card in (spec.scorecards or people)]
        try:
            found.append(_shown(awards.give(award, spec, cards), results))
        except TooManyDigits:
            place = now.bound.place(("awards", award), key=True)
            raise PlanRejected([Problem("fail_on.too_many_digits", place)]) from None
    return replace(results, awards=tuple(found))


def _shown(award: Award, results: Results) -> Award:
    """Return an award with those recipients whose rows are shown."""
    rows = {(card.id, row.subject) for card in results.scorecards for row in card.rows}
    shown = tuple(one for one in award.recipients if (one.scorecard, one.subject) in rows)
    return replace(award, recipients=shown, hidden=len(award.recipients) - len(shown))


def _history(card: str, several: Sequence[Computation], *, gates: bool) -> CardHistory:
    now = several[-1]
    kinds = {kpi: now.bound.kind(kpi) for kpi in now.bound.plan.kpis}
    after = now.period.last + _DAY
    return CardHistory(
        card=card,
        kpis=tuple(kinds),
        lower=frozenset(kpi for kpi, kind in kinds.items() if kind.better == "lower"),
        periods=tuple(_period(computed, card, gates=gates) for computed in several),
        months={person.subject: _months(person, after) for person in now.members[card]},
    )


def _months(person: Person, after: date) -> int | None:
    return None if person.hired is None else periods.months_between(person.hired, after)


def _period(computed: Computation, card: str, *, gates: bool) -> PeriodRows:
    rows = scorecards.card_rows(computed, card)
    passed = _passed(computed, card, rows) if gates else {}
    known = tuple(_known(computed, row) for row in rows)
    return PeriodRows(computed.period.text, known, passed)


def _known(computed: Computation, row: Row) -> Row:
    """Return a row without the numbers of KPIs of which there is no record in the period: a sum of
    nothing is not zero then, but unknown, and so is an index of nothing but such."""
    silent = {score.kpi for score in row.scores if computed.is_silent((score.kpi,))}
    if not silent:
        return row
    scores = tuple(_silenced(score) if score.kpi in silent else score for score in row.scores)
    nothing = all(score.kpi in silent for score in row.scores)
    return replace(row, scores=scores, index=None if nothing else row.index)


def _silenced(score: Score) -> Score:
    return replace(
        score, fact=Fact(State.NO_DATA), state=State.NO_DATA, attainment=None, points=None
    )


def _passed(computed: Computation, card: str, rows: tuple[Row, ...]) -> dict[SubjectId, bool]:
    """Return of whom no gate of a scorecard acts, as pay has it: one of which a figure is not known
    does not."""
    if not computed.bound.cards[card].gates:
        return {row.subject: True for row in rows}
    from kpictl.pay.line import gates_of
    from kpictl.pay.payee import Crew, Payee

    people = {person.subject: person for person in computed.members[card]}
    crew = Crew(computed, card, rows)
    payees = (Payee(crew, people[row.subject], row) for row in rows)
    return {one.row.subject: not any(gate.met for gate in gates_of(one)) for one in payees}


# --- strengths and weaknesses ------------------------------------------------------------------


def _with_insight(results: Results, now: Computation, before: Sequence[Computation]) -> Results:
    cards = []
    for card in results.scorecards:
        if card.id not in now.cards or scorecards.is_of_departments(now, card.id):
            cards.append(card)
            continue
        peers = _peers(card.id, now, before)
        own = insight.insights(peers)
        rows = tuple(replace(row, insight=own.get(row.subject)) for row in card.rows)
        groups = insight.together(peers, own) if now.request.employee is None else ()
        cards.append(replace(card, rows=rows, insights=groups))
    return replace(results, scorecards=tuple(cards))


def _peers(card: str, now: Computation, before: Sequence[Computation]) -> Peers:
    """Return everybody of a scorecard with their rows of the periods before."""
    bound = now.bound
    own = {kpi: e for kpi, e in bound.cards[card].kpis.items() if e.level == "person"}
    past = [_period(computed, card, gates=False) for computed in before]
    rows = _period(now, card, gates=False).rows
    return Peers(
        rows=rows,
        kpis=[PeerKpi(kpi, entry, bound.kind(kpi).better) for kpi, entry in own.items()],
        before={
            row.subject: [then for period in past if (then := period.like(row)) is not None]
            for row in rows
        },
        settings=bound.plan.insight,
        grades=bound.plan.report.colors.grades,
    )
