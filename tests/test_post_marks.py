"""One of several posts of somebody: which is meant, what it is called, and how long it was held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app.computation import Computation
from kpictl.people.staff import Person
from kpictl.scoring import posts
from plans import LATER, measured

PLAN = """\
calendar: {country: RU}
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {sold: {from: o, sum: amt, when: d}}
scorecards:
  n: {who: department = 'North', kpis: {sold: {weight: 100, target: 100/month}}}
  z: {who: department = 'West', kpis: {sold: {weight: 100, target: 100/month}}}
"""
STAFF = """\
id,name,department,from,to
1,Ann,East,2020-01-01,2024-03-31
1,Ann,North,2024-04-01,2024-05-12
1,Ann,East,2024-05-13,
2,Ann,South,2020-01-01,
3,Cid,North,2020-01-01,2024-03-31
3,Cid,South,2024-04-01,
4,Cid,West,2020-01-01,
5,Ben,North,2024-05-20,
6,Eve,North,2020-01-01,
"""
FILES = {"o.csv": "d,owner,amt\n2024-05-10,Eve,100\n", "e.csv": STAFF}


@contextmanager
def company(folder: Path) -> Iterator[tuple[Computation, dict[str, Person]]]:
    """Give what is known of May 2024, and its people by their number."""
    with measured(folder, PLAN, FILES) as found:
        yield found, {one.id: one for one in found.subjects.people()}


def days(several: list[Person]) -> list[tuple[str | None, str]]:
    return [(one.department, one.segment) for one in several]


@pytest.mark.parametrize(
    ("cards", "ident", "mark", "expected"),
    [
        # in a scorecard: the post that it holds
        (["n"], "1", "", [("North", "2024-04-01")]),
        # in none: the posts of the period, and none that was over before it
        ([], "1", "", [("North", "2024-04-01"), ("East", "2024-05-13")]),
        (["z"], "1", "", [("North", "2024-04-01"), ("East", "2024-05-13")]),
        ([], "1", "east", [("East", "2024-05-13")]),
        ([], "1", "2024-04-01", [("North", "2024-04-01")]),
        ([], "1", "nowhere", [("North", "2024-04-01"), ("East", "2024-05-13")]),
        ([], "3", "", [("South", "2024-04-01")]),
        ([], "6", "", [("North", "")]),
    ],
)
def test_which_posts_are_meant(
    tmp_path: Path, cards: list[str], ident: str, mark: str, expected: list[tuple[str, str]]
) -> None:
    """Those that the scorecards hold, else those of the period; of these the one that bears the
    mark, if any does."""
    with company(tmp_path) as (found, people):
        assert days(posts.held(found, cards, people[ident], mark)) == expected


def test_what_a_post_is_called(tmp_path: Path) -> None:
    """By what tells it from the other posts of the period, not from those before it; a person, and
    who has one post in the period, by what tells them from namesakes."""
    with company(tmp_path) as (found, people):
        north, east = posts.held(found, [], people["1"])
        (south,) = posts.held(found, [], people["3"])
        called = [posts.called(found, one) for one in (north, east, south, people["6"])]
        assert called == ["Ann (North)", "Ann (East)", "Cid (South)", "Eve"]
        assert posts.called(found, north, whole=True) == "Ann (East)"
        stranger = Person("z", "Zoe")
        assert posts.called(found, stranger) == "Zoe"


def test_of_how_many_days_a_post_was_held(tmp_path: Path) -> None:
    """Of several posts each is told, of one only that it was not held all the time."""
    with company(tmp_path) as (found, people):
        several = posts.days_of(found, posts.held(found, [], people["1"]))
        assert {name: one.days for name, one in several} == {"Ann (North)": 5, "Ann (East)": 15}
        assert {one.of for _, one in several} == {20}
        assert {name: one.days for name, one in posts.days_of(found, [people["5"]])} == {"Ben": 10}
        assert posts.days_of(found, [people["6"]]) == ()


def test_how_much_of_a_period_somebody_was_there(tmp_path: Path) -> None:
    """In working days of the period, unless another one, hours or calendar days are asked for:
    May 2024 has 20 working days of 159 hours in Russia, June 19 of 151."""
    with company(tmp_path) as (found, people):
        june = periods.parse("2024-06", as_of=LATER, zone=found.bound.zone)
        eve, ben = people["6"], people["5"]
        assert posts.presence_of(found, eve).of == 20
        assert posts.presence_of(found, eve, june).of == 19
        assert posts.presence_of(found, eve, by="worked_hours").of == 159
        assert posts.presence_of(found, eve, june, by="worked_hours").of == 151
        assert posts.presence_of(found, eve, by="calendar_days").of == 31
        assert posts.presence_of(found, ben, by="worked_hours").days == 80
        assert posts.presence_of(found, ben, june).days == 19
