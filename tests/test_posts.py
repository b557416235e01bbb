"""Employees with several lines, one for each post: read as people write them, or said what is
wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.errors import Problem
from kpictl.people.assignments import Assignment
from kpictl.people.attribution import Subjects
from kpictl.people.staff import Directory, Person
from kpictl.words import say
from plans import write

D = Decimal
UTC_ZONE = ZoneInfo("UTC")
AS_OF = datetime(2024, 7, 15, tzinfo=UTC)
ORDERS = """\
d,owner,amt
2024-05-10,Ann,100
2024-05-16,Ann,20
2024-05-20,Ann,30
2024-05-20,Ben,10
"""
PLAN = """\
sources:
  s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, EMPLOYEES}
kpis: {s: {from: o, sum: amt, when: d}}
scorecards:
  n: {who: department = 'North', kpis: {s: {weight: 100, target: 100}}}
  z: {who: department = 'South', kpis: {s: {weight: 100, target: 100}}}
"""


def company(folder: Path, staff: str, posts: str = "", plan: str = PLAN) -> Path:
    files = {"o.csv": ORDERS, "e.csv": staff}
    lists = "employees: e.csv"
    if posts:
        files["a.csv"] = posts
        lists += ", assignments: a.csv"
    return write(folder, plan.replace("EMPLOYEES", lists), files)


def facts(workspace: Workspace) -> dict[str, dict[str, Decimal | None]]:
    period = periods.parse("2024-05", as_of=AS_OF, zone=workspace.bound.zone)
    results = compute(workspace, ComputeRequest(period, AS_OF))
    return {
        card.id: {row.name: row.score("s").fact.value for row in card.rows}
        for card in results.scorecards
    }


MOVED = {"n": {"Ann": D(100), "Ben": D(10)}, "z": {"Ann": D(50)}}


@pytest.mark.parametrize(
    "staff",
    [
        # one line a post, with its days; the last day belongs to it
        (
            "id,name,department,from,to\n1,Ann,North,2020-01-01,2024-05-15\n"
            "1,Ann,South,2024-05-16,\n2,Ben,North,,\n"
        ),
        # only from when each holds, later posts first
        "name,department,from\nAnn,South,2024-05-16\nAnn,North,2020-01-01\nBen,North,2019-01-01\n",
        # only to when the first one did
        "name,department,to\nAnn,North,2024-05-15\nAnn,South,\nBen,North,\n",
        # as a personnel department writes it
        (
            "ФИО;Отдел;Действует с;Действует по\nAnn;North;;15.05.2024\nAnn;South;16.05.2024;\n"
            "Ben;North;;\n"
        ),
        # no days of posts: those of hiring and leaving tell them apart
        (
            "id,name,department,hired,left\n1,Ann,North,2020-01-01,2024-05-15\n"
            "1,Ann,South,2024-05-16,\n2,Ben,North,2020-01-01,\n"
        ),
        # by e-mail, in whatever letters
        (
            "email,name,department,from,to\nann@x.org,Ann,North,,2024-05-15\n"
            "Ann@x.org,Ann,South,2024-05-16,\nben@x.org,Ben,North,,\n"
        ),
    ],
)
def test_one_person_with_two_posts_is_read_in_every_form(tmp_path: Path, staff: str) -> None:
    """Up to the 15th in the North, from the 16th in the South, and nothing to be said."""
    with open_workspace(str(company(tmp_path, staff)), {}) as workspace:
        assert workspace.errors == []
        assert [p.code for p in workspace.problems if p.code.startswith("source.")] == []
        assert facts(workspace) == MOVED


def test_a_list_of_assignments_beside_the_employees(tmp_path: Path) -> None:
    """It says who was where when; what it leaves out is as the employees have it."""
    staff = (
        "id,name,department,position,hired\n1,Ann,South,Manager,2020-01-01\n2,Ben,North,Manager,\n"
    )
    posts = "employee,from,to,department\nAnn,,2024-05-15,North\nAnn,2024-05-16,,\n"
    with open_workspace(str(company(tmp_path, staff, posts)), {}) as workspace:
        assert facts(workspace) == MOVED
        ann = (workspace.staff.people or ())[0]
    assert [p.position for p in ann.posts()] == ["Manager", "Manager"]
    assert ann.department == "South"


def said(path: Path, lang: str = "en") -> list[str]:
    def text(problem: Problem) -> str:
        place = f"{problem.place}: " if problem.place else ""
        return place + say(lang, problem.code, **problem.data)

    with open_workspace(str(path), {}) as workspace:
        return [text(p) for p in workspace.problems if p.code.startswith("source.")]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (
            "Ann,North,2020-01-01,2024-05-17\nAnn,South,2024-05-16,\n",
            "e.csv:3: Ann: two posts at once from 2024-05-16 to 2024-05-17 (the other: e.csv:2)",
        ),
        ("Ann,North,2024-05-16,2024-05-01\n", "e.csv:2: Ann: the post ends on 2024-05-01"),
        ("Ann,North,,\nAnn,South,,\n", "e.csv:3: the employee Ann is already in line 2"),
        ("Ann,North,2020-01-01,\nAnn,South,,\n", "e.csv:3: the employee Ann is already in line 2"),
        ("Ann,North,2020-01-01,\nAnn,South,2020-01-01,\n", "e.csv:3: Ann: two posts at once"),
        (
            "Ann,North,,2024-05-10\nAnn,South,2024-05-16,\n",
            "e.csv:3: Ann: in no post from 2024-05-11 to 2024-05-15 (5 days)",
        ),
    ],
)
def test_days_that_contradict_are_said(tmp_path: Path, lines: str, wanted: str) -> None:
    """Each with its line, and one sentence for one mistake."""
    (text,) = said(company(tmp_path, "name,department,from,to\n" + lines))
    assert text.startswith(wanted)


def test_a_gap_is_no_mistake(tmp_path: Path) -> None:
    """It is remarked on, and the rest is computed."""
    staff = "name,department,from,to\nAnn,North,,2024-05-12\nAnn,South,2024-05-18,\nBen,North,,\n"
    with open_workspace(str(company(tmp_path, staff)), {}) as workspace:
        assert workspace.errors == []
        assert facts(workspace) == {"n": {"Ann": D(100), "Ben": D(10)}, "z": {"Ann": D(30)}}


def test_who_left_and_came_back_had_no_post_between(tmp_path: Path) -> None:
    """Days between two employments are no mistake of the list."""
    staff = "id,name,department,hired,left\n1,Ann,North,2020-01-01,2022-01-31\n1,Ann,South,2024-01-15,\n"
    path = company(tmp_path, staff)
    assert said(path) == []
    with open_workspace(str(path), {}) as workspace:
        (ann,) = workspace.staff.people or ()
    assert (ann.hired, ann.left, len(ann.posts())) == (date(2020, 1, 1), None, 2)


def test_a_name_that_changed_with_the_post_is_known_by_both(tmp_path: Path) -> None:
    """Records of the former name are the same person's."""
    staff = "id,name,department,from\n1,Ann,North,2020-01-01\n1,Anna Bell,South,2024-05-16\n2,Ben,North,2020-01-01\n"
    with open_workspace(str(company(tmp_path, staff)), {}) as workspace:
        found = facts(workspace)
    assert found["z"] == {"Anna Bell": D(50)}
    assert found["n"]["Anna Bell"] == D(100)


def test_a_post_of_nobody_is_said(tmp_path: Path) -> None:
    """A line for a name that the list does not have is left out, with its place."""
    staff = "name,department\nAnn,North\nBen,North\n"
    (text,) = said(
        company(tmp_path, staff, "employee,from,department\nCid,2024-05-01,South\n"), "ru"
    )
    assert text == "a.csv:2: в списке сотрудников нет «Cid»: назначение ничьё"


@pytest.mark.parametrize("written", ["0.5", "0,5", "50 %", "50"])
def test_a_share_of_a_full_post_is_read_as_people_write_it(tmp_path: Path, written: str) -> None:
    """A half is a half."""
    staff = f"name;Ставка\nAnn;{written}\n"
    with open_workspace(
        str(company(tmp_path, staff, plan=PLAN.replace("department = ", "name = "))), {}
    ) as w:
        (ann,) = w.staff.people or ()
    assert ann.fte == D("0.5")


DAYS = st.lists(st.integers(1, 30), max_size=5, unique=True).map(sorted)


@settings(max_examples=40, deadline=None)
@given(DAYS, st.lists(st.tuples(st.integers(0, 31 * 24 - 1), st.integers(-50, 500)), max_size=12))
def test_a_person_cut_into_posts_has_the_records_of_one_uncut(
    cuts: list[int], sold: list[tuple[int, int]]
) -> None:
    """Whatever the days at which somebody is moved, each record is in just one post, and the sums
    of the posts add up to the sum of the person."""
    bounds = [None, *(date(2024, 5, 1) + timedelta(days=n) for n in cuts), None]
    posts = tuple(Assignment(a, b, f"D{n}") for n, (a, b) in enumerate(pairwise(bounds)))
    subjects = Subjects(Directory([Person("a", "Ann", assignments=posts)]), {})
    subjects.maps["o", "owner"] = {"Ann": "a"}
    owners = subjects.owners("o", "owner", UTC_ZONE)["Ann"]
    whole, of_post = Fraction(0), dict.fromkeys((o.subject for o in owners), Fraction(0))
    for hour, amount in sold:
        moment = datetime(2024, 5, 1, tzinfo=UTC_ZONE) + timedelta(hours=hour)
        (holder,) = [one for one in owners if one.holds(moment)]
        of_post[holder.subject] += amount
        whole += amount
    assert sum(of_post.values(), Fraction(0)) == whole
