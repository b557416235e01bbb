"""One number end to end: sentence, formula with its figures, target, points, records.

The same run that computes the scorecards is asked again for the records behind one cell; that
they add up to it is checked here, at run time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from kpictl import completeness, computation, evidence, leftout, scorecards, selection
from kpictl.computation import Job, Run
from kpictl.curves import Shape
from kpictl.errors import Problem, UsageError
from kpictl.evidence import Exclusion, Record
from kpictl.kinds.base import Kind
from kpictl.opening import Workspace, require_sound
from kpictl.people import Person
from kpictl.plan.bind import Bound
from kpictl.query import ALL, NOBODY, Measure, Op, Tally, order_statistic
from kpictl.values import (
    GRADES,
    SCORE_PLACES,
    Fact,
    Grades,
    LeftOut,
    Period,
    Row,
    Score,
    to_decimal,
)

INDEX = "index"
_EXTRA = frozenset({"id", "title", "currency", "amount_original"})


@dataclass(frozen=True, slots=True)
class Part:
    """A measure of the number: its records, and what nearly counted. The records are in the order
    of their moments; where the number is one of theirs (a median) in that of their values, and
    `sought` says which, from 0: of an even number of them a median has two."""

    measure: Measure
    records: tuple[Record, ...]
    exclusions: tuple[Exclusion, ...]
    sought: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A KPI in the making of the number: the number's own first, then those it is made of.

    `captions` are what the source calls the fields that it names, where that is known.
    """

    kpi: str
    label: str
    kind: Kind
    fact: Fact
    parts: tuple[Part, ...]
    captions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one cell. `score` is None outside a scorecard, and `row` holds
    the whole row where the index itself is explained, with the KPIs whose facts (in their `units`)
    decide between equal indexes."""

    period: Period
    subject: str
    currency: str
    timezone: str
    steps: tuple[Step, ...]
    score: Score | None = None
    shape: Shape | None = None
    contribution: Decimal | None = None
    row: Row | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    grades: Grades = GRADES
    tie_break: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be explained: a KPI (or the index) of a person (None: of all together)."""

    kpi: str
    employee: str | None
    scorecard: str | None = None


def explain(workspace: Workspace, job: Job, asked: Asked) -> Explanation:
    """Explain one number. UsageError when there is no such KPI or person."""
    require_sound(workspace)
    asked = _resolved(workspace.bound, asked)
    if asked.kpi != INDEX and workspace.bound.of_company(asked.kpi):
        if asked.employee is not None:
            raise UsageError("explain.of_company", kpi=workspace.bound.label(asked.kpi))
        return _of_group(_run(workspace, job, asked), None, asked.kpi)
    run = _run(workspace, job, asked)
    person, card = _of_whom(run, asked)
    if person is None:
        return _of_group(run, card, asked.kpi)
    row = None if card is None else _ranked_row(run, card, person)
    if asked.kpi == INDEX:
        if row is None:
            raise UsageError("explain.no_card", name=person.name)
        decides = workspace.bound.cards[card].tie_break if card is not None else []
        units = {kpi: workspace.bound.kind(kpi).shown_unit for kpi in decides}
        found = replace(_bare(run, person.name), row=row, notes=_incomplete(run, row))
        return replace(found, tie_break=tuple(decides), units=units)
    steps = _steps(run, asked.kpi, run.facts(person.id), frozenset({person.id}))
    found = replace(_bare(run, person.name), steps=tuple(steps), notes=_notes(run, asked.kpi))
    if row is None or card is None or asked.kpi not in workspace.bound.cards[card].kpis:
        return found
    score = row.score(asked.kpi)
    shape = workspace.bound.cards[card].kpis[asked.kpi].score
    return replace(found, score=score, shape=shape, contribution=contribution(row, score))


@dataclass(frozen=True, slots=True)
class Omission:
    """What a KPI leaves out of everybody's number, each reason with its records, and what a reader
    of the list must know."""

    lines: tuple[tuple[LeftOut, list[Record]], ...]
    notes: tuple[Problem, ...]


def left_out(workspace: Workspace, job: Job, kpi: str) -> Omission:
    """Return what a KPI leaves out of everybody's number, with the records."""
    require_sound(workspace)
    kpi = selection.kpi(workspace.bound, kpi)
    run = _run(workspace, job, Asked(kpi, None))
    found = []
    for measure in workspace.bound.leaves(kpi):
        for line in leftout.of_measure(run, kpi, measure):
            found.append((line, evidence.left_out(run, measure, line.reason, kpi)))  # noqa: PERF401
    return Omission(tuple(found), _notes(run, kpi))


def _resolved(bound: Bound, asked: Asked) -> Asked:
    """Return what is asked, with the ids of the KPI and the scorecard that are meant."""
    kpi = selection.kpi(bound, asked.kpi, (INDEX,))
    card = asked.scorecard and selection.scorecard(bound, asked.scorecard)
    return replace(asked, kpi=kpi, scorecard=card)


def contribution(row: Row, score: Score) -> Decimal | None:
    """Return how many points of the index a KPI gives: w·s / Σ w of what was counted."""
    if not score.counted or score.points is None:
        return None
    weight = sum((s.weight for s in row.scores if s.counted), Decimal(0))
    return to_decimal(
        Fraction(score.weight) * Fraction(score.points) / Fraction(weight), SCORE_PLACES
    )


def _run(workspace: Workspace, job: Job, asked: Asked) -> Run:
    extra = dict.fromkeys(workspace.bound.schemas, _EXTRA)
    wanted = () if asked.kpi == INDEX else (asked.kpi,)
    return computation.run(
        workspace, replace(job, ordered=True, extra_fields=extra, extra_kpis=wanted)
    )


def _bare(run: Run, subject: str) -> Explanation:
    company = run.workspace.bound.plan.company
    currency, labels = company.currency or "", _labels(run)
    grades = run.workspace.bound.plan.report.colors.grades
    found = Explanation(run.job.period, subject, currency, company.timezone, (), labels=labels)
    return replace(found, grades=grades)


def _labels(run: Run) -> dict[str, str]:
    return {kpi: run.workspace.bound.label(kpi) for kpi in run.kpis}


def _notes(run: Run, kpi: str) -> tuple[Problem, ...]:
    entities = {m.entity for m in run.workspace.bound.leaves(kpi)}
    about = {*entities, None}
    found = (
        p
        for p in run.notes
        if (p.data.get("entity") in entities and p.code.startswith("source."))
        or (p.data.get("entity") in about and p.code.startswith(completeness.PREFIX))
    )
    once: list[Problem] = []
    for problem in found:
        if not any((p.code, p.data) == (problem.code, problem.data) for p in once):
            once.append(problem)
    return tuple(once)


def _incomplete(run: Run, row: Row) -> tuple[Problem, ...]:
    """Return what is missing of the period for any KPI of a row."""
    found = (p for score in row.scores for p in completeness.incomplete(_notes(run, score.kpi)))
    return tuple({(p.code, str(p.data)): p for p in found}.values())


def _of_whom(run: Run, asked: Asked) -> tuple[Person | None, str | None]:
    """Return the person who is meant, if any, and the scorecard: the one named, else the first
    that has the KPI and the person."""
    cards = run.workspace.bound.cards
    having = [c for c, spec in cards.items() if asked.kpi in spec.kpis or asked.kpi == INDEX]
    if asked.scorecard is not None:
        having = [asked.scorecard]
    if asked.employee is None:
        return None, having[0] if having else None
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    scored = {c: run.members[c] for c in having}
    person, _ = selection.person(asked.employee, scored, run.subjects.everybody())
    of_person = [c for c in having if person.id in {p.id for p in scored[c]}]
    return person, next(iter(of_person or having), None)


def _ranked_row(run: Run, card: str, person: Person) -> Row | None:
    job = replace(run.job, employee=None, department=None, top=None)
    rows = scorecards.card_rows(replace(run, job=job), card)
    return next((row for row in rows if row.id == person.id), None)


def _of_group(run: Run, card: str | None, kpi: str) -> Explanation:
    """Explain the number of everybody in a scorecard together, or of all records."""
    if kpi == INDEX:
        raise UsageError("usage.index_of_whom")
    if card is None:
        facts, members, title = run.group_facts(ALL), None, ""
    else:
        facts = run.group_facts(card)
        members = frozenset(p.id for p in run.members[card])
        title = run.workspace.bound.cards[card].label or card
    steps = _steps(run, kpi, facts, members)
    return replace(_bare(run, title), steps=tuple(steps), notes=_notes(run, kpi))


def _steps(
    run: Run, kpi: str, facts: dict[str, Fact], subjects: frozenset[str] | None
) -> list[Step]:
    """Return the KPI and, depth first, those that it is made of, each once."""
    bound = run.workspace.bound
    parts = [_part(run, measure, subjects) for measure in bound.measures[kpi]]
    kind, captions = bound.kind(kpi), _captions(run, bound.measures[kpi])
    steps = [Step(kpi, bound.label(kpi), kind, facts[kpi], tuple(parts), captions)]
    for need in dict.fromkeys(bound.kind(kpi).needs()):
        known = {step.kpi for step in steps}
        steps.extend(s for s in _steps(run, need, facts, subjects) if s.kpi not in known)
    return steps


def _captions(run: Run, measures: Iterable[Measure]) -> dict[str, str]:
    """Return what the source calls the fields that say whose and when a record is."""
    found: dict[str, str] = {}
    for measure in measures:
        present = run.workspace.bound.schemas[measure.entity].present
        for name in {measure.by, measure.when} - {NOBODY}:
            if captions := present[name].captions:
                found.setdefault(name, captions[0])
    return found


def _part(run: Run, measure: Measure, subjects: frozenset[str] | None) -> Part:
    scope = evidence.scope_of(run, measure, subjects)
    records = evidence.records(run, measure, scope)
    evidence.verify(measure, records, _tally(run, measure, subjects))
    if measure.value is not None:  # records without a value are among the exclusions
        records = [record for record in records if record.value is not None]
    part = Part(measure, tuple(records), tuple(evidence.exclusions(run, measure, scope)))
    if measure.op not in (Op.VALUES, Op.MIN, Op.MAX) or not records:
        return part
    by_value = sorted(records, key=_size)
    last = len(records) - 1
    if measure.op is Op.VALUES:
        first, between = order_statistic(measure.position, len(records))
        sought = (first, first + 1) if between and first < last else (first,)
    else:
        sought = (0 if measure.op is Op.MIN else last,)
    return replace(part, records=tuple(by_value), sought=sought)


def _size(record: Record) -> Decimal:
    return record.value if isinstance(record.value, Decimal) else Decimal(0)


def _tally(run: Run, measure: Measure, subjects: frozenset[str] | None) -> Tally | None:
    answer = run.answers[measure.entity]
    if subjects is not None and len(subjects) == 1:
        return answer.subjects[measure.name].get(next(iter(subjects)))
    group = ALL if subjects is None else _group_of(run, subjects)
    return answer.groups[measure.name].get(group)


def _group_of(run: Run, subjects: frozenset[str]) -> str:
    return next(c for c, people in run.members.items() if {p.id for p in people} == subjects)
