"""The records that a payee is paid for, one by one: what of each is theirs, and at which rate.

Both engines give the same records; of one that several share each has the part by the share of a
sum, and the whole of a count, as in the KPI itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import KpictlError, Place, PlanRejected, Problem
from kpictl.measure.query import Measure, Op, RecordQuery, RecordRow
from kpictl.pay.payee import Payee
from kpictl.plan import pay_records
from kpictl.plan.load import dotted
from kpictl.plan.pay_records import ByRecord
from kpictl.sources import pay_rates
from kpictl.sources.pay_rates import Rate, RateBook
from kpictl.values import SubjectId

if TYPE_CHECKING:
    from kpictl.app.computation import Computation

HUNDRED = Fraction(100)
MOST_VALUES = 10  # that a message lists


class PaidRecord(Struct, frozen=True):
    """A record that somebody is paid for. `number` is what it gave to the fact (of a count 1),
    `values` what stands in the fields that rates go by, `rate` the one that holds; `key` is what
    payments name it by, `due` what is to come in for it in all (None: not known)."""

    id: str | None
    title: str | None
    moment: date | datetime | None
    number: Fraction
    values: tuple[str, ...] = ()
    rate: Rate | None = None
    key: str = ""
    due: Fraction | None = None
    place: Place | None = None


Books = Mapping[tuple[str, str], RateBook]
"""The rates of the parts of scorecards: `(scorecard, part)`."""


def attach(computed: Computation, everybody: Iterable[Payee]) -> list[Payee]:
    """Give payees the records of the parts that are paid record by record. PlanRejected names every
    value that has no rate."""
    by_card = {card: _parts(computed, card) for card in computed.cards}
    if not any(by_card.values()):
        return list(everybody)
    books = _read_books(computed, by_card)
    found, lacking = [], list[tuple[ByRecord, str, PaidRecord]]()
    for payee in everybody:
        own: dict[str, tuple[PaidRecord, ...]] = {}
        for one in by_card[payee.card]:
            book = books.get((payee.card, one.part))
            own[one.part] = tuple(_records(payee, one, book))
            if book is not None:
                lacking += [(one, payee.card, r) for r in own[one.part] if r.rate is None]
        found.append(replace(payee, records=own, books=_of_card(books, payee.card)))
    if lacking:
        raise PlanRejected(list(_without_rate(computed, lacking, books)))
    return found


def _parts(computed: Computation, card: str) -> list[ByRecord]:
    bonus = computed.bound.cards[card].bonus
    return list(pay_records.parts_of(bonus, ("scorecards", card, "bonus")))


def _of_card(books: Books, card: str) -> dict[str, RateBook]:
    return {part: book for (of, part), book in books.items() if of == card}


def _read_books(computed: Computation, by_card: Mapping[str, list[ByRecord]]) -> Books:
    """Return the rates of every part that has a table of them. PlanRejected holds what is wrong in
    their files."""
    bound, scratch = computed.bound, computed.workspace.scratch
    books: dict[tuple[str, str], RateBook] = {}
    problems: list[Problem] = []
    for card, parts in by_card.items():
        for one in parts:
            measure = pay_records.measure_of(bound, one.paid.of)
            if one.paid.rates is None or measure is None:
                continue
            schema, path = bound.schemas[measure.entity], (*one.path, "rates")
            book, wrong = pay_rates.read(bound, one.paid.rates, schema, path, scratch)
            books[card, one.part] = book
            problems += wrong
    errors = [p for p in problems if p.level == "error"]
    if errors:
        raise PlanRejected(errors)
    return books


def _records(payee: Payee, one: ByRecord, book: RateBook | None) -> Iterator[PaidRecord]:
    """Yield the records of a part; that they add up to the fact is checked."""
    computed, kpi = payee.computed, one.paid.of
    measure = pay_records.measure_of(computed.bound, kpi)
    assert measure is not None  # noqa: S101  checked with the plan
    subject: frozenset[SubjectId | None] = frozenset({payee.row.subject})
    key, due, fields = _release_fields(computed, measure, one)
    rate_fields = () if book is None else book.fields
    asked = tuple(dict.fromkeys((*_shown(computed, measure), *rate_fields, *fields)))
    query = computed.queries[measure.entity]
    request = RecordQuery(
        query,
        measure,
        computed.slice,
        subjects=subject,
        fields=asked,
        lines=computed.request.ordered,
    )
    total = Fraction(0)
    for row in computed.engine.records(request):
        if measure.op is not Op.COUNT and row.value is None:
            continue
        number = Fraction(1) if measure.op is Op.COUNT else _number(row)
        total += number
        values = tuple(pay_rates.text_of(row.fields[name]) for name in rate_fields)
        yield PaidRecord(
            id=_text(row, "id"),
            title=_text(row, "title"),
            moment=row.moment,
            number=number,
            values=values,
            rate=None if book is None else book.find(values, _day(computed, row)),
            key=pay_rates.text_of(row.fields[key]) if key else "",
            due=_due(row, due, number),
            place=_place(computed, measure, row),
        )
    fact, _ = payee.fact_and_target(kpi)
    if fact.exact is not None and fact.exact != total:
        raise KpictlError("explain.mismatch", measure=measure.name, records=total, value=fact.exact)


def _release_fields(
    computed: Computation, measure: Measure, one: ByRecord
) -> tuple[str, str, tuple[str, ...]]:
    """Return the field that payments name a record by, that of what is to come in for it ("": its
    own number), and both as fields to ask for."""
    release = one.paid.release
    if release is None:
        return "", "", ()
    bound = computed.bound
    field = bound.schemas[measure.entity].field(pay_records.key_fields(release)[0])
    key = "" if field is None else field.name
    due = pay_records.due_field(bound, measure, release) or ""
    return key, due, tuple(name for name in (key, due) if name)


def _shown(computed: Computation, measure: Measure) -> list[str]:
    present = computed.bound.schemas[measure.entity].present
    return [name for name in pay_records.SHOWN if name in present]


def _number(row: RecordRow) -> Fraction:
    return Fraction(row.value) if isinstance(row.value, Decimal) else Fraction(0)


def _due(row: RecordRow, field: str, number: Fraction) -> Fraction | None:
    """Return what is to come in for a record: of a shared one for the whole of it."""
    if not field:
        return number if row.whole is None else Fraction(row.whole)
    value = row.fields[field]
    return Fraction(value) if isinstance(value, Decimal) else None


def _place(computed: Computation, measure: Measure, row: RecordRow) -> Place | None:
    """Return where a record without an id is written, as far as lines are known."""
    if not computed.request.ordered or row.fields.get("id") is not None:
        return None
    return computed.dataset.place_of(measure.entity, row.part, row.line)


def _text(row: RecordRow, name: str) -> str | None:
    value = row.fields.get(name)
    return value if isinstance(value, str) else None


def _day(computed: Computation, row: RecordRow) -> date:
    """Return the day of a record on the clock of the company."""
    if isinstance(row.moment, datetime):
        return row.moment.astimezone(computed.bound.zone).date()
    assert row.moment is not None  # noqa: S101  it lies in the period
    return row.moment


def _without_rate(
    computed: Computation, lacking: list[tuple[ByRecord, str, PaidRecord]], books: Books
) -> Iterator[Problem]:
    """Yield for each table of rates the values that it has no rate for, each with how many records
    there are of it and where one of them is."""
    grouped: dict[tuple[str, str], list[PaidRecord]] = {}
    parts = {(card, one.part): one for one, card, _ in lacking}
    for one, card, record in lacking:
        grouped.setdefault((card, one.part), []).append(record)
    for key, records in grouped.items():
        path = (*parts[key].path, "rates")
        counts: dict[str, int] = {}
        for record in records:
            text = ", ".join(value or "—" for value in record.values)
            counts[text] = counts.get(text, 0) + 1
        listed = [f"{text} ({n})" for text, n in sorted(counts.items())]
        more = ["…"] if len(listed) > MOST_VALUES else []
        data = {
            "path": dotted(path),
            "fields": ", ".join(books[key].fields),
            "values": "; ".join([*listed[:MOST_VALUES], *more]),
            "n": len(records),
            "example": records[0].place or records[0].id or "",
        }
        yield Problem("pay.no_rate", computed.bound.place(path, key=True), data)
