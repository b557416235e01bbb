"""The changes since a pull began come with the last pages of its lists, and with no earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender, Closing, Task
from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import Row, Walk
from kpictl.bitrix24.rest.responses import Answer, Fault, Retry
from kpictl.bitrix24.sync.entity_sync import EntityReading
from kpictl.bitrix24.sync.reference import Extent, ServerClock
from portal import Clock, Portal, World
from pulls import trip, truth
from test_portal_walks import Deals

DEALS = methods.item("deals", 2)
NOW = datetime(2024, 5, 31, tzinfo=UTC)


class Read:
    """A list that is read with what closes it; `brought` is what came, in order."""

    def __init__(self, portal: Deals, extent: Extent) -> None:
        self.brought: list[tuple[str, list[int]]] = []
        self.asked = 0
        self.clock = ServerClock(Clock())
        self.portal = portal
        self.reading = EntityReading("deals", DEALS, ("id",), True, NOW, extent)
        self.closing = Closing(self._changes)

    def _bring(self, walk: Walk, rows: Sequence[Row]) -> None:
        self.brought.append((walk.state.kind, [row["id"] for row in rows]))

    def _changes(self) -> Sequence[Task]:
        self.asked += 1
        changes = EntityReading("deals", DEALS, ("id",), False, NOW, Extent(), last_id=10_000)
        return changes.changes(self._bring, self.clock)[1:]

    def run(self) -> list[int]:
        walks = self.reading.all(self._bring, self.clock)
        assert BatchSender(self.portal, Clock()).run(walks, self.closing) == []
        return [i for kind, ids in self.brought for i in ids if kind == "all"]


def test_what_closes_a_list_comes_in_its_last_request() -> None:
    """Where the pages and the changes have room in one request, one is made."""
    ids = list(range(1, 2001))
    read = Read(portal := Deals(ids), Extent(2000, 1, 2000))
    assert read.run() == ids
    assert (portal.requests, read.asked, read.brought[-1]) == (1, 1, ("new", []))


def test_changes_from_before_the_end_of_a_list_are_asked_again() -> None:
    """A list that is longer than the portal has said is read to its end first; what came with the
    batch that was thought to be the last is thrown away."""
    ids = list(range(1, 4001))
    read = Read(portal := Deals(ids), Extent(500, 1, 4000))
    assert read.run() == ids
    assert [kind for kind, _ in read.brought].count("new") == 1
    assert read.brought[-1][0] == "new"
    assert read.asked > 1
    assert portal.requests <= 3


def test_a_page_that_fails_throws_the_changes_away() -> None:
    """A fault in one of the last pages leaves records to be read: the changes are asked anew."""
    ids = list(range(1, 501))

    def spoil(number: int, command: Command, answer: Answer) -> Answer | Fault:
        first = portal.requests == 1 and number == 7
        return Fault("timeout", command.label, Retry.SOON) if first else answer

    read = Read(portal := Deals(ids, spoil), Extent(500, 1, 500))
    assert read.run() == ids
    assert [kind for kind, _ in read.brought] == ["all", "all", "new"]
    assert read.asked == 2


def test_a_full_last_batch_leaves_the_changes_to_the_next() -> None:
    """Nothing is left out of a batch for the sake of what closes it."""
    ids = list(range(1, 2501))
    read = Read(portal := Deals(ids), Extent(2500, 1, 2500))
    assert read.run() == ids
    assert (portal.sizes, read.closing.tasks) == ([50], ())


@pytest.mark.parametrize("before", [True, False])
def test_a_deal_that_changes_in_the_last_request_is_not_missed(
    tmp_path: Path, *, before: bool
) -> None:
    """What changes after its page was read comes with the changes, and where those have been read
    already, with the next pull; nothing is there twice."""
    portal = Portal(World.bulk(120), Clock())
    world = portal.world
    done: list[str] = []

    def change(method: str, params: Mapping[str, Any], _: Portal) -> None:
        filters = params.get("filter")
        asked = filters if isinstance(filters, dict) else {}
        if method == "crm.item.list" and asked.get(">id") not in (None, "0", 0) and not done:
            done.append("page")
        changes, counts = ">=updatedTime" in asked, params.get("start") == "0"
        if done == ["page"] and (changes if before else counts):
            done.append("changed")
            portal.clock.sleep(1)
            world.change("deals", 5, OPPORTUNITY="7.25")
            world.add("deals", TITLE="new", STAGE_ID="NEW")

    with trip(portal, tmp_path) as way:
        portal.before_command = change
        way.pull()
        assert done == ["page", "changed"]
        portal.before_command = None
        if not before:
            portal.clock.sleep(60)
            way.pull()
        assert way.deals == truth(world)
