"""The fifteen traps of the portal's REST API, each sprung on purpose and walked around."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kpictl
from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.sync import Outcome, PullRequest, pull
from kpictl.errors import SourceError
from portal import Caller, Portal, World
from pulls import trip, truth

MAY = datetime(2024, 5, 10, 12, tzinfo=UTC)
APRIL = datetime(2024, 4, 10, 12, tzinfo=UTC)
PLAN = """
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: bitrix24}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won_deals: {from: deals, count: rows, where: won, when: closed_at}
"""


@contextmanager
def plan(portal: Portal, folder: Path, text: str = PLAN) -> Iterator[Path]:
    """Give a plan of a portal that is served, pulled with `pulled`."""
    path = folder / "kpi.yaml"
    path.write_text(text, "utf-8")
    with portal.serve():
        yield path


def pulled(portal: Portal, path: Path, **asked: Any) -> Outcome:
    environment = {"BITRIX24_WEBHOOK_URL": portal.webhook}
    (outcome,) = pull(str(path), environment, PullRequest(**asked), portal.clock)
    return outcome


def total(path: Path, kpi: str, period: str = "2024-05") -> Decimal | None:
    results = kpictl.compute(path, period=period, as_of=datetime(2024, 7, 1, tzinfo=UTC),
                             environment={})  # fmt: skip
    (card,) = results.scorecards
    (row,) = card.rows
    return row.score(kpi).fact.value


def company() -> tuple[Portal, World]:
    world = World()
    return Portal(world), world


def test_trap_1_the_close_date_is_a_plan(tmp_path: Path) -> None:
    """A deal counts in the month in which it was won, not in that of the date it was to be."""
    portal, world = company()
    deal = world.add("deals", TITLE="a", OPPORTUNITY="100.00", ASSIGNED_BY_ID=1, at=APRIL,
                     CLOSEDATE="2024-09-01T03:00:00+03:00")  # fmt: skip
    world.move("deals", deal, "WON", at=MAY)
    with plan(portal, tmp_path) as path:
        pulled(portal, path)
        assert total(path, "revenue") == 100


def test_trap_2_a_day_is_not_shifted(tmp_path: Path) -> None:
    """`2024-05-01T02:00:00+02:00` is the first of May everywhere, also west of the server."""
    portal, world = company()
    world.add("deals", TITLE="a", OPPORTUNITY="1", ASSIGNED_BY_ID=1,
              BEGINDATE="2024-05-01T02:00:00+02:00")  # fmt: skip
    text = PLAN.replace("Europe/Moscow", "America/New_York")
    text += "  begun: {from: deals, count: rows, when: begins_on}\n"
    with plan(portal, tmp_path, text) as path:
        pulled(portal, path)
        assert total(path, "begun", "2024-05-01") == 1


def test_trap_3_a_batch_succeeds_though_its_commands_fail(tmp_path: Path) -> None:
    """HTTP 200 says nothing of the commands; a page that failed is asked for again."""
    portal = Portal(World.sample(2, deals=600), faults=[None, "command_error:3"])
    with trip(portal, tmp_path) as way:
        way.pull()
        assert way.deals == truth(portal.world)


def test_trap_4_an_empty_map_is_a_list(tmp_path: Path) -> None:
    """PHP writes an empty map as []; a portal without a single record is read to its end."""
    portal, _ = company()
    with trip(portal, tmp_path) as way:
        status, _, body = portal.respond("GET", portal.webhook + "batch", {}, b"")
        assert status == 200
        assert json.loads(body)["result"]["result_error"] == []
        way.pull()
        assert way.deals == {}


def test_trap_5_rows_are_not_counted_by_the_keys_of_the_result(tmp_path: Path) -> None:
    """`result` of crm.item.list has always one key; the walk goes on past the first page."""
    with trip(Portal(World.sample(2, deals=170)), tmp_path) as way:
        way.pull()
        assert len(way.deals) == 170


def test_trap_6_without_a_count_total_and_next_mean_nothing(tmp_path: Path) -> None:
    """With start=-1 a portal says total 0 and gives no next; the walk ends by itself."""
    portal = Portal(World.sample(2, deals=170))
    with trip(portal, tmp_path) as way:
        answer = Caller(portal)("crm.item.list", entityTypeId=2, start=-1)
        assert answer.get("total") == 0
        assert "next" not in answer
        way.pull()
        assert len(way.deals) == 170


@pytest.mark.parametrize("entity", ["activities", "tasks"])
def test_trap_7_no_method_s_own_order_is_relied_on(tmp_path: Path, entity: str) -> None:
    """Activities come by start time, tasks from the newest down, unless an order is asked for."""
    portal = Portal(World.sample(2, deals=400))
    with trip(portal, tmp_path) as way:
        way.pull((entity,))
        assert set(way.rows(entity)) == set(portal.world[entity].ids)
    asked = [c for r in portal.log for c in r.commands
             if c.method == methods.listing(entity, {}).method]  # type: ignore[union-attr]  # fmt: skip
    assert asked
    assert all("order" in {key.lower() for key in command.params} for command in asked)


def test_trap_8_the_parts_of_a_batch_use_up_their_methods_time(tmp_path: Path) -> None:
    """A method over its time is left alone until it is free; another one goes on meanwhile."""
    portal = Portal(World.sample(2, deals=2600))
    portal.cost["crm.item.list"] = 12.0
    with trip(portal, tmp_path) as way:
        way.pull(("deals", "stage_history"))
        assert way.deals == truth(portal.world)
    limited = [r.time for r in portal.log for c in r.commands if "OPERATION_TIME" in c.outcome]
    assert limited
    assert portal.clock.slept >= 60


def test_trap_9_the_bucket_is_shared(tmp_path: Path) -> None:
    """Another program at the same address fills the bucket too; the pull slows down and ends."""
    portal = Portal(World.bulk(8_000), plan="standard")

    def fill(*_: object) -> None:
        assert portal.bucket is not None
        portal.bucket.level = portal.bucket.depth

    portal.before_command = fill
    with trip(portal, tmp_path) as way:
        way.pull()
        assert len(way.rows("deals")) == 8_000
    assert portal.bucket is not None
    assert portal.bucket.refused > 0


def test_trap_10_whose_eyes_these_are_is_told(tmp_path: Path) -> None:
    """Rights hide records without a word; the store knows whose key it was."""
    portal = Portal(World.sample(2, deals=60))
    portal.hide("deals", list(portal.world["deals"].ids)[:7])
    with trip(portal, tmp_path) as way:
        way.pull()
        assert len(way.deals) == 53
        assert way.fact("user") == "Администратор Портала (ID 1)"
        assert way.fact("admin") == "Y"


@pytest.mark.parametrize("names", ["common", "entity"])
def test_trap_11_old_names_and_new_ones(tmp_path: Path, names: str) -> None:
    """Fields are found whatever the portal calls their old names; custom ones keep theirs."""
    portal, world = company()
    portal.upper_names = names
    from portal import fields

    world.add_field("deals", fields.custom("UF_CRM_1700000009", "double", "Маржа"))
    world.add("deals", TITLE="a", OPPORTUNITY="1", ASSIGNED_BY_ID=1, UF_CRM_1700000009="2.5",
              at=MAY)  # fmt: skip
    margin = "  margin: {from: deals, sum: UF_CRM_1700000009, when: DATE_CREATE}\n"
    with plan(portal, tmp_path, PLAN + margin) as path:
        pulled(portal, path)
        assert total(path, "margin") == Decimal("2.5")


def test_trap_12_a_stage_is_won_by_its_semantics(tmp_path: Path) -> None:
    """`WON` is one pipeline's code; in the others it has a prefix, or another name altogether."""
    portal, world = company()
    world.add("deals", TITLE="a", OPPORTUNITY="5", ASSIGNED_BY_ID=1, CATEGORY_ID=1, at=APRIL)
    deal = world["deals"].ids[-1]
    won = next(s for s in world.stages("deals", 1) if s.endswith(":WON"))
    world.move("deals", deal, won, at=MAY)
    with plan(portal, tmp_path) as path:
        pulled(portal, path)
        assert total(path, "won_deals") == 1


def test_trap_13_rows_that_come_twice_are_one(tmp_path: Path) -> None:
    """Activities bound to several records come once for each; they are one all the same."""
    portal = Portal(World.sample(2, deals=40))
    listing = methods.listing("activities", {})
    assert listing is not None
    from kpictl.bitrix24.rest.keyset_paging import Walk
    from kpictl.bitrix24.rest.responses import Answer
    from kpictl.store import WalkState

    found: list[Mapping[str, Any]] = []
    walk = Walk(WalkState("a", "activities", "all"), listing, ("ID",),
                lambda _, rows: found.extend(rows))  # fmt: skip
    (command,) = walk.commands(1, "x")
    double = Answer([{"ID": "1"}, {"ID": "1"}, {"ID": "2"}])
    walk.take([command], {command.label: double})
    walk.deliver()
    assert [row["ID"] for row in found] == ["1", "2"]
    assert walk.done
    assert portal.counters["requests"] == 0


def test_trap_14_a_renamed_portal_is_not_followed(tmp_path: Path) -> None:
    """The key goes to no other host; the message names the new address."""
    portal = Portal(World.sample(2, deals=40), faults=["moved"])
    with trip(portal, tmp_path) as way, pytest.raises(SourceError) as caught:
        way.pull()
    (problem,) = caught.value.problems
    assert problem.code == "portal.moved"
    assert portal.counters["requests"] == 1


def test_trap_14_a_redirect_within_the_portal_keeps_the_filter(tmp_path: Path) -> None:
    """A 302 makes clients drop the body, and the list unfiltered; here it is posted again."""
    portal = Portal(World.sample(2, deals=400), faults=["redirect", "redirect", "redirect"])
    with trip(portal, tmp_path) as way:
        way.pull()
        assert way.deals == truth(portal.world)


def test_trap_15_owners_without_a_user_are_kept(tmp_path: Path) -> None:
    """Integrators never come with user.get; their deals are listed, not dropped."""
    portal, world = company()
    deal = world.add("deals", TITLE="a", OPPORTUNITY="70.00", ASSIGNED_BY_ID=977, at=APRIL)
    world.move("deals", deal, "WON", at=MAY)
    with plan(portal, tmp_path) as path:
        pulled(portal, path)
        results = kpictl.compute(path, period="2024-05", as_of=datetime(2024, 7, 1, tzinfo=UTC),
                                 environment={})  # fmt: skip
    told = json.dumps(results.to_dict(), ensure_ascii=False, default=str)
    assert "977" in told
