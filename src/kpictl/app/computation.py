"""The conductor of the main job: plan and periods → `Results`. Order of calls, no arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

from kpictl.app import assembly, period_notes, recognition
from kpictl.app.workspace import Workspace, require_pulled, require_sound
from kpictl.errors import Problem, SourceError
from kpictl.measure import dataset, spellings
from kpictl.measure.dataset import DataRequest, Dataset
from kpictl.measure.facts import Facts
from kpictl.measure.query import (
    ALL,
    Answer,
    Engine,
    EngineError,
    Measure,
    Query,
    Slice,
)
from kpictl.people import attribution, selection, two_posts, working_time
from kpictl.people.attribution import Subjects
from kpictl.people.shared_credit import CreditEngine
from kpictl.people.staff import Person
from kpictl.plan import editions, pay_figures
from kpictl.plan.bound import Bound
from kpictl.scoring import pace, posts, targets, units
from kpictl.scoring.target_context import (
    MeasuredContext,
    base_periods,
    group_of_person,
    of_departments,
)
from kpictl.scoring.targets import PeriodTargets, TargetBook
from kpictl.scoring.targets.attendance import Roll
from kpictl.sources import target_file
from kpictl.values import EngineName, Fact, Period, Results, Row

if TYPE_CHECKING:
    from kpictl.pay.ledger import Frames


@dataclass(frozen=True, slots=True)
class ComputeRequest:
    """What is asked for: the period, the moment it is asked, and which part of the result.
    Scorecards, people and departments are named as people name them.

    `employee` and `department` choose the rows that are shown; ranks are always among everybody
    of the scorecard. `top` keeps the first so many ranks. `by_department` has departments told
    apart even where no goal or scorecard needs it, also within each scorecard. `extra_kpis` are
    measured beside those of the scorecards, `extra_fields` loaded beside those that are measured.
    `by` is what the rows of a scorecard are, unless the plan says it.
    `insight` has the rows told what they are strong and weak at.
    `seen` are periods that are seen at a moment of their own, before `as_of`, by their text. `pay`
    has the pay computed, too.
    """

    period: Period
    as_of: datetime
    scorecards: tuple[str, ...] = ()
    employee: str | None = None
    department: str | None = None
    top: int | None = None
    ordered: bool = False
    extra_fields: frozenset[str] = frozenset()
    extra_kpis: tuple[str, ...] = ()
    by_department: bool = False
    by: Literal["employee", "department"] = "employee"
    insight: bool = False
    seen: Mapping[str, datetime] = field(default_factory=dict)
    engine: EngineName = "duckdb"
    pay: bool = False


@dataclass(frozen=True)
class Computation:
    """Everything that is known of one period: what `Results` are made of, and explanations.

    `facts` are those of all slices that were measured together, `slice` is this period's. `members`
    are the people of each scorecard, `expected` what is expected of whom in this period, `said`
    what was to be said while it was measured. What only some ask of a period is worked out when it
    is first asked for, and kept: its `notes`, and in `ranked` the rows of its scorecards.
    """

    workspace: Workspace
    job: ComputeRequest
    kpis: tuple[str, ...]
    dataset: Dataset
    engine: Engine
    subjects: Subjects
    targets: TargetBook
    slice: Slice
    members: Mapping[str, tuple[Person, ...]]
    queries: Mapping[str, Query]
    facts: Facts
    expected: PeriodTargets
    said: tuple[Problem, ...]
    ranked: dict[str, tuple[Row, ...]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def notes(self) -> tuple[Problem, ...]:
        """What a reader of the period must know."""
        return tuple(period_notes.of_period(self))

    @property
    def bound(self) -> Bound:
        return self.workspace.bound

    @property
    def cards(self) -> list[str]:
        """Return the scorecards that are asked for, in the plan's order."""
        return _cards(self.bound, self.job)

    def facts_of(self, subject: str) -> Mapping[str, Fact]:
        """Return the facts of a person in this period."""
        return self.facts.of(self.slice.id, subject)

    def group_facts(self, group: str) -> Mapping[str, Fact]:
        """Return the facts of a scorecard's people together, or of everybody (`ALL`)."""
        return self.facts.of_group(self.slice.id, group)


def compute(workspace: Workspace, job: ComputeRequest) -> Results:
    """Compute the scorecards of a period. PlanRejected, SourceError or UsageError with all that
    is in the way; nothing is half-done."""
    return compute_beside(workspace, job, ())[0]


def compute_beside(
    workspace: Workspace, job: ComputeRequest, beside: Sequence[Period]
) -> tuple[Results, Mapping[str, Computation]]:
    """Compute the scorecards of a period, and measure others with it; return also everything that
    is known of each, by its text."""
    require_sound(workspace)
    before = recognition.earlier(workspace.bound, job)
    measured = _measured(workspace, job, (*beside, *before, job.period))
    now = measured.computations[job.period.text]
    earlier = [measured.computations[period.text] for period in before]
    results = recognition.recognized(_results(now, measured), now, earlier)
    return results, measured.computations


def compute_periods(
    workspace: Workspace, job: ComputeRequest, periods: Sequence[Period]
) -> tuple[Results, ...]:
    """Compute the scorecards of several periods, whose records are read and measured once."""
    require_sound(workspace)
    measured = _measured(workspace, job, periods)
    texts = dict.fromkeys(period.text for period in periods)
    return tuple(_results(measured.computations[text], measured) for text in texts)


def compute_measured(workspace: Workspace, job: ComputeRequest) -> tuple[Computation, Results]:
    """Compute a period without its awards; return also what its scorecards are made of."""
    require_sound(workspace)
    measured = _measured(workspace, job, (job.period,))
    now = measured.computations[job.period.text]
    return now, _results(now, measured)


@dataclass(frozen=True, slots=True)
class _Periods:
    """Periods that were measured together, by their text, and on which ones the pay of each
    depends."""

    computations: Mapping[str, Computation]
    frames: Mapping[str, Frames]


def _measured(workspace: Workspace, job: ComputeRequest, periods: Sequence[Period]) -> _Periods:
    """Measure periods, with those that their pay depends on where it is asked for."""
    frames: dict[str, Frames] = {}
    if job.pay:
        from kpictl.pay import ledger  # asked for by few

        bound, book = workspace.bound, workspace.paybook
        frames = {period.text: ledger.frames(bound, book, period) for period in periods}
    beside = (one for frame in frames.values() for one in frame.all)
    computations = measure_periods(workspace, job, (*periods, *beside))
    return _Periods({one.job.period.text: one for one in computations}, frames)


def _results(computed: Computation, measured: _Periods) -> Results:
    """Return the scorecards of a computation, with the pay where it is asked for."""
    results = assembly.results(computed)
    if not computed.job.pay:
        return results
    from kpictl.pay import payments  # asked for by few

    frames = measured.frames[computed.job.period.text]
    pay = payments.with_history(computed, frames, measured.computations)
    chosen = assembly.chosen_subjects(computed, computed.members)
    own = payments.of_shown(payments.of_chosen(pay, chosen), results.scorecards)
    return replace(results, pay=own, warnings=(*results.warnings, *payments.remarks(own, computed)))


def measure(workspace: Workspace, job: ComputeRequest) -> Computation:
    """Load what a period needs, ask the engine, and resolve people and targets."""
    return measure_periods(workspace, job, (job.period,))[0]


def measure_periods(
    workspace: Workspace, job: ComputeRequest, periods: Sequence[Period]
) -> tuple[Computation, ...]:
    """Measure several periods at once; each may be asked for alone afterwards."""
    require_sound(workspace)
    periods = tuple({period.text: period for period in periods}.values())
    plain, workspace = workspace.bound, replace(workspace, bound=workspace.bound.over(periods))
    bound = workspace.bound
    chosen = tuple(selection.scorecard(bound, text) for text in job.scorecards)
    job = replace(job, scorecards=chosen)
    job = _with_pay(plain, job, periods) if job.pay else job
    lines = target_file.read_lines(bound, workspace.scratch)
    kpis = _needed_kpis(bound, job, lines.unit_kpis(bound))
    require_pulled(workspace, kpis)
    bases = base_periods(plain, map(pace.frame_of, periods), lines.growths())
    whole = {p.text for p in periods} - job.seen.keys()
    bases = tuple(p for p in bases if p.text not in whole)
    measures = tuple(m for kpi in kpis for m in bound.measures[kpi])
    data = dataset.load(workspace, _data_request(job, measures, (*periods, *bases)))
    workspace, measures = _widen(workspace, measures, data)
    bound = workspace.bound
    texts = {owner: data.texts(*owner) for owner in dataset.owner_fields(measures)}
    whose = attribution.find(bound, workspace.staff, texts, workspace.cell_of)
    book, _ = _targets(workspace, whose, lines)
    own_slices = tuple(_slice(period, job, data) for period in periods)
    slices = (*own_slices, *(_slice(period, replace(job, seen={}), data) for period in bases))
    members = {one_slice.id: _members(bound, job, whose, one_slice.period) for one_slice in slices}
    for one_slice in own_slices:
        two_posts.require_apart(bound, members[one_slice.id], one_slice.period)
    engine = CreditEngine(data.engine(job.engine))
    departments = _needs_departments(plain, job) or bool(lines.growths(of_departments=True))
    queries = _queries(job, measures, slices, _People(bound, whose, book, members, departments))
    working_time.require_known(bound, engine, queries.values())
    facts = Facts(bound, kpis, {e: _answer(bound, engine, q) for e, q in queries.items()})
    notes = [*(p for p in workspace.problems if p not in workspace.missing), *data.notes]
    if workspace.staff.by_accounts and any(bound.who[c] is None for c in _cards(bound, job)):
        notes.append(Problem("portal.people_named", None, {}, "note"))
    context = MeasuredContext(bound, whose, facts, frozenset(one_slice.id for one_slice in slices))
    plain = replace(plain, measures=bound.measures)
    measured = _Shared(kpis, data, engine, whose, queries, facts, context, lines, tuple(notes))
    return tuple(
        _computation(
            replace(workspace, bound=plain.at(one_slice.period)),
            replace(job, period=one_slice.period, as_of=one_slice.as_of),
            (one_slice, members[one_slice.id]),
            measured,
        )
        for one_slice in own_slices
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What periods that were measured together share."""

    kpis: tuple[str, ...]
    dataset: Dataset
    engine: Engine
    subjects: Subjects
    queries: Mapping[str, Query]
    facts: Facts
    context: MeasuredContext
    lines: target_file.Lines
    notes: tuple[Problem, ...]

    def kpis_of(self, bound: Bound, job: ComputeRequest) -> tuple[str, ...]:
        """Return the KPIs of one period: others than its own scorecards may have had some."""
        return _needed_kpis(bound, job, self.lines.unit_kpis(bound))


def _computation(
    workspace: Workspace,
    job: ComputeRequest,
    of_slice: tuple[Slice, Mapping[str, tuple[Person, ...]]],
    asked: _Shared,
) -> Computation:
    """Resolve the targets of one period (its slice, the people of each scorecard)."""
    bound, (own, members) = workspace.bound, of_slice
    kpis = asked.kpis_of(bound, job)
    book, remarks = _targets(workspace, asked.subjects, asked.lines)
    roll = Roll(
        bound.zone, bound.calendar, workspace.absences, partial(working_time.calendar_of, bound)
    )
    frame = pace.frame_of(own.period)  # what `mtd` is to reach is the month's target
    return Computation(
        workspace=workspace,
        job=job,
        kpis=kpis,
        dataset=asked.dataset,
        engine=asked.engine,
        subjects=asked.subjects,
        targets=book,
        slice=own,
        members=members,
        queries=asked.queries,
        facts=asked.facts,
        expected=PeriodTargets(book, frame, bound, roll, asked.context),
        said=(*asked.notes, *remarks),
    )


def _widen(
    workspace: Workspace, measures: tuple[Measure, ...], data: Dataset
) -> tuple[Workspace, tuple[Measure, ...]]:
    """Have the measures take every spelling of the texts that they compare with."""
    wide = spellings.widened(measures, data.connection, data.tables.names)
    bound = workspace.bound
    own = {
        kpi: tuple(wide.get(m.name, m) for m in several) for kpi, several in bound.measures.items()
    }
    widened = replace(workspace, bound=replace(bound, measures=own))
    return widened, tuple(wide[measure.name] for measure in measures)


def _cards(bound: Bound, job: ComputeRequest) -> list[str]:
    return [card for card in bound.cards if not job.scorecards or card in job.scorecards]


def _data_request(
    job: ComputeRequest, measures: tuple[Measure, ...], periods: Sequence[Period]
) -> DataRequest:
    return DataRequest(measures, tuple(periods), job.as_of, job.ordered, job.extra_fields)


def _slice(period: Period, job: ComputeRequest, data: Dataset) -> Slice:
    """Return a period as it is known now, or when it is to be seen, to where the data reach."""
    as_of = job.seen.get(period.text, job.as_of)
    horizon = as_of if data.latest is None else min(as_of, data.latest)
    cut = period.text in job.seen
    return Slice(f"{period.text}@{as_of}" if cut else period.text, period, as_of, horizon)


def _members(
    bound: Bound, job: ComputeRequest, whose: Subjects, period: Period
) -> dict[str, tuple[Person, ...]]:
    cards = _cards(bound, job)
    return {card: tuple(attribution.members(bound, card, whose, period)) for card in cards}


def _with_pay(plain: Bound, job: ComputeRequest, periods: Sequence[Period]) -> ComputeRequest:
    """Return what is asked for with the KPIs and the fields that pay needs in any of the periods:
    bonuses may change from one edition of a scorecard to the next."""
    from kpictl.plan import pay_records  # asked for by few

    kpis, fields = dict.fromkeys(job.extra_kpis), set(job.extra_fields)
    for bound in map(plain.at, periods):
        for card in _cards(bound, job):
            kpis |= dict.fromkeys(sorted(pay_figures.kpis_of(bound, card)))
            fields |= pay_records.fields_of(bound, card)
    return replace(job, extra_kpis=tuple(kpis), extra_fields=frozenset(fields))


def _needed_kpis(bound: Bound, job: ComputeRequest, of_units: Iterable[str]) -> tuple[str, ...]:
    """Return the KPIs of the chosen scorecards and of units' goals, and what they are made of."""
    plan = bound.plan
    needed = {kpi for card in _cards(bound, job) for kpi in bound.cards[card].kpis}
    if not job.scorecards:
        blocks = plan.targets.blocks.items()
        needed |= {*plan.targets.company, *of_units, *bound.cascades}
        needed |= {kpi for kpi in plan.kpis if bound.of_company(kpi)}
        needed |= {kpi for key, block in blocks if key.startswith("department.") for kpi in block}
    needed |= set(job.extra_kpis)

    def add(kpi: str) -> None:
        needed.add(kpi)
        for need in plan.kpis[kpi].needs():
            add(need)

    for kpi in tuple(needed):
        add(kpi)
    return tuple(kpi for kpi in bound.order if kpi in needed)


def _targets(
    workspace: Workspace, whose: Subjects, lines: target_file.Lines
) -> tuple[TargetBook, list[Problem]]:
    """Return all targets with what is to be said of them. PlanRejected where some contradict."""
    bound = workspace.bound
    book, named = TargetBook(bound.volumes), whose.everybody()
    written, problems = targets.from_plan(bound, named)
    from_file, more = target_file.written(lines, bound, named)
    problems = [*problems, *more, *book.add([*written, *from_file])]
    dataset.require_none_wrong(workspace, problems)
    return book, problems


@dataclass(frozen=True, slots=True)
class _People:
    """Who is measured: `members` by slice and scorecard; whether `departments` are told apart."""

    bound: Bound
    subjects: Subjects
    book: TargetBook
    members: Mapping[str, Mapping[str, tuple[Person, ...]]]
    departments: bool


def _queries(
    job: ComputeRequest, measures: Sequence[Measure], slices: tuple[Slice, ...], people: _People
) -> dict[str, Query]:
    """Return one question for each entity."""
    cards = _cards(people.bound, job)
    groups: dict[str, Mapping[str, frozenset[str]] | None] = {
        card: {
            slice_id: units.subjects_of_card(
                people.bound.cards[card], of_card[card], people.subjects
            )
            for slice_id, of_card in people.members.items()
        }
        for card in cards
    }
    groups[ALL] = None
    for person in people.subjects.people():
        if len(own := person.posts()) > 1:
            whole = frozenset(p.subject for p in own)
            groups[group_of_person(person.id)] = dict.fromkeys((s.id for s in slices), whole)
    several = posts.groups(people.bound, people.subjects.people(), people.members.values())
    for group, subjects in several.items():
        groups[group] = dict.fromkeys((s.id for s in slices), subjects)
    crowds = [crowd for of_card in people.members.values() for crowd in of_card.values()]
    within = job.by_department or job.by == "department"
    needed = people.departments
    divisions = units.divisions(people.subjects, people.book, crowds, always=within or needed)
    groups |= units.groups_above(people.subjects, (s.id for s in slices), divisions)
    if within:
        groups |= units.groups_of_cards(people.members)
    found = {}
    for entity in dict.fromkeys(m.entity for m in measures):
        asked = tuple(m for m in measures if m.entity == entity)
        owners = {
            by: people.subjects.owners(entity, by, people.bound.zone, _months(asked, by))
            for by in dict.fromkeys(m.by for m in asked)
        }
        query = Query(entity, asked, slices, people.bound.zone, owners, groups, divisions)
        period = slices[0].period
        work = working_time.work_times(people.bound, people.subjects, query, period)
        linked = working_time.linked_work_times(people.bound, people.subjects, query, period)
        found[entity] = replace(query, work=work, linked_work=linked)
    return found


def _months(measures: Iterable[Measure], by: str) -> int:
    """Return of how many months each record is that an owner field names somebody of; 0 where not
    all are of as many."""
    each = {m.months if m.monthly else 0 for m in measures if m.by == by}
    return each.pop() if len(each) == 1 else 0


def _needs_departments(bound: Bound, job: ComputeRequest) -> bool:
    """Say whether targets are made of facts of departments, or a scorecard, from whichever day on,
    scores departments, or people by their department."""
    if of_departments(bound):
        return True
    if job.pay and pay_figures.needs_departments(bound, _cards(bound, job)):
        return True
    cards = (bound.cards[card] for card in _cards(bound, job))
    specs = [spec for card in cards for _, spec in editions.editions(card)]
    levels = {entry.level for spec in specs for entry in spec.kpis.values()}
    return "department" in levels or any(spec.rows == "departments" for spec in specs)


def _answer(bound: Bound, engine: Engine, query: Query) -> Answer:
    """Ask the engine; numbers beyond 28 digits before the point are a mistake in the data."""
    try:
        return engine.answer(query)
    except EngineError as error:
        kpis = ", ".join(dict.fromkeys(bound.label(m.kpi) for m in query.measures))
        data = {"entity": query.entity, "kpis": kpis}
        raise SourceError([Problem("compute.too_large", None, data)]) from error
