"""What a pull brings is all there is, and says so where it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.access import Webhook
from kpictl.bitrix24.rest.client import Client, PortalError
from kpictl.bitrix24.rest.offset_paging import Pages
from kpictl.bitrix24.rest.responses import Answer, Fault, Retry
from kpictl.bitrix24.rest.transport import Wire
from kpictl.bitrix24.sync.conductor import Pull
from kpictl.bitrix24.sync.order import Need, Order, Outcome
from kpictl.errors import SourceError
from kpictl.store import Work
from portal import Portal, World
from portal.directories import category
from portal.fields import custom
from portal.state import RestError
from pulls import Trip, trip

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
        return Pull(asked, ("deals",), client, clock, lambda: work, lambda: needs).run()
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


# --- lists are read to their end -------------------------------------------------------------


def crowded() -> World:
    """A company with more than a page of everything that records refer to."""
    world = World.sample(2, deals=20)
    for number in range(130):
        world.add("statuses", ENTITY_ID="SOURCE", STATUS_ID=f"S{number}", NAME=f"Источник {number}",
                  SORT=10 * number)  # fmt: skip
        world.add("departments", NAME=f"Отдел {number}", PARENT=1, SORT=500)
        world.add("users", NAME=f"Имя{number}", LAST_NAME="Новый", EMAIL=f"n{number}@example.ru")
        world.currencies[f"X{number:02}"] = {
            **world.currencies["USD"], "CURRENCY": f"X{number:02}", "BASE": "N",
        }  # fmt: skip
        world.categories[2].append(category(2, 100 + number, f"Воронка {number}"))
    return world


LISTS = ("statuses", "currencies", "categories", "departments", "users")


def held(world: World) -> dict[str, int]:
    """Return how many there are of each list in the portal, people as `user.get` shows them."""
    pipelines = len(world.categories[2])
    shown = sum(1 for row in world["users"] if row["USER_TYPE"] == "employee")
    return {
        "statuses": len(world["statuses"].ids), "currencies": len(world.currencies),
        "categories": pipelines, "departments": len(world["departments"].ids), "users": shown,
    }  # fmt: skip


def test_lists_of_more_than_a_page_are_read_to_their_end(tmp_path: Path) -> None:
    """More than fifty stages, currencies, pipelines, departments and people all arrive."""
    world = crowded()
    with trip(Portal(world), tmp_path) as way:
        outcome = way.pull()
        assert {entity: len(way.rows(entity)) for entity in LISTS} == held(world)
        assert outcome.notes == ()
        names = {row[0] for row in way.rows("statuses", "NAME").values()}
        assert {f"Источник {number}" for number in range(130)} <= names


def test_the_usual_lists_take_one_request(tmp_path: Path) -> None:
    """A portal with more than fifty stages is not asked twice for them: a pull stays at two."""
    world = World.sample(2, deals=20)
    assert 50 < len(world["statuses"].ids) < 200
    with trip(Portal(world), tmp_path) as way:
        assert way.pull().requests == 2


LISTING = {
    "crm.status.list": "statuses", "crm.currency.list": "currencies",
    "crm.category.list": "categories", "department.get": "departments", "user.get": "users",
}  # fmt: skip


@pytest.mark.parametrize("method", [m for m in LISTING if m != "user.get"])
def test_a_method_that_ignores_offsets_is_no_endless_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """What a portal answers beyond its pages is not documented: everything again ends the list."""
    world = World.sample(2, deals=20)
    ask = Portal._run  # noqa: SLF001  between the question and the answer

    def always_first(self: Portal, caller: str, named: str, params: Any) -> Any:
        if named != method:
            return ask(self, caller, named, params)
        first = {key: value for key, value in params.items() if key.lower() != "start"}
        answers = [ask(self, caller, named, first)]
        while (following := answers[-1].next) is not None:
            key = "START" if named == "department.get" else "start"
            answers.append(ask(self, caller, named, {**first, key: following}))
        return replace(answers[0], result=joined([a.result for a in answers]), next=None)

    monkeypatch.setattr(Portal, "_run", always_first)
    with trip(Portal(world), tmp_path) as way:
        outcome = way.pull()
        entity = LISTING[method]
        assert len(way.rows(entity)) == held(world)[entity]
        assert outcome.notes == ()


def joined(results: Sequence[Any]) -> Any:
    if isinstance(results[0], list):
        return [row for result in results for row in result]
    return {key: [row for result in results for row in result[key]] for key in results[0]}


@pytest.mark.parametrize("method", [m for m in LISTING if m != "crm.currency.list"])
def test_fewer_rows_than_the_total_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """A portal that counts more than it gives is believed in neither: the pull says how many lack.
    (The list of currencies has no count.)"""
    world = World.sample(2, deals=20)
    ask = Portal._run  # noqa: SLF001  between the question and the answer

    def more(self: Portal, caller: str, named: str, params: Any) -> Any:
        found = ask(self, caller, named, params)
        return replace(found, total=found.total + 7) if named == method and found.total else found

    monkeypatch.setattr(Portal, "_run", more)
    with trip(Portal(world), tmp_path) as way:
        notes = way.pull().notes
        entity = LISTING[method]
        assert len(way.rows(entity)) == held(world)[entity]
    assert [(note.code, note.level) for note in notes] == [("pull.lacking", "warning")]
    data = {"entity": entity, "count": 7, "total": held(world)[entity] + 7}
    assert notes[0].data == data


def test_records_that_are_counted_and_not_given_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every pull, not only with the one that has looked through all ids."""
    world = World.sample(2, deals=60)
    ask = Portal._run  # noqa: SLF001  between the question and the answer

    def more(self: Portal, caller: str, named: str, params: Any) -> Any:
        found = ask(self, caller, named, params)
        items = named == "crm.item.list" and found.total
        return replace(found, total=(found.total or 0) + 2) if items else found

    monkeypatch.setattr(Portal, "_run", more)
    with trip(Portal(world), tmp_path) as way:
        for _ in range(3):
            notes = way.pull().notes
            assert [(note.code, note.data["count"]) for note in notes] == [("pull.lacking", 2)]
            assert len(way.rows("deals")) == 60


def test_a_list_that_breaks_off_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second page that the portal refuses for good is no reason to forget half of the stages."""
    world = crowded()
    with trip(Portal(world), tmp_path) as way:
        way.pull()
        before = way.rows("statuses")
        ask = Portal._run  # noqa: SLF001  between the question and the answer

        def refuses(self: Portal, caller: str, named: str, params: Any) -> Any:
            if named == "crm.status.list" and int(params.get("start", 0)) > 0:
                raise RestError(403, "ACCESS_DENIED", "Access denied.")
            return ask(self, caller, named, params)

        monkeypatch.setattr(Portal, "_run", refuses)
        notes = way.pull().notes
        assert way.rows("statuses") == before
        assert [note.level for note in notes] == ["warning"]
        assert "crm.status.list" in str(notes[0].data["method"])


@given(
    count=st.integers(0, 260),
    page=st.sampled_from(["cut", "whole"]),
    counted=st.booleans(),
    following=st.booleans(),
    beyond=st.sampled_from(["nothing", "the first again", "the last again"]),
)
def test_any_way_of_paging_is_read_whole(
    count: int, page: str, counted: bool, following: bool, beyond: str
) -> None:
    """With or without `total` and `next`, cut at fifty or not, whatever comes beyond the end."""
    rows = [{"ID": str(n), "NAME": f"n{n}"} for n in range(count)]

    def answer(start: int) -> Answer:
        if page == "whole":
            return Answer(rows, count if counted else None, None, {})
        last = max(count - 1, 0) // 50 * 50
        at = start if start <= last else {"nothing": start, "the first again": 0}.get(beyond, last)
        cut = rows[at : at + 50]
        more = start + 50 if following and start + 50 < count else None
        return Answer(cut, count if counted else None, more, {})

    listing = methods.listing("statuses", {})
    assert listing is not None
    pages = Pages(listing, ahead=3)
    for _ in range(20):
        if pages.done:
            break
        commands = pages.commands(50, "t")
        pages.take(commands, {c.label: answer(int(c.params["start"])) for c in commands})
    assert pages.done
    assert pages.rows == rows
    assert pages.missing == 0


# --- clients that vanish ---------------------------------------------------------------------

ENTITIES = ("deals", "leads", "contacts", "companies", "activities")


def clients_of(way: Trip) -> dict[int, tuple[str, str]]:
    return {
        n: (str(a or 0), str(b or 0))
        for n, (a, b) in way.rows("deals", "contactId", "companyId").items()
    }


def clients_in(world: World) -> dict[int, tuple[str, str]]:
    rows = map(world["deals"].row, world["deals"].ids)
    return {row["ID"]: (str(row["CONTACT_ID"] or 0), str(row["COMPANY_ID"] or 0)) for row in rows}


def pull_clients(way: Trip) -> Outcome:
    wanted = frozenset({"title", "contactId", "companyId"})
    return way.pull(ENTITIES, columns={"deals": wanted})


def busiest(world: World, code: str) -> tuple[int, int]:
    """Return a client with deals, and another one that exists."""
    counts = Counter(row[code] for row in world["deals"] if row[code])
    (gone, _), (kept, _) = counts.most_common(2)
    return gone, kept


@pytest.mark.parametrize(
    ("entity", "code"), [("contacts", "CONTACT_ID"), ("companies", "COMPANY_ID")]
)
def test_deals_of_merged_clients_are_read_again(tmp_path: Path, entity: str, code: str) -> None:
    """A merge moves no date of change of the deals: they are read again because their client has
    vanished, once, and the pull after that asks for nothing more."""
    world = World.sample(5, deals=80)
    with trip(Portal(world), tmp_path) as way:
        pull_clients(way)
        assert clients_of(way) == clients_in(world)
        way.portal.clock.sleep(3600)
        gone, kept = busiest(world, code)
        touched = sum(1 for row in world["deals"] if row[code] == gone)
        before = {row["ID"]: row["DATE_MODIFY"] for row in world["deals"]}
        world.merge(entity, kept, gone)
        assert {row["ID"]: row["DATE_MODIFY"] for row in world["deals"]} == before
        outcome = pull_clients(way)
        assert clients_of(way) == clients_in(world)
        assert outcome.changes["deals"]["changed"] == touched > 1
        way.portal.clock.sleep(3600)
        requests = way.requests
        pull_clients(way)
        assert way.requests - requests <= 2


def test_activities_of_merged_records_are_read_again(tmp_path: Path) -> None:
    """Letters and calls go over to the deal that is left, and so do they in the store."""
    world = World.sample(5, deals=80)
    with trip(Portal(world), tmp_path) as way:
        pull_clients(way)
        owners = Counter(
            row["OWNER_ID"] for row in world["activities"] if row["OWNER_TYPE_ID"] == 2
        )
        (gone, count), (kept, _) = owners.most_common(2)
        assert count > 0
        way.portal.clock.sleep(3600)
        world.merge("deals", kept, gone)
        pull_clients(way)
        held = {row["ID"]: str(row["OWNER_ID"]) for row in world["activities"]}
        assert {n: row[0] for n, row in way.rows("activities", "OWNER_ID").items()} == held


def test_clients_that_the_key_may_not_see_are_looked_for_once(tmp_path: Path) -> None:
    """A right that is taken away makes clients vanish, and no deal changes: they are read again
    once, and not with every pull."""
    world = World.sample(5, deals=80)
    portal = Portal(world)
    with trip(portal, tmp_path) as way:
        pull_clients(way)
        way.portal.clock.sleep(3600)
        portal.hide("contacts", list(world["contacts"].ids)[:10])
        pull_clients(way)
        for _ in range(2):
            way.portal.clock.sleep(3600)
            requests = way.requests
            assert pull_clients(way).changes["deals"]["changed"] == 0
            assert way.requests - requests <= 2
        assert clients_of(way) == clients_in(world)


def test_a_pull_that_breaks_off_there_leaves_it_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be read again is not taken for read."""
    world = World.sample(5, deals=80)
    with trip(Portal(world), tmp_path) as way:
        pull_clients(way)
        way.portal.clock.sleep(3600)
        gone, kept = busiest(world, "CONTACT_ID")
        world.merge("contacts", kept, gone)
        with monkeypatch.context() as broken:

            def fail(*_: object) -> None:
                raise PortalError(Fault("timeout", "", Retry.SOON), "batch")

            broken.setattr(Pull, "_bring_ids", fail)
            with pytest.raises(SourceError):
                pull_clients(way)
        assert clients_of(way) != clients_in(world)
        way.portal.clock.sleep(3600)
        pull_clients(way)
        assert clients_of(way) == clients_in(world)


# --- fields that came under another name -----------------------------------------------------


def test_a_field_that_comes_under_another_name_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A portal older than `useOriginalUfNames` describes UF_CRM_… and delivers ufCrm_…: figures
    over the described field are of nothing, and the pull says so."""
    world = World.sample(1, deals=40)
    field = next(f for f in world["deals"].fields.values() if f.custom and f.type == "double")
    world.change("deals", 7, at=None, **{field.code: "5.5"})
    ask = Portal._run  # noqa: SLF001  between the question and the answer

    def older(self: Portal, caller: str, named: str, params: Any) -> Any:
        found = ask(self, caller, named, params)
        for row in found.result["items"] if named == "crm.item.list" else ():
            if field.code in row:
                row[field.name] = row.pop(field.code)
        return found

    with trip(Portal(world), tmp_path) as way:
        columns = {"deals": frozenset({"title", field.code})}
        assert way.pull(columns=columns).notes == ()
        monkeypatch.setattr(Portal, "_run", older)
        (note,) = way.pull(columns=columns, full=True).notes
        assert (note.code, note.level) == ("pull.twin", "warning")
        filled = sum(1 for row in world["deals"] if row[field.code] not in (None, ""))
        assert note.data == {
            "entity": "deals", "field": field.code, "caption": field.title,
            "column": field.name, "count": filled,
        }  # fmt: skip


def test_a_field_that_was_made_anew_is_told_of(tmp_path: Path) -> None:
    """The old column is full, the new field of the same caption is empty: the pull says so until
    somebody fills it."""
    world = World.sample(1, deals=40)
    old = world.add_field("deals", custom("UF_CRM_1700009001", "string", "Регион"))
    for number in world["deals"].ids:
        world.change("deals", number, at=None, **{old.code: "Урал"})
    with trip(Portal(world), tmp_path) as way:
        way.portal.clock.sleep(3600)
        assert way.pull(all_fields=True).notes == ()
        del world["deals"].fields[old.code]
        new = world.add_field("deals", custom("UF_CRM_1700009002", "string", "Регион"))
        way.portal.clock.sleep(3600)
        world.change("deals", 3, TITLE="иначе")
        with way.store() as stored:
            stored.execute('ALTER TABLE store.crm.deals ADD COLUMN "UF_CRM_1700009002" VARCHAR')
            stored.execute(
                "UPDATE store.entities SET columns = list_append(columns, 'UF_CRM_1700009002')"
                " WHERE entity = 'deals'"
            )
        notes = [note for note in way.pull().notes if note.code == "pull.twin"]
        assert [(n.data["field"], n.data["column"]) for n in notes] == [(new.code, old.code)]
        world.change("deals", 4, at=None, **{new.code: "Сибирь"})
        way.portal.clock.sleep(3600)
        assert way.pull().notes == ()
