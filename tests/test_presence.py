"""How much of a period somebody was there: hired, gone, moved, away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl import periods
from kpictl.people.absences import Absence, AbsenceKind, Absences
from kpictl.people.assignments import Assignment
from kpictl.people.presence import presence
from kpictl.people.staff import Person
from kpictl.values import Period

F = Fraction
DAY = timedelta(days=1)


def told(*values: Any) -> list[Any]:
    return list(values)


class May2024:
    """Days off of May 2024 in Russia: the holidays 1, 9 and 10 May, and the week-ends."""

    OFF = frozenset({date(2024, 5, 1), date(2024, 5, 9), date(2024, 5, 10)})

    def is_working(self, day: date) -> bool:
        return day.isoweekday() < 6 and day not in self.OFF

    def working_days(self, first: date, after: date) -> int:
        return sum(self.is_working(first + DAY * n) for n in range((after - first).days))

    def working_hours(self, first: date, after: date) -> Fraction:
        return Fraction(8 * self.working_days(first, after))


def may(day: int) -> date:
    return date(2024, 5, day)


def month(text: str = "2024-05") -> Period:
    return periods.parse(text, as_of=datetime(2025, 1, 1, tzinfo=UTC), zone=ZoneInfo("UTC"))


def test_who_was_hired_in_mid_month_was_there_for_13_of_20_working_days() -> None:
    """The published example: hired on 15 May 2024, 650 000 of a million."""
    found = presence(Person("a", "Ann", hired=may(15)), month(), May2024())
    assert told(found.days, found.of, found.unit) == [13, 20, "working_days"]
    assert found.share * 1_000_000 == 650_000
    (step,) = found.steps
    assert told(step.reason, step.first, step.after, step.days) == ["hired", may(1), may(15), 7]


def test_without_a_calendar_it_is_calendar_days() -> None:
    """17 of 31 days, and the presence says of which days it speaks."""
    found = presence(Person("a", "Ann", hired=may(15)), month(), None)
    assert told(found.days, found.of, found.unit) == [17, 31, "calendar_days"]


def test_the_last_day_of_a_leaver_counts() -> None:
    """`left` is the last day at work."""
    found = presence(Person("a", "Ann", left=may(15)), month(), None)
    assert told(found.days, [step.reason for step in found.steps]) == [15, ["left"]]


def test_two_posts_share_the_month() -> None:
    """A transfer after 16 May: 9 working days before and 11 after, 20 together."""
    ann = Person(
        "a",
        "Ann",
        assignments=(
            Assignment(None, may(17), "North", place=None),
            Assignment(may(17), None, "South"),
        ),
    )
    before, after = (presence(post, month(), May2024()) for post in ann.posts())
    assert told(before.days, after.days, before.of) == [9, 11, 20]
    assert told([s.reason for s in before.steps], [s.reason for s in after.steps]) == [
        ["to"],
        ["from"],
    ]
    assert presence(ann, month(), May2024()).share == 1


def test_a_gap_between_posts_is_missing_of_the_person() -> None:
    """The days between two posts are nobody's, and have their step."""
    ann = Person(
        "a",
        "Ann",
        assignments=(Assignment(None, may(10), "North"), Assignment(may(20), None, "South")),
    )
    found = presence(ann, month(), None)
    assert told(found.days, [(s.reason, s.days) for s in found.steps]) == [21, [("gap", 10)]]


@pytest.mark.parametrize(
    ("hired", "left", "reason"),
    [(date(2024, 6, 3), None, "hired"), (None, date(2024, 4, 30), "left")],
)
def test_who_was_not_there_at_all_has_no_day(
    hired: date | None, left: date | None, reason: str
) -> None:
    """Hired after the period, or gone before it."""
    found = presence(Person("a", "Ann", hired=hired, left=left), month(), May2024())
    assert told(found.days, found.share, [s.reason for s in found.steps]) == [0, 0, [reason]]


def away(
    first: int, last: int, kind: AbsenceKind = "paid_absence", share: Fraction | int = 1
) -> Absence:
    return Absence(may(first), may(last), kind, F(share))


LOWERING: frozenset[AbsenceKind] = frozenset({"paid_absence", "sick"})


def test_a_vacation_takes_its_working_days() -> None:
    """13 to 24 May are ten working days of twenty; an unpaid day that lowers nothing takes none."""
    absences = Absences({"a": (away(13, 24), away(27, 27, "unpaid"))}, LOWERING)
    found = presence(Person("a", "Ann"), month(), May2024(), absences)
    assert told(found.days, found.held) == [10, 20]
    (step,) = found.steps
    assert told(step.reason, step.kind, step.days) == ["absence", "paid_absence", 10]


def test_overlapping_absences_count_once() -> None:
    """Sick during a vacation: a day is taken away once, by the first of the two."""
    absences = Absences({"a": (away(13, 17), away(15, 21, "sick"))}, LOWERING)
    found = presence(Person("a", "Ann"), month(), May2024(), absences)
    assert told(found.days, [s.days for s in found.steps]) == [13, [5, 2]]


def test_half_days_and_hours() -> None:
    """Half a day, two hours of eight on another, and both halves of a third."""
    two_hours = Absence(may(15), may(15), "sick", hours=F(2))
    halves = (away(16, 16, share=F(1, 2)), away(16, 16, "sick", F(1, 2)))
    absences = Absences({"a": (away(14, 14, share=F(1, 2)), two_hours, *halves)}, LOWERING)
    found = presence(Person("a", "Ann"), month(), May2024(), absences)
    assert found.days == 20 - F(1, 2) - F(1, 4) - 1


def test_an_absence_outside_the_post_takes_nothing() -> None:
    """Of one of two posts only the absences in its days."""
    ann = Person(
        "a",
        "Ann",
        assignments=(Assignment(None, may(17), "North"), Assignment(may(17), None, "South")),
    )
    absences = Absences({"a": (away(13, 24),)}, LOWERING)
    before, after = (presence(post, month(), May2024(), absences) for post in ann.posts())
    assert told(before.days, after.days) == [5, 5]


def test_a_change_of_salary_makes_no_other_post() -> None:
    """One post, all of the month, and the salary that it had last in each period."""
    ann = Person(
        "a",
        "Ann",
        assignments=(
            Assignment(None, may(16), "North", salary=Decimal(80)),
            Assignment(may(16), None, "North", salary=Decimal(100)),
        ),
    )
    (post,) = ann.posts()
    assert presence(post, month(), May2024()).share == 1
    assert post.record(month("2024-04"))["salary"] == Decimal(80)
    assert post.record(month())["salary"] == Decimal(100)


CUT = st.lists(st.integers(1, 30), max_size=4, unique=True).map(sorted)


@given(CUT, st.integers(0, 40), st.integers(0, 30), st.booleans())
def test_the_days_of_the_posts_add_up_to_those_of_one_uncut(
    cuts: list[int], first: int, length: int, with_calendar: bool
) -> None:
    """However somebody's time is cut into posts, and wherever they are away, nothing is lost; and
    the steps of each say all that is missing."""
    bounds = [None, *(may(1) + timedelta(days=n) for n in cuts), None]
    posts = tuple(
        Assignment(start, end, f"D{n}") for n, (start, end) in enumerate(pairwise(bounds))
    )
    start = date(2024, 4, 20) + timedelta(days=first)
    gone = Absence(start, start + timedelta(days=length), "sick", F(1, 2))
    absences = Absences({"a": (gone, gone)}, frozenset({"sick"}))
    calendar = May2024() if with_calendar else None
    whole = presence(Person("a", "Ann"), month(), calendar, absences)
    parts = [
        presence(post, month(), calendar, absences)
        for post in Person("a", "Ann", assignments=posts).posts()
    ]
    assert sum((part.days for part in parts), F(0)) == whole.days
    for part in parts:
        assert part.days == part.of - sum((step.days for step in part.steps), F(0))
