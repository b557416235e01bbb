"""The first request of a pull: whose eyes these are, what fields there are, what codes mean.

Everything is asked in one batch: scopes, the field descriptions of the entities in question, the
lists that records refer to, and of every entity how many records there are and the highest id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.bitrix24.read import descriptions
from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender, Task
from kpictl.bitrix24.rest.keyset_paging import Once, Row, Walk
from kpictl.bitrix24.rest.methods import Listing
from kpictl.bitrix24.rest.offset_paging import Pages
from kpictl.bitrix24.rest.rate_limit import Clock
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.errors import Problem
from kpictl.store import FieldDescription, Stored, WalkState

_ABSENT = ("ERROR_METHOD_NOT_FOUND", "METHOD_NOT_FOUND")
_USERS = 3  # pages asked for at first: of the users of most portals, all
_NO_TYPE = "NOT_FOUND"  # of `crm.item.fields`: there is no such type of record


class Extent(Struct, frozen=True):
    """How many records of an entity there are and their lowest and highest id; None: not told."""

    total: int | None = None
    first: int | None = None
    last: int | None = None


class ServerClock(Struct):
    """The portal's clock: the moment of its last answer, as the portal itself has told it.

    Nothing is added for the time that has passed here since. So a moment taken from it is never
    after the portal's own, however long this machine has slept, and how busy it is shows nowhere.
    `latest` gives what the last answer said, `zone` is how the portal writes its moments; `clock`
    stands in for a portal that has told no time at all.
    """

    clock: Clock
    latest: Callable[[], str] = str
    told: datetime | None = None
    zone: timezone = UTC

    def now(self) -> datetime:
        self.hear(self.latest())
        return self.told or datetime.fromtimestamp(self.clock.now(), UTC).replace(microsecond=0)

    def hear(self, text: Any) -> None:
        """Take over what the portal has said the time is, unless it has said later before."""
        try:
            moment = datetime.fromisoformat(str(text))
        except ValueError:
            return
        if moment.tzinfo is None:
            return
        self.zone = timezone(moment.utcoffset() or timedelta())
        moment = moment.astimezone(UTC).replace(microsecond=0)
        self.told = moment if self.told is None else max(self.told, moment)

    def write(self, moment: datetime) -> str:
        """Return a moment as filters want to hear it."""
        return moment.astimezone(self.zone).isoformat(timespec="seconds")


class Reference(Struct):
    """What the first request has brought. `began` is the portal's time before any record was read;
    None where it has told none."""

    server: ServerClock
    began: datetime | None = None
    listings: dict[str, Listing] = {}
    described: dict[str, tuple[FieldDescription, ...]] = {}
    extents: dict[str, Extent] = {}
    rows: dict[str, list[Row]] = {}
    facts: dict[str, str] = {}
    refused: dict[str, tuple[str, Fault]] = {}  # entity → method, fault
    lacking: dict[str, tuple[int, int]] = {}  # entity → rows, of how many
    piped: set[str] = set()  # types of record whose pipelines were told
    unknown: dict[str, int] = {}  # entity → type that is not there
    types: tuple[str, ...] = ()  # smart processes that are there: `177 Договоры`

    def explained(self, entity: str, problem: Problem) -> Problem:
        """Return why an entity is refused, in better words where more than a code is known."""
        named = entity.removeprefix(f"{methods.HISTORY}_")
        if named not in self.unknown:
            return problem
        more = {"entity": named, "type": self.unknown[named], "known": ", ".join(self.types)}
        return replace(problem, code="portal.no_type", data={**problem.data, **more})


class _Asking(Struct):
    """The commands of the first request, by what they are about."""

    found: Reference
    items: Mapping[str, int]
    tasks: list[Task] = []
    once: dict[tuple[str, str], Once] = {}
    about: dict[int, str] = {}  # id(task) → entity
    redone: set[str] = set()
    users: list[Row] = []
    lists: dict[tuple[str, str], Pages] = {}
    counted: Once | None = None  # how many users there are

    def ask(self, entity: str, what: str, method: str, params: Mapping[str, Any]) -> None:
        task = Once(f"{what}{len(self.once)}", method, params)
        self.once[entity, what] = task
        self.add(entity, task)

    def add(self, entity: str, task: Task) -> None:
        self.tasks.append(task)
        self.about[id(task)] = entity

    def portal(self) -> None:
        self.ask("", "time", "server.time", {})
        self.ask("", "scope", "scope", {})
        self.ask("", "profile", "profile", {})
        self.ask("", "base", "crm.currency.base.get", {})

    def references(self, typed: Iterable[int]) -> None:
        for entity, key in (
            ("statuses", "start"),
            ("currencies", "start"),
            ("departments", "START"),
        ):
            self.list(entity, "", Pages(_listing(entity), {}, key, _AHEAD[entity]))
        for type_id in typed:
            pages = Pages(_listing("categories"), {"entityTypeId": type_id})
            self.list("categories", str(type_id), pages)
        users, state = _listing("users"), WalkState("users", "users", "all")
        walk = Walk(state, users, (), lambda _, rows: self.users.extend(rows), more=False)
        walk.first = _USERS
        self.add("users", walk)
        counted = {**users.params((), {}, counted=True), "start": 0}
        self.counted = Once("users", users.method, counted)
        self.add("", self.counted)

    def list(self, entity: str, of: str, pages: Pages) -> None:
        self.lists[entity, of] = pages
        self.add(entity, pages)

    def entity(self, entity: str, listing: Listing) -> None:
        self.found.listings[entity] = listing
        type_id = listing.fixed.get("entityTypeId")
        if listing.method == "crm.item.list":
            params = {"entityTypeId": type_id, "useOriginalUfNames": "Y"}
            self.ask(entity, "fields", "crm.item.fields", params)
        elif listing.method.startswith("crm.") and listing.older is None and listing.changed:
            self.ask(entity, "fields", listing.method.replace(".list", ".fields"), {})
        if listing.paging == "ids":
            key = (listing.id,)
            counted = {**listing.params(key, {}, counted=True, newest=True), "start": 0}
            self.ask(entity, "last", listing.method, counted)
            self.ask(entity, "first", listing.method, listing.params(key, {}))


_AHEAD = {"statuses": 4, "currencies": 1, "departments": 2}
"""Pages of the lists that records refer to which most portals do not exceed."""


def _listing(entity: str) -> Listing:
    found = methods.listing(entity, {})
    assert found is not None  # noqa: S101  in the table
    return found


def ask(
    courier: BatchSender,
    server: ServerClock,
    wanted: Sequence[str],
    items: Mapping[str, int],
    besides: Task | None = None,
) -> Reference:
    """Send the first request and read its answers; `besides` fills the room that is left. Raises
    PortalError when there are none."""
    found = Reference(server)
    asking = _Asking(found, items)
    asking.portal()
    types = {**methods.ITEM_TYPES, **items}
    with_pipelines = [
        types[e] for e in wanted if e in types and types[e] not in methods.WITHOUT_PIPELINES
    ]
    asking.references(dict.fromkeys([methods.DEALS, *with_pipelines]))
    for entity in wanted:
        listing = methods.listing(entity, items)
        if listing is not None:
            asking.entity(entity, listing)
    if besides is not None:
        asking.add("", besides)
    refused = courier.run(asking.tasks)
    again = _older(asking, refused)
    _unknown(asking, refused, again)
    if again.tasks:
        refused = [t for t in refused if asking.about[id(t)] not in again.redone]
        refused += courier.run(again.tasks)
        _read(again, refused)
    _read(asking, refused)
    if ("", "types") in again.lists:
        found.types = tuple(_types(again.lists["", "types"].rows))
    return found


def _older(asking: _Asking, refused: Iterable[Task]) -> _Asking:
    """Ask by the older methods for what this portal has no newer ones for."""
    again = _Asking(asking.found, asking.items)
    for task in refused:
        entity = asking.about[id(task)]
        listing = asking.found.listings.get(entity)
        if task.fault is None or task.fault.code not in _ABSENT or listing is None:
            continue
        if listing.older is not None and entity not in again.redone:
            again.redone.add(entity)
            again.entity(entity, listing.older)
    return again


def _unknown(asking: _Asking, refused: Iterable[Task], again: _Asking) -> None:
    """Note the smart processes of the plan that the portal has not, and ask for those it has."""
    for task in refused:
        entity = asking.about[id(task)]
        described = task is asking.once.get((entity, "fields"))
        if described and entity in asking.items and task.fault and task.fault.code == _NO_TYPE:
            asking.found.unknown[entity] = asking.items[entity]
    if asking.found.unknown:
        again.list("", "types", Pages(methods.TYPES))


def _types(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        if row.get("entityTypeId"):
            yield f"{row['entityTypeId']} {row.get('title') or ''}".strip()


def _read(asking: _Asking, refused: Sequence[Task]) -> None:
    found = asking.found
    gone = {id(task) for task in refused}
    for task in asking.tasks:
        entity = asking.about[id(task)]
        listing = found.listings.get(entity)
        described = listing is not None and task is asking.once.get((entity, "fields"))
        if described and listing is not None and listing.method != "crm.item.list":
            continue  # what is not described is known by the catalogue
        if (
            entity == "categories"
            and isinstance(task, Pages)
            and task.fixed["entityTypeId"] in found.unknown.values()
        ):
            continue  # said of the type itself
        if id(task) in gone and task.fault is not None and entity:
            found.refused.setdefault(entity, (task.method, task.fault))
    for entity in asking.found.listings:
        _read_entity(asking, entity)
    if ("", "time") in asking.once:
        _read_portal(asking)


def _read_entity(asking: _Asking, entity: str) -> None:
    found, listing = asking.found, asking.found.listings[entity]
    told = asking.once.get((entity, "fields"))
    described = () if told is None else descriptions.read(told.result)
    if described:  # none at all would take the fields of the plan away
        found.described[entity] = described
        if listing.method == "crm.item.list":
            known = tuple(d.name for d in found.described[entity])
            found.listings[entity] = methods.narrowed(listing, known)
    last, first = asking.once.get((entity, "last")), asking.once.get((entity, "first"))
    if last is not None and last.answer is not None:
        newest = listing.found(last.result)
        oldest = listing.found(first.result) if first is not None else []
        extent = Extent(
            last.answer.total,
            listing.id_of(oldest[0]) if oldest else None,
            listing.id_of(newest[0]) if newest else None,
        )
        found.extents[entity] = extent
        if newest is None or (newest and extent.last is None):
            # Without the last id the list would seem to be empty.
            fault = Fault("bad_answer", f"no {listing.id}", Retry.NEVER)
            found.refused.setdefault(entity, (listing.method, fault))


def _read_portal(asking: _Asking) -> None:
    found, once = asking.found, asking.once
    time = once["", "time"].answer
    if time is not None:
        found.server.hear(time.result)
        found.server.hear(time.time.get("date_start"))
        found.began = found.server.told
    scopes = once["", "scope"].result
    if isinstance(scopes, list):
        found.facts["scopes"] = ",".join(sorted(str(scope) for scope in scopes))
    profile = once["", "profile"].result
    if isinstance(profile, Mapping):
        named = " ".join(str(profile.get(key) or "") for key in ("NAME", "LAST_NAME")).strip()
        found.facts["user"] = f"{named} (ID {profile.get('ID')})".strip()
        found.facts["admin"] = "Y" if profile.get("ADMIN") in (True, "Y", "true", 1) else "N"
    base = once["", "base"].result
    if isinstance(base, str):
        found.facts["base_currency"] = base
    _read_lists(asking)


def _read_lists(asking: _Asking) -> None:
    """Take over the lists that records refer to, as far as they are whole. No portal has one
    without anything in it: what was there before is better than that."""
    found = asking.found
    for (entity, _), pages in asking.lists.items():
        if pages.missing:
            lacking, counted = found.lacking.get(entity, (0, 0))
            found.lacking[entity] = lacking + pages.missing, counted + (pages.total or 0)
        if entity != "categories" and pages.complete and pages.rows:
            found.rows[entity] = sorted(pages.rows, key=_position)
    found.rows["categories"] = list(_categories(asking))
    if "users" not in found.refused and asking.users:
        found.rows["users"] = asking.users
        answer = asking.counted.answer if asking.counted is not None else None
        total = 0 if answer is None else answer.total or 0
        if total > len(asking.users):
            found.lacking["users"] = total - len(asking.users), total


def _position(row: Row) -> int:
    """Return where a row stands among others, as people have put them."""
    return methods.whole(row.get("SORT"))


def pipelines_kept(found: Reference, stored: Stored) -> list[Row]:
    """Return the stored pipelines of types that were not told of now: another plan in the same
    folder may read them."""
    rows = stored.records("categories")
    return [row for row in rows if row.get("entityTypeId") not in found.piped]


def _categories(asking: _Asking) -> Iterable[Row]:
    for (entity, _), pages in asking.lists.items():
        if entity != "categories" or not pages.complete:
            continue
        if pages.rows:
            asking.found.piped.add(str(pages.fixed["entityTypeId"]))
        for row in pages.rows:
            yield {"entityTypeId": pages.fixed["entityTypeId"], **row}
