"""What somebody asked for by name → the one thing of the plan, or the one person, that is meant.

Ids and labels are taken alike, whole, and compared as `naming.fold` compares. What fits nothing,
or several, is a UsageError that lists what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kpictl.errors import UsageError
from kpictl.naming import fold, named
from kpictl.people.staff import Directory, Person, listed
from kpictl.plan.load import suggest

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

SHOWN = 5


def kpi(bound: Bound, text: str, others: tuple[str, ...] = ()) -> str:
    """Return the id of a KPI, or one of the `others`, words that stand beside KPIs."""
    if text in others:
        return text
    labels = {one: bound.label(one) for one in bound.plan.kpis}
    return _one(text, labels, ("usage.no_kpi", "usage.many_kpis"), others)


def scorecard(bound: Bound, text: str) -> str:
    """Return the id of a scorecard."""
    labels = {one: spec.label or one for one, spec in bound.cards.items()}
    return _one(text, labels, ("usage.no_scorecard", "usage.many_scorecards"))


def _one(
    text: str, labels: Mapping[str, str], codes: tuple[str, str], others: tuple[str, ...] = ()
) -> str:
    nothing, several = codes
    chosen = named(text, labels)
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        both = [name for one, label in labels.items() for name in dict.fromkeys((one, label))]
        near = suggest(text, [*both, *others])["near"]
        known = ", ".join([*with_labels(labels), *others])
        raise UsageError(nothing, name=text, near=near, known=known)
    ids = ", ".join(chosen)
    raise UsageError(several, name=text, ids=ids, first=chosen[0])


def with_labels(labels: Mapping[str, str]) -> list[str]:
    """Return ids with their labels in brackets, where these say more."""
    return [
        one if fold(one) == fold(label) else f"{one} ({label})" for one, label in labels.items()
    ]


def person(
    text: str, scored: Mapping[str, Iterable[Person]], directory: Directory
) -> tuple[Person, bool]:
    """Return the one person whom a text means, and whether any scorecard holds them; where one
    of the `scored` (scorecard → its people) fits, nobody else is meant."""
    inside = Directory({p.id: p for people in scored.values() for p in people}.values())
    chosen = inside.search(text)
    if len(chosen) == 1:
        return chosen[0], True
    elsewhere = [] if chosen else directory.search(text)
    if len(elsewhere) == 1:
        return elsewhere[0], False
    if chosen or elsewhere:
        people = listed(chosen or elsewhere)
        raise UsageError("usage.many_people", name=text, people=people)
    near = inside.near(text)
    known = sorted({p.name for p in inside.people})
    hint = ", ".join(near[:SHOWN]) or suggest(text, known)["near"]
    raise UsageError("usage.no_person", name=text, near=hint, known=", ".join(known))


def departments_of(person: Person) -> frozenset[str]:
    """Return the folded names of a person's departments; a portal's users may have several."""
    several = str(person.more.get("departments") or "").split(", ")
    return frozenset(fold(name) for name in (person.department or "", *several) if name)


def unit(text: str, departments: Mapping[str, str]) -> str:
    """Return the folded name of the one department (folded → as it is shown) that is meant."""
    if fold(text) in departments:
        return fold(text)
    known = sorted(departments.values())
    near = [name for name in known if fold(text) and fold(text) in fold(name)]
    hint = ", ".join(near[:SHOWN]) or suggest(text, known)["near"]
    raise UsageError("explain.no_department", name=text, near=hint, known=", ".join(known))


def department(text: str, people: Iterable[Person]) -> frozenset[str]:
    """Return the subjects of the people of a department."""
    listed_people = list(people)
    chosen = frozenset(p.subject for p in listed_people if fold(text) in departments_of(p))
    if not chosen:
        names = sorted({p.department for p in listed_people if p.department})
        near = [name for name in names if fold(text) and fold(text) in fold(name)]
        hint = ", ".join(near[:SHOWN]) or suggest(text, names)["near"]
        raise UsageError("usage.no_department", name=text, near=hint, known=", ".join(names))
    return chosen
