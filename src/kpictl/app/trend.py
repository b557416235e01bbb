"""One KPI, or the index, over several periods: whose, in which period, how much.

All periods are measured together: the records are read once, whatever their number. A period
without any record of what is shown has no data, which is not zero; who was in no scorecard in a
period is not applicable there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from kpictl.app import assembly
from kpictl.app.computation import Computation, ComputeRequest, measure_periods
from kpictl.errors import Problem, UsageError
from kpictl.naming import fold
from kpictl.people import selection
from kpictl.scoring import scorecards, units
from kpictl.values import (
    GRADES,
    Change,
    EngineName,
    Grades,
    Period,
    Row,
    Score,
    State,
    SubjectId,
    UnitKind,
    subject_of,
)

if TYPE_CHECKING:
    from kpictl.app.workspace import Workspace
    from kpictl.people.staff import Person

By = Literal["employee", "department", "company"]
LineKind = Literal["row", "total", "department", "company"]
MOST_PERIODS = 120


class TrendRequest(Struct, frozen=True):
    """What is asked for. `periods` are of one kind, the oldest first; `kpi` is an id or a label,
    None for the index. Scorecards, people and departments are named as people name them."""

    periods: tuple[Period, ...]
    as_of: datetime
    kpi: str | None = None
    by: By = "employee"
    scorecards: tuple[str, ...] = ()
    employee: str | None = None
    department: str | None = None
    engine: EngineName = "duckdb"


class Point(Struct, frozen=True):
    """A line in one period: the number, exact, or the state that says why there is none.

    Of a KPI it is the fact, with its target; of an index the index, with its `coverage`, percent
    of the weight that is measured. `score` are the points, which say the colour. `n` and `need` are
    as in a fact.
    """

    state: State
    exact: Fraction | None = None
    n: int = 0
    need: int | None = None
    target: Decimal | None = None
    attainment: Decimal | None = None
    score: Decimal | None = None
    rank: int | None = None
    coverage: Decimal | None = None

    def against(self, other: Point) -> Change:
        """Return the change from another point to this one."""
        return Change.between(self.exact, other.exact, other.state)


ABSENT = Point(State.NOT_APPLICABLE)


class Line(Struct, frozen=True):
    """Somebody, or a unit, with a point for each period."""

    kind: LineKind
    id: str
    name: str
    points: tuple[Point, ...]
    department: str | None = None
    position: str | None = None
    segment: str = ""

    @property
    def subject(self) -> SubjectId:
        """Return what tells the line from all others of its table."""
        return subject_of(self.id, self.segment)

    def change(self, place: int) -> Change | None:
        """Return the change against the period before, of a place among the periods."""
        if place == 0 or self.points[place].exact is None:
            return None
        found = self.points[place].against(self.points[place - 1])
        return found if found.delta is not None else None

    def change_from_first(self, place: int) -> Change | None:
        """Return the change against the first period that has a number, if that is an earlier."""
        first = next((p for p in self.points[:place] if p.exact is not None), None)
        if first is None or self.points[place].exact is None:
            return None
        return self.points[place].against(first)

    def rank_change(self, place: int) -> int | None:
        """Return by how many ranks the line has risen against the period before."""
        if place == 0:
            return None
        now, before = self.points[place].rank, self.points[place - 1].rank
        return None if now is None or before is None else before - now


class Table(Struct, frozen=True):
    """The lines of one scorecard (`id`, `label`), or of the company and its departments ("")."""

    id: str
    label: str
    lines: tuple[Line, ...]


class Trend(Struct, frozen=True):
    """A KPI (`kpi` is None: the index) over the periods; what a report shows and a script reads.

    `last` is the place of the last period that is over: what goes on is compared with nothing.
    """

    kpi: str | None
    label: str
    unit: str
    better: Literal["higher", "lower"]
    by: By
    periods: tuple[Period, ...]
    as_of: datetime
    data_as_of: datetime | None
    plan_file: str
    plan_sha256: str
    company_name: str
    currency: str
    timezone: str
    language: str
    tables: tuple[Table, ...]
    warnings: tuple[Problem, ...] = ()
    grades: Grades = field(default=GRADES)

    @property
    def last(self) -> int:
        over = [n for n, period in enumerate(self.periods) if self.is_over(period)]
        return over[-1] if over else len(self.periods) - 1

    def is_over(self, period: Period) -> bool:
        return period.end <= self.as_of

    @property
    def goes_on(self) -> bool:
        return not self.is_over(self.periods[-1])


def trend(workspace: Workspace, request: TrendRequest) -> Trend:
    """Measure the periods. PlanRejected, SourceError or UsageError with all that is in the way."""
    require_fit(request.by, request.employee, request.department)
    bound = workspace.bound
    kpi = None if request.kpi is None else selection.kpi(bound, request.kpi)
    compute_request = ComputeRequest(
        period=request.periods[-1],
        as_of=request.as_of,
        scorecards=request.scorecards,
        employee=request.employee,
        department=request.department,
        extra_kpis=() if kpi is None else (kpi,),
        by_department=request.by == "department",
        engine=request.engine,
    )
    several = measure_periods(workspace, compute_request, request.periods)
    last, latest = several[-1], several[-1].dataset.latest
    column = None if kpi is None else bound.kind(kpi)
    data_as_of = None if latest is None else min(latest, request.as_of)
    plan, tables = bound.plan, tuple(_Tables(several, kpi).of(request.by))
    return Trend(
        kpi=kpi,
        label="" if kpi is None else bound.label(kpi),
        unit="" if column is None else column.shown_unit,
        better="higher" if column is None else column.better,
        by=_rows_of(last, request.by, tables),
        periods=request.periods,
        as_of=request.as_of.astimezone(bound.zone),
        data_as_of=data_as_of.astimezone(bound.zone) if data_as_of else None,
        plan_file=PurePath(bound.loaded.file).name,
        plan_sha256=bound.loaded.sha256,
        company_name=plan.company.name,
        currency=plan.company.currency or "",
        timezone=plan.company.timezone,
        language=plan.company.language,
        tables=tables,
        warnings=tuple(assembly.unique(last.notes)),
        grades=plan.report.colors.grades,
    )


def require_fit(by: By, employee: str | None, department: str | None) -> None:
    """Stop where somebody is named whom lines of departments or of the company do not show."""
    if by != "employee" and employee is not None:
        raise UsageError("trend.employee_by", by=by)
    if by == "company" and department is not None:
        raise UsageError("trend.department_by", by=by)


def _rows_of(computed: Computation, by: By, tables: Sequence[Table]) -> By:
    """Return what the lines are of: those of scorecards of departments are these."""
    of_departments = [scorecards.is_of_departments(computed, t.id) for t in tables if t.id]
    return "department" if by == "employee" and all(of_departments) and of_departments else by


class _Tables:
    """Makes tables of what was measured, by whom it is asked."""

    def __init__(self, several: Sequence[Computation], kpi: str | None) -> None:
        self.several = several
        self.last = several[-1]
        self.kpi = kpi

    def of(self, by: By) -> Iterator[Table]:
        """Yield a table for each scorecard, or of a KPI's units the one there is."""
        if by != "employee" and self.kpi is not None:
            line = self.company if by == "company" else self.departments
            yield Table("", "", tuple(line(self.kpi)))
            return
        for card in self.cards():
            label = self.last.bound.cards[card].label or card
            ranked = [scorecards.card_rows(one, card) for one in self.several]
            if by == "employee":
                yield Table(card, label, tuple(self.people(card, ranked)))
            elif by == "department":
                yield Table(card, label, tuple(self.departments_of(card, ranked)))
            else:
                points = tuple(
                    self.whole(one, card, rows)
                    for one, rows in zip(self.several, ranked, strict=True)
                )
                yield Table(card, label, (Line("total", "", "", points),))

    def cards(self) -> list[str]:
        """Return the scorecards that have what is asked for; UsageError where none has."""
        bound, asked = self.last.bound, self.last.cards
        entries = {
            card: {k: e for one in self.several for k, e in one.bound.cards[card].kpis.items()}
            for card in asked
        }
        if self.kpi is None:
            found = [card for card in asked if any(e.weight for e in entries[card].values())]
            if not found:
                raise UsageError("trend.no_index")
            return found
        found = [card for card in asked if self.kpi in entries[card]]
        if not found:
            raise UsageError("trend.in_no_card", kpi=bound.label(self.kpi), id=self.kpi)
        return found

    # --- people ------------------------------------------------------------------------------

    def people(self, card: str, ranked: Sequence[Sequence[Row]]) -> Iterator[Line]:
        """Yield a line for everybody who was in the scorecard in any of the periods, in the order
        of the last in which they were ranked; then all of them together."""
        rows: dict[SubjectId, dict[int, Row]] = {}
        for place, several in enumerate(ranked):
            for row in several:
                rows.setdefault(row.subject, {})[place] = row
        chosen = assembly.chosen_subjects(self.last, self.everybody())
        shown = {s: own for s, own in rows.items() if chosen is None or s in chosen}
        for subject in sorted(shown, key=lambda s: self.order(shown[s])):
            own = shown[subject]
            points = (
                self.point(one, own[place]) if place in own else ABSENT
                for place, one in enumerate(self.several)
            )
            named = own[max(own)]
            where = (named.department, named.position, named.segment)
            yield Line("row", named.id, named.name, tuple(points), *where)
        if chosen is None and len(rows) > 1:
            points = (
                self.whole(one, card, several)
                for one, several in zip(self.several, ranked, strict=True)
            )
            yield Line("total", "", "", tuple(points))

    def everybody(self) -> Mapping[str, Sequence[Person]]:
        """Return the people of each scorecard in whichever period."""
        found: dict[str, dict[SubjectId, Person]] = {}
        for one in self.several:
            for card, people in one.members.items():
                found.setdefault(card, {}).update((p.subject, p) for p in people)
        return {card: tuple(people.values()) for card, people in found.items()}

    def order(self, own: Mapping[int, Row]) -> tuple[int, bool, int, str, SubjectId]:
        """Return the key by which lines stand: by the last period, by rank, by name."""
        place = max(own)
        row = own[place]
        missing = row.rank is None
        return -place, missing, row.rank or 0, fold(row.name), row.subject

    def point(self, computed: Computation, row: Row) -> Point:
        """Return what a row has reached in its period."""
        if self.kpi is not None:
            own = [score for score in row.scores if score.kpi == self.kpi]
            # A scorecard may have had other KPIs then.
            return self.fact(computed, own[0]) if own else ABSENT
        kpis = [score.kpi for score in row.scores]
        if computed.is_silent(kpis):
            return Point(State.NO_DATA, coverage=row.coverage)
        state = State.INSUFFICIENT if row.index is None else State.MEASURED
        exact = None if row.index is None else Fraction(row.index)
        return Point(state, exact, score=row.index, rank=row.rank, coverage=row.coverage)

    def whole(self, computed: Computation, card: str, rows: Sequence[Row]) -> Point:
        """Return what all of a scorecard's people have reached together."""
        if not rows:
            return ABSENT
        return self.point(computed, scorecards.whole(computed, card, rows))

    # --- departments and the company ---------------------------------------------------------

    def departments_of(self, card: str, ranked: Sequence[Sequence[Row]]) -> Iterator[Line]:
        """Yield the index of those of each department who are in a scorecard, together."""
        names: dict[str, str] = {}
        for row in (row for rows in ranked for row in rows):
            if row.department:
                names.setdefault(fold(row.department), row.department)
        for folded in self.asked(names):
            points = []
            for computed, rows in zip(self.several, ranked, strict=True):
                own = [r for r in rows if r.department and fold(r.department) == folded]
                group = units.group_of_card(card, folded)
                one = scorecards.together(computed, card, own, group) if own else None
                points.append(ABSENT if one is None else self.point(computed, one))
            yield Line("department", "", names[folded], tuple(points), names[folded])

    def departments(self, kpi: str) -> Iterator[Line]:
        """Yield a KPI of each department, over the records of all its people."""
        names: dict[str, str] = {}
        for one in self.several:
            names = units.names(one) | names
        if self.last.request.scorecards:
            people = (p for members in self.everybody().values() for p in members)
            inside = {fold(p.department) for p in people if p.department}
            names = {folded: name for folded, name in names.items() if folded in inside}
        for folded in self.asked(names):
            scores = [self.department(one, folded, kpi) for one in self.several]
            yield self.unit("department", names[folded], scores)

    def department(self, computed: Computation, folded: str, kpi: str) -> Score | None:
        """Return a department's score in a period; None where it was not there: nobody was in it,
        or nobody yet, and no record is its people's."""
        if folded not in units.names(computed):
            return None
        score = units.department(computed, folded, kpi).score(kpi)
        absent = not score.fact.n and score.target is None and units.is_not_yet(computed, folded)
        return None if absent else score

    def company(self, kpi: str) -> Iterator[Line]:
        """Yield a KPI of the company, over all records."""
        scores = [units.whole_company(one, kpi).score(kpi) for one in self.several]
        yield self.unit("company", "", scores)

    def unit(self, kind: UnitKind, name: str, scores: Iterable[Score | None]) -> Line:
        points = (
            ABSENT if score is None else self.fact(one, score)
            for one, score in zip(self.several, scores, strict=True)
        )
        return Line(kind, "", name, tuple(points), name or None)

    def asked(self, names: Mapping[str, str]) -> list[str]:
        """Return the departments to show (folded → as it is shown), in the order of their names."""
        if self.last.request.department is None:
            return sorted(names)
        return [selection.unit(self.last.request.department, names)]

    def fact(self, computed: Computation, score: Score) -> Point:
        """Return what a score says, without a number where no record of the period is of its KPI:
        before the first record a sum is not zero, but unknown."""
        fact, target = score.fact, score.target.value if score.target else None
        if computed.is_silent((score.kpi,)):
            return Point(State.NO_DATA, target=target)
        return Point(
            score.state,
            fact.exact,
            fact.n,
            fact.need,
            target,
            score.attainment,
            score.points,
        )
