"""What somebody was in a period: which line of a list holds, which post goes on, and by what reason
days are lacking."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kpictl.people.absences import Absence, Absences
from kpictl.people.assignments import Assignment
from kpictl.people.presence import presence
from kpictl.people.staff import Person
from plans import Computed, compute, refused
from test_presence import May2024, month

D, F = Decimal, Fraction
PLAN = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis:
  sold: {from: o, sum: amt, when: d}
  late: {from: o, sum: amt, when: d}
  rest: {from: o, sum: amt, when: d}
"""
CARDS = PLAN + "scorecards:\n"
POSTS = CARDS + (
    "  n: {who: department = 'North', kpis: {sold: {weight: 100}}}\n"
    "  z: {who: department = 'South', kpis: {late: {weight: 100}}}\n"
    "  e: {who: department = 'East', kpis: {rest: {weight: 100}}}\n"
)
ORDERS = "d,owner,amt\n2024-05-10,Ann,100\n2024-05-20,Ann,40\n"
HEAD = "id,name,department,fte,salary,from,to\n"


def staffed(folder: Path, plan: str, staff: str, period: str = "2024-05", **more: str) -> Computed:
    files = {"o.csv": ORDERS, "e.csv": HEAD + staff, **more}
    return compute(folder, plan, files, period=period)


def lines(found: Computed) -> list[tuple[str, Any]]:
    """Return the lines of all scorecards: scorecard, number."""
    return [
        (card.id, row.scores[0].fact.value)
        for card in found.results.scorecards
        for row in card.rows
    ]


# --- which line of a list holds -------------------------------------------------------------------

RAISED = """\
1,Ann,North,,90,2020-01-01,2024-03-31
1,Ann,North,,100,2024-04-01,2024-04-14
1,Ann,North,,110,2024-04-15,2024-05-15
1,Ann,North,,120,2024-05-16,2024-05-31
1,Ann,South,,130,2024-06-01,
"""


@pytest.mark.parametrize(
    ("period", "salary"),
    [
        ("2024-03", 90),
        ("2024-04", 110),
        ("2024-04-01..2024-04-14", 100),
        ("2024-05", 120),  # the line that ends with the post
        ("2024-06", 130),
    ],
)
def test_a_condition_asks_what_somebody_was_last_in_the_period(
    tmp_path: Path, period: str, salary: int
) -> None:
    """Raises within a post are no other post: of a period its last line holds, whatever follows."""
    cards = (
        f"  s{of}: {{who: salary = {of}, kpis: {{sold: {{weight: 100}}}}}}\n"
        for of in (90, 100, 110, 120, 130)
    )
    found = staffed(tmp_path, CARDS + "".join(cards), RAISED, period)
    assert [card for card, _ in lines(found)] == [f"s{salary}"]


def test_each_of_two_posts_goes_on_where_it_was_held(tmp_path: Path) -> None:
    """Who holds two posts at once and is raised in both has two posts still, in whatever order the
    new lines stand."""
    staff = (
        "1,Ann,North,0.5,100,2020-01-01,2024-05-10\n1,Ann,South,0.5,100,2020-01-01,2024-05-10\n"
        "1,Ann,South,0.5,110,2024-05-11,2024-05-20\n1,Ann,North,0.5,110,2024-05-11,2024-05-20\n"
        "1,Ann,South,0.5,120,2024-05-21,\n1,Ann,North,0.5,120,2024-05-21,\n"
    )
    found = staffed(tmp_path, POSTS, staff)
    assert lines(found) == [("n", 140), ("z", 140)]
    (ann,) = found.results.whole_people
    assert [line.days for line in ann.lines] == [F(31, 2), F(31, 2)]


def test_a_post_is_what_it_was_though_another_followed(tmp_path: Path) -> None:
    """Each post counts on the scorecard of its own department, also where the next one is over
    too."""
    staff = "1,Ann,North,,,2020-01-01,2024-05-15\n1,Ann,South,,,2024-05-16,2024-05-31\n"
    rows: list[Any] = [
        (card.id, row.department, row.scores[0].fact.value)
        for card in staffed(tmp_path, POSTS, staff).results.scorecards
        for row in card.rows
    ]
    assert rows == [("n", "North", 100), ("z", "South", 40)]


def test_who_comes_back_to_a_post_was_not_in_it_between(tmp_path: Path) -> None:
    """What somebody sold between two stays in one department is nobody's, and each stay has its
    line."""
    staff = "1,Ann,North,,,2020-01-01,2024-05-09\n1,Ann,North,,,2024-05-15,\n"
    found = staffed(tmp_path, POSTS, staff)
    assert sorted(lines(found)) == [("n", 0), ("n", 40)]


def test_a_post_without_a_first_day_is_held_beside_those_with_one(tmp_path: Path) -> None:
    """Of three parts of a full post the one that began nobody knows when is held in May, as is the
    one without an end; the one that is over is not."""
    staff = (
        "1,Ann,North,0.5,,2024-01-01,2024-04-30\n1,Ann,East,0.25,,2024-01-01,\n"
        "1,Ann,South,0.25,,,2024-06-30\n"
    )
    assert lines(staffed(tmp_path, POSTS, staff)) == [("z", 140), ("e", 140)]
    assert lines(staffed(tmp_path, POSTS, staff, "2024-04")) == [("n", 0), ("z", 0), ("e", 0)]


def test_posts_that_share_one_day_are_two_at_once(tmp_path: Path) -> None:
    """The last day of a post without a beginning belongs to it: another one from that day on
    contradicts it."""
    staff = "1,Ann,North,,,,2024-06-30\n1,Ann,South,,,2024-06-30,2024-07-31\n"
    (problem,) = refused(tmp_path, POSTS, {"o.csv": ORDERS, "e.csv": HEAD + staff})
    assert (problem.code, str(problem.place)) == ("source.assignments_overlap", "e.csv:3")


def test_posts_that_follow_one_another_may_have_one_scorecard(tmp_path: Path) -> None:
    """Who left one of two posts, took another, and came back to the first when the second was over
    held these two never at once: both count on the one scorecard."""
    staff = (
        "1,Ann,North,0.5,,2020-01-01,2024-05-10\n1,Ann,East,0.5,,2020-01-01,2024-05-15\n"
        "1,Ann,South,0.5,,2024-05-11,2024-12-31\n1,Ann,North,0.5,,2024-05-16,\n"
    )
    found = lines(staffed(tmp_path, POSTS, staff))
    assert sorted(found) == [("e", 100), ("n", 40), ("n", 100), ("z", 40)]


@pytest.mark.parametrize(
    ("who", "kpi", "code", "cards"),
    [
        ("fte > 0", "sold", "posts.one_card", "all"),
        ("id = '1'", "late", "posts.shared_kpi", "all, z"),
    ],
)
def test_posts_at_once_that_count_twice_are_said_with_their_scorecards(
    tmp_path: Path, who: str, kpi: str, code: str, cards: str
) -> None:
    """By their ids, where they have no labels, at the name of the latter."""
    plan = CARDS + (
        f'  all: {{who: "{who}", kpis: {{{kpi}: {{weight: 100}}}}}}\n'
        "  z: {who: department = 'South', kpis: {late: {weight: 100}}}\n"
    )
    staff = "1,Ann,North,0.5,,2020-01-01,\n1,Ann,South,0.5,,2020-01-01,\n"
    problems = refused(tmp_path, plan, {"o.csv": ORDERS, "e.csv": HEAD + staff})
    said = next(p for p in problems if p.code == code)
    assert cards in (said.data.get("card"), said.data.get("cards"))
    assert said.place is not None
    assert said.place.column == 3


def test_posts_are_told_in_the_order_of_their_days() -> None:
    """Also where one was held beside another and that one was followed by a third."""
    ann = Person(
        "a",
        "Ann",
        assignments=(
            Assignment(date(2020, 1, 1), date(2024, 5, 11), "North"),
            Assignment(date(2024, 2, 1), None, "South", track=1),
            Assignment(date(2024, 5, 11), None, "East"),
        ),
    )
    assert [(post.department, post.segment) for post in ann.posts()] == [
        ("North", "2020-01-01"),
        ("South", "2024-02-01/2"),
        ("East", "2024-05-11"),
    ]


def test_the_head_of_somebody_is_that_of_the_post(tmp_path: Path) -> None:
    """Who had another head until mid-month is asked for by the head of each post."""
    plan = CARDS + (
        "  i: {who: head = 'Ira', kpis: {sold: {weight: 100}}}\n"
        "  o: {who: head = 'Oleg', kpis: {late: {weight: 100}}}\n"
    )
    staff = (
        "id,name,department,head,from,to\n1,Ann,North,Ira,2020-01-01,2024-05-15\n"
        "1,Ann,South,Oleg,2024-05-16,\n"
    )
    found = compute(tmp_path, plan, {"o.csv": ORDERS, "e.csv": staff})
    assert lines(found) == [("i", 100), ("o", 40)]


# --- by what reason days are lacking --------------------------------------------------------------

Span = tuple[str, str]  # first day, day after the last; "" without bound


def held(*spans: Span) -> tuple[Assignment, ...]:
    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    return tuple(Assignment(day(a), day(b), f"D{n}") for n, (a, b) in enumerate(spans))


@pytest.mark.parametrize(
    ("hired", "spans", "reasons"),
    [
        # was there before, was not in the first days, came back
        ("", [("2020-01-01", "2024-05-01"), ("2024-05-10", "")], [("from", 9)]),
        ("", [("", "2024-05-01"), ("2024-05-10", "")], [("from", 9)]),
        ("2020-01-01", [("2024-05-10", "")], [("from", 9)]),
        ("2024-05-10", [("2024-05-10", "")], [("hired", 9)]),
        # until some day, and from another one on
        ("", [("", "2024-05-11"), ("2024-06-01", "")], [("to", 21)]),
        ("", [("", "2024-05-11"), ("2024-05-21", "2024-05-26")], [("gap", 10), ("to", 6)]),
        # in no day of the month
        ("", [("2024-06-03", "")], [("from", 31)]),
        ("", [("2020-01-01", "2024-04-01")], [("to", 31)]),
        ("", [("", "2024-04-01")], [("to", 31)]),
        ("", [("2020-01-01", "2024-04-01"), ("2024-07-01", "")], [("to", 31)]),
    ],
)
def test_why_days_of_a_month_are_lacking(
    hired: str, spans: list[Span], reasons: list[tuple[str, int]]
) -> None:
    """Somebody began, ended, or was in no post between two."""
    day = date.fromisoformat(hired) if hired else None
    ann = Person("a", "Ann", hired=day, assignments=held(*spans))
    steps = presence(ann, month(), None).steps
    assert [(str(step.reason), int(step.days)) for step in steps] == reasons
    assert all(one.after <= other.first for one, other in pairwise(steps))


def test_who_left_after_the_last_post_is_lacking_by_the_post() -> None:
    """The days behind a post that ended before somebody left are said to be behind the post; those
    behind the last day of all, to be behind it."""
    post = held(("", "2024-05-11"))
    for left, reason in ((date(2024, 5, 20), "to"), (date(2024, 5, 10), "left")):
        (step,) = presence(Person("a", "Ann", left=left, assignments=post), month(), None).steps
        assert (step.reason, step.first, step.last) == (
            reason,
            date(2024, 5, 11),
            date(2024, 5, 31),
        )


def test_an_absence_is_told_with_its_days_and_taken_in_hours() -> None:
    """Half of two days of eight hours each are eight hours."""
    away = Absence(date(2024, 5, 14), date(2024, 5, 15), "sick", F(1, 2))
    absences = Absences({"a": (away,)}, frozenset({"sick"}))
    there = presence(Person("a", "Ann"), month(), May2024(), absences, in_hours=True)
    assert [there.of, there.days] == [F(160), F(152)]
    (step,) = there.steps
    assert (step.first, step.last) == (away.first, away.last)


def test_of_days_off_somebody_was_there_for_all() -> None:
    """A period without a working day takes nothing away."""
    ann = Person("a", "Ann", hired=date(2024, 5, 10))
    assert presence(ann, month("2024-05-09..2024-05-10"), May2024()).share == 1


AWAY = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {sold: {from: o, sum: amt, when: d}}
scorecards: {n: {kpis: {sold: {weight: 100, target: 3100/month}}}}
absences: {file: a.csv}
"""


@pytest.mark.parametrize(
    ("calendar", "absence", "target", "steps"),
    [
        # without a calendar a day has eight hours
        ("", "1,2024-05-14,2024-05-14,sick,2", "3075", 1),
        ("", "1,2024-05-18,2024-05-19,sick,", "2900", 1),
        # a week-end takes nothing away, and is no reason
        ("calendar: {country: RU}\n", "1,2024-05-18,2024-05-19,sick,", "3100", 0),
        ("calendar: {country: RU}\n", "1,2024-05-18,2024-05-20,sick,4", "3022.5", 1),
        (
            "calendar: {country: RU}\n",
            "1,2024-05-14,2024-05-14,sick,4\n1,2024-05-18,2024-05-19,sick,",
            "3022.5",
            1,
        ),
    ],
)
def test_hours_and_days_off_of_an_absence(
    tmp_path: Path, calendar: str, absence: str, target: str, steps: int
) -> None:
    """Hours are a part of a day, and days that are not worked are none."""
    more = {"a.csv": f"id,from,to,kind,hours\n{absence}\n"}
    found = staffed(tmp_path, calendar + AWAY, "1,Ann,North,,,,\n", **more)
    expected = found.score("Ann", "sold").target
    assert expected is not None
    assert (expected.value, len(expected.steps)) == (D(target), steps)


def test_hours_of_a_day_that_the_norm_has_none_of_are_of_eight() -> None:
    """A day that is worked though the norm gives it no hour has eight, as where no calendar is."""

    class NoNorm(May2024):
        def working_hours(self, first: date, after: date) -> Fraction:
            del first, after
            return F(0)

    day = date(2024, 5, 14)
    sick = Absences({"a": (Absence(day, day, "sick", hours=F(2)),)}, frozenset({"sick"}))
    assert presence(Person("a", "Ann"), month(), NoNorm(), sick).days == 20 - F(1, 4)
