"""What the users of a portal were from one pull to the next: their posts, as far as changes are
known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.people.assignments import Assignment
from kpictl.people.staff import Person
from kpictl.store import PastState

Row = Mapping[str, str]
Makes = Callable[[str, Row, Mapping[str, Row]], Person]
"""A user's id and fields and the departments of that day (by id) → the person as they were."""


class _Timeline(Struct, frozen=True):
    """What one record was, by the first day of each state; None is where it was gone."""

    states: tuple[tuple[date, Row | None], ...]

    def on(self, day: date) -> Row | None:
        found = None
        for first, state in self.states:
            if first > day:
                break
            found = state
        return found


def with_posts(
    people: Iterable[Person], past: Mapping[str, Iterable[PastState]], makes: Makes, zone: ZoneInfo
) -> list[Person]:
    """Give people the posts that the history knows; who never changed keeps none. A change holds
    from the day of the pull that has seen it; who was dismissed was there up to that day."""
    users = _timelines(past["users"], zone)
    departments = _timelines(past["departments"], zone)
    of_departments = {day for line in departments.values() for day, _ in line.states}
    found = []
    for person in people:
        line = users.get(person.id)
        days = of_departments | ({day for day, _ in line.states} if line else set())
        if line is None or len(days) < 2:
            found.append(person)
            continue
        found.append(_with_posts(person, line, departments, (sorted(days), makes)))
    return found


def _timelines(past: Iterable[PastState], zone: ZoneInfo) -> dict[str, _Timeline]:
    by_id: dict[str, dict[date, Row | None]] = {}
    for one in past:
        day = date.min if one.since is None else one.since.astimezone(zone).date()
        by_id.setdefault(str(one.id), {})[day] = one.state
    return {ident: _Timeline(tuple(sorted(days.items()))) for ident, days in by_id.items()}


def _with_posts(
    person: Person,
    line: _Timeline,
    departments: Mapping[str, _Timeline],
    asked: tuple[list[date], Makes],
) -> Person:
    days, makes = asked
    posts: list[Assignment] = []
    left: date | None = None
    for first, after in zip(days, [*days[1:], None], strict=True):
        state = line.on(first)
        known = {ident: row for ident, one in departments.items() if (row := one.on(first))}
        then = None if state is None else makes(person.id, state, known)
        if then is None or then.active is False:
            left = first if posts and left is None else left
            continue
        left = None
        post = Assignment(
            None if first == date.min else first,
            after,
            then.department,
            then.position,
            person.salary,
            then.head,
            person.fte,
            {**person.more, **then.more},
            above=then.above,
        )
        if posts and _is_same(posts[-1], post):
            posts[-1] = replace(posts[-1], end=after)
        else:
            posts.append(post)
    if left is not None and posts:
        posts[-1] = replace(posts[-1], end=left + timedelta(days=1))
    found = replace(person, left=person.left or left)
    return replace(found, assignments=tuple(posts)) if len(posts) > 1 else found


def _is_same(before: Assignment, after: Assignment) -> bool:
    fields = ("department", "position", "head", "above", "more")
    return before.end == after.start and all(
        getattr(before, name) == getattr(after, name) for name in fields
    )
