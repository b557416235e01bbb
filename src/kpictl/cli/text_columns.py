"""Rows of text as columns: for a terminal cut to its width, for a pipe as they are."""

from __future__ import annotations

from collections.abc import Sequence

from kpictl.report.terminal import Align, fit, pad, widest

GAP = "  "


def columns(
    rows: Sequence[Sequence[str]], aligns: str = "", *, width: int | None = None, indent: int = 0
) -> list[str]:
    """Return rows as lines of aligned columns; `aligns` has an `r` for each column of numbers.

    The last column ends where the terminal does.
    """
    if not rows:
        return []
    sizes = [widest(column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, size) in enumerate(zip(row, sizes, strict=True)):
            align: Align = "right" if aligns[place : place + 1] == "r" else "left"
            cells.append(pad(cell, size, align))
        line = " " * indent + GAP.join(cells).rstrip()
        lines.append(line if width is None else fit(line, width))
    return lines
