"""Somebody with one post after the other: each has its own records, its own line, its own unit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.people.assignments import Assignment
from kpictl.report import Options, render
from kpictl.results import dumps, loads
from kpictl.values import EngineName, Results
from plans import compute_each, write

D = Decimal
AS_OF = datetime(2024, 7, 15, tzinfo=UTC)
ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
STAFF = """\
имя;отдел;должность
Анна Белова;Москва;Менеджер
Олег Ким;Казань;Менеджер
Инна Рей;Казань;Руководитель
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Компания;Дата изменения стадии
1;Сделка успешна;50;Анна Белова;А;10.05.2024 12:00:00
2;Сделка успешна;5;Анна Белова;Б;15.05.2024 23:59:59
3;Сделка успешна;7;Анна Белова;Б;16.05.2024 00:00:00
4;Сделка успешна;70;Анна Белова;А;20.05.2024 12:00:00
5;Сделка успешна;20;Олег Ким;А;10.05.2024 12:00:00
6;Сделка успешна;40;Инна Рей;В;10.05.2024 12:00:00
7;Сделка успешна;3;Анна Белова;Г;10.04.2024 12:00:00
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  clients: {from: deals, count: distinct client_id, where: won, when: closed_at}
scorecards:
  sales:
    who: position = 'Менеджер'
    kpis: {revenue: {weight: 50, target: 100}, clients: {weight: 50, target: 2}}
  heads:
    who: position = 'Руководитель'
    kpis: {revenue: {weight: 100, target: 100}}
targets:
  department.Москва: {revenue: {2024-05: 55}}
"""
MOVE = date(2024, 5, 16)
MOVED = (
    Assignment(None, MOVE, "Москва", "Менеджер", D(100)),
    Assignment(MOVE, None, "Казань", "Менеджер", D(100)),
)


@contextmanager
def company(folder: Path, *assignments: Assignment) -> Iterator[Workspace]:
    """Open a company in which Anna has had these posts."""
    path = write(folder, PLAN, {"deals.csv": DEALS, "employees.csv": STAFF})
    with open_workspace(str(path), {}) as workspace:
        people = [
            replace(p, assignments=assignments) if p.name == "Анна Белова" else p
            for p in workspace.staff.people or ()
        ]
        yield replace(workspace, staff=replace(workspace.staff, people=tuple(people)))


def job(
    workspace: Workspace, period: str = "2024-05", engine: EngineName = "duckdb"
) -> ComputeRequest:
    when = periods.parse(period, as_of=AS_OF, zone=workspace.bound.zone)
    return ComputeRequest(when, AS_OF, engine=engine)


def lines(results: Results, card: str = "sales") -> dict[tuple[str, str | None], list[D | None]]:
    """Return the facts by name and department."""
    (table,) = [one for one in results.scorecards if one.id == card]
    return {(r.name, r.department): [s.fact.value for s in r.scores] for r in table.rows}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_record_is_the_posts_that_its_moment_lies_in(tmp_path: Path, engine: EngineName) -> None:
    """Up to the last second of the 15th in Moscow, from midnight on in Kazan; the total is whole."""
    with company(tmp_path, *MOVED) as workspace:
        results = compute(workspace, job(workspace, engine=engine))
    assert lines(results) == {
        ("Анна Белова", "Москва"): [D(55), D(2)],
        ("Анна Белова", "Казань"): [D(77), D(2)],
        ("Олег Ким", "Казань"): [D(20), D(1)],
    }
    total = results.scorecards[0].total
    assert total is not None
    assert [s.fact.value for s in total.scores] == [D(152), D(2)]
    assert [one for one in results.left_out if one.kpi == "revenue"] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_departments_take_the_records_of_the_posts_in_them(
    tmp_path: Path, engine: EngineName
) -> None:
    """A department's number is of the days that its people were in it."""
    with company(tmp_path, *MOVED) as workspace:
        results = compute(workspace, job(workspace, engine=engine))
    (moscow,) = results.departments
    assert (moscow.score("revenue").fact.value, moscow.people) == (D(55), 1)
    units = {u.name: u.score("revenue").fact.value for u in results.scorecards[0].departments}
    assert units == {"Москва": D(55), "Казань": D(77 + 20 + 40)}


def test_a_post_of_another_position_is_on_its_own_scorecard(tmp_path: Path) -> None:
    """Who was made a head in mid-month is a seller before and a head from then on."""
    promoted = (MOVED[0], replace(MOVED[1], department="Москва", position="Руководитель"))
    with company(tmp_path, *promoted) as workspace:
        results = compute(workspace, job(workspace))
        proof = explain(workspace, job(workspace), ExplainRequest("revenue", "Белова", "heads"))
    assert lines(results)[("Анна Белова", "Москва")] == [D(55), D(2)]
    assert lines(results, "heads") == {("Анна Белова", "Москва"): [D(77)], ("Инна Рей", "Казань"): [D(40)]}  # fmt: skip
    assert [record.id for record in proof.steps[0].parts[0].records] == ["3", "4"]
    assert proof.score is not None
    assert proof.score.target is not None  # 100 for 16 of the 31 days of May
    assert proof.score.target.derivation == "100 × 16/31 calendar_days"


def test_a_change_of_salary_alone_cuts_nothing(tmp_path: Path) -> None:
    """The score stays one, and looks as if there were no assignments at all."""
    raised = (MOVED[0], replace(MOVED[1], department="Москва", salary=D(120)))
    with company(tmp_path, *raised) as workspace:
        cut = compute(workspace, job(workspace))
    with company(tmp_path) as workspace:
        assert compute(workspace, job(workspace)) == cut


def test_posts_of_other_periods_make_no_lines(tmp_path: Path) -> None:
    """April and June have one line of the one who moved in May; each period asked at once."""
    with company(tmp_path, *MOVED) as workspace:
        months = [job(workspace, f"2024-{month}").period for month in ("04", "05", "06")]
        april, may, june = compute_each(workspace, job(workspace), months)
    anna = {
        results.period.text: [row.department for row in results.scorecards[0].rows if "Анна" in row.name]
        for results in (april, may, june)
    }  # fmt: skip
    assert anna == {"2024-04": ["Москва"], "2024-05": ["Казань", "Москва"], "2024-06": ["Казань"]}
    assert lines(april)[("Анна Белова", "Москва")] == [D(3), D(1)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_gap_between_posts_is_nobodys(tmp_path: Path, engine: EngineName) -> None:
    """What happened while somebody had no post is left out, and said."""
    gap = (replace(MOVED[0], end=date(2024, 5, 12)), MOVED[1])
    with company(tmp_path, *gap) as workspace:
        results = compute(workspace, job(workspace, engine=engine))
    assert lines(results)[("Анна Белова", "Москва")] == [D(50), D(1)]
    (left,) = [one for one in results.left_out if one.kpi == "revenue"]
    assert (left.count, left.amount) == (1, D(5))


@pytest.mark.parametrize("engine", ENGINES)
def test_explain_takes_the_records_of_all_posts(tmp_path: Path, engine: EngineName) -> None:
    """A KPI of somebody with two lines is proved by the records of both, that of a post by its
    own, whatever way the post is called by."""
    with company(tmp_path, *MOVED) as workspace:
        asked = job(workspace, engine=engine)
        proof = explain(workspace, asked, ExplainRequest("revenue", "Белова"))
        posts = [
            explain(workspace, asked, ExplainRequest("revenue", f"Анна Белова ({mark})"))
            for mark in ("москва", "2024-05-16")
        ]
    assert proof.steps[0].fact.value == D(132)
    assert [record.id for record in proof.steps[0].parts[0].records] == ["1", "2", "3", "4"]
    assert [[r.id for r in one.steps[0].parts[0].records] for one in posts] == [["1", "2"], ["3", "4"]]  # fmt: skip
    assert [one.subject for one in posts] == ["Анна Белова (Москва)", "Анна Белова (Казань)"]
    assert {name: int(there.days) for name, there in proof.there} == {
        "Анна Белова (Москва)": 15,
        "Анна Белова (Казань)": 16,
    }


def test_reports_tell_the_lines_apart(tmp_path: Path) -> None:
    """People read the department behind the name; data have the first day of the post."""
    with company(tmp_path, *MOVED) as workspace:
        results = compute(workspace, job(workspace))
    page = render(results, "table", Options(lang="ru"))
    assert isinstance(page, str)
    assert "Анна Белова (Москва)" in page
    assert "Анна Белова (Казань)" in page
    rows = json.loads(render(results, "json", Options(lang="ru")))["scorecards"][0]["rows"]
    assert {row.get("segment") for row in rows} == {"0001-01-01", "2024-05-16", None}


NORTH_AND_SOUTH = """\
имя;отдел;должность;с;по
Анна Белова;Москва;Менеджер;;16.05.2024
Анна Белова;Казань;Менеджер;17.05.2024;
"""
VECTOR = """\
calendar: {country: RU}
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  deals: {from: deals, average: amount, where: won, when: closed_at}
scorecards:
  north: {who: department = 'Москва', kpis: {deals: {weight: 100, target: 100}}}
  south: {who: department = 'Казань', kpis: {deals: {weight: 100, target: 100}}}
"""
WON = """\
ID;Стадия сделки;Сумма;Ответственный;Компания;Дата изменения стадии
1;Сделка успешна;90;Анна Белова;А;10.05.2024 12:00:00
2;Сделка успешна;110;Анна Белова;А;20.05.2024 12:00:00
"""


def test_the_index_of_a_person_is_weighted_by_working_days(tmp_path: Path) -> None:
    """Nine days at 90 and eleven at 110 are 101.00, in every output."""
    path = write(tmp_path, VECTOR, {"deals.csv": WON, "employees.csv": NORTH_AND_SOUTH})
    with open_workspace(str(path), {}) as workspace:
        results = compute(workspace, job(workspace))
        proof = explain(workspace, job(workspace), ExplainRequest("index", "Белова"))
        north = explain(workspace, job(workspace), ExplainRequest("index", "Белова (Москва)"))
    (anna,) = results.whole_people
    assert (anna.index, anna.unit) == (D(101), "working_days")
    assert [(p.scorecard, p.index, int(p.days)) for p in anna.lines] == [
        ("north", D(90), 9),
        ("south", D(110), 11),
    ]
    assert proof.whole is not None
    assert (proof.whole.index, proof.whole.lines) == (anna.index, anna.lines)
    assert north.row is not None
    assert north.row.index == D(90)
    made = "101,0 = Москва 90,0 × 9/20 + Казань 110,0 × 11/20 (рабочие дни)"
    for name in ("table", "md"):
        page = render(results, name, Options(lang="ru", width=200))
        assert isinstance(page, str)
        assert made in page
    (whole,) = json.loads(render(results, "json", Options(lang="ru")))["people"]
    assert (whole["index"], [post["days"] for post in whole["posts"]]) == (101, [9, 11])
    frame = results.to_frame()
    person = frame[frame["kind"] == "person"]
    assert [list(row) for row in person[["name", "index", "kpi", "value"]].values] == [
        ["Анна Белова", D(101), "deals", D(100)]
    ]
    assert loads(dumps(results)) == results


def test_one_who_is_on_two_scorecards_is_said(tmp_path: Path) -> None:
    """Unless one of the two says that its people are on others also."""
    files = {"deals.csv": DEALS, "employees.csv": STAFF}
    plan = PLAN.replace("position = 'Руководитель'", "department = 'Казань'")
    said = {}
    for name, text in (
        ("plain", plan),
        ("also", plan.replace("  heads:\n", "  heads:\n    also: true\n")),
    ):
        with open_workspace(str(write(tmp_path / name, text, files)), {}) as workspace:
            warnings = compute(workspace, job(workspace)).warnings
        said[name] = [p.data["names"] for p in warnings if p.code == "compute.on_two_cards"]
    assert said == {"plain": ["Олег Ким"], "also": []}


def test_one_who_was_meant_by_no_who_is_said(tmp_path: Path) -> None:
    """A misspelt department takes somebody off all scorecards; a position of no scorecard does
    not need one."""
    staff = STAFF + "Рита Лом;Кaзaнь-2;Менеджер\nЗоя Пак;Склад;Кладовщик\n"
    plan = PLAN.replace("who: position = 'Менеджер'", "who: department in ('Москва', 'Казань')")
    with open_workspace(
        str(write(tmp_path, plan, {"deals.csv": DEALS, "employees.csv": staff})), {}
    ) as workspace:
        warnings = compute(workspace, job(workspace)).warnings
    assert [p.data["names"] for p in warnings if p.code == "compute.on_no_card"] == ["Рита Лом"]


def test_who_was_employed_for_a_part_of_the_period_is_said(tmp_path: Path) -> None:
    """So many of so many days, those of the calendar where there is none of work."""
    staff = "имя;отдел;должность;принят;уволен\nАнна Белова;Москва;Менеджер;13.05.2024;\nОлег Ким;Казань;Менеджер;;15.05.2024\n"  # fmt: skip
    with open_workspace(
        str(write(tmp_path, PLAN, {"deals.csv": DEALS, "employees.csv": staff})), {}
    ) as workspace:
        warnings = compute(workspace, job(workspace)).warnings
    (note,) = [p for p in warnings if p.code == "compute.part_of_period.calendar_days"]
    assert note.data["names"] == "Анна Белова 19/31, Олег Ким 15/31"
