"""Salaries in a file of their own, which nobody else may read: employee, salary, from.

They stand instead of those of the list of employees; one holds from its day until the next.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.people.assignments import Assignment
from kpictl.people.staff import Directory, Person
from kpictl.sources.bare import open_listed
from kpictl.sources.pay_tables import EMPLOYEE, PayColumn, PayTableLine, read
from kpictl.tables import expand

if TYPE_CHECKING:
    from kpictl.plan.load import LoadedPlan

COLUMNS = (
    PayColumn("employee", "employee", EMPLOYEE),
    PayColumn("salary", "number", ("salary", "pay", "оклад", "зарплата")),
    PayColumn("from", "day", ("from", "since", "с", "дата с", "действует с"), needed=False),
)
Salaries = list[tuple[date | None, Decimal, Place]]


def attached(
    people: Sequence[Person], patterns: str | list[str], loaded: LoadedPlan, scratch: Path
) -> tuple[list[Person], list[Problem]]:
    """Give people the salaries of a file, and say what is wrong with it."""
    path = ("pay", "salaries")
    unsafe = list(_open_to_others(patterns, loaded))
    files, problems = open_listed(patterns, path, loaded, scratch)
    lines, wrong = read(files, COLUMNS, Directory(people))
    of_person: dict[str, list[PayTableLine]] = {}
    for line in lines:
        of_person.setdefault(line.person.id, []).append(line)
    problems = [*unsafe, *problems, *wrong]
    found = []
    for person in people:
        own = of_person.get(person.id, [])
        salaries = _in_order(own, problems)
        if own and any(post.track for post in person.assignments):
            data = {"name": person.name}
            problems.append(Problem("pay.salary_of_which", own[0].place, data))
        found.append(_with_salaries(person, salaries) if salaries else person)
    return found, problems


def _open_to_others(patterns: str | list[str], loaded: LoadedPlan) -> Iterator[Problem]:
    """Yield the files that others than their owner may read, where there is such a thing."""
    if os.name == "nt":
        return
    place = loaded.document.place(("pay", "salaries"))
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        try:
            files = expand(pattern, loaded.folder)
        except SourceError:  # which is said where it is opened
            continue
        for file in files:
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & 0o077:
                data = {"file": pattern, "mode": f"{mode:04o}"}
                yield Problem("pay.salaries_open", place, data)


def _in_order(lines: list[PayTableLine], problems: list[Problem]) -> Salaries:
    """Return the salaries of somebody by their days; two from the same day are a mistake."""
    salaries: dict[date | None, tuple[Decimal, Place]] = {}
    for line in lines:
        start, salary = line.values["from"], line.values["salary"]
        if start in salaries:
            data = {"name": line.person.name, "place": salaries[start][1]}
            problems.append(Problem("pay.salary_twice", line.place, data))
        salaries.setdefault(start, (salary, line.place))
    return sorted(
        ((start, *known) for start, known in salaries.items()),
        key=lambda one: one[0] or date.min,
    )


def _with_salaries(person: Person, salaries: Salaries) -> Person:
    """Return somebody whose assignments are cut where the salary changes."""
    whole = Assignment(
        department=person.department,
        position=person.position,
        head=person.head,
        fte=person.fte,
        above=person.above,
    )
    pieces = tuple(piece for one in person.assignments or (whole,) for piece in _cut(one, salaries))
    return replace(person, salary=salaries[-1][1], assignments=pieces)


def _cut(assignment: Assignment, salaries: Salaries) -> Iterator[Assignment]:
    """Yield the parts of an assignment by salary; before the first one it is not known."""
    starts = [start for start, _, _ in salaries if start is not None]
    inside = [
        day
        for day in starts
        if (assignment.start is None or day > assignment.start)
        and (assignment.end is None or day < assignment.end)
    ]
    bounds = [assignment.start, *inside, assignment.end]
    for first, after in pairwise(bounds):
        held = [s for s, *_ in salaries if s is None or (first is not None and s <= first)]
        known = next((s for s in reversed(salaries) if held and s[0] == held[-1]), None)
        salary, place = (None, assignment.place) if known is None else known[1:]
        yield replace(assignment, start=first, end=after, salary=salary, place=place)
