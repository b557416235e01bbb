"""The question that an engine answers, and the answer: the same words for every engine.

A query asks one entity, in one pass, for all measures that anybody needs of it. It says nothing of
files or SQL; `Tables` says where an engine finds the entities.

Three words say that nobody is meant: `NOBODY` is the owner field of a measure that has none (its
records are the company's); the subject of a record without an owner is None, and that of one whose
owner's name is nobody's who is known is `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.calendar.timeline import WorkTime
from kpictl.expressions import Expression, Node, Type
from kpictl.expressions.context import Context, WorkTable
from kpictl.values import Period, SubjectId

Value = str | Decimal | bool | date | datetime | None
NOBODY = ""
"""The `by` of a measure that has no owners: its records are the company's alone."""


class Op(StrEnum):
    """What is made of the records that a measure counts.

    COUNT counts records, DISTINCT different non-null values, SUM MIN MAX work on non-null values,
    QUANTILE brings two neighbouring order statistics (median, percentile), SPREAD the sum and the
    sum of the squares (standard deviation), LINKED counts the records that a linked record of
    another entity follows.
    """

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    QUANTILE = "quantile"
    SPREAD = "spread"
    LINKED = "linked"


class Link(Struct, frozen=True):
    """Records of `entity` that point to the measured record by their field `via`.

    A measured record is a hit when at least one linked record satisfies `where`, has its moment
    `when` not before the record's own, less than `within` seconds after it, and before `as_of`. A
    moment at the very start of a day is taken for the day, which is not before any moment in it.
    `by` is the field that names the owner of a linked record, where its condition asks when they
    work; else nobody.
    """

    entity: str
    via: str
    where: Expression | None
    when: str
    within: int
    by: str = NOBODY


class Measure(Struct, frozen=True):
    """One number asked of an entity, for each subject that `by` names (`NOBODY`: for none).

    It is a `part` of a KPI: its `value`, or of a quotient the `base` and the `hits`. `when` is the
    field whose moment must lie in the period; `position` is the share (0 to 1) at which QUANTILE
    takes its order statistic. `converted` names the money fields whose absence means a missing rate
    where the amount as it was written is there (`expressions.money`). `monthly` are records of
    whole months, dated by a first day: they lie in the periods that hold the month, or all `months`
    of a quarter, half or year.
    `open` is the condition that a record is unanswered and counts with the time it has waited. Of a
    record that several share each has the part by the share of a `divided` one, and of any other
    the whole; an `overlay` one is of people alone, and of no group.
    """

    kpi: str
    part: str
    entity: str
    op: Op
    when: str
    by: str
    value: Expression | None = None
    where: Expression | None = None
    position: Fraction = Fraction(1, 2)
    link: Link | None = None
    converted: tuple[str, ...] = ()
    monthly: bool = False
    months: int = 1
    open: Expression | None = None
    divided: bool = False
    overlay: bool = False

    @property
    def name(self) -> str:
        """Return what tells the measure from all others of a plan."""
        return f"{self.kpi}.{self.part}"


class Tally(Struct, frozen=True):
    """What a measure came to for one subject or group.

    `n` is the number of records with a value, `total` the number asked for (count, sum, …; None
    when there is nothing to take it of), `no_value` the records that counted but had no value,
    `no_rate` those of them that lack a currency rate. Of SPREAD `squares` is the sum of squares.
    """

    n: int = 0
    total: Fraction | None = None
    no_value: int = 0
    no_rate: int = 0
    immature: int = 0
    squares: Fraction | None = None
    open: int = 0


GroupId = str
SliceId = str


class Slice(Struct, frozen=True):
    """A stretch of time that is measured, as it was known at `as_of`; `id` names it in answers.

    Records count whose moment lies in the period and before `as_of`; successes of conversions
    before `as_of`. `horizon` is the last moment that the data reach, from which on an unconverted
    record is not yet decided. Slices may overlap: a month, its quarter, the year to date.
    """

    id: SliceId
    period: Period
    as_of: datetime
    horizon: datetime

    @property
    def start(self) -> datetime:
        """Return the first instant that counts."""
        return self.period.start

    @property
    def end(self) -> datetime:
        """Return the instant before which records count."""
        return min(self.period.end, self.as_of)

    def end_day(self, zone: ZoneInfo) -> date:
        """Return the first calendar day that does not count: one whose start is not before."""
        local = self.end.astimezone(zone)
        midnight = local.time() == time.min
        return local.date() if midnight else local.date() + timedelta(days=1)

    def days(self, zone: ZoneInfo) -> tuple[date, date]:
        """Return the calendar days that count, half-open; empty where the second is not later."""
        return self.period.first, self.end_day(zone)

    def months(self, zone: ZoneInfo, each: int = 1) -> tuple[date, date]:
        """Return the days by which the months are dated that the period holds whole and that have
        begun, half-open; of `each` so many months that begin with the year, those."""
        start, end = whole_months(self.period, each)
        return start, min(end, self.end_day(zone))


def whole_months(period: Period, each: int = 1) -> tuple[date, date]:
    """Return the stretch of whole months (or quarters, halves, years: of `each` so many months) in
    a period, half-open; empty where the second day is not later."""
    first, after = period.first, period.last + timedelta(days=1)
    start = first if first.day == 1 else _next_month(first)
    while (start.month - 1) % each:
        start = _next_month(start)
    end = _begin(after)
    while (end.month - 1) % each:
        end = _begin(end - timedelta(days=1))
    return start, end


def _begin(day: date) -> date:
    return day.replace(day=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


class Credit(Struct, frozen=True):
    """What somebody has of a record that several share: the `share`, of 1. Of `overlay` credit it
    is all of it, and in no group. Posts that a `person` holds at once have each the share of the
    person, who has it once."""

    subject: SubjectId
    share: Fraction
    overlay: bool = False
    person: str = ""

    @property
    def holder(self) -> str:
        """Return whose the share is."""
        return self.person or self.subject


class Ownership(Struct, frozen=True):
    """Whose the records are under an owner's text, as long as it lasts: `[start, end)`, aware; None
    is without bound. One text names one after the other where a person changes the assignment.
    Where several share them, `parts` says who, and `subject` stands for all of these together."""

    subject: SubjectId
    start: datetime | None = None
    end: datetime | None = None
    parts: tuple[Credit, ...] = ()

    @property
    def subjects(self) -> tuple[SubjectId, ...]:
        """Return whose the records are: of shared ones all who share them."""
        return tuple(one.subject for one in self.parts) or (self.subject,)

    @property
    def bounded(self) -> bool:
        return self.start is not None or self.end is not None

    def holds(self, moment: datetime) -> bool:
        """Say whether a record of this instant is the subject's."""
        after = self.start is None or moment >= self.start
        return after and (self.end is None or moment < self.end)


Members = Mapping[SliceId, frozenset[SubjectId]]
Owners = Mapping[str, tuple[Ownership, ...]]
"""Owner's text → whose its records are; the stretches of one text do not overlap."""


def always(subjects: Mapping[str, SubjectId]) -> dict[str, tuple[Ownership, ...]]:
    """Return owners whose texts name the same subject at all times."""
    return {raw: (Ownership(subject),) for raw, subject in subjects.items()}


class Query(Struct, frozen=True):
    """All measures over one entity for some slices of time.

    `owners` are, per `by` field, the texts found there and whose they are; a text that is missing,
    or a moment that none of its stretches holds, is nobody's. `groups` are sets of subjects whose
    records are taken together (a scorecard's total), which may differ from slice to slice; None
    takes all records, also nobody's.
    `divisions` says of subjects in which one division (department) they are; each is answered as a
    group, however many there are at the cost of one.
    `work` is, per `by` field, the working time of whoever a text there names; none where no
    expression asks for it. `linked_work` is the same of linked records, by their entity and field.
    """

    entity: str
    measures: tuple[Measure, ...]
    slices: tuple[Slice, ...]
    zone: ZoneInfo
    owners: Mapping[str, Owners]
    groups: Mapping[GroupId, Members | None] = {}
    divisions: Mapping[SubjectId, GroupId] = {}
    work: Mapping[str, WorkTime] = {}
    linked_work: Mapping[tuple[str, str], WorkTime] = {}

    def linked_context(self, link: Link, as_of: datetime) -> Context:
        """Return what expressions mean in linked records."""
        return Context(self.zone, as_of, self.linked_work.get((link.entity, link.by)), link.by)

    def context(self, by: str, as_of: datetime) -> Context:
        """Return what expressions mean in records that are somebody's by a field."""
        return Context(self.zone, as_of, self.work.get(by), by)


Tallies = Mapping[SliceId, Mapping[SubjectId | None, Tally]]


class Answer(Struct, frozen=True):
    """Tallies by measure name and slice, then by subject (None: no owner; UNKNOWN: nobody's) or by
    group. What has no record in a slice is missing of its subjects, and an empty tally of groups.

    `undated` counts the records that a measure would take if they had a date.
    """

    subjects: Mapping[str, Tallies]
    groups: Mapping[str, Mapping[SliceId, Mapping[GroupId, Tally]]]
    undated: Mapping[str, int] = {}


def joined(answers: Iterable[Answer]) -> Answer:
    """Return answers about different measures, or different slices, as one. What is counted of all
    slices together is that of the last."""
    subjects: dict[str, dict[SliceId, Mapping[SubjectId | None, Tally]]] = {}
    groups: dict[str, dict[SliceId, Mapping[GroupId, Tally]]] = {}
    undated: dict[str, int] = {}
    for answer in answers:
        for name, of_slices in answer.subjects.items():
            subjects.setdefault(name, {}).update(of_slices)
        for name, of_groups in answer.groups.items():
            groups.setdefault(name, {}).update(of_groups)
        undated.update(answer.undated)
    return Answer(subjects, groups, undated)


Reason = Literal[
    "counted", "no_owner", "no_date", "no_value", "no_rate", "fails", "before", "after"
]
"""Which records are asked for: those that count, or those that a reason keeps from counting.

`no_value` lacks the number and `no_rate` the rate to convert it; `fails` lies in the slice and does
not satisfy a part of the condition; `before` and `after` satisfy all of it at another time.
"""


class RecordQuery(Struct, frozen=True):
    """The records of a measure in a slice that a reason speaks of.

    `query` says whose records are whose. `subjects` keeps those of some subjects (None among them:
    of no owner; UNKNOWN: of nobody), None keeps all. `failing` is the part of the condition that
    `fails` means, `only` a further condition. `fields` are wanted of each record, and of
    a dataset that knows them the `lines` on which they stand. They come by
    moment and then by id (or line), or by id alone; of more than `limit` the first, or the `last`.
    """

    query: Query
    measure: Measure
    slice: Slice
    reason: Reason = "counted"
    subjects: frozenset[SubjectId | None] | None = None
    failing: Node | None = None
    only: Node | None = None
    fields: tuple[str, ...] = ()
    lines: bool = False
    by_id: bool = False
    limit: int | None = None
    last: bool = False


class Success(Struct, frozen=True):
    """The linked record that made another convert: its id (None where its entity has none) and its
    instant."""

    id: str | None
    moment: datetime


class RecordRow(Struct, frozen=True):
    """A record as an engine gives it: its `moment` (aware, or a day), the text that names its owner
    and what it gave to the number (None: no value, or of an operation without one).

    `hit` says of a base record whether it converted, `success` by what first. `part` and `line` say
    where a file has it. `fields` are those that were wanted. `open` says that it is unanswered and
    gave the time it has waited. Of a record that several share `share` is what those have of it who
    were asked for (of 1), and `whole` its number, of which the value is that part.
    """

    moment: date | datetime | None
    owner: str | None
    value: Value
    fields: Mapping[str, Value]
    hit: bool | None = None
    success: Success | None = None
    part: int = 0
    line: int = 0
    open: bool = False
    share: Fraction | None = None
    whole: Decimal | None = None


class EngineError(Exception):
    """A number grew beyond what the engine can hold exactly (28 digits before the point)."""


class Engine(Protocol):
    """What computes over the typed tables of a dataset.

    It returns exact sums, counts and values; every division is ours. Each engine is opened over a
    dataset and then asked as often as needed:

        answer = engine.answer(query)
        tally = answer.subjects["revenue.value"]["2024-05"]["oleg"]
        for record in engine.records(RecordQuery(query, measure, slice, subjects={"oleg"})): ...

    Raises EngineError where a number is too large.
    """

    def answer(self, query: Query) -> Answer:
        """Return what all measures of a query come to."""

    def records(self, request: RecordQuery) -> list[RecordRow]:
        """Return the records that are asked for, in their order."""

    def count(self, request: RecordQuery) -> int:
        """Return how many records `records` would bring without a limit."""


UNKNOWN: SubjectId = "\x00unknown"
ALL: GroupId = "\x00all"  # the group of all records, whoever's


def order_statistic(position: Fraction, n: int) -> tuple[int, Fraction]:
    """Return which of n sorted values (from 0) lies at a position, and how far to the next."""
    exact = position * (n - 1)
    index = exact.numerator // exact.denominator
    return index, exact - index


def total_of(measure: Measure, values: Iterable[Fraction | Decimal]) -> Fraction | None:
    """Return what a measure of values comes to; None where there is nothing to take it of."""
    exact = sorted(Fraction(value) for value in values)
    if not exact:
        return None
    if measure.op in (Op.SUM, Op.SPREAD):
        return sum(exact, Fraction(0))
    if measure.op is Op.QUANTILE:
        index, between = order_statistic(measure.position, len(exact))
        above = exact[min(index + 1, len(exact) - 1)]
        return exact[index] + (above - exact[index]) * between
    return exact[0] if measure.op is Op.MIN else exact[-1]


def squares_of(measure: Measure, values: Iterable[Fraction | Decimal]) -> Fraction | None:
    """Return the sum of the squares, where a measure asks for it and there is a value."""
    squares = [Fraction(value) ** 2 for value in values]
    return sum(squares, Fraction(0)) if squares and measure.op is Op.SPREAD else None


class Tables(Struct, frozen=True):
    """Where entities lie (`entity → SQL name`), and of what types their fields are. `work` is where
    the working time of the owners by a field of an entity lies: `(entity, by) → table`."""

    names: Mapping[str, str]
    columns: Mapping[str, Mapping[str, Type]]
    work: Mapping[tuple[str, str], WorkTable] = {}

    def is_day(self, entity: str, field_name: str) -> bool:
        return self.columns.get(entity, {}).get(field_name) is Type.DATE

    def has(self, entity: str, field_name: str) -> bool:
        return field_name in self.columns.get(entity, {})
