"""YAML text → plain values that remember where they stand.

Scalars stay the texts that they are written as (`no`, `1_000`, `22:30`, `2024-05`, `007`); only
nothing and `null` are None. Whoever wants a number reads it from its text.
Duplicate keys, foreign tags and aliases that blow up are mistakes; each is collected with its
place. `${NAME}` in a text is filled from the environment and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from stat import S_ISDIR, S_ISREG
from typing import Any

import yaml
from msgspec import Struct

from kpictl.errors import Place, Problem

Path = tuple[str | int, ...]

MAX_BYTES = 4_000_000
MAX_NODES = 200_000
MAX_DEPTH = 40

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    _STANDARD + tag
    for tag in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)


class NotAFile(OSError):
    """A pipe or a device, which may never end."""


def read_bytes(path: str | FilePath) -> bytes:
    """Return what is in a file; NotAFile for a pipe or a device, which is not even opened."""
    file = FilePath(path)
    mode = file.stat().st_mode
    if not (S_ISREG(mode) or S_ISDIR(mode)):
        raise NotAFile(str(path))
    return file.read_bytes()


class Document(Struct):
    """The values of a YAML text and the places of every key and value in it.

    `keys` and `values` are indexed by the path from the top: ("kpis", "revenue", "when").
    `secret` are texts filled from the environment, to be masked in anything printed.
    """

    file: str
    text: str
    data: Any = None
    keys: dict[Path, Place] = {}
    values: dict[Path, Place] = {}
    problems: list[Problem] = []
    secrets: set[str] = set()

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where a value (or its key) is written.

        For a path that is not there, the nearest enclosing one that is.
        """
        tables = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            for table in tables:
                if path in table:
                    return table[path]
            path = path[:-1]
            tables = (self.keys, self.values)
        return Place(self.file, 1, 1)

    def place_within(self, path: Path, text: str, offset: int) -> Place:
        """Return where a character of a text that is a value is written; of a text in several
        lines, where it begins."""
        place = self.place(path)
        if not place.line or not place.column or "\n" in text:
            return place
        line = self.text.splitlines()[place.line - 1]
        at = line.find(text, place.column - 1)
        return Place(place.file, place.line, at + offset + 1 if at >= 0 else place.column)


def read(text: str, file: str, environment: Mapping[str, str]) -> Document:
    """Read a YAML text. What is wrong with it stands in `problems`; `data` is then incomplete."""
    document = Document(file, text)
    if len(text) > MAX_BYTES:
        document.problems.append(Problem("yaml.too_big", Place(file), {"limit": MAX_BYTES}))
        return document
    try:
        _measure(text)
        node = yaml.compose(text, Loader=LOADER)
        if node is not None:
            document.data = _Reader(document, environment).read(node, ())
    except yaml.YAMLError as error:
        document.problems.append(_syntax(error, text, file))
    except _TooMuchError as stop:
        place = _place(stop.node, file)
        document.problems.append(Problem(stop.code, place, {"limit": stop.limit}))
    return document


def _measure(text: str) -> None:
    """Refuse deep nesting before it is composed, which would overflow the stack."""
    try:
        _dive(text, LOADER)
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):
            _dive(text, yaml.SafeLoader)  # libyaml looks ahead, and gives up without a place
        raise


def _dive(text: str, loader: Any) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _TooMuchError("yaml.too_deep", MAX_DEPTH, event)


# What libyaml says → our code; the first that fits.
_SYNTAX = (
    ("cannot start any token", "yaml.character"),
    ("mapping values are not allowed", "yaml.colon"),
    ("expected ',' or", "yaml.unclosed"),
    ("while scanning a quoted", "yaml.quote"),
    ("undefined alias", "yaml.alias"),
    ("another document", "yaml.documents"),
    ("did not find expected key", "yaml.indent"),
    ("did not find expected '-' indicator", "yaml.indent"),
    ("could not find expected ':'", "yaml.no_colon"),
)


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _control(error, text, file)
    place = Place(file, mark.line + 1, mark.column + 1)
    detail = str(getattr(error, "problem", None) or error)
    said = f"{getattr(error, 'context', '')} {detail}"
    code = next((code for words, code in _SYNTAX if words in said), "yaml.syntax")
    opened = getattr(error, "context_mark", None)
    if code in ("yaml.unclosed", "yaml.quote") and opened and opened.line < mark.line:
        mark = opened
        place = Place(file, mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1] and not line[: mark.column].strip():
        code = "yaml.tab"
    if line[max(mark.column - 1, 0) : mark.column + 1] == "${":
        code, place = "yaml.variable", Place(file, place.line, place.column - 1)
    return Problem(code, place, {"detail": detail})


def _control(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """Place a character that YAML does not allow: libyaml says only that there is one."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return Problem("yaml.syntax", Place(file), {"detail": str(error)})
    before = text[: found.start()]
    place = Place(file, before.count("\n") + 1, found.start() - before.rfind("\n"))
    return Problem("yaml.control", place, {"character": f"U+{ord(found[0]):04X}"})


SECRETS = ("webhook", "client_secret", "refresh_token")
"""Keys of a source that are a password, or hold one."""
_KEYS = frozenset({*SECRETS, "client_id", "portal"})


class _TooMuchError(Exception):
    """A document larger than any plan; `node` is where it became too large."""

    def __init__(self, code: str, limit: int, node: Any) -> None:
        super().__init__(code)
        self.code, self.limit, self.node = code, limit, node


class _Reader:
    def __init__(self, document: Document, environment: Mapping[str, str]) -> None:
        self.document = document
        self.environment = environment
        self.count = 0

    def read(self, node: Any, path: Path) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            raise _TooMuchError("yaml.too_many", MAX_NODES, node)
        if len(path) > MAX_DEPTH:
            raise _TooMuchError("yaml.too_deep", MAX_DEPTH, node)
        self.document.values.setdefault(path, _place(node, self.document.file))
        if node.tag not in _PLAIN_TAGS:
            self.problem("yaml.tag", node, tag=node.tag.replace(_STANDARD, "!!"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
        return self.scalar(node, path)

    def problem(self, code: str, node: Any, **data: object) -> None:
        self.document.problems.append(Problem(code, _place(node, self.document.file), data))

    def mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem("yaml.key", key_node)
                continue
            key = key_node.value
            inner = (*path, key)
            if key in found:
                first = self.document.keys[inner]
                self.problem("yaml.duplicate", key_node, key=key, line=first.line)
                continue
            self.document.keys[inner] = _place(key_node, self.document.file)
            found[key] = self.read(value_node, inner)
        return found

    def scalar(self, node: Any, path: Path) -> str | None:
        if not node.style and node.value in _NULLS:
            return None
        names = {match[1] for match in _VARIABLE.finditer(node.value)}
        if _is_key(path) and not names <= self.environment.keys():
            return None  # only a pull needs it, and says so
        return self.fill(node.value, node)

    def fill(self, text: str, node: Any) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] not in self.environment:
                self.problem("plan.no_variable", node, name=match[1])
                return match[0]
            self.document.secrets.add(self.environment[match[1]])
            return self.environment[match[1]]

        return _VARIABLE.sub(value, text)


def _is_key(path: Path) -> bool:
    """Say whether a text is part of the key to a portal."""
    return len(path) == 3 and path[0] == "sources" and path[2] in _KEYS


def _place(node: Any, file: str) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
