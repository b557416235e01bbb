"""Somebody with several posts in a period: a line for each, and the person as one.

The index of the person is the mean of those of the lines, each weighted by the days of its post
(kpi-method B2), of posts held at once by these times its part of a full post; values
are re-aggregated from the records of all lines, targets of volumes add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.calendar import UnknownYear
from kpictl.errors import Problem
from kpictl.measure.query import GroupId
from kpictl.naming import few, fold, told_apart
from kpictl.people.presence import Presence, presence
from kpictl.people.staff import Person
from kpictl.people.working_time import calendar_of
from kpictl.scoring.score import Expectation, score
from kpictl.values import (
    SCORE_PLACES,
    PostLine,
    Row,
    Score,
    SubjectId,
    Target,
    WholePerson,
    to_decimal,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from kpictl.people.absences import Absences
    from kpictl.plan.bound import Bound
    from kpictl.plan.model import ScorecardPlan
    from kpictl.plan.pay import ProrateBy
    from kpictl.scoring.measured_period import MeasuredPeriod
    from kpictl.values import Period

Lines = list[tuple[str, Person, Row]]  # scorecard, post, its row


def presence_of(
    measured: MeasuredPeriod,
    person: Person,
    period: Period | None = None,
    absences: Absences | None = None,
    *,
    by: ProrateBy = "worked_days",
) -> Presence:
    """Return how much of the period, or of another, a person or a post of theirs was there for by
    their own schedule and shifts, less absences: what lowers targets, unless others are given.
    PlanRejected: the calendar does not know a year."""
    period, bound = period or measured.period, measured.bound
    absences = measured.expected.roll.absences if absences is None else absences
    with bound.years_known():
        calendar = None if by == "calendar_days" else calendar_of(bound, person, period)
        return presence(person, period, calendar, absences, in_hours=by == "worked_hours")


def _is_own(card: ScorecardPlan) -> bool:
    """Say whether a scorecard is of people, and not of those of others also."""
    return card.rows == "people" and not card.also


def moved(measured: MeasuredPeriod) -> dict[str, list[tuple[str, Person]]]:
    """Return who has lines of several posts: id → scorecard and post, in the order of both; without
    the scorecards that are for people of others also."""
    found: dict[str, list[tuple[str, Person]]] = {}
    for card, people in measured.members.items():
        for post in people if _is_own(measured.bound.cards[card]) else ():
            if post.segment:
                found.setdefault(post.id, []).append((card, post))
    order = list(measured.members)
    return {
        ident: sorted(lines, key=lambda line: (line[1].segment, order.index(line[0])))
        for ident, lines in found.items()
        if len({post.segment for _, post in lines}) > 1
    }


def whole_person(measured: MeasuredPeriod, lines: Lines) -> WholePerson:
    """Return somebody as one of the lines that they have."""
    first = lines[0][1]
    held = [presence_of(measured, post) for _, post, _ in lines]
    parts = _parts_of_full(lines)
    posts = tuple(
        PostLine(card, post.segment, there.days * part, row.department, row.position, row.index)
        for (card, post, row), there, part in zip(lines, held, parts, strict=True)
    )
    index = _mean([row.index for _, _, row in lines], held, parts)
    unit, of = held[0].unit, held[0].of
    scores = tuple(_scores(measured, [(card, row) for card, _, row in lines]))
    return WholePerson(first.id, first.name, posts, of, unit, index, scores)


def _parts_of_full(lines: Lines) -> list[Fraction]:
    """Return by what the days of each line count: of posts held at once by the part of a full post
    that each is; all alike where one came after the other."""
    held = [post for _, post, _ in lines]
    at_once = any(post.post is not None and post.post.track for post in held)
    return [Fraction(1 if not at_once or post.fte is None else post.fte) for post in held]


def _mean(
    indexes: Sequence[Decimal | None], held: Sequence[Presence], parts: Sequence[Fraction]
) -> Decimal | None:
    """Return the mean of the indexes by the days in which each was earned; who was absent all the
    time by the days of the posts."""
    rated = [one for one in zip(indexes, held, parts, strict=True) if one[0] is not None]
    days = [there.days * part for _, there, part in rated]
    if not any(days):
        days = [there.held * part for _, there, part in rated]
    if not any(days):
        return None
    products = (Fraction(index or 0) * n for (index, _, _), n in zip(rated, days, strict=True))
    return to_decimal(sum(products, Fraction(0)) / sum(days, Fraction(0)), SCORE_PLACES)


def _scores(measured: MeasuredPeriod, lines: list[tuple[str, Row]]) -> Iterator[Score]:
    """Yield each KPI of the lines: of one line as it is there, of several over the records of all,
    against the targets together. Points are those of lines, not of the person."""
    having: dict[str, list[tuple[str, Row]]] = {}
    for card, row in lines:
        for one in row.scores:
            having.setdefault(one.kpi, []).append((card, row))
    ident = lines[0][1].id
    for kpi, several in having.items():
        own = [row.score(kpi) for _, row in several]
        kind, (card, _) = measured.bound.kind(kpi), several[0]
        entry = measured.bound.cards[card].kpis[kpi]
        if len({row.subject for _, row in several}) == 1 or entry.level != "person":
            yield _unscored(own[0])
            continue
        subjects = frozenset(row.subject for _, row in several)
        fact = measured.group_facts(group_of(ident, subjects))[kpi]
        own = [row.score(kpi) for row in expecting(measured, kpi, several)]
        target = target_of_several(own, volume=measured.bound.volume(kpi))
        yield _unscored(score(Expectation(kpi, entry, kind.better), fact, target))


def _unscored(one: Score) -> Score:
    return replace(one, points=None, counted=False, substituted=False, weight=one.weight * 0)


def expects_nothing(measured: MeasuredPeriod, kpi: str, person: Person) -> bool:
    """Say whether no volume is expected of somebody, who was away for the whole period."""
    try:
        return measured.expected.expects_nothing(kpi, person)
    except UnknownYear:  # that it is not known is said where a number needs it
        return False


def expecting(measured: MeasuredPeriod, kpi: str, lines: Sequence[tuple[str, Row]]) -> list[Row]:
    """Return the rows (each with its scorecard) whose targets make up the target of all: without
    those who were away all the time, of whom no volume is expected, unless they have a target."""
    away = {
        (card, person.subject)
        for card in {card for card, _ in lines}
        for person in measured.members.get(card, ())
        if expects_nothing(measured, kpi, person)
    }
    expected = [
        row
        for card, row in lines
        if row.score(kpi).target is not None or (card, row.subject) not in away
    ]
    return expected or [row for _, row in lines]


def target_of_several(scores: Sequence[Score], *, volume: bool) -> Target | None:
    """Targets of volumes add up; of a quotient only one that is everybody's is the group's."""
    targets = [one.target for one in scores]
    known = [target for target in targets if target is not None]
    if not known or len(known) < len(targets):
        return None
    first = known[0]
    if not volume:
        return first if all(one.value == first.value for one in known) else None
    exact = sum((one.value for one in known), start=first.value * 0)
    return Target(to_decimal(exact, _SUM_PLACES) or exact, "sum", None, f"Σ {len(known)}")


_SUM_PLACES = 6  # the shares of a quarter are written to 10: their sum is as good as this


# --- which post is meant -----------------------------------------------------------------------

_MARKED = re.compile(r"(?P<name>.+\S)\s*\((?P<mark>[^()]+)\)\s*")


def split_mark(measured: MeasuredPeriod, text: str | None) -> tuple[str | None, str]:
    """Return a name and, folded, what stands in brackets behind it, as reports write it, if it is
    the department, the position or the first day of one of several posts; else the text and ""."""
    match = _MARKED.fullmatch(text or "")
    if match is not None:
        wanted = fold(match["mark"])
        lines = (line for lines in moved(measured).values() for line in lines)
        if any(wanted in _marks(post) for _, post in lines):
            return match["name"], wanted
    return text, ""


def _marks(post: Person) -> set[str]:
    return {fold(text) for text in (post.department, post.position, post.segment) if text}


def held(
    measured: MeasuredPeriod, cards: Iterable[str], person: Person, mark: str = ""
) -> list[Person]:
    """Return what somebody was in the period, in order: of scorecards that hold them, the posts in
    these; with a `mark` the one that bears it."""
    scored = {p.subject: p for c in cards for p in measured.members.get(c, ()) if p.id == person.id}
    others = [p for p in person.posts() if p.holds_post(measured.period)]
    found = list(scored.values()) or others or [person]
    chosen = [post for post in found if mark in _marks(post)]
    return sorted(chosen or found, key=lambda post: post.segment)


def called(measured: MeasuredPeriod, person: Person, *, whole: bool = False) -> str:
    """Return what a person is called among all people, and one of several posts (unless the `whole`
    person is meant) by what tells it from the others of the period."""
    own = [p for p in measured.subjects.posts() if p.id == person.id]
    posts = [post for post in own if post.holds_post(measured.period)]
    if person.segment and not whole and len(posts) > 1:
        return told_apart(posts)[person.subject]
    people = {p.id: p for p in measured.subjects.people()}
    if person.id not in people:
        return person.name
    return told_apart(people.values())[people[person.id].subject]


def days_of(measured: MeasuredPeriod, posts: Sequence[Person]) -> tuple[tuple[str, Presence], ...]:
    """Return how much of the period each post was held, with what it is called; of one post
    nothing where it was held all the time."""
    names = told_apart(posts)
    found = [(names[post.subject], presence_of(measured, post)) for post in posts]
    return tuple(one for one in found if len(found) > 1 or one[1].days != one[1].of)


# --- what is asked of the engine ---------------------------------------------------------------


def group_of(ident: str, subjects: Iterable[SubjectId]) -> GroupId:
    """Return the group of some posts of somebody; no scorecard's id begins like it."""
    return "\x00posts:" + "\x00".join((ident, *sorted(subjects)))


def groups(
    bound: Bound, people: Iterable[Person], members: Iterable[Mapping[str, Sequence[Person]]]
) -> dict[GroupId, frozenset[SubjectId]]:
    """Return every set of posts of one person whose records are asked for together: all posts, and
    those that a scorecard, a KPI or all scorecards have of a period (`members`)."""
    sets: dict[str, set[frozenset[SubjectId]]] = {}
    for person in people:
        if len(own := person.posts()) > 1:
            sets[person.id] = {frozenset(post.subject for post in own)}
    for of_card in members if sets else ():
        of_kpi: dict[tuple[str, str], set[SubjectId]] = {}
        for card, posts in of_card.items():
            for post in posts:
                for key in (f"\x00{card}", "", *bound.cards[card].kpis) if post.segment else ():
                    of_kpi.setdefault((post.id, key), set()).add(post.subject)
        for (ident, _), subjects in of_kpi.items():
            sets[ident].add(frozenset(subjects))
    return {
        group_of(ident, subjects): subjects
        for ident, several in sets.items()
        for subjects in several
        if len(subjects) > 1
    }


# --- what is to be said ------------------------------------------------------------------------


def remarks(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Yield who was employed for a part of the period, who is on no scorecard, and who on two."""
    people = {p.id: p for p in measured.subjects.people()}
    scored = dict.fromkeys(post.id for posts in measured.members.values() for post in posts)
    parts, names_of = [], told_apart(people.values())
    for ident in scored:
        if (person := people.get(ident)) is None:
            continue
        there = presence_of(measured, person)
        if 0 < there.held < there.of:
            parts.append((names_of[person.subject], there))
    if parts:
        parts.sort(key=lambda one: fold(one[0]))
        names = [f"{name} {part.held}/{part.of}" for name, part in parts]
        data = {"names": few(names), "unit": parts[0][1].unit}
        yield Problem(f"compute.part_of_period.{parts[0][1].unit}", None, data, "note")
    if measured.all_cards:
        yield from _on_no_card(measured, set(scored))
        yield from _on_two_cards(measured)


def _on_no_card(measured: MeasuredPeriod, scored: set[str]) -> Iterator[Problem]:
    """Yield who of the list is on no scorecard and may have been meant: of a position that others
    are scored in, or of a department that is nearly called like one of theirs."""
    bound, subjects = measured.bound, measured.subjects
    if subjects.from_records or any(bound.who[card] is None for card in bound.cards):
        return
    inside = [post for posts in measured.members.values() for post in posts]
    positions = {fold(post.position) for post in inside if post.position}
    departments = {fold(post.department) for post in inside if post.department}
    period, names = measured.period, []
    for person in subjects.people():
        posts = [post for post in person.posts() if post.employed(period)]
        if person.id not in scored and any(
            fold(post.position or "") in positions or _is_near(post.department, departments)
            for post in posts
        ):
            names.append(person.name)
    if names:
        data = {"names": few(sorted(names, key=fold)), "count": len(names)}
        yield Problem("compute.on_no_card", None, data, "note")


def _is_near(text: str | None, known: set[str]) -> bool:
    """Say whether a text is a known one with a slip of the pen."""
    folded = fold(text or "")
    return folded not in known and bool(get_close_matches(folded, known, n=1, cutoff=0.8))


def _on_two_cards(measured: MeasuredPeriod) -> Iterator[Problem]:
    """Yield whose records of the same days make an index on two scorecards, of which neither says
    that it is `also` for people of others."""
    bound = measured.bound
    held: dict[SubjectId, list[str]] = {}
    for card, posts in measured.members.items():
        spec = bound.cards[card]
        if spec.who is not None and _is_own(spec):
            for post in posts:
                held.setdefault(post.subject, []).append(card)
    twice: dict[tuple[str, ...], list[str]] = {}
    names = {post.subject: post.name for posts in measured.members.values() for post in posts}
    for subject, cards in held.items():
        if len(cards) > 1:
            twice.setdefault(tuple(cards), []).append(names[subject])
    for cards_of, several in twice.items():
        place = bound.place(("scorecards", cards_of[-1]), key=True)
        labels = ", ".join(bound.cards[card].label or card for card in cards_of)
        data = {"names": few(sorted(several, key=fold)), "count": len(several), "cards": labels}
        yield Problem("compute.on_two_cards", place, data, "warning")
