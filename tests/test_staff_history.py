"""A portal tells what its users are today; the store remembers what they were, pull by pull."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from kpictl.bitrix24.read import users
from kpictl.database import connect
from kpictl.people.staff import Person
from kpictl.store import attach, ddl, known_since
from portal import Clock, Portal, World
from pulls import Trip, trip

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = 24 * 3600


def company() -> Portal:
    """Make a portal whose user 2 is in the department 1."""
    world = World.bulk(20)
    return Portal(world, world.clock if isinstance(world.clock, Clock) else Clock())


def people(way: Trip) -> dict[str, Person]:
    connection = connect(MOSCOW)
    try:
        stored = attach(connection, way.folder, "crm")
        assert stored is not None
        found = users.read(stored, MOSCOW)
        assert found is not None
        return {person.id: person for person in found.people}
    finally:
        connection.close()


def today(way: Trip) -> date:
    return datetime.fromtimestamp(way.portal.clock.now(), MOSCOW).date()


def somebody(way: Trip) -> tuple[int, list[int]]:
    """Return a user and the departments that there are."""
    world = way.portal.world
    return world["users"].ids[0], list(world["departments"].ids)


def test_a_transfer_after_the_first_pull_is_known_to_the_day(tmp_path: Path) -> None:
    """The post of before lasts up to the day of the pull that has seen the change."""
    with trip(company(), tmp_path) as way:
        number, departments = somebody(way)
        world = way.portal.world
        world.change("users", number, UF_DEPARTMENT=[departments[0]], WORK_POSITION="Менеджер")
        way.pull()
        assert people(way)[str(number)].assignments == ()
        way.portal.clock.sleep(3 * DAY)
        world.change("users", number, UF_DEPARTMENT=[departments[-1]])
        way.pull()
        moved = today(way)
        way.portal.clock.sleep(DAY)
        way.pull()
        before, after = people(way)[str(number)].assignments
        assert (before.start, before.end) == (None, moved)
        assert (after.start, after.end) == (moved, None)
        assert before.department != after.department
        assert before.position == after.position == "Менеджер"


def test_who_was_dismissed_left_on_the_day_that_a_pull_saw_it(tmp_path: Path) -> None:
    """The last day is that day, and the records of before stay theirs."""
    with trip(company(), tmp_path) as way:
        number, _ = somebody(way)
        way.pull()
        way.portal.clock.sleep(DAY)
        way.portal.world.change("users", number, ACTIVE=False)
        way.pull()
        gone = people(way)[str(number)]
        assert (gone.active, gone.left) == (False, today(way))


def test_nothing_changes_where_nothing_has_changed(tmp_path: Path) -> None:
    """Ten pulls of the same people leave one state of each."""
    with trip(company(), tmp_path) as way:
        for _ in range(3):
            way.pull()
            way.portal.clock.sleep(DAY)
        assert all(person.assignments == () for person in people(way).values())
        with way.store() as connection:
            ((count, ids),) = connection.execute(
                "SELECT count(*), count(DISTINCT id) FROM store.history WHERE entity = 'users'"
            ).fetchall()
        assert count == ids > 0


def test_a_store_without_history_begins_with_what_it_holds(tmp_path: Path) -> None:
    """The older layout becomes the newer one: every record stays, and what users were at its last
    pull is what they were before."""
    with trip(company(), tmp_path) as way:
        number, departments = somebody(way)
        world = way.portal.world
        world.change("users", number, UF_DEPARTMENT=[departments[0]])
        way.pull()
        deals, pulled = way.deals, way.marks["users"].complete_to
        make_older(way)
        assert people(way)[str(number)].assignments == ()
        way.portal.clock.sleep(2 * DAY)
        world.change("users", number, UF_DEPARTMENT=[departments[-1]])
        way.pull()
        assert way.deals == deals
        before, after = people(way)[str(number)].assignments
        assert (before.start, before.end, after.start) == (None, today(way), today(way))
        connection = connect(MOSCOW)
        stored = attach(connection, way.folder, "crm")
        assert stored is not None
        assert known_since(stored) == pulled
        connection.close()


def make_older(way: Trip) -> None:
    """Take the store back to the layout that knew no history."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{way.folder / ddl.STORE}' AS store")
        connection.execute("DROP TABLE store.history")
        connection.execute("DELETE FROM store.facts WHERE name = 'history_since'")
        connection.execute("UPDATE store.layout SET version = 1")


def test_a_day_has_one_state(tmp_path: Path) -> None:
    """Of several pulls on one day the last one counts."""
    with trip(company(), tmp_path) as way:
        number, departments = somebody(way)
        world = way.portal.world
        world.change("users", number, UF_DEPARTMENT=[departments[0]])
        way.pull()
        way.portal.clock.sleep(DAY)
        for department in (departments[-1], departments[0]):
            world.change("users", number, UF_DEPARTMENT=[department])
            way.pull()
            way.portal.clock.sleep(timedelta(minutes=5).total_seconds())
        assert people(way)[str(number)].assignments == ()
