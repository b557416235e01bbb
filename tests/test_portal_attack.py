"""What was tried to get a wrong number out of a portal, and once did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kpictl.errors import StoreError
from kpictl.store import Work, ddl, sound
from kpictl.store.bulk_insert import packs
from kpictl.store.reader import attach_patiently
from portal import Clock, Portal, World
from portal.moments import utc
from pulls import Trip, trip, truth

BOTH = ("deals", "products")


def company(**more: Any) -> Portal:
    return Portal(World.sample(1, deals=60), Clock(), **more)


def priced(way: Trip, row: int) -> str:
    return str(way.rows("products", "price")[row][0])


def test_product_rows_catch_up_after_a_pull_of_deals_alone(tmp_path: Path) -> None:
    """What `--only deals` has read of a deal does not hide that its product rows changed too."""
    with trip(company(), tmp_path) as way:
        way.pull(BOTH)
        world = way.portal.world
        rows = world["product_rows"]
        row = next(i for i in rows.ids if rows.row(i)["OWNER_TYPE"] == "D")
        way.portal.clock.sleep(3600)
        world.change("product_rows", row, PRICE="777.00")
        world.change("deals", rows.row(row)["OWNER_ID"], TITLE="с новой ценой")
        way.portal.clock.sleep(3600)
        way.pull()
        way.portal.clock.sleep(3600)
        way.pull(BOTH)
        assert float(priced(way, row)) == 777


def test_another_portal_is_read_anew(tmp_path: Path) -> None:
    """Records of two portals that have the same ids are never mixed, wherever the key points."""
    with trip(company(), tmp_path) as way:
        way.pull()
        later = Clock(way.portal.clock.now() + 600)
        other = Portal(World.sample(2, deals=60), later)
        with other.serve():
            way.portal = other
            way.pull()
            assert way.deals == truth(other.world)


def test_another_type_under_the_same_name_is_read_anew(tmp_path: Path) -> None:
    """A smart process whose number is corrected in the plan brings its own records alone."""
    portal = company()
    portal.world.add_type(180, "Прочее", "NEW Новый\nDONE Готово @S")
    for _ in range(3):
        portal.world.add("items_180", TITLE="старое")
    with trip(portal, tmp_path, items={"projects": 177}) as way:
        way.pull(("projects",))
        portal.clock.sleep(7 * 86400)
        way.items = {"projects": 180}
        way.pull(("projects",))
        assert {row[0] for row in way.rows("projects", "title").values()} == {"старое"}


def test_pipelines_outlive_a_plan_that_does_not_read_them(tmp_path: Path) -> None:
    """Two plans share a folder: a pull for one leaves the other's pipelines their names."""
    with trip(company(), tmp_path, items={"projects": 177}) as way:
        way.pull(("projects",))
        before = set(way.rows("categories", "entityTypeId", "name").values())
        way.pull(("deals",))
        assert set(way.rows("categories", "entityTypeId", "name").values()) == before


@pytest.mark.parametrize(
    ("method", "entity"),
    [
        ("crm.currency.list", "currencies"),
        ("crm.status.list", "statuses"),
        ("user.get", "users"),
        ("department.get", "departments"),
        ("crm.category.list", "categories"),
    ],
)
def test_an_empty_list_of_what_every_portal_has_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, entity: str
) -> None:
    """Currencies, stages, users, departments and pipelines stay when a portal names none at all:
    without them amounts and names would change in silence."""
    with trip(company(), tmp_path) as way:
        way.pull()
        before = way.rows(entity)
        ask = Portal._run  # noqa: SLF001  between the question and the answer
        empty = {"categories": []} if method == "crm.category.list" else []

        def none(self: Portal, caller: str, named: str, params: Any) -> Any:
            found = ask(self, caller, named, params)
            return replace(found, result=empty, total=0) if named == method else found

        monkeypatch.setattr(Portal, "_run", none)
        way.pull()
        assert way.rows(entity).keys() == before.keys() != set()


def test_a_mark_of_the_future_is_not_believed(tmp_path: Path) -> None:
    """A portal whose clock was days ahead, and is right again, loses no change for that."""
    with trip(company(), tmp_path) as way:
        right = way.portal.clock
        way.portal.clock = way.portal.world.clock = Clock(right.now() + 2 * 86400)
        way.pull()
        way.portal.clock = way.portal.world.clock = right
        way.portal.world.change("deals", way.portal.world["deals"].ids[3], TITLE="после правки")
        way.pull()
        assert way.deals == truth(way.portal.world)


def test_deletions_are_found_in_a_part_of_a_portal(tmp_path: Path) -> None:
    """After `--since` a deal that is deleted goes as well, found by counting that part alone."""
    with trip(company(), tmp_path) as way:
        since = way.portal.clock.now() - 90 * 86400
        way.pull(since=utc(since))
        before = set(way.rows("deals"))
        assert 0 < len(before) < 60
        way.portal.clock.sleep(600)
        way.portal.world.delete("deals", min(before))
        way.pull()
        assert set(way.rows("deals")) == before - {min(before)}


def test_long_texts_fit_into_little_memory(tmp_path: Path) -> None:
    """Two thousand letters of twenty thousand characters are written down and applied."""
    text = "письмо " * 2_500
    work = Work(tmp_path / ".kpictl", "crm")
    try:
        rows = [[str(i), f"{i} {text}"] for i in range(1, 2_101)]
        assert len(list(packs(rows))) > 1
        work.put((), "activities", ("DESCRIPTION",), rows, fresh=True)
        work.put((), "activities", ("DESCRIPTION",), rows[:900])
        assert work.brought("activities") == 2_100
    finally:
        work.close()


def test_a_damaged_block_is_no_lock(tmp_path: Path) -> None:
    """A store with a bad checksum is called damaged at once, and not held by somebody."""
    work = Work(tmp_path, "crm")
    with work.store():
        pass
    path = tmp_path / ddl.STORE
    content = bytearray(path.read_bytes())
    content[8192:12288] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        attach_patiently(work.connection, path, "bad", "READ_ONLY")
    assert caught.value.problem.code == "store.damaged"
    work.close()


def test_damage_that_shows_later_is_told_of(tmp_path: Path) -> None:
    """A store that is cut short opens; the command that then reads it says what to do."""
    import duckdb

    said = f'IO Error: Could not read enough bytes from file "{tmp_path}/.kpictl/store.duckdb"'
    with pytest.raises(StoreError) as caught, sound(tmp_path):
        raise duckdb.IOException(said)
    assert caught.value.problem.code == "store.damaged"
    full = 'Failed to commit: Could not write file "x/.kpictl/pull.duckdb.wal": No space left'
    with pytest.raises(StoreError) as caught, sound(tmp_path):
        raise duckdb.TransactionException(full)
    assert caught.value.problem.code == "store.disk_full"
