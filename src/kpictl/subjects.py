"""Whose records they are: owner texts → subjects, and which subjects a scorecard has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpictl.errors import Problem, SourceError
from kpictl.expressions.evaluate import evaluate
from kpictl.people import Ambiguous, Directory, Person, from_labels, from_names
from kpictl.plan.bind import Bound
from kpictl.values import Period

Owners = tuple[str, str]  # entity, `by` field


@dataclass(slots=True)
class Subjects:
    """Everybody that can be scored.

    `texts` are the owner texts found in the records, `maps` whose each is. `directory` holds the
    people; where `by` names channels or teams, each text is a subject of its own.
    """

    directory: Directory
    texts: Mapping[Owners, tuple[str, ...]]
    maps: dict[Owners, dict[str, str]] = field(default_factory=dict)
    labels: frozenset[Owners] = frozenset()
    from_records: bool = False

    def everybody(self) -> Directory:
        """Return the people together with the channels, teams or products that are scored."""
        known = {p.id for p in self.people()}
        labels = {t for owners in self.labels for t in self.texts[owners]} - known
        return Directory([*self.people(), *from_labels(labels)])

    def people(self) -> tuple[Person, ...]:
        return self.directory.people


def is_person(bound: Bound, owners: Owners) -> bool:
    """Say whether a `by` field names people: its kind says so, or a `who` chooses by it."""
    entity, by = owners
    if bound.schemas[entity].present[by].kind == "person":
        return True
    return any(
        (m.entity, m.by) == owners
        for card, spec in bound.cards.items()
        if spec.who is not None
        for kpi in spec.kpis
        for m in bound.leaves(kpi)
    )


def _naming_people(
    bound: Bound, texts: Mapping[Owners, tuple[str, ...]], employees: tuple[Person, ...] | None
) -> set[Owners]:
    """Return the `by` fields that name people.

    Those of the kind; those of a scorecard that has one of the kind too, since its rows are
    people; and, next to an employees file, those in which at least half of the texts are names
    of employees.
    """
    people = {o for o in texts if is_person(bound, o)}
    for spec in bound.cards.values():
        rows = {(m.entity, m.by) for kpi in spec.kpis for m in bound.leaves(kpi)} & texts.keys()
        if rows & people:
            people |= rows
    directory = Directory(employees or ())
    for owners in texts.keys() - people if employees else ():
        known = sum(1 for text in texts[owners] if _is_known(directory, text))
        if known and known * 2 >= len(texts[owners]):
            people.add(owners)
    return people


def _is_known(directory: Directory, text: str) -> bool:
    try:
        return directory.find(text) is not None
    except Ambiguous:
        return True


def find(
    bound: Bound,
    employees: tuple[Person, ...] | None,
    texts: Mapping[Owners, tuple[str, ...]],
) -> Subjects:
    """Match the owner texts with people. SourceError names every text that fits two of them."""
    wanted = sorted(texts)
    people = _naming_people(bound, texts, employees)
    known = employees
    if known is None:
        known = tuple(from_names({t for o in people for t in texts[o]}))
    directory = Directory(known)
    found = Subjects(directory, texts, from_records=employees is None)
    found.labels = frozenset(set(wanted) - people)
    problems: list[Problem] = []
    for owners in wanted:
        if owners in found.labels:
            found.maps[owners] = {text: text for text in texts[owners]}
        else:
            found.maps[owners] = _match(texts[owners], directory, owners, problems)
    if problems:
        raise SourceError(problems)
    return found


def _match(
    texts: tuple[str, ...], directory: Directory, owners: Owners, problems: list[Problem]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        try:
            person = directory.find(text)
        except Ambiguous as several:
            names = ", ".join(p.email or p.id for p in several.people)
            data = {"name": text, "people": names, "entity": owners[0], "field": owners[1]}
            problems.append(Problem("people.two_of_one_name", several.people[0].place, data))
            continue
        if person is not None:
            found[text] = person.id
    return found


def members(bound: Bound, card: str, subjects: Subjects, period: Period) -> list[Person]:
    """Return the people of a scorecard in this period.

    With an employees file: those employed in the period whom `who` takes. Without one: everybody
    whom the records of its KPIs name. A scorecard over channels or teams has each that occurs.
    """
    spec = bound.cards[card]
    owners = {(m.entity, m.by) for kpi in spec.kpis for m in bound.leaves(kpi)}
    if owners and owners <= subjects.labels:
        return from_labels(t for o in owners for t in subjects.texts[o])
    who = bound.who[card]
    if subjects.from_records:
        named = {s for o in owners - subjects.labels for s in subjects.maps[o].values()}
        chosen = [p for p in subjects.people() if p.id in named]
    else:
        chosen = [p for p in subjects.people() if p.employed(period)]
    if who is None:
        return chosen
    return [p for p in chosen if evaluate(who.tree, p.record(period), bound.zone) is True]
