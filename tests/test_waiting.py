"""What is unanswered: durations that last until the moment of the report, by days and by instants."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.workspace import open_workspace
from kpictl.values import EngineName, Fact
from plans import Computed, write

ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
PLAN = """\
calendar: {country: RU, hours: "09:00-18:00"}
sources:
  s:
    type: csv
    o: {path: o.csv, fields: {asked: {column: asked, type: ASKED}, answered: {column: answered, type: ANSWERED}, called: {column: called, type: ANSWERED}}}
kpis: {waited: {from: o, KPI, open: elapsed, when: asked, by: who}}
"""
NOON = datetime(2024, 5, 20, 9, tzinfo=UTC)
"""Noon of a Monday in Moscow."""


def waited(
    folder: Path, engine: EngineName, kpi: str, rows: str, kinds: tuple[str, str], as_of: datetime
) -> Fact:
    """Compute May of somebody's requests; a line is when one was asked, answered and called."""
    lines = "".join(f"{row},Ann\n" for row in rows.split())
    plan = PLAN.replace("KPI", kpi).replace("ASKED", kinds[0]).replace("ANSWERED", kinds[1])
    path = write(folder, plan, {"o.csv": "asked,answered,called,who\n" + lines})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=as_of, zone=workspace.bound.zone)
        found = Computed(computed(workspace, ComputeRequest(may, as_of, engine=engine)))
    return found.score("Ann", "waited").fact


DAYS, MOMENTS, MIXED = ("date", "date"), ("datetime", "datetime"), ("datetime", "date")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kinds", "of", "rows", "value", "waiting"),
    [
        # between two days the day of the report is now
        (DAYS, "days", "2024-05-17,,", 3, 1),
        (DAYS, "hours", "2024-05-17,,", 72, 1),
        (DAYS, "working_days", "2024-05-17,,", 1, 1),
        # answered today is answered; tomorrow nobody has answered yet
        (DAYS, "days", "2024-05-17,2024-05-20,", 3, 0),
        (DAYS, "days", "2024-05-17,2024-05-21,", 3, 1),
        (DAYS, "days", "2024-05-17,2024-05-18,", 1, 0),
        # an instant waits until the very moment, whatever its answer is dated by
        (MOMENTS, "hours", "2024-05-20T09:00,,", 3, 1),
        (MOMENTS, "hours", "2024-05-20T09:00,2024-05-20T11:00,", 2, 0),
        (MOMENTS, "hours", "2024-05-20T09:00,2024-05-20T12:00,", 3, 1),
        (MIXED, "hours", "2024-05-20T09:00,,", 3, 1),
        (MIXED, "hours", "2024-05-19T09:00,2024-05-20,", 15, 0),
        (MIXED, "working_hours", "2024-05-20T09:00,,", 3, 1),
        (MIXED, "working_days", "2024-05-17T09:00,,", 1, 1),
        (MIXED, "working_days", "2024-05-17T09:00,2024-05-18,", 1, 0),
    ],
)
def test_what_is_unanswered_lasts_until_now(
    tmp_path: Path, engine: EngineName, kinds: tuple[str, str], of: str, rows: str, value: int, waiting: int
) -> None:  # fmt: skip
    """Now is the moment of the report, or its day where days are counted; as many are said to wait
    as have no answer by then."""
    fact = waited(tmp_path, engine, f'sum: "{of}(asked, answered)"', rows, kinds, NOON)
    assert (fact.value, fact.open) == (Decimal(value), waiting)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_day_of_the_report_is_that_of_the_company(tmp_path: Path, engine: EngineName) -> None:
    """At half past midnight in Moscow a new day has begun, though not in Greenwich."""
    at_night = datetime(2024, 5, 20, 21, 30, tzinfo=UTC)
    fact = waited(tmp_path, engine, 'sum: "days(asked, answered)"', "2024-05-17,,", DAYS, at_night)
    assert (fact.value, fact.open) == (Decimal(4), 1)


REQUESTS = "2024-05-17,, 2024-05-16,2024-05-18, 2024-05-15,,2024-05-16"
"""Unanswered and not called; answered; called and not answered."""
CASES = (
    "case when called is null then days(asked, called)"
    " when asked < '2024-05-16' then 100 * days(asked, answered) end"
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kpi", "value", "n", "waiting"),
    [
        ("days(asked, answered) + 0 * days(asked, called)", 10, 3, 3),
        # a day that the plan writes is no answer that may be lacking
        ("days(asked, answered) + 100 * days(asked, '2024-05-25')", 2710, 3, 2),
        # only the branch that is taken
        ("case when asked = '2024-05-17' then 1 else days(asked, answered) end", 8, 3, 1),
        ("case when asked = '2024-05-17' then days(asked, answered) else 0 end", 3, 3, 1),
        ("case when asked > '2024-05-15' then days(asked, answered) end", 5, 2, 1),
        (CASES, 507, 3, 3),
    ],
)
def test_a_record_waits_where_its_number_stands_on_now(
    tmp_path: Path, engine: EngineName, kpi: str, value: int, n: int, waiting: int
) -> None:
    """Of several durations any, of branches the one that is taken."""
    fact = waited(tmp_path, engine, f'sum: "{kpi}"', REQUESTS, DAYS, NOON)
    assert (fact.value, fact.n, fact.open) == (Decimal(value), n, waiting)
