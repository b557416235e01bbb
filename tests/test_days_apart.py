"""What lies between two calendar days, in days, hours and minutes, alike in both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.workspace import open_workspace
from kpictl.values import EngineName
from plans import LATER, Computed, write

PLAN = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {a: {column: a, type: date}, b: {column: b, type: date}}}}}
kpis: {k: {from: o, sum: "ASKED(a, b)", when: a, by: who}}
"""
DAYS = "a,b,who\n2024-05-01,2024-05-03,Ann\n2024-05-10,2024-05-10,Ann\n2024-05-12,2024-05-11,Ben\n"


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
@pytest.mark.parametrize(("asked", "of_day"), [("days", 1), ("hours", 24), ("minutes", 1440)])
def test_between_two_days_lie_whole_days(
    tmp_path: Path, asked: str, of_day: int, engine: EngineName
) -> None:
    """Two days forward, none, and one back, whatever they are counted in."""
    path = write(tmp_path, PLAN.replace("ASKED", asked), {"o.csv": DAYS})
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        found = Computed(computed(workspace, ComputeRequest(may, LATER, engine=engine)))
    assert found.of("k") == {"Ann": 2 * of_day, "Ben": -of_day}
