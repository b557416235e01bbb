"""Posts that somebody holds at once: nothing may count, and be paid, for two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from kpictl.errors import PlanRejected, Problem
from kpictl.people.staff import Person
from kpictl.plan.bound import Bound
from kpictl.values import Period

Members = Mapping[str, Sequence[Person]]  # scorecard → its people


def require_apart(bound: Bound, members: Members, period: Period) -> None:
    """Stop where two posts that are held at once are on one scorecard, or on two that weigh
    one KPI: a record of the person would count twice. PlanRejected with all of these."""
    problems = list(_problems(bound, members, period))
    if problems:
        raise PlanRejected(problems)


def _problems(bound: Bound, members: Members, period: Period) -> Iterator[Problem]:
    held: dict[str, list[tuple[str, Person]]] = {}
    for card, people in members.items():
        for post in people if bound.cards[card].rows == "people" else ():
            if post.post is not None and post.segment:
                held.setdefault(post.id, []).append((card, post))
    for several in held.values():
        for (card, post), (other_card, other) in combinations(several, 2):
            if not _at_once(post, other, period):
                continue
            data = {"name": post.name, "posts": " / ".join(map(_called, (post, other)))}
            label = bound.cards[card].label or card
            place = bound.place(("scorecards", other_card), key=True)
            if card == other_card:
                yield Problem("posts.one_card", place, {**data, "card": label})
            elif shared := _weighted(bound, card) & _weighted(bound, other_card):
                cards = f"{label}, {bound.cards[other_card].label or other_card}"
                names = ", ".join(bound.label(kpi) for kpi in sorted(shared))
                yield Problem("posts.shared_kpi", place, {**data, "cards": cards, "kpis": names})


def _at_once(post: Person, other: Person, period: Period) -> bool:
    own, others = post.post, other.post
    if own is None or others is None or own.track == others.track:
        return False
    return own.overlaps(others) and own.meets(period) and others.meets(period)


def _weighted(bound: Bound, card: str) -> set[str]:
    return {kpi for kpi, entry in bound.cards[card].kpis.items() if entry.weight}


def _called(post: Person) -> str:
    return ", ".join(text for text in (post.position, post.department) if text) or post.segment
