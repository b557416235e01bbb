"""What a reader must know of how targets came about: goals that people's targets do not add up to,
facts that were not there, numbers taken whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem
from kpictl.naming import fold, told_apart
from kpictl.people.staff import Person
from kpictl.scoring.posts import expects_nothing
from kpictl.scoring.targets import Divided
from kpictl.values import VALUE_PLACES, Target, to_decimal

if TYPE_CHECKING:
    from kpictl.scoring.measured_period import MeasuredPeriod

_MANY = 5


class Assignment(Struct, frozen=True):
    """How much of a goal is given to those below: the sum of the targets of `count` people or
    departments (`of`), and how many have none."""

    kind: str
    name: str
    kpi: str
    goal: Target
    total: Decimal
    count: int
    lacking: int
    of: str

    @property
    def difference(self) -> Decimal:
        """Return what is given beyond the goal; below zero where it is less."""
        return self.total - self.goal.value

    @property
    def percent(self) -> Decimal:
        return to_decimal(Fraction(self.total) * 100 / Fraction(self.goal.value), 2)


def remarks(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Yield what is to be said of the targets of a period, all of which are made for it.
    PlanRejected where the calendar does not know a year that they need."""
    for kpi in measured.kpis:
        for folded in measured.expected.departments():
            measured.expected.at("department", folded, kpi)
        measured.expected.at("company", "", kpi)
    yield from _divisions(measured)
    yield from _growths(measured)
    yield from _as_written(measured)


def assignments(measured: MeasuredPeriod) -> list[Assignment]:
    """Return for each goal of a volume how much of it people (or departments) have been given."""
    found: list[Assignment] = []
    for kpi in measured.kpis:
        if measured.bound.volume(kpi):
            found += _of_kpi(measured, kpi)
    return found


def _of_kpi(measured: MeasuredPeriod, kpi: str) -> Iterator[Assignment]:
    expected = measured.expected
    people = _people(measured, kpi)
    departments = {d: n for d, n in expected.departments().items()
                   if expected.at("department", d, kpi) is not None}  # fmt: skip
    if (goal := expected.at("company", "", kpi)) is not None:
        if departments:
            goals = [expected.at("department", d, kpi) for d in departments]
            yield _assignment(("company", "", kpi), goal, goals, "departments")
        if people:
            yield _of_people(measured, ("company", "", kpi), goal, people)
    for folded, name in departments.items():
        goal = expected.at("department", folded, kpi)
        inside = [(p, t) for p, t in people if (p.department or "") and _is_in(p, folded)]
        if goal is not None and inside:
            yield _of_people(measured, ("department", name, kpi), goal, inside)


def _of_people(
    measured: MeasuredPeriod,
    whose: tuple[str, str, str],
    goal: Target,
    people: Sequence[tuple[Person, Target | None]],
) -> Assignment:
    """Return how much of a goal people have been given; who was away all the time lacks nothing."""
    kpi = whose[2]
    targets = [t for p, t in people if t is not None or not expects_nothing(measured, kpi, p)]
    return _assignment(whose, goal, targets, "people")


def _is_in(person: Person, folded: str) -> bool:
    return fold(person.department or "") == folded


def _people(measured: MeasuredPeriod, kpi: str) -> list[tuple[Person, Target | None]]:
    """Return whom scorecards measure by a KPI, each once, with their targets."""
    found: dict[str, tuple[Person, Target | None]] = {}
    for card in measured.cards:
        spec = measured.bound.cards[card]
        own = kpi in spec.kpis and spec.kpis[kpi].level == "person"
        if own and spec.rows != "departments":
            for person in measured.members[card]:
                target = measured.expected.find(kpi, card, person)
                if target is not None or person.subject not in found:
                    found[person.subject] = (person, target)
    return list(found.values())


def _assignment(
    whose: tuple[str, str, str], goal: Target, targets: list[Target | None], of: str
) -> Assignment:
    known = [target.value for target in targets if target is not None]
    total = to_decimal(sum(known, Decimal(0)), VALUE_PLACES)
    return Assignment(*whose, goal, total, len(known), len(targets) - len(known), of)


def _divisions(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Say of goals that a cascade divides whether all of it is given, and who got an equal share
    because nothing is known of them."""
    cascaded = measured.bound.cascades
    whole_months = measured.expected.whole is measured.expected
    for one in assignments(measured) if cascaded and whole_months else ():
        if one.kpi in cascaded and one.difference and one.count:
            code = "cascade.under" if one.difference < 0 else "cascade.over"
            code += ".department" if one.kind == "department" else ""
            data = {
                "name": one.name,
                "kpi": measured.bound.label(one.kpi),
                "total": grouped(one.total),
                "goal": grouped(one.goal.value),
                "difference": grouped(abs(one.difference)),
                "percent": one.percent,
            }
            yield Problem(code, one.goal.place, data, "warning")
    for divided in measured.expected.divided():
        if divided.parts and not any(divided.division.amounts.values()):
            goal, kept = grouped(divided.parent.value), grouped(divided.kept)
            data = {"kpi": measured.bound.label(divided.kpi), "goal": goal, "kept": kept}
            code = "cascade.nothing_left"
            if not any(divided.division.weights.values()):
                code, names = "cascade.nobody", _names(measured)
                data["names"] = _few([names.get(ident, ident) for ident in divided.parts])
            yield Problem(code, divided.parent.place, data, "warning")
        elif divided.unknown:
            yield _no_history(measured, divided)


def grouped(number: Decimal) -> str:
    """Return a number in groups of three, which people of every language read alike."""
    return f"{number:,f}".replace(",", "\u00a0")


def _names(measured: MeasuredPeriod) -> dict[str, str]:
    """Return how the parts of a divided goal are called: people and departments by their ids."""
    people = [p for card in measured.cards for p in measured.members[card]]
    return {**told_apart(people), **measured.expected.departments()}


def _no_history(measured: MeasuredPeriod, divided: Divided) -> Problem:
    names = _names(measured)
    listed = sorted({names.get(ident, ident) for ident in divided.unknown})
    data = {
        "kpi": measured.bound.label(divided.kpi),
        "period": divided.base,
        "names": _few(listed),
        "count": len(listed),
    }
    return Problem("cascade.no_history", divided.parent.place, data, "note")


def _growths(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Say who has no target because there was no fact to grow from."""
    book, bound = measured.expected.book, measured.bound
    written = {key for key, page in book.pages.items() if any(one.growth for one in page.values())}
    for kpi in dict.fromkeys(kpi for _, _, kpi in written):
        if kpi not in measured.kpis:
            continue
        people = _people(measured, kpi)
        names = told_apart([p for p, _ in people])
        lacking = [
            names[p.subject]
            for p, target in people
            if target is None and not expects_nothing(measured, kpi, p)
        ]
        page = next(page for key, page in book.pages.items() if key in written and key[2] == kpi)
        if lacking:
            data = {"kpi": bound.label(kpi), "names": _few(lacking), "count": len(lacking)}
            place = next(one.place for one in page.values() if one.growth)
            yield Problem("targets.no_base", place, data, "warning")


def _as_written(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Say whose number is taken whole although they were there for a part of the period only."""
    for kpi in measured.kpis:
        people = _people(measured, kpi)
        taken_whole = [
            (person, target, step)
            for person, target in people
            for step in (target.steps if target is not None else ())
            if step.code == "step.as_written"
        ]
        names = told_apart([p for p, _ in people]) if taken_whole else {}
        for person, target, step in taken_whole:
            name = names[person.subject]
            data = {**step.data, "kpi": measured.bound.label(kpi), "name": name}
            by_calendar = step.data["unit"] == "working_days"
            code = "targets.as_written" if by_calendar else "targets.as_written_by_days"
            yield Problem(code, target.place if target is not None else None, data, "note")


def _few(names: list[str]) -> str:
    return ", ".join(names[:_MANY]) + (f" +{len(names) - _MANY}" if len(names) > _MANY else "")
