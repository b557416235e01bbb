"""Rows of scorecards → `Results`: tables as they are asked for, with what is to be said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from kpictl.app import leftout
from kpictl.errors import PlanRejected, Problem, UsageError
from kpictl.measure import completeness
from kpictl.naming import few, fold
from kpictl.people import attribution, selection
from kpictl.people.staff import Person
from kpictl.results import placed
from kpictl.scoring import pace, posts, units
from kpictl.scoring.scorecards import (
    card_rows,
    column_of,
    is_of_departments,
    row_of,
    total,
    whole_of,
)
from kpictl.values import (
    BY_DEPARTMENT,
    Column,
    Results,
    Row,
    Scorecard,
    State,
    Unit,
    WholePerson,
)

if TYPE_CHECKING:
    from kpictl.app.computation import Computation

_Line = TypeVar("_Line", Row, Unit)


def results(computed: Computation) -> Results:
    """Return what is to be shown of a period: its scorecards, goals, records left out, remarks."""
    workspace, request = computed.workspace, computed.request
    bound = workspace.bound
    chosen = chosen_subjects(computed, computed.members)
    whole = [_card(computed, card, chosen) for card in computed.cards]
    cards = [table for card in whole for table in _by_kind(computed, card)]
    latest = computed.dataset.latest
    data_as_of = None if latest is None else min(request.as_of, latest)
    plan = bound.plan
    found = Results(
        period=request.period,
        as_of=request.as_of.astimezone(bound.zone),
        data_as_of=data_as_of.astimezone(bound.zone) if data_as_of else None,
        plan_file=bound.loaded.file,
        plan_sha256=bound.loaded.sha256,
        company_name=plan.company.name,
        currency=plan.company.currency or "",
        timezone=plan.company.timezone,
        language=plan.company.language,
        scorecards=tuple(cards),
        company=units.company(computed),
        departments=units.departments(computed),
        columns={
            kpi: column_of(computed, kpi, units.UNWEIGHTED, "renormalize") for kpi in computed.kpis
        },
        left_out=leftout.collect(computed),
        reaches=completeness.reaches(computed),
        warnings=tuple(
            unique([*computed.notes, *pace.remarks(computed), *_remarks(computed, cards)])
        ),
        grades=plan.report.colors.grades,
        whole_people=tuple(_whole_people(computed, chosen)),
        elapsed=pace.elapsed(computed),
    )
    return placed(found, PurePath(bound.loaded.file).name)


def unique(problems: Iterable[Problem]) -> list[Problem]:
    """Return each remark once; sections that are not computed yet in one."""
    found: list[Problem] = []
    later: list[str] = []
    for problem in problems:
        if problem.code == "plan.not_yet":
            later.append(str(problem.data["section"]))
        elif problem not in found:
            found.append(problem)
    if later:
        data = {"section": ", ".join(dict.fromkeys(later))}
        found.append(Problem("plan.not_yet", None, data, "note"))
    return found


def _card(computed: Computation, card: str, chosen: frozenset[str] | None) -> Scorecard:
    spec = computed.bound.cards[card]
    order = card_rows(computed, card)
    if chosen is not None and is_of_departments(computed, card):
        people = (p for p in computed.members[card] if p.subject in chosen)
        chosen = frozenset(units.of_people_in(people).values())
    weakest = _weakest_of(computed, card, order)
    if is_of_departments(computed, card):
        order = tuple(replace(row, weakest=weakest(row.name)) for row in order)
    shown = _shown(computed, order, chosen)
    return Scorecard(
        id=card,
        label=spec.label or card,
        columns=tuple(
            column_of(computed, kpi, entry, spec.missing) for kpi, entry in spec.kpis.items()
        ),
        rows=tuple(shown),
        total=total(computed, card, order),
        min_coverage=spec.min_coverage,
        hidden=len(order) - len(shown),
        departments=()
        if is_of_departments(computed, card)
        else tuple(
            replace(unit, weakest=weakest(unit.name))
            for unit in units.of_card(computed, card, _people_of(computed, card, shown))
        ),
        by=BY_DEPARTMENT if is_of_departments(computed, card) else "",
    )


def _weakest_of(
    computed: Computation, card: str, order: Sequence[Row]
) -> Callable[[str], Decimal | None]:
    """Return what gives the lowest index of a department's people in a scorecard; None where the
    plan does not have that for its light."""
    if computed.bound.plan.report.department_light != "weakest":
        return lambda _: None
    if is_of_departments(computed, card):
        order = [row_of(computed, card, person) for person in computed.members[card]]

    def weakest(department: str) -> Decimal | None:
        inside = units.people_of(computed, fold(department))
        known = (row.index for row in order if row.subject in inside and row.index is not None)
        return min(known, default=None)

    return weakest


def _by_kind(computed: Computation, card: Scorecard) -> list[Scorecard]:
    """Return a scorecard as one table for each kind of row. PlanRejected where an index would be
    made of several kinds."""
    bound = computed.bound
    if card.by == BY_DEPARTMENT:
        return [card]
    kinds = attribution.kinds(bound, card.id, computed.subjects)
    if len(kinds) == 1:
        return [replace(card, by=next(iter(kinds)))]
    if card.weighted:
        words = ", ".join(caption or "–" for caption in kinds)
        place = bound.place(("scorecards", card.id, "kpis"), key=True)
        raise PlanRejected([Problem("card.of_several_kinds", place, {"kinds": words})])
    return [_of_kind(computed, card, kind, set(kpis)) for kind, kpis in kinds.items()]


def _of_kind(computed: Computation, card: Scorecard, kind: str, kpis: set[str]) -> Scorecard:
    bound, maps = computed.bound, computed.subjects.maps
    owners = {(m.entity, m.by) for kpi in kpis for m in bound.leaves(kpi)}
    whose = {s for o in owners & computed.subjects.labels for s in maps[o].values()}
    members = [p.id for p in computed.members[card.id]]
    if not kind:
        whose = {p.id for p in computed.subjects.people()}
    inside = [ident for ident in members if ident in whose]
    rows = tuple(_only(row, kpis) for row in card.rows if row.id in whose)
    total = _only(card.total, kpis) if card.total is not None and len(inside) > 1 else None
    return replace(
        card,
        id=f"{card.id}.{kind}" if kind else card.id,
        label=f"{card.label}: {kind}" if kind else card.label,
        columns=tuple(c for c in card.columns if c.kpi in kpis),
        rows=rows,
        total=total,
        hidden=len(inside) - len(rows),
        departments=tuple(_only(unit, kpis) for unit in card.departments) if not kind else (),
        by=kind,
    )


def _only(line: _Line, kpis: set[str]) -> _Line:
    return replace(line, scores=tuple(s for s in line.scores if s.kpi in kpis))


def _people_of(computed: Computation, card: str, rows: Iterable[Row]) -> list[Person]:
    shown = {row.subject for row in rows}
    return [person for person in computed.members[card] if person.subject in shown]


def _whole_people(computed: Computation, chosen: frozenset[str] | None) -> Iterator[WholePerson]:
    """Yield those with lines of several posts of whom any is asked for, by name."""
    found = [
        whole_of(computed, lines)
        for lines in posts.moved(computed).values()
        if chosen is None or any(post.subject in chosen for _, post in lines)
    ]
    yield from sorted(found, key=lambda one: (fold(one.name), one.id))


def chosen_subjects(
    computed: Computation, members: Mapping[str, Sequence[Person]]
) -> frozenset[str] | None:
    """Return whose rows are asked for, of the people of each scorecard; None for everybody's. A
    name or a department that fits nobody is a slip of the pen, not an empty result."""
    request = computed.request
    chosen: frozenset[str] | None = None
    if request.employee is not None:
        directory = computed.subjects.directory
        person, scored = selection.person(request.employee, members, directory)
        if not scored:
            raise UsageError("usage.not_scored", name=person.name)
        several = (p for people in members.values() for p in people)
        chosen = frozenset(p.subject for p in several if p.id == person.id)
    if request.department is not None:
        everybody = (p for people in members.values() for p in people)
        inside = selection.department(request.department, everybody)
        if chosen is not None and not chosen & inside:
            data = {"name": request.employee, "department": request.department}
            raise UsageError("usage.not_in_department", **data)
        chosen = inside if chosen is None else chosen & inside
    return chosen


def _shown(computed: Computation, rows: Sequence[Row], chosen: frozenset[str] | None) -> list[Row]:
    shown = [row for row in rows if chosen is None or row.subject in chosen]
    if computed.request.top is not None:
        shown = [r for r in shown if r.rank is not None and r.rank <= computed.request.top]
    return shown


def _upper_part(computed: Computation, card: Scorecard, column: Column) -> Iterator[Problem]:
    """Say of a quotient whose upper part misses records that its lower part counts."""
    if not computed.bound.kind(column.kpi).needs():
        return
    facts = {row.name: row.score(column.kpi).fact for row in card.rows}
    lacking = [f"{name} {f.lacking}" for name, f in facts.items() if f.lacking]
    if lacking:
        rate = sum(fact.lacking_rate for fact in facts.values())
        count = sum(fact.lacking for fact in facts.values())
        data = {"kpi": column.label, "count": count, "rate": rate, "names": few(lacking)}
        yield Problem("compute.lacking", None, data, "warning")
    unknown = [
        name
        for name, fact in facts.items()
        if fact.state is State.NO_DATA and fact.parts and not fact.parts[0] and fact.parts[1]
    ]
    if unknown:
        data = {"kpi": column.label, "names": few(unknown)}
        yield Problem("compute.nothing_above", None, data, "warning")


def _counted(card: Scorecard, kpi: str) -> int:
    return sum(row.score(kpi).fact.n for row in card.rows)


def _remarks(computed: Computation, cards: list[Scorecard]) -> list[Problem]:
    """Say what a reader must know to read the figures right."""
    found = []
    if computed.subjects.from_records and any(computed.subjects.people()):
        found.append(Problem("compute.people_from_records", None, {}, "note"))
    found.extend(posts.remarks(computed))
    for card in cards:
        for column in card.columns:
            immature = sum(r.score(column.kpi).fact.immature for r in card.rows)
            if immature:
                data = {"kpi": column.label, "count": immature}
                found.append(Problem("compute.immature", None, data, "warning"))
            if waiting := sum(r.score(column.kpi).fact.open for r in card.rows):
                said = {"kpi": column.label, "count": waiting, "n": _counted(card, column.kpi)}
                found.append(Problem("compute.open", None, said, "note"))
            found.extend(_upper_part(computed, card, column))
            zero = [
                r.name
                for r in card.rows
                if (parts := r.score(column.kpi).fact.parts) and parts[0] and not parts[1]
            ]
            if zero:
                data = {"kpi": column.label, "names": ", ".join(zero[:5]), "count": len(zero)}
                found.append(Problem("compute.over_zero", None, data, "warning"))
    return found
