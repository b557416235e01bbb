"""Where in a plan's text a secret stands or could stand, so that no excerpt shows it.

A misspelt key (`webook:`), a list or a mapping in place of a text, a source that is nothing but an
address: whatever is wrong with a source, its texts are hidden, except those that cannot be a key to
a portal, which are the options that we know and names of files.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import yaml
from msgspec import Struct

from kpictl.plan.document import LOADER, SECRETS, Path
from kpictl.plan.fields import Part
from kpictl.plan.sources import SPECS, Table

HIDDEN = "•••"
Span = tuple[int, int]  # first character and the one after the last, in a line

_SECTIONS: tuple[type[Part], ...] = (*SPECS.values(), Table)
_OPTIONS = frozenset(name for section in _SECTIONS for name in section.model_fields) - {
    *SECRETS,
    "portal",
    "authorization_server",
}
_ADDRESSES = ("portal", "authorization_server")
_SUSPECT = re.compile(
    r"web_?hook|secret|token|passw|pwd|api_?key|вебхук|парол|токен|секрет", re.IGNORECASE
)
_PAIR = re.compile(
    r"""["']?([\w .-]+?)["']?\s*:(?:\s+|$)("[^"]*"?|'[^']*'?|[^,{}\[\]#\s][^,{}\[\]#]*)?"""
)
_HOST = re.compile(r"(?:https?://)?[\w.-]+(?::\d+)?/?")


def could_be(path: Path, text: str, kind: str) -> bool:
    """Say whether a text of a plan stands where a secret could; `kind` is the type of its source as
    it is written, "" for none."""
    if path[:1] != ("sources",):
        # A key of a source, written a level or two too high.
        return len(path) <= 2 and bool(path) and resembles(str(path[-1]))
    keys = [str(key) for key in path[2:] if isinstance(key, str)]
    if not keys:
        return True  # the source itself is a text, or a list
    if len(path) == 3 and keys[0] in _ADDRESSES:
        return not _HOST.fullmatch(text)
    if keys[0] in _OPTIONS:
        return any(resembles(key) for key in keys[1:])
    if (kind in SPECS and SPECS[kind].may_hold_keys) or "://" in text:
        return True
    return not any(sign in text for sign in "./*") if len(path) == 3 else _of_table(keys)


def _of_table(keys: list[str]) -> bool:
    """Say whether a text within what a source calls by a free name could be one: within an entity
    there are options, and captions under `fields`."""
    known = keys[1:2] and keys[1] in _OPTIONS
    return resembles(keys[0]) or (not known and len(keys) > 1)


def resembles(key: str) -> bool:
    """Say whether a key is that of a secret, or nearly.

    >>> resembles("webook"), resembles("client-secret"), resembles("orders")
    (True, True, False)
    """
    name = key.casefold()
    return bool(_SUSPECT.search(name) or difflib.get_close_matches(name, SECRETS, 1, 0.75))


def masked(text: str) -> list[Line]:
    """Return the lines of a plan's text with the places hidden where a secret could be."""
    lines = text.splitlines()
    walk = _Walk(lines)
    walk.run(text)
    spans: dict[int, list[Span]] = {}
    for number, span in walk.spans():
        spans.setdefault(number, []).append(span)
    for number in range(walk.reached, len(lines)):  # behind a mistake of the YAML itself
        spans.setdefault(number, []).extend(_guessed(lines[number]))
    return [Line(line, tuple(sorted(spans.get(i, ())))) for i, line in enumerate(lines)]


class Line(Struct, frozen=True):
    """A line of a plan, and what of it is hidden."""

    text: str
    spans: tuple[Span, ...] = ()

    def shown(self, column: int) -> tuple[str, int]:
        """Return the line with bullets for what is hidden, and where a column has come to."""
        parts, end, moved = [], 0, column
        for start, stop in self.spans:
            if start < end:
                continue
            parts += [self.text[end:start], HIDDEN]
            if column >= stop:
                moved += len(HIDDEN) - (stop - start)
            elif column > start:
                moved -= column - start
            end = stop
        return "".join([*parts, self.text[end:]]), moved


def _guessed(line: str) -> Iterator[Span]:
    """Yield what could be a secret in a line that is no YAML: what stands behind any key that is
    not known to be harmless."""
    for found in _PAIR.finditer(line):
        if found[2] and found[1].strip() not in _OPTIONS:
            yield found.span(2)


class _Level(Struct):
    """A mapping or list that is open: its path, and the key whose value comes next, or how many
    items there were."""

    path: Path
    mapping: bool
    key: str | None = None
    count: int = 0

    def next(self) -> Path:
        """Return the path of the value that comes, and go on."""
        step: str | int = self.count
        if self.mapping:
            step, self.key = str(self.key), None
        self.count += 1
        return (*self.path, step)


class _Walk(Struct):
    """Goes through the events of a YAML text, as far as it is YAML."""

    lines: list[str]
    levels: list[_Level] = []
    texts: list[tuple[Path, Any]] = []
    kinds: dict[Path, str] = {}
    keys: set[str] = set()
    reached: int = 0

    def run(self, text: str) -> None:
        """Take in every text with its path; `reached` is the first line (from 0) that is none."""
        with suppress(yaml.YAMLError, RecursionError):
            event: Any
            for event in yaml.parse(text, Loader=LOADER):
                self.take(event)
                self.reached = event.end_mark.line
            self.reached = len(self.lines)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            self.levels.pop()
        if not isinstance(event, yaml.NodeEvent):
            return
        opens = isinstance(event, yaml.CollectionStartEvent)
        top = self.levels[-1] if self.levels else None
        if top is not None and top.mapping and top.key is None:
            top.key = str(getattr(event, "value", ""))
            self.keys.add(top.key)
            path = (*top.path, top.key)
        else:
            path = () if top is None else top.next()
            if isinstance(event, yaml.ScalarEvent):
                self.texts.append((path, event))
                if len(path) == 3 and path[2] == "type":
                    self.kinds[path[:2]] = event.value
        if opens:
            self.levels.append(_Level(path, isinstance(event, yaml.MappingStartEvent)))

    def spans(self) -> Iterator[tuple[int, Span]]:
        """Yield line (from 0) and span of every text that could be a secret."""
        for path, event in self.texts:
            if not event.value or not could_be(path, event.value, self.kinds.get(path[:2], "")):
                continue
            start, end = event.start_mark, event.end_mark
            for number in range(start.line, min(end.line + 1, len(self.lines))):
                line = self.lines[number]
                first = start.column if number == start.line else len(line) - len(line.lstrip())
                last = end.column if number == end.line else len(line)
                if first < last:
                    yield number, (first, last)


def hidden_texts(text: str) -> Iterator[str]:
    """Yield the texts of a plan that could be secrets, to be hidden in what is said of it. Words
    that the plan uses elsewhere are none, and hiding them would spoil the messages."""
    walk = _Walk(text.splitlines())
    walk.run(text)
    suspect = [
        could_be(path, event.value, walk.kinds.get(path[:2], "")) for path, event in walk.texts
    ]
    plain = {
        event.value for (_, event), secret in zip(walk.texts, suspect, strict=True) if not secret
    }
    for (_, event), secret in zip(walk.texts, suspect, strict=True):
        if secret and event.value not in plain | walk.keys:
            yield event.value
