"""How soon a pull asks the portal: nothing that can wait is done before the first request."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpictl.app import workspace
from kpictl.bitrix24 import sync
from kpictl.plan.load import LoadedPlan, load
from portal import Clock, Portal, World
from pulls import trip

PLAN = """\
kpictl: 1
company: {name: X, currency: RUB, timezone: Europe/Moscow}
sources: {crm: {type: bitrix24}}
kpis:
  revenue: {from: deals, sum: amount, where: "won and amount > 5", when: moved_at, unit: money}
"""
ASKING = """\
import os, sys
from kpictl.bitrix24.rest.transport import Wire

def send(self, method, params, at=None):
    heavy = {"duckdb", "numpy", "pandas", "sqlglot", "kpictl.app.computation", "kpictl.app.workspace"}
    print(method, sorted(heavy & sys.modules.keys()), flush=True)
    os._exit(0)

Wire.send = send
sys.argv = ["kpictl", "pull", "-q"]
from kpictl.cli import main
main()
"""


def test_the_first_request_leaves_before_the_database_is_loaded(tmp_path: Path) -> None:
    """What writes down and what binds the plan is loaded while the portal works, not before."""
    (tmp_path / "kpi.yaml").write_text(PLAN, "utf-8")
    # Loading what is heavy must not begin before the request is on its way: the thread that sends
    # stops the process here, so nothing that is loaded at the same time is seen.
    script = ASKING.replace("from kpictl.cli", "import kpictl.bitrix24.sync\nkpictl.bitrix24.sync._HEAVY = ()\n"
                            "import kpictl.bitrix24.sync.conductor as c\n"
                            "c.Pull.work = property(lambda self: None)\nfrom kpictl.cli")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "BITRIX24_WEBHOOK_URL": "http://127.0.0.1:9/rest/1/abcdefgh12345678/"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "batch []", done.stderr


def test_a_plan_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first request to the binding of its KPIs, a pull goes by one reading of the plan."""
    (tmp_path / "kpi.yaml").write_text(PLAN, "utf-8")
    read: list[str] = []

    def counted(path: str, environment: dict[str, str]) -> LoadedPlan:
        read.append(str(path))
        return load(path, environment)

    monkeypatch.setattr(sync, "load", counted)
    monkeypatch.setattr(workspace, "load", counted)
    with trip(Portal(World.bulk(60), Clock()), tmp_path) as way:
        keys = {"BITRIX24_WEBHOOK_URL": way.portal.webhook}
        plan = str(tmp_path / "kpi.yaml")
        (outcome,) = sync.pull(plan, keys, sync.PullRequest(), way.portal.clock)
    assert outcome.changes["deals"]["read"] == 60
    assert len(read) == 1
