"""Records that count nowhere, and why: nobody's, undated, without a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpictl import units
from kpictl.attribution import members
from kpictl.expressions import Literal, Node, Operation, Ref, Type
from kpictl.naming import FEW, told_apart
from kpictl.people import Person
from kpictl.plan.bound import Bound
from kpictl.query import NOBODY, UNKNOWN, Measure, Op, Owners, Reason, RecordQuery, Slice
from kpictl.values import VALUE_PLACES, Account, LeftOut, Named, SubjectId, to_decimal

if TYPE_CHECKING:
    from kpictl.computation import Computation

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
        yield from _nobodys(computed, kpi, measure)
    if computed.facts.undated(measure) and (undated := _undated(computed, kpi, measure)):
        yield _line(computed, kpi, measure, "no_date", undated)
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


def _nobodys(computed: Computation, kpi: str, measure: Measure) -> Iterator[LeftOut]:
    """Records of no owner, and of owners who are in no scorecard that has this KPI."""
    tallies = computed.facts.subjects(measure, computed.slice.id)
    scored = _scored(computed, kpi)
    none = tallies.get(None)
    if none is not None:
        yield _line(computed, kpi, measure, "no_owner", none.n + none.no_value, none.total)
    others = {
        s: t for s, t in tallies.items() if s is not None and scored is not None and s not in scored
    }
    if not others:
        return
    count = sum(t.n + t.no_value for t in others.values())
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
    return members(computed.bound, card, computed.subjects, computed.job.period)


def _unscored(computed: Computation, kpi: str, measure: Measure) -> frozenset[SubjectId]:
    """Return the owners, strangers among them, who are in no scorecard that shows a KPI."""
    held = [own for several in _owners(computed, measure).values() for own in several]
    owners = {subject for own in held for subject in own.subjects}
    return frozenset({*owners, UNKNOWN} - (_scored(computed, kpi) or set()))


def _owners(computed: Computation, measure: Measure) -> Owners:
    return computed.queries[measure.entity].owners[measure.by]


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


# Dates that only what is over has, and how it is known to be over.
_CLOSING = frozenset({"closed_at", "close_date"})
_OVER = {
    "outcome": ("won", "lost", "converted", "junk"),
    "status": ("completed", "supposedly_completed", "declined"),
}
# The same in a table of the plan's own, where only the name can tell.
_CLOSING_NAME = re.compile(
    r"clos|resol|finish|complet|solved|ended|закры|заверш|реш[её]н|окончан|выполнен", re.IGNORECASE
)


# What a table of the plan's own calls the moment from which on a record is there.
_MADE_NAME = re.compile(r"creat|opened|raised|registered|созда|открыт|завед|регистр", re.IGNORECASE)


def fields_of_undated(bound: Bound, measure: Measure) -> frozenset[str]:
    """Return the fields that tell of a record without a date whether it would count if it had one:
    whether it is over, and since when it is there."""
    told = (_tells_over(bound, measure), _tells_made(bound, measure))
    return frozenset(name for name in told if name is not None)


def _tells_over(bound: Bound, measure: Measure) -> str | None:
    """Return the field that tells of a record without a date of closing whether it is over."""
    schema = bound.schemas[measure.entity]
    if not schema.entity.known or measure.when not in _CLOSING:
        return None
    present = schema.present
    # Where only what the plan reads is there: the stage for a date that is made of it.
    source = bound.plan.sources.get(schema.source)
    only = source is not None and source.brings_only_needed
    if only and not present[measure.when].derived:
        return None
    return next((n for n in _OVER if n in present and present[n].type is Type.TEXT), None)


def _tells_made(bound: Bound, measure: Measure) -> str | None:
    """Return the field of the moment when a record was made, where there is one and no more."""
    schema = bound.schemas[measure.entity]
    known = schema.entity.known
    found = [
        name
        for name, described in schema.present.items()
        if described.type in (Type.DATE, Type.DATETIME)
        and described.kind != "month"
        and not (described.derived or described.inherited)
        and name not in schema.looked_up
        and (name == "created_at" if known else _MADE_NAME.search(name))
    ]
    return found[0] if len(found) == 1 and found[0] != measure.when else None


def request(computed: Computation, kpi: str, measure: Measure, reason: str) -> RecordQuery | None:
    """Return the question for the records that a reason leaves out of everybody's number; None
    where there can be none."""
    query = computed.queries[measure.entity]
    asked = RecordQuery(query, measure, computed.slice)
    if reason == "no_date":
        bound = computed.bound
        known = bound.schemas[measure.entity].entity.known
        if not known and measure.where is None and _CLOSING_NAME.search(measure.when):
            return None
        return replace(asked, reason="no_date", only=_would_count(computed, measure))
    if reason == "unknown_owner":
        return replace(asked, subjects=_unscored(computed, kpi, measure))
    return replace(asked, reason=_MEANT.get(reason, "no_value"))


_MEANT: dict[str, Reason] = {"no_owner": "no_owner", "no_rate": "no_rate"}


def _would_count(computed: Computation, measure: Measure) -> Node | None:
    """Return the condition that a record without a date would count if it had one: an open one has
    no date of closing, and what was made after the slice can have none within it."""
    bound = computed.bound
    tests: list[Node] = []
    if (name := _tells_over(bound, measure)) is not None:
        over = (Literal(word, Type.TEXT) for word in _OVER[name])
        tests.append(Operation("in", (Ref(name, Type.TEXT), *over), Type.BOOL))
    if (name := _tells_made(bound, measure)) is not None:
        made = Ref(name, bound.schemas[measure.entity].present[name].type)
        tests.append(_none_or_before(made, computed.slice, bound.zone))
    return Operation("and", tuple(tests), Type.BOOL) if tests else None


def _none_or_before(made: Ref, part: Slice, zone: ZoneInfo) -> Node:
    end = part.end_day(zone) if made.type is Type.DATE else part.end
    before = Operation("<", (made, Literal(end, made.type)), Type.BOOL)
    return Operation("or", (Operation("is_null", (made,), Type.BOOL), before), Type.BOOL)
