"""One number end to end: sentence, formula with its figures, target, points, records.

The computation of the scorecards is asked again for the records behind one cell; that they add up
to it is checked here, at run time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app import computation, evidence, leftout, typed
from kpictl.app.computation import Computation, ComputeRequest
from kpictl.app.evidence import Record
from kpictl.app.explanation import ExplainedMeasure, Explanation, Step
from kpictl.app.workspace import Workspace, require_sound
from kpictl.errors import Problem, UsageError
from kpictl.measure import completeness
from kpictl.measure.query import ALL, NOBODY, GroupId, Measure, Op, Tally, order_statistic
from kpictl.naming import fold, told_apart
from kpictl.people import selection
from kpictl.people.staff import Person
from kpictl.plan.bound import Bound
from kpictl.plan.model import Level
from kpictl.scoring import posts as posts_of
from kpictl.scoring import scorecards, units
from kpictl.values import (
    SCORE_PLACES,
    Fact,
    LeftOut,
    Row,
    Score,
    SubjectId,
    Unit,
    UnitKind,
    to_decimal,
)

INDEX = "index"
_EXTRA = frozenset({"id", "title", "currency", "amount_original"})


class ExplainRequest(Struct, frozen=True):
    """What is to be explained: a KPI (or the index) of a person, of a department, of the company,
    or (of none of them) of a scorecard's people together."""

    kpi: str
    employee: str | None = None
    scorecard: str | None = None
    department: str | None = None
    company: bool = False
    post: str = ""

    def require_one_subject(self) -> None:
        """UsageError where the number is of several at once."""
        given = {
            "--employee": self.employee is not None,
            "--department": self.department is not None,
            "--company": self.company,
            "--scorecard": self.company and bool(self.scorecard),
        }
        units_of = [option for option, is_given in given.items() if is_given]
        if len(units_of) > 1:
            raise UsageError("usage.not_together", options=", ".join(units_of))


class _Whose(Struct, frozen=True):
    """Whose records a number is made of: a person's, or those of a group (`ALL`: everybody's, also
    nobody's; `subjects` is None then)."""

    subjects: frozenset[SubjectId] | None
    group: GroupId | None = None

    def facts(self, computed: Computation) -> Mapping[str, Fact]:
        if self.group is not None:
            return computed.group_facts(self.group)
        assert self.subjects is not None  # noqa: S101  only a group is everybody's
        return computed.facts_of(next(iter(self.subjects)))


_EVERYBODYS = _Whose(None, ALL)


def explain(workspace: Workspace, request: ComputeRequest, asked: ExplainRequest) -> Explanation:
    """Explain one number. UsageError when there is no such KPI, person or department."""
    require_sound(workspace)
    asked = _resolved(workspace.bound, asked, (INDEX,))
    computed = _measured(workspace, request, asked)
    if asked.department is not None and asked.scorecard is not None:
        return _of_department_in(computed, asked.scorecard, asked.department, asked.kpi)
    if asked.company or asked.department is not None:
        return _of_unit(computed, asked)
    asked = _with_post(computed, asked)
    person, card = _of_whom(computed, asked)
    if person is None:
        return _of_card(computed, card, asked.kpi)
    posts = _posts(computed, asked, card, person)
    if len(posts) > 1:
        return _of_posts(computed, asked, person, posts)
    return _of_post(computed, asked, posts[0], card)


def _of_post(
    computed: Computation, asked: ExplainRequest, own: Person, card: str | None
) -> Explanation:
    """Explain the number of a person, or of one post of somebody."""
    card = next((c for c in _having(computed, asked) if own in computed.members[c]), card)
    row = None if card is None else _ranked_row(computed, card, own)
    called, there = posts_of.called(computed, own), posts_of.days_of(computed, [own])
    if asked.kpi == INDEX:
        if row is None or card is None:
            raise UsageError("explain.no_card", name=called)
        return replace(_index(computed, called, card, row), there=there)
    if card is not None and (level := _level(computed, card, asked.kpi)) != "person":
        unit, whose = _unit_of(computed, level, row or own, asked.kpi)
        found = replace(_number(computed, called, asked.kpi, whose), unit=unit)
        return found if row is None else _scored(computed, found, card, row)
    found = _number(computed, called, asked.kpi, _of_several([own]))
    found = replace(found, of_many=False, there=there)
    return found if row is None or card is None else _scored(computed, found, card, row)


def _of_posts(
    computed: Computation, asked: ExplainRequest, person: Person, posts: list[Person]
) -> Explanation:
    """Explain the number of somebody with several posts, as one person."""
    called, there = posts_of.called(computed, person, whole=True), posts_of.days_of(computed, posts)
    subjects = frozenset(post.subject for post in posts)
    lines = [
        line for line in posts_of.moved(computed).get(person.id, ()) if line[1].subject in subjects
    ]
    if asked.scorecard is not None:
        lines = [line for line in lines if line[0] == asked.scorecard]
    if asked.kpi == INDEX:
        if not lines:
            raise UsageError("explain.no_card", name=called)
        whole = scorecards.whole_of(computed, lines)
        return replace(_bare(computed, called), whole=whole, there=there)
    found = _number(computed, called, asked.kpi, _of_several(posts))
    found = replace(found, of_many=False, there=there)
    lines = [line for line in lines if asked.kpi in computed.bound.cards[line[0]].kpis]
    if not lines:
        return found
    whole = scorecards.whole_of(computed, lines)
    score = next(one for one in whole.scores if one.kpi == asked.kpi)
    names = told_apart(post for _, post in lines)
    rows = ((post, scorecards.row_of(computed, card, post)) for card, post in lines)
    targets = ((names[post.subject], row.score(asked.kpi).target) for post, row in rows)
    addends = tuple((name, one) for name, one in targets if one is not None)
    is_sum = score.target is not None and score.target.level == "sum"
    return replace(found, score=score, addends=addends if is_sum else ())


def _level(computed: Computation, card: str, kpi: str) -> Level:
    """Return whose number a KPI of a scorecard is."""
    entry = computed.bound.cards[card].kpis.get(kpi)
    return "person" if entry is None else entry.level


def _unit_of(
    computed: Computation, level: UnitKind, whose: Row | Person, kpi: str
) -> tuple[Unit, _Whose]:
    """Return the unit whose number somebody shares, with its score, and whose records those are."""
    if level == "company":
        return units.whole_company(computed, kpi), _EVERYBODYS
    if whose.department is None:
        raise UsageError("explain.without_department", name=whose.name)
    return _department(computed, whose.department, kpi)


def _of_department_in(computed: Computation, card: str, text: str, kpi: str) -> Explanation:
    """Explain the number of a department in a scorecard: of all its records where the scorecard is
    of departments, else of those of its people who are in the scorecard."""
    names = units.of_people_in(computed.members[card])
    folded = selection.unit(text, names)
    by_department = replace(computed, by="department")
    rows = scorecards.card_rows(by_department, card)
    (row,) = (row for row in rows if fold(row.name) == folded)
    if kpi == INDEX:
        return _index(computed, row.name, card, row)
    if computed.bound.cards[card].rows == "departments":
        unit, whose = _department(computed, row.name, kpi)
        found = replace(_number(computed, row.name, kpi, whose), unit=unit)
        return _scored(computed, found, card, row)
    inside = (p for p in computed.members[card] if p.department and fold(p.department) == folded)
    group = units.group_of_card(card, row.name)
    whose = _Whose(frozenset(p.subject for p in inside), group)
    return _scored(computed, _number(computed, row.name, kpi, whose), card, row)


def _number(computed: Computation, subject: str, kpi: str, whose: _Whose) -> Explanation:
    """Explain a fact, whatever is expected of it."""
    steps = _steps(computed, kpi, whose.facts(computed), whose)
    found = replace(_bare(computed, subject), steps=tuple(steps), notes=_notes(computed, kpi))
    return replace(found, of_many=whose.group is not None)


def _scored(computed: Computation, found: Explanation, card: str, row: Row) -> Explanation:
    """Add what a line of a scorecard makes of a fact, if it has the KPI at all."""
    kpi = found.steps[0].kpi
    entry = computed.bound.cards[card].kpis.get(kpi)
    if entry is None:
        return found
    score = row.score(kpi)
    return replace(found, score=score, shape=entry.score, contribution=contribution(row, score))


def _index(computed: Computation, subject: str, card: str, row: Row) -> Explanation:
    spec = computed.bound.cards[card]
    found = replace(_bare(computed, subject), row=row, notes=_incomplete(computed, row))
    return replace(
        found,
        tie_break=tuple(spec.tie_break) if row.rank is not None else (),
        units={kpi: computed.bound.kind(kpi).shown_unit for kpi in spec.kpis},
        shapes={kpi: entry.score for kpi, entry in spec.kpis.items()},
        missing={kpi: entry.missing or spec.missing for kpi, entry in spec.kpis.items()},
        min_coverage=spec.min_coverage,
    )


def _of_card(computed: Computation, card: str | None, kpi: str) -> Explanation:
    """Explain the number of everybody in a scorecard together, or of all records."""
    bound = computed.bound
    if card is None:
        if kpi == INDEX:
            raise UsageError("usage.index_of_whom")
        return _number(computed, "", kpi, _EVERYBODYS)
    title = bound.cards[card].label or card
    rows = scorecards.card_rows(computed, card)
    total = scorecards.total(computed, card, rows)
    if kpi == INDEX:
        if total is None:
            raise UsageError("usage.index_of_whom")
        return _index(computed, title, card, total)
    found = _number(computed, title, kpi, _of_members(computed, card))
    if total is None:
        return found
    found = _scored(computed, found, card, total)
    if found.score is None or found.score.target is None or found.score.target.level != "sum":
        return found
    names = told_apart(rows)
    added = scorecards.outermost(computed, card, rows)
    targets = ((names[row.subject], row.score(kpi).target) for row in added)
    return replace(found, addends=tuple((name, t) for name, t in targets if t is not None))


def _of_members(computed: Computation, card: str) -> _Whose:
    spec, people = computed.bound.cards[card], computed.members[card]
    return _Whose(units.subjects_of_card(spec, people, computed.subjects), card)


def _with_post(computed: Computation, asked: ExplainRequest) -> ExplainRequest:
    name, mark = posts_of.split_mark(computed, asked.employee)
    return replace(asked, employee=name, post=mark)


def _having(computed: Computation, asked: ExplainRequest) -> list[str]:
    """Return the scorecards in which a number is looked for."""
    if asked.scorecard is not None:
        return [asked.scorecard]
    cards = computed.bound.cards
    return [c for c, spec in cards.items() if asked.kpi in spec.kpis or asked.kpi == INDEX]


def _posts(
    computed: Computation, asked: ExplainRequest, card: str | None, person: Person
) -> list[Person]:
    cards = _having(computed, asked) if card is not None else []
    return posts_of.held(computed, cards, person, asked.post)


def _of_several(posts: Sequence[Person]) -> _Whose:
    """Return whose records somebody's are: of several posts the records of all."""
    subjects = frozenset(post.subject for post in posts)
    if len(subjects) == 1:
        return _Whose(subjects)
    return _Whose(subjects, posts_of.group_of(posts[0].id, subjects))


def _of_unit(computed: Computation, asked: ExplainRequest) -> Explanation:
    """Explain the number of a department or the company, held against a goal of its own."""
    if asked.kpi == INDEX:
        raise UsageError("explain.index_of_unit")
    if asked.department is None:
        unit, whose = units.whole_company(computed, asked.kpi), _EVERYBODYS
    else:
        unit, whose = _department(computed, asked.department, asked.kpi)
    (score,) = unit.scores
    found = _number(computed, unit.name, asked.kpi, whose)
    first, *others = found.steps
    steps = (replace(first, fact=score.fact), *others)
    return replace(found, steps=steps, unit=unit, score=score, shape=units.UNWEIGHTED.score)


def _department(computed: Computation, text: str, kpi: str) -> tuple[Unit, _Whose]:
    """Return a department with its score of a KPI, and whose records those are."""
    folded = selection.unit(text, units.names(computed))
    if not units.of_people(computed, kpi):
        raise UsageError("explain.not_of_people", kpi=computed.bound.label(kpi))
    group = units.group_of(folded)
    return units.department(computed, folded, kpi), _Whose(units.people_of(computed, folded), group)


class Omission(Struct, frozen=True):
    """What a KPI leaves out of everybody's number, each reason with its records, and what a reader
    of the list must know."""

    lines: tuple[tuple[LeftOut, list[Record]], ...]
    notes: tuple[Problem, ...]


def left_out(workspace: Workspace, request: ComputeRequest, asked: ExplainRequest) -> Omission:
    """Return what a KPI leaves out of everybody's number, with the records; of one person or unit,
    those that bear their name."""
    require_sound(workspace)
    asked = _resolved(workspace.bound, asked)
    computed = _measured(workspace, request, asked)
    subjects = _bearers(computed, asked)
    found = []
    for measure in computed.bound.leaves(asked.kpi):
        for line in leftout.of_measure(computed, asked.kpi, measure):
            records = evidence.left_out(computed, measure, line.reason, asked.kpi, subjects)
            if records or subjects is None:
                found.append((line if subjects is None else _narrowed(line, records), records))
    return Omission(tuple(found), _notes(computed, asked.kpi))


def _bearers(computed: Computation, asked: ExplainRequest) -> frozenset[SubjectId] | None:
    """Return whose records are asked for; None for everybody's, also nobody's."""
    asked = _with_post(computed, asked)
    if asked.department is not None:
        return units.people_of(computed, selection.unit(asked.department, units.names(computed)))
    if asked.employee is not None:
        person, card = _of_whom(computed, asked)
        if person is None:
            return None
        return _of_several(_posts(computed, asked, card, person)).subjects
    return _of_members(computed, asked.scorecard).subjects if asked.scorecard is not None else None


def _narrowed(line: LeftOut, records: Sequence[Record]) -> LeftOut:
    """Return what is left out of some people's records alone."""
    ids = tuple(record.id for record in records if record.id is not None)
    owners = {record.owner for record in records if record.owner} if line.names else set()
    amount = None
    if line.amount is not None:
        amount = sum((r.value for r in records if isinstance(r.value, Decimal)), Decimal(0))
    return replace(
        line,
        count=len(records),
        amount=amount,
        ids=ids[: leftout.IDS],
        names=tuple(leftout.in_order(owners)),
        more=0,
    )


def _resolved(bound: Bound, asked: ExplainRequest, others: tuple[str, ...] = ()) -> ExplainRequest:
    """Return what is asked, with the ids of the KPI (or one of the `others`, words that stand
    beside KPIs) and of the scorecard that are meant; a figure without people is the company's.
    UsageError where it is of several at once."""
    kpi = selection.kpi(bound, asked.kpi, others)
    card = asked.scorecard and selection.scorecard(bound, asked.scorecard)
    asked.require_one_subject()
    alone = kpi != INDEX and bound.of_company(kpi)
    if alone and (asked.employee is not None or asked.department is not None):
        raise UsageError("explain.of_company", kpi=bound.label(kpi))
    return replace(asked, kpi=kpi, scorecard=card, company=asked.company or alone)


def contribution(row: Row, score: Score) -> Decimal | None:
    """Return how many points of the index a KPI gives: w·s / Σ w of what was counted."""
    if not score.counted or score.points is None:
        return None
    weight = sum((s.weight for s in row.scores if s.counted), Decimal(0))
    return to_decimal(
        Fraction(score.weight) * Fraction(score.points) / Fraction(weight), SCORE_PLACES
    )


def _measured(workspace: Workspace, request: ComputeRequest, asked: ExplainRequest) -> Computation:
    wanted = () if asked.kpi == INDEX else (asked.kpi,)
    by_department = asked.department is not None
    request = replace(request, ordered=True, extra_fields=_EXTRA, extra_kpis=wanted)
    return computation.measure(workspace, replace(request, by_department=by_department))


def _bare(computed: Computation, subject: str) -> Explanation:
    company = computed.bound.plan.company
    currency, labels = company.currency or "", _labels(computed)
    grades = computed.bound.plan.report.colors.grades
    found = Explanation(computed.period, subject, currency, company.timezone, (), labels=labels)
    return replace(found, grades=grades)


def _labels(computed: Computation) -> dict[str, str]:
    return {kpi: computed.bound.label(kpi) for kpi in computed.kpis}


def _notes(computed: Computation, kpi: str) -> tuple[Problem, ...]:
    entities = {m.entity for m in computed.bound.leaves(kpi)}
    about = {*entities, None}
    found = (
        p
        for p in computed.notes
        if (p.data.get("entity") in entities and p.code.startswith(("source.", "manual.")))
        or (p.data.get("entity") in about and p.code.startswith(completeness.PREFIX))
        if p.code != typed.LACKING  # which names others
    )
    once: list[Problem] = []
    for problem in found:
        if not any((p.code, p.data) == (problem.code, problem.data) for p in once):
            once.append(problem)
    return tuple(once)


def _incomplete(computed: Computation, row: Row) -> tuple[Problem, ...]:
    """Return what is missing of the period for any KPI of a row."""
    found = (
        p for score in row.scores for p in completeness.incomplete(_notes(computed, score.kpi))
    )
    return tuple({(p.code, str(p.data)): p for p in found}.values())


def _of_whom(computed: Computation, asked: ExplainRequest) -> tuple[Person | None, str | None]:
    """Return the person who is meant, if any, and the scorecard: the one named, else the first
    that has the KPI and the person."""
    having = _having(computed, asked)
    if asked.employee is None:
        return None, having[0] if having else None
    scored = {c: computed.members[c] for c in having}
    person, _ = selection.person(asked.employee, scored, computed.subjects.everybody())
    of_person = [c for c in having if person.id in {p.id for p in scored[c]}]
    return person, next(iter(of_person or having), None)


def _ranked_row(computed: Computation, card: str, person: Person) -> Row | None:
    rows = scorecards.card_rows(computed, card)
    return next((row for row in rows if row.subject == person.subject), None)


def _steps(computed: Computation, kpi: str, facts: Mapping[str, Fact], whose: _Whose) -> list[Step]:
    """Return the KPI and, depth first, those that it is made of, each once."""
    bound = computed.bound
    parts = [_part(computed, measure, whose) for measure in bound.measures[kpi]]
    kind, captions = bound.kind(kpi), _captions(computed, bound.measures[kpi])
    steps = [Step(kpi, bound.label(kpi), kind, facts[kpi], tuple(parts), captions)]
    for need in dict.fromkeys(bound.kind(kpi).needs()):
        known = {step.kpi for step in steps}
        steps.extend(s for s in _steps(computed, need, facts, whose) if s.kpi not in known)
    return steps


def _captions(computed: Computation, measures: Iterable[Measure]) -> dict[str, str]:
    """Return what the source calls the fields that say whose and when a record is."""
    found: dict[str, str] = {}
    for measure in measures:
        present = computed.bound.schemas[measure.entity].present
        for name in {measure.by, measure.when} - {NOBODY}:
            if captions := present[name].captions:
                found.setdefault(name, captions[0])
    return found


def _part(computed: Computation, measure: Measure, whose: _Whose) -> ExplainedMeasure:
    records = evidence.records(computed, measure, whose.subjects)
    if whose.group is None or not measure.overlay:  # credit over a whole record is in no total
        evidence.verify(measure, records, _tally(computed, measure, whose))
    if measure.value is not None:  # records without a value are among the exclusions
        records = [record for record in records if record.value is not None]
    part = ExplainedMeasure(
        measure, tuple(records), tuple(evidence.exclusions(computed, measure, whose.subjects))
    )
    if measure.op not in (Op.QUANTILE, Op.MIN, Op.MAX) or not records:
        return part
    by_value = sorted(records, key=_size)
    last = len(records) - 1
    if measure.op is Op.QUANTILE:
        first, between = order_statistic(measure.position, len(records))
        sought = (first, first + 1) if between and first < last else (first,)
    else:
        sought = (0 if measure.op is Op.MIN else last,)
    return replace(part, records=tuple(by_value), sought=sought)


def _size(record: Record) -> Decimal:
    return record.value if isinstance(record.value, Decimal) else Decimal(0)


def _tally(computed: Computation, measure: Measure, whose: _Whose) -> Tally | None:
    part = computed.slice.id
    if whose.group is not None:
        return computed.facts.group_tally(measure, part, whose.group)
    assert whose.subjects is not None  # noqa: S101  only a group is everybody's
    return computed.facts.tally(measure, part, next(iter(whose.subjects)))
