"""Whose working time is meant: owner texts → schedules; and whether the calendar knows all years
that the records of a period ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from kpictl.attribution import Subjects
from kpictl.calendar import UnknownYear
from kpictl.calendar.schedule import Schedule
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.errors import PlanRejected, Problem
from kpictl.expressions import Literal, Node, Operation, Type, refs
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.functions import WORKING, asks_working_time
from kpictl.plan.bound import Bound
from kpictl.plan.calendar import unknown_year
from kpictl.query import NOBODY, Engine, Measure, Ownership, Query, RecordQuery, Slice
from kpictl.values import Period, SubjectId
from kpictl.who import takes

_NEVER = Literal(value=False, type=Type.BOOL)


def work_times(
    bound: Bound, subjects: Subjects, query: Query, period: Period
) -> dict[str, WorkTime]:
    """Return whose working time is meant by each owner field of a query; none where no measure of
    it asks when people work."""
    company = bound.company_time
    if company is None or not any(_asks(measure) for measure in query.measures):
        return {}
    schedules = _schedules(bound, subjects, period)
    found = {NOBODY: company}
    for by, owners in query.owners.items():
        own = {
            raw: timeline
            for raw, several in owners.items()
            if (timeline := _timeline(bound, several, schedules)) != company.company
        }
        found[by] = WorkTime(company.company, own)
    return found


def _asks(measure: Measure) -> bool:
    linked = None if measure.link is None else measure.link.where
    several = (measure.where, measure.value, measure.open, linked)
    return asks_working_time(*(one.tree for one in several if one is not None))


def _schedules(bound: Bound, subjects: Subjects, period: Period) -> dict[SubjectId, Schedule]:
    """Return the schedule of each subject that has one of its own: the first whose condition holds
    of the post."""
    assert bound.calendar is not None  # noqa: S101  only a plan with a calendar asks
    found: dict[SubjectId, Schedule] = {}
    for person in subjects.everybody().people if bound.own_hours else ():
        for post in person.posts():
            for name, who in bound.own_hours.items():
                if takes(who, post, period, bound.context):
                    found.setdefault(post.subject, bound.calendar.own[name])
    return found


def _timeline(
    bound: Bound, several: Iterable[Ownership], schedules: Mapping[SubjectId, Schedule]
) -> Timeline:
    """Return the schedules that somebody has one after the other; outside all posts it is the
    company's."""
    assert bound.calendar is not None  # noqa: S101  only a plan with a calendar asks
    company = bound.calendar.schedule
    stretches: list[tuple[date, Schedule]] = [(date.min, company)]

    def begin(day: date, schedule: Schedule) -> None:
        if stretches[-1][0] == day:
            stretches.pop()
        if not stretches or stretches[-1][1] != schedule:
            stretches.append((day, schedule))

    for own in sorted(
        several, key=lambda one: one.start.timestamp() if one.start else float("-inf")
    ):
        start = date.min if own.start is None else own.start.astimezone(bound.zone).date()
        begin(start, schedules.get(own.subject, company))
        if own.end is not None:
            begin(own.end.astimezone(bound.zone).date(), company)
    return Timeline(tuple(stretches))


# --- years that the calendar does not know ---------------------------------------------------


def require_known(bound: Bound, engine: Engine, queries: Iterable[Query]) -> None:
    """Stop where a record that may count asks for working time in a year that the calendar does
    not know. PlanRejected with all such years."""
    found: list[Problem] = []
    for query in queries:
        for measure in query.measures:
            whole = _hull(query.slices)  # one look for all, and one for each only if it finds any
            if not list(_unknown(bound, engine, query, measure, whole)):
                continue
            for part in query.slices:
                for problem in _unknown(bound, engine, query, measure, part):
                    found += [] if problem in found else [problem]
    if found:
        raise PlanRejected(found)


def _hull(slices: Sequence[Slice]) -> Slice:
    """Return a slice that holds all of some."""
    start = min((part.period for part in slices), key=lambda p: p.start.timestamp())
    end = max((part.period for part in slices), key=lambda p: p.end.timestamp())
    as_of = max(part.as_of for part in slices)
    return Slice("", replace(end, start=start.start), as_of, as_of)


def _unknown(
    bound: Bound, engine: Engine, query: Query, measure: Measure, part: Slice
) -> Iterator[Problem]:
    asked = list(dict.fromkeys(_asked(measure)))
    if not asked:
        return
    beyond = [
        Operation("not", (Operation("working_time_known", one.args, Type.BOOL),), Type.BOOL)
        for one in asked
    ]
    # What a condition without working time leaves out cannot count, whatever the calendar says.
    tests = [one for one in _conjuncts(measure) if not asks_working_time(one)]
    only: Node = Operation("or", tuple(beyond), Type.BOOL) if beyond[1:] else beyond[0]
    only = Operation("and", (*tests, only), Type.BOOL) if tests else only
    names = dict.fromkeys(name for one in asked for name in refs(one))
    rows = engine.records(
        RecordQuery(
            query, measure, part, "fails", failing=_NEVER, only=only, fields=tuple(names), limit=1
        )
    )
    context = query.context(measure.by, part.as_of)
    for row in rows:
        timeline = query.work[measure.by].of(row.owner)
        for one in asked:
            moments = [evaluate(arg, row.fields, context) for arg in one.args]
            if None in moments:
                continue
            days = [timeline.day_of(moment) for moment in moments]
            day = timeline.first_unknown(days[0], days[-1])
            if day is not None:
                error = UnknownYear(day.year, timeline.country(day))
                yield unknown_year(error, bound.place(("calendar", "country"), key=True))


def _asked(measure: Measure) -> Iterator[Operation]:
    for one in (measure.where, measure.value):
        if one is not None:
            yield from _working(one.tree)


def _working(node: Node) -> Iterator[Operation]:
    if isinstance(node, Operation):
        if node.op in WORKING:
            yield node
        for arg in node.args:
            yield from _working(arg)


def _conjuncts(measure: Measure) -> tuple[Node, ...]:
    tree = None if measure.where is None else measure.where.tree
    if tree is None:
        return ()
    return tree.args if isinstance(tree, Operation) and tree.op == "and" else (tree,)
