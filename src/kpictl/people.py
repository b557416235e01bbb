"""Who is scored: employees from a file, or whoever the records name; and whose name is whose.

Exports name people as they are displayed, in either order. A name is found by id, e-mail, name or
alias; case, `ё` and the order of words make no difference; a patronymic or an initial may stand
on one side only. A name that fits two people is a mistake to be settled, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from kpictl.errors import Place
from kpictl.naming import fold
from kpictl.values import Period


@dataclass(frozen=True, slots=True)
class Person:
    """Someone (or, where `by` names a channel or a team, something) that is scored.

    `left` is the last day; `place` where the employees file has them.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    email: str | None = None
    department: str | None = None
    position: str | None = None
    active: bool | None = None
    hired: date | None = None
    left: date | None = None
    salary: Decimal | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None

    def employed(self, period: Period) -> bool:
        """Say whether they belong to the period: hired before its end, not gone before its start.

        Dates decide where there are any: who left in June still belongs to May, whatever
        `active` says today.
        """
        if self.hired is not None and self.hired > period.last:
            return False
        if self.left is not None:
            return self.left >= period.first
        return self.active is not False

    def record(self, period: Period) -> dict[str, Any]:
        """Return the fields that `who` may ask for."""
        return {
            **self.more,
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "department": self.department,
            "position": self.position,
            "active": self.employed(period),
            "hired": self.hired,
            "left": self.left,
            "salary": self.salary,
        }


class Ambiguous(Exception):
    """A name fits more than one person."""

    def __init__(self, name: str, people: Iterable[Person]) -> None:
        super().__init__(name)
        self.name = name
        self.people = tuple(people)


class Directory:
    """Finds people by what records, targets and the command line call them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        self._exact: dict[str, list[Person]] = {}
        self._words: dict[frozenset[str], list[Person]] = {}
        self._called = [(p, [_words(c) for c in (p.name, *p.aliases)]) for p in self.people]
        for person in self.people:
            for key in dict.fromkeys(fold(k) for k in (person.id, person.email or "") if k):
                self._exact.setdefault(key, []).append(person)
            for called in dict.fromkeys((person.name, *person.aliases)):
                self._index(self._words, frozenset(_words(called)), person)

    @staticmethod
    def _index(table: dict[Any, list[Person]], key: Any, person: Person) -> None:
        listed = table.setdefault(key, [])
        if person not in listed:
            listed.append(person)

    def find(self, text: str) -> Person | None:
        """Return the one person that a text means, None for nobody; Ambiguous for several."""
        words = _words(text)
        found = self._exact.get(fold(text), []) or self._words.get(frozenset(words), [])
        if not found:
            found = [p for p, called in self._called if any(_fits(words, c) for c in called)]
        if len(found) > 1:
            raise Ambiguous(text, found)
        return found[0] if found else None

    def search(self, text: str) -> list[Person]:
        """Return everybody whom a part of a name could mean, for the command line."""
        try:
            found = self.find(text)
        except Ambiguous as several:
            return list(several.people)
        if found is not None:
            return [found]
        part = fold(text)
        return [p for p in self.people if part in fold(p.name) or part == fold(p.id)]


def from_names(names: Iterable[str]) -> list[Person]:
    """Return the people whom only records name: those of the same words are one."""
    found: dict[frozenset[str], Person] = {}
    for called in sorted(names):
        key = frozenset(_words(called)) or frozenset({called})
        first = found.get(key)
        if first is None:
            found[key] = Person(called, called)
        elif called not in first.aliases:
            aliases = (*first.aliases, called)
            found[key] = Person(first.id, first.name, aliases)
    return sorted(found.values(), key=lambda p: (fold(p.name), p.id))


def from_labels(labels: Iterable[str]) -> list[Person]:
    """Return channels, teams or products as subjects: each text is its own."""
    return [Person(label, label) for label in sorted(set(labels))]


def _words(text: str) -> list[str]:
    return [word for word in fold(text).replace(".", ". ").replace(",", " ").split() if word]


def _fits(given: list[str], known: list[str]) -> bool:
    """Say whether a name can stand for another: a patronymic more or less, initials for names."""
    if len(given) < 2 or len(known) < 2:
        return False
    short, long = sorted((given, known), key=len)
    left = list(long)
    for word in sorted(short, key=lambda w: (w.endswith("."), len(w) == 1)):
        match = next((other for other in left if _same(word, other)), None)
        if match is None:
            return False
        left.remove(match)
    full = [w for w in short if not _initial(w)]
    return len(short) >= 2 and any(not _initial(w) and w in long for w in full)


def _initial(word: str) -> bool:
    return len(word.rstrip(".")) == 1


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    if _initial(one) or _initial(other):
        return one[0] == other[0]
    return False
