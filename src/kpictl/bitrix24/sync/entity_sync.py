"""An entity that is being pulled: from which moment, which fields, by which walks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from msgspec import Struct

from kpictl.bitrix24.rest.keyset_paging import Once, Row, Walk
from kpictl.bitrix24.rest.methods import COMMANDS, PAGE, Listing
from kpictl.bitrix24.sync.reference import Extent, ServerClock
from kpictl.store import PulledEntity, WalkState, can_be_column, column_key

OVERLAP = timedelta(minutes=5)
"""How far a pull looks back behind the last one's mark: a change is not seen the moment it is
written, and clocks of a portal's servers differ."""
WINDOW = timedelta(days=3)
"""How far back records without a date of change are read again."""
SPLIT = 30
"""Batches from which on a list is read in several stretches at once. Each stretch may cost a
request more."""
STRETCHES = 3
COUNTABLE = 500_000
"""Records up to which a portal is asked how many there are with each pull; counting two million
takes it most of a minute."""
EVERYTHING = "*"

Bring = Callable[[Walk, Sequence[Row]], None]


class EntityReading(Struct):
    """One entity of a pull. `whole`: all of it is read, else what changed since `mark`. `origin` is
    the portal, the method and the type of record that its rows come from; `total` how many records
    the portal has counted, and `off` by how many it is known to count too many."""

    entity: str
    listing: Listing
    columns: tuple[str, ...]
    whole: bool
    mark: datetime
    extent: Extent
    kpis: tuple[str, ...] = ()
    origin: str = ""
    since: datetime | None = None
    last_id: int = 0
    sweep: bool = False
    swept_at: datetime | None = None
    swept_to: int | None = None
    total: int | None = None
    off: int = 0
    walks: list[Walk] = []

    @property
    def named(self) -> tuple[str, ...]:
        """Return the fields that are known by name before any record has come."""
        return tuple(c for c in self.columns if c != EVERYTHING)

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the fields to select: none where the method does not let one choose."""
        return () if self.listing.selects is None else self.columns

    @property
    def sweeps(self) -> bool:
        """Say whether records of this entity can vanish, and their ids can be looked through."""
        return self.listing.paging == "ids" and not self.listing.appended

    @property
    def counts(self) -> bool:
        """Say whether to ask how many records there are, to see whether any has vanished."""
        known = self.extent.total
        return self.sweeps and known is not None and known <= COUNTABLE

    def found(self) -> PulledEntity:
        """Return what this reading means for the store."""
        return PulledEntity(
            self.entity,
            self.whole,
            complete_to=self.mark,
            columns=self.columns,
            listing=self.origin,
            since=self.since,
            last_id=self.last_id,
            swept_to=self.swept_to,
            swept_at=self.swept_at,
            owners="ownerId" if self.listing.paging == "owners" else None,
        )

    # --- walks ---------------------------------------------------------------------------

    def all(self, bring: Bring, server: ServerClock) -> list[Walk]:
        """Return the walks that read everything, one after another or side by side."""
        if self.start is not None:
            state = WalkState(f"{self.entity}/all", self.entity, "all")
            state.since = server.write(self.start)
            return [self._walk(state, bring)]
        return [
            self._walk(state, bring, expected)
            for state, expected in self._stretches("all", self.extent, None)
        ]

    @property
    def start(self) -> datetime | None:
        """Return the moment since which records must have changed to be read, None for all."""
        return None if self.listing.changed is None else self.since

    def ids(self, bring: Bring, server: ServerClock) -> list[Walk]:
        """Return the walks that look through the ids alone."""
        self.swept_to = self.extent.last or 0
        if self.start is not None:
            state = WalkState(f"{self.entity}/ids", self.entity, "ids", until=self.extent.last)
            state.since = server.write(self.start)
            return [self._walk(state, bring, None, (self.listing.id,))]
        found = self._stretches("ids", self.extent, self.extent.last)
        return [self._walk(state, bring, expected, (self.listing.id,)) for state, expected in found]

    def _stretches(
        self, kind: str, extent: Extent, end: int | None
    ) -> Iterable[tuple[WalkState, int | None]]:
        if extent.last is None:
            return
        total, first, last = extent.total, extent.first or 0, extent.last
        batches = -(-(total or 0) // (PAGE * COMMANDS))
        parts = STRETCHES if batches >= SPLIT else 1
        # Whole batches each, if the ids lie evenly: half a batch costs as much as a whole one.
        size = -(-batches // parts) * PAGE * COMMANDS
        step = max((last - first + 1) * size // max(total or 0, 1), 1)
        for part in range(parts):
            above = 0 if part == 0 else first + step * part - 1
            final = part == parts - 1
            until = end if final else first + step * (part + 1) - 1
            left = None if total is None else total - part * size
            expected = None if left is None else max(min(size, left), 0)
            yield (
                WalkState(
                    f"{self.entity}/{kind}/{part}",
                    self.entity,
                    kind,
                    cursor=above,
                    until=until,
                    last=last if final else None,
                ),
                expected,
            )

    def changes(self, bring: Bring, server: ServerClock) -> list[Walk]:
        """Return the walks that read what has changed since the mark, and what is above the last
        id: an import may bring records that were last changed long ago."""
        found = []
        if self.listing.changed or self.listing.window:
            back = OVERLAP if self.listing.changed else WINDOW
            state = WalkState(f"{self.entity}/changed", self.entity, "changed")
            state.since = server.write(self.mark - back)
            found.append(self._walk(state, bring))
        state = WalkState(f"{self.entity}/new", self.entity, "new", cursor=self.last_id)
        found.append(self._walk(state, bring))
        return found

    def resumed(self, states: Iterable[WalkState], bring: Bring) -> list[Walk]:
        """Return the walks that an earlier process has left, where they stood."""
        found = [state for state in states if state.entity == self.entity and state.kind == "all"]
        total = self.extent.total
        expected = None if total is None or not found else -(-total // len(found))
        return [self._walk(state, bring, expected) for state in found]

    def _walk(
        self,
        state: WalkState,
        bring: Bring,
        expected: int | None = None,
        columns: tuple[str, ...] | None = None,
    ) -> Walk:
        moment = self.listing.changed or self.listing.window
        conditions = {f">={moment}": state.since} if state.since and moment else {}
        asked = self.asked if columns is None else columns
        changes = state.kind in ("changed", "new")  # mostly few: a portal rests more than it works
        return Walk(state, self.listing, asked, bring, expected, conditions, more=not changes)

    # --- single questions ----------------------------------------------------------------

    def count(self, server: ServerClock) -> Once:
        """Return the question how many records there are, of those that are read."""
        conditions = {}
        if self.start is not None:
            conditions[f">={self.listing.changed}"] = server.write(self.start)
        params = self.listing.params((self.listing.id,), conditions, counted=True)
        return Once("n", self.listing.method, {**params, "start": 0})

    def missing(self, ids: Sequence[int]) -> list[Once]:
        """Return the questions for records of which only the ids are known."""
        key = f"{self.listing.any_of}{self.listing.filter_id}"
        return [
            Once(
                f"m{start}",
                self.listing.method,
                self.listing.params(self.asked, {key: list(ids[start : start + PAGE])}),
            )
            for start in range(0, len(ids), PAGE)
        ]


def cells(
    rows: Sequence[Row], columns: tuple[str, ...], key: str
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the columns that rows need and the rows as the store takes them: id, then values.

    What was asked for has a column even if nothing came; what came without being asked for is kept
    as well, under the name it came by.
    """
    names = {column_key(c): c for c in columns if c != EVERYTHING}
    wide = not names or EVERYTHING in columns
    for keys in dict.fromkeys(map(tuple, rows if wide else rows[:1])):
        for name in keys:
            # The store's columns differ by more than the size of letters.
            if names.get(column_key(name)) not in keys and can_be_column(name):
                names[column_key(name)] = name
    ordered = tuple(names.values())
    if not ordered:
        return ordered, [(row[key],) for row in rows]
    values = itemgetter(key, *ordered)
    try:
        return ordered, list(map(values, rows))
    except KeyError:  # a field that not every record has
        return ordered, [(row[key], *map(row.get, ordered)) for row in rows]


def numbered(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return columns and rows of a list without ids of its own, numbered in their order."""
    keyed: dict[str, str] = {}
    for key in (key for row in rows for key in row if can_be_column(key)):
        keyed.setdefault(column_key(key), key)
    names = tuple(keyed.values())
    return names, [(number, *map(row.get, names)) for number, row in enumerate(rows, 1)]
