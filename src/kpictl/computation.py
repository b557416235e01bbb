"""The conductor of the main job: plan and period → `Results`. Order of calls, no arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from kpictl import (
    completeness,
    leftout,
    scorecards,
    selection,
    spellings,
    subjects,
    targets,
    units,
)
from kpictl.database import seal
from kpictl.engines import duckdb as engine
from kpictl.errors import PlanRejected, Problem, SourceError, rejection
from kpictl.expressions import Type
from kpictl.expressions.evaluate import TooManyDigits
from kpictl.kinds.base import Operand
from kpictl.opening import Workspace, require_pulled, require_sound
from kpictl.people import Person
from kpictl.plan.reads import fields_needed as fields_needed  # noqa: PLC0414  also the pull's
from kpictl.query import ALL, NOBODY, Answer, Measure, Op, Query, Tables, Tally
from kpictl.sources import targetfile
from kpictl.sources.base import Loaded, Wanted, Window
from kpictl.sources.currencies import make_rates
from kpictl.sources.rates import read_rates
from kpictl.subjects import Subjects
from kpictl.targets import TargetBook
from kpictl.values import (
    Fact,
    Period,
    Results,
)


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for: the period, the moment it is asked, and which part of the result.
    Scorecards, people and departments are named as people name them.

    `employee` and `department` choose the rows that are shown; ranks are always among everybody
    of the scorecard. `top` keeps the first so many ranks. `by_department` has departments told
    apart even where no goal or scorecard needs it.
    """

    period: Period
    as_of: datetime
    scorecards: tuple[str, ...] = ()
    employee: str | None = None
    department: str | None = None
    top: int | None = None
    language: str | None = None
    ordered: bool = False
    extra_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    extra_kpis: tuple[str, ...] = ()
    by_department: bool = False


@dataclass(slots=True)
class Run:
    """Everything known in the course of one computation; `explain` goes on from it."""

    workspace: Workspace
    job: Job
    kpis: tuple[str, ...]
    loaded: dict[str, Loaded] = field(default_factory=dict)
    subjects: Subjects | None = None
    queries: dict[str, Query] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    members: dict[str, list[Person]] = field(default_factory=dict)
    book: TargetBook | None = None
    wanted: dict[str, Wanted] = field(default_factory=dict)
    pulled: dict[str, datetime] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    @property
    def cards(self) -> list[str]:
        """Return the scorecards that are asked for, in the plan's order."""
        chosen = self.job.scorecards
        return [c for c in self.workspace.bound.cards if not chosen or c in chosen]

    @property
    def tables(self) -> Tables:
        days = {
            entity: frozenset(n for n, f in schema.present.items() if f.type is Type.DATE)
            for entity, schema in self.workspace.bound.schemas.items()
        }
        return Tables({e: found.table for e, found in self.loaded.items()}, days)

    def facts(self, subject: str) -> dict[str, Fact]:
        """Return the facts of a person."""
        return self._facts(lambda m, a: a.subjects[m.name].get(subject))

    def group_facts(self, group: str) -> dict[str, Fact]:
        """Return the facts of a scorecard's people together, or of everybody (`ALL`)."""
        return self._facts(lambda m, a: a.groups[m.name].get(group))

    def _facts(self, tally_of: object) -> dict[str, Fact]:
        bound = self.workspace.bound
        found: dict[str, Operand] = {}
        for kpi in bound.order:
            if kpi not in self.kpis:
                continue
            kind = bound.kind(kpi)
            tallies = {}
            for measure in bound.measures[kpi]:
                tally = tally_of(measure, self.answers[measure.entity])  # type: ignore[operator]
                tallies[measure.part] = tally or _nothing(measure)
            try:
                fact = kind.combine(tallies, found)
            except TooManyDigits:
                place = bound.place(("kpis", kpi, kind.verb))
                raise PlanRejected([Problem("kpi.too_many_digits", place, {"kpi": kpi})]) from None
            plain = None if fact.exact is None else fact.exact / kind.scale
            found[kpi] = Operand(fact, plain)
        return {kpi: operand.fact for kpi, operand in found.items()}


def _nothing(measure: Measure) -> Tally:
    zero = measure.op in (Op.COUNT, Op.DISTINCT, Op.HITS)
    return Tally(0, Fraction(0) if zero else None)


def compute(workspace: Workspace, job: Job) -> Results:
    """Compute the scorecards of a period. PlanRejected, SourceError or UsageError with all that
    is in the way; nothing is half-done."""
    return scorecards.results(run(workspace, job))


def run(workspace: Workspace, job: Job) -> Run:
    """Load what is needed, ask the engine, and resolve people and targets."""
    require_sound(workspace)
    bound = workspace.bound
    chosen = tuple(selection.scorecard(bound, text) for text in job.scorecards)
    job = replace(job, scorecards=chosen)
    lines = targetfile.read_lines(bound, workspace.scratch)
    found = Run(workspace, job, _needed_kpis(workspace, job, lines.unit_kpis(bound)))
    require_pulled(workspace, found.kpis)
    found.notes.extend(p for p in workspace.problems if p not in workspace.missing)
    measures = [m for kpi in found.kpis for m in bound.measures[kpi]]
    _load(found, measures)
    measures = _widen(found, measures)
    bound = found.workspace.bound
    seal(workspace.connection)
    owned = [m for m in measures if m.by != NOBODY]
    texts = {(m.entity, m.by): found.loaded[m.entity].texts[m.by] for m in owned}
    language = job.language or bound.plan.company.language
    found.subjects = subjects.find(bound, workspace.staff, texts, language, workspace.cell_of)
    if workspace.staff.by_accounts and any(bound.who[card] is None for card in found.cards):
        found.notes.append(Problem("portal.people_named", None, {}, "note"))
    _resolve_targets(found, lines)
    for card in found.cards:
        found.members[card] = subjects.members(bound, card, found.subjects, job.period)
    _ask(found, measures)
    found.notes.extend(completeness.remarks(found))
    return found


def _needed_kpis(workspace: Workspace, job: Job, of_units: Iterable[str]) -> tuple[str, ...]:
    """Return the KPIs of the chosen scorecards and of units' goals, and what they are made of."""
    plan, cards = workspace.bound.plan, workspace.bound.cards
    wanted = {
        kpi
        for card, spec in cards.items()
        if not job.scorecards or card in job.scorecards
        for kpi in spec.kpis
    }
    if not job.scorecards:
        blocks = plan.targets.blocks.items()
        wanted |= {*plan.targets.company, *of_units}
        wanted |= {kpi for kpi in plan.kpis if workspace.bound.of_company(kpi)}
        wanted |= {kpi for key, block in blocks if key.startswith("department.") for kpi in block}
    wanted |= set(job.extra_kpis)

    def add(kpi: str) -> None:
        wanted.add(kpi)
        for need in plan.kpis[kpi].needs():
            add(need)

    for kpi in tuple(wanted):
        add(kpi)
    return tuple(kpi for kpi in workspace.bound.order if kpi in wanted)


def owners_needed(measures: Iterable[Measure], entity: str) -> frozenset[str]:
    """Return the fields of an entity that say whose records are; a company's alone have none."""
    return frozenset(m.by for m in measures if m.entity == entity) - {NOBODY}


def _load(run: Run, measures: Sequence[Measure]) -> None:
    workspace, company = run.workspace, run.workspace.bound.plan.company
    if company.currency is not None:
        rates, problems = read_rates(workspace.bound, workspace.scratch)
        _stop(workspace, problems)
        run.notes.extend(problems)
        make_rates(workspace.connection, company.currency, rates)
    for entity, fields in fields_needed(measures).items():
        more = run.job.extra_fields.get(entity, frozenset())
        present = workspace.bound.schemas[entity].present
        fields = fields | {n for n in more if n in present}  # noqa: PLW2901
        own = [m for m in measures if m.entity == entity]
        fields = fields.union(*(leftout.fields_of_undated(workspace.bound, m) for m in own))  # noqa: PLW2901
        owners = owners_needed(own, entity)
        windows = windows_of(entity, measures, run.job)
        wanted = Wanted(
            fields, owners, windows, run.job.ordered, company.currency, as_of=run.job.as_of
        )
        loaded = workspace.readers[entity].load(workspace.connection, entity, wanted)
        run.wanted[entity], run.loaded[entity] = wanted, loaded
        if loaded.complete and loaded.latest is not None:
            run.pulled[entity] = loaded.latest
        run.notes.extend(loaded.notes)
    _agree_on_reach(run)


def _widen(run: Run, measures: Sequence[Measure]) -> list[Measure]:
    """Have the measures take every spelling of the texts that they compare with; return them."""
    bound, tables = run.workspace.bound, run.tables.names
    wide = spellings.widened(measures, run.workspace.connection, tables)
    own = {kpi: tuple(wide.get(m.name, m) for m in found) for kpi, found in bound.measures.items()}
    run.workspace = replace(run.workspace, bound=replace(bound, measures=own))
    return [wide[measure.name] for measure in measures]


def _stop(workspace: Workspace, problems: Sequence[Problem]) -> None:
    """Stop at mistakes, with all of them; notes and warnings are none."""
    errors = [p for p in problems if p.level == "error"]
    if errors:
        raise rejection(errors, workspace.bound.loaded.document.file)


def _agree_on_reach(run: Run) -> None:
    """Where sources vouch for being complete, all is complete to what the least of them says."""
    vouched = [one.latest for one in run.loaded.values() if one.complete and one.latest]
    if vouched:
        run.loaded = {e: replace(one, latest=min(vouched)) for e, one in run.loaded.items()}


def windows_of(entity: str, measures: Iterable[Measure], job: Job) -> tuple[Window, ...]:
    """Return which records of an entity can matter in this period."""
    found = []
    for measure in measures:
        if measure.entity == entity:
            end = min(job.period.end, job.as_of)
            found.append(Window(measure.when, job.period.start, end))
        if measure.link is not None and measure.link.entity == entity:
            found.append(Window(measure.link.when, job.period.start, job.as_of))
    return tuple(dict.fromkeys(found))


def _resolve_targets(run: Run, lines: targetfile.Lines) -> None:
    bound = run.workspace.bound
    assert run.subjects is not None  # noqa: S101  set just before
    book = TargetBook(bound.volumes)
    named = run.subjects.everybody()
    written, problems = targets.from_plan(bound, named)
    from_file, more = targetfile.written(lines, bound, named)
    problems = [*problems, *more, *book.add([*written, *from_file])]
    _stop(run.workspace, problems)
    run.notes.extend(problems)
    run.notes.extend(book.of_other_lengths(run.job.period, run.kpis, bound.label))
    run.book = book


def _ask(run: Run, measures: Iterable[Measure]) -> None:
    """Ask the engine once per entity."""
    bound, job = run.workspace.bound, run.job
    assert run.subjects is not None  # noqa: S101  set by `run`
    groups: dict[str, frozenset[str] | None] = {
        card: frozenset(p.id for p in people) for card, people in run.members.items()
    }
    groups[ALL] = None
    parts = units.parts(run)
    latest = [found.latest for found in run.loaded.values() if found.latest is not None]
    horizon = min([job.as_of, max(latest)]) if latest else job.as_of
    by_entity: dict[str, list[Measure]] = {}
    for measure in measures:
        by_entity.setdefault(measure.entity, []).append(measure)
    for entity, asked in by_entity.items():
        maps = {m.by: run.subjects.maps.get((entity, m.by), {}) for m in asked}
        query = Query(
            entity, tuple(asked), job.period, job.as_of, horizon, bound.zone, maps, groups, parts
        )
        run.queries[entity] = query
        run.answers[entity] = _answer(run, query)


def _answer(run: Run, query: Query) -> Answer:
    """Ask the engine; numbers beyond 28 digits before the point are a mistake in the data."""
    import duckdb

    try:
        return engine.answer(query, run.workspace.connection, run.tables)
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        label = run.workspace.bound.label
        kpis = ", ".join(dict.fromkeys(label(m.kpi) for m in query.measures))
        data = {"entity": query.entity, "kpis": kpis}
        raise SourceError([Problem("compute.too_large", None, data)]) from error
