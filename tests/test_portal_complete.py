"""What a pull brings is all there is, and says so where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpictl.pull.conductor import Pull
from kpictl.pull.order import Need, Order, Outcome
from kpictl.sources.bitrix24.access import Webhook
from kpictl.sources.bitrix24.client import Client
from kpictl.sources.bitrix24.wire import Wire
from kpictl.store import Work
from portal import Portal, World
from pulls import trip

# --- the moment up to which changes are known ------------------------------------------------


@dataclass
class Sluggish:
    """The clock of a machine that is so busy that minutes pass between two looks at it."""

    portal: Portal
    passed: float = 0.0

    def now(self) -> float:
        self.passed += 150.0
        return self.portal.clock.now() + self.passed

    def sleep(self, seconds: float) -> None:
        self.portal.clock.sleep(seconds)


def pulled_by(clock: Sluggish, folder: Path, webhook: str) -> Outcome:
    wire = Wire(Webhook(webhook))
    needs = {"deals": Need(frozenset({"title"}))}
    work = Work(folder, "crm")
    try:
        client = Client(wire, clock=clock, jitter=lambda: 0.5)
        asked = Order("crm", ("deals",))
        return Pull(asked, ("deals",), client, clock, work, lambda: needs).run()
    finally:
        work.close()
        wire.close()


def test_how_busy_this_machine_is_shows_nowhere(tmp_path: Path) -> None:
    """Marks, rounds and requests follow the portal's clock alone: a slow reader gets what a quick
    one gets, and claims no moment that the portal has not told."""
    portal = Portal(World.sample(3, deals=60))
    with trip(portal, tmp_path / "quick") as quick:
        expected = quick.pull()
        slow = pulled_by(Sluggish(portal), tmp_path / "slow", portal.webhook)
    assert expected.complete_to is not None
    assert slow.complete_to == expected.complete_to
    assert slow.complete_to.timestamp() == portal.clock.now()
    assert slow.requests == expected.requests
