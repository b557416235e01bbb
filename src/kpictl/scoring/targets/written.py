"""Expected values as they are written in the plan: for whom, of which KPI and period, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.people.staff import Ambiguous, Directory, Person
from kpictl.plan.fields import Growth, PerPeriod, since
from kpictl.plan.load import suggest
from kpictl.values import TargetLevel

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

PERSONAL: tuple[TargetLevel, ...] = ("employee", "members", "scorecard")
UNITS: tuple[TargetLevel, ...] = ("department", "company")
LEVELS: tuple[TargetLevel, ...] = (*PERSONAL, *UNITS)
ANY = ""  # the period of a plain number


class Written(Struct, frozen=True):
    """One number as it is written: for one KPI, level, subject of that level, and period.

    `subject` is a person's id, a folded department, a scorecard's id, or "" for the company;
    `called` is how it was written there, `per` what it is of (month, …; "": its period). `since` is
    the day from which on it holds, where it does. `growth` stands in the place of the number where
    it is what a fact of another period makes it.
    """

    level: TargetLevel
    subject: str
    kpi: str
    period: str
    value: Decimal
    place: Place | None = None
    called: str = ""
    per: str = ""
    since: date | None = None
    growth: Growth | None = None


Amounts = Decimal | PerPeriod | Growth


def from_plan(bound: Bound, directory: Directory) -> tuple[list[Written], list[Problem]]:
    """Return the numbers written in the plan itself, employees resolved."""
    plan = bound.plan
    problems: list[Problem] = []
    found: list[Written] = []
    for kpi, value in plan.targets.company.items():
        path = ("targets", "company", kpi)
        found.extend(_written(bound, path, ("company", "", kpi), value))
    for key, block in plan.targets.blocks.items():
        prefix, _, subject = key.partition(".")
        level = next(one for one in LEVELS if one == prefix)  # seen by plan.checks.targets
        if level == "employee":
            person, problem = whose(subject, directory, bound.place(("targets", key), key=True))
            problems.extend([problem] if problem is not None else [])
            if person is None:
                continue
            subject = person.id
        called = subject
        if level in ("department", "members"):
            problems.extend(
                no_department(subject, directory, bound.place(("targets", key), key=True))
            )
            subject = fold(subject)
        for kpi, value in block.items():
            path = ("targets", key, kpi)
            written = _written(bound, path, (level, subject, kpi), value)
            found.extend(replace(one, called=called) for one in written)
    for card, spec in plan.scorecards.items():
        for kpi, entry in spec.kpis.items():
            if entry.target is not None:
                at = ("scorecards", card, "kpis", kpi, "target")
                found.extend(_written(bound, at, ("scorecard", card, kpi), entry.target))
    return found, problems


def whose(
    text: str, directory: Directory, place: Place | None
) -> tuple[Person | None, Problem | None]:
    """Return the employee that a target names, or what is wrong with the name."""
    try:
        person = directory.find(text)
    except Ambiguous as several:
        names = ", ".join(p.email or p.id for p in several.people)
        return None, Problem("people.ambiguous", place, {"name": text, "people": names})
    if person is None:
        known = [called for p in directory.people for called in (p.email, p.name) if called]
        near = suggest(text, known)["near"]
        return None, Problem("people.unknown", place, {"name": text, "near": near}, "warning")
    return person, None


def no_department(name: str, directory: Directory, place: Place | None) -> Iterator[Problem]:
    """Yield a remark where nobody is in a department that a target names."""
    known = sorted({p.department for p in directory.people if p.department})
    if known and fold(name) not in {fold(one) for one in known}:
        data = {"name": name, **suggest(name, known)}
        yield Problem("targets.department", place, data, "warning")


def _written(
    bound: Bound,
    path: tuple[str | int, ...],
    key: tuple[TargetLevel, str, str],
    value: Amounts | Mapping[str, Amounts],
) -> Iterator[Written]:
    numbers = value if isinstance(value, Mapping) else {ANY: value}
    for text, number in numbers.items():
        place = bound.place(path if text == ANY else (*path, text))
        day = since(text)
        period = f"{day}.." if day else text
        if isinstance(number, Growth):
            yield Written(*key, period, Decimal(0), place, since=day, growth=number)
        elif isinstance(number, PerPeriod):
            yield Written(*key, period, number.value, place, per=number.per, since=day)
        else:
            yield Written(*key, period, number, place, since=day)
