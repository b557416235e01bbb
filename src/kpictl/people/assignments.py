"""What somebody was from one day to another: department, position, salary, share of a full post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place
from kpictl.values import Period

TOLD_APART = frozenset({"department", "position"})
"""The fields whose change makes another post. A plan adds those that a `who` asks for."""


class Assignment(Struct, frozen=True):
    """What somebody was from the day `start` to before the day `end`; None is without bound.

    `fte` is the share of a full post (1: all of it), `more` holds any further fields of the list,
    `place` is where it is written. `above` are the department and all that it is a part of, folded.
    Of posts held at once each is of another `track`, counted from 0.
    """

    start: date | None = None
    end: date | None = None
    department: str | None = None
    position: str | None = None
    salary: Decimal | None = None
    head: str | None = None
    fte: Decimal | None = None
    more: Mapping[str, Any] = {}
    place: Place | None = None
    above: frozenset[str] = frozenset()
    track: int = 0

    def value(self, name: str) -> Any:
        """Return a field by the name that a plan has for it."""
        return getattr(self, name) if name in _OWN else self.more.get(name)

    def continues(self, other: Assignment, cuts: frozenset[str] = TOLD_APART) -> bool:
        """Say whether this is the same post as that of the assignment before it: all that is
        another is the salary, or a field that nothing asks for."""
        follows = self.track == other.track and self.start == other.end
        return follows and all(self.value(n) == other.value(n) for n in cuts)

    def segment(self, hired: date | None) -> str:
        """Return what tells the post from the others of somebody: its first day, of a second one
        held at once with “/2” behind it."""
        first = str(self.start or hired or date.min)
        return f"{first}/{self.track + 1}" if self.track else first

    def overlaps(self, other: Assignment) -> bool:
        """Say whether there is a day of both."""
        begun = self.start is None or other.end is None or self.start < other.end
        return begun and (other.start is None or self.end is None or other.start < self.end)

    def meets(self, period: Period) -> bool:
        begun = self.start is None or self.start <= period.last
        return begun and (self.end is None or self.end > period.first)


def on_tracks(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """Return assignments, in order, each on its track: of posts held at once each goes on where it
    was held before."""
    held: list[Assignment] = []  # the last of each track
    found = []
    for one in assignments:
        free = [last for last in held if not one.overlaps(last)]
        alike = [last for last in free if all(one.value(n) == last.value(n) for n in TOLD_APART)]
        before = next(iter(alike or free), None)
        placed = replace(one, track=len(held) if before is None else before.track)
        held[placed.track : placed.track + 1] = [placed]
        found.append(placed)
    return tuple(found)


def tracks(assignments: Iterable[Assignment]) -> tuple[tuple[Assignment, ...], ...]:
    """Return assignments by their tracks: those that are one after the other together."""
    found: dict[int, list[Assignment]] = {}
    for one in assignments:
        found.setdefault(one.track, []).append(one)
    return tuple(tuple(found[number]) for number in sorted(found))


_OWN = frozenset({"department", "position", "salary", "head", "fte"})


def runs(
    assignments: Iterable[Assignment], cuts: frozenset[str] = TOLD_APART
) -> tuple[Assignment, ...]:
    """Return the posts that assignments in order make: each with what it was at its end."""
    found: list[Assignment] = []
    for one in assignments:
        if found and one.continues(found[-1], cuts):
            found[-1] = replace(one, start=found[-1].start)
        else:
            found.append(one)
    return tuple(found)


def in_force(assignments: Iterable[Assignment], post: Assignment, period: Period) -> Assignment:
    """Return the last of the assignments of a post that a period has a day of; the post where it
    has none."""
    inside = [
        one
        for one in assignments
        if one.meets(period)
        and (post.start is None or (one.start is not None and one.start >= post.start))
        and (post.end is None or (one.end is not None and one.end <= post.end))
    ]
    return inside[-1] if inside else post
