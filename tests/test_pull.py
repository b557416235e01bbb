"""A pull over real HTTP: complete, exact, in few requests, whatever happens on the way."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from hard import seeds
from kpictl.errors import SourceError
from portal import Clock, Faults, Meddler, Portal, Reply, World
from pulls import money, trip, truth


@cache
def company(seed: int, deals: int) -> bytes:
    world = World.sample(seed, deals=deals)
    del world.clock  # each portal has its own
    return pickle.dumps(world)


def portal(deals: int = 300, *, seed: int = 1, **more: object) -> Portal:
    world = pickle.loads(company(seed, deals))  # noqa: S301  made here
    return Portal(world, Clock(), **more)  # type: ignore[arg-type]


def test_a_first_pull_brings_every_deal(tmp_path: Path) -> None:
    """The store holds what the portal holds: each deal once, as it is."""
    with trip(portal(), tmp_path) as way:
        outcome = way.pull()
        assert way.deals == truth(way.portal.world)
        assert outcome.changes["deals"]["read"] == 300
        assert outcome.refused == ()


@pytest.mark.parametrize("count", [0, 1, 50, 2499, 2500, 2501, 20_000])
def test_a_first_pull_makes_as_few_requests_as_the_limits_allow(tmp_path: Path, count: int) -> None:
    """⌈N/2500⌉ is the least there can be; at most 5 % and two more are made."""
    with trip(Portal(World.bulk(count), plan="standard"), tmp_path) as way:
        outcome = way.pull()
        assert len(way.rows("deals")) == count
        best = -(-count // 2500)
        assert way.requests == outcome.requests <= best * 1.05 + 2


def test_a_later_pull_costs_what_has_changed(tmp_path: Path) -> None:
    """With k changes a pull makes two requests and one for each 2,500 of them, however many deals
    there are."""
    with trip(Portal(World.bulk(20_000)), tmp_path) as way:
        way.pull()
        world, before = way.portal.world, way.requests
        way.portal.clock.sleep(3600)
        for number in range(1, 11):
            world.change("deals", number * 7, OPPORTUNITY="1.25")
        outcome = way.pull()
        assert outcome.changes["deals"] == {"new": 0, "changed": 10, "gone": 0}
        assert way.requests - before <= 3
        assert way.rows("deals", "opportunity")[7] in {("1.25",), ("1.250",)}


def test_many_entities_share_their_requests(tmp_path: Path) -> None:
    """An evening without changes costs two requests, not two for each entity."""
    entities = ("deals", "leads", "contacts", "companies", "activities", "tasks", "stage_history")
    with trip(portal(), tmp_path) as way:
        way.pull(entities)
        before = way.requests
        way.portal.clock.sleep(600)
        way.pull(entities)
        assert way.requests - before <= 3


def test_every_entity_is_brought(tmp_path: Path) -> None:
    """Deals, leads, contacts, companies, invoices, activities, calls, tasks, product rows, stage
    history, users, departments, stages, pipelines and currencies are all complete."""
    entities = ("deals", "leads", "contacts", "companies", "invoices", "activities", "calls",
                "tasks", "products", "stage_history", "stage_history_leads")  # fmt: skip
    with trip(portal(120), tmp_path) as way:
        outcome = way.pull(entities)
        assert outcome.refused == ()
        world = way.portal.world
        held = {"products": "product_rows", "stage_history": "history_2",
                "stage_history_leads": "history_1"}  # fmt: skip
        for entity in entities:
            expected = set(world[held.get(entity, entity)].ids)
            if entity == "products":
                rows = world["product_rows"]
                expected = {i for i in rows.ids if rows.row(i)["OWNER_TYPE"] == "D"}
            assert set(way.rows(entity)) == expected, entity
        names = {row[0] for row in way.rows("users", "ID").values()}
        listed = {i for i in world["users"].ids if world["users"].row(i).get("IS_BOT") != "Y"}
        assert len(names) >= 10
        assert names <= {str(i) for i in listed}
        assert len(way.rows("departments")) == len(world["departments"])
        assert len(way.rows("statuses")) == len(world["statuses"])
        assert way.rows("categories")
        assert way.rows("currencies")


def test_a_deleted_deal_goes_with_the_next_pull(tmp_path: Path) -> None:
    """A deletion leaves no trace in a list; the number of records gives it away."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        way.portal.clock.sleep(60)
        gone = way.portal.world["deals"].ids[17]
        way.portal.world.delete("deals", gone)
        outcome = way.pull()
        assert outcome.changes["deals"]["gone"] == 1
        assert way.deals == truth(way.portal.world)


def test_a_deletion_hidden_by_a_new_deal_is_found_by_a_sweep(tmp_path: Path) -> None:
    """Whatever the numbers are, a sweep compares the ids: on demand, and once a day."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        way.portal.clock.sleep(60)
        ids = way.portal.world["deals"].ids
        way.portal.world.delete("deals", ids[0])
        way.pull(sweep=True)
        assert way.deals == truth(way.portal.world)
        way.portal.world.delete("deals", way.portal.world["deals"].ids[5])
        way.portal.clock.sleep(25 * 3600)
        way.pull()
        assert way.deals == truth(way.portal.world)


def test_merged_and_reopened_deals_come_right(tmp_path: Path) -> None:
    """Of two merged deals one is left, as it is now; a reopened deal is open again."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        world = way.portal.world
        way.portal.clock.sleep(60)
        ids = list(world["deals"].ids)
        world.merge("deals", ids[3], ids[4])
        won = next(i for i in ids[10:] if world["deals"].row(i)["STAGE_SEMANTIC_ID"] == "S")
        world.reopen(won)
        way.pull()
        assert way.deals == truth(world)
        assert ids[4] not in way.deals


def test_an_import_dated_into_the_past_is_not_missed(tmp_path: Path) -> None:
    """An imported deal may say that it was last changed a year ago; its id is new all the same."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        way.portal.clock.sleep(600)
        past = datetime(2023, 1, 1, tzinfo=UTC)
        stamp = way.portal.world.stamp(past)
        way.portal.world.add("deals", TITLE="Импорт", DATE_CREATE=stamp, DATE_MODIFY=stamp)
        way.pull()
        assert way.deals == truth(way.portal.world)


def test_rights_that_come_back_bring_the_records(tmp_path: Path) -> None:
    """Deals that the key's owner may see again come though nobody has changed them."""
    with trip(portal(), tmp_path) as way:
        hidden = way.portal.world["deals"].ids[20:90]
        way.portal.hide("deals", hidden)
        way.pull()
        assert len(way.deals) == 230
        way.portal.clock.sleep(600)
        way.portal.world["deals"].hidden.clear()
        way.portal.world["deals"].version += 1
        way.pull()
        assert way.deals == truth(way.portal.world)


def test_many_that_vanish_at_once_are_warned_of(tmp_path: Path) -> None:
    """Rights that were taken away look like deletions; a reader is told to look."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        way.portal.clock.sleep(600)
        way.portal.hide("deals", way.portal.world["deals"].ids[:150])
        outcome = way.pull()
        assert [note.code for note in outcome.notes] == ["pull.vanished"]


@pytest.mark.parametrize("seed", seeds(4, 50))
def test_records_that_change_under_the_reading_come_right(tmp_path: Path, seed: int) -> None:
    """Whatever people do between two pages, nothing is lost or doubled, and the next pull has the
    truth."""
    way_portal = portal(300, seed=seed % 5 + 1)
    with trip(way_portal, tmp_path) as way:
        way_portal.before_command = Meddler(seed, rate=0.4, at_most=120, seconds=1.0)
        way.pull()
        way_portal.clock.sleep(30)
        way.pull()
        way_portal.before_command = None
        way_portal.clock.sleep(30)
        way.pull()
        assert way.deals == truth(way_portal.world)


@pytest.mark.parametrize("seed", seeds(10, 200))
def test_faults_cost_time_and_nothing_else(tmp_path: Path, seed: int) -> None:
    """Three answers of ten are faulty: limits, HTML, broken off, half a JSON, failed commands. The
    store is exact all the same."""
    faulty = portal(160, seed=seed % 5 + 1, faults=Faults(seed, rate=0.3), plan="standard")
    with trip(faulty, tmp_path) as way:
        outcome = way.pull(("deals", "stage_history"))
        assert outcome.refused == ()
        assert way.deals == truth(way.portal.world)
        assert set(way.rows("stage_history")) == set(way.portal.world["history_2"].ids)


def test_a_pull_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    """What had come before the portal went away is not asked for again."""
    with trip(Portal(World.bulk(20_000)), tmp_path) as way:
        count = 0

        def revoke(*_: object) -> None:
            nonlocal count
            count += 1
            way.portal.revoked = count > 260

        way.portal.before_command = revoke
        with pytest.raises(SourceError) as caught:
            way.pull()
        assert caught.value.problems[0].code.startswith("portal.")
        assert way.marks.get("deals") is None
        way.portal.before_command, way.portal.revoked = None, False
        before = way.requests
        outcome = way.pull()
        assert outcome.resumed
        assert len(way.rows("deals")) == 20_000
        assert way.requests - before < 9


def test_a_missing_right_leaves_the_rest_complete(tmp_path: Path) -> None:
    """What the key may not read is told with its scope; the other entities are stored."""
    with trip(portal(), tmp_path) as way:
        way.portal.scopes.discard("telephony")
        outcome = way.pull(("deals", "calls"))
        assert [p.data["scope"] for p in outcome.refused] == ["telephony"]
        assert way.deals == truth(way.portal.world)
        assert "calls" not in way.marks


def test_an_old_portal_is_read_by_its_older_methods(tmp_path: Path) -> None:
    """Where there is no crm.item.list, crm.deal.list serves."""
    with trip(portal(), tmp_path) as way:
        way.portal.without("crm.item.list")
        way.portal.without("crm.item.fields")
        outcome = way.pull()
        assert outcome.refused == ()
        found = way.rows("deals", "OPPORTUNITY", "STAGE_ID")
        world = way.portal.world
        assert {i: (money(o), s) for i, (o, s) in found.items()} == {
            i: (amount, stage) for i, (_, amount, stage, _) in truth(world).items()
        }


def test_only_records_since_a_day_are_asked_for(tmp_path: Path) -> None:
    """--since leaves out what was last changed before; the store remembers that it is partial."""
    with trip(portal(), tmp_path) as way:
        moments = sorted(row[3] for row in truth(way.portal.world).values())
        since = datetime.fromisoformat(moments[200])
        way.pull(since=since)
        expected = {i: r for i, r in truth(way.portal.world).items()
                    if datetime.fromisoformat(r[3]) >= since}  # fmt: skip
        assert way.deals == expected
        assert way.marks["deals"].since == since
        way.portal.clock.sleep(60)
        way.pull()
        assert way.deals == expected


def test_how_far_the_store_is_complete_is_the_portals_time(tmp_path: Path) -> None:
    """The mark is the portal's own clock when the last round of changes began."""
    with trip(portal(), tmp_path) as way:
        outcome = way.pull()
        now = datetime.fromtimestamp(way.portal.clock.now(), UTC)
        assert outcome.complete_to is not None
        assert now - timedelta(seconds=90) <= outcome.complete_to <= now


def test_a_change_of_the_plan_that_needs_a_new_field_reads_it(tmp_path: Path) -> None:
    """A field that was not pulled before makes that entity be read anew, once."""
    with trip(portal(), tmp_path) as way:
        way.pull()
        way.portal.clock.sleep(60)
        way.pull(all_fields=True)
        assert any(row[0] for row in way.rows("deals", "sourceId").values())
        before = way.requests
        way.pull()
        assert way.requests - before <= 3


def test_operating_time_is_waited_for(tmp_path: Path) -> None:
    """A method that has used up its time is left alone until the portal lets it on again."""
    slow = portal(3000)
    slow.cost["crm.item.list"] = 8.0
    with trip(slow, tmp_path) as way:
        way.pull()
        assert way.deals == truth(slow.world)
        assert slow.clock.now() - Clock().now() > 60


def test_a_portal_that_counts_in_its_own_way_is_swept_once(tmp_path: Path) -> None:
    """Where the number of records stays another even after a sweep, the difference is known from
    then on, and the next pull costs as little as any."""
    odd = portal(400)
    with trip(odd, tmp_path) as way:
        real = odd.reply

        def counts_more(verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
            reply = real(verb, url, headers, body)
            found = json.loads(reply.body)
            totals = found["result"]["result_total"]
            for label in totals:
                totals[label] += 3 if totals[label] == 400 else 0
            return replace(reply, body=json.dumps(found).encode())

        odd.reply = counts_more  # type: ignore[method-assign]
        way.pull()
        assert way.fact("off.deals") == "3"
        odd.clock.sleep(600)
        way.pull()
        before = way.requests
        odd.clock.sleep(600)
        way.pull()
        assert way.requests - before <= 3
        assert way.deals == truth(odd.world)
        odd.world.delete("deals", odd.world["deals"].ids[9])
        odd.reply = real  # type: ignore[method-assign]
        odd.clock.sleep(600)
        way.pull()
        assert way.deals == truth(odd.world)


def test_product_rows_that_changed_alone_come_with_a_sweep(tmp_path: Path) -> None:
    """A row can be edited without its deal being changed: once a day, and on demand, the rows of
    all deals are read again; those of deleted deals go."""
    with trip(portal(200), tmp_path) as way:
        way.pull(("deals", "products"))
        rows = way.portal.world["product_rows"]
        of_deals = [i for i in rows.ids if rows.row(i)["OWNER_TYPE"] == "D"]
        rows.row(of_deals[0])["QUANTITY"] = "500"
        rows.version += 1
        way.portal.clock.sleep(600)
        way.pull(("deals", "products"), sweep=True)
        assert Decimal(way.rows("products", "quantity")[of_deals[0]][0]) == 500
        way.portal.world.delete("deals", rows.row(of_deals[1])["OWNER_ID"])
        way.portal.clock.sleep(600)
        way.pull(("deals", "products"))
        assert set(way.rows("products")) == {
            i for i in rows.ids if rows.row(i)["OWNER_TYPE"] == "D"
        }
