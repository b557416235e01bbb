"""The page of `kpictl --help`, drawn as typer draws it, without what typer draws it with.

Typer's page is rich's: its console, tables, markdown and tracebacks take longer to be imported than
Python and everything else of the page together (0.1 of 0.17 s, rich 15). This one draws the same
letters in the same styles; `tests/test_help.py` holds it against typer's own.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

NARROWEST = 60  # columns; below it rich takes from several columns at once, by rules of its own
WIDTH = 80  # where nobody says how wide it is, as rich has it

_BOLD, _DIM, _USAGE, _OPTION, _SWITCH = "1", "2", "1;33", "1;36", "1;32"  # SGR, as typer has them
_OPTION_WORD = re.compile(r"(?<!\w)--[\w-]+|(?<!\S)-\w+(?![a-zA-Z0-9])")
ASKS_RICH = (  # whoever sets one of these wants something that rich knows how to do
    "FORCE_COLOR", "GITHUB_ACTIONS", "JUPYTER_COLUMNS", "NO_COLOR", "PY_COLORS", "TERMINAL_WIDTH",
    "TTY_COMPATIBLE", "_TYPER_FORCE_DISABLE_TERMINAL",
)  # fmt: skip


class Page(Struct, frozen=True):
    """What the page says; `options` are their long names, short names and help."""

    usage: str
    about: str
    options: Sequence[tuple[str, str, str]]
    commands: Mapping[str, str]
    epilog: str


class Paper(Struct, frozen=True):
    """How wide it is, and whether it shows styles."""

    width: int
    styled: bool

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.styled and style and text else text

    def highlight(self, text: str) -> str:
        """Paint the options that a text names."""
        return _OPTION_WORD.sub(
            lambda word: self.paint(word[0], _OPTION if word[0][1] == "-" else _SWITCH), text
        )


def paper(stream: Any, environ: Mapping[str, str]) -> Paper | None:
    """Return what a page is drawn on, or None where rich has to find out."""
    if not str(getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf"):
        return None
    terminal = stream.isatty()
    if sys.platform == "win32" or (terminal and environ.get("TERM", "dumb") in ("dumb", "unknown")):
        return None
    if any(name in environ for name in ASKS_RICH if terminal or name != "NO_COLOR"):
        return None
    width = _width(environ)
    return Paper(width, terminal) if width >= NARROWEST else None


def _width(environ: Mapping[str, str]) -> int:
    said = environ.get("COLUMNS", "")
    if said.isdigit():
        return int(said) or WIDTH
    for stream in (0, 1, 2):
        try:
            return os.get_terminal_size(stream).columns or WIDTH
        except OSError:
            continue
    return WIDTH


def draw(page: Page, on: Paper) -> str:
    """Return the page as one text."""
    return "".join(f"{line}\n" for line in _lines(page, on))


def _lines(page: Page, on: Paper) -> Iterator[str]:
    blank, inner = " " * on.width, on.width - 2
    yield on.paint(blank, _BOLD)
    for line in _wrapped(page.usage, inner):
        begin = "Usage: " if line.startswith("Usage: ") else ""
        rest = f"{line[len(begin) :]:{inner - len(begin)}} "
        yield on.paint(" ", _BOLD) + on.paint(begin, _USAGE) + on.paint(rest, _BOLD)
    yield on.paint(blank, _BOLD)
    yield from _paragraph(page.about, on)
    yield blank
    yield from _frame("Options", _option_rows(page.options, on), on)
    yield from _frame("Commands", _command_rows(page.commands, on), on)
    yield blank
    yield from _paragraph(page.epilog, on)
    yield blank


def _paragraph(text: str, on: Paper) -> Iterator[str]:
    for line in _wrapped(text, on.width - 2):
        yield f" {on.highlight(line)}{' ' * (on.width - 1 - len(line))}"


def _frame(title: str, rows: Iterator[str], on: Paper) -> Iterator[str]:
    yield on.paint(f"╭─ {title} {'─' * (on.width - len(title) - 5)}╮", _DIM)
    side = on.paint("│", _DIM)
    for row in rows:
        yield f"{side} {row} {side}"
    yield on.paint(f"╰{'─' * (on.width - 2)}╯", _DIM)


def _option_rows(options: Sequence[tuple[str, str, str]], on: Paper) -> Iterator[str]:
    """Yield a row an option: its names, three columns that stay empty, and what it does."""
    long, short = (max(len(option[at]) for option in options) for at in (0, 1))
    room = on.width - 4 - long - short - 10
    for name, letter, about in options:
        for at, line in enumerate(_wrapped(about, room)):
            words = (name, letter) if at == 0 else ("", "")
            names = (f"{word:{width}}" for word, width in zip(words, (long, short), strict=True))
            yield f"{on.highlight('  '.join(names))}{' ' * 8}{on.highlight(f'{line:{room}}')}"


def _command_rows(commands: Mapping[str, str], on: Paper) -> Iterator[str]:
    longest = max(map(len, commands))
    room = on.width - 4 - longest - 2
    for name, about in commands.items():
        for at, line in enumerate(_wrapped(about, room)):
            head = on.paint(f"{'' if at else name:{longest + 1}}", _OPTION)
            yield f"{head} {on.highlight(f'{line:{room}}')}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]
