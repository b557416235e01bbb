"""Two KPIs that a plan asserts to be equal, held against each other: figures, and record by record.

Figures are compared exactly, in fractions. Where records are matched, differences do not cancel
out: those of all keys are added up without their signs and held against the tolerance. Several
records of one key (instalments of a deal) are one figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.expressions import Literal, Node, Operation, Ref, Type
from kpictl.measure.query import ALL, GroupId, Measure, Reason, RecordQuery, RecordRow
from kpictl.naming import fold, told_apart
from kpictl.plan.asserts import matched_measure
from kpictl.scoring import units
from kpictl.scoring.target_context import group_of_person
from kpictl.values import VALUE_PLACES, Fact, State, SubjectId, to_decimal
from kpictl.values.readiness import Assertion, Elsewhere, Pair, Reconciliation

if TYPE_CHECKING:
    from kpictl.app.computation import Computation
    from kpictl.plan.asserts import Assert

SOUGHT = 500
"""Of so many keys without a partner it is looked for elsewhere; the largest differences first."""
Key = tuple[str, ...] | None


def assertion(computed: Computation, name: str) -> Assertion:
    """Hold both sides of an assertion of the plan against each other, for all whom it is of."""
    bound, spec = computed.bound, computed.bound.plan.asserts[name]
    return Assertion(
        kpi=spec.kpi,
        equals=spec.equals,
        kpi_label=bound.label(spec.kpi),
        equals_label=bound.label(spec.equals),
        unit=bound.kind(spec.kpi).shown_unit,
        of=spec.of,
        tolerance=str(spec.tolerance),
        by_records=bool(spec.match),
        reconciliations=tuple(_reconciled(computed, spec, one) for one in _whose(computed, spec)),
    )


class _Whose(Struct, frozen=True):
    """Whose figures are compared: those of a group, or of one subject; `subjects` are whose records
    these are, None for everybody's, also nobody's."""

    id: str
    name: str
    subjects: frozenset[SubjectId | None] | None
    group: GroupId | None = None

    def facts(self, computed: Computation) -> Mapping[str, Fact]:
        if self.group is not None:
            return computed.group_facts(self.group)
        assert self.subjects is not None  # noqa: S101  only a group is everybody's
        (only,) = self.subjects
        assert only is not None  # noqa: S101
        return computed.facts_of(only)


def _whose(computed: Computation, spec: Assert) -> Iterator[_Whose]:
    """Yield the company, or each scorecard (or everybody in one) that has the KPI; of an assertion
    about a KPI that none has, all of them."""
    if spec.of == "company":
        yield _Whose("", "", None, ALL)
        return
    cards = tuple(c for c in computed.cards if spec.kpi in computed.bound.cards[c].kpis)
    cards = cards or computed.cards
    if spec.of == "scorecard":
        for card in cards:
            held = computed.bound.cards[card]
            inside = units.subjects_of_card(held, computed.members[card], computed.subjects)
            yield _Whose(card, held.label or card, frozenset(inside), card)
        return
    scored = {p.id for card in cards for p in computed.members[card]}
    people = [p for p in computed.subjects.people() if p.id in scored]
    names = told_apart(people)
    for person in sorted(people, key=lambda p: (fold(p.name), p.subject)):
        posts = frozenset[SubjectId | None](post.subject for post in person.posts())
        group = group_of_person(person.id) if len(posts) > 1 else None
        yield _Whose(person.id, names[person.subject], posts, group)


def _reconciled(computed: Computation, spec: Assert, whose: _Whose) -> Reconciliation:
    facts = whose.facts(computed)
    first, second = facts[spec.kpi], facts[spec.equals]
    if first.state is not State.MEASURED or second.state is not State.MEASURED:
        return Reconciliation(first.value, second.value, agrees=False, id=whose.id, name=whose.name)
    ours, theirs = first.exact or Fraction(0), second.exact or Fraction(0)
    agrees = spec.tolerance.allows(ours - theirs, theirs)
    found = Reconciliation(first.value, second.value, agrees, whose.id, whose.name)
    if not spec.match:
        return found
    piles = [_piles(computed, side.kpi, side.fields, whose) for side in spec.sides]
    pairs, apart, matched = _pairs(*piles)
    return replace(
        found,
        agrees=spec.tolerance.allows(apart, theirs),
        matched=matched,
        pairs=tuple(_sought(computed, spec, pairs)),
    )


# --- record by record --------------------------------------------------------------------------


class _Pile(Struct):
    """The records of one key on one side: their number together, their ids or places, and the key
    as it is first written."""

    written: Key
    total: Fraction = Fraction(0)
    ids: list[str] = []


def _piles(
    computed: Computation, kpi: str, names: Sequence[str], whose: _Whose
) -> dict[Key, _Pile]:
    """Return the records that a KPI counts, by their key."""
    measure = _measure(computed, kpi)
    own = _own_fields(computed, measure, names)
    piles: dict[Key, _Pile] = {}
    for row in computed.engine.records(_request(computed, measure, own, whose)):
        if measure.value is not None and row.value is None:
            continue  # nothing to add up: the number leaves it out, too
        written = _key(row, own)
        pile = piles.setdefault(_folded(written), _Pile(written))
        pile.total += _number(row)
        pile.ids.append(_id(computed, measure, row))
    return piles


def _measure(computed: Computation, kpi: str) -> Measure:
    measure = matched_measure(computed.bound, kpi)
    assert measure is not None  # noqa: S101  the plan is checked
    return measure


def _own_fields(computed: Computation, measure: Measure, names: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of a measure's records that the plan calls so."""
    found = (computed.bound.schemas[measure.entity].field(name) for name in names)
    return tuple(one.name for one in found if one is not None)


def _request(
    computed: Computation, measure: Measure, own: tuple[str, ...], whose: _Whose
) -> RecordQuery:
    present = computed.bound.schemas[measure.entity].present
    wanted = tuple(dict.fromkeys((*own, *(["id"] if "id" in present else []))))
    return RecordQuery(
        computed.queries[measure.entity], measure, computed.slice,
        subjects=whose.subjects, fields=wanted, lines=True,
    )  # fmt: skip


def _key(row: RecordRow, own: tuple[str, ...]) -> Key:
    """Return what is written in the fields of a record; None where any of them is empty."""
    values = [row.fields[name] for name in own]
    texts = tuple(_text(value) for value in values if value is not None)
    return texts if len(texts) == len(own) and all(texts) else None


def _text(value: object) -> str:
    """Return a value as text, the number 7.0 as 7 and a moment as its day and time."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value).strip()


def _folded(key: Key) -> Key:
    return None if key is None else tuple(map(fold, key))


def _number(row: RecordRow) -> Fraction:
    """Return what a record gives to the number: of one that is only counted, one or its share."""
    if isinstance(row.value, Decimal):
        return Fraction(row.value)
    return Fraction(1) if row.share is None else row.share


def _id(computed: Computation, measure: Measure, row: RecordRow) -> str:
    if row.fields.get("id") is not None:
        return str(row.fields["id"])
    place = computed.dataset.place_of(measure.entity, row.part, row.line)
    return str(place or "–")


def _pairs(
    first: Mapping[Key, _Pile], second: Mapping[Key, _Pile]
) -> tuple[list[Pair], Fraction, int]:
    """Return what does not agree, the largest difference first; all differences together without
    their signs; and how many keys agree. Records without a key have no partner."""
    pairs: list[tuple[Fraction, Pair]] = []
    apart, matched = Fraction(0), 0
    for key in dict.fromkeys((*first, *second)):
        ours, theirs = first.get(key), second.get(key)
        if key is not None and ours and theirs and ours.total == theirs.total:
            matched += 1
            continue
        sides = [(ours, theirs)] if key is not None else [(ours, None), (None, theirs)]
        for mine, others in sides:
            if mine is not None or others is not None:
                size = abs(_total(mine) - _total(others))
                apart += size
                pairs.append((size, _pair(mine, others)))
    pairs.sort(key=lambda one: (-one[0], one[1].key or ()))
    return [pair for _, pair in pairs], apart, matched


def _total(pile: _Pile | None) -> Fraction:
    return Fraction(0) if pile is None else pile.total


def _pair(ours: _Pile | None, theirs: _Pile | None) -> Pair:
    of = ours or theirs
    assert of is not None  # noqa: S101  a pair is of records
    return Pair(
        key=of.written,
        side="both" if ours and theirs else "kpi" if ours else "equals",
        kpi=None if ours is None else to_decimal(ours.total, VALUE_PLACES),
        equals=None if theirs is None else to_decimal(theirs.total, VALUE_PLACES),
        kpi_ids=() if ours is None else tuple(ours.ids),
        equals_ids=() if theirs is None else tuple(theirs.ids),
    )


# --- where a partner is, that does not count -----------------------------------------------------


def _sought(computed: Computation, spec: Assert, pairs: Sequence[Pair]) -> list[Pair]:
    """Say of records without a partner where there is one that does not count, and why it does
    not."""
    found = list(pairs)
    for side, other in (("kpi", spec.sides[1]), ("equals", spec.sides[0])):
        alone = [n for n, p in enumerate(found) if p.side == side and p.key is not None][:SOUGHT]
        if not alone:
            continue
        measure = _measure(computed, other.kpi)
        keys = [key for n in alone if (key := found[n].key) is not None]
        seen = _elsewhere(computed, measure, _own_fields(computed, measure, other.fields), keys)
        for n in alone:
            if (place := seen.get(_folded(found[n].key))) is not None:
                found[n] = replace(found[n], elsewhere=place[0], moment=place[1])
    return found


def _elsewhere(
    computed: Computation, measure: Measure, own: tuple[str, ...], keys: Sequence[tuple[str, ...]]
) -> dict[Key, tuple[Elsewhere, date | datetime | None]]:
    """Return where keys stand in records that a measure does not count, whoever's these are."""
    request = _request(computed, measure, own, _Whose("", "", None, ALL))
    request = replace(request, only=_has_key(computed, measure, own[0], keys))
    found: dict[Key, tuple[Elsewhere, date | datetime | None]] = {}
    reasons: list[tuple[Elsewhere, Reason]] = [
        ("after", "after"), ("before", "before"), ("no_date", "no_date"),
    ]  # fmt: skip
    if measure.where is not None:
        reasons.append(("fails", "fails"))
    for place, reason in reasons:
        failing = measure.where.tree if measure.where and reason == "fails" else None
        for row in computed.engine.records(replace(request, reason=reason, failing=failing)):
            moment = row.moment
            if isinstance(moment, datetime):
                moment = moment.astimezone(computed.bound.zone)
            found.setdefault(_folded(_key(row, own)), (place, moment))
    return found


def _has_key(
    computed: Computation, measure: Measure, name: str, keys: Sequence[tuple[str, ...]]
) -> Node:
    """Return the condition that a field holds the first part of any of some keys."""
    kind = computed.bound.schemas[measure.entity].present[name].type
    texts, ref = list(dict.fromkeys(key[0] for key in keys)), Ref(name, kind)
    values = [_literal(text, kind) for text in texts]
    known = [value for value in values if value is not None]
    if known:
        return Operation("in", (ref, *known), Type.BOOL)
    return Operation("not", (Operation("is_null", (ref,), Type.BOOL),), Type.BOOL)


def _literal(text: str, kind: Type) -> Literal | None:
    """Return a key of the other side as a value of a field of this kind, if it can be one."""
    if kind is Type.TEXT:
        return Literal(text, kind)
    number = re.fullmatch(r"-?[0-9]{1,28}(\.[0-9]{1,10})?", text) if kind is Type.NUMBER else None
    return None if number is None else Literal(Decimal(text), kind)
