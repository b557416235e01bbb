"""The pages that come with the first request, where every field is brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hard import seeds
from kpictl.bitrix24 import sync
from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.sync.entity_sync import EntityReading
from kpictl.bitrix24.sync.headstart import HeadStart, head_start
from kpictl.bitrix24.sync.reference import Extent
from portal import Clock, Faults, Meddler, Portal, World
from pulls import Trip, trip, truth

NOW = datetime(2024, 5, 31, tzinfo=UTC)
PLAN = """\
kpictl: 1
company: {name: X, currency: RUB, timezone: Europe/Moscow}
sources: {crm: {type: bitrix24}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: moved_at, unit: money}
"""


def everything(way: Trip) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the columns of the stored deals, and the deals."""
    with way.store() as connection:
        found = connection.execute("SELECT * FROM store.crm.deals ORDER BY _id")
        names = tuple(column[0] for column in found.description or ())
        return names, found.fetchall()


@pytest.mark.parametrize("count", [0, 1, 50, 1200, 4000])
def test_a_head_start_brings_the_same_in_fewer_requests(tmp_path: Path, count: int) -> None:
    """The store is to the letter what it is without; a small portal takes two requests."""
    stores, requests = [], []
    for head in (True, False):
        with trip(Portal(World.bulk(count), Clock()), tmp_path / str(head)) as way:
            requests.append(way.pull(all_fields=True, head=head).requests)
            stores.append(everything(way))
    assert stores[0] == stores[1]
    assert len(stores[0][1]) == count
    assert requests[0] <= requests[1]
    assert requests[0] <= 2 + -(-max(count - 1300, 0) // 2500)


def test_a_deal_that_changes_in_the_first_request_comes_right(tmp_path: Path) -> None:
    """What changes, comes and goes once the first pages have been read is read again."""
    portal = Portal(World.bulk(300), Clock())
    done: list[str] = []

    def change(_: str, params: Mapping[str, Any], of: Portal) -> None:
        if done or "*" not in str(params.get("select")):
            return
        done.append("changed")
        of.clock.sleep(40)
        of.world.change("deals", 5, OPPORTUNITY="7.25")
        of.world.delete("deals", 6)
        of.world.add("deals", TITLE="new", STAGE_ID="NEW")

    portal.after_command = change
    with trip(portal, tmp_path) as way:
        way.pull(all_fields=True, head=True)
        assert done == ["changed"]
        assert way.deals == truth(portal.world)


@pytest.mark.parametrize("seed", seeds(3, 100))
def test_faults_of_the_first_pages_cost_time_and_nothing_else(tmp_path: Path, seed: int) -> None:
    """Whichever answers fail, the store is exact."""
    portal = Portal(World.bulk(900), Clock(), faults=Faults(seed, rate=0.3), plan="standard")
    with trip(portal, tmp_path) as way:
        way.pull(("deals", "stage_history"), all_fields=True, head=True)
        assert way.deals == truth(portal.world)


@pytest.mark.parametrize("seed", seeds(2, 50))
def test_records_that_change_under_the_first_pages_come_right(tmp_path: Path, seed: int) -> None:
    """Whatever people do while all fields are read, the next pull has the truth."""
    portal = Portal(World.bulk(2700), Clock())
    with trip(portal, tmp_path) as way:
        portal.before_command = Meddler(seed, rate=0.4, at_most=120, seconds=1.0)
        way.pull(all_fields=True, head=True)
        portal.before_command = None
        portal.clock.sleep(30)
        way.pull(all_fields=True)
        assert way.deals == truth(portal.world)


def test_pages_without_a_described_field_are_not_used() -> None:
    """All fields may be fewer than those that can be asked for by name: then names are asked for."""
    head = head_start(("stage_history", "deals"), {})
    assert head is not None
    head.rows = [{"id": 1, "title": "a", "more": 1}]

    def fits(head: HeadStart, *columns: str, whole: bool = True) -> bool:
        listing = methods.item("deals", methods.DEALS)
        return head.fits(EntityReading("deals", listing, columns, whole, NOW, Extent(1, 1, 1)))

    assert fits(head, "id", "title")
    assert not fits(head, "id", "title", "UF_CRM_1")
    assert not fits(head, "id", "title", whole=False)


@pytest.mark.parametrize("options", [{}, {"only": ("deals",)}])
def test_only_a_list_that_is_read_whole_has_a_head_start(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    """The first pull with all fields asks for pages at once; later ones and others do not."""
    (tmp_path / "kpi.yaml").write_text(PLAN, "utf-8")
    with trip(portal := Portal(World.bulk(60), Clock()), tmp_path) as way:
        keys = {"BITRIX24_WEBHOOK_URL": portal.webhook}
        first: list[bool] = []
        for asked in (
            sync.PullRequest(**options, all_fields=True),
            sync.PullRequest(**options, all_fields=True),
            sync.PullRequest(**options),
        ):
            before = way.requests
            sync.pull(str(tmp_path / "kpi.yaml"), keys, asked, portal.clock)
            commands = portal.log[before].commands
            selects = [str(command.params.get("select")) for command in commands]
            first.append(any("*" in select for select in selects))
    assert first == [True, False, False]
