"""Captions on more than one line: a month above, plan and fact below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from kpictl.naming import fold
from kpictl.tables import TableFile

Lines = tuple[tuple[str, ...], ...]


def lines_of(file: TableFile, first: int) -> Lines:
    """Return the lines of the captions from row `first` on, each as wide as the table, the last of
    them being what the file is opened with.

    A caption that stands over several columns is written once, over the first: the upper lines are
    filled to the right, as far as there are captions below.
    """
    width = len(file.header)
    above = dict(file.above)
    last = max(file.skip, first)
    upper = [_fitted(above.get(row, ()), width) for row in range(first, last)]
    below = file.header
    filled: list[tuple[str, ...]] = []
    for line in reversed(upper):
        below = _filled(line, below)
        filled.append(below)
    return (*reversed(filled), file.header)


def joined(lines: Lines) -> tuple[str, ...]:
    """Return one caption for each column: that of the last line where it is the only one of its
    name (Name), else with those above it (May plan, May fact)."""
    captions = [""] * len(lines[-1])
    for depth in range(1, len(lines) + 1):
        texts = [_text(lines[-depth:], column) for column in range(len(captions))]
        times = Counter(map(fold, texts))
        for column, text in enumerate(texts):
            if text and not captions[column] and times[fold(text)] == 1:
                captions[column] = text
    return tuple(c or _text(lines, column) for column, c in enumerate(captions))


def with_captions(file: TableFile, first: int | None) -> tuple[TableFile, Lines]:
    """Return a file called by all lines of its captions, of which the first is given, and these."""
    if first is None:
        return file, (file.header,)
    lines = lines_of(file, first)
    return replace(file, header=joined(lines)), lines


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))


def _filled(line: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
    found, over = [], ""
    for own, under in zip(line, below, strict=True):
        over = own or (over if under else "")
        found.append(over)
    return tuple(found)


def _text(lines: Sequence[tuple[str, ...]], column: int) -> str:
    return " ".join(dict.fromkeys(line[column] for line in lines if line[column]))
