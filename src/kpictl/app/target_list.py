"""Every target of a period as it was resolved: whose, how much, where it comes from, who lacks
one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app import computation
from kpictl.app.computation import Computation, ComputeRequest
from kpictl.app.workspace import Workspace
from kpictl.errors import Problem, UsageError
from kpictl.naming import fold, told_apart
from kpictl.people import selection
from kpictl.people.staff import Person
from kpictl.plan.model import Entry
from kpictl.scoring import target_remarks, units
from kpictl.scoring.posts import expects_nothing
from kpictl.scoring.target_remarks import Assignment
from kpictl.values import Grades, Period, Target

Kind = Literal["employee", "department", "company"]


class TargetLine(Struct, frozen=True):
    """What is expected of somebody (in a scorecard), of a department or of the company, by one KPI.

    `target` is None where there is none, and `needed` says that points depend on it. `shown` is the
    name with what tells it from others of the same.
    """

    kind: Kind
    id: str
    name: str
    shown: str
    kpi: str
    label: str
    unit: str
    target: Target | None
    needed: bool = False
    volume: bool = True
    department: str | None = None
    segment: str = ""
    email: str = ""
    scorecard: str = ""
    scorecard_label: str = ""

    @property
    def lacks(self) -> bool:
        return self.target is None and self.needed


class TargetList(Struct, frozen=True):
    """The targets of a period: goals of the company and of departments first, then people's by
    scorecard; `assignments` say how much of each goal people have been given."""

    period: Period
    as_of: datetime
    plan_file: str
    plan_sha256: str
    company_name: str
    currency: str
    timezone: str
    language: str
    grades: Grades
    lines: tuple[TargetLine, ...]
    assignments: tuple[Assignment, ...] = ()
    warnings: tuple[Problem, ...] = ()


def target_list(
    workspace: Workspace, request: ComputeRequest, periods: Sequence[Period]
) -> tuple[TargetList, ...]:
    """Resolve the targets of periods, whose facts are measured together. PlanRejected, SourceError
    or UsageError as of a computation."""
    return tuple(resolved(one) for one in computation.measure_periods(workspace, request, periods))


def resolved(computed: Computation) -> TargetList:
    """Return the targets of what was measured. UsageError where there is nobody of a name."""
    bound, request = computed.bound, computed.request
    company = bound.plan.company
    chosen = _chosen(computed)
    of_people = [line for card in computed.cards for line in _of_card(computed, card)]
    lines = [line for line in of_people if chosen is None or _key(line) in chosen]
    if chosen is None and not request.scorecards:
        lines = [*_of_units(computed), *lines]
    return TargetList(
        period=request.period,
        as_of=request.as_of.astimezone(bound.zone),
        plan_file=bound.loaded.file,
        plan_sha256=bound.loaded.sha256,
        company_name=company.name,
        currency=company.currency or "",
        timezone=company.timezone,
        language=company.language,
        grades=bound.plan.report.colors.grades,
        lines=tuple(lines),
        assignments=tuple(target_remarks.assignments(computed)) if chosen is None else (),
        warnings=computed.notes,
    )


def _key(line: TargetLine) -> tuple[str, str]:
    return line.id, line.segment


def _chosen(computed: Computation) -> set[tuple[str, str]] | None:
    """Return whose lines are asked for; None for everybody's."""
    request, everybody = computed.request, [p for ps in computed.members.values() for p in ps]
    chosen = None
    if request.employee is not None:
        directory = computed.subjects.directory
        person, scored = selection.person(request.employee, computed.members, directory)
        if not scored:
            raise UsageError("usage.not_scored", name=person.name)
        chosen = {(p.id, p.segment) for p in everybody if p.id == person.id}
    if request.department is not None:
        inside = selection.department(request.department, everybody)
        own = {(p.id, p.segment) for p in everybody if p.subject in inside}
        chosen = own if chosen is None else chosen & own
    return chosen


def _of_units(computed: Computation) -> Iterator[TargetLine]:
    expected = computed.expected
    for kpi in computed.kpis:
        if expected.has_goal("company", "", kpi):
            yield _line(computed, kpi, ("company", "", ""), expected.at("company", "", kpi))
    departments = sorted(expected.departments().items(), key=lambda pair: pair[0])
    for folded, name in departments:
        for kpi in computed.kpis:
            if expected.has_goal("department", folded, kpi):
                target = expected.at("department", folded, kpi)
                yield _line(computed, kpi, ("department", folded, name), target)


def _of_card(computed: Computation, card: str) -> Iterator[TargetLine]:
    spec = computed.bound.cards[card]
    if spec.rows == "departments":
        for folded, name in units.of_people_in(computed.members[card]).items():
            for kpi, entry in spec.kpis.items():
                target = computed.expected.of_unit_or_card("department", folded, kpi, card)
                line = _line(computed, kpi, ("department", folded, name), target)
                yield _in_card(computed, card, line, entry)
        return
    people = sorted(computed.members[card], key=lambda p: (fold(p.name), p.subject))
    shown = told_apart(people)
    for person in people:
        for kpi, entry in spec.kpis.items():
            target = _of_person(computed, card, kpi, person)
            line = _line(computed, kpi, ("employee", person.id, person.name), target)
            line = _in_card(computed, card, line, entry)
            by_days = entry.level == "person" and expects_nothing(computed, kpi, person)
            yield replace(
                line,
                needed=line.needed and not by_days,
                segment=person.segment,
                email=person.email or "",
                department=person.department,
                shown=shown[person.subject],
            )


def _of_person(computed: Computation, card: str, kpi: str, person: Person) -> Target | None:
    """Return what is expected of somebody, or of the unit whose number they share."""
    level = computed.bound.cards[card].kpis[kpi].level
    if level == "person":
        return computed.expected.find(kpi, card, person)
    whose = units.of_row(level, person.department)
    return (
        None
        if whose == ("department", "")
        else computed.expected.of_unit_or_card(*whose, kpi, card)
    )


def _in_card(computed: Computation, card: str, line: TargetLine, entry: Entry) -> TargetLine:
    needed = bool(entry.weight) and entry.score.wants_target()
    label = computed.bound.cards[card].label or card
    return replace(line, needed=needed, scorecard=card, scorecard_label=label)


def _line(
    computed: Computation, kpi: str, whose: tuple[Kind, str, str], target: Target | None
) -> TargetLine:
    bound, (kind, ident, name) = computed.bound, whose
    kpi_of = (kpi, bound.label(kpi), bound.kind(kpi).shown_unit)
    return TargetLine(kind, ident, name, name, *kpi_of, target, volume=bound.volume(kpi))
