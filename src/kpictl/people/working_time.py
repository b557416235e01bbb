"""Whose working time is meant: owner texts → schedules; and whether the calendar knows all years
that the records of a period ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.calendar import UnknownYear, WorkCalendar
from kpictl.calendar.schedule import Schedule
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.errors import PlanRejected, Problem
from kpictl.expressions import Literal, Node, Operation, Type, refs
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.functions import WORKING, asks_working_time
from kpictl.measure.query import (
    NOBODY,
    Engine,
    Measure,
    Op,
    Owners,
    Ownership,
    Query,
    RecordQuery,
    Slice,
)
from kpictl.naming import few, fold
from kpictl.people.attribution import Subjects
from kpictl.people.presence import WorkingDays, stretches
from kpictl.people.staff import Person
from kpictl.people.who import takes
from kpictl.plan.bound import Bound
from kpictl.plan.calendar import unknown_year
from kpictl.values import Period, SubjectId

_NEVER = Literal(value=False, type=Type.BOOL)


def alike(
    bound: Bound, subjects: Subjects, measures: Iterable[Measure], slices: Sequence[Slice]
) -> list[tuple[Slice, ...]]:
    """Divide slices into parts in each of which everybody has one schedule, that known last at the
    end: whose a schedule is may depend on the period (`months_since(hired) < 3`), but no number on
    what is asked beside it."""
    asking = bound.company_time is not None and any(map(_asks, measures))
    if not (bound.own_hours and asking):
        return [tuple(slices)]
    parts: list[tuple[Mapping[SubjectId, Schedule], list[Slice]]] = []
    for one_slice in slices:
        schedules = _schedules(bound, subjects, one_slice.period)
        part = next((part for held, part in parts if held == schedules), None)
        if part is None:
            parts.append((schedules, [one_slice]))
        else:
            part.append(one_slice)
    divided = [tuple(part) for _, part in parts]
    return sorted(divided, key=lambda part: max(one_slice.as_of for one_slice in part))


def work_times(
    bound: Bound, subjects: Subjects, query: Query, period: Period
) -> dict[str, WorkTime]:
    """Return whose working time is meant by each owner field of a query; none where no measure of
    it asks when people work."""
    company = bound.company_time
    if company is None or not any(_asks(measure) for measure in query.measures):
        return {}
    schedules = _schedules(bound, subjects, period)
    found = {by: _work_time(bound, owners, schedules) for by, owners in query.owners.items()}
    return {NOBODY: company, **found}


def linked_work_times(
    bound: Bound, subjects: Subjects, query: Query, period: Period
) -> dict[tuple[str, str], WorkTime]:
    """Return whose working time is meant in the linked records of a query, by their entity and
    owner field; none where no condition of theirs asks when people work."""
    links = dict.fromkeys(
        (measure.link.entity, measure.link.by)
        for measure in query.measures
        if measure.link is not None and _asks(measure)
    )
    if bound.company_time is None or not links:
        return {}
    schedules = _schedules(bound, subjects, period)
    return {
        (entity, by): bound.company_time
        if by == NOBODY
        else _work_time(bound, subjects.owners(entity, by, bound.zone), schedules)
        for entity, by in links
    }


def _work_time(bound: Bound, owners: Owners, schedules: Mapping[SubjectId, Schedule]) -> WorkTime:
    """Return whose working time is meant by the texts that name owners."""
    assert bound.calendar is not None  # noqa: S101  only a plan with a calendar asks
    company = Timeline.of(bound.calendar.schedule)
    own = {
        raw: timeline
        for raw, several in owners.items()
        if (timeline := _timeline(bound, several, schedules)) != company
    }
    return WorkTime(company, own)


def _asks(measure: Measure) -> bool:
    linked = None if measure.link is None else measure.link.where
    several = (measure.where, measure.value, measure.open, linked)
    return asks_working_time(*(one.tree for one in several if one is not None))


def _schedules(bound: Bound, subjects: Subjects, period: Period) -> dict[SubjectId, Schedule]:
    """Return the schedule of each subject that has one of its own."""
    assert bound.calendar is not None  # noqa: S101  only a plan with a calendar asks
    if not (bound.own_hours or bound.calendar.rosters):
        return {}
    posts = (post for person in subjects.everybody().people for post in person.posts())
    found = {post.subject: schedule_of(bound, bound.calendar, post, period) for post in posts}
    return {subject: own for subject, own in found.items() if own is not bound.calendar.schedule}


def schedule_of(bound: Bound, calendar: WorkCalendar, post: Person, period: Period) -> Schedule:
    """Return the schedule of a post: the first whose condition holds of it, with the shifts that a
    table has for the person; the company's where there is neither."""
    named = (
        calendar.own[name]
        for name, who in bound.own_hours.items()
        if takes(who, post, period, bound.context)
    )
    schedule = next(named, calendar.schedule)
    roster = calendar.rosters.get(post.id)
    return schedule if roster is None else replace(schedule, roster=roster)


def _timeline(
    bound: Bound, several: Iterable[Ownership], schedules: Mapping[SubjectId, Schedule]
) -> Timeline:
    """Return the schedules of those whose records are somebody's, one after the other."""
    assert bound.calendar is not None  # noqa: S101  only a plan with a calendar asks
    company, zone = bound.calendar.schedule, bound.zone
    ordered = sorted(several, key=lambda own: own.start.timestamp() if own.start else float("-inf"))
    return _joined(
        company,
        (
            (
                None if own.start is None else own.start.astimezone(zone).date(),
                None if own.end is None else own.end.astimezone(zone).date(),
                schedules.get(own.subjects[0], company),  # of posts held at once the first one's
            )
            for own in ordered
        ),
    )


def _joined(
    company: Schedule, held: Iterable[tuple[date | None, date | None, Schedule]]
) -> Timeline:
    """Return schedules that somebody has from a day to before another, in order; outside of all
    posts it is the company's."""
    stretches: list[tuple[date, Schedule]] = [(date.min, company)]

    def begin(day: date, schedule: Schedule) -> None:
        if stretches[-1][0] == day:
            stretches.pop()
        if not stretches or stretches[-1][1] != schedule:
            stretches.append((day, schedule))

    for start, end, schedule in held:
        begin(start or date.min, schedule)
        if end is not None:
            begin(end, company)
    return Timeline(tuple(stretches))


# --- the working days of somebody ------------------------------------------------------------


def calendar_of(bound: Bound, person: Person, period: Period) -> WorkingDays | None:
    """Return by which days somebody (or one post of theirs) is counted: those of their own schedule
    and shifts, from post to post; the company's where they have none; None without a calendar."""
    company = bound.calendar
    if company is None or not (bound.own_hours or company.rosters):
        return company
    whole = replace(person, post=None, segment="")
    track = min((one.track for one in person.assignments), default=0)
    held = [
        (
            None if post.post is None else post.post.start,
            None if post.post is None else post.post.end,
            schedule_of(bound, company, post, period),
        )
        for post in whole.posts()
        if post.post is None or post.post.track == track
    ]
    timeline = _joined(company.schedule, held)
    return company if timeline == Timeline.of(company.schedule) else PersonalDays(timeline)


class PersonalDays(Struct, frozen=True):
    """The working days of somebody; a shift over midnight is of the day on which it begins.

    Each method raises UnknownYear where the calendar does not know a day that it needs.
    """

    timeline: Timeline

    def is_working(self, day: date) -> bool:
        return bool(self.timeline.schedule(day).hours(day))

    def working_days(self, first: date, after: date) -> int:
        """Return how many days of `[first, after)` are worked."""
        return sum(1 for day in _days(first, after) if self.is_working(day))

    def working_hours(self, first: date, after: date) -> Fraction:
        """Return the norm of the days of `[first, after)`, in hours."""
        norms = (self.timeline.schedule(day).norm(day) for day in _days(first, after))
        return sum(norms, Fraction(0))


def _days(first: date, after: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((after - first).days)]


def remarks(bound: Bound, people: Iterable[Person], period: Period) -> Iterator[Problem]:
    """Yield of whom the tables of shifts say nothing on some days of a period, while they do on
    others."""
    rosters = {} if bound.calendar is None else bound.calendar.rosters
    days = _days(period.first, period.last + timedelta(days=1))
    partly: list[str] = []
    lacking: set[date] = set()
    for person in {p.id: p for p in people if p.id in rosters}.values():
        held = stretches(person, period)
        there = [day for day in days if any(first <= day < after for first, after in held)]
        beyond = [day for day in there if not rosters[person.id].covers(day)]
        if 0 < len(beyond) < len(there):
            partly.append(person.name)
            lacking.update(beyond)
    if partly:
        data = {
            "names": few(sorted(partly, key=fold)),
            "count": len(partly),
            "first": min(lacking),
            "last": max(lacking),
        }
        yield Problem("compute.beyond_shifts", None, data, "note")


# --- years that the calendar does not know ---------------------------------------------------


def require_known(bound: Bound, engine: Engine, queries: Iterable[Query]) -> None:
    """Stop where a record that may count, or one that follows it, asks for working time in a year
    that the calendar does not know. PlanRejected with such a year of each period."""
    found: list[Problem] = []
    asking = (
        one for query in queries for measure in query.measures for one in _asking(query, measure)
    )
    for query, measure in asking:
        whole = _hull(query.slices)  # one look for all, and one for each only if it finds any
        if not list(_unknown(bound, engine, query, measure, whole)):
            continue
        for one_slice in query.slices:
            for problem in _unknown(bound, engine, query, measure, one_slice):
                found += [] if problem in found else [problem]
    if found:
        raise PlanRejected(found)


def _asking(query: Query, measure: Measure) -> Iterator[tuple[Query, Measure]]:
    """Yield a measure that asks for working time; and, with a query over them, the records that
    may follow its own, where the condition on these asks."""
    yield query, measure
    link = measure.link
    if link is None or link.where is None or not asks_working_time(link.where.tree):
        return
    following = Measure(
        measure.kpi, measure.part, link.entity, Op.COUNT, link.when, link.by, where=link.where
    )
    later = timedelta(seconds=link.within)
    slices = tuple(
        replace(one_slice, period=replace(one_slice.period, end=one_slice.period.end + later))
        for one_slice in query.slices
    )
    work = {link.by: query.linked_work[link.entity, link.by]}
    yield Query(link.entity, (following,), slices, query.zone, {}, work=work), following


def _hull(slices: Sequence[Slice]) -> Slice:
    """Return a slice that holds all of some."""
    start = min((one_slice.period for one_slice in slices), key=lambda p: p.start.timestamp())
    end = max((one_slice.period for one_slice in slices), key=lambda p: p.end.timestamp())
    as_of = max(one_slice.as_of for one_slice in slices)
    return Slice("", replace(end, start=start.start), as_of, as_of)


def _unknown(
    bound: Bound, engine: Engine, query: Query, measure: Measure, one_slice: Slice
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
            query,
            measure,
            one_slice,
            "fails",
            failing=_NEVER,
            only=only,
            fields=tuple(names),
            limit=1,
        )
    )
    context = query.context(measure.by, one_slice.as_of)
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
