"""The conductor of the main job: plan and periods → `Results`. Order of calls, no arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app import assembly, period_notes, questions, recognition
from kpictl.app.workspace import Workspace, require_pulled, require_sound
from kpictl.errors import Problem, SourceError
from kpictl.measure import dataset, spellings
from kpictl.measure.dataset import DataRequest, Dataset
from kpictl.measure.facts import Facts
from kpictl.measure.query import (
    Answer,
    Engine,
    EngineError,
    Measure,
    Query,
    Slice,
    SliceId,
    joined,
)
from kpictl.people import attribution, selection, two_posts, working_time
from kpictl.people.attribution import Subjects
from kpictl.people.shared_credit import CreditEngine
from kpictl.people.staff import Person
from kpictl.plan import pay_figures
from kpictl.plan.bound import Bound
from kpictl.results import called
from kpictl.scoring import pace, targets
from kpictl.scoring.measured_period import MeasuredPeriod
from kpictl.scoring.target_context import MeasuredContext, base_periods
from kpictl.scoring.targets import PeriodTargets, TargetBook
from kpictl.scoring.targets.attendance import Roll
from kpictl.sources import target_file
from kpictl.values import EngineName, Period, Results

if TYPE_CHECKING:
    from kpictl.pay.ledger import Frames


class ComputeRequest(Struct, frozen=True):
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
    seen: Mapping[str, datetime] = {}
    engine: EngineName = "duckdb"
    pay: bool = False


class Computation(MeasuredPeriod, frozen=True, dict=True):
    """Everything that is known of one period: what `Results` are made of, and explanations.

    Beside what scores are made of: whence it is (`workspace`, `dataset`, `engine`), the `queries`
    that were asked, and what was to be said while it was measured (`said`).
    """

    workspace: Workspace
    request: ComputeRequest
    dataset: Dataset
    engine: Engine
    queries: Mapping[str, Query]
    said: tuple[Problem, ...]

    @cached_property
    def notes(self) -> tuple[Problem, ...]:
        """What a reader of the period must know."""
        return tuple(period_notes.of_period(self))


def compute(workspace: Workspace, request: ComputeRequest) -> Results:
    """Compute the scorecards of a period. PlanRejected, SourceError or UsageError with all that
    is in the way; nothing is half-done."""
    results, computations = compute_beside(workspace, request, ())
    computations[request.period.text].dataset.close()
    return results


def compute_beside(
    workspace: Workspace, request: ComputeRequest, beside: Sequence[Period]
) -> tuple[Results, Mapping[str, Computation]]:
    """Compute the scorecards of a period, and measure others with it; return also everything that
    is known of each, by its text."""
    require_sound(workspace)
    before = recognition.earlier(workspace.bound, request)
    measured = _measured(workspace, request, (*beside, *before, request.period))
    now = measured.computations[request.period.text]
    earlier = [measured.computations[period.text] for period in before]
    results = recognition.recognized(_results(now, measured), now, earlier)
    return results, measured.computations


def compute_measured(workspace: Workspace, request: ComputeRequest) -> tuple[Computation, Results]:
    """Compute a period without its awards; return also what its scorecards are made of."""
    require_sound(workspace)
    measured = _measured(workspace, request, (request.period,))
    now = measured.computations[request.period.text]
    return now, _results(now, measured)


class _Periods(Struct, frozen=True):
    """Periods that were measured together, by their text, and on which ones the pay of each
    depends."""

    computations: Mapping[str, Computation]
    frames: Mapping[str, Frames]


def _measured(workspace: Workspace, request: ComputeRequest, periods: Sequence[Period]) -> _Periods:
    """Measure periods, with those that their pay depends on where it is asked for."""
    frames: dict[str, Frames] = {}
    if request.pay:
        from kpictl.pay import ledger  # asked for by few

        bound, book = workspace.bound, workspace.paybook
        frames = {period.text: ledger.frames(bound, book, period) for period in periods}
    beside = (one for frame in frames.values() for one in frame.all)
    computations = measure_periods(workspace, request, (*periods, *beside))
    return _Periods({one.period.text: one for one in computations}, frames)


def _results(computed: Computation, measured: _Periods) -> Results:
    """Return the scorecards of a computation, with the pay where it is asked for."""
    results = assembly.results(computed)
    if not computed.request.pay:
        return results
    from kpictl.pay import payments  # asked for by few

    frames = measured.frames[computed.period.text]
    pay = payments.with_history(computed, frames, measured.computations)
    chosen = assembly.chosen_subjects(computed, computed.members)
    own = payments.of_shown(payments.of_chosen(pay, chosen), results.scorecards)
    said = tuple(payments.remarks(own, computed))
    own, said = called((own, said), computed.bound.loaded.file, results.plan_file)
    return replace(results, pay=own, warnings=(*results.warnings, *said))


def measure(workspace: Workspace, request: ComputeRequest) -> Computation:
    """Load what a period needs, ask the engine, and resolve people and targets."""
    return measure_periods(workspace, request, (request.period,))[0]


def measure_periods(
    workspace: Workspace, request: ComputeRequest, periods: Sequence[Period]
) -> tuple[Computation, ...]:
    """Measure several periods at once; each may be asked for alone afterwards."""
    require_sound(workspace)
    periods = tuple({period.text: period for period in periods}.values())
    as_written = workspace.bound
    workspace = replace(workspace, bound=as_written.over(periods))
    chosen = tuple(selection.scorecard(workspace.bound, text) for text in request.scorecards)
    request = replace(request, scorecards=chosen)
    request = _with_pay(as_written, request, periods) if request.pay else request
    measured = _measured_together(workspace, request, periods, as_written)
    bound = replace(as_written, measures=measured.facts.bound.measures)
    return tuple(
        _computation(
            replace(workspace, bound=bound.at(one_slice.period)),
            replace(request, period=one_slice.period, as_of=one_slice.as_of),
            one_slice,
            measured,
        )
        for one_slice in measured.slices
    )


def _measured_together(
    workspace: Workspace, request: ComputeRequest, periods: Sequence[Period], as_written: Bound
) -> _Shared:
    """Load what periods need, with those that their targets grow from, and ask the engine once.

    The plan of the workspace is that of all periods together: its KPIs are those of any of them.
    """
    lines = target_file.read_lines(workspace.bound, workspace.scratch)
    kpis = questions.needed_kpis(workspace.bound, request, lines.unit_kpis(workspace.bound))
    bases = _bases(as_written, request, periods, lines)
    data, bound, measures = _loaded(workspace, request, kpis, (*periods, *bases))
    texts = {owner: data.texts(*owner) for owner in dataset.owner_fields(measures)}
    subjects = attribution.find(bound, workspace.staff, texts, workspace.cell_of)
    slices = tuple(questions.slice_of(period, request, data) for period in periods)
    whole = replace(request, seen={})
    all_slices = (*slices, *(questions.slice_of(period, whole, data) for period in bases))
    members = {
        one.id: questions.members_of(bound, request, subjects, one.period) for one in all_slices
    }
    for one_slice in slices:
        two_posts.require_apart(bound, members[one_slice.id], one_slice.period)
    # Which departments are told apart depends on who has a target. What is to be said of targets is
    # said of each period, when its own are resolved (`_computation`).
    book, _ = _targets(replace(workspace, bound=bound), subjects, lines)
    crowd = questions.Crowd(
        bound,
        subjects,
        book,
        members,
        departments=questions.needs_departments(as_written, request)
        or bool(lines.growths(of_departments=True)),
        within=request.by_department or request.by == "department",
    )
    parts = working_time.alike(bound, subjects, measures, all_slices)
    asked = [questions.queries(measures, part, crowd) for part in parts]
    engine = CreditEngine(data.engine(request.engine))
    working_time.require_known(bound, engine, (q for queries in asked for q in queries.values()))
    answers = {
        entity: joined(_answer(bound, engine, queries[entity]) for queries in asked)
        for entity in asked[0]
    }
    return _Shared(
        request=request,
        dataset=data,
        engine=engine,
        subjects=subjects,
        slices=slices,
        members=members,
        queries={s.id: of_part for part, of_part in zip(parts, asked, strict=True) for s in part},
        facts=Facts(bound, kpis, answers),
        lines=lines,
        notes=tuple(_notes(workspace, request, data)),
    )


def _loaded(
    workspace: Workspace, request: ComputeRequest, kpis: Sequence[str], periods: Sequence[Period]
) -> tuple[Dataset, Bound, tuple[Measure, ...]]:
    """Load what KPIs need of periods; return with it the plan whose measures take every spelling of
    what they compare with, and these measures."""
    require_pulled(workspace, kpis)
    measures = tuple(m for kpi in kpis for m in workspace.bound.measures[kpi])
    data = dataset.load(workspace, _data_request(request, measures, periods))
    return data, *_widened(workspace.bound, measures, data)


def _bases(
    as_written: Bound, request: ComputeRequest, periods: Sequence[Period], lines: target_file.Lines
) -> tuple[Period, ...]:
    """Return the periods that targets grow from and that are not measured whole anyway."""
    bases = base_periods(as_written, map(pace.frame_of, periods), lines.growths())
    whole = {period.text for period in periods} - request.seen.keys()
    return tuple(period for period in bases if period.text not in whole)


def _notes(workspace: Workspace, request: ComputeRequest, data: Dataset) -> Iterator[Problem]:
    """Yield what the sources had to say, and that people are named by a portal."""
    yield from (p for p in workspace.problems if p not in workspace.missing)
    yield from data.notes
    bound = workspace.bound
    cards = questions.cards_of(bound, request)
    if workspace.staff.by_accounts and any(bound.who[card] is None for card in cards):
        yield Problem("portal.people_named", None, {}, "note")


class _Shared(Struct, frozen=True, dict=True):
    """What periods that were measured together share."""

    request: ComputeRequest
    dataset: Dataset
    engine: Engine
    subjects: Subjects
    slices: tuple[Slice, ...]
    members: Mapping[str, Mapping[str, tuple[Person, ...]]]
    queries: Mapping[SliceId, Mapping[str, Query]]
    facts: Facts
    lines: target_file.Lines
    notes: tuple[Problem, ...]

    @cached_property
    def context(self) -> MeasuredContext:
        """What targets ask of people and facts; of periods that are seen at a moment, nothing."""
        return MeasuredContext(self.facts.bound, self.subjects, self.facts, frozenset(self.members))

    def kpis_of(self, bound: Bound) -> tuple[str, ...]:
        """Return the KPIs of one period: others than its own scorecards may have had some."""
        return questions.needed_kpis(bound, self.request, self.lines.unit_kpis(bound))


def _computation(
    workspace: Workspace, request: ComputeRequest, own: Slice, shared: _Shared
) -> Computation:
    """Resolve the targets of one period, whose plan the workspace has."""
    bound = workspace.bound
    book, remarks = _targets(workspace, shared.subjects, shared.lines)
    roll = Roll(
        bound.zone, bound.calendar, workspace.absences, partial(working_time.calendar_of, bound)
    )
    frame = pace.frame_of(own.period)  # what `mtd` is to reach is the month's target
    return Computation(
        bound=bound,
        slice=own,
        facts=shared.facts,
        kpis=shared.kpis_of(bound),
        subjects=shared.subjects,
        members=shared.members[own.id],
        expected=PeriodTargets(book, frame, bound, roll, shared.context),
        cards=tuple(questions.cards_of(bound, request)),
        all_cards=not request.scorecards,
        by=request.by,
        workspace=workspace,
        request=request,
        dataset=shared.dataset,
        engine=shared.engine,
        queries=shared.queries[own.id],
        said=(*shared.notes, *remarks),
    )


def _widened(
    bound: Bound, measures: tuple[Measure, ...], data: Dataset
) -> tuple[Bound, tuple[Measure, ...]]:
    """Have the measures take every spelling of the texts that they compare with."""
    wide = spellings.widened(measures, data.connection, data.tables.names)
    own = {
        kpi: tuple(wide.get(m.name, m) for m in several) for kpi, several in bound.measures.items()
    }
    return replace(bound, measures=own), tuple(wide[measure.name] for measure in measures)


def _data_request(
    request: ComputeRequest, measures: tuple[Measure, ...], periods: Sequence[Period]
) -> DataRequest:
    return DataRequest(
        measures, tuple(periods), request.as_of, request.ordered, request.extra_fields
    )


def _with_pay(plain: Bound, request: ComputeRequest, periods: Sequence[Period]) -> ComputeRequest:
    """Return what is asked for with the KPIs and the fields that pay needs in any of the periods:
    bonuses may change from one edition of a scorecard to the next."""
    from kpictl.plan import pay_records  # asked for by few

    kpis, fields = dict.fromkeys(request.extra_kpis), set(request.extra_fields)
    for bound in map(plain.at, periods):
        for card in questions.cards_of(bound, request):
            kpis |= dict.fromkeys(sorted(pay_figures.kpis_of(bound, card)))
            fields |= pay_records.fields_of(bound, card)
    return replace(request, extra_kpis=tuple(kpis), extra_fields=frozenset(fields))


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


def _answer(bound: Bound, engine: Engine, query: Query) -> Answer:
    """Ask the engine; numbers beyond 28 digits before the point are a mistake in the data."""
    try:
        return engine.answer(query)
    except EngineError as error:
        kpis = ", ".join(dict.fromkeys(bound.label(m.kpi) for m in query.measures))
        data = {"entity": query.entity, "kpis": kpis}
        raise SourceError([Problem("compute.too_large", None, data)]) from error
