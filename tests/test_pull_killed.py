"""A pull that is killed at any moment goes on, and ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hard import seeds
from portal import Portal, World
from pulls import trip, truth

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

# One process, into which everything is loaded, forks a child for every pull; the child kills itself
# at a given call of the database: before a statement, between two, before or after a commit.
SCRIPT = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from kpictl.bitrix24.sync import conductor, order, scope
from kpictl.bitrix24.sync.conductor import Pull
from kpictl.bitrix24.sync.order import Need, Order
from kpictl.bitrix24.rest.access import Webhook
from kpictl.bitrix24.rest.client import Client
from kpictl.bitrix24.rest.transport import Wire
from kpictl.store import Work
from portal import Clock
import duckdb

class Doomed:
    def __init__(self, connection, left):
        self.connection, self.left, self.calls = connection, left, 0
    def __getattr__(self, name):
        method = getattr(self.connection, name)
        if name not in ("execute", "begin", "commit"):
            return method
        def call(*given):
            self.calls += 1
            if self.calls == self.left:
                os.kill(os.getpid(), signal.SIGKILL)
            return method(*given)
        return call

def pull(webhook, folder, at):
    clock = Clock(start=float(sys.argv[2]))
    wire = Wire(Webhook(webhook))
    client = Client(wire, clock=clock)
    work = Work(Path(folder), "crm")
    doomed = work.connection = Doomed(work.connection, at)
    fields = frozenset({"title", "opportunity", "stageId", "updatedTime"})
    wanted = {"deals": Need(fields), "stage_history": Need(frozenset())}
    asked = Order("crm", tuple(wanted), sweep=True)
    Pull(asked, tuple(wanted), client, clock, lambda: work, lambda: wanted).run()
    work.close()
    return doomed.calls

for line in sys.stdin:
    webhook, folder, at = json.loads(line)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            os.write(writer, str(pull(webhook, folder, at)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    said = os.read(reader, 100).decode()
    os.close(reader)
    os.waitpid(child, 0)
    print(said or "killed", flush=True)
"""


class Forge:
    """The process that forks the pulls."""

    def __init__(self, clock: float) -> None:
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(clock)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def pull(self, webhook: str, folder: Path, at: int = 0) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([webhook, str(folder), at]) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.communicate()


PARTS = 3


def points(calls: int, part: int, parts: int) -> Sequence[int]:
    """Return a third of 24 moments that are spread over a pull; in the suite, of three."""
    last = len(seeds(3, 24)) - 1
    every = [1 + round(i * (calls - 1) / last) for i in range(last + 1)]
    return every[part::parts]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("later", [False, True], ids=["first", "later"])
def test_a_killed_pull_goes_on_and_ends_the_same(tmp_path: Path, *, later: bool, part: int) -> None:
    """48 moments (`make hard`): whatever call of the database is the last one, the next pull brings the store
    to what the portal holds."""
    portal = Portal(World.sample(4, deals=120))
    forge = Forge(portal.clock.now())
    with trip(portal, tmp_path / "measured") as way:
        try:
            if later:
                assert forge.pull(portal.webhook, way.folder).isdigit()
                ids = list(portal.world["deals"].ids)
                for number in ids[5:40]:
                    portal.world.change("deals", number, OPPORTUNITY="7.50")
                portal.world.delete("deals", ids[50])
            start = tmp_path / "start"
            _copy(way.folder, start)
            calls = int(forge.pull(portal.webhook, way.folder))
            history = set(way.rows("stage_history"))
            for at in points(calls, part, PARTS):
                way.folder = tmp_path / f"at{at}" / ".kpictl"
                _copy(start, way.folder)
                assert forge.pull(portal.webhook, way.folder, at) == "killed"
                assert forge.pull(portal.webhook, way.folder).isdigit()
                assert way.deals == truth(portal.world), f"killed at call {at} of {calls}"
                assert set(way.rows("stage_history")) == history
        finally:
            forge.close()


def _copy(of: Path, to: Path) -> None:
    import shutil

    if of.exists():
        shutil.copytree(of, to)


def test_what_is_read_meanwhile_is_the_state_before(tmp_path: Path) -> None:
    """After a kill in the middle, the store still holds the last complete state."""
    portal = Portal(World.sample(4, deals=120))
    forge = Forge(portal.clock.now())
    with trip(portal, tmp_path) as way:
        try:
            calls = int(forge.pull(portal.webhook, way.folder))
            before = way.deals
            portal.world.change("deals", portal.world["deals"].ids[3], OPPORTUNITY="7.50")
            assert forge.pull(portal.webhook, way.folder, calls // 2) == "killed"
            assert way.deals == before
        finally:
            forge.close()
