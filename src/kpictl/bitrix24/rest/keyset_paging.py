"""Walks: reading a list by ascending id, as many pages in one batch as there is room for.

A page asks for the ids above the last one of the page before; inside a batch that id is known to
the portal alone, `$result[…]`. What the portal does with a reference to a row that is not there is
not documented, so of each batch only the pages count that provably follow on one another: ids
ascending, above the last, within bounds, each page before them full.

Walking by id loses and doubles nothing when records change: a record keeps its id.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.methods import COMMANDS, PAGE, Listing
from kpictl.bitrix24.rest.responses import Answer, Fault, Retry
from kpictl.store import WalkState

Replies = Mapping[str, Answer | Fault]
Row = Mapping[str, Any]

NOTHING = Fault("bad_answer", "", Retry.SOON)
FIRST = 2
"""Pages that are asked for where nobody knows whether there is more than one: what follows a page
that is not full is work of the portal for nothing."""


class Walk(Struct):
    """A stretch of ids that is being read. `bring` takes each run of rows, in order; `taken` are
    those that wait for it. `expected` is how many records there probably are (None: nobody knows),
    `more` whether the last page was full, so that others follow."""

    state: WalkState
    listing: Listing
    columns: tuple[str, ...]
    bring: Callable[[Walk, Sequence[Row]], None]
    expected: int | None = None
    conditions: Mapping[str, Any] = {}
    more: bool = True
    first: int = FIRST
    fault: Fault | None = None
    failures: int = 0
    flying: bool = False
    ready_at: float = 0.0
    taken: list[Row] | None = None

    @property
    def method(self) -> str:
        return self.listing.method

    @property
    def done(self) -> bool:
        return self.state.done

    @property
    def pages(self) -> int | None:
        """Return how many pages are probably left; None when there are more, nobody knows how many.

        Ids lie unevenly where records were deleted or imported. So an estimate that has proved too
        low is not trusted to the page: beyond it batches are filled, as far as there is room for
        ids up to the end of the stretch.
        """
        if self.expected is not None and self.state.read < self.expected:
            return self._possible(-(-(self.expected - self.state.read) // PAGE))
        if not self.more:
            return self._possible(self.first)
        possible = self._possible(COMMANDS)
        return possible if possible < COMMANDS else None

    def _possible(self, pages: int) -> int:
        """Return at most so many pages as there are ids for."""
        ends = [end for end in (self.state.until, self.state.last) if end is not None]
        if not ends:
            return pages
        return min(pages, max(-(-(min(ends) - self.state.cursor) // PAGE), 1))

    def commands(self, room: int, prefix: str) -> list[Command]:
        """Return the next pages, at most `room`, each but the first relying on the one before."""
        above: int | str = self.state.cursor
        found = []
        for page in range(room):
            label = f"{prefix}p{page}"
            conditions = {**self.conditions, f">{self.listing.filter_id}": above}
            if self.state.until is not None:
                conditions[f"<={self.listing.filter_id}"] = self.state.until
            params = self.listing.params(self.columns, conditions)
            found.append(Command(label, self.listing.method, params))
            path = "".join(f"[{key}]" for key in self.listing.rows)
            above = f"$result[{label}]{path}[{PAGE - 1}][{self.listing.id}]"
        return found

    def take(self, commands: Sequence[Command], replies: Replies) -> None:
        """Take in what came back, as far as it can be relied on; `deliver` hands it over."""
        rows: list[Row] = []
        self.fault = None
        for command in commands:
            reply = replies.get(command.label, NOTHING)
            if isinstance(reply, Fault):
                self.fault = reply
                break
            page = self.listing.found(reply.result)
            ids = None if page is None else self._following(page)
            if page is None or ids is None:
                self.fault = Fault("bad_answer", self.listing.method, Retry.SOON)
                break
            single = dict(zip(ids, page, strict=True))  # activities may come twice
            rows.extend(single.values())
            self.more = len(page) == PAGE
            if ids:
                self.state.cursor = ids[-1]
                self.state.read += len(single)
            if self._ends(page):
                self.state.done = True
                break
        if rows or self.state.done:
            self.failures = 0
            self.taken = rows
        elif self.fault is not None:
            self.failures += 1

    def go_on_from(self, rows: Sequence[Row]) -> None:
        """Take in the list's first rows, read before, as far as they belong to this stretch."""
        until, last = self.state.until, self.state.last
        ids = [ident for row in rows if (ident := self.listing.id_of(row)) is not None]
        count = len(ids) if until is None else bisect_right(ids, until)
        self.taken = list(rows[:count])
        self.state.read = count
        if count:
            self.state.cursor = ids[count - 1]
        ended = until is not None and (count < len(ids) or self.state.cursor >= until)
        self.state.done = ended or (last is not None and self.state.cursor >= last)

    def deliver(self) -> None:
        """Hand over what was taken in last."""
        rows, self.taken = self.taken, None
        if rows is not None:
            self.bring(self, rows)

    def _following(self, page: Sequence[Row]) -> list[int] | None:
        """Return the ids of a page; None when it does not continue the walk: what else it may be
        is not ours to guess."""
        last = self.state.cursor + 1
        ids: list[int] = []
        for row in page:
            ident = self.listing.id_of(row)
            if ident is None or ident < last:
                return None
            ids.append(ident)
            last = ident
        beyond = self.state.until is not None and bool(ids) and last > self.state.until
        return None if beyond or len(page) > PAGE else ids

    def _ends(self, page: Sequence[Row]) -> bool:
        """Say whether nothing can follow a page.

        The record that was the last when the walk began may have gone meanwhile; then only an empty
        page tells that there is nothing above.
        """
        last, until = self.state.last, self.state.until
        if until is not None and self.state.cursor >= until:
            return True
        if last is not None:
            return not page or self.state.cursor >= last
        return len(page) < PAGE


class Once(Struct):
    """One command whose answer is taken as it is."""

    label: str
    method: str
    params: Mapping[str, Any]
    answer: Answer | None = None
    fault: Fault | None = None
    failures: int = 0
    flying: bool = False
    ready_at: float = 0.0
    pages: int | None = 1

    @property
    def done(self) -> bool:
        return self.answer is not None

    def commands(self, room: int, prefix: str) -> list[Command]:
        return [Command(f"{prefix}{self.label}", self.method, self.params)] if room else []

    def take(self, commands: Sequence[Command], replies: Replies) -> None:
        reply = replies.get(commands[0].label, NOTHING)
        if isinstance(reply, Fault):
            self.fault, self.failures = reply, self.failures + 1
        else:
            self.answer, self.fault = reply, None

    def deliver(self) -> None:
        """An answer stays where it is."""

    @property
    def result(self) -> Any:
        return None if self.answer is None else self.answer.result
