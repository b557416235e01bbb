"""Lists that cannot be walked by id: by offset, and the rows that belong to records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import NOTHING, Replies, Row
from kpictl.bitrix24.rest.methods import PAGE, Listing
from kpictl.bitrix24.rest.responses import Fault


class Pages(Struct):
    """A short list read by offset, from its beginning to its end.

    Most methods cut a list at 50 rows and give a `total` and the offset of the `next` page. Some of
    those that refer to (currencies, pipelines) are documented with neither, and what they answer to
    an offset is not said: everything again, the last page, or nothing. So rows are told apart by
    their id, and a list has ended where an offset brings nothing new. `ahead` is how many pages to
    ask for before anything is known, so that the usual list takes one request.
    """

    listing: Listing
    fixed: Mapping[str, Any] = {}
    key: str = "start"  # what the offset is called
    ahead: int = 1
    total: int | None = None
    complete: bool = False
    fault: Fault | None = None
    failures: int = 0
    flying: bool = False
    ready_at: float = 0.0
    _offset: int = 0
    _rows: dict[Any, Row] = {}

    @property
    def method(self) -> str:
        return self.listing.method

    @property
    def rows(self) -> list[Row]:
        return list(self._rows.values())

    @property
    def missing(self) -> int:
        """Return how many rows the portal counts and does not give."""
        return max((self.total or 0) - len(self._rows), 0) if self.complete else 0

    @property
    def done(self) -> bool:
        return self.complete

    @property
    def pages(self) -> int | None:
        if self.total is None:
            return self.ahead
        return max(-(-(self.total - self._offset) // PAGE), 1)

    def commands(self, room: int, prefix: str) -> list[Command]:
        starts = [self._offset + PAGE * page for page in range(min(self.pages or 1, room))]
        params = {**self.listing.fixed, **self.fixed, **self.listing.order}
        return [
            Command(f"{prefix}s{start}", self.method, {**params, self.key: start})
            for start in starts
        ]

    def take(self, commands: Sequence[Command], replies: Replies) -> None:
        self.fault = None
        for command in commands:
            reply = replies.get(command.label, NOTHING)
            page = None if isinstance(reply, Fault) else self.listing.found(reply.result)
            if isinstance(reply, Fault) or page is None:
                self.fault = reply if isinstance(reply, Fault) else NOTHING
                self.failures += 1
                return
            self.failures = 0
            self.total = reply.total or self.total  # of currencies always 0
            before = len(self._rows)
            self._rows.update({self._id(row, at): row for at, row in enumerate(page, before)})
            self._offset += PAGE
            if len(self._rows) == before or self._ends(len(page), reply.next):
                self.complete = True
                return

    def _id(self, row: Row, at: int) -> Any:
        """Return what tells a row from others: its place, where it has no id."""
        ident = row.get(self.listing.id)
        return ident if isinstance(ident, str | int) else (at,)

    def _ends(self, length: int, following: int | None) -> bool:
        """Say whether nothing can follow a page of that length."""
        if following is not None:
            return False
        return len(self._rows) >= self.total if self.total else length != PAGE

    def deliver(self) -> None:
        """The rows stay where they are."""


class _Chunk(Struct):
    owners: tuple[int, ...]
    cursor: int = 0
    rows: list[Row] = []


class Belongings(Struct):
    """The rows that belong to some records, a page of records at a time.

    `bring` takes the owners whose rows are complete, and the rows.
    """

    listing: Listing
    owners: Sequence[int]
    bring: Callable[[Sequence[int], Sequence[Row]], None]
    chunks: list[_Chunk] = []
    fault: Fault | None = None
    failures: int = 0
    flying: bool = False
    ready_at: float = 0.0

    def __post_init__(self) -> None:
        found = list(self.owners)
        self.chunks = [_Chunk(tuple(found[i : i + PAGE])) for i in range(0, len(found), PAGE)]

    @property
    def method(self) -> str:
        return self.listing.method

    @property
    def done(self) -> bool:
        return not self.chunks

    @property
    def pages(self) -> int | None:
        return len(self.chunks)

    def commands(self, room: int, prefix: str) -> list[Command]:
        return [
            Command(f"{prefix}o{index}", self.method, self._params(chunk))
            for index, chunk in enumerate(self.chunks[:room])
        ]

    def _params(self, chunk: _Chunk) -> Mapping[str, Any]:
        conditions = {"=ownerId": list(chunk.owners), ">id": chunk.cursor}
        return self.listing.params((), conditions)

    def take(self, commands: Sequence[Command], replies: Replies) -> None:
        self.fault = None
        complete = []
        for command, chunk in zip(commands, list(self.chunks), strict=False):
            reply = replies.get(command.label, NOTHING)
            page = None if isinstance(reply, Fault) else self.listing.found(reply.result)
            if isinstance(reply, Fault) or page is None or not self._ascending(page, chunk):
                self.fault = reply if isinstance(reply, Fault) else NOTHING
                continue
            chunk.rows.extend(page)
            if len(page) < PAGE:
                complete.append(chunk)
            else:
                chunk.cursor = self.listing.id_of(page[-1]) or chunk.cursor
        if complete:
            self.bring(
                [owner for chunk in complete for owner in chunk.owners],
                [row for chunk in complete for row in chunk.rows],
            )
            self.chunks = [chunk for chunk in self.chunks if chunk not in complete]
        self.failures = self.failures + 1 if self.fault is not None and not complete else 0

    def _ascending(self, page: Sequence[Row], chunk: _Chunk) -> bool:
        above = chunk.cursor
        for row in page:
            ident = self.listing.id_of(row)
            if ident is None or ident <= above:
                return False
            above = ident
        return True

    def deliver(self) -> None:
        """The rows have been handed over already."""
