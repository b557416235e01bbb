"""One opened plan computes as often as it is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpictl import database, dumps, periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import open_workspace

SALES = Path(__file__).parent.parent / "examples" / "sales" / "kpi.yaml"
AS_OF = datetime(2024, 7, 1, tzinfo=UTC)


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
