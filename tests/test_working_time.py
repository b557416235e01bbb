"""Working time: counted minute by minute, looked up in a table, and by the plan's own functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy as Strategy

from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.workspace import open_workspace
from kpictl.calendar.days import DayBook, OwnDay
from kpictl.calendar.hours import FREE, Hours
from kpictl.calendar.schedule import Cycle, Schedule
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.database import Connection, connect
from kpictl.engines.sql.conditions import context, source
from kpictl.engines.sql.working import WorkTables
from kpictl.expressions import Expression, Type, parse
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.sql import compile_sql
from kpictl.measure.query import Measure, Op, Query, Slice, Tables
from kpictl.values import EngineName
from plans import LATER, Computed, write

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Kathmandu")
FIELDS = {"a": Type.DATETIME, "b": Type.DATETIME, "day": Type.DATE, "owner": Type.TEXT}
# Near the nights in which clocks change somewhere, and near 29 February and New Year.
TURNS = [
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
    datetime(2024, 4, 25, 22, tzinfo=UTC),
    datetime(2024, 2, 29, 0, tzinfo=UTC),
    datetime(2023, 12, 31, 21, tzinfo=UTC),
]


class Names:
    """The fields of the records, for the parser."""

    def find(self, name: str) -> tuple[str, Type] | None:
        return (name, FIELDS[name]) if name in FIELDS else None

    def known(self) -> Iterable[str]:
        return FIELDS


# --- random calendars ------------------------------------------------------------------------


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Draw hours of a day: none, a stretch or two, now and then over midnight."""
    count = draw(st.integers(0, 2))
    times = sorted(
        draw(st.lists(st.integers(0, 1439), min_size=count * 2, max_size=count * 2, unique=True))
    )
    found = tuple(zip(times[::2], times[1::2], strict=True))
    over = draw(st.booleans()) and len(found) == 1
    return ((found[0][1], found[0][0] + 1440),) if over else found


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule: a week with own days off and shorter, or shifts."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    breaks = draw(st.sampled_from([FREE, ((780, 840),), ((120, 150),)]))
    if draw(st.booleans()):
        days = tuple(draw(st.lists(hours(), min_size=1, max_size=4)))
        return Schedule(zone, Cycle(date(2024, 1, 3), days), breaks)
    own = {
        turn.date() + DAY * draw(st.integers(-2, 2)): draw(
            st.sampled_from(
                [OwnDay("off"), OwnDay("short"), OwnDay("work"), OwnDay("work", minutes=90)]
            )
        )
        for turn in TURNS
    }
    country = draw(st.sampled_from(["", "RU"]))
    week = tuple(draw(st.lists(hours(), min_size=7, max_size=7)))
    return Schedule(zone, week, breaks, DayBook(country, own=own))


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Draw one schedule, or a second from a day on."""
    first = draw(schedules())
    if draw(st.booleans()):
        return Timeline.of(first)
    second = draw(st.sampled_from(TURNS)).date()
    return Timeline(((date.min, first), (second, draw(schedules()))))


def moments(unit: timedelta) -> Strategy[tuple[datetime, datetime]]:
    """Draw two instants of one turn, up to four days from each other."""
    offsets = st.integers(-2 * DAY // unit, 2 * DAY // unit)
    return st.tuples(st.sampled_from(TURNS), offsets, offsets).map(
        lambda drawn: (drawn[0] + unit * drawn[1], drawn[0] + unit * drawn[2])
    )


def counted(timeline: Timeline, start: datetime, end: datetime) -> int:
    """Count minute by minute: one is worked if the clock of the schedule shows hours of its day, or
    those of the day before that go on over midnight."""
    count, minute = 0, min(start, end)
    while minute < max(start, end):
        count += any(_shows(timeline, minute, day) for day in _days(timeline, minute))
        minute += MINUTE
    return count if start <= end else -count


def _days(timeline: Timeline, minute: datetime) -> set[date]:
    zones = {own.zone for _, own in timeline.stretches}
    shown = {minute.astimezone(zone).date() for zone in zones}
    return shown | {day - DAY for day in shown}


def _shows(timeline: Timeline, minute: datetime, day: date) -> bool:
    schedule = timeline.schedule(day)
    clock = minute.astimezone(schedule.zone).replace(tzinfo=None)
    since = (clock - datetime(day.year, day.month, day.day)) // MINUTE  # noqa: DTZ001
    return any(start <= since < end for start, end in schedule.hours(day))


@settings(max_examples=40, deadline=None)
@given(timelines(), moments(MINUTE))
def test_working_time_is_what_counting_minutes_gives(
    timeline: Timeline, pair: tuple[datetime, datetime]
) -> None:
    """Whatever the calendar, the hours and the clocks: breaks, nights, nights that clocks change."""
    assert timeline.worked(*pair) == counted(timeline, *pair) * 60_000_000


# --- in SQL ----------------------------------------------------------------------------------

FUNCTIONS = (
    "working_minutes(a, b)", "working_hours(a, b)", "working_days(a, b)", "is_working(a)",
    "is_working(day)", "working_days(day, b)", "working_minutes(day, b)",
    "working_days('2024-03-30', b)", "working_days(day, day)",
)  # fmt: skip


def expression(text: str, zone: ZoneInfo) -> Expression:
    found, errors = parse(text, Names(), zone=zone)
    assert found is not None, errors
    return found


@cache
def database() -> Connection:
    return connect(ZoneInfo("UTC"))


def by_sql(
    values: list[Expression], rows: list[dict[str, Any]], work: WorkTime, zone: ZoneInfo
) -> list[list[Any]]:
    """Return what DuckDB makes of expressions over rows, expression by expression."""
    connection = database()
    columns = "f_a TIMESTAMP, f_b TIMESTAMP, f_day DATE, f_owner VARCHAR, line INTEGER"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE t ({columns})")
    for number, row in enumerate(rows):
        cells = [_utc(row[name]) for name in FIELDS]
        connection.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", [*cells, number])
    measures = tuple(
        Measure(f"k{n}", "value", "calls", Op.SUM, "a", "owner", value=value)
        for n, value in enumerate(values)
    )
    one_slice = Slice("x", periods.parse("2024-05", as_of=LATER, zone=zone), LATER, LATER)
    query = Query("calls", measures, (one_slice,), zone, {}, work={"owner": work})
    tables = WorkTables(connection).tables(query, Tables({"calls": "t"}, {"calls": FIELDS}))
    means = context(query, tables, "owner", LATER)
    asked = ", ".join(compile_sql(value.tree, means) for value in values)
    found = connection.execute(
        f"SELECT {asked} FROM {source('calls', tables)} ORDER BY line"
    ).fetchall()
    return [list(column) for column in zip(*found, strict=True)]


def _utc(value: Any) -> Any:
    """Return an instant as a database holds it."""
    is_instant = isinstance(value, datetime)
    return value.astimezone(UTC).replace(tzinfo=None) if is_instant else value


@settings(max_examples=20, deadline=None)
@given(
    timelines(),
    timelines(),
    st.lists(moments(timedelta(microseconds=1)), min_size=1, max_size=2),
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(FUNCTIONS), min_size=2, max_size=2, unique=True),
)
def test_the_table_gives_what_the_definition_gives(
    company: Timeline,
    own: Timeline,
    pairs: list[tuple[datetime, datetime]],
    key: str,
    asked: list[str],
) -> None:
    """To the microsecond, in either direction, of instants and days, whoever owns the record."""
    zone = ZoneInfo(key)
    work = WorkTime(company, {"anna": own})
    rows: list[dict[str, Any]] = [
        {"a": a, "b": b, "day": a.date(), "owner": owner}
        for a, b in pairs
        for owner in ("anna", "oleg", None)
    ]
    rows.append({"a": None, "b": TURNS[0], "day": None, "owner": "anna"})
    values = [expression(text, zone) for text in asked]
    means = Context(zone, work=work, by="owner")
    for text, value, found in zip(asked, values, by_sql(values, rows, work, zone), strict=True):
        assert found == [evaluate(value.tree, row, means) for row in rows], text


# --- in a plan -------------------------------------------------------------------------------

REQUESTS = """\
id;asked;answered;owner
37;2024-05-08 17:30;2024-05-13 09:20;Анна Белова
38;2024-04-26 17:50;2024-04-27 09:10;Анна Белова
40;2024-05-19 23:00;2024-05-19 23:05;Олег Ким
"""

PLAN = """\
calendar: {country: RU, hours: "09:00-18:00"}
sources: {desk: {type: csv, requests: requests.csv}}
kpis:
  waited: {from: requests, sum: "%s", when: answered, by: owner}
"""


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_the_vectors_of_the_method(tmp_path: Path, engine: EngineName) -> None:
    """20 minutes over a short day and two days off, 20 over a Friday and a worked Saturday, none on
    a Sunday night."""
    path = write(tmp_path, PLAN % "working_minutes(asked, answered)", {"requests.csv": REQUESTS})
    figures = {}
    for month in ("2024-04", "2024-05"):
        with open_workspace(path, {}) as workspace:
            period = periods.parse(month, as_of=LATER, zone=ZoneInfo("Europe/Moscow"))
            request = ComputeRequest(period, LATER, engine=engine)
            figures[month] = Computed(computation.compute(workspace, request)).of("waited")
    assert figures["2024-04"] == {"Анна Белова": 20, "Олег Ким": 0}
    assert figures["2024-05"] == {"Анна Белова": 20, "Олег Ким": 0}


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_what_came_in_working_time_is_known_to_the_minute(
    tmp_path: Path, engine: EngineName
) -> None:
    """From the minute at which the hours begin to that before they end, without the break, on days
    that are worked; a shift over midnight goes on in the day after."""
    came = {
        "2024-05-13 08:59": 0, "2024-05-13 09:00": 1, "2024-05-13 12:59": 1, "2024-05-13 13:00": 0,
        "2024-05-13 14:00": 1, "2024-05-13 17:59": 1, "2024-05-13 18:00": 0, "2024-05-12 12:00": 0,
        "2024-05-17 23:30": 1, "2024-05-18 01:59": 1, "2024-05-18 02:00": 0,
    }  # fmt: skip
    hours = 'hours: {mon-thu: "09:00-18:00", fri: "22:00-02:00"}, breaks: ["13:00-14:00"]'
    plan = PLAN.replace('hours: "09:00-18:00"', hours)
    rows = "".join(f"{n};{at};{at};{at}\n" for n, at in enumerate(came))
    files = {"requests.csv": "id;asked;answered;owner\n" + rows}
    path = write(tmp_path, plan % "case when is_working(asked) then 1 else 0 end", files)
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        request = ComputeRequest(may, LATER, engine=engine)
        assert Computed(computation.compute(workspace, request)).of("waited") == came
