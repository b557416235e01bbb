"""One opened plan computes as often as it is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec.structs import replace

from kpictl import database, dumps, periods
from kpictl.app.computation import ComputeRequest, compute, measure
from kpictl.app.workspace import open_workspace
from kpictl.results import called
from kpictl.scoring import scorecards, targets
from kpictl.scoring.targets import PeriodTargets, TargetBook
from plans import lines, write

SALES = Path(__file__).parent.parent / "examples" / "sales" / "kpi.yaml"
AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
PLAN = """
sources: {{s: {{type: csv, deals: {{path: d.csv, fields: {{name: name, day: {{column: day, type: date}}, amount: {{column: amount, type: number}}}}}}}}}}
kpis:
  sum: {{from: deals, sum: amount, when: day, by: name}}
  n: {{from: deals, count: rows, when: day, by: name}}
scorecards:
  s: {{kpis: {{sum: {{weight: {first}, target: {target}/month}}, n: {{weight: {second}, target: 2/month}}}}}}
"""


def is_open(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
    except duckdb.ConnectionException:
        return False
    return True


def test_a_workspace_keeps_no_records_of_what_it_has_computed(
    cold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Periods one after the other, forth and back, also where earlier records are looked for: each
    has the same numbers every time, and the database it was loaded into is gone with it."""
    opened: list[Any] = []

    def connect(zone: Any) -> Any:
        opened.append(database.connect(zone))
        return opened[-1]

    monkeypatch.setattr("kpictl.app.workspace.connect", connect)
    with open_workspace(SALES, {}) as workspace:
        zone = workspace.bound.zone
        asked = [periods.parse(text, as_of=AS_OF, zone=zone) for text in ("2024-05", "2024-07")]
        texts = []
        for period in (*asked, *asked):
            texts.append(dumps(compute(workspace, ComputeRequest(period, AS_OF))))
            assert sum(map(is_open, opened)) == 1
        assert texts[:2] == texts[2:]
        assert len(opened) > len(asked)
    assert not any(map(is_open, opened))


def test_what_was_measured_can_be_scored_by_another_plan(tmp_path: Path) -> None:
    """Weights and targets of another plan over the facts of this one give that plan's scorecards,
    and nothing is read again for it."""
    text = lines("name,day,amount", [("Ann", "2024-05-06", 30), ("Bob", "2024-05-07", 50)], ",")
    files = {"d.csv": text}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = write(tmp_path / "a", PLAN.format(first=50, second=50, target=40), files)
    other = write(tmp_path / "b", PLAN.format(first=10, second=90, target=60), files)
    with open_workspace(one, {}) as workspace, open_workspace(other, {}) as meant:
        may = periods.parse("2024-05", as_of=AS_OF, zone=workspace.bound.zone)
        measured = measure(workspace, ComputeRequest(may, AS_OF))
        bound = meant.bound.at(may)
        book = TargetBook(bound.volumes)
        written, _ = targets.from_plan(bound, measured.subjects.everybody())
        assert not list(book.add(written))
        of_this = measured.expected
        expected = PeriodTargets(book, may, bound, of_this.roll, of_this.context)
        again = replace(measured, bound=bound, expected=expected)
        rows = scorecards.card_rows(again, "s")
        (card,) = compute(meant, ComputeRequest(may, AS_OF)).scorecards
    assert called(rows, str(other), other.name) == card.rows
    assert rows != scorecards.card_rows(measured, "s")
