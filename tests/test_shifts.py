"""Shifts from a table: lists and rosters as people keep them, and what is counted by them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.calendar.hours import FREE, Hours
from kpictl.calendar.roster import roster
from kpictl.calendar.schedule import Schedule
from kpictl.calendar.timeline import Timeline
from kpictl.cli import app
from kpictl.errors import PlanRejected, Problem
from kpictl.values import EngineName
from plans import LATER, Computed, compute, refused, write

PLAN = """\
calendar:
  country: RU
  hours: "09:00-18:00"
  shifts: {shifts}
sources: {{desk: {{type: csv, requests: requests.csv, employees: staff.csv{more}}}}}
kpis:
  waited: {{from: requests, sum: "working_hours(asked, answered)", when: asked, by: owner}}
  days:   {{from: requests, sum: "working_days(asked, answered)", when: asked, by: owner}}
"""
CODES = '{file: shifts.csv, codes: {Д: "08:00-20:00", Н: "20:00-08:00", ОТ: off}}'
STAFF = "имя;отдел\nАнна Белова;Москва\nОлег Ким;Ночь\n"
# From the beginning of Monday 13 May 2024 to that of Friday the 17th: 36 hours of an office.
ASKED = "2024-05-13 00:00;2024-05-17 00:00"
REQUESTS = f"id;asked;answered;owner\n1;{ASKED};Анна Белова\n2;{ASKED};Олег Ким\n"
ZONE = ZoneInfo("UTC")
DAYS = [f"{n:02}.05.2024" for n in range(1, 32)]


def plan(shifts: str = CODES, more: str = "") -> str:
    return PLAN.format(shifts=shifts, more=more)


def files(shifts: str | bytes, name: str = "shifts.csv") -> dict[str, str | bytes]:
    return {"requests.csv": REQUESTS, "staff.csv": STAFF, name: shifts}


def table(cells: dict[int, str], name: str = "Олег Ким") -> str:
    """Return a roster of May 2024 with cells by the number of the day."""
    row = [name, *(cells.get(n, "") for n in range(1, 32))]
    return ";".join(["ФИО", *DAYS]) + "\n" + ";".join(row) + "\n"


# The 12th at night (to 8 on the 13th), the 13th by day, the 15th at night: 8 + 12 + 12 hours.
THREE = {12: "Н", 13: "Д", 14: "В", 15: "Н", 20: "Д"}


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
@pytest.mark.parametrize(
    "shifts",
    [
        table(THREE),
        ("сотрудник;дата;с;по\nОлег Ким;12.05.2024;20:00;08:00\nОлег Ким;13.05.2024;8:00;20:00\n"
        "Олег Ким;15.05.2024;20:00;8:00\nОлег Ким;30.05.2024;8;20\n"),
        ("employee,day,shift\nОлег Ким,2024-05-12,Н\nКим Олег,2024-05-13,08:00-20:00\n"
        "Олег Ким,2024-05-14,off\nОлег Ким,2024-05-15,Н\n"),
        ("name;from;to\nОлег Ким;2024-05-12 20:00;2024-05-13 08:00\n"
        "Олег Ким;2024-05-13 08:00;2024-05-13 20:00\nОлег Ким;2024-05-15 20:00;2024-05-16 08:00\n"),
        ("сотрудник;с;по;смена\nОлег Ким;12.05.2024;12.05.2024;Н\nОлег Ким;13.05.2024;13.05.2024;Д\n"
        "Олег Ким;15.05.2024;;Н\n"),
    ],
)  # fmt: skip
def test_shifts_are_read_in_every_form(tmp_path: Path, shifts: str, engine: EngineName) -> None:
    """Nights belong to the day on which they begin, their hours to the clock; who is in no table
    works the usual hours."""
    path = write(tmp_path, plan(), files(shifts))
    with open_workspace(path, {}) as workspace:
        assert workspace.errors == []
        job = ComputeRequest(may(workspace), LATER, engine=engine)
        found = Computed(computed(workspace, job))
    assert found.of("waited") == {"Анна Белова": 36, "Олег Ким": 8 + 12 + 12}
    assert found.of("days") == {"Анна Белова": 4, "Олег Ким": 2}


def may(workspace: Any) -> Any:
    return periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)


def test_a_workbook_may_hold_real_dates_and_times(tmp_path: Path) -> None:
    """Cells of a spreadsheet that are days and times of day."""
    night, day = (time(20), time(8)), (time(8), time(20))
    lines = [
        ["Сотрудник", "Дата", "Начало смены", "Конец смены"],
        ["Олег Ким", date(2024, 5, 12), *night],
        ["Олег Ким", date(2024, 5, 13), *day],
        ["Олег Ким", date(2024, 5, 15), *night],
    ]
    made, out = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        made.active.append(line)
    made.save(out)
    found = compute(tmp_path, plan("{file: shifts.xlsx}"), files(out.getvalue(), "shifts.xlsx"))
    assert found.of("waited") == {"Анна Белова": 36, "Олег Ким": 32}


def test_an_entity_that_lies_on_its_side_may_hold_them(tmp_path: Path) -> None:
    """Two lines of captions, and columns that are turned into records."""
    head = f"График на май 2024{';' * 31}\nФИО;{';'.join(map(str, range(1, 32)))}\n"
    body = table(THREE).splitlines()[1] + "\n"
    unpivot = "unpivot: {into: {day: caption, shift: value}}"
    more = f", roster: {{path: shifts.csv, header: 2, {unpivot}}}"
    found = compute(
        tmp_path,
        plan(CODES.replace("file: shifts.csv", "from: roster"), more),
        files(head + body),
    )
    assert found.of("waited") == {"Анна Белова": 36, "Олег Ким": 32}


@pytest.mark.parametrize("name", ["shifts.csv", "Смены май 2024.csv"])
def test_columns_of_numbers_are_of_a_month(tmp_path: Path, name: str) -> None:
    """The plan says of which, or the name of the file, and then that is said."""
    numbered = table(THREE).replace(";".join(DAYS), ";".join(map(str, range(1, 32))))
    codes = CODES.replace("file: shifts.csv", f'file: "{name}"')
    if name == "shifts.csv":
        codes = codes.replace("codes:", "period: 2024-05, codes:")
    found = compute(tmp_path, plan(codes), files(numbered, name))
    assert found.of("waited") == {"Анна Белова": 36, "Олег Ким": 32}


@pytest.mark.parametrize(
    ("shifts", "code", "place"),
    [
        (table({3: "Ы", 4: "Ы"}), "shifts.unknown_code", "shifts.csv:2:4"),
        (table(THREE).replace("ФИО", "Кто"), "source.no_column", "shifts.csv:1"),
        (table(THREE).replace(".05.2024", ""), "shifts.no_month", "shifts.csv:1"),
        ("ФИО;Отдел\nОлег Ким;Ночь\n", "shifts.no_days", "shifts.csv:1"),
        ("ФИО;дата;с;по\nОлег Ким;12.05.2024;утро;20:00\n", "shifts.bad_time", "shifts.csv:2:3"),
        ("ФИО;дата;с;по\nОлег Ким;скоро;8:00;20:00\n", "source.bad_value", "shifts.csv:2:2"),
        ("ФИО;с;по\nОлег Ким;12.05.2024 8:00;14.05.2024 8:00\n", "shifts.bad_length", "shifts.csv:2:3"),
        ("ФИО;с;по;смена\nОлег Ким;12.05.2024;11.05.2024;Д\n", "shifts.bad_length", "shifts.csv:2:3"),
        ("ФИО;дата;смена\nОлег Ким;12.05.2024;Н\nОлег Ким;13.05.2024;07:00-15:00\n", "shifts.overlap", "shifts.csv:3:1"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path: Path, shifts: str, code: str, place: str) -> None:
    """Each with its place, and nothing is computed of it."""
    (problem,) = refused(tmp_path, plan(), files(shifts))
    assert (problem.code, str(problem.place)) == (code, place)


def test_a_name_that_nobody_has_is_said(tmp_path: Path) -> None:
    """Their shifts are nobody's; all others count."""
    more = table(THREE) + table(THREE, "Зоя Пак").splitlines()[1] + "\n"
    with open_workspace(write(tmp_path, plan(), files(more)), {}) as workspace:
        (problem,) = (p for p in workspace.problems if p.code.startswith("shifts."))
    assert (problem.code, problem.level) == ("shifts.nobody", "warning")
    assert (str(problem.place), problem.data["name"]) == ("shifts.csv:3:1", "Зоя Пак")


def test_days_beyond_the_table_go_by_the_usual_hours_and_that_is_said(tmp_path: Path) -> None:
    """A roster of the first half of the month says nothing of the second."""
    half = dict.fromkeys((13, 14), "Д")
    cut = ["ФИО", *DAYS[:14]]
    row = ["Олег Ким", *(half.get(n, "") for n in range(1, 15))]
    found = compute(tmp_path, plan(), files(f"{';'.join(cut)}\n{';'.join(row)}\n"))
    # Two shifts of 12 hours, then Wednesday and Thursday of an office.
    assert found.of("waited") == {"Анна Белова": 36, "Олег Ким": 24 + 18}
    said = found.said("compute.beyond_shifts").data
    assert (said["names"], said["first"], said["last"]) == (
        "Олег Ким",
        date(2024, 5, 15),
        date(2024, 5, 31),
    )


def test_a_list_of_a_week_reaches_over_that_week(tmp_path: Path) -> None:
    """Sunday, on which nobody has a shift, is free; the week after is not planned yet."""
    rows = "".join(f"Олег Ким;{n}.05.2024;08:00;20:00\n" for n in (13, 14))
    path = write(tmp_path, plan(), files("ФИО;дата;с;по\n" + rows))
    with open_workspace(path, {}) as workspace:
        assert workspace.bound.calendar is not None
        (own,) = workspace.bound.calendar.rosters.values()
    assert own.covered == ((date(2024, 5, 13), date(2024, 5, 20)),)


TARGET = """\
calendar: {{country: RU, shifts: {shifts}}}
sources: {{desk: {{type: csv, o: {{path: o.csv, fields: {{owner: {{column: owner, type: person}}}}}}, employees: staff.csv}}}}
kpis: {{s: {{from: o, sum: amt, when: d}}}}
scorecards: {{n: {{kpis: {{s: {{weight: 100, target: 1000/month}}}}}}}}
"""
HIRED = "имя;отдел;принят\nАнна Белова;Москва;2024-05-15\nОлег Ким;Ночь;2024-05-15\n"


def targets(folder: Path, period: str, more: str = "") -> dict[str, Decimal]:
    """Return the targets of two people hired on 15 May 2024, one of whom has ten shifts in May: four
    before that day, and two on a Saturday and a Sunday behind it."""
    shifts = table(dict.fromkeys((1, 2, 9, 10, 18, 19, 20, 22, 24, 28), "Д"))
    out = {"o.csv": "d,owner,amt\n2024-05-20,Анна Белова,1\n2024-05-20,Олег Ким,1\n",
           "staff.csv": HIRED, "shifts.csv": shifts}  # fmt: skip
    found = compute(folder, TARGET.format(shifts=CODES) + more, out, period=period)
    targets_of = {row.name: row.score("s").target for row in found.card.rows}
    return {name: one.value for name, one in targets_of.items() if one is not None}


def test_a_target_is_prorated_by_the_persons_own_shifts(tmp_path: Path) -> None:
    """Six of ten shifts, and 13 of 20 days of the office."""
    assert targets(tmp_path, "2024-05") == {"Анна Белова": 650, "Олег Ким": 600}


def test_a_part_of_a_month_is_counted_by_them_too(tmp_path: Path) -> None:
    """Of 16 to 20 May three of ten shifts, and three of 20 days."""
    found = targets(tmp_path, "2024-05-16..2024-05-20")
    assert found == {"Анна Белова": 150, "Олег Ким": 300}


def test_an_absence_takes_the_shifts_away_that_lie_in_it(tmp_path: Path) -> None:
    """Away from 18 to 20 May: three shifts, and one day of the office."""
    away = "absences: {file: a.csv, codes: {ОТ: paid_absence}}\n"
    row = "{};2024-05-18;2024-05-20;ОТ\n"
    (tmp_path / "a.csv").write_text(
        "имя;с;по;вид\n" + row.format("Анна Белова") + row.format("Олег Ким"), encoding="utf-8"
    )
    assert targets(tmp_path, "2024-05", away) == {"Анна Белова": 600, "Олег Ким": 300}


def test_a_schedule_of_a_department_prorates_its_people(tmp_path: Path) -> None:
    """Days on and off by turns: eight of sixteen from the 16th on."""
    cycle = 'schedules: {night: {who: "отдел = \'Ночь\'", cycle: {from: 2024-05-01, days: ["20:00-08:00", off]}}}'
    out = {"o.csv": "d,owner,amt\n2024-05-20,Олег Ким,1\n",
           "staff.csv": "имя;отдел;принят\nОлег Ким;Ночь;2024-05-16\n"}  # fmt: skip
    text = TARGET.format(shifts="X").replace("shifts: X", cycle.replace("отдел", "department"))
    target = compute(tmp_path, text, out).score("Олег Ким", "s").target
    assert target is not None
    assert target.value == 500
    assert target.derivation == "1000/month × 8/16 working_days"


def test_masked_names_are_not_in_the_remark(tmp_path: Path) -> None:
    """What is said of shifts names nobody under --mask."""
    cut = f"{';'.join(['ФИО', *DAYS[:14]])}\nОлег Ким;{'Д;' * 13}Д\n"
    path = str(write(tmp_path, plan(), files(cut)))
    done = CliRunner().invoke(
        app,
        ["compute", "-c", path, "-p", "2024-05", "--as-of", "2024-07-01", "--mask"],
    )
    assert done.exit_code == 0
    assert "Ким" not in done.output


def hours(draw: Any) -> Hours:
    start = draw(st.integers(0, 1439))
    return ((start, start + draw(st.integers(1, 1440))),)


@given(st.data())
def test_rostered_time_is_what_counting_minutes_says(data: st.DataObject) -> None:
    """On random shifts that do not overlap, whichever moments: minute by minute."""
    days: dict[date, Hours] = {}
    until = 0
    for number in range(10):
        own = hours(data.draw) if data.draw(st.booleans()) else FREE
        begin = number * 1440
        own = tuple((max(a, until - begin), b) for a, b in own if b > max(a, until - begin))
        days[date(2024, 5, 1 + number)] = own
        until = max([until, *(begin + b for _, b in own)])
    made = roster(days, [(date(2024, 5, 1), date(2024, 5, 11))])
    timeline = Timeline.of(Schedule(zone=ZONE, roster=made, pattern=(FREE,) * 7))
    start = datetime(2024, 5, 1, tzinfo=UTC)
    a, b = sorted(data.draw(st.lists(st.integers(0, 11 * 1440), min_size=2, max_size=2)))
    worked = {
        n * 1440 + minute
        for n, own in enumerate(days.values())
        for first, after in own
        for minute in range(first, after)
    }
    expected = sum(1 for minute in range(a, b) if minute in worked)
    assert timeline.worked(start + timedelta(minutes=a), start + timedelta(minutes=b)) == (
        expected * 60_000_000
    )


def test_a_month_without_any_shift_is_no_month_of_free_days() -> None:
    """Who is not planned yet, or away, has the usual hours then."""
    made = roster({date(2024, 5, 2): ((480, 960),)}, [(date(2024, 5, 1), date(2024, 7, 1))])
    assert made is not None
    assert made.covered == ((date(2024, 5, 1), date(2024, 6, 1)),)
    assert roster({}, [(date(2024, 5, 1), date(2024, 6, 1))]) is None


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_a_success_is_judged_by_the_hours_of_its_owner(tmp_path: Path, engine: EngineName) -> None:
    """Solved within eight working hours: of a night shift, not of the office that slept. The
    records behind it say the same."""
    text = """\
calendar:
  country: RU
  hours: "09:00-18:00"
  schedules: {night: {who: "department = 'Ночь'", cycle: {from: 2024-05-01, days: ["20:00-08:00"]}}}
sources: {desk: {type: csv, tickets: tickets.csv, employees: staff.csv,
  works: {path: works.csv, fields: {ticket: {column: ticket, type: text}, owner: {column: owner, type: person}}}}}
kpis:
  fast: {conversion: {from: tickets, to: works, basis: cohort, via: ticket, when: done, within: 7d, where: "working_hours(begun, done) <= 8"}, when: asked, by: owner, min_n: 1}
"""
    tickets = "id;asked;owner\n1;2024-05-13 08:00;Анна Белова\n2;2024-05-13 08:00;Олег Ким\n"
    # From 20:00 to 06:00: nothing of an office, ten hours of a night.
    works = "id;ticket;begun;done;owner\n7;1;2024-05-13 20:00;2024-05-14 06:00;Анна Белова\n"
    works += "8;2;2024-05-13 20:00;2024-05-14 06:00;Олег Ким\n"
    out = {"tickets.csv": tickets, "works.csv": works, "staff.csv": STAFF}
    with open_workspace(write(tmp_path, text, out), {}) as workspace:
        assert workspace.errors == []
        job = ComputeRequest(may(workspace), LATER, engine=engine)
        assert Computed(computed(workspace, job)).of("fast") == {"Анна Белова": 100, "Олег Ким": 0}
        for name, hits in (("Анна Белова", 1), ("Олег Ким", 0)):
            proof = explain(workspace, job, ExplainRequest("fast", name))
            (step,) = proof.steps
            followed = [r.id for part in step.parts for r in part.records if r.success is not None]
            assert len(followed) == hits


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_a_success_in_a_year_that_no_calendar_knows_is_refused(
    tmp_path: Path, engine: EngineName
) -> None:
    """What followed is judged by working time too: a year that is not known is said, never taken
    for one without work. What the rest of its condition leaves out needs no year."""
    text = """\
calendar: {country: RU}
sources: {desk: {type: csv, tickets: tickets.csv, employees: staff.csv, works: works.csv}}
kpis:
  fast: {conversion: {from: tickets, to: works, basis: cohort, via: ticket, when: done, within: 7d, where: "working_hours(begun, done) <= 8 and state = 'решена'"}, when: asked, by: owner, min_n: 1}
"""
    tickets = "id;asked;owner\n1;2024-05-13 08:00;Анна Белова\n"
    works = "id;ticket;begun;done;state\n7;1;2014-05-13 20:00;2024-05-14 06:00;{state}\n"

    def result(state: str) -> Computed | tuple[Problem, ...]:
        out = {"tickets.csv": tickets, "works.csv": works.format(state=state), "staff.csv": STAFF}
        with open_workspace(write(tmp_path, text, out), {}) as workspace:
            assert workspace.errors == []
            try:
                return Computed(
                    computed(workspace, ComputeRequest(may(workspace), LATER, engine=engine))
                )
            except PlanRejected as error:
                return error.problems

    unknown, known = result("решена"), result("отклонена")
    assert isinstance(unknown, tuple)
    assert [(p.code, p.data["year"]) for p in unknown] == [("calendar.unknown_year", 2014)]
    assert isinstance(known, Computed)
    assert known.of("fast")["Анна Белова"] == 0
