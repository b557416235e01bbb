"""The words that every room of the house shares: frozen values, no behaviour beyond arithmetic.

Numbers: a measured value is kept as an exact `Fraction` (a sum of decimals, a quotient of two such
sums), so that no comparison with a threshold depends on rounding; it leaves the house as a
`Decimal` of at most 10 places, half-up. Points and indexes are decimals of 4 places.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from kpictl.errors import Place, Problem
from kpictl.values.exact import (
    SCORE_PLACES,
    VALUE_PLACES,
    Edge,
    Later,
    Period,
    Setting,
    State,
    to_decimal,
)
from kpictl.values.insight import Finding, GroupInsight, Insight
from kpictl.values.left_out import Account, LeftOut, Named
from kpictl.values.pay import (
    NO_AMOUNT,
    Adjustment,
    Effect,
    FundUse,
    Gate,
    Pay,
    PayBase,
    PayEntry,
    PayLine,
    PayPart,
    PayState,
    PayStep,
    Release,
    effect_of,
    to_money,
)
from kpictl.values.progress import (
    Alert,
    Breach,
    Change,
    Comparison,
    DayUnit,
    Elapsed,
    Pace,
    PaceState,
)
from kpictl.values.recognition import Award, AwardPeriod, Recipient

if TYPE_CHECKING:
    import pandas as pd


__all__ = [
    "GRADES",
    "NO_AMOUNT",
    "SCORE_PLACES",
    "VALUE_PLACES",
    "Account",
    "Adjustment",
    "Alert",
    "Award",
    "AwardPeriod",
    "Breach",
    "Change",
    "Column",
    "Comparison",
    "DayUnit",
    "Edge",
    "Effect",
    "Elapsed",
    "EngineName",
    "Fact",
    "Finding",
    "FundUse",
    "Gate",
    "Grade",
    "Grades",
    "GroupInsight",
    "Insight",
    "LeftOut",
    "Named",
    "Pace",
    "PaceState",
    "Pay",
    "PayBase",
    "PayEntry",
    "PayLine",
    "PayPart",
    "PayState",
    "PayStep",
    "Period",
    "Reach",
    "Recipient",
    "Release",
    "Results",
    "Row",
    "Rule",
    "Score",
    "Scorecard",
    "Setting",
    "State",
    "SubjectId",
    "Target",
    "TargetLevel",
    "Unit",
    "UnitKind",
    "WholePerson",
    "effect_of",
    "subject_of",
    "to_decimal",
    "to_money",
]

SubjectId = str


def subject_of(ident: str, segment: str) -> SubjectId:
    """Return by what the facts of somebody are found: the id, of one of several posts with it."""
    return f"{ident}\x00{segment}" if segment else ident


class Fact(Struct, frozen=True):
    """One measured value of one subject (or of a group), before any target is known.

    `exact` is in the KPI's unit (percent: 25 means 25 %). `n` is the number of records that the
    value stands on (of a ratio: its denominator). `parts` are numerator and denominator where the
    value is a quotient; they, not the value, are added up in a roll-up. `need` is `min_n` where
    the state is `insufficient`; `immature` the base records whose window is still open. `lacking`
    are records that count and lack their number (no amount; or no rate: `lacking_rate` of them), of
    a quotient above the line; `empty` says that a sum is zero because there was no record. `open`
    are records that are unanswered and count with the time they have waited.
    """

    state: State
    exact: Fraction | None = None
    n: int = 0
    parts: tuple[Fraction, Fraction] | None = None
    need: int | None = None
    immature: int = 0
    lacking: int = 0
    lacking_rate: int = 0
    empty: bool = False
    open: int = 0

    @property
    def value(self) -> Decimal | None:
        return None if self.exact is None else to_decimal(self.exact, VALUE_PLACES)


EngineName = Literal["duckdb", "plain"]
"""What computes; the plain one, in Python alone, is there to check the other by."""

Grade = Literal["red", "yellow", "green", "bright"]


class Grades(Struct, frozen=True):
    """From how many points on a score is yellow, green and bright; below, it is red."""

    yellow: Decimal = Decimal(80)
    green: Decimal = Decimal(100)
    bright: Decimal = Decimal(120)

    def of(self, points: Decimal) -> Grade:
        if points < self.yellow:
            return "red"
        if points < self.green:
            return "yellow"
        return "green" if points < self.bright else "bright"

    def places(self, points: Decimal, least: int) -> int:
        """Return to how many decimals, from `least` on, points are to be shown so that the figure
        is on the same side of every bound as they are: 99.6 is not shown as 100.

        >>> Grades().places(Decimal("99.6"), 0), Grades().places(Decimal("99.4"), 0)
        (1, 0)
        """
        shown = range(least, SCORE_PLACES)
        own = self.of(points)
        return next((n for n in shown if self.of(to_decimal(points, n)) == own), SCORE_PLACES)


GRADES = Grades()

TargetLevel = Literal["employee", "members", "scorecard", "department", "company", "sum", "cascade"]


class TargetStep(Struct, frozen=True):
    """One step in the making of a target, as a code of the table of words and its data: a base
    value with its period, a share of a parent's goal, days that somebody was not there."""

    code: str
    data: Mapping[str, Any] = {}


class Target(Struct, frozen=True):
    """The expected value, the level that set it, where it is written, and how it was made.

    `derivation` is "" for a target written for this very period; otherwise how it came about, for
    example `2024-Q2: 3000000 × 1/3`. `steps` say of a target that was not merely written what it
    was made of, in order.
    """

    value: Decimal
    level: TargetLevel
    place: Place | None = None
    derivation: str = ""
    overruled: tuple[Target, ...] = ()
    steps: tuple[TargetStep, ...] = ()


class Score(Struct, frozen=True):
    """One KPI of one row: the fact, held against the target, turned into points.

    `attainment` is percent of the target, uncapped, for people; `points` are shaped, floored and
    capped, for the index (4 decimals). `state` is the fact's, or `no_target`. `counted` says
    whether the points went into the index; `substituted` that a missing policy put them there.
    """

    kpi: str
    weight: Decimal
    fact: Fact
    state: State
    target: Target | None = None
    attainment: Decimal | None = None
    points: Decimal | None = None
    counted: bool = False
    substituted: bool = False
    pace: Later[Pace | None] = None
    change: Later[Change | None] = None


class Row(Struct, frozen=True):
    """One line of a scorecard: a person, or whatever `by` names.

    `index` is None where too little is measured: `coverage` is the measured share of the weight in
    percent. `rank` is None for rows without an index and for totals. `change` and `other_rank` are
    there where another period is compared: of the index, and the rank in that one. `weakest` is
    the lowest index of a department's people, where the plan has that for its light; `insight` what
    the row is strong and weak at, where that was asked for.
    """

    id: str
    name: str
    scores: tuple[Score, ...]
    department: str | None = None
    position: str | None = None
    rank: int | None = None
    index: Decimal | None = None
    coverage: Decimal = Decimal(0)
    segment: str = ""
    change: Later[Change | None] = None
    other_rank: Later[int | None] = None
    weakest: Later[Decimal | None] = None
    insight: Later[Insight | None] = None

    @property
    def subject(self) -> SubjectId:
        """Return what tells the row from all others, of whatever scorecard."""
        return subject_of(self.id, self.segment)

    @property
    def ranks_gained(self) -> int | None:
        """Return by how many ranks the row has risen against the other period."""
        if self.rank is None or self.other_rank is None:
            return None
        return self.other_rank - self.rank

    def score(self, kpi: str) -> Score:
        return next(s for s in self.scores if s.kpi == kpi)


UnitKind = Literal["company", "department"]


class Unit(Struct, frozen=True):
    """The company or a department as a whole: its facts, held against goals of its own.

    A department's facts are of all its people's records, whatever scorecard those are in; the
    company's of all records, also nobody's. `people` is how many they are (None: not counted). A
    score without a goal has no `target`, and its `state` is the fact's. `name` is "" for the
    company. `weakest` is as of a `Row`.
    """

    kind: UnitKind
    name: str
    scores: tuple[Score, ...]
    people: int | None = None
    weakest: Later[Decimal | None] = None

    @property
    def has_goals(self) -> bool:
        return any(score.target is not None for score in self.scores)

    def score(self, kpi: str) -> Score:
        return next(s for s in self.scores if s.kpi == kpi)


class Rule(Struct, frozen=True):
    """How a fact and its target become points: with it, and the column's weight and direction,
    whoever holds the results can score again.

    `shape` names the formula (`kpictl.scoring.curves`), `settings` are its numbers, words and
    tables of pairs, in ascending order, under the plan's keys. `needs_target` says that there are
    no points without a target. The points are then held between `floor` and `cap` (None: no cap).
    `missing` is what stands in where nothing is measured.
    """

    shape: str = "linear"
    settings: Mapping[str, Setting] = {}
    needs_target: bool = True
    floor: Decimal = Decimal(0)
    cap: Decimal | None = None
    missing: Literal["renormalize", "zero", "neutral", "hold"] = "renormalize"


class Column(Struct, frozen=True):
    """What is said of a KPI at the head of a scorecard, and how its facts are scored. At another
    `level` than a person's own all of a department, or of the company, share one number."""

    kpi: str
    label: str
    unit: str
    weight: Decimal
    better: Literal["higher", "lower"]
    rule: Rule = field(default_factory=Rule)
    level: Literal["person", "department", "company"] = "person"


BY_DEPARTMENT = "department"
"""The `by` of a scorecard whose rows are departments."""


class Scorecard(Struct, frozen=True):
    """A ranked table: columns are KPIs in the plan's order, rows are ranked, unrated ones last.

    `total` re-aggregates the records of all its people (None when it has none). `hidden` counts
    the rows that `--top`, `--employee` or `--department` left out of `rows`; ranks are unaffected.
    `departments` are those of its people (where they are of several, or one has a goal), each with
    a score for every column. `by` is the caption of the column whose channels, teams or products
    the rows are, "" where they are people, `BY_DEPARTMENT` where they are departments. `insights`
    are what its departments, and all of it, are strong and weak at.
    """

    id: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None
    min_coverage: Decimal
    hidden: int = 0
    departments: tuple[Unit, ...] = ()
    by: str = ""
    insights: Later[tuple[GroupInsight, ...]] = ()

    @property
    def weighted(self) -> bool:
        """Whether there is an index at all, and not only facts."""
        return any(column.weight for column in self.columns)


class PostLine(Struct, frozen=True):
    """The line of one post of somebody who had several: the `days` of the period in it, and the
    index that it has on a scorecard."""

    scorecard: str
    segment: str
    days: Fraction
    department: str | None = None
    position: str | None = None
    index: Decimal | None = None


class WholePerson(Struct, frozen=True):
    """Somebody with several lines in a period, as one: the `index` is the mean of those of the
    lines, each by its share of the `unit` days of them all; None where none has one. `scores` hold
    each KPI of the lines over the records of all that have it."""

    id: str
    name: str
    lines: tuple[PostLine, ...]
    of: Fraction
    unit: DayUnit
    index: Decimal | None = None
    scores: tuple[Score, ...] = ()


class Reach(Struct, frozen=True):
    """To when the records of an entity reach, and how that is known: `pull` is up to when a pull
    has everything, `last_record` the last moment that any record bears, which is the least. `label`
    is what people call records that have no name of their own: typed values, by their KPI."""

    entity: str
    data_as_of: datetime | None
    basis: Literal["pull", "last_record"]
    label: str = ""


class Results(Struct, frozen=True):
    """Everything that a report shows and a script reads. All tuples are in a stable order.

    It depends on the plan, the data and the moment alone: `language` is the company's, `plan_file`
    the plan's bare name, by which its places call it too (`results.placed` names where it lies).
    `company` holds the KPIs that the company has a goal for, measured over all records;
    `departments` those departments that have goals, each with the KPIs it has one for. `elapsed` is
    there while the period goes on, `comparison` where another one is compared, `alert` where the
    results were held against a condition, `pay` where it was asked for. `awards` are
    those of the plan, of a period that is over.
    `whole_people` are those with lines of several posts, each as one.
    """

    period: Period
    as_of: datetime
    data_as_of: datetime | None
    plan_file: str
    plan_sha256: str
    company_name: str
    currency: str
    timezone: str
    language: str
    scorecards: tuple[Scorecard, ...]
    company: tuple[Score, ...] = ()
    departments: tuple[Unit, ...] = ()
    columns: Mapping[str, Column] = {}
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Problem, ...] = ()
    reaches: tuple[Reach, ...] = ()
    grades: Grades = GRADES
    whole_people: tuple[WholePerson, ...] = ()
    elapsed: Later[Elapsed | None] = None
    pay: Later[Pay | None] = None
    comparison: Later[Comparison | None] = None
    alert: Later[Alert | None] = None
    awards: Later[tuple[Award, ...]] = ()

    @property
    def as_of_day(self) -> date:
        """Return the last day of which anything counts."""
        from datetime import timedelta

        return (self.as_of - timedelta(microseconds=1)).date()

    @property
    def units(self) -> tuple[Unit, ...]:
        """Return what has goals of its own: the company first, then departments."""
        company = (Unit("company", "", self.company),) if self.company else ()
        return (*company, *self.departments)

    def to_frame(self) -> pd.DataFrame:
        """Return one line per row (or total, or unit) and KPI; decimals stay `Decimal`, absence is
        None. Columns: `kpictl.report.dataframe.columns`; `kind` is row, total, department or
        company.
        """
        from kpictl.report.dataframe import to_frame

        return to_frame(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the documented JSON shape (`kpictl schema --results`) as plain Python."""
        from kpictl.report.json import to_dict

        return to_dict(self)
