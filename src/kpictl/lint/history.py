"""Targets held against what was reached in the year before: out of reach, or no effort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kpictl.errors import Place
from kpictl.lint.base import Remark
from kpictl.lint.observed import Observed
from kpictl.measure.query import order_statistic
from kpictl.naming import few
from kpictl.people.staff import Person
from kpictl.values import VALUE_PLACES, State, to_decimal
from kpictl.values.quantity import Quantity

RARE, COMMON = Fraction(95, 100), Fraction(10, 100)
MEDIAN = Fraction(1, 2)
LEAST_FACTS = 6  # measured facts of people and periods: no percentile of fewer


class Expected(Struct, frozen=True):
    """A target of a KPI as it is written, whose it is, and what these people had before: their
    measured facts in the periods before, ascending."""

    card: str
    kpi: str
    place: Place | None
    target: Decimal
    people: tuple[Person, ...]
    facts: tuple[Fraction, ...]


def target_unreachable(observed: Observed) -> Iterator[Remark]:
    """A target beyond the 95th percentile of what the same people had."""
    for one in _expected(observed):
        if _beats(
            observed, one.kpi, Fraction(one.target), quantile(one.facts, _at(observed, one, RARE))
        ):
            yield _remark(observed, one, RARE)


def target_trivial(observed: Observed) -> Iterator[Remark]:
    """A target that nine in ten results of the same people were better than."""
    for one in _expected(observed):
        if _beats(
            observed, one.kpi, quantile(one.facts, _at(observed, one, COMMON)), Fraction(one.target)
        ):
            yield _remark(observed, one, COMMON)


def quantile(ascending: Sequence[Fraction], position: Fraction) -> Fraction:
    """Return the value at a position (0 to 1) of sorted values, between two in proportion, as the
    kinds `median` and `percentile` do."""
    index, between = order_statistic(position, len(ascending))
    above = ascending[min(index + 1, len(ascending) - 1)]
    return ascending[index] + (above - ascending[index]) * between


def _at(observed: Observed, one: Expected, position: Fraction) -> Fraction:
    """Return the position of the results that are as good: of what is better lower, from above."""
    lower = observed.bound.kind(one.kpi).better == "lower"
    return 1 - position if lower else position


def _beats(observed: Observed, kpi: str, better: Fraction, worse: Fraction) -> bool:
    lower = observed.bound.kind(kpi).better == "lower"
    return better < worse if lower else better > worse


def _expected(observed: Observed) -> Iterator[Expected]:
    """Yield the targets of people that were written for the whole of the period, each once."""
    now, bound = observed.now, observed.bound
    for card in now.cards:
        spec = bound.cards[card]
        for kpi, entry in spec.kpis.items():
            if not entry.weight or entry.level != "person" or spec.rows != "people":
                continue
            groups: dict[tuple[Place | None, Decimal], list[Person]] = {}
            for person in now.members[card]:
                target = now.expected.find(kpi, card, person)
                if target is not None and _is_there(observed, kpi, person):
                    groups.setdefault((target.place, target.value), []).append(person)
            for (place, value), people in groups.items():
                facts = sorted(_facts(observed, kpi, card, {p.subject for p in people}))
                if len(facts) >= LEAST_FACTS:
                    yield Expected(card, kpi, place, value, tuple(people), tuple(facts))


def _is_there(observed: Observed, kpi: str, person: Person) -> bool:
    """Say whether nothing is taken off somebody's target for days that they were away."""
    expected, period = observed.now.expected, observed.now.slice.period
    if not observed.bound.volume(kpi) or expected.roll.is_always_there(person):
        return True
    there = expected.roll.presence(person, period.first, period.last + timedelta(days=1))
    return there.days == there.of


def _facts(observed: Observed, kpi: str, card: str, subjects: set[str]) -> Iterator[Fraction]:
    """Yield what these people had in the periods before in which they were on the scorecard."""
    for before in observed.before:
        if kpi not in before.kpis or before.is_silent((kpi,)):
            continue
        for person in before.members[card]:
            if person.subject in subjects:
                fact = before.facts_of(person.subject)[kpi]
                if fact.state is State.MEASURED and fact.exact is not None:
                    yield fact.exact


def _remark(observed: Observed, one: Expected, position: Fraction) -> Remark:
    bound = observed.bound
    unit, currency = bound.kind(one.kpi).shown_unit, bound.plan.company.currency or ""
    unit = "" if unit == "money" and not currency else unit

    def shown(value: Fraction | Decimal) -> Quantity:
        return Quantity(to_decimal(value, VALUE_PLACES), unit, currency)

    target = Fraction(one.target)
    missed = sum(1 for fact in one.facts if _beats(observed, one.kpi, target, fact))
    names = [observed.names[person.subject] for person in one.people]
    data = {
        "kpi": bound.label(one.kpi),
        "names": few(names),
        "target": shown(target),
        "reached": len(one.facts) - missed,
        "facts": len(one.facts),
        "periods": len(observed.before),
        "bound": shown(quantile(one.facts, _at(observed, one, position))),
        "median": shown(quantile(one.facts, MEDIAN)),
    }
    place = one.place or bound.place(("scorecards", one.card, "kpis", one.kpi), key=True)
    return Remark(place, data, one.card)
