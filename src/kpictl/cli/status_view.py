"""How things stand, as people read it on a terminal, as scripts grep it, and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpictl.app.status import PlanStatus
from kpictl.cli.progress import caption
from kpictl.cli.pull_view import changes_in_words
from kpictl.cli.text_columns import GAP, columns
from kpictl.report.format import clean, in_zone, moment, number
from kpictl.report.terminal import fit, paint, widest, wrap
from kpictl.sources.status import Pulled, Status
from kpictl.store import Mark
from kpictl.store import Pulled as Pull
from kpictl.words import say

NONE = "-"
_EVERY = "*"  # the name that stands for every field
_LEAST_NAME = 16  # cells that a name, or a line of changes, needs at least


class Page:
    """The lines of `kpictl status`. Without a width they are for a pipe: codes in place of
    captions, moments as ISO 8601, numbers without grouping."""

    def __init__(
        self, found: PlanStatus, lang: str, *, width: int | None = None, color: bool = False
    ) -> None:
        self.found, self.lang, self.width, self.color = found, lang, width, color

    def lines(self) -> Iterator[str]:
        for source in self.found.sources:
            yield from (
                self._files(source)
                if source.pulled is None
                else self._pulled(source.name, source.pulled)
            )
            yield ""
        yield from self._store()

    # --- sources -------------------------------------------------------------------------

    def _files(self, source: Status) -> Iterator[str]:
        yield from self._head(source.name, say(self.lang, "status.files"))
        rows = [
            [one.entity, clean(", ".join(one.patterns)), self._say("status.found", n=one.count)]
            for one in source.files
        ]
        yield from columns(rows, width=self.width, indent=2)

    def _pulled(self, name: str, source: Pulled) -> Iterator[str]:
        if not source.marks and source.user is None and source.scopes is None:
            yield from self._head(name, source.product, self._say("status.nothing"))
            return
        eyes = [] if source.user is None else [self._eyes(source)]
        yield from self._head(name, source.product, source.host or "", *eyes)
        if source.scopes is not None:
            yield from self._wrapped(self._say("status.scopes", list=", ".join(source.scopes)))
        if source.admin is False:
            yield from self._wrapped(self._say("status.not_admin"), warning=True)
        for scope, entities in (source.lacking or {}).items():
            named = ", ".join(self._entity(entity) for entity in entities)
            text = self._say("status.lacking", scope=scope, entities=named)
            yield from self._wrapped(text, warning=True)
        if not source.marks:
            yield from self._wrapped(self._say("status.nothing"))
        yield from self._marks(source)
        if source.history_since is not None:
            at = self._at(source.history_since)
            yield from self._wrapped(self._say("status.history", at=at))
        yield from self._pulls(source)

    def _eyes(self, source: Pulled) -> str:
        role = "status.admin" if source.admin else "status.user"
        return self._say(role, user=clean(source.user or ""))

    def _marks(self, source: Pulled) -> Iterator[str]:
        if not source.marks:
            return
        heads = [self._say(f"status.head.{name}") for name in ("entity", "rows", "to", "sweep")]
        heads.append(self._say("status.head.fields"))
        rows = [heads, *(self._mark(mark) for mark in source.marks)]
        since = ["", *(self._since(mark) for mark in source.marks)]
        if self.width is None:
            rows = [[*row, text] for row, text in zip(rows, since, strict=True)]
        elif (excess := widest(columns(rows, indent=2)) - self.width) > 0:
            self._narrow(rows, source.marks, excess)
        yield ""
        aligns = "lrllr" if len(rows[0]) > 4 else "lrlr"
        lines = columns(rows, aligns, width=self.width, indent=2)
        yield paint([(lines[0], "dim")], color=self.color)
        for line, text in zip(lines[1:], since[1:], strict=True):
            yield line
            if text and self.width is not None:
                yield from self._wrapped(text, indent=4)

    def _narrow(self, rows: list[list[str]], marks: Sequence[Mark], excess: int) -> None:
        """Shorten names so that the last column is seen: their codes go first, then their ends."""
        before = widest(row[0] for row in rows)
        for row, mark in zip(rows[1:], marks, strict=True):
            row[0] = caption(mark.entity, self.lang)
        room = max(before - excess, _LEAST_NAME)
        for row in rows:
            row[0] = fit(row[0], room)
        if widest(columns(rows, indent=2)) > (self.width or 0):
            for row in rows:
                del row[3]  # the sweep

    def _mark(self, mark: Mark) -> list[str]:
        fields = self._say("status.all_fields") if _EVERY in mark.columns else ""
        return [
            self._entity(mark.entity),
            self._number(mark.rows),
            self._at(mark.complete_to),
            NONE if mark.swept_at is None else self._at(mark.swept_at),
            fields or str(len(mark.columns)),
        ]

    def _since(self, mark: Mark) -> str:
        return "" if mark.since is None else self._say("status.since", at=self._at(mark.since))

    def _pulls(self, source: Pulled) -> Iterator[str]:
        if not source.pulls:
            return
        yield ""
        yield paint([("  " + self._say("status.pulls"), "dim")], color=self.color)
        rows = [
            [self._at(one.finished), self._say("pull.requests", n=one.requests)]
            for one in source.pulls
        ]
        for begin, one in zip(columns(rows, "lr", indent=2), source.pulls, strict=True):
            changes = changes_in_words(one.changes, self.lang) or self._say("pull.nothing_new")
            indent = widest([begin]) + len(GAP)
            if self.width is None:
                yield begin + GAP + changes
                continue
            if self.width - indent < _LEAST_NAME:
                yield fit(begin, self.width)
                yield from self._wrapped(changes, indent=4)
                continue
            first, *more = wrap(changes, self.width - indent)
            yield begin + GAP + first
            yield from (" " * indent + line for line in more)

    # --- the store -----------------------------------------------------------------------

    def _store(self) -> Iterator[str]:
        portals = any(source.pulled is not None for source in self.found.sources)
        if self.found.size is not None:
            size = number(Decimal(self.found.size) / 1_000_000, self.lang, 1)
            file = clean(os.path.relpath(self.found.store))
            yield self._say("status.store", file=file, size=size)
        elif portals:
            yield self._say("status.no_store")
        left = self.found.unfinished
        if left is None:
            return
        if left.process is not None:
            text = self._say("status.running", process=left.process)
        else:
            read = [
                f"{self._entity(entity)} {self._number(n)}" for entity, n in left.read.items() if n
            ]
            text = self._say("status.cut_off", read=", ".join(read) or NONE)
        yield from self._wrapped(text, warning=True, indent=0)

    # --- words ---------------------------------------------------------------------------

    def _say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    def _head(self, name: str, *parts: str) -> Iterator[str]:
        title = clean(name)
        text = " · ".join([title, *(clean(part) for part in parts if part)])
        first, *more = [text] if self.width is None else wrap(text, self.width, 2)
        shown = title if first.startswith(title) else ""
        yield paint([(shown, "bold"), (first.removeprefix(shown), "")], color=self.color)
        yield from more

    def _wrapped(self, text: str, *, warning: bool = False, indent: int = 2) -> Iterator[str]:
        lines = [text] if self.width is None else wrap(text, self.width - indent, 2)
        for line in lines:
            yield paint([(" " * indent + line, "yellow" if warning else "")], color=self.color)

    def _entity(self, entity: str) -> str:
        if self.width is None:
            return clean(entity)
        words = caption(entity, self.lang)
        return words if words == entity else f"{words} ({clean(entity)})"

    def _number(self, value: int) -> str:
        return str(value) if self.width is None else number(Decimal(value), self.lang)

    def _at(self, instant: datetime) -> str:
        if self.width is None:
            return in_zone(instant, self.found.zone).isoformat(timespec="seconds")
        return moment(instant, self.found.zone, self.lang)


def to_json(found: PlanStatus) -> str:
    """Return how things stand as JSON; moments are ISO 8601 in the company's zone."""

    def at(instant: datetime | None) -> str | None:
        return None if instant is None else in_zone(instant, found.zone).isoformat()

    left = found.unfinished
    whole = {
        "kpictl": 1,
        "plan": found.plan,
        "store": {"file": str(found.store), "bytes": found.size},
        "sources": [_source(one, at) for one in found.sources],
        "unfinished": None if left is None else {
            "process": left.process, "read": dict(left.read)
        },
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _source(status: Status, at: Callable[[datetime | None], str | None]) -> dict[str, Any]:
    head = {"name": status.name, "type": status.type}
    one = status.pulled
    if one is None:
        return {
            **head,
            "entities": [
                {"entity": e.entity, "paths": list(e.patterns), "files": e.count}
                for e in status.files
            ],
        }
    return {
        **head,
        "host": one.host,
        "user": one.user,
        "admin": one.admin,
        "scopes": None if one.scopes is None else list(one.scopes),
        "lacking": {scope: list(names) for scope, names in (one.lacking or {}).items()},
        "currency": one.currency,
        "complete_to": at(one.complete_to),
        "history_since": at(one.history_since),
        "entities": [
            {
                "entity": mark.entity,
                "records": mark.rows,
                "complete_to": at(mark.complete_to),
                "swept_at": at(mark.swept_at),
                "since": at(mark.since),
                "fields": list(mark.columns),
            }
            for mark in one.marks
        ],
        "pulls": [_pull(pulled, at) for pulled in one.pulls],
    }


def _pull(pulled: Pull, at: Callable[[datetime | None], str | None]) -> dict[str, Any]:
    return {
        "number": pulled.number,
        "started": at(pulled.started),
        "finished": at(pulled.finished),
        "requests": pulled.requests,
        "changes": {entity: dict(change) for entity, change in pulled.changes.items()},
    }
