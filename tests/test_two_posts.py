"""Two posts held at once (0.5 and 0.5 of a full one): a line for each, and one person."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpictl
from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.workspace import open_workspace
from kpictl.people.credit import divided
from kpictl.values import EngineName
from plans import LATER, compute, lines, refused, write

D = Decimal
ORDERS = """\
id;d;manager;amount
1;2024-05-10;Анна Белова;100
2;2024-05-20;Анна Белова;50
3;2024-05-20;Олег Ким;10
"""
CALLS = """\
id;d;manager;minutes
1;2024-05-11;Анна Белова;7
2;2024-05-12;Анна Белова;8
"""
STAFF = """\
id;ФИО;Отдел;Должность;Ставка;Оклад;Действует с;Действует по
1;Анна Белова;Продажи;Менеджер;0,5;40000;2024-01-01;2024-12-31
1;Анна Белова;Поддержка;Оператор;0,25;10000;2024-02-01;2024-12-31
2;Олег Ким;Продажи;Менеджер;1;80000;2024-01-01;
"""
PLAN = """\
sources:
  desk: {type: csv, orders: {path: orders.csv, fields: {manager: {column: manager, type: person}}}, calls: {path: calls.csv, fields: {manager: {column: manager, type: person}}}, employees: staff.csv}
kpis:
  sold: {from: orders, sum: amount, when: d, by: manager}
  talk: {from: calls, sum: minutes, when: d, by: manager}
scorecards:
  sales: {who: "department = 'Продажи'", kpis: {sold: {weight: 100, target: 300, score: linear}}, bonus: {parts: {b: {salary_share: 10, prorate: none}}}}
  desk: {who: "department = 'Поддержка'", kpis: {talk: {weight: 100, target: 15, score: linear}}, bonus: {parts: {b: {salary_share: 20, prorate: none}}}}
"""
FILES = {"orders.csv": ORDERS, "calls.csv": CALLS, "staff.csv": STAFF}


ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")


@pytest.mark.parametrize("engine", ENGINES)
def test_each_post_is_a_line_and_the_person_is_one(tmp_path: Path, engine: EngineName) -> None:
    """Each post is scored on its own scorecard by all records of the person, which the total has
    once; the index is the mean by parts of a full post: (50 × 0.5 + 100 × 0.25) / 0.75."""
    path = write(tmp_path, PLAN, FILES)
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        results = computed(workspace, ComputeRequest(may, LATER, engine=engine))
    cards = {card.id: card for card in results.scorecards}
    assert {(c.id, row.name): row.index for c in cards.values() for row in c.rows} == {
        ("sales", "Анна Белова"): 50,
        ("sales", "Олег Ким"): D("3.3333"),
        ("desk", "Анна Белова"): 100,
    }
    total = cards["sales"].total
    assert total is not None
    assert total.score("sold").fact.value == 160
    (person,) = results.whole_people
    assert person.index == D("66.6667")
    assert [(line.scorecard, line.days) for line in person.lines] == [
        ("sales", Fraction(31, 2)),
        ("desk", Fraction(31, 4)),
    ]


def test_each_post_pays_of_its_own_salary(tmp_path: Path) -> None:
    """Ten percent of 40,000 on one scorecard, twenty of 10,000 on the other."""
    path = write(tmp_path, PLAN, FILES)
    pay = kpictl.compute(path, period="2024-05", as_of=LATER, environment={}, pay=True).pay
    assert pay is not None
    assert [(one.scorecard, one.name, one.payout) for one in pay.lines] == [
        ("sales", "Анна Белова", D(4000)),
        ("sales", "Олег Ким", D(8000)),
        ("desk", "Анна Белова", D(2000)),
    ]


def test_before_and_after_the_second_post_the_records_are_of_the_first(tmp_path: Path) -> None:
    """A second post from the middle of the month has the records from its first day on; the first
    one, held all the time, has all of them."""
    staff = STAFF.replace("2024-02-01", "2024-05-15").replace("Поддержка;", "Продажи-2;")
    text = PLAN.replace("'Поддержка'", "'Продажи-2'").replace("{talk:", "{late:")
    text = text.replace(
        "scorecards:", "  late: {from: orders, sum: amount, when: d, by: manager}\nscorecards:"
    )
    found = compute(tmp_path, text, {**FILES, "staff.csv": staff})
    values = {
        (c.id, row.name): [one.fact.value for one in row.scores]
        for c in found.results.scorecards
        for row in c.rows
    }
    assert values["sales", "Анна Белова"] == [150]
    assert values["desk", "Анна Белова"] == [50]


def test_lists_without_days_have_both_posts_all_the_time(tmp_path: Path) -> None:
    """Two lines of one person that say nothing but their part of a full post are held at once."""
    staff = "id;ФИО;Отдел;Ставка\n1;Анна Белова;Продажи;0,5\n1;Анна Белова;Поддержка;0,5\n"
    found = compute(tmp_path, PLAN, {**FILES, "staff.csv": staff})
    (person,) = found.results.whole_people
    assert person.index == 75


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # not said that each is a part of a full post: which one is true?
        ("0,25", "", "source.assignments_overlap"),
        # the same post twice is a slip
        ("Поддержка;Оператор", "Продажи;Менеджер", "source.assignments_overlap"),
    ],
)
def test_lines_of_the_same_days_that_are_no_two_posts_are_a_mistake(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    """Without the part of a full post in both, or with nothing that tells them apart."""
    files = {**FILES, "staff.csv": STAFF.replace(old, new)}
    assert [p.code for p in refused(tmp_path, PLAN, files)] == [code]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\"department = 'Продажи'\"", '"fte > 0"', "posts.one_card"),
        ("{talk: {weight: 100, target: 15", "{sold: {weight: 100, target: 15", "posts.shared_kpi"),
    ],
)
def test_nothing_counts_for_both_posts(tmp_path: Path, old: str, new: str, code: str) -> None:
    """One scorecard with both posts, or a weighted KPI on both of theirs, would pay a record
    twice: it is refused, with the posts by name."""
    text = PLAN.replace(old, new)
    assert text != PLAN
    problems = refused(tmp_path, text, FILES)
    assert {p.code for p in problems} == {code} | (
        {"posts.one_card"} if code == "posts.one_card" else set()
    )
    assert problems[0].data["posts"] == "Менеджер, Продажи / Оператор, Поддержка"


def test_a_file_of_salaries_does_not_say_whose_post_it_pays(tmp_path: Path) -> None:
    """A salary by person would be paid for each of two posts: it is asked for in their lines."""
    text = PLAN + "pay: {salaries: salaries.csv}\n"
    files = {**FILES, "salaries.csv": "сотрудник;оклад;с\nАнна Белова;50000;2024-01-01\n"}
    assert "pay.salary_of_which" in {p.code for p in refused(tmp_path, text, files)}


@settings(max_examples=6)
@given(
    amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    days=st.lists(st.integers(1, 31), min_size=8, max_size=8),
    first=st.integers(1, 31),
)
def test_a_record_of_two_posts_is_in_no_total_twice(
    amounts: list[int], days: list[int], first: int
) -> None:
    """Records that two people split, one of them with two posts: the post held all the time has
    the person's part of each, the other one that from its first day on, and the total of both
    people is the sum of the records, to the kopeck."""
    orders = lines(
        "id;d;manager;amount",
        (
            (n, f"2024-05-{day:02}", "Анна Белова 70 | Олег Ким 30", f"{a / 100:.2f}")
            for n, (a, day) in enumerate(zip(amounts, days, strict=False))
        ),
    )
    text = PLAN.replace("type: person}}}, calls", "type: person, credit: split}}}, calls")
    text = text.replace("{talk:", "{late:").replace(
        "scorecards:", "  late: {from: orders, sum: amount, when: d, by: manager}\nscorecards:"
    )
    files = {**FILES, "orders.csv": orders}
    files["staff.csv"] = STAFF.replace("2024-02-01", f"2024-05-{first:02}")
    parts = [divided(Fraction(a, 100), [Fraction(7, 10), Fraction(3, 10)])[0] for a in amounts]
    later = [p for p, day in zip(parts, days, strict=False) if day >= first]
    with TemporaryDirectory() as folder:
        found = compute(Path(folder), text, files)
    sales, desk = found.results.scorecards
    own = {(c.id, row.name): row.scores[0].fact.value or 0 for c in (sales, desk) for row in c.rows}
    assert own["sales", "Анна Белова"] == sum(parts)
    assert own["desk", "Анна Белова"] == sum(later)
    assert sales.total is not None
    assert sales.total.score("sold").fact.value == Fraction(sum(amounts), 100)
