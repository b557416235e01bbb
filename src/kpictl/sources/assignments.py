"""Lines of one person → their posts, one after the other or at once; and what is wrong with their
days.

A line is true from the day `from` to the day `to`, both included; of a list without these columns
from `hired` to `left`. A line without an end is true until the next one of the person begins, one
without a beginning from the end of the one before; one without either follows all that have ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.people.assignments import TOLD_APART, Assignment, on_tracks
from kpictl.people.staff import Ambiguous, Directory, Person

_DAY = timedelta(days=1)


class StaffLine(Struct, frozen=True):
    """A line of a list of people: who it is of, and the first and the last day that it is true of,
    where it says so."""

    person: Person
    first: date | None = None
    last: date | None = None

    @property
    def is_dated(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_backwards(self) -> bool:
        return self.first is not None and self.last is not None and self.last < self.first

    @property
    def by_employment(self) -> StaffLine:
        """Return the line with the days of the employment as its own."""
        return replace(self, first=self.person.hired, last=self.person.left)

    @property
    def number(self) -> int:
        return self.person.place.line if self.person.place else 0


def joined(lines: Iterable[StaffLine]) -> tuple[list[Person], list[Problem]]:
    """Return one person for all lines of the same id, in the order of the first ones."""
    groups: dict[str, list[StaffLine]] = {}
    for line in lines:
        groups.setdefault(fold(line.person.id), []).append(line)
    problems: list[Problem] = []
    return [_person(group, problems) for group in groups.values()], problems


def attached(
    people: Sequence[Person], lines: Iterable[StaffLine]
) -> tuple[list[Person], list[Problem]]:
    """Give people the posts that lines of another list have for them: what a line does not say is
    as the list of people has it."""
    directory = Directory(people)
    groups: dict[str, list[StaffLine]] = {}
    problems: list[Problem] = []
    for line in lines:
        person = _meant(line, directory, problems)
        if person is not None:
            groups.setdefault(person.id, []).append(_filled(line, person))
    found = [_with_posts(p, groups[p.id], problems) if p.id in groups else p for p in people]
    return found, problems


def _meant(line: StaffLine, directory: Directory, problems: list[Problem]) -> Person | None:
    """Return whom a line of posts is of; a name that nobody has is said."""
    own = line.person
    texts = dict.fromkeys(text for text in (own.id, own.email, own.name) if text)
    for text in texts:
        try:
            found = directory.find(text)
        except Ambiguous as several:
            names = ", ".join(p.email or p.id for p in several.people)
            data = {"name": text, "people": names}
            problems.append(Problem("people.ambiguous", own.place, data))
            return None
        if found is not None:
            return found
    data = {"name": own.name}
    problems.append(Problem("source.assignment_of_nobody", own.place, data, "warning"))
    return None


def _filled(line: StaffLine, known: Person) -> StaffLine:
    own = line.person
    return replace(
        line,
        person=replace(
            own,
            id=known.id,
            name=known.name,
            department=own.department or known.department,
            position=own.position or known.position,
            salary=known.salary if own.salary is None else own.salary,
            head=own.head or known.head,
            fte=known.fte if own.fte is None else own.fte,
            more={**known.more, **{k: v for k, v in own.more.items() if v is not None}},
        ),
    )


def _with_posts(person: Person, lines: Sequence[StaffLine], problems: list[Problem]) -> Person:
    if len(lines) > 1 and not _can_be_told(lines):
        problems.append(_undated(lines))
        return person
    return _in(_posts(lines, problems), person)


def _person(lines: Sequence[StaffLine], problems: list[Problem]) -> Person:
    """Return the person that the lines of one id are of."""
    if len(lines) == 1:
        (line,) = lines
        return _in(_posts(lines, problems), line.person) if line.is_dated else line.person
    by_employment = not any(line.is_dated for line in lines)
    dated = [line.by_employment for line in lines] if by_employment else list(lines)
    if not _can_be_told(dated):
        problems.append(_undated(dated))
        return lines[-1].person
    before = len(problems)
    posts = _posts(dated, problems, gaps=not by_employment)
    if len(problems) > before and any(p.level == "error" for p in problems[before:]):
        return lines[-1].person
    return _in(posts, _merged(_in_order(dated)))


def _can_be_told(lines: Sequence[StaffLine]) -> bool:
    """Say whether it can be told when each line is true: all have days, or all but the one that
    follows when the others have ended."""
    bare = sum(not line.is_dated for line in lines)
    if bare == len(lines) and all(line.person.fte is not None for line in lines):
        return True  # posts held at once, all the time
    return not bare or (bare == 1 and all(one.last for one in lines if one.is_dated))


def _merged(lines: Sequence[StaffLine]) -> Person:
    """Return the person of several lines in order: as the last one has it, and called as any of
    them calls it."""
    people = [line.person for line in lines]
    last = people[-1]
    called = dict.fromkeys(
        text
        for person in people
        for text in (*person.aliases, person.name, person.email)
        if text and text not in (last.name, last.email)
    )
    hired = [p.hired for p in people if p.hired is not None]
    gone = [p.left for p in people if p.left is not None]
    left = last.left
    if left is None and gone and lines[-1].first is not None and max(gone) >= lines[-1].first:
        left = max(gone)
    email = last.email or next((p.email for p in reversed(people) if p.email), None)
    return replace(
        last,
        aliases=tuple(called),
        email=email,
        hired=min(hired, default=None),
        left=left,
    )


def _in(posts: tuple[Assignment, ...], person: Person) -> Person:
    """Return a person with these posts, as they are in the last of them."""
    return replace(person, assignments=posts).as_in(posts[-1]) if posts else person


def _posts(
    lines: Sequence[StaffLine], problems: list[Problem], *, gaps: bool = True
) -> tuple[Assignment, ...]:
    """Return what the dated lines of one person say, in order; () where they contradict."""
    backwards = [line for line in lines if line.is_backwards]
    for line in backwards:
        data = {"name": line.person.name, "first": line.first, "last": line.last}
        problems.append(Problem("source.assignment_backwards", line.person.place, data))
    if backwards:
        return ()
    order = _bounded(_in_order(lines))
    wrong = list(_overlaps(order))
    problems.extend(wrong)
    if wrong:
        return ()
    if gaps:
        problems.extend(_gaps(order))
    return on_tracks(map(_assignment, order))


def _in_order(lines: Iterable[StaffLine]) -> list[StaffLine]:
    """Sort lines by their first day, else by their last; one without days is the last."""
    return sorted(lines, key=lambda one: (one.first or one.last or date.max, one.last or date.max))


def _bounded(order: Sequence[StaffLine]) -> list[StaffLine]:
    """Let a line without an end last until the next, and one without a beginning begin there."""
    found = list(order)
    for number in range(1, len(found)):
        before, line = found[number - 1], found[number]
        if line.first is None and before.last is not None:
            found[number] = replace(line, first=before.last + _DAY)
        elif before.last is None and line.first is not None and before.first != line.first:
            found[number - 1] = replace(before, last=line.first - _DAY)
    return found


def _overlaps(order: Sequence[StaffLine]) -> Iterator[Problem]:
    """Yield lines of the same days, unless both are parts of a full post, and not of the same."""
    for number, line in enumerate(order):
        posts = [(before, _assignment(before)) for before in order[:number]]
        own = _assignment(line)
        for before, other in posts:
            if not own.overlaps(other) or _held_at_once(own, other):
                continue
            ends = [one.last for one in (before, line) if one.last is not None]
            data = {
                "name": line.person.name,
                "other": before.person.place,
                "first": line.first or before.first or "…",
                "last": min(ends, default="…"),
            }
            yield Problem("source.assignments_overlap", line.person.place, data)
            break


def _held_at_once(own: Assignment, other: Assignment) -> bool:
    """Say whether two lines are of posts that can be held at once: each says which part of a full
    one it is, and department or position tell them apart."""
    told = any(own.value(name) != other.value(name) for name in TOLD_APART)
    return own.fte is not None and other.fte is not None and told


def _gaps(order: Sequence[StaffLine]) -> Iterator[Problem]:
    """Remark on days between two posts, and between the employment and the first or last post."""
    reached = order[0].last
    for line in order[1:]:
        if reached is not None and line.first is not None and line.first > reached + _DAY:
            yield _gap(line, reached + _DAY, line.first - _DAY)
        reached = None if reached is None or line.last is None else max(reached, line.last)
    first, last = order[0], max(order, key=lambda one: one.last or date.max)
    hired, left = first.person.hired, last.person.left
    if hired is not None and first.first is not None and hired < first.first:
        yield _gap(first, hired, first.first - _DAY)
    if left is not None and last.last is not None and left > last.last:
        yield _gap(last, last.last + _DAY, left)


def _gap(line: StaffLine, first: date, last: date) -> Problem:
    data = {
        "name": line.person.name,
        "first": first,
        "last": last,
        "days": (last - first).days + 1,
    }
    return Problem("source.assignment_gap", line.person.place, data, "warning")


def _assignment(line: StaffLine) -> Assignment:
    person = line.person
    return Assignment(
        line.first,
        None if line.last is None else line.last + _DAY,
        person.department,
        person.position,
        person.salary,
        person.head,
        person.fte,
        person.more,
        person.place,
    )


def _undated(lines: Sequence[StaffLine]) -> Problem:
    """Two lines of one person without days: whose records are whose could not be told."""
    bare = [line for line in lines if not line.is_dated]
    line = bare[-1] if bare[-1] is not lines[0] else lines[1]
    other = next(one for one in lines if one is not line)
    place: Place | None = line.person.place
    return Problem("source.employee_twice", place, {"id": line.person.id, "line": other.number})
