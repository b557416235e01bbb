"""What one more typical record would change for somebody: the index, and the pay.

The typical record is the median of the person's own: nothing of colleagues is in it. It is added to
the tallies of every measure that would take it (the same records, on the same day, under the same
condition), and the row is scored again; ranks, pools and funds stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.measure.facts import Facts
from kpictl.measure.query import Answer, Measure, Op, RecordQuery, Tally
from kpictl.scoring import scorecards
from kpictl.values import VALUE_PLACES, to_decimal, to_money
from kpictl.values.card import OneMore

if TYPE_CHECKING:
    from kpictl.app.computation import Computation
    from kpictl.people.staff import Person
    from kpictl.plan.pay import BonusPart
    from kpictl.values import Row

LEAST = 3
"""Records without which nothing is typical."""


def one_more(
    computed: Computation, card: str, person: Person, row: Row, rows: tuple[Row, ...]
) -> OneMore | None:
    """Return what one more typical record would change; None where there is no such thing: without
    an index, a volume on the scorecard, or enough records."""
    if row.index is None:
        return None
    for kpi, measure in _volumes(computed, card):
        values = _values(computed, measure, person)
        if len(values) < LEAST:
            continue
        typical = None if measure.op is Op.COUNT else median(values)
        changed = replace(computed, facts=_with_one_more(computed, measure, typical, person))
        then = replace(scorecards.row_of(changed, card, person), rank=row.rank)
        index = then.index
        if index is None:
            return None
        return OneMore(
            kpi=kpi,
            entity=measure.entity,
            n=len(values),
            index=index,
            index_gain=index - row.index,
            amount=None if typical is None else to_decimal(typical, VALUE_PLACES),
            pay=_pay_gain((computed, row), (changed, then), (card, person, rows)),
        )
    return None


def _volumes(computed: Computation, card: str) -> Iterator[tuple[str, Measure]]:
    """Yield the KPIs of a scorecard that one more record is more of: sums first, by weight. An
    average is added up, too, and has no more of anything; what people type comes as it comes."""
    bound = computed.bound
    entries = bound.cards[card].kpis
    for op in (Op.SUM, Op.COUNT):
        for kpi, entry in sorted(entries.items(), key=lambda item: -item[1].weight):
            measures = bound.measures[kpi]
            own = entry.level == "person" and bound.kind(kpi).better == "higher"
            if not own or not bound.volume(kpi) or len(measures) != 1:
                continue
            if measures[0].op is op and not bound.schemas[measures[0].entity].told:
                yield kpi, measures[0]


def _values(computed: Computation, measure: Measure, person: Person) -> list[Fraction]:
    """Return the numbers of the person's records of a measure; of one that counts, ones."""
    query, whose = computed.queries[measure.entity], frozenset({person.subject})
    request = RecordQuery(query, measure, computed.slice, subjects=whose)
    if measure.op is Op.COUNT:
        return [Fraction(1)] * computed.engine.count(request)
    rows = computed.engine.records(request)
    return [Fraction(row.value) for row in rows if isinstance(row.value, Decimal)]


def _with_one_more(
    computed: Computation, typical_of: Measure, typical: Fraction | None, person: Person
) -> Facts:
    facts, part = computed.facts, computed.slice.id
    answers: dict[str, Answer] = dict(facts.answers)
    answer = answers[typical_of.entity]
    subjects = {name: dict(by_slice) for name, by_slice in answer.subjects.items()}
    for measure in computed.bound.all_measures:
        if measure.name not in subjects or not _takes(measure, typical_of):
            continue
        of_slice = dict(subjects[measure.name][part])
        tally = of_slice.get(person.subject, Tally(0, Fraction(0)))
        of_slice[person.subject] = _one_more(measure, typical_of, tally, typical)
        subjects[measure.name][part] = of_slice
    answers[typical_of.entity] = replace(answer, subjects=subjects)
    return replace(facts, answers=answers)


def _takes(measure: Measure, typical_of: Measure) -> bool:
    """Say whether a measure counts just the records that another one counts."""
    same = (measure.entity, measure.when, measure.by) == (
        typical_of.entity, typical_of.when, typical_of.by,
    )  # fmt: skip
    return same and _text(measure) == _text(typical_of)


def _text(measure: Measure) -> str:
    return "" if measure.where is None else measure.where.text.strip()


def _one_more(
    measure: Measure, typical_of: Measure, tally: Tally, typical: Fraction | None
) -> Tally:
    total = tally.total or Fraction(0)
    if measure.op is Op.COUNT:
        return replace(tally, n=tally.n + 1, total=total + 1)
    alike = measure.value is not None and measure.value == typical_of.value
    if measure.op is Op.SUM and alike and typical is not None:
        return replace(tally, n=tally.n + 1, total=total + typical)
    return tally


def _is_apart(part: BonusPart) -> bool:
    """Say whether a part depends on others, or on more of a record than its number."""
    paid = (part.commission, part.piece)
    by_record = any(one is not None and (one.rates or one.release) for one in paid)
    return part.pool is not None or by_record


def _pay_gain(
    now: tuple[Computation, Row],
    then: tuple[Computation, Row],
    whose: tuple[str, Person, tuple[Row, ...]],
) -> Decimal | None:
    """Return by how much more would be paid; None where there is no pay, or where it depends on
    others too (a fund, a pool), on what was paid before, or on further fields of the record."""
    computed, (card, person, rows) = now[0], whose
    bonus = computed.bound.cards[card].bonus
    if not computed.request.pay or bonus is None or bonus.fund or bonus.accumulate:
        return None
    if any(_is_apart(part) for part in bonus.each.values()):
        return None
    from kpictl.pay.line import line
    from kpictl.pay.payee import Crew, Payee

    payees = (Payee(Crew(c, card, rows), person, row) for c, row in (now, then))
    earned = [line(payee, bonus, {}).earned for payee in payees]
    before, after = earned
    return None if before is None or after is None else to_money(after - before)
