"""Records that count nowhere, and why: nobody's, undated, without a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.measure import undated
from kpictl.measure.query import NOBODY, UNKNOWN, Measure, Op, Ownership, Reason, RecordQuery
from kpictl.naming import FEW, told_apart
from kpictl.people.attribution import members
from kpictl.people.staff import Person
from kpictl.scoring import units
from kpictl.values import VALUE_PLACES, Account, LeftOut, Named, SubjectId, to_decimal

if TYPE_CHECKING:
    from kpictl.app.computation import Computation

IDS = 5


def collect(computed: Computation) -> tuple[LeftOut, ...]:
    """Return what each shown KPI leaves out, in the plan's order."""
    found: list[LeftOut] = []
    for kpi in computed.kpis:
        for measure in computed.bound.measures[kpi]:
            found.extend(of_measure(computed, kpi, measure))
    return tuple(dict.fromkeys(found))


def of_measure(computed: Computation, kpi: str, measure: Measure) -> Iterator[LeftOut]:
    """Yield what one measure of a KPI leaves out."""
    if measure.by != NOBODY:
        yield from _unattributed(computed, kpi, measure)
    if computed.facts.undated(measure) and (count := _undated(computed, kpi, measure)):
        yield _line(computed, kpi, measure, "no_date", count)
    if measure.value is None:
        return
    tallies = computed.facts.subjects(measure, computed.slice.id).values()
    no_rate = sum(t.no_rate for t in tallies)
    no_value = sum(t.no_value for t in tallies) - no_rate
    if no_rate:
        yield _line(computed, kpi, measure, "no_rate", no_rate)
    if no_value:
        reason = _without_value(computed, kpi, measure)
        yield _line(computed, kpi, measure, reason, no_value)


def _without_value(computed: Computation, kpi: str, measure: Measure) -> str:
    if measure.op is Op.DISTINCT:
        named = measure.value is not None and measure.value.text.strip() == "client_id"
        return "no_client" if named else "no_value"
    return "no_amount" if computed.bound.kind(kpi).shown_unit == "money" else "no_value"


def _unattributed(computed: Computation, kpi: str, measure: Measure) -> Iterator[LeftOut]:
    """Records of no owner, and of owners who are in no scorecard that has this KPI."""
    tallies = computed.facts.subjects(measure, computed.slice.id)
    scored = _scored(computed, kpi)
    none = tallies.get(None)
    if none is not None:
        yield _line(computed, kpi, measure, "no_owner", none.n + none.no_value, none.total)
    if scored is None or not tallies.keys() - scored - {None}:
        return
    unscored = _unscored(computed, measure, scored)
    others = {s: t for s, t in tallies.items() if s in unscored}
    if not others:
        return
    count = sum(t.n + t.no_value for t in others.values())
    if any(own.parts for own in _held(computed, measure)):  # each once, whoever shares it
        query = computed.queries[measure.entity]
        asked = RecordQuery(query, measure, computed.slice, subjects=unscored)
        count = computed.engine.count(asked)
    totals = [t.total for t in others.values() if t.total is not None]
    total = sum(totals, Fraction(0)) if measure.op is Op.SUM else None
    names = _names(computed, measure, set(others))
    line = _line(computed, kpi, measure, "unknown_owner", count, total)
    yield replace(line, names=tuple(names[:FEW]), more=max(len(names) - FEW, 0))


def _scored(computed: Computation, kpi: str) -> set[str] | None:
    """Return the subjects of the scorecards that show a KPI (or one made of it)."""
    bound = computed.bound

    def uses(shown: str) -> bool:
        return shown == kpi or any(uses(need) for need in bound.kind(shown).needs())

    cards = [c for c, spec in bound.cards.items() if any(uses(k) for k in spec.kpis)]
    if not cards:
        return None
    return {
        subject
        for c in cards
        for subject in units.subjects_of_card(
            bound.cards[c], _people(computed, c), computed.subjects
        )
    }


def _people(computed: Computation, card: str) -> Sequence[Person]:
    """Return the people of a scorecard, also of one that is not computed: its people's records are
    left out of nothing."""
    if card in computed.members:
        return computed.members[card]
    return members(computed.bound, card, computed.subjects, computed.period)


def _unscored(
    computed: Computation, measure: Measure, scored: AbstractSet[SubjectId]
) -> frozenset[SubjectId]:
    """Return the owners, strangers among them, who are none of those `scored`, and have no other
    post that is by the same records."""
    held = _held(computed, measure)
    owners = {subject for own in held for subject in own.subjects}
    shared = [own for own in held if own.parts]
    person_of = {p.subject: p.id for p in computed.subjects.posts()} if shared else {}
    beside = {
        subject
        for own in shared
        for subject in own.subjects
        if any(s in scored and person_of.get(s) == person_of.get(subject) for s in own.subjects)
    }
    return frozenset({*owners, UNKNOWN} - scored - beside)


def _held(computed: Computation, measure: Measure) -> list[Ownership]:
    """Return whose the records of a measure are, under all texts that name owners."""
    owners = computed.queries[measure.entity].owners[measure.by]
    return [own for several in owners.values() for own in several]


def _names(computed: Computation, measure: Measure, others: set[str]) -> list[Named]:
    """Return whose records those of other subjects are, by name; users without a name last."""
    known = told_apart(computed.subjects.posts())
    names: list[Named] = [known.get(s, s) for s in others if s != UNKNOWN]
    return in_order([*names, *(strangers(computed, measure) if UNKNOWN in others else [])])


def strangers(computed: Computation, measure: Measure) -> list[Named]:
    """Return the owners in all records of a measure's entity who are nobody that is known."""
    owners, subjects = (measure.entity, measure.by), computed.subjects
    unknown = set(subjects.texts[owners]) - set(subjects.maps[owners])
    return in_order(subjects.called(owners, one) for one in unknown)


def in_order(names: Iterable[Named]) -> list[Named]:
    """Return names in their order, and after them users without one by their numbers."""
    several = list(names)
    accounts = (one.id for one in several if isinstance(one, Account))
    by_number = sorted(accounts, key=lambda number: (len(number), number))
    return [*sorted(n for n in several if isinstance(n, str)), *map(Account, by_number)]


def _line(  # noqa: PLR0913  one line of the report is made of just these
    computed: Computation,
    kpi: str,
    measure: Measure,
    reason: str,
    count: int,
    total: Fraction | None = None,
) -> LeftOut:
    money = computed.bound.kind(kpi).shown_unit == "money" and measure.op is Op.SUM
    amount = to_decimal(total, VALUE_PLACES) if money and total is not None else None
    ids = _ids(computed, kpi, measure, reason)
    return LeftOut(kpi, measure.entity, reason, count, amount, ids)


def _ids(computed: Computation, kpi: str, measure: Measure, reason: str) -> tuple[str, ...]:
    """Return the first few records, where the entity has ids and the reason is a condition."""
    if reason == "unknown_owner" or "id" not in computed.bound.schemas[measure.entity].present:
        return ()
    asked = request(computed, kpi, measure, reason)
    if asked is None:
        return ()
    rows = computed.engine.records(replace(asked, fields=("id",), by_id=True, limit=IDS))
    return tuple(str(row.fields["id"]) for row in rows)


def _undated(computed: Computation, kpi: str, measure: Measure) -> int:
    asked = request(computed, kpi, measure, "no_date")
    return 0 if asked is None else computed.engine.count(asked)


def request(computed: Computation, kpi: str, measure: Measure, reason: str) -> RecordQuery | None:
    """Return the question for the records that a reason leaves out of everybody's number; None
    where there can be none."""
    query = computed.queries[measure.entity]
    asked = RecordQuery(query, measure, computed.slice)
    if reason == "no_date":
        if undated.needs_no_date(computed.bound, measure):
            return None
        only = undated.would_count(computed.bound, measure, computed.slice)
        return replace(asked, reason="no_date", only=only)
    if reason == "unknown_owner":
        scored = _scored(computed, kpi) or set()
        return replace(asked, subjects=_unscored(computed, measure, scored))
    return replace(asked, reason=_MEANT.get(reason, "no_value"))


_MEANT: dict[str, Reason] = {"no_owner": "no_owner", "no_rate": "no_rate"}
