"""`explain` of departments, the company and totals: every number that is printed can be proved."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.explain import INDEX, ExplainRequest, explain, left_out
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.errors import UsageError
from kpictl.results import placed
from kpictl.values import Results, Score
from plans import Files, write

D = Decimal
AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
STAFF = """\
имя;e-mail;отдел;должность
Анна Белова;belova@example.ru;Москва;Менеджер
Олег Ким;kim@example.ru;Казань;Менеджер
Пётр Дёмин;demin@example.ru;Казань;Менеджер
Инна Рей;rey@example.ru;Казань;Руководитель
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Компания;Дата изменения стадии;Канал
1;Сделка успешна;50;Анна Белова;А;10.05.2024 12:00:00;Сайт
2;Сделка успешна;20;Олег Ким;А;10.05.2024 12:00:00;Сайт
3;Сделка успешна;30;Пётр Дёмин;А;11.05.2024 12:00:00;Сайт
4;Сделка успешна;15;Инна Рей;Б;11.05.2024 12:00:00;Сайт
5;Сделка успешна;7;;В;11.05.2024 12:00:00;Сайт
6;Сделка успешна;;Олег Ким;В;11.05.2024 12:00:00;Сайт
7;Сделка провалена;9;Олег Ким;В;11.05.2024 12:00:00;Сайт
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Выручка, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  clients: {label: Клиенты, from: deals, count: distinct client_id, where: won, when: closed_at}
  middle: {from: deals, median: amount, where: won, when: closed_at}
  wins: {from: deals, share: won, when: closed_at}
  average: {ratio: {of: revenue, over: clients}, unit: money}
  channel: {from: deals, count: rows, when: closed_at, by: канал}
  alone: {from: deals, count: rows, when: closed_at, by: none}
scorecards:
  sales:
    label: Продажи
    who: position = 'Менеджер'
    kpis: {revenue: {weight: 60}, clients: {weight: 40}, middle: {weight: 0}, wins: {weight: 0},
           average: {weight: 0}}
targets:
  company: {revenue: {2024-Q2: 600}, alone: {2024-05: 10}}
  department.Казань: {revenue: {2024-05: 130}, clients: 4/month}
  department.Самара: {revenue: {2024-05: 10}}
  scorecard.sales: {revenue: 40/month, clients: 3/month}
"""
FILES: Files = {"deals.csv": DEALS, "employees.csv": STAFF}


def job() -> ComputeRequest:
    zone = ZoneInfo("Europe/Moscow")
    return ComputeRequest(periods.parse("2024-05", as_of=AS_OF, zone=zone), AS_OF)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write(tmp_path, PLAN, FILES)


def printed(results: Results) -> Iterator[tuple[ExplainRequest, Score]]:
    """Yield every number of a unit or a total, with what is to be asked for it."""
    for unit in (*results.units, *(u for card in results.scorecards for u in card.departments)):
        for score in unit.scores:
            if unit.kind == "company":
                yield ExplainRequest(score.kpi, company=True), score
            else:
                yield ExplainRequest(score.kpi, department=unit.name), score
    for card in results.scorecards:
        assert card.total is not None
        for score in card.total.scores:
            yield ExplainRequest(score.kpi, scorecard=card.id), score


def test_every_number_of_a_unit_or_a_total_is_explained(plan: Path) -> None:
    """What the report prints of departments, the company and totals, `explain` finds again: fact,
    goal, attainment, points, and records that add up."""
    with open_workspace(plan, {}) as workspace:
        numbers = list(printed(placed(compute(workspace, job()), str(plan))))
    assert len(numbers) == 20  # 2 of the company, 3 of goals, 2 departments and a total of 5 each
    for asked, score in numbers:
        with open_workspace(plan, {}) as workspace:
            found = explain(workspace, job(), asked)
        assert found.steps[0].fact == score.fact
        assert found.score is not None
        assert (found.score.target, found.score.attainment, found.score.points) == (
            *(score.target, score.attainment, score.points),
        )


def test_the_index_of_a_total_is_explained(plan: Path) -> None:
    """The index of everybody together is made of their KPIs as a person's is."""
    with open_workspace(plan, {}) as workspace:
        total = compute(workspace, job()).scorecards[0].total
    with open_workspace(plan, {}) as workspace:
        row = explain(workspace, job(), ExplainRequest(INDEX, scorecard="Продажи")).row
    assert total is not None
    assert row is not None
    assert (row.index, row.rank) == (total.index, None)


def test_the_records_of_a_unit_are_all_its_peoples(plan: Path) -> None:
    """A department's records are those of its people, of its head too; the company's are all."""
    with open_workspace(plan, {}) as workspace:
        part = (
            explain(workspace, job(), ExplainRequest("revenue", department="казань"))
            .steps[0]
            .parts[0]
        )
    assert [r.id for r in part.records] == ["2", "3", "4"]
    assert {r.owner for r in part.records} == {"Олег Ким", "Пётр Дёмин", "Инна Рей"}
    with open_workspace(plan, {}) as workspace:
        part = explain(workspace, job(), ExplainRequest("revenue", company=True)).steps[0].parts[0]
    assert [r.id for r in part.records] == ["1", "2", "3", "4", "5"]


def shown(plan: Path, words: str, lang: str = "ru") -> str:
    line = [*shlex.split(words), "-p", "2024-05", "-c", str(plan), "--lang", lang]
    result = CliRunner().invoke(app, ["explain", *line])
    return (result.stdout + result.stderr).replace("\u00a0", " ")


def test_the_page_of_a_unit_says_whose_it_is(plan: Path) -> None:
    """A department with how many people it has, the company; whose each record is; the goal."""
    page = shown(plan, "Выручка -d Казань")
    assert page.startswith("Выручка · Казань, 3 человека · май 2024 = 65 ₽\n")
    assert "130 ₽ · план отдела" in page
    assert "20 ₽  Олег Ким\n" in page
    page = shown(plan, "revenue --company", "en")
    assert page.startswith("Выручка · Company · May 2024 = ₽122\n")
    assert "₽200 · the company's goal · 2024-Q2: 600 × 1/3" in page
    assert "alone · Компания · май 2024 = 7\n" in shown(plan, "alone")


def test_a_department_that_nobody_is_in_is_explained(plan: Path) -> None:
    """Where only a goal knows a department, the page says that there is no data, and the goal."""
    page = shown(plan, "revenue -d самара")
    assert page.startswith("Выручка · Самара, 0 человек · май 2024 = нет данных\n")
    assert "10 ₽ · план отдела" in page


def test_the_page_of_a_total_lists_the_targets_it_adds_up(plan: Path) -> None:
    """The sum of targets is shown with whose each of them is and where it is written."""
    page = shown(plan, "revenue -s sales")
    assert "120 ₽ · сумма планов\n" in page
    for name in ("Анна Белова", "Олег Ким", "Пётр Дёмин"):
        assert f"      {name}" in page
    assert "Σ" not in page


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (ExplainRequest("revenue", department="Казан"), "explain.no_department"),
        (ExplainRequest(INDEX, department="Казань"), "explain.index_of_unit"),
        (ExplainRequest(INDEX, company=True), "explain.index_of_unit"),
        (ExplainRequest("revenue", "Ким", department="Казань"), "usage.not_together"),
        (ExplainRequest("revenue", department="Казань", company=True), "usage.not_together"),
        (ExplainRequest("revenue", scorecard="sales", company=True), "usage.not_together"),
        (ExplainRequest("channel", department="Казань"), "explain.not_of_people"),
        (ExplainRequest("alone", department="Казань"), "explain.of_company"),
        (ExplainRequest("alone", "Ким"), "explain.of_company"),
    ],
)
def test_what_no_unit_has_is_refused(plan: Path, asked: ExplainRequest, code: str) -> None:
    """A department that is not there, an index of a unit, two owners of one number: refused."""
    with open_workspace(plan, {}) as workspace, pytest.raises(UsageError) as caught:
        explain(workspace, job(), asked)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (ExplainRequest("revenue"), {"5", "4", "6"}),
        (ExplainRequest("revenue", "Ким"), {"6"}),
        (ExplainRequest("revenue", "rey@example.ru"), {"4"}),
        (ExplainRequest("revenue", "Белова"), set()),
        (ExplainRequest("revenue", department="Казань"), {"4", "6"}),
        (ExplainRequest("revenue", department="Москва"), set()),
        (ExplainRequest("revenue", scorecard="sales"), {"6"}),
        (ExplainRequest("revenue", company=True), {"4", "5", "6"}),
    ],
)
def test_what_is_left_out_of_somebody(plan: Path, asked: ExplainRequest, ids: set[str]) -> None:
    """With -e, -d or -s, --left-out lists the records that bear their names, and counts those."""
    with open_workspace(plan, {}) as workspace:
        lines = left_out(workspace, job(), asked).lines
    assert {r.id for _, records in lines for r in records} == ids
    assert all(line.count == len(records) for line, records in lines)


def test_an_index_leaves_nothing_out(plan: Path) -> None:
    """Records are left out of KPIs: an index is refused with what there is."""
    with open_workspace(plan, {}) as workspace, pytest.raises(UsageError) as caught:
        left_out(workspace, job(), ExplainRequest(INDEX))
    assert caught.value.problem.code == "usage.no_kpi"
