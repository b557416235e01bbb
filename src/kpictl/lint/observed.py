"""A period and those before it, measured together: what rules about data look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.app.computation import Computation, ComputeRequest, measure_periods
from kpictl.app.workspace import Workspace
from kpictl.calendar import UnknownYear
from kpictl.errors import UsageError
from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type, refs
from kpictl.measure.query import Measure, Op, Query, RecordQuery, Slice, Tallies
from kpictl.naming import told_apart
from kpictl.people.staff import Person
from kpictl.plan.bound import Bound
from kpictl.plan.typing import parse_over
from kpictl.values import Period, to_decimal

MONTHS = 12
"""How long the history is: so many months, or the whole periods of another kind in them."""
LAST_DAYS = 2  # working days at the end of a period
QUICK = 15  # minutes from created to won
TINY = Fraction(1, 10)  # of the median
FEW_IDS = 10

_FIELDS = frozenset({"id", "created_at", "moved_at", "moved_by", "amount"})
_WON = frozenset({"won", "outcome", "stage", "stage_group"})
_BY_HAND = frozenset({"close_date"})
_DAY = timedelta(days=1)


class Win(Struct, frozen=True):
    """Records that a scored KPI counts as successes. `conditions` are, by name, what is looked for
    among them; `cards` are the scorecards that count them, each with the KPI that does, and
    `counted` those in which it counts records rather than adding up money."""

    key: str
    measure: Measure
    conditions: Mapping[str, Node | None]
    cards: Mapping[str, str]
    counted: frozenset[str] = frozenset()


class Part(Struct, frozen=True):
    """How many records of somebody there are, and what they are worth."""

    n: int
    money: Fraction | None = None


class Observed(Struct, frozen=True):
    """A period (`now`) and those `before` it, the oldest first; `wins` with what was counted of
    them: by key and condition, slice, subject."""

    now: Computation
    before: tuple[Computation, ...]
    wins: tuple[Win, ...] = ()
    tallies: Mapping[str, Tallies] = {}

    @property
    def bound(self) -> Bound:
        return self.now.bound

    @property
    def names(self) -> dict[str, str]:
        """Return what everybody is called who is scored, by subject."""
        several = (p for people in self.now.members.values() for p in people)
        return told_apart(several)

    def count(self, win: Win, condition: str, subject: str, *, tail: bool = False) -> Part:
        """Return what somebody has in this period (or its last days) under a condition."""
        return self._counted(win, condition, subject, (self.now,), tail=tail)

    def usual(self, win: Win, condition: str, subject: str, *, tail: bool = False) -> Part:
        """Return what somebody had in the periods before, all together."""
        return self._counted(win, condition, subject, self.before, tail=tail)

    def _counted(
        self, win: Win, condition: str, subject: str, some: tuple[Computation, ...], *, tail: bool
    ) -> Part:
        n, money = 0, Fraction(0)
        for computed in some:
            slice_id = _tail_id(computed.slice) if tail else computed.slice.id
            n += self._tally(win, f"{condition}.n", slice_id, subject)[0]
            money += self._tally(win, f"{condition}.money", slice_id, subject)[1]
        priced = f"{win.key}.{condition}.money" in self.tallies
        return Part(n, money if priced else None)

    def _tally(self, win: Win, name: str, slice_id: str, subject: str) -> tuple[int, Fraction]:
        tally = self.tallies.get(f"{win.key}.{name}", {}).get(slice_id, {}).get(subject)
        return (0, Fraction(0)) if tally is None else (tally.n, tally.total or Fraction(0))

    def ids(self, win: Win, condition: str, subject: str, *, tail: bool = False) -> str:
        """Return the ids of the records meant, the first few; "" where they have none."""
        if "id" not in self.bound.schemas[win.measure.entity].present:
            return ""
        one_slice = tail_of(self.now) if tail else self.now.slice
        measure = _narrowed(win.measure, win.conditions[condition])
        request = RecordQuery(
            self.now.queries[measure.entity], measure, one_slice, subjects=frozenset({subject}),
            fields=("id",), by_id=True, limit=FEW_IDS + 1,
        )  # fmt: skip
        found = [str(row.fields["id"]) for row in self.now.engine.records(request)]
        more = ["…"] if len(found) > FEW_IDS else []
        return ", ".join([*found[:FEW_IDS], *more])


def observe(workspace: Workspace, request: ComputeRequest) -> Observed:
    """Measure a period and its history in one go. PlanRejected, SourceError or UsageError as a
    computation."""
    bound, period = workspace.bound, request.period
    before = history(bound, period)
    request = replace(request, extra_fields=_FIELDS)
    *earlier, now = measure_periods(workspace, request, (*before, period))
    observed = Observed(now, tuple(earlier))
    wins = tuple(_wins(now))
    return replace(observed, wins=wins, tallies=_tallies(observed, wins)) if wins else observed


def history(bound: Bound, period: Period) -> tuple[Period, ...]:
    """Return the periods of the same kind in the year before, the oldest first, but those in which
    a scorecard changes, or that lie before the years that are computed with."""
    first = date(max(period.first.year - MONTHS // 12, 1), period.first.month, 1)
    found: list[Period] = []
    while True:
        try:
            period = periods.previous(period, bound.zone)
        except (UsageError, ValueError, OverflowError):
            break
        if period.first < first or not periods.in_calendar(period.first, period.last + _DAY):
            break
        if _has_one_plan(bound, period):
            found.append(period)
    return tuple(reversed(found))


def _has_one_plan(bound: Bound, period: Period) -> bool:
    try:
        bound.at(period)
    except UsageError:
        return False
    return True


def tail_of(computed: Computation) -> Slice:
    """Return the last working days of a period as a slice of their own."""
    one_slice = computed.slice
    days = _last_days(computed.bound, one_slice.period)
    period = periods.of_days(days[0], one_slice.period.last + _DAY, computed.bound.zone)
    return replace(one_slice, id=_tail_id(one_slice), period=period)


def _tail_id(one_slice: Slice) -> str:
    return f"{one_slice.id}/end"


def _last_days(bound: Bound, period: Period) -> list[date]:
    """Return the last working days of a period; without a calendar, or in a year that it does not
    know, Monday to Friday."""

    def is_working(day: date) -> bool:
        if bound.calendar is not None:
            try:
                return bound.calendar.is_working(day)
            except UnknownYear:
                pass
        return day.weekday() < 5

    days = (period.last - _DAY * n for n in range((period.last - period.first).days + 1))
    found = [day for _, day in zip(range(LAST_DAYS), filter(is_working, days), strict=False)]
    return sorted(found) or [period.last]


def share_of_days(computed: Computation) -> Fraction:
    """Return which part of a period's days the last ones are, if all are alike."""
    period = computed.slice.period
    return Fraction(LAST_DAYS, max((period.last - period.first).days + 1, LAST_DAYS))


# --- what is counted of successes ------------------------------------------------------------


def _wins(computed: Computation) -> list[Win]:
    """Return the successes that scorecards with an index count, each set of records once."""
    bound = computed.bound
    found: dict[object, Win] = {}
    for card in computed.cards:
        spec = bound.cards[card]
        for kpi in (k for k, entry in spec.kpis.items() if entry.weight and spec.rows == "people"):
            for measure in bound.leaves(kpi):
                if not _is_of_wins(bound, measure):
                    continue
                tree = None if measure.where is None else measure.where.tree
                key = (measure.entity, measure.when, measure.by, tree)
                win = found.get(key) or Win(
                    f"win{len(found)}", measure, _conditions(computed, measure), {}
                )
                counted = {card} if measure.op in (Op.COUNT, Op.DISTINCT) else set()
                found[key] = replace(
                    win, cards={card: kpi, **win.cards}, counted=win.counted | counted
                )
    return list(found.values())


def _is_of_wins(bound: Bound, measure: Measure) -> bool:
    present = bound.schemas[measure.entity].present
    if "won" not in present or measure.where is None:
        return False
    moment = measure.op in (Op.COUNT, Op.SUM, Op.DISTINCT) and not measure.link
    return moment and bool(_WON & set(refs(measure.where.tree)))


def _conditions(computed: Computation, measure: Measure) -> dict[str, Node | None]:
    """Return what is looked for among the records of a measure, as far as their fields tell."""
    bound = computed.bound
    schema, zone = bound.schemas[measure.entity], bound.zone
    found: dict[str, Node | None] = {"all": None}
    timed = schema.present[measure.when].type is Type.DATETIME
    if timed and "created_at" in schema.present and measure.when != "created_at":
        text = f"minutes(created_at, {measure.when}) between 0 and {QUICK}"
        quick, _ = parse_over(schema, text, zone=zone, expect={Type.BOOL})
        found |= {} if quick is None else {"quick": quick.tree}
    if measure.when in _BY_HAND and "moved_at" in schema.present:
        moved, one_slice = Ref("moved_at", Type.DATETIME), computed.slice
        early = Operation("<", (moved, Literal(one_slice.start, Type.DATETIME)), Type.BOOL)
        late = Operation(">=", (moved, Literal(one_slice.period.end, Type.DATETIME)), Type.BOOL)
        found["moved"] = Operation("or", (early, late), Type.BOOL)
    if "moved_by" in schema.present and measure.by in schema.entity.fields:
        owner, mover = Ref(measure.by, Type.TEXT), Ref("moved_by", Type.TEXT)
        found["others"] = Operation("<>", (mover, owner), Type.BOOL)
    if "amount" in schema.present:
        median = _median(computed, measure)
        if median:
            amount = Ref("amount", Type.NUMBER)
            limit = Literal(to_decimal(median * TINY, 2), Type.NUMBER)
            found["tiny"] = Operation("<", (amount, limit), Type.BOOL)
    return found


def _median(computed: Computation, measure: Measure) -> Fraction | None:
    """Return the median amount of all that a measure takes in the period, whoever's."""
    priced = replace(measure, op=Op.QUANTILE, value=_amount(), converted=(), overlay=False)
    query = computed.queries[measure.entity]
    asked = replace(
        query, measures=(priced,), slices=(computed.slice,), groups={"": None}, divisions={}
    )
    tally = computed.engine.answer(asked).groups[priced.name][computed.slice.id].get("")
    return None if tally is None else tally.total


def _amount() -> Expression:
    return Expression("amount", Ref("amount", Type.NUMBER))


def _narrowed(measure: Measure, condition: Node | None) -> Measure:
    """Return the count of those records of a measure that a condition holds for."""
    own = () if measure.where is None else (measure.where.tree,)
    trees = (*own, *(() if condition is None else (condition,)))
    where = None
    if trees:
        tree = trees[0] if len(trees) == 1 else Operation("and", trees, Type.BOOL)
        where = Expression("", tree)
    return replace(
        measure, op=Op.COUNT, value=None, converted=(), where=where, open=None, divided=False
    )


def _tallies(observed: Observed, wins: tuple[Win, ...]) -> dict[str, Tallies]:
    """Count all conditions of all successes in all periods and their last days, an entity at a
    time."""
    several = (*observed.before, observed.now)
    slices = tuple(s for one in several for s in (one.slice, tail_of(one)))
    bound, found = observed.bound, dict[str, Tallies]()
    for entity in dict.fromkeys(win.measure.entity for win in wins):
        measures: list[Measure] = []
        for win in (win for win in wins if win.measure.entity == entity):
            for name, condition in win.conditions.items():
                count = replace(_narrowed(win.measure, condition), kpi=win.key, part=f"{name}.n")
                measures.append(count)
                if "amount" in bound.schemas[entity].present:
                    money = replace(count, op=Op.SUM, value=_amount(), part=f"{name}.money")
                    measures.append(money)
        query: Query = observed.now.queries[entity]
        asked = replace(query, measures=tuple(measures), slices=slices, groups={}, divisions={})
        found |= observed.now.engine.answer(asked).subjects
    return found


def people_of(observed: Observed, win: Win) -> list[tuple[str, str, Person]]:
    """Return who is scored by some successes, each once, with the scorecard and its KPI."""
    found: dict[str, tuple[str, str, Person]] = {}
    for card, kpi in win.cards.items():
        for person in observed.now.members[card]:
            found.setdefault(person.subject, (card, kpi, person))
    return list(found.values())
