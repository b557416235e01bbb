"""The craft of terminal lines: measuring, cutting, padding, wrapping, bars and colour.

All widths are terminal cells, so wide characters count twice and combining ones not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from rich import cells

from kpictl.values import to_decimal

Segment = tuple[str, str]  # text, style
Line = Sequence[Segment]
Align = Literal["left", "right"]

_CODES = {
    "red": "31",
    "yellow": "33",
    "green": "32",
    "bright": "92",
    "dim": "2",
    "bold": "1",
}
_EIGHTHS = "▏▎▍▌▋▊▉█"


@lru_cache(maxsize=1 << 14)
def cell_len(text: str) -> int:
    """Return how many cells a text takes. Layouts measure the same texts over and over."""
    return len(text) if text.isascii() and text.isprintable() else cells.cell_len(text)


def paint(line: Line, *, color: bool) -> str:
    """Join the segments of a line; a style is one or two words of `_CODES`, "" for none."""
    text = "".join(_painted(*segment) if color else segment[0] for segment in line)
    return text if color else text.rstrip(" ")


def _painted(text: str, style: str) -> str:
    if not style or not text.strip():
        return text
    codes = ";".join(_CODES[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def fit(text: str, width: int) -> str:
    """Return text cut to a width with an ellipsis; what fits is left alone."""
    if cell_len(text) <= width:
        return text
    kept = text[: max(width, 0)]
    while kept and cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…" if width > 0 else ""


def clip(line: Line, width: int) -> Line:
    """Return a line that ends at `width`; the segment that crosses it gets the ellipsis."""
    kept: list[Segment] = []
    for text, style in line:
        size = cell_len(text)
        if size > width:
            return [*kept, (fit(text.rstrip(" "), width), style)]
        kept.append((text, style))
        width -= size
    return kept


def pad(text: str, width: int, align: Align = "left") -> str:
    """Return text of exactly this many cells."""
    text = fit(text, width)
    space = " " * (width - cell_len(text))
    return space + text if align == "right" else text + space


def widest(texts: Iterable[str]) -> int:
    return max((cell_len(text) for text in texts), default=0)


def wrap(text: str, width: int, indent: int = 0, *, cut: bool = True) -> list[str]:
    """Break text at spaces into lines of at most `width`; all but the first are indented. A word
    that is longer ends in an ellipsis, or runs over where nothing may be `cut`."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        room = width - (indent if lines else 0)
        longer = f"{current} {word}" if current else word
        if cell_len(longer) <= room or not current:
            current = longer
        else:
            lines.append(current)
            current = word
        if cut:
            current = fit(current, width - (indent if lines else 0))
    lines.append(current)
    return [lines[0], *(" " * indent + line for line in lines[1:])]


def heading(name: str, parts: Sequence[str], separator: str, width: int) -> Iterator[list[Segment]]:
    """Yield what a page is of: its name, and beside it which period, plan and data these are."""
    first, *more = join([name, *parts], separator, width)
    yield [(name, "bold"), (first.removeprefix(name), "dim")]
    yield from ([(line, "dim")] for line in more)


def join(parts: Sequence[str], separator: str, width: int) -> list[str]:
    """Join parts into lines of at most `width`, breaking only between parts."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{separator}{part}" if lines else part
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fit(part, width))
    return lines


def bar(value: Decimal, full: Decimal, width: int) -> str:
    """Return a bar of eighth blocks; `full` fills all its width, anything above zero shows."""
    if value <= 0 or width <= 0:
        return ""
    eighths = min(int(to_decimal(value * width * 8 / full, 0)), width * 8)
    whole, rest = divmod(max(eighths, 1), 8)
    return "█" * whole + (_EIGHTHS[rest - 1] if rest else "")
