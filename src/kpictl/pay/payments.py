"""The conductor of pay: everybody who has a bonus, pools first, then each line, then the funds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from kpictl import periods, scorecards
from kpictl.errors import UsageError
from kpictl.pay import pools
from kpictl.pay.line import line, written_parts
from kpictl.pay.payee import Payee
from kpictl.pay.steps import Computed
from kpictl.plan.model import ScorecardPlan
from kpictl.values import FundUse, Pay, PayLine, subject_of

if TYPE_CHECKING:
    from kpictl.computation import Computation


def pay(computed: Computation) -> Pay:
    """Return the pay of a period. UsageError where the period is not of whole months."""
    period = computed.job.period
    if not periods.months(period.first, periods.day_after(period)):
        raise UsageError("pay.period", period=period.text)
    everybody = list(payees(computed))
    from_pools, uses = _pools(computed, everybody)
    lines = [_line(payee, from_pools) for payee in everybody]
    lines, limited = _funds(computed, lines)
    return Pay(tuple(lines), (*uses, *limited))


def of_chosen(whole: Pay, subjects: frozenset[str] | None) -> Pay:
    """Return the lines of these alone; None means of all. Pools and funds are of everybody."""
    if subjects is None:
        return whole
    lines = (line for line in whole.lines if subject_of(line.id, line.segment) in subjects)
    return replace(whole, lines=tuple(lines))


def payees(computed: Computation) -> Iterable[Payee]:
    """Yield everybody on a scorecard that pays, in the order of scorecards and ranks."""
    for card in computed.cards:
        if computed.bound.cards[card].bonus is None:
            continue
        rows = tuple(scorecards.card_rows(computed, card))
        people = {person.subject: person for person in computed.members[card]}
        for row in rows:
            yield Payee(computed, card, people[row.subject], row, rows)


def _line(payee: Payee, from_pools: dict[pools.Key, Computed]) -> PayLine:
    bonus = payee.computed.bound.cards[payee.card].bonus
    assert bonus is not None  # noqa: S101  as `payees` has it
    own = {
        part: computed
        for (card, subject, part), computed in from_pools.items()
        if (card, subject) == (payee.card, payee.row.subject)
    }
    return line(payee, bonus, own)


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
            shares, use = pools.share(computed.bound, name, claims[name], computed.job.period)
            made |= shares
            uses.append(use)
    return made, uses


def _funds(computed: Computation, lines: list[PayLine]) -> tuple[list[PayLine], list[FundUse]]:
    cards, uses = computed.bound.cards, []
    for name in computed.bound.plan.funds:
        inside = [n for n, one in enumerate(lines) if _fund_of(cards[one.scorecard]) == name]
        if not inside:
            continue
        limited, use = pools.limit(
            computed.bound, name, (lines[n] for n in inside), computed.job.period
        )
        for number, own in zip(inside, limited, strict=True):
            lines[number] = own
        uses.append(use)
    return lines, uses


def _fund_of(card: ScorecardPlan) -> str | None:
    return None if card.bonus is None else card.bonus.fund
