"""Whom a `who` takes: every field of the employees, departments with all below them, heads, tenure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import open_workspace
from kpictl.errors import PlanRejected
from kpictl.people.who import months_between
from plans import compute as computed
from plans import write

AS_OF = datetime(2024, 7, 15, tzinfo=UTC)
STAFF = """\
имя,отдел,должность,руководитель,принят,ставка,регион
Анна,Опт,Менеджер,Инна,2024-03-01,1,юг
Олег,Розница,Менеджер,Инна,2024-03-02,0.5,юг
Инна,Продажи,Директор,,2020-01-01,1,север
Пётр,Склад,Кладовщик,Роман,,1,юг
Роман,Склад,Кладовщик,,,1,север
"""
TREE = "отдел,входит в\nОпт,Продажи\nРозница,ПРОДАЖИ\nПродажи,Компания\nСклад,Компания\nКомпания,\n"
PLAN = """\
sources:
  s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv, departments: d.csv}
kpis: {s: {from: o, sum: amt, when: d}}
scorecards: {n: {who: "WHO", kpis: {s: {weight: 100}}}}
"""


def members(folder: Path, who: str, tree: str = TREE) -> set[str]:
    files = {"o.csv": "d,owner,amt\n2024-05-10,Анна,1\n", "e.csv": STAFF, "d.csv": tree}
    with open_workspace(str(write(folder, PLAN.replace("WHO", who), files)), {}) as workspace:
        period = periods.parse("2024-05", as_of=AS_OF, zone=workspace.bound.zone)
        (card,) = compute(workspace, ComputeRequest(period, AS_OF)).scorecards
        return {row.name for row in card.rows}


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("department under 'Продажи'", {"Анна", "Олег", "Инна"}),
        ("department under 'продажи' and not is_head", {"Анна", "Олег"}),
        ("department UNDER 'Компания'", {"Анна", "Олег", "Инна", "Пётр", "Роман"}),
        ("department under 'Склад' and регион = 'Север'", {"Роман"}),
        ("is_head", {"Инна", "Роман"}),
        ("head = 'инна'", {"Анна", "Олег"}),
        ("отдел = 'Склад'", {"Пётр", "Роман"}),
        ("fte < 1", {"Олег"}),
        ("months_since(hired) >= 3", {"Анна", "Инна"}),
        ("not department under 'Продажи'", {"Пётр", "Роман"}),
        ("coalesce(регион, '-') = 'Юг'", {"Анна", "Олег", "Пётр"}),
        ("case when not is_head then отдел end in ('опт', 'Склад')", {"Анна", "Пётр"}),
        ("upper(отдел) = 'СКЛАД' or lower(отдел) = 'Опт'", {"Анна", "Пётр", "Роман"}),
        ("nullif(отдел, 'склад') <> 'ОПТ'", {"Олег", "Инна"}),
        ("отдел <> 'СКЛАД'", {"Анна", "Олег", "Инна"}),
        ("not отдел in ('СКЛАД', 'опт')", {"Олег", "Инна"}),
        # a part of a text is searched for as it is written
        ("должность like 'Мен%'", {"Анна", "Олег"}),
        ("должность like 'мен%'", set()),
        ("должность ilike 'мен%'", {"Анна", "Олег"}),
        ("contains(отдел, 'пт')", {"Анна"}),
        ("contains(отдел, 'Пт')", set()),
        # a day that is written out has its months too
        (
            "months_since('2023-06-02') < 12 and months_since('2023-06-01') = 12 and is_head",
            {"Инна", "Роман"},
        ),
    ],
)
def test_who_may_ask(tmp_path: Path, who: str, wanted: set[str]) -> None:
    """Each condition takes just these people."""
    assert members(tmp_path, who) == wanted


def test_without_a_list_of_departments_each_is_alone(tmp_path: Path) -> None:
    """Whoever is in a department is under it, and under no other."""
    plan = PLAN.replace(", departments: d.csv", "").replace("WHO", "department under 'СКЛАД'")
    files = {"o.csv": "d,owner,amt\n2024-05-10,Анна,1\n", "e.csv": STAFF}
    assert set(computed(tmp_path, plan, files).of("s")) == {"Пётр", "Роман"}


def test_a_circle_of_departments_ends(tmp_path: Path) -> None:
    """A list in which two departments are parts of each other stops nobody."""
    assert members(tmp_path, "department under 'Опт'", "отдел,входит в\nОпт,Розница\nРозница,Опт\n") == {"Анна", "Олег"}  # fmt: skip


@pytest.mark.parametrize("condition", ["owner under 'A'", "months_since(d) > 1"])
def test_records_cannot_be_asked_what_only_people_have(tmp_path: Path, condition: str) -> None:
    """Said at the condition, in words."""
    plan = PLAN.replace("WHO", "is_head").replace("when: d}", f'when: d, where: "{condition}"}}')
    files = {"o.csv": "d,owner,amt\n2024-05-10,Анна,1\n", "e.csv": STAFF, "d.csv": TREE}
    with open_workspace(str(write(tmp_path, plan, files)), {}) as workspace:
        (problem,) = workspace.errors
        assert problem.code == "expr.only_who"
        with pytest.raises(PlanRejected):
            compute(workspace, ComputeRequest(periods.parse("2024-05", as_of=AS_OF, zone=workspace.bound.zone), AS_OF))  # fmt: skip


def test_a_column_may_be_called_under(tmp_path: Path) -> None:
    """The word is an operator only between two texts."""
    plan = PLAN.replace("WHO", "is_head").replace("when: d}", 'when: d, where: "under > 0"}')
    files = {"o.csv": "d,owner,amt,under\n2024-05-10,Инна,1,2\n", "e.csv": STAFF, "d.csv": TREE}
    with open_workspace(str(write(tmp_path, plan, files)), {}) as workspace:
        assert workspace.errors == []


def test_months_are_whole() -> None:
    """A month is over when its day has come again."""
    assert months_between(date(2024, 3, 1), date(2024, 6, 1)) == 3
    assert months_between(date(2024, 3, 2), date(2024, 6, 1)) == 2
    assert months_between(date(2024, 1, 31), date(2024, 3, 1)) == 1
    assert months_between(date(2024, 7, 1), date(2024, 6, 1)) == -1
