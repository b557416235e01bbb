"""Earned at one date, released at another: what is paid of it as the money for a record comes in.

A record earns its part of what the period of its own comes to, by the rates, conditions and caps
that held there. Of that as large a share is released as has come in of what is due for the record:
at most all, and less again where money is paid back. What was released before is not paid twice; of
money that came before the record counted nothing was:

    released = Σ earned × share(end of the period) − Σ earned before × share(start of the period)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.measure import dataset, spellings
from kpictl.measure.query import Query, RecordQuery, Slice
from kpictl.pay import commission, line, parts, records
from kpictl.pay.parts import Written
from kpictl.pay.payee import Payee, payees
from kpictl.pay.records import PaidRecord
from kpictl.plan import pay_records
from kpictl.plan.pay import ReleaseBy
from kpictl.sources.pay_rates import text_of
from kpictl.values import PayLine, PayPart, PayStep, Period, Release, to_money

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpictl.app.computation import Computation
    from kpictl.plan.bound import Bound

PartKey = tuple[str, str]
"""A part of the bonus of a scorecard: its ids."""


class Received(Struct, frozen=True):
    """What had come in by the key of a record, before a period and until its end."""

    before: Mapping[str, Fraction]
    until: Mapping[str, Fraction]


class Earned(Struct, frozen=True):
    """What a record has earned somebody in the period that it counted in; `is_new` says that this
    is the period that is paid, so that nothing was released of it before."""

    payee: Payee
    part: str
    record: PaidRecord
    amount: Fraction
    is_new: bool = False

    @property
    def key(self) -> PartKey:
        return (self.payee.card, self.part)


def attach(
    computed: Computation, everybody: Sequence[Payee], others: Mapping[str, Computation]
) -> tuple[list[Payee], list[PayLine]]:
    """Give payees what is released of their parts in this period; return them, and lines of those
    who are no longer on the scorecard and have something coming. `others` are the computations of
    the periods that may have earned it (`before`), by their text."""
    specs = _specs(computed.bound, computed.cards)
    if not specs:
        return list(everybody), []
    received = {spec: _received(computed, spec) for spec in dict.fromkeys(specs.values())}
    released: dict[tuple[PartKey, str], list[Earned]] = {}
    left: dict[tuple[PartKey, str], list[Earned]] = {}
    heirs = _heirs(everybody)
    for one in _earned(computed, everybody, others):
        heir = heirs.get((one.payee.card, one.payee.row.subject)) or heirs.get(
            (one.payee.card, one.payee.person.id)
        )
        if heir is None:
            left.setdefault((one.key, one.payee.row.subject), []).append(one)
        else:
            released.setdefault((one.key, heir.row.subject), []).append(one)
    found = []
    for payee in everybody:
        own = {
            part: bucket(released.get(((card, part), payee.row.subject), ()), received[spec])
            for (card, part), spec in specs.items()
            if card == payee.card
        }
        found.append(replace(payee, released=own) if own else payee)
    return found, list(_leavers(left, specs, received))


def bucket(several: Iterable[Earned], received: Received) -> Release:
    """Return what is earned, was released before, is released now and waits, to the kopeck: what
    was released in all periods adds up to what is earned once all has come in."""
    earned = before = until = Fraction(0)
    for one in several:
        earned += one.amount
        if not one.is_new:
            before += one.amount * share(one.record, received.before)
        until += one.amount * share(one.record, received.until)
    all_of_it, then, now = to_money(earned), to_money(before), to_money(until)
    return Release(all_of_it, then, now - then, all_of_it - now)


def share(record: PaidRecord, received: Mapping[str, Fraction]) -> Fraction:
    """Return which share of a record has been paid for: nothing of one whose amount is not known,
    all of one that nothing is to come in for (a return)."""
    if record.due is None:
        return Fraction(0)
    if record.due <= 0:
        return Fraction(1)
    came_in = received.get(record.key, Fraction(0)) if record.key else Fraction(0)
    return min(max(came_in / record.due, Fraction(0)), Fraction(1))


# --- what was earned, period by period ---------------------------------------------------------


def _specs(bound: Bound, cards: Iterable[str]) -> dict[PartKey, ReleaseBy]:
    """Return the parts of scorecards that are released as money comes in."""
    return {
        (card, one.part): one.paid.release
        for card in cards
        for one in pay_records.parts_of(bound.cards[card].bonus, ())
        if one.paid.release is not None
    }


def _heirs(everybody: Iterable[Payee]) -> dict[tuple[str, str], Payee]:
    """Return who is paid what was earned before: the same post, else the last of the person."""
    found: dict[tuple[str, str], Payee] = {}
    for payee in everybody:
        found[payee.card, payee.person.id] = payee
    for payee in everybody:
        found[payee.card, payee.row.subject] = payee
    return found


def _earned(
    computed: Computation, everybody: Sequence[Payee], others: Mapping[str, Computation]
) -> Iterator[Earned]:
    """Yield what every record has earned, of this period and of those before."""
    period, specs = computed.period, _specs(computed.bound, computed.cards)
    starts = {key: _since(spec, period) for key, spec in specs.items()}
    for one in history(period, min(starts.values()), computed.bound.zone):
        past = others[one.text]
        for payee in records.attach(past, payees(past)):
            several = of_payee(payee, waiting(payee))
            yield from (own for own in several if starts.get(own.key, date.max) <= one.first)
    for payee in everybody:
        yield from (replace(one, is_new=True) for one in of_payee(payee, waiting(payee)))


def _since(spec: ReleaseBy, period: Period) -> date:
    if spec.since is None:
        return date(period.first.year - 1, 1, 1)
    return periods.fixed_days(spec.since)[0]


def before(bound: Bound, several: Iterable[Period]) -> tuple[Period, ...]:
    """Return the periods that may have earned what is released in any of several."""
    bonuses = [
        bonus
        for spec in bound.plan.scorecards.values()
        for bonus in (spec.bonus, *(edition.bonus for edition in spec.editions.values()))
    ]
    specs = [
        one.paid.release
        for bonus in bonuses
        for one in pay_records.parts_of(bonus, ())
        if one.paid.release is not None
    ]
    found: dict[str, Period] = {}
    for period in several if specs else ():
        start = min(_since(spec, period) for spec in specs)
        found |= {one.text: one for one in history(period, start, bound.zone)}
    return tuple(found.values())


def history(period: Period, since: date, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the periods of the same length before one, the oldest first."""
    past: list[Period] = []
    one = periods.previous(period, zone)
    while one.first >= since:
        past.append(one)
        one = periods.previous(one, zone)
    return tuple(reversed(past))


def listed(computed: Computation) -> Iterator[Earned]:
    """Yield every record that somebody is paid for in a period, with its rate and what it has
    earned, in the order of scorecards, ranks, parts and moments."""
    for payee in records.attach(computed, payees(computed)):
        yield from of_payee(payee, frozenset(payee.records))


def waiting(payee: Payee) -> frozenset[str]:
    """Return the parts of somebody's bonus that are released as money comes in."""
    bonus = payee.computed.bound.cards[payee.card].bonus
    several = pay_records.parts_of(bonus, ())
    return frozenset(one.part for one in several if one.paid.release is not None)


def of_payee(payee: Payee, ids: frozenset[str]) -> Iterator[Earned]:
    """Yield what each record of some parts has earned a payee in a period: its share of what the
    part came to, by what it gave to the base."""
    bonus = payee.computed.bound.cards[payee.card].bonus
    if bonus is None or not ids:
        return
    gates = line.gates_of(payee)
    for written in line.written_parts(bonus):
        if written.id not in ids:
            continue
        _, made = parts.compute(payee, written, gates, None)
        if made.amount is None:
            continue
        bases = commission.bases(payee, written.id, written.part)
        whole = sum(bases, Fraction(0))
        factor = made.amount / whole if whole else Fraction(1)
        for record, base in zip(payee.records[written.id], bases, strict=True):
            yield Earned(payee, written.id, record, base * factor)


# --- what came in ------------------------------------------------------------------------------


def _received(computed: Computation, spec: ReleaseBy) -> Received:
    """Return what had come in for each record, by the key that payments name it by."""
    bound, request = computed.bound, computed.request
    measure = bound.releases[spec]
    field = bound.schemas[measure.entity].field(pay_records.key_fields(spec)[1])
    assert field is not None  # noqa: S101  checked with the plan
    first = date(periods.FIRST_YEAR, 1, 1)
    always = periods.of_days(first, periods.day_after(request.period), bound.zone)
    wanted = dataset.DataRequest(
        (measure,), (always,), request.as_of, extra_fields=frozenset({field.name})
    )
    data = dataset.load(computed.workspace, wanted)
    measure = spellings.widened((measure,), data.connection, data.tables.names)[measure.name]
    engine = data.engine(request.engine)
    one_slice = Slice("always", always, request.as_of, request.as_of)
    query = Query(measure.entity, (measure,), (one_slice,), bound.zone, {})
    before: dict[str, Fraction] = {}
    until: dict[str, Fraction] = {}
    for row in engine.records(RecordQuery(query, measure, one_slice, fields=(field.name,))):
        key = text_of(row.fields[field.name])
        if not key or not isinstance(row.value, Decimal):
            continue
        until[key] = until.get(key, Fraction(0)) + Fraction(row.value)
        if _is_before(row.moment, request.period):
            before[key] = before.get(key, Fraction(0)) + Fraction(row.value)
    return Received(before, until)


def _is_before(moment: date | datetime | None, period: Period) -> bool:
    if isinstance(moment, datetime):
        return moment < period.start
    return moment is not None and moment < period.first


# --- who is no longer there --------------------------------------------------------------------


def _leavers(
    left: Mapping[tuple[PartKey, str], Sequence[Earned]],
    specs: Mapping[PartKey, ReleaseBy],
    received: Mapping[ReleaseBy, Received],
) -> Iterator[PayLine]:
    """Yield a line of everybody who has earned something before, is no longer on the scorecard, and
    has money for it released now."""
    for ((card, part), _), several in left.items():
        buckets = bucket(several, received[specs[card, part]])
        if not buckets.released:
            continue
        row = several[-1].payee.row
        amount = Fraction(buckets.released)
        base = _written(several[-1].payee, part)
        step = PayStep("pay.release", parts.told(buckets), amount)
        made = PayPart(part, base.part.label or part, base.base, amount, steps=(step,))
        bare = PayLine(
            "", row.id, row.name, "not_employed", "", row.department, row.position,
            (made,), earned=amount, release=buckets,
            steps=(PayStep("pay.left", {"last": several[-1].payee.computed.period.last}),),
        )  # fmt: skip
        yield line.rounded(bare)


def _written(payee: Payee, part: str) -> Written:
    """Return a part as the plan had it when somebody earned it."""
    bonus = payee.computed.bound.cards[payee.card].bonus
    assert bonus is not None  # noqa: S101  it was paid
    return next(one for one in line.written_parts(bonus) if one.id == part)
