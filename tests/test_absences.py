"""Who was away: lists and timesheets as people keep them, their codes, and what they lower."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.target_list import target_list
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.cli import app
from kpictl.people.presence import presence
from kpictl.values import Period, Results
from plans import write

AS_OF = datetime(2024, 7, 15, tzinfo=UTC)
PLAN = """\
calendar: {country: RU}
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {s: {from: o, sum: amt, when: d}}
scorecards: {n: {kpis: {s: {weight: 100, target: 1000000/month}}}}
absences: {file: a.csv, codes: {ОТ: paid_absence, "09": paid_absence, Б: sick, "19": sick, ДБ: unpaid, Я: worked}}
"""
STAFF = "id,name,email\n7,Анна Белова,belova@example.ru\n8,Олег Ким,kim@example.ru\n"


def company(folder: Path, absences: str, plan: str = PLAN) -> str:
    files = {"o.csv": "d,owner,amt\n2024-05-10,Анна Белова,1\n", "e.csv": STAFF, "a.csv": absences}
    return str(write(folder, plan, files))


def may(workspace: Workspace) -> Period:
    return periods.parse("2024-05", as_of=AS_OF, zone=workspace.bound.zone)


def days(path: str) -> dict[str, Any]:
    """Return the working days of May 2024 that everybody was there, of twenty."""
    with open_workspace(path, {}) as workspace:
        assert workspace.errors == []
        return {
            person.name: presence(
                person, may(workspace), workspace.bound.calendar, workspace.absences
            ).days
            for person in workspace.staff.people or ()
        }


@pytest.mark.parametrize(
    "absences",
    [
        "employee,from,to,kind\nАнна Белова,2024-05-13,2024-05-24,ОТ\n",
        "Сотрудник;С;По;Вид\nбелова анна;13.05.2024;24.05.2024;от\n",
        "email,from,to,code\nbelova@example.ru,2024-05-13,2024-05-24,09\n",
        "id,from,to,kind\n7,2024-05-13,2024-05-24,paid_absence\n",
        # twice the same, and one inside of the other
        "name,from,to,kind\nАнна Белова,2024-05-13,2024-05-24,ОТ\nАнна Белова,2024-05-15,2024-05-20,Б\n",
        # a timesheet whose columns are days
        ("ФИО;13.05.2024;14.05.2024;15.05.2024;16.05.2024;17.05.2024;18.05.2024;20.05.2024;21.05.2024;"
        "22.05.2024;23.05.2024;24.05.2024;27.05.2024\n"
        "Анна Белова;ОТ;ОТ;ОТ;ОТ;ОТ;ОТ;ОТ;ОТ;ОТ;Б;19;8\nОлег Ким;Я;8;8;7,5;;;Я 8;;;;;\n"),
    ],
)  # fmt: skip
def test_a_vacation_is_read_in_every_form(tmp_path: Path, absences: str) -> None:
    """13 to 24 May are ten of twenty working days."""
    assert days(company(tmp_path, absences)) == {"Анна Белова": 10, "Олег Ким": 20}


def test_a_timesheet_with_days_of_a_month(tmp_path: Path) -> None:
    """Columns 1 to 31 of the month that the plan names; totals beside them are no days."""
    head = ",".join(["ФИО", *map(str, range(1, 32)), "Итого"])
    cells = [
        "Анна Белова",
        *["" for _ in range(12)],
        "Б",
        "Б 4",
        "ДБ",
        *["" for _ in range(16)],
        "15",
    ]
    plan = PLAN.replace("file: a.csv", "file: a.csv, period: 2024-05")
    assert days(company(tmp_path, f"{head}\n{','.join(cells)}\n", plan)) == {
        "Анна Белова": 20 - 1 - Fraction(1, 2),
        "Олег Ким": 20,
    }


def test_parts_of_days(tmp_path: Path) -> None:
    """Half a day, and two hours of eight."""
    absences = (
        "name,from,kind,share,hours\nАнна Белова,2024-05-14,ОТ,50 %,\nАнна Белова,2024-05-15,Б,,2\n"
    )
    assert days(company(tmp_path, absences))["Анна Белова"] == 20 - Fraction(1, 2) - Fraction(1, 4)


def test_the_plan_says_which_lower_targets(tmp_path: Path) -> None:
    """Unpaid leave does not by itself, and does where the plan says so; a target follows, and
    explains itself."""
    absences = "name,from,to,kind\nАнна Белова,2024-05-13,2024-05-24,ДБ\n"
    lowered = PLAN.replace("codes:", "lowers: [unpaid], codes:")
    found = {}
    for name, plan in (("plain", PLAN), ("unpaid", lowered)):
        path = company(tmp_path / name, absences, plan)
        with open_workspace(path, {}) as workspace:
            (card,) = compute(workspace, ComputeRequest(may(workspace), AS_OF)).scorecards
        target = next(row.score("s").target for row in card.rows if row.name == "Анна Белова")
        assert target is not None
        found[name] = target.value
    assert found == {"plain": Decimal(1000000), "unpaid": Decimal(500000)}


def said(path: str) -> list[tuple[str, str]]:
    with open_workspace(path, {}) as workspace:
        return [
            (p.code, str(p.place)) for p in workspace.problems if p.code.split(".")[0] in ("absences", "source")
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("absences", "wanted"),
    [
        ("name,from,kind\nАнна Белова,2024-05-14,НН\nОлег Ким,2024-05-14,НН\n", ("absences.unknown_code", "a.csv:2:3")),
        ("name,from,kind\nЗоя Пак,2024-05-14,Б\n", ("absences.nobody", "a.csv:2:1")),
        ("name,from,to,kind\nАнна Белова,2024-05-14,2024-05-13,Б\n", ("absences.backwards", "a.csv:2:3")),
        ("name,from,kind\nАнна Белова,май,Б\n", ("source.bad_value", "a.csv:2:2")),
        ("name,1,2,3\nАнна Белова,Б,,\n", ("absences.no_month", "a.csv:1")),
        ("name,city\nАнна Белова,Томск\n", ("absences.no_days", "a.csv:1")),
        ("name,13.05.2024\nАнна Белова,ЖЖ\n", ("absences.unknown_code", "a.csv:2:2")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(
    tmp_path: Path, absences: str, wanted: tuple[str, str]
) -> None:
    """Each with its place; a code once, however often it stands there."""
    assert said(company(tmp_path, absences)) == [wanted]


def test_an_entity_of_a_source_may_hold_them(tmp_path: Path) -> None:
    """With its own options: another sheet, line of captions or sign between cells."""
    plan = PLAN.replace("employees: e.csv", "employees: e.csv, off: {path: a.csv, header: 2}")
    plan = plan.replace("file: a.csv", "from: off")
    absences = "Отсутствия,,,\nname,from,to,kind\nАнна Белова,2024-05-13,2024-05-24,ОТ\n"
    assert days(company(tmp_path, absences, plan))["Анна Белова"] == 10


def test_days_of_one_code_are_one_absence(tmp_path: Path) -> None:
    """Explanations list a vacation, not its days."""
    head = ",".join(["name", *(f"{n:02}.05.2024" for n in range(13, 18))])
    with open_workspace(company(tmp_path, f"{head}\nАнна Белова,ОТ,ОТ,ОТ,Б,ОТ\n"), {}) as workspace:
        (several,) = workspace.absences.of.values()
    assert [(a.first, a.last, a.code) for a in several] == [
        (date(2024, 5, 13), date(2024, 5, 15), "ОТ"),
        (date(2024, 5, 16), date(2024, 5, 16), "Б"),
        (date(2024, 5, 17), date(2024, 5, 17), "ОТ"),
    ]


AWAY = "id,from,to,kind\n8,2024-05-01,2024-05-31,ОТ\n"


def may_of(path: str) -> Results:
    with open_workspace(path, {}) as workspace:
        return compute(workspace, ComputeRequest(may(workspace), AS_OF))


def test_who_was_away_all_month_lacks_no_target(tmp_path: Path) -> None:
    """Nothing is expected of them, so that the team keeps its target, pace and index; the list of
    targets does not miss theirs."""
    path = company(tmp_path, AWAY)
    (card,) = may_of(path).scorecards
    assert {row.name: row.score("s").target is None for row in card.rows} == {
        "Анна Белова": False,
        "Олег Ким": True,
    }
    target = card.total.score("s").target if card.total else None
    assert target is not None
    assert target.value == 1000000
    with open_workspace(path, {}) as workspace:
        (listed,) = target_list(workspace, ComputeRequest(may(workspace), AS_OF), (may(workspace),))
    assert [line.name for line in listed.lines if line.lacks] == []


@pytest.mark.parametrize(
    ("last", "shown"),
    [("13", "минус 1 рабочий день"), ("14", "минус 2 рабочих дня"), ("17", "минус 5 рабочих дней")],
)  # fmt: skip
def test_days_away_are_declined(tmp_path: Path, last: str, shown: str) -> None:
    """The proof of a target says how many days were taken off, as people say it."""
    path = company(tmp_path, f"id,from,to,kind\n8,2024-05-13,2024-05-{last},ОТ\n")
    words = ["explain", "s", "-e", "Олег Ким", "-p", "2024-05", "-c", path, "--lang", "ru"]
    done = CliRunner().invoke(app, [*words, "--as-of", "2024-07-01"])
    assert f"{shown} · a.csv:2" in done.stdout


def test_a_goal_that_nobody_was_there_for_is_said(tmp_path: Path) -> None:
    """Of a department whose people were all away nothing could be given, and they are named."""
    plan = PLAN.replace(", target: 1000000/month", "")
    plan += "targets:\n  department.Юг: {s: 500/month}\n  cascade: {s: {to: n, by: equal, of: departments}}\n"
    path = company(tmp_path, AWAY, plan)
    (tmp_path / "e.csv").write_text("id,name,department\n7,Анна Белова,Север\n8,Олег Ким,Юг\n")
    (said,) = (p for p in may_of(path).warnings if p.code.startswith("cascade."))
    assert (said.code, said.data["names"], said.data["goal"]) == (
        "cascade.nobody",
        "Олег Ким",
        "500",
    )


@pytest.mark.parametrize(
    "captions",
    ["ФИО;1;2;3;4;5;6;7", "ФИО;01.05.2024;02.05.2024;03.05.2024", "ФИО;Отдел;2024-05-01 00:00:00;02.05.2024"],
)  # fmt: skip
def test_a_title_above_a_timesheet_is_told(tmp_path: Path, captions: str) -> None:
    """Days are captions too: the line that looks like a title is named, not all its empty cells."""
    path = company(
        tmp_path,
        f"Табель за май 2024;;;;;;;\n{captions}\nОлег Ким;ОТ;ОТ;8;8;8\nАнна Белова;Я;8;8;8;8\n",
    )
    with open_workspace(path, {}) as workspace:
        (problem,) = workspace.errors
    assert (problem.code, problem.data["captions"]) == ("table.title_of_bare", 2)


@pytest.mark.parametrize(
    "absences",
    ["ФИО;С;По;Вид\nОлег Ким;13.05.2024;24.05.2024;ОТ\n", "ФИО;13.05.2024\nОлег Ким;8\nАнна Белова;8\n"],
)  # fmt: skip
def test_records_with_dates_are_no_captions(tmp_path: Path, absences: str) -> None:
    """A table whose first line holds its captions is read as ever."""
    with open_workspace(company(tmp_path, absences), {}) as workspace:
        assert workspace.errors == []


def test_an_absence_across_a_change_of_the_target_has_all_its_days(tmp_path: Path) -> None:
    """The proof takes off as many days as the target lacks: one before the change, three after."""
    changing = "{from 2024-01-01: 1000/month, from 2024-05-15: 2000/month}"
    plan = PLAN.replace("1000000/month", changing)
    path = company(tmp_path, "id,from,to,kind\n8,2024-05-14,2024-05-17,ОТ\n", plan)
    (card,) = may_of(path).scorecards
    (target,) = (row.score("s").target for row in card.rows if row.name == "Олег Ким")
    assert target is not None
    assert target.value == 1000 * Fraction(6, 20) + 2000 * Fraction(10, 20)
    assert [(step.code, step.data["days"]) for step in target.steps] == [("step.away.absence", 4)]


def test_more_hours_than_a_day_has_are_warned_of(tmp_path: Path) -> None:
    """Twelve hours of eight, with the cell; eight on a day that is an hour shorter are one day."""
    absences = "name,from,kind,hours\nАнна Белова,2024-05-14,Б,12\nОлег Ким,2024-05-08,Б,8\n"
    path = company(tmp_path, absences)
    with open_workspace(path, {}) as workspace:
        (problem,) = (p for p in workspace.problems if p.code.startswith("absences"))
    assert (problem.code, str(problem.place), problem.level) == (
        "absences.too_long",
        "a.csv:2",
        "warning",
    )
    assert (problem.data["hours"], problem.data["norm"]) == ("12", "8")
    assert days(path) == {"Анна Белова": 19, "Олег Ким": 19}


def test_a_shift_of_twelve_hours_may_be_missed_whole(tmp_path: Path) -> None:
    """By the person's own shifts twelve hours are a day, and six half of one."""
    (tmp_path / "w.csv").write_text(
        "имя;дата;с;по\nАнна Белова;14.05.2024;8:00;20:00\nАнна Белова;30.05.2024;8:00;20:00\n",
        encoding="utf-8",
    )
    plan = PLAN.replace("{country: RU}", "{country: RU, shifts: {file: w.csv}}")
    absences = "name,from,kind,hours\nАнна Белова,2024-05-14,Б,12\n"
    with open_workspace(company(tmp_path, absences, plan), {}) as workspace:
        assert [p for p in workspace.problems if p.code.startswith("absences")] == []
