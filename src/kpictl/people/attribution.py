"""Whose records they are: owner texts → subjects, and which subjects a scorecard has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.measure.query import UNKNOWN, Credit, Owners, Ownership, always
from kpictl.naming import fold
from kpictl.people import credit
from kpictl.people.credit import Sharer
from kpictl.people.staff import (
    Accounts,
    Ambiguous,
    Directory,
    Person,
    Staff,
    from_labels,
    from_names,
    labels,
    listed,
    of_several,
)
from kpictl.people.who import takes
from kpictl.plan.bound import Bound
from kpictl.values import Account, Named, Period

OwnerField = tuple[str, str]
"""An entity and its `by` field, in which the texts stand that say whose a record is."""


class Subjects(Struct):
    """Everybody that can be scored.

    `texts` are the owner texts found in the records, `maps` whose each is. `directory` holds the
    people; where `by` names channels or teams, each text is a subject of its own. `accounts` are
    those of the person fields that hold numbers of a CRM's users. `shared` are the texts of fields
    that may name several people, with whom each names (`texts` are their names then); of `overlay`
    fields each has the whole record.
    """

    directory: Directory
    texts: Mapping[OwnerField, tuple[str, ...]]
    maps: dict[OwnerField, dict[str, str]] = {}
    labels: frozenset[OwnerField] = frozenset()
    from_records: bool = False
    by_accounts: bool = False
    accounts: Mapping[OwnerField, Accounts] = {}
    shared: Mapping[OwnerField, Mapping[str, tuple[Sharer, ...]]] = {}
    overlay: frozenset[OwnerField] = frozenset()

    def called(self, owners: OwnerField, text: str) -> Named:
        """Return whom an owner's text names: of a user's number the name, where it is known."""
        accounts = self.accounts.get(owners)
        if accounts is None:
            return text
        return accounts.names.get(text) or Account(text)

    def owners(self, entity: str, by: str, zone: ZoneInfo, months: int = 0) -> Owners:
        """Return whose the records of an entity are, by the text that names their owner: of
        somebody with assignments the one's that holds the record's moment. Records that are all
        dated by the first day of so many `months` are the first post's also where that began later
        in them."""
        whose = self.maps.get((entity, by), {})
        found = always(whose)
        if (entity, by) not in self.labels:
            posts = {p.id: _held(p, zone, months) for p in self.people() if p.assignments}
            found |= {raw: posts[ident] for raw, ident in whose.items() if ident in posts}
        for raw, sharers in self.shared.get((entity, by), {}).items():
            each = [found.get(one.name, _NOBODYS) for one in sharers]
            if len(sharers) > 1:
                overlay = (entity, by) in self.overlay
                shares = [one.share or Fraction(0) for one in sharers]
                found[raw] = _together(f"\x00{by}:{raw}", each, shares, overlay=overlay)
            elif each[0] is not _NOBODYS:
                found[raw] = each[0]
        return found

    def everybody(self) -> Directory:
        """Return the people together with the channels, teams or products that are scored."""
        known = {p.id for p in self.people()}
        labels = {t for owners in self.labels for t in self.maps[owners].values()} - known
        return Directory([*self.people(), *from_labels(labels)])

    def people(self) -> tuple[Person, ...]:
        return self.directory.people

    def posts(self) -> Iterator[Person]:
        """Yield the people, each for every post held."""
        return (post for person in self.people() for post in person.posts())


_NOBODYS = (Ownership(UNKNOWN),)


def _together(
    called: str, each: Sequence[tuple[Ownership, ...]], shares: Sequence[Fraction], *, overlay: bool
) -> tuple[Ownership, ...]:
    """Return from when to when records are shared by which posts of some people."""
    found = []
    for number, (start, end) in enumerate(_between_edges(own for one in each for own in one)):
        parts = tuple(
            replace(holder, share=share, overlay=overlay)
            for several, share in zip(each, shares, strict=True)
            for holder in _holders(several, start, end)
        )
        found.append(Ownership(f"{called}:{number}", start, end, parts))
    return tuple(found)


def _between_edges(
    several: Iterable[Ownership],
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Yield the stretches of time in which nothing begins or ends."""
    edges = {edge for own in several for edge in (own.start, own.end)}
    yield from pairwise([None, *sorted(edge for edge in edges if edge is not None), None])


def _holders(
    several: Iterable[Ownership], start: datetime | None, end: datetime | None
) -> tuple[Credit, ...]:
    """Return whose a stretch is that no edge of anybody's lies in."""
    for own in several:
        begun = own.start is None or (start is not None and own.start <= start)
        if begun and (own.end is None or (end is not None and own.end >= end)):
            return own.parts or (Credit(own.subject, Fraction(1)),)
    return (Credit(UNKNOWN, Fraction(1)),)


def _sharing(
    bound: Bound, staff: Staff, texts: Mapping[OwnerField, tuple[str, ...]], cell_of: CellOf
) -> tuple[dict[OwnerField, dict[str, tuple[Sharer, ...]]], list[Problem]]:
    """Return whom the texts name that may name several people, and those whose shares are not 100
    percent together."""
    known = Directory(staff.people or ())
    found: dict[OwnerField, dict[str, tuple[Sharer, ...]]] = {}
    problems = []
    for owners in sorted(texts):
        entity, by = owners
        if by not in bound.schemas[entity].credits:
            continue
        found[owners] = {}
        for text in texts[owners]:
            named = credit.sharers(text, known.is_named)
            whole = credit.settled(named)
            if whole is not None:
                found[owners][text] = whole
                continue
            total = sum((one.share or Fraction(0) for one in named), Fraction(0)) * 100
            data = {"entity": entity, "field": by, "name": text[:80], "total": f"{float(total):g}"}
            place = cell_of(entity, by, text) or _place_of_by(bound, owners)
            problems.append(Problem("credit.not_whole", place, data))
    return found, problems


def _held(person: Person, zone: ZoneInfo, months: int) -> tuple[Ownership, ...]:
    """Return from when to when somebody's records are those of each post; of posts held at once
    they are those of each, and together once."""

    def midnight(day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time.min, zone)

    held = [(p.subject, p.post) for p in person.posts() if p.post is not None]
    first = min((post.start or date.min for _, post in held), default=date.min)
    begins = first
    if months and first != date.min:
        begins = first.replace(month=(first.month - 1) // months * months + 1, day=1)
    found = tuple(
        Ownership(
            subject, midnight(begins if post.start == first else post.start), midnight(post.end)
        )
        for subject, post in held
    )
    if not any(post.track for _, post in held):
        return found
    return tuple(_at_once(f"\x00posts:{person.id}:{months}", person.id, found))


def _at_once(called: str, ident: str, held: Sequence[Ownership]) -> Iterator[Ownership]:
    """Yield whose the records of somebody are, who held posts at once."""
    for number, (start, end) in enumerate(_between_edges(held)):
        own = [one for one in held if _holders([one], start, end)[0].subject != UNKNOWN]
        parts = tuple(Credit(one.subject, Fraction(1), person=ident) for one in own)
        if own:
            subject = own[0].subject if len(own) == 1 else f"{called}:{number}"
            yield Ownership(subject, start, end, parts if len(own) > 1 else ())


def is_person(bound: Bound, owners: OwnerField) -> bool:
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
    bound: Bound, texts: Mapping[OwnerField, tuple[str, ...]], staff: Staff
) -> set[OwnerField]:
    """Return the `by` fields that name people.

    Those of the kind; those of a scorecard that has one of the kind too, if any of its people is
    named in them; and, next to an employees file, those in which at least half of the texts are
    names of employees.
    """
    people = {o for o in texts if is_person(bound, o)}
    names_of = {o: _but_numbers(bound, o, texts[o], staff) for o in texts}
    for spec in bound.cards.values():
        rows = {(m.entity, m.by) for kpi in spec.kpis for m in bound.leaves(kpi)} & texts.keys()
        if rows & people:
            named = {t for o in rows & people for t in texts[o]}
            names = Directory(staff.people or from_names(named))
            people |= {o for o in rows if not texts[o] or any(map(names.is_named, names_of[o]))}
    directory = Directory(staff.people or ())
    for owners in texts.keys() - people if staff.people else ():
        known = sum(1 for text in names_of[owners] if _is_known(directory, text))
        if known and known * 2 >= len(texts[owners]):
            people.add(owners)
    return people


def _but_numbers(bound: Bound, owners: OwnerField, texts: Iterable[str], staff: Staff) -> list[str]:
    """Return the texts that may be names: numbers in a CRM's records are of its users only in a
    field of these."""
    if bound.origin(*owners)[0] not in staff.accounts:
        return list(texts)
    return [text for text in texts if not text.isdecimal()]


def _is_known(directory: Directory, text: str) -> bool:
    try:
        return directory.find(text) is not None
    except Ambiguous:
        return True


CellOf = Callable[[str, str, str], Place | None]
"""Where a field of an entity first holds a text."""


def find(
    bound: Bound,
    staff: Staff,
    texts: Mapping[OwnerField, tuple[str, ...]],
    cell_of: CellOf,
) -> Subjects:
    """Match the owner texts with people. SourceError names every text that fits two of them, and
    says in which cell one names two at once."""
    shared, wrong = _sharing(bound, staff, texts, cell_of)
    for owners, several in shared.items():
        names = {one.name for sharers in several.values() for one in sharers}
        texts = {**texts, owners: tuple(sorted(names))}
    wanted = sorted(texts)
    people = _naming_people(bound, texts, staff)
    known = staff.people
    if known is None:
        known = tuple(from_names({t for o in people for t in texts[o]}))
    directory = Directory(known)
    found = Subjects(directory, texts, from_records=staff.people is None)
    found.by_accounts = staff.by_accounts
    found.shared = shared
    found.overlay = frozenset(
        (e, by) for e, by in shared if bound.schemas[e].credits[by] == "overlay"
    )
    found.accounts = {
        owners: staff.accounts[bound.origin(*owners)[0]]
        for owners in wanted
        if bound.origin(*owners)[0] in staff.accounts and _holds_accounts(bound, owners)
    }
    found.labels = frozenset(set(wanted) - people)
    label_of = labels(t for owners in found.labels for t in texts[owners])
    problems = [*wrong, *_cells_of_several(bound, found, staff, cell_of)]
    for owners in wanted if not problems else ():
        if owners in found.labels:
            found.maps[owners] = {text: label_of[text] for text in texts[owners]}
        elif owners in found.accounts:
            found.maps[owners] = _of_accounts(found, owners, problems)
        else:
            found.maps[owners] = _match(texts[owners], directory, owners, problems)
    if problems:
        raise SourceError(problems)
    return found


def _cells_of_several(
    bound: Bound, found: Subjects, staff: Staff, cell_of: CellOf
) -> Iterator[Problem]:
    """Yield the owner fields that hold several people in one cell: whose would the record be?"""
    listed_people = None if staff.people is None else found.directory
    for owners in sorted(found.texts):
        if owners in found.labels or owners in found.accounts or owners in found.shared:
            continue
        several = of_several(found.texts[owners], listed_people)
        if several:
            entity, by = owners
            data = {"entity": entity, "field": by, "name": several[0], "count": len(several)}
            place = cell_of(entity, by, several[0]) or _place_of_by(bound, owners)
            yield Problem("people.two_in_one_cell", place, data)


def _place_of_by(bound: Bound, owners: OwnerField) -> Place:
    """Return where the plan first asks for records by an owner field: at its `by`, if written."""
    kpi = next(
        kpi
        for kpi, found in bound.measures.items()
        if any((m.entity, m.by) == owners for m in found)
    )
    return bound.place(("kpis", kpi, "by"))


def _holds_accounts(bound: Bound, owners: OwnerField) -> bool:
    entity, by = owners
    return bound.schemas[entity].present[by].kind == "person"


def _of_accounts(found: Subjects, owners: OwnerField, problems: list[Problem]) -> dict[str, str]:
    """Return whose the numbers of a CRM's users are; those that nobody is known by are left."""
    accounts = found.accounts[owners]
    for text in found.texts[owners]:
        several = accounts.unsettled.get(text, ())
        if several:
            data = {"name": accounts.names.get(text, text), "id": text, "people": listed(several)}
            problems.append(Problem("people.account_of_whom", several[0].place, data))
    return {t: accounts.people[t] for t in found.texts[owners] if t in accounts.people}


def _match(
    texts: tuple[str, ...], directory: Directory, owners: OwnerField, problems: list[Problem]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        try:
            person = directory.find(text)
        except Ambiguous as several:
            data = {"name": text, "people": listed(several.people), "entity": owners[0],
                    "field": owners[1]}  # fmt: skip
            problems.append(Problem("people.two_of_one_name", several.people[0].place, data))
            continue
        if person is not None:
            found[text] = person.id
    return found


def members(bound: Bound, card: str, subjects: Subjects, period: Period) -> list[Person]:
    """Return the people of a scorecard in this period, each post of somebody for itself.

    With an employees file: those employed in the period whom `who` takes. Without one: everybody
    whom the records of its KPIs name, and of a CRM's users also those employed whom `who` takes.
    A scorecard over channels or teams has each that occurs.
    """
    spec = bound.cards[card]
    owners = {(m.entity, m.by) for kpi in spec.kpis for m in bound.leaves(kpi)}
    owners &= subjects.maps.keys()  # of a scorecard that is not computed not all is read
    if owners and owners <= subjects.labels:
        return from_labels(t for o in owners for t in subjects.maps[o].values())
    who = bound.who[card]
    listed = not subjects.from_records and (who is not None or not subjects.by_accounts)
    named: set[str] = set()
    if subjects.from_records or subjects.by_accounts:
        named = {s for o in owners - subjects.labels for s in subjects.maps[o].values()}
    chosen = [
        p
        for p in subjects.posts()
        if (p.id in named and p.holds_post(period)) or (listed and p.employed(period))
    ]
    if who is None:
        others = {t for o in owners & subjects.labels for t in subjects.maps[o].values()}
        return [*chosen, *from_labels(others - {p.id for p in chosen})]
    return [p for p in chosen if takes(who, p, period, bound.context)]


def kinds(bound: Bound, card: str, subjects: Subjects) -> dict[str, list[str]]:
    """Return what the rows of a scorecard are, by the caption of the column that names them ("" for
    people), each with its KPIs: people and channels share no table.

    Columns name the same things where they have one caption, any name in common, or a KPI that is
    computed from both. A formula of numbers alone is in the first of them.
    """
    groups: list[tuple[set[OwnerField], set[str], list[str]]] = []
    of_nothing = []
    for kpi in bound.cards[card].kpis:
        owners = {(m.entity, m.by) for m in bound.leaves(kpi)}
        if not owners:
            of_nothing.append(kpi)
            continue
        names = {f"\x00{fold(caption_of(bound, o))}" for o in owners & subjects.labels}
        names |= {t for o in owners & subjects.labels for t in subjects.maps[o].values()}
        if owners - subjects.labels:
            names = {""}
        alike = [group for group in groups if group[1] & names]
        kpis = [one for group in alike for one in group[2]]
        merged = (owners.union(*(g[0] for g in alike)), names.union(*(g[1] for g in alike)))
        groups = [group for group in groups if group not in alike]
        groups.append((*merged, [*kpis, kpi]))
    found: dict[str, list[str]] = {}
    order = list(bound.cards[card].kpis)
    for owners, names, kpis in sorted(groups, key=lambda group: order.index(group[2][0])):
        caption = "" if "" in names else caption_of(bound, min(owners))
        found.setdefault(caption, []).extend(kpis)
    found.setdefault(next(iter(found), ""), []).extend(of_nothing)
    return found


def caption_of(bound: Bound, owners: OwnerField) -> str:
    """Return what the source calls a column of owners."""
    entity, by = owners
    captions = bound.schemas[entity].present[by].captions
    return captions[0] if captions else by


def employed(bound: Bound, card: str, people: Iterable[Person], period: Period) -> list[Person]:
    """Return the listed people of a scorecard, as far as they are known before a record is read."""
    who = bound.who[card]
    if who is None:
        owners = {(m.entity, m.by) for kpi in bound.cards[card].kpis for m in bound.leaves(kpi)}
        if not any(is_person(bound, one) for one in owners):
            return []
    chosen = [post for p in people for post in p.posts() if post.employed(period)]
    return [p for p in chosen if takes(who, p, period, bound.context)]
