"""Who is scored: employees from a file, or whoever the records name; and whose name is whose.

Exports name people as they are displayed, in either order. A name is found by id, e-mail, name or
alias; the order of words and what `naming.fold` makes alike are no difference; a patronymic or an
initial may stand on one side only; a position or department of the list that stands behind a name
says which of two. At the command line a surname is enough. A name that fits two
people is a mistake to be settled, never a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place
from kpictl.naming import fold, spelling, tidy
from kpictl.people.assignments import TOLD_APART, Assignment, in_force, runs, tracks
from kpictl.values import Period, SubjectId, subject_of


class Person(Struct, frozen=True):
    """Someone (or, where `by` names a channel or a team, something) that is scored.

    `left` is the last day; `place` where the employees file has them. `assignments` are what they
    were, in order; none where that never changed. Who had several posts is a `Person` for each of
    them (`posts`): with the `post` and, to tell it from the others, its first day as `segment` (of
    a second one held at once with “/2” behind it). `cuts` are the fields whose change makes another
    post; `above` the own department and all that it is a part of, folded.
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
    more: Mapping[str, Any] = {}
    place: Place | None = None
    assignments: tuple[Assignment, ...] = ()
    post: Assignment | None = None
    segment: str = ""
    head: str | None = None
    fte: Decimal | None = None
    cuts: frozenset[str] = TOLD_APART
    above: frozenset[str] = frozenset()
    is_head: bool = False

    @property
    def subject(self) -> SubjectId:
        """Return by what facts and rows are found: the id, of one of several posts with it."""
        return subject_of(self.id, self.segment)

    def posts(self) -> tuple[Person, ...]:
        """Return the person for each post held, with the assignments of those that came before and
        after it, not of others held at once. A change of the salary alone makes no other."""
        held = tracks(self.assignments)
        found = [(run, track) for track in held for run in runs(track, self.cuts)]
        found.sort(key=lambda one: (one[0].start or date.min, one[0].track))
        return tuple(
            replace(
                self.as_in(run),
                assignments=track,
                post=run,
                segment=run.segment(self.hired) if len(found) > 1 else self.segment,
            )
            for run, track in found
        ) or (self,)

    def as_in(self, assignment: Assignment) -> Person:
        """Return the person as they were in an assignment."""
        return replace(
            self,
            department=assignment.department,
            position=assignment.position,
            salary=assignment.salary,
            head=assignment.head,
            fte=assignment.fte,
            above=assignment.above,
            more={**self.more, **assignment.more},
        )

    def in_period(self, period: Period) -> Person:
        """Return the person as they were last in a period, of a post within that post."""
        if self.post is None:
            return self
        return self.as_in(in_force(self.assignments, self.post, period))

    def holds_post(self, period: Period) -> bool:
        """Say whether the post lies in the period; who never changed theirs holds it always."""
        return self.post is None or self.post.meets(period)

    def employed(self, period: Period) -> bool:
        """Say whether they belong to the period: hired before its end, not gone before its start.

        Dates decide where there are any: who left in June still belongs to May, whatever
        `active` says today.
        """
        if not self.holds_post(period):
            return False
        if self.hired is not None and self.hired > period.last:
            return False
        if self.left is not None:
            return self.left >= period.first
        return self.active is not False

    def record(self, period: Period) -> dict[str, Any]:
        """Return the fields that `who` may ask for."""
        last = self.in_period(period)
        return {
            **last.more,
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "department": last.department,
            "position": last.position,
            "active": self.employed(period),
            "hired": self.hired,
            "left": self.left,
            "salary": last.salary,
            "head": last.head,
            "fte": last.fte,
            "is_head": self.is_head,
        }


class Accounts(Struct, frozen=True):
    """Whose the accounts of a CRM are, where its records name people by their number there.

    `people` is account → `Person.id`; `names` account → name, also of accounts that nobody scores;
    `unsettled` are accounts that fit several people, or share one with others, by name alone.
    """

    people: Mapping[str, str] = {}
    names: Mapping[str, str] = {}
    unsettled: Mapping[str, tuple[Person, ...]] = {}


class Staff(Struct, frozen=True):
    """Everybody that is known before a record is read; `people` is None where no source lists
    anybody.

    `accounts` are those of the CRM, by entity. `by_accounts` says that the people are only these
    accounts, and no list of employees.
    """

    people: tuple[Person, ...] | None = None
    accounts: Mapping[str, Accounts] = {}
    by_accounts: bool = False


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
        self._exact: dict[str, list[int]] = {}
        self._names: dict[frozenset[str], list[int]] = {}
        self._words: dict[str, list[tuple[int, list[str]]]] = {}
        self._titles: dict[str, set[int]] = {}
        for number, person in enumerate(self.people):
            for title in filter(None, (person.position, person.department)):
                self._titles.setdefault(fold(title), set()).add(number)
            for key in dict.fromkeys(fold(k) for k in (person.id, person.email or "") if k):
                self._exact.setdefault(key, []).append(number)
            for called in dict.fromkeys((person.name, *person.aliases)):
                words = _words(called)
                numbers = self._names.setdefault(frozenset(words), [])
                if number not in numbers:
                    numbers.append(number)
                for word in set(words):
                    self._words.setdefault(word, []).append((number, words))

    def is_named(self, text: str) -> bool:
        """Say whether somebody has exactly this id, e-mail, name or alias, in whatever order."""
        return fold(text) in self._exact or frozenset(_words(text)) in self._names

    def find(self, text: str) -> Person | None:
        """Return the one person that a text means, None for nobody; Ambiguous for several."""
        numbers = self._named(text)
        if numbers is None:
            numbers = self._titled(text)
        if numbers is None:
            numbers = self._fitting(text)
        if len(numbers) > 1:
            raise Ambiguous(text, (self.people[number] for number in numbers))
        return self.people[numbers[0]] if numbers else None

    def _named(self, text: str) -> list[int] | None:
        return self._exact.get(fold(text)) or self._names.get(frozenset(_words(text)))

    def _fitting(self, text: str) -> list[int]:
        words = _words(text)  # names that fit share a word that is no initial
        near = [pair for word in set(words) for pair in self._words.get(word, ())]
        return sorted({number for number, called in near if _fits(words, called)})

    def _titled(self, text: str) -> list[int] | None:
        """Return whom a name means behind which a position or department of the list stands (“Ann
        Roe, Sales Manager”), those first whose own it is; None where none stands there."""
        for sign in _BEFORE_TITLES.finditer(text):
            title, name = fold(text[sign.end() :].strip(" )")), text[: sign.start()]
            if title in self._titles:
                named = self._named(name) or self._fitting(name)
                return [n for n in named if n in self._titles[title]] or named
        return None

    def is_surname_first(self, text: str) -> bool:
        """Say whether a comma sets apart the surname of somebody listed, from a given name at
        least, and nothing else of the name is lacking: “Garcia Lopez, Maria Elena”."""
        before, _, after = text.partition(",")
        surname, given = _words(before), _words(after)
        if "," in after or all(self._named(part) for part in (before, after)):
            return False
        near = (called for word in set(surname) for _, called in self._words.get(word, ()))
        return any(_is_whole(surname, given, called) for called in near)

    def search(self, text: str) -> list[Person]:
        """Return everybody whom a text means that somebody typed: those of this id, e-mail or
        name; where there are none, those of this surname, whole."""
        try:
            person = self.find(text)
        except Ambiguous as several:
            return list(several.people)
        words = _words(text)
        if person is not None or len(words) != 1:
            return [] if person is None else [person]
        near = [self.people[number] for number, _ in self._words.get(words[0], ())]
        return list({p.id: p for p in near if words[0] in _surnames(p.name)}.values())

    def near(self, text: str) -> list[str]:
        """Return the names in which a text is a part of a word, for a hint; never for a match."""
        part = fold(text)
        names = {p.name for p in self.people if part and part in fold(p.name)}
        return sorted(names, key=lambda name: (fold(name), name))


_PATRONYMIC = re.compile(".+(?:ович|евич|ьич|овна|евна|ична)")
_TURKIC_PATRONYMIC = frozenset(("оглы", "оглу", "кызы", "гызы", "улы", "уулу"))
_RUSSIAN_SURNAME = re.compile(
    ".+(?:[ое]в|[иы]н|[ое]ва|[иы]на|ский|ская|цкий|цкая|ой|[иы]х|ко|[ую]к|ян|дзе|швили)"
)
_GIVEN_NAMES = frozenset(  # those that end like surnames
    (
        *("алевтина", "алина", "альбина", "ангелина", "арина", "валентин", "валентина", "галина"),
        *("дарина", "екатерина", "ирина", "карина", "катерина", "константин", "кристина", "лев"),
        *("марина", "мартин", "нина", "полина", "регина", "сабина", "элина", "эвелина", "яков"),
    )
)


def _surnames(name: str) -> frozenset[str]:
    """Return the words of a name that may be its surname: never a patronymic; both ends where
    nothing says at which of them it stands."""
    before, comma, _ = name.partition(",")
    if comma:
        return frozenset(_words(before))
    words = [word for word in _words(name) if not _initial(word)]
    if words and words[-1] in _TURKIC_PATRONYMIC:
        words = words[:-2]
    for place in range(1, len(words)) if len(words) > 2 else ():
        if _PATRONYMIC.fullmatch(words[place]):
            return frozenset(words[: place - 1] + words[place + 1 :])
    likely = {w for w in words if _RUSSIAN_SURNAME.fullmatch(w) and w not in _GIVEN_NAMES}
    return frozenset(likely if len(likely) == 1 else {*words[:1], *words[-1:]})


def listed(people: Iterable[Person]) -> str:
    """Return people by name, with the id and the e-mail that tell them apart."""
    ordered = sorted(people, key=lambda p: (fold(p.name), p.id))
    return ", ".join(f"{p.name} ({', '.join(dict.fromkeys(_ids(p)))})" for p in ordered)


def _ids(person: Person) -> list[str]:
    return [i for i in (person.id, person.email) if i]


def from_names(names: Iterable[str]) -> list[Person]:
    """Return the people whom only records name: those of the same words are one."""
    alike: dict[frozenset[str], list[str]] = {}
    for called in sorted(names):
        alike.setdefault(frozenset(_words(called)) or frozenset({called}), []).append(called)
    people = []
    for texts in alike.values():
        first = spelling(texts)
        shown = tidy(first) or first
        people.append(Person(shown, shown, tuple(texts)))
    return sorted(people, key=lambda p: (fold(p.name), p.id))


def join(people: Iterable[Person], users: Iterable[Person], names: Mapping[str, str]) -> Accounts:
    """Match the users of a CRM with the people of a list: by number, e-mail or name.

    A name settles it only where it leaves no choice; a number only where the names do not deny it,
    since lists have numbers of their own.
    """
    found, book = list(users), _Book(people)
    sure = {u.id: p for u in found if (p := book.surely(u)) is not None}
    taken = {p.id for p in sure.values()}
    likely = {
        u.id: [p for p in book.alike(u) if p.id not in taken] for u in found if u.id not in sure
    }
    claims = Counter(p.id for several in likely.values() for p in several)
    unsettled = {
        user: tuple(several)
        for user, several in likely.items()
        if len(several) > 1 or any(claims[p.id] > 1 for p in several)
    }
    mapped = {user: p.id for user, p in sure.items()}
    mapped |= {u: several[0].id for u, several in likely.items() if several and u not in unsettled}
    return Accounts(mapped, names, unsettled)


def with_accounts(people: Iterable[Person], several: Iterable[Accounts]) -> list[Person]:
    """Return people with the numbers of their users as aliases. Of every CRM they are found before
    any is given: a number of one means somebody else in another."""
    numbers: dict[str, list[str]] = {}
    for accounts in several:
        for user, owner in accounts.people.items():
            numbers.setdefault(owner, []).append(user)
    return [replace(p, aliases=(*p.aliases, *numbers.get(p.id, ()))) for p in people]


class _Book:
    """The people of a list, to be found by what a CRM says of its users."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.by_alias: dict[str, Person] = {}
        self.by_id: dict[str, Person] = {}
        self.by_email: dict[str, Person] = {}
        self.by_word: dict[str, list[tuple[Person, list[str]]]] = {}
        for person in people:
            self.by_id.setdefault(person.id, person)
            self.by_email.setdefault(fold(person.email or ""), person)
            for alias in person.aliases:
                self.by_alias.setdefault(alias, person)
            for words in map(_words, (person.name, *person.aliases)):
                for word in set(words):
                    self.by_word.setdefault(word, []).append((person, words))

    def surely(self, user: Person) -> Person | None:
        """Return the person that a user is beyond doubt."""
        if user.id in self.by_alias:
            return self.by_alias[user.id]
        same = self.by_id.get(user.id)
        if same is not None and (same.name in (same.id, same.email) or same in self.alike(user)):
            return same
        return self.by_email.get(fold(user.email)) if user.email else None

    def alike(self, user: Person) -> list[Person]:
        """Return everybody whose name can be a user's."""
        words = _words(user.name)
        found: list[Person] = []
        for word in words:
            for person, called in self.by_word.get(word, ()):
                if person not in found and (set(words) == set(called) or _fits(words, called)):
                    found.append(person)
        return found


_BETWEEN_PEOPLE = re.compile(r"\s*[;,/|&+\n]\s*|\s+(?:and|и|und|та|және)\s+", re.IGNORECASE)


def of_several(texts: Iterable[str], directory: Directory | None) -> list[str]:
    """Return the texts that name several people at once: “Ann Roe, Ben Ito”, not “Roe, Ann”.

    Each part is a name of its own, and one at least is somebody's: an employee's of the
    `directory`, or another record's. Full names on both sides need nobody to vouch for them: where
    the sign stands in no name, and where a comma does not set surnames apart in other records.
    """
    split = {text: [p for p in _BETWEEN_PEOPLE.split(text.strip()) if p] for text in set(texts)}
    alone = Directory(from_names(text for text, parts in split.items() if len(parts) == 1))
    books = [alone] if directory is None else [directory, alone]
    titles = _titles(split, directory)
    surnames_first = any(_is_surname_first(text, parts) for text, parts in split.items())
    return sorted(
        text
        for text, parts in split.items()
        if len(parts) > 1
        and not (len(parts) == 2 and fold(parts[1]) in titles)
        and not any(book.is_named(text) for book in books)
        and not (directory is not None and directory.is_surname_first(text))
        and (_are_names(parts, books) or _are_set_apart(text, parts, surnames_first))
    )


_BEFORE_TITLES = re.compile(r"\s*[,;/|(\n]\s*|\s+[-–—]\s+")
_MANY = 5  # nobody shares records with so many and has none, nor is named first


def _titles(split: Mapping[str, list[str]], directory: Directory | None) -> frozenset[str]:
    """Return what is said of people behind a comma, folded: the positions and departments of the
    list, and what stands behind many names and nowhere else (“Ann Roe, Sales Manager”)."""
    people = () if directory is None else directory.people
    known = {fold(word) for p in people for word in (p.position, p.department) if word}
    before: dict[str, set[str]] = {}
    for text, parts in split.items():
        if len(parts) == 2 and "," in text:
            before.setdefault(fold(parts[1]), set()).add(fold(parts[0]))
    firsts = {fold(parts[0]) for parts in split.values() if parts}
    often = {word for word, names in before.items() if len(names) >= _MANY} - firsts
    named = {word for word in often if directory is not None and directory.is_named(word)}
    return frozenset(known | (often - named))


def _is_surname_first(text: str, parts: list[str]) -> bool:
    """Say whether a comma sets a surname apart: “Roe, Ann”."""
    return "," in text and len(parts) == 2 and len(_words(parts[0])) == 1


def _are_set_apart(text: str, parts: list[str], surnames_first: bool) -> bool:
    if not all(len(_words(part)) > 1 for part in parts):
        return False
    if "," not in text:
        return True
    names = (word for part in parts for word in part.split())
    return all(word[:1].isupper() for word in names) and not surnames_first


def _are_names(parts: list[str], books: Iterable[Directory]) -> bool:
    known = [part for part in parts if any(book.is_named(part) for book in books)]
    return bool(known) and all(part in known or len(_words(part)) > 1 for part in parts)


def labels(texts: Iterable[str]) -> dict[str, str]:
    """Return the channel, team or product that each text means: those that look the same are one,
    called as most readers would write it. (What looks like nothing is an empty cell.)"""
    alike: dict[str, list[str]] = {}
    for text in set(texts):
        alike.setdefault(fold(text), []).append(text)
    return {text: tidy(spelling(same)) for same in alike.values() for text in same}


def from_labels(names: Iterable[str]) -> list[Person]:
    """Return channels, teams or products as subjects."""
    return [Person(name, name) for name in sorted(set(names))]


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


def _is_whole(surname: list[str], given: list[str], known: list[str]) -> bool:
    """Say whether a name is this surname and of these given names, initials for them."""
    left = list(known)
    for word in surname:
        if word not in left:
            return False
        left.remove(word)
    return bool(left) and all(any(_same(word, other) for other in given) for word in left)


def _initial(word: str) -> bool:
    return len(word.rstrip(".")) == 1


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    if _initial(one) or _initial(other):
        return one[0] == other[0]
    return False
