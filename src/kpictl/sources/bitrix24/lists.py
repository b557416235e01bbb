"""Lists that cannot be walked by id: by offset, and the rows that belong to records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpictl.sources.bitrix24.commands import Command
from kpictl.sources.bitrix24.methods import PAGE, Listing
from kpictl.sources.bitrix24.replies import Fault
from kpictl.sources.bitrix24.walks import NOTHING, Replies, Row


@dataclass(slots=True)
class Pages:
    """A short list read by offset, from its beginning to its end."""

    listing: Listing
    key: str  # what the offset is called
    rows: list[Row] = field(default_factory=list)
    total: int | None = None
    complete: bool = False
    fault: Fault | None = None
    failures: int = 0
    flying: bool = False
    ready_at: float = 0.0

    @property
    def method(self) -> str:
        return self.listing.method

    @property
    def done(self) -> bool:
        return self.complete

    @property
    def pages(self) -> int | None:
        left = 1 if self.total is None else self.total - len(self.rows)
        return max(-(-left // PAGE), 1)

    def commands(self, room: int, prefix: str) -> list[Command]:
        wanted = min(self.pages or 1, room)
        starts = [len(self.rows) + PAGE * page for page in range(wanted)]
        return [
            Command(f"{prefix}s{start}", self.method, {**self.listing.order, self.key: start})
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
            self.total = reply.total if reply.total is not None else self.total
            self.rows.extend(page)
            if len(page) < PAGE:
                self.complete = True
                return
        self.complete = self.total is not None and len(self.rows) >= self.total

    def deliver(self) -> None:
        """The rows stay where they are."""


@dataclass(slots=True)
class _Chunk:
    owners: tuple[int, ...]
    cursor: int = 0
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Belongings:
    """The rows that belong to some records, a page of records at a time.

    `bring` takes the owners whose rows are complete, and the rows.
    """

    listing: Listing
    owners: Sequence[int]
    bring: Callable[[Sequence[int], Sequence[Row]], None]
    chunks: list[_Chunk] = field(default_factory=list)
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
            if isinstance(reply, Fault) or page is None or not _ascending(page, chunk.cursor):
                self.fault = reply if isinstance(reply, Fault) else NOTHING
                continue
            chunk.rows.extend(page)
            if len(page) < PAGE:
                complete.append(chunk)
            else:
                chunk.cursor = int(page[-1]["id"])
        if complete:
            self.bring(
                [owner for chunk in complete for owner in chunk.owners],
                [row for chunk in complete for row in chunk.rows],
            )
            self.chunks = [chunk for chunk in self.chunks if chunk not in complete]
        self.failures = self.failures + 1 if self.fault is not None and not complete else 0

    def deliver(self) -> None:
        """The rows have been handed over already."""


def _ascending(page: Sequence[Row], above: int) -> bool:
    for row in page:
        try:
            ident = int(row["id"])
        except (KeyError, TypeError, ValueError):
            return False
        if ident <= above:
            return False
        above = ident
    return True
