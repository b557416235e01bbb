"""What is known of one number: sentence, figures, target, points, records, days."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from kpictl.app.evidence import NearMiss, Record
from kpictl.errors import Problem
from kpictl.kinds.base import Kind
from kpictl.measure.query import Measure
from kpictl.people.presence import Presence
from kpictl.scoring.curves import Shape
from kpictl.values import GRADES, Fact, Grades, Period, Row, Score, Target, Unit, WholePerson


class ExplainedMeasure(Struct, frozen=True):
    """A measure of the number: its records, and what nearly counted. The records are in the order
    of their moments; where the number is one of theirs (a median) in that of their values, and
    `sought` says which, from 0: of an even number of them a median has two."""

    measure: Measure
    records: tuple[Record, ...]
    exclusions: tuple[NearMiss, ...]
    sought: tuple[int, ...] = ()


class Step(Struct, frozen=True):
    """A KPI in the making of the number: the number's own first, then those it is made of.

    `captions` are what the source calls the fields that it names, where that is known.
    """

    kpi: str
    label: str
    kind: Kind
    fact: Fact
    parts: tuple[ExplainedMeasure, ...]
    captions: Mapping[str, str] = {}


class Explanation(Struct, frozen=True):
    """Everything that is known of one cell. `score` is None where nothing is expected, and `row`
    holds the whole row where the index itself is explained, with the KPIs whose facts decide
    between equal indexes, and of each KPI its unit, its shape and what stands in where it is
    missing; `min_coverage` is the percent of the weight that an index needs. `unit` is the
    department or company that the number is of, `of_many` that its records are of several people;
    `addends` are the targets that a total's is the sum of, each with whose it is. `whole` is
    somebody with several posts whose index is explained; `there` says of each post, or of who was
    there for a part, how many days."""

    period: Period
    subject: str
    currency: str
    timezone: str
    steps: tuple[Step, ...]
    score: Score | None = None
    shape: Shape | None = None
    contribution: Decimal | None = None
    row: Row | None = None
    labels: Mapping[str, str] = {}
    notes: tuple[Problem, ...] = ()
    grades: Grades = GRADES
    tie_break: tuple[str, ...] = ()
    units: Mapping[str, str] = {}
    unit: Unit | None = None
    of_many: bool = False
    addends: tuple[tuple[str, Target], ...] = ()
    whole: WholePerson | None = None
    there: tuple[tuple[str, Presence], ...] = ()
    shapes: Mapping[str, Shape] = {}
    missing: Mapping[str, str] = {}
    min_coverage: Decimal | None = None
