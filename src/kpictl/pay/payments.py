"""The conductor of pay: everybody who has a bonus, pools first, then each line, then the funds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import Problem, UsageError
from kpictl.naming import few
from kpictl.pay import ledger, places, pools, records, release, sanctions
from kpictl.pay.ledger import Frames
from kpictl.pay.line import line, written_parts
from kpictl.pay.paybook import Sanction
from kpictl.pay.payee import Payee, payees
from kpictl.pay.steps import Computed
from kpictl.plan.model import ScorecardPlan
from kpictl.values import NO_AMOUNT, FundUse, Pay, PayLine, PayState, Period, Scorecard, subject_of

if TYPE_CHECKING:
    from kpictl.app.computation import Computation


def with_history(computed: Computation, frames: Frames, others: Mapping[str, Computation]) -> Pay:
    """Return the pay of a period with what goes from earlier ones to it; `others` are the
    computations of the periods and stretches of its frames, by their text."""
    bound, book = computed.bound, computed.workspace.paybook
    people = {person.id: person for person in computed.workspace.employees or ()}
    accrued: list[tuple[Period, Pay]] = []
    settled: Pay | None = None
    for period in (*frames.before, computed.period):
        of_period = others.get(period.text, computed)
        current = pay(of_period, others)
        if since := frames.since.get(period.text):
            whole = {span: pay(others.get(s.text, of_period), others) for span, s in since.items()}
            paid = {
                span: [old for when, old in accrued if when.first >= stretch.first]
                for span, stretch in since.items()
            }
            current = ledger.accumulated(current, whole, paid, of_period.bound)
        accrued.append((period, current))
        current = sanctions.applied(current, of_period)
        current = ledger.adjusted(current, book.adjustments_in(period), people)
        if settled is not None:
            current = ledger.carried(current, settled, people)
        settled = current if period.first >= frames.carried_from else None
    settled = ledger.in_order(current)
    uses = (pools.paid_of(use, bound, settled.lines) for use in settled.funds)
    return replace(settled, funds=tuple(uses))


def pay(computed: Computation, others: Mapping[str, Computation] = MappingProxyType({})) -> Pay:
    """Return the pay of a period; of `others`, by their text, those are asked that have earned what
    is released now. UsageError where the period is not of whole months."""
    period = computed.period
    if not periods.months(period.first, periods.day_after(period)):
        raise UsageError("pay.period", period=period.text)
    everybody, left = release.attach(computed, records.attach(computed, payees(computed)), others)
    from_pools, uses = _pools(computed, everybody)
    lines = [_line(payee, from_pools) for payee in everybody]
    lines, limited = _funds(computed, lines)
    placed = (places.placed(computed.bound, line) for line in lines)
    return Pay((*placed, *left), (*uses, *limited))


def of_chosen(whole: Pay, subjects: frozenset[str] | None) -> Pay:
    """Return the lines of these alone, with those of no scorecard; None means of all. Pools and
    funds are of everybody."""
    if subjects is None:
        return whole
    ids = {subject.partition("\0")[0] for subject in subjects}
    lines = (
        line
        for line in whole.lines
        if subject_of(line.id, line.segment) in subjects or (not line.scorecard and line.id in ids)
    )
    return replace(whole, lines=tuple(lines))


def of_shown(whole: Pay, cards: Iterable[Scorecard]) -> Pay:
    """Return the lines of the rows that scorecards show. Pools and funds are of everybody."""
    shown = {card.id: {row.subject for row in card.rows} for card in cards}

    def is_shown(line: PayLine) -> bool:
        rows = shown.get(line.scorecard)
        return rows is None or subject_of(line.id, line.segment) in rows

    return replace(whole, lines=tuple(line for line in whole.lines if is_shown(line)))


def remarks(paid: Pay, computed: Computation) -> Iterator[Problem]:
    """Say who has no amount, and why: a line for each reason; of whom it is not known whether a
    condition acts; whose negative balance nothing is to make up for; and of which pools nothing is
    given, or more than there is."""
    yield from _dropped_balances(paid, computed)
    yield from _longer_periods(computed)
    yield from _odd_pools(paid)
    # by id: somebody with two posts has two lines, and is named once
    lacking: dict[tuple[PayState, str], dict[str, str]] = {}
    for unpaid in paid.lines:
        if unpaid.scorecard and unpaid.amount is None:
            lacking.setdefault((unpaid.state, unpaid.lacks), {})[unpaid.id] = unpaid.name
    for (state, lacks), people in lacking.items():
        data = {"names": few(list(people.values())), "lacks": lacks, "count": len(people)}
        yield Problem(NO_AMOUNT[state], None, data, "warning")
    unknown: dict[str, dict[str, str]] = {}
    for judged in paid.lines:
        for gate in judged.gates:
            if gate.met is None:
                unknown.setdefault(gate.label, {})[judged.id] = judged.name
    for gate_label, people in unknown.items():
        told = {"gate": gate_label, "names": few(list(people.values())), "count": len(people)}
        yield Problem("pay.gate_unknown", None, told, "warning")


def _odd_pools(paid: Pay) -> Iterator[Problem]:
    for use in paid.funds:
        data = {"pool": use.id, "sum": use.limit}
        if use.kind != "pool" or use.limit is None:
            continue
        if use.limit and use.met and not use.computed:
            yield Problem("pay.pool_undivided", use.place, data, "warning")
        if use.paid > use.limit:
            more = {**data, "paid": use.paid}
            yield Problem("pay.pool_exceeded", use.place, more, "warning")


def _dropped_balances(paid: Pay, computed: Computation) -> Iterator[Problem]:
    owing = [line for line in paid.lines if line.balance < 0]
    period, book = computed.period, computed.workspace.paybook
    if owing and not ledger.carries_on(computed.bound, book, period):
        total = sum((-line.balance for line in owing), Decimal(0))
        names = few([line.name for line in owing])
        data = {"names": names, "sum": total, "count": len(owing), "since": f"{period.first:%Y-%m}"}
        yield Problem("pay.balance_dropped", None, data, "warning")


def _longer_periods(computed: Computation) -> Iterator[Problem]:
    workspace = computed.workspace
    people = {person.id: person.name for person in workspace.employees or ()}
    for one in workspace.paybook.longer_than(computed.period):
        what, place = (
            (one.order, one.place)
            if isinstance(one, Sanction)
            else (one.adjustment.id, one.adjustment.place)
        )
        of = periods.write(one.first, one.after)
        data = {"what": what, "of": of, "name": people.get(one.person, one.person)}
        yield Problem("pay.longer_period", place, data, "warning")


def _line(payee: Payee, from_pools: dict[pools.Key, Computed]) -> PayLine:
    bonus = payee.computed.bound.cards[payee.card].bonus
    assert bonus is not None  # noqa: S101  as `payees` has it
    own = ((part.id, (payee.card, payee.row.subject, part.id)) for part in written_parts(bonus))
    return line(payee, bonus, {part: from_pools[key] for part, key in own if key in from_pools})


def _pools(
    computed: Computation, everybody: list[Payee]
) -> tuple[dict[pools.Key, Computed], list[FundUse]]:
    plan, claims = computed.bound.plan, dict[str, list[pools.Claim]]()
    for payee in everybody:
        bonus = computed.bound.cards[payee.card].bonus
        for written in written_parts(bonus) if bonus is not None else ():
            if (name := written.part.pool) is not None:
                claim = pools.claim(payee, written, plan.pools[name])
                claims.setdefault(name, []).append(claim)
    made: dict[pools.Key, Computed] = {}
    uses = []
    for name in plan.pools:
        if name in claims:
            shares, use = pools.share(computed.bound, name, claims[name], computed.period)
            made |= shares
            cards = dict.fromkeys(claim.payee.card for claim in claims[name])
            uses.append(replace(use, scorecards=tuple(cards)))
    return made, uses


def _funds(computed: Computation, lines: list[PayLine]) -> tuple[list[PayLine], list[FundUse]]:
    cards, uses = computed.bound.cards, []
    for name in computed.bound.plan.funds:
        inside = [n for n, one in enumerate(lines) if _fund_of(cards[one.scorecard]) == name]
        if not inside:
            continue
        limited, use = pools.limit(
            computed.bound, name, (lines[n] for n in inside), computed.period
        )
        for number, own in zip(inside, limited, strict=True):
            lines[number] = own
        shared = dict.fromkeys(lines[number].scorecard for number in inside)
        uses.append(replace(use, scorecards=tuple(shared)))
    return lines, uses


def _fund_of(card: ScorecardPlan) -> str | None:
    return None if card.bonus is None else card.bonus.fund
