"""Somebody with lines of several posts is shown as one: whose index, numbers and targets are what."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from kpictl.scoring.posts import target_of_several
from kpictl.values import Fact, Score, State, Target, WholePerson
from plans import Computed, compute

D = Decimal
ORDERS = """\
d,owner,amt
2024-05-05,Ann,50
2024-05-06,Ben,10
2024-05-20,Ann,90
2024-05-21,Cid,15
"""
PLAN = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis:
  sold: {from: o, sum: amt, when: d}
  late: {from: o, sum: amt, when: d}
  middle: {from: o, median: amt, when: d}
  rest: {from: o, median: amt, when: d}
scorecards:
  n: {who: department = 'North', kpis: {sold: {weight: 100, target: 100/month}}}
  z: {who: department = 'South', kpis: {sold: {weight: 100, target: 100/month}}}
"""
HEAD = "id,name,department,from,to,fte\n"
REST = "2,Ben,North,2020-01-01,,\n3,Cid,South,2020-01-01,,\n"


def staffed(folder: Path, posts: str, plan: str = PLAN, **more: str) -> Computed:
    return compute(folder, plan, {"o.csv": ORDERS, "e.csv": HEAD + posts + REST, **more})


def whole(found: Computed) -> WholePerson:
    (one,) = found.results.whole_people
    return one


MOVED = "1,Ann,North,2024-04-01,2024-05-10,\n1,Ann,South,2024-05-11,,\n"


def test_the_days_of_each_post_weigh_its_index(tmp_path: Path) -> None:
    """10 days of 155.0 percent and 21 of 132.8571 percent; what part of a full post each was is no
    matter where one came after the other."""
    indexes = {}
    for fte in (",", "0.5,1"):
        first, second = fte.split(",")
        posts = MOVED.replace("10,\n", f"10,{first}\n").replace(",,\n", f",,{second}\n")
        indexes[fte] = whole(staffed(tmp_path, posts)).index
    assert set(indexes.values()) == {D("140.0000")}


def test_of_a_post_before_its_part_of_a_full_one_may_be_unknown(tmp_path: Path) -> None:
    """Who held one whole post and then two halves at once has it weigh as a whole one: 10 days of
    155, then 21 days of two halves of 132.8571 each."""
    posts = (
        "1,Ann,North,2024-01-01,2024-05-10,\n1,Ann,South,2024-05-11,,0.5\n"
        "1,Ann,East,2024-05-11,,0.5\n"
    )
    plan = PLAN + (
        "  e: {who: department = 'East', kpis: {late: {weight: 100, target: 100/month}}}\n"
    )
    one = whole(staffed(tmp_path, posts, plan))
    assert [(line.department, line.days) for line in one.lines] == [
        ("North", 10),
        ("South", Fraction(21, 2)),
        ("East", Fraction(21, 2)),
    ]
    assert one.index == D("140.0000")


def test_who_was_away_all_the_time_has_the_posts_weigh_by_their_days(tmp_path: Path) -> None:
    """Of half a post and a quarter of one, held at once by somebody who was absent all month, the
    half weighs twice as much: (70 × 0.5 + 100 × 0.25) / 0.75."""
    plan = PLAN.replace(
        "{sold: {weight: 100, target: 100/month}}", "{middle: {weight: 100, target: 100}}", 1
    )
    plan = plan.replace(
        "{sold: {weight: 100, target: 100/month}}", "{rest: {weight: 100, target: 70}}"
    )
    plan += "absences: {file: a.csv, codes: {О: paid_absence}}\n"
    posts = "1,Ann,North,2024-01-01,2024-12-31,0.5\n1,Ann,South,2024-01-01,2024-12-31,0.25\n"
    found = staffed(
        tmp_path, posts, plan, **{"a.csv": "id,from,to,code\n1,2024-05-01,2024-05-31,О\n"}
    )
    one = whole(found)
    assert [line.days for line in one.lines] == [0, 0]
    assert [line.index for line in one.lines] == [70, 100]
    assert one.index == 80


def test_a_number_of_several_posts_is_that_of_all_of_the_period(tmp_path: Path) -> None:
    """Of three posts the two that were held in May: their records and their targets together. It
    bears no points and counts in no index: these are the lines'."""
    posts = "1,Ann,East,2020-01-01,2024-03-31,\n" + MOVED
    orders = ORDERS + "2024-03-05,Ann,1000\n"
    (score,) = whole(staffed(tmp_path, posts, **{"o.csv": orders})).scores
    assert score.target is not None
    assert (score.fact.value, score.target.value, score.attainment) == (D(140), D(100), D(140))
    assert (score.points, score.counted, score.substituted) == (None, False, False)
    assert score.weight == 0


def test_a_number_of_one_post_bears_no_points_of_the_person(tmp_path: Path) -> None:
    """What only one of the lines has is as it is there, without what it is worth."""
    plan = PLAN.replace(
        "{sold: {weight: 100, target: 100/month}}", "{late: {weight: 100, target: 9}}", 1
    )
    scores = {one.kpi: one for one in whole(staffed(tmp_path, MOVED, plan)).scores}
    assert {kpi: one.fact.value for kpi, one in scores.items()} == {"late": 50, "sold": 90}
    assert {(one.points, one.counted, one.weight) for one in scores.values()} == {
        (None, False, D(0))
    }


def test_a_number_of_a_unit_is_the_unit_s_on_every_line(tmp_path: Path) -> None:
    """At the level of the company the person as one has the company's number, not the sum of
    their own records."""
    plan = PLAN.replace(
        "sold: {weight: 100, target: 100/month}", "sold: {weight: 100, level: company}"
    )
    plan += "targets: {company: {sold: 330/month}}\n"
    (score,) = whole(staffed(tmp_path, MOVED, plan)).scores
    assert score.target is not None
    assert (score.fact.value, score.target.value) == (D(165), D(330))


def test_a_scorecard_for_people_of_others_also_is_no_line(tmp_path: Path) -> None:
    """The scorecard that is `also` for those of others makes nobody's index."""
    plan = PLAN + "  a: {also: true, kpis: {middle: {weight: 100, target: 10}}}\n"
    one = whole(staffed(tmp_path, MOVED, plan))
    assert [line.scorecard for line in one.lines] == ["n", "z"]
    assert [score.kpi for score in one.scores] == ["sold"]


NOTHING = Fact(State.NO_DATA)


def scores(*targets: str) -> list[Score]:
    return [
        Score("k", D(1), NOTHING, State.NO_DATA, Target(D(text), "employee") if text else None)
        for text in targets
    ]


@pytest.mark.parametrize(
    ("targets", "volume", "expected"),
    [
        (("100", "50.5"), True, "150.5"),
        (("33.3333333333", "33.3333333333", "33.3333333334"), True, "100"),
        (("0.0000002", "0.0000002"), True, "0.0000004"),  # what rounds to zero is no goal of zero
        (("100", ""), True, None),
        (("7", "7"), False, "7"),
        (("7", "8"), False, None),
        (("7", ""), False, None),
        ((), True, None),
    ],
)
def test_targets_of_several(targets: tuple[str, ...], volume: bool, expected: str | None) -> None:
    """Of volumes they add up; of what does not grow only one that is everybody's holds for all."""
    found = target_of_several(scores(*targets), volume=volume)
    assert (None if found is None else found.value) == (None if expected is None else D(expected))
