"""What goes from one period to the next: what was paid of what is due since the start of a year,
adjustments by hand, and balances that are negative.

    due since the start − accrued before → amount; − sanctions; + adjustments + carried balance
    → payout, ≥ draw
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.naming import fold
from kpictl.pay import release
from kpictl.pay.paybook import BookedAdjustment, PayBook
from kpictl.people.staff import Person
from kpictl.plan import editions
from kpictl.plan.bound import Bound
from kpictl.plan.pay import span_start
from kpictl.values import Pay, PayLine, PayStep, Period


class Frames(Struct, frozen=True):
    """The periods that the pay of one depends on: `before` those that are paid before it, one after
    the other, whose balances are carried on from the day `carried_from`; `since` for each of these
    and itself, by its text, the stretches from the start of the quarter and of the year to its end;
    `earned` those that have earned what is released in it."""

    before: tuple[Period, ...] = ()
    carried_from: date = date.min
    since: Mapping[str, Mapping[str, Period]] = {}
    earned: tuple[Period, ...] = ()

    @property
    def all(self) -> tuple[Period, ...]:
        stretches = (one for of_period in self.since.values() for one in of_period.values())
        several = (*self.earned, *self.before, *stretches)
        return tuple({one.text: one for one in several}.values())


def frames(bound: Bound, book: PayBook, period: Period) -> Frames:
    """Return what has to be computed beside a period, so that its pay can be."""
    carried_from = _carried_from(bound, book, period)
    starts = (span_start(span, period.first) for span in _spans(bound, period))
    first = min([carried_from, *starts])
    days = (*periods.months(first, period.first), period.first) if first < period.first else ()
    before = tuple(periods.of_days(start, after, bound.zone) for start, after in pairwise(days))
    since = {one.text: _since(bound, one) for one in (*before, period)}
    own = Frames(before, carried_from, since)
    return replace(own, earned=release.before(bound, (*own.all, period)))


def _since(bound: Bound, period: Period) -> Mapping[str, Period]:
    """Return the stretches that bonuses accumulate over up to the end of a period, by span."""
    after = periods.day_after(period)
    return {
        span: periods.of_days(span_start(span, period.first), after, bound.zone)
        for span in sorted(_spans(bound, period))
    }


def _spans(bound: Bound, period: Period) -> set[str]:
    """Return the spans that bonuses accumulate over in a period."""
    cards = bound.plan.scorecards.items()
    keys = ((spec, editions.key_in_force(card, spec, period)) for card, spec in cards)
    bonuses = (editions.in_force(spec, key).bonus for spec, key in keys)
    return {one.accumulate for one in bonuses if one is not None and one.accumulate is not None}


def _carried_from(bound: Bound, book: PayBook, period: Period) -> date:
    """Return the first day of the first month whose negative balance is made up for later."""
    if bound.plan.pay.since is not None:
        return periods.fixed_days(bound.plan.pay.since)[0].replace(day=1)
    starts = [span_start(span, period.first) for span in _spans(bound, period)]
    if book.first_reduction is not None:
        starts.append(book.first_reduction.replace(day=1))
    return min(starts, default=period.first)


def carries_on(bound: Bound, book: PayBook, period: Period) -> bool:
    """Say whether a negative balance of a period is made up for in the one after it."""
    after = periods.day_after(period)
    following = periods.of_days(after, after + (after - period.first), bound.zone)
    return _carried_from(bound, book, following) <= period.first


def accumulated(
    current: Pay, whole: Mapping[str, Pay], paid: Mapping[str, Sequence[Pay]], bound: Bound
) -> Pay:
    """Return the lines of bonuses that accumulate as what is due since the start of their span less
    what was paid of it; `whole` is the pay of the stretches since then by span, `paid` that of the
    earlier periods of each span."""
    lines = []
    for line in current.lines:
        bonus = bound.cards[line.scorecard].bonus if line.scorecard else None
        span = None if bonus is None else bonus.accumulate
        lines.append(line if span is None else _accumulated(line, whole[span], paid[span]))
    return replace(current, lines=tuple(lines))


def _accumulated(line: PayLine, whole: Pay, paid: Sequence[Pay]) -> PayLine:
    due = whole.line(line.scorecard, line.id, line.segment)
    if due is None or due.amount is None:
        return line if due is None else replace(due, amount=None, earned=None, draw=line.draw)
    before = [one.line(line.scorecard, line.id, line.segment) for one in paid]
    amounts = [one.amount for one in before if one is not None and one.amount is not None]
    had = sum(amounts, Decimal(0))
    amount = due.amount - had
    step = PayStep("pay.accumulated", {"due": due.amount, "paid": had}, Fraction(amount))
    steps = (*due.steps, step)
    return replace(due, earned=Fraction(amount), amount=amount, steps=steps, draw=line.draw)


# --- by hand -----------------------------------------------------------------------------------


def adjusted(current: Pay, booked: Iterable[BookedAdjustment], people: Mapping[str, Person]) -> Pay:
    """Return the pay with the adjustments of its period, each at the last line of its employee; who
    has none gets one for them alone."""
    lines = list(current.lines)
    for one in booked:
        numbers = [n for n, line in enumerate(lines) if line.id == one.person]
        fitting = [n for n in numbers if _has_part(lines[n], one.adjustment.part)] or numbers
        if fitting:
            line = lines[fitting[-1]]
            several = (*line.adjustments, one.adjustment)
            lines[fitting[-1]] = replace(line, adjustments=several)
        else:
            lines.append(_bare(people[one.person], one))
    return replace(current, lines=tuple(lines))


def _has_part(line: PayLine, part: str) -> bool:
    return not part or any(one.id == part for one in line.parts)


def _bare(person: Person, one: BookedAdjustment) -> PayLine:
    return PayLine(
        "", person.id, person.name, "not_employed", "", person.department, person.position,
        adjustments=(one.adjustment,),
    )  # fmt: skip


def carried(current: Pay, before: Pay, people: Mapping[str, Person]) -> Pay:
    """Return the pay with the balances of the period before: the debts of each employee at their
    last line."""
    debts: dict[str, Decimal] = {}
    for line in before.lines:
        if line.balance:
            debts[line.id] = debts.get(line.id, Decimal(0)) + line.balance
    lines = list(current.lines)
    for ident, debt in sorted(debts.items()):
        numbers = [n for n, line in enumerate(lines) if line.id == ident]
        if numbers:
            lines[numbers[-1]] = replace(lines[numbers[-1]], carried=debt)
        else:
            person = people.get(ident)
            old = next(line for line in before.lines if line.id == ident)
            name = old.name if person is None else person.name
            lines.append(PayLine("", ident, name, "not_employed", carried=debt))
    return replace(current, lines=tuple(lines))


def in_order(pay: Pay) -> Pay:
    """Return the pay with lines of no scorecard last, by name."""
    own = [line for line in pay.lines if line.scorecard]
    rest = sorted((x for x in pay.lines if not x.scorecard), key=lambda x: (fold(x.name), x.id))
    return replace(pay, lines=(*own, *rest))
