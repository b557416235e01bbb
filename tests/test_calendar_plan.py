"""The section `calendar` of a plan: files of days, hours, schedules, years that nobody knows; and
what is unanswered."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.cli import check
from kpictl.values import EngineName, State
from plans import LATER, Computed, compute, refused, write

MOSCOW = ZoneInfo("Europe/Moscow")
PLAN = """\
calendar: {calendar}
sources: {{desk: {{type: csv, requests: requests.csv, employees: staff.csv}}}}
kpis:
  waited: {{from: requests, {kpi}, when: asked, by: owner}}
"""
STAFF = "имя;отдел\nАнна Белова;Москва\nОлег Ким;Ночь\n"
ENGINES = pytest.mark.parametrize("engine", ["duckdb", "plain"])


def plan(
    calendar: str = "{country: RU}", kpi: str = 'sum: "working_hours(asked, answered)"'
) -> str:
    return PLAN.format(calendar=calendar, kpi=kpi)


def requests(*rows: str) -> dict[str, str | bytes]:
    return {"requests.csv": "\n".join(["id;asked;answered;owner", *rows, ""]), "staff.csv": STAFF}


# From Thursday 2 May 2024 to Monday the 6th: two working days, 18 hours.
LONG = requests("1;2024-05-02 00:00;2024-05-06 00:00;Анна Белова")


@pytest.mark.parametrize(
    ("calendar", "hours"),
    [
        ("{country: RU}", 18),
        ('{country: RU, hours: "10:00-14:00"}', 8),
        ('{country: RU, breaks: ["13:00-14:00"]}', 16),
        ('{country: RU, hours: {mon-thu: "09:00-18:00", fri: "09:00-16:45"}}', Decimal("16.75")),
        ('{country: RU, hours: {пн-чт: "09:00-18:00", пт, сб: "09:00-12:00"}}', None),
        ('{country: RU, hours: {mon-fri: "09:00-18:00", sat: "10:00-15:00"}}', 23),
        ("{country: KZ}", 27),  # Saturday the 4th was worked for the 8th
        ("{}", 18),
        ('{cycle: {from: 2024-05-02, days: ["20:00-08:00", off]}}', 24),
        ("{zone: Asia/Vladivostok, country: RU}", 18),
    ],
)  # fmt: skip
def test_hours_are_those_that_the_plan_says(
    tmp_path: Path, calendar: str, hours: Decimal | None
) -> None:
    """By day of the week, without breaks, in shifts over midnight, on Saturdays, on another clock."""
    if hours is None:
        assert {p.code for p in refused(tmp_path, plan(calendar), LONG)} == {"plan.hours"}
    else:
        assert compute(tmp_path, plan(calendar), LONG).of("waited")["Анна Белова"] == hours


def test_a_schedule_is_that_of_the_owner(tmp_path: Path) -> None:
    """A department works by night, on a holiday too; what its schedule does not say is the company's."""
    calendar = (
        "{country: RU, schedules: {night: {who: \"department = 'Ночь'\", "
        'cycle: {from: 2024-05-08, days: ["20:00-08:00", off]}}}}'
    )
    files = requests(
        "1;2024-05-08 12:00;2024-05-13 12:00;Анна Белова",
        "2;2024-05-08 12:00;2024-05-13 12:00;Олег Ким",
    )
    found = compute(tmp_path, plan(calendar), files).of("waited")
    assert found == {"Анна Белова": 8, "Олег Ким": 36}


# --- files of days ---------------------------------------------------------------------------

DAYS = """\
Дата;Вид;Часы
02.05.2024;выходной;
03.05.2024;;09:00-12:00
2024-05-04..2024-05-05;рабочий;
"""


def test_a_table_of_days_overrules_the_country(tmp_path: Path) -> None:
    """A day off, three hours on Friday, and a weekend that is worked as a Monday."""
    files = {**LONG, "days.csv": DAYS}
    found = compute(tmp_path, plan("{country: RU, file: days.csv}"), files)
    assert found.of("waited")["Анна Белова"] == 3 + 9 + 9


XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<calendar year="2024" lang="ru" date="2023.01.01">
  <holidays><holiday id="1" title="Новый год"/></holidays>
  <days>
    <day d="01.01" t="1" h="1"/> <day d="05.02" t="1" f="05.04"/>
    <day d="05.03" t="2"/> <day d="05.04" t="3"/>
  </days>
</calendar>
"""


@pytest.mark.parametrize("country", ["country: RU, ", ""])
def test_a_production_calendar_as_xml_is_a_whole_year(tmp_path: Path, country: str) -> None:
    """Thursday is off, Friday an hour shorter, and Saturday is worked by Thursday's hours."""
    calendar = f'{{{country}file: ru-2024.xml, hours: {{mon-fri: "09:00-18:00"}}}}'
    found = compute(tmp_path, plan(calendar), {**LONG, "ru-2024.xml": XML})
    assert found.of("waited")["Анна Белова"] == 8 + 9


def test_a_year_to_come_is_known_when_a_file_has_it_in_full(tmp_path: Path) -> None:
    """Days of 2028 alone say nothing of the others, until the plan says that they are all."""
    files = requests("1;2028-05-01 00:00;2028-05-06 00:00;Анна Белова")
    files["days.csv"] = "date,kind\n2028-05-01,off\n"
    calendar = "{country: RU, file: days.csv%s}"
    as_of = datetime(2028, 7, 1, tzinfo=UTC)
    (problem,) = refused(tmp_path, plan(calendar % ""), files, period="2028-05", as_of=as_of)
    assert (problem.code, problem.data["year"]) == ("calendar.unknown_year", 2028)
    known = compute(
        tmp_path, plan(calendar % ", years: [2028]"), files, period="2028-05", as_of=as_of
    )
    assert known.of("waited")["Анна Белова"] == 4 * 9


@pytest.mark.parametrize(
    ("name", "text", "code", "place"),
    [
        ("days.csv", "date,kind\n2024-13-01,off\n", "calendar.bad_day", "days.csv:2:1"),
        ("days.csv", "date,kind\n2024,off\n", "calendar.bad_day", "days.csv:2:1"),
        ("days.csv", "date,kind\n2024-05-01,hoilday\n", "calendar.bad_kind", "days.csv:2:2"),
        ("days.csv", "date,kind\n2024-05-01,\n", "calendar.no_kind", "days.csv:2:2"),
        ("days.csv", "date,hours\n2024-05-01,9-15\n", "calendar.bad_hours", "days.csv:2:2"),
        ("days.csv", "date,kind,hours\n2024-05-01,off,5\n", "calendar.kind_and_hours", "days.csv:2:3"),
        ("days.csv", "date,kind\n2024-05-01,off\n2024-05-01,work\n", "calendar.day_twice", "days.csv:3:1"),
        ("days.csv", "date,note\n2024-05-01,off\n", "source.no_column", "days.csv:1"),
        ("c.xml", "<calendar", "calendar.xml_syntax", "c.xml"),
        ("c.xml", "<calendar/>", "calendar.xml_year", "c.xml"),
        ("c.xml", '<calendar year="2024"/>', "calendar.xml_empty", "c.xml"),
        ("c.xml", '<calendar year="2024"><day d="02.30" t="1"/></calendar>', "calendar.xml_day", "c.xml"),
        ("c.xml", '<calendar year="2024"><day d="02.03" t="9"/></calendar>', "calendar.xml_day", "c.xml"),
        ("c.xml", '<!DOCTYPE x [<!ENTITY a "b">]><calendar/>', "calendar.xml_entities", "c.xml"),
        ("none.csv", None, "table.missing", "kpi.yaml:3"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_of_days_is_said_at_its_cell(
    tmp_path: Path, name: str, text: str | None, code: str, place: str
) -> None:
    """No such day or kind, hours of a day off, a day twice, no calendar, a file that is not there."""
    files = {**LONG, **({} if text is None else {name: text})}
    (problem,) = refused(tmp_path, plan(f"{{country: RU, file: {name}}}"), files)
    assert problem.code == code
    assert str(problem.place).replace(f"{tmp_path}/", "").startswith(place)


@pytest.mark.parametrize(
    ("calendar", "code"),
    [
        ('{hours: "9-18"}', "plan.hours"),
        ('{hours: {mon-sut: "09:00-18:00"}}', "plan.weekday"),
        ('{hours: {mon-wed: "09:00-18:00", tue: "10:00-18:00"}}', "plan.weekday_twice"),
        ('{breaks: ["13:00"]}', "plan.hours"),
        ("{country: RF}", "plan.country"),
        ("{cycle: {from: 2024-02-30, days: [off]}}", "plan.day"),
        ('{hours: "09:00-18:00", cycle: {from: 2024-02-03, days: [off]}}', "plan.hours_and_cycle"),
        ("{decree_days: free}", "plan.choice"),
        ("{zone: Moscow}", "plan.zone"),
        ("{contry: RU}", "plan.unknown_key"),
        ('{schedules: {night: {hours: "20:00-08:00"}}}', "plan.missing_key"),
        ("{schedules: {night: {who: departmnt = 'Ночь'}}}", "bind.unknown_who"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(tmp_path: Path, calendar: str, code: str) -> None:
    """Each mistake in the plan is one message with its next step."""
    assert code in {p.code for p in refused(tmp_path, plan(calendar), LONG)}


# --- years that nobody knows -----------------------------------------------------------------


@ENGINES
def test_only_records_that_may_count_need_their_year(tmp_path: Path, engine: EngineName) -> None:
    """A record of another period, or one that a plain condition leaves out, asks for no year."""
    kpi = 'where: "id <> \'2\'", sum: "working_hours(asked, answered)"'
    files = requests(
        "1;2024-05-02 00:00;2024-05-06 00:00;Анна Белова",
        "2;2024-05-02 00:00;2031-05-06 00:00;Анна Белова",
        "3;2030-05-02 00:00;2031-05-06 00:00;Анна Белова",
    )
    assert _computed(write(tmp_path, plan(kpi=kpi), files), engine)["Анна Белова"] == 18


def test_a_year_is_refused_that_lies_between(tmp_path: Path) -> None:
    """Working days from 2014 to 2024 need 2014, which the calendar does not have for certain."""
    files = requests("1;2024-05-02 00:00;2014-05-06 00:00;Анна Белова")
    (problem,) = refused(tmp_path, plan(), files)
    assert (problem.code, problem.data["year"]) == ("calendar.unknown_year", 2014)
    assert problem.data["known"] == "2015–2027"


def test_check_warns_before_a_year_begins_that_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as today is beyond the calendar `check` says so, whatever the records."""
    path = write(tmp_path, plan(), LONG)
    for year, expected in ((2027, []), (2028, [("calendar.unknown_year", "warning", 3)])):
        today = datetime(year, 5, 1, tzinfo=UTC)
        monkeypatch.setattr(check, "chosen_as_of", lambda _text, _zone, today=today: today)
        with open_workspace(path, {}) as workspace:
            found = check.calendar_today(workspace)
        assert [(p.code, p.level, p.place.line) for p in found if p.place] == expected


def test_a_formula_may_count_working_days(tmp_path: Path) -> None:
    """Between written days they are a number: 20 of May 2024."""
    text = plan() + "  a_day: {formula: \"waited / working_days('2024-05-01', '2024-06-01')\"}\n"
    found = compute(tmp_path, text, LONG)
    assert found.of("a_day")["Анна Белова"] == Decimal("0.9")


# --- what is unanswered ----------------------------------------------------------------------

WAITING = requests(
    "1;2024-05-06 09:00;2024-05-06 10:00;Анна Белова",
    "2;2024-05-06 09:00;;Анна Белова",
    "3;2024-05-06 09:00;2024-05-08 12:00;Анна Белова",
    "4;2024-05-06 09:00;2024-05-06 12:00;Олег Ким",
)
AS_OF = datetime(2024, 5, 7, 15, tzinfo=MOSCOW)  # 15 working hours after they were asked


def _computed(path: Path, engine: EngineName, as_of: datetime = LATER) -> dict[str, Decimal | str]:
    with open_workspace(path, {}) as workspace:
        period = periods.parse("2024-05", as_of=as_of, zone=MOSCOW)
        request = ComputeRequest(period, as_of, engine=engine)
        return Computed(computation.compute(workspace, request)).of("waited")


@ENGINES
@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ('sum: "working_hours(asked, answered)"', 1 + 15 + 15),
        ('median: "working_hours(asked, answered)"', 15),
        ('max: "hours(asked, answered)"', 30),
        ('sum: "working_days(asked, answered)"', 2),
        ('share: "working_hours(asked, answered) <= 2"', Decimal("33.3333333333")),
        ('count: rows, where: "working_hours(asked, answered) > 2"', 2),
        ("sum: \"case when id = '2' then 0 else working_hours(asked, answered) end\"", 16),
    ],
)
def test_what_is_unanswered_counts_with_the_time_until_now(
    tmp_path: Path, engine: EngineName, kpi: str, value: Decimal
) -> None:
    """An answer that is missing, or came only later, is one that is waited for until the moment of
    the report."""
    path = write(tmp_path, plan(kpi=f"{kpi}, open: elapsed"), WAITING)
    assert _computed(path, engine, AS_OF)["Анна Белова"] == value


def test_unanswered_records_are_counted_and_marked(tmp_path: Path) -> None:
    """The results say how many of them there are, and explain which."""
    kpi = 'median: "working_hours(asked, answered)", open: elapsed'
    path = write(tmp_path, plan(kpi=kpi), WAITING)
    with open_workspace(path, {}) as workspace:
        request = ComputeRequest(periods.parse("2024-05", as_of=AS_OF, zone=MOSCOW), AS_OF)
        results = computation.compute(workspace, request)
        proof = explain(workspace, request, ExplainRequest("waited", "Анна Белова"))
    (note,) = [p for p in results.warnings if p.code == "compute.open"]
    assert (note.data["count"], note.data["n"]) == (2, 4)
    assert Computed(results).score("Анна Белова", "waited").fact.open == 2
    assert Computed(results).score("Олег Ким", "waited").fact.open == 0
    (step,) = proof.steps
    assert {r.id: r.open for r in step.parts[0].records} == {"1": False, "2": True, "3": True}


CALLED = """\
id;asked;answered;called;owner
1;2024-05-06 09:00;2024-05-06 10:00;;Анна Белова
2;2024-05-06 09:00;;2024-05-06 09:30;Анна Белова
3;2024-05-06 09:00;2024-05-08 12:00;2024-05-06 18:00;Анна Белова
"""


@ENGINES
@pytest.mark.parametrize(
    ("kpi", "n", "waiting"),
    [
        ('share: "working_hours(asked, answered) <= 2"', 3, 2),
        ('count: rows, where: "working_hours(asked, answered) > 2"', 2, 2),
        ('sum: "working_hours(asked, answered)", where: "hours(asked, called) > 5"', 2, 2),
    ],
)
def test_as_many_are_unanswered_as_wait_for_anything(
    tmp_path: Path, engine: EngineName, kpi: str, n: int, waiting: int
) -> None:
    """Whatever is counted: of a share all its records, not its hits; with a duration in the value
    and one in the condition, those that wait for either, once each."""
    files = {"requests.csv": CALLED, "staff.csv": STAFF}
    path = write(tmp_path, plan(kpi=f"{kpi}, open: elapsed"), files)
    with open_workspace(path, {}) as workspace:
        period = periods.parse("2024-05", as_of=AS_OF, zone=MOSCOW)
        request = ComputeRequest(period, AS_OF, engine=engine)
        fact = Computed(computation.compute(workspace, request)).score("Анна Белова", "waited").fact
    assert (fact.n, fact.open) == (n, waiting)


def test_without_the_key_what_is_unanswered_has_no_value(tmp_path: Path) -> None:
    """A duration without an end is none, and the record is left out with a reason."""
    found = compute(tmp_path, plan(kpi='average: "hours(asked, answered)"'), WAITING)
    assert found.left_out("waited")["no_value"].count == 1
    assert found.score("Анна Белова", "waited").fact.state is State.MEASURED


def test_there_must_be_something_to_wait_for(tmp_path: Path) -> None:
    """`open` without a duration up to a date of the records is a mistake."""
    kpi = "count: rows, open: elapsed"
    assert [p.code for p in refused(tmp_path, plan(kpi=kpi), WAITING)] == ["kind.open"]


def test_a_success_of_nobody_is_judged_by_the_hours_of_the_company(tmp_path: Path) -> None:
    """Linked records without an owner were worked on in the company's time: 8 hours of a day, not
    the 23 on the clock."""
    text = """\
calendar: {country: RU, hours: "09:00-17:00"}
sources: {desk: {type: csv, requests: requests.csv, works: works.csv, employees: staff.csv}}
kpis:
  waited: {conversion: {from: requests, to: works, basis: cohort, via: request, when: done, within: 7d, where: "working_hours(begun, done) <= 8"}, when: asked, by: owner}
"""
    works = "id;request;begun;done\n7;1;2024-05-13 09:00;2024-05-14 08:00\n"
    works += "8;2;2024-05-13 09:00;2024-05-14 09:30\n"
    asked = "id;asked;owner\n1;2024-05-13 08:00;Анна Белова\n2;2024-05-13 08:00;Олег Ким\n"
    path = write(tmp_path, text, {"requests.csv": asked, "works.csv": works, "staff.csv": STAFF})
    for engine in ("duckdb", "plain"):
        assert _computed(path, engine) == {"Анна Белова": 100, "Олег Ким": 0}
