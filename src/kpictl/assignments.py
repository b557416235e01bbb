"""What somebody was from one day to another: department, position, salary, share of a full post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from kpictl.errors import Place
from kpictl.values import Period

TOLD_APART = frozenset({"department", "position"})
"""The fields whose change makes another post. A plan adds those that a `who` asks for."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What somebody was from the day `start` to before the day `end`; None is without bound.

    `fte` is the share of a full post (1: all of it), `more` holds any further fields of the list,
    `place` is where it is written. `above` are the department and all that it is a part of, folded.
    """

    start: date | None = None
    end: date | None = None
    department: str | None = None
    position: str | None = None
    salary: Decimal | None = None
    head: str | None = None
    fte: Decimal | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    above: frozenset[str] = frozenset()

    def value(self, name: str) -> Any:
        """Return a field by the name that a plan has for it."""
        return getattr(self, name) if name in _OWN else self.more.get(name)

    def continues(self, other: Assignment, cuts: frozenset[str] = TOLD_APART) -> bool:
        """Say whether this is the same post as that of the assignment before it: all that is
        another is the salary, or a field that nothing asks for."""
        return self.start == other.end and all(self.value(n) == other.value(n) for n in cuts)

    def meets(self, period: Period) -> bool:
        begun = self.start is None or self.start <= period.last
        return begun and (self.end is None or self.end > period.first)


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
