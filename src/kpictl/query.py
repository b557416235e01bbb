"""The question that an engine answers, and the answer: the same words for every engine.

A query asks one entity, in one pass, for all measures that anybody needs of it. It says nothing of
files, tables or SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpictl.expressions import Expression
from kpictl.values import Period

NOBODY = ""
"""The `by` of a measure that has no owners: its records are the company's alone."""


class Op(StrEnum):
    """What is made of the records that a measure counts.

    COUNT counts records, DISTINCT different non-null values, SUM MIN MAX work on non-null values,
    VALUES brings two neighbouring order statistics (median, percentile), HITS counts the records
    that a linked record of another entity follows.
    """

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    VALUES = "values"
    HITS = "hits"


@dataclass(frozen=True, slots=True)
class Link:
    """Records of `entity` that point to the measured record by their field `via`.

    A measured record is a hit when at least one linked record satisfies `where`, has its moment
    `when` not before the record's own, less than `within` seconds after it, and before `as_of`. A
    moment at the very start of a day is taken for the day, which is not before any moment in it.
    """

    entity: str
    via: str
    where: Expression | None
    when: str
    within: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One number asked of an entity, for each subject that `by` names (`NOBODY`: for none).

    It is a `part` of a KPI: its `value`, or of a quotient the `base` and the `hits`. `when` is the
    field whose moment must lie in the period; `position` is the share (0 to 1) at which VALUES
    takes its order statistic. `converted` names the money fields whose absence means a missing rate
    where the amount as it was written is there (`expressions.money`). `monthly` are records of
    whole months, dated by a first day: they lie in the periods that hold the month.
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

    @property
    def name(self) -> str:
        """Return what tells the measure from all others of a plan."""
        return f"{self.kpi}.{self.part}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a measure came to for one subject or group.

    `n` is the number of records with a value, `total` the number asked for (count, sum, …; None
    when there is nothing to take it of), `no_value` the records that counted but had no value,
    `no_rate` those of them that lack a currency rate.
    """

    n: int = 0
    total: Fraction | None = None
    no_value: int = 0
    no_rate: int = 0
    immature: int = 0


SubjectId = str
GroupId = str


@dataclass(frozen=True, slots=True)
class Query:
    """All measures over one entity for one period.

    Records count whose moment lies in the period and before `as_of`; `horizon` is the last moment
    that the data reach, from which on an unconverted record is not yet decided. `subjects` maps,
    per `by` field, the texts found there to subjects; a text that the map lacks is nobody's.
    `groups` are sets of subjects whose records are taken together (a scorecard's total); None
    takes all records, also nobody's. `parts` says of subjects in which one part of a division they
    are (departments); a part is answered as a group, however many parts there are at the cost of
    one.
    """

    entity: str
    measures: tuple[Measure, ...]
    period: Period
    as_of: datetime
    horizon: datetime
    zone: ZoneInfo
    subjects: Mapping[str, Mapping[str, SubjectId]]
    groups: Mapping[GroupId, frozenset[SubjectId] | None] = field(default_factory=dict)
    parts: Mapping[SubjectId, GroupId] = field(default_factory=dict)

    @property
    def end(self) -> datetime:
        """Return the instant before which records count."""
        return min(self.period.end, self.as_of)

    @property
    def end_day(self) -> date:
        """Return the first calendar day that does not count: one whose start is not before."""
        local = self.end.astimezone(self.zone)
        midnight = local.time() == time.min
        return local.date() if midnight else local.date() + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """Tallies by measure name, then by subject (None: no owner; UNKNOWN: nobody's) or by group.

    `undated` counts the records that a measure would take if they had a date.
    """

    subjects: Mapping[str, Mapping[SubjectId | None, Tally]]
    groups: Mapping[str, Mapping[GroupId, Tally]]
    undated: Mapping[str, int] = field(default_factory=dict)


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
    if measure.op is Op.SUM:
        return sum(exact, Fraction(0))
    if measure.op is Op.VALUES:
        index, between = order_statistic(measure.position, len(exact))
        above = exact[min(index + 1, len(exact) - 1)]
        return exact[index] + (above - exact[index]) * between
    return exact[0] if measure.op is Op.MIN else exact[-1]


@dataclass(frozen=True, slots=True)
class Tables:
    """Where entities lie (`entity → SQL name`) and which fields of them are calendar days."""

    names: Mapping[str, str]
    days: Mapping[str, frozenset[str]]

    def is_day(self, entity: str, field_name: str) -> bool:
        return field_name in self.days.get(entity, frozenset())
