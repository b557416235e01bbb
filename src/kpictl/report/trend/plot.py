"""Sparklines and a plot of block characters: what a row of numbers looks like, in text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from kpictl.report.terminal import fit, pad, widest

_BLOCKS = "▁▂▃▄▅▆▇█"
_ROWS = 2  # lines between two marks of the axis
_MARKS = 4  # of the axis above zero
GOAL, _NONE = "┄", "·"
Values = Sequence[Fraction | None]


def spark(values: Values) -> str:
    """Return a block for each value, from the least to the greatest; a space where there is none.

    >>> spark([Fraction(1), None, Fraction(8)])
    '▁ █'
    """
    known = [value for value in values if value is not None]
    if not known:
        return " " * len(values)
    low, high = min(known), max(known)

    def block(value: Fraction | None) -> str:
        if value is None:
            return " "
        if low == high:
            return _BLOCKS[3]
        return _BLOCKS[int((value - low) * (len(_BLOCKS) - 1) / (high - low) + Fraction(1, 2))]

    return "".join(map(block, values))


def plot(
    values: Values, goals: Values, heads: Sequence[str], mark: Callable[[Fraction], str], width: int
) -> list[str]:
    """Return the lines of a chart of columns from zero, as many of the last as fit.

    `goals` are drawn as a dashed line over or through the columns; a value that is not there is a
    dot at the bottom. `mark` writes the numbers of the axis. Nothing but zeros has no chart.
    """
    known = [v for v in (*values, *goals) if v is not None]
    if not any(values):
        return []
    step = _step(max(map(abs, known)) / _MARKS)
    above = _intervals(max(known), step)
    below = _intervals(-min(known), step)
    levels = [step * n for n in range(-below, above + 1)]
    axis = widest(map(mark, levels))
    column = max(min(widest(heads), 8), 2)
    shown = min((width - axis - 2) // (column + 1), len(values))
    if shown < 2:
        return []
    chart = _Chart(values[-shown:], goals[-shown:], step / _ROWS, column)
    lines = []
    for row in range(above * _ROWS - 1, -below * _ROWS - 1, -1):
        over = (row + 1) * step / _ROWS if row >= 0 else row * step / _ROWS
        text = mark(over) if over % step == 0 else ""
        lines.append(f"{pad(text, axis, 'right')} {'┤' if text else '│'}{chart.line(row)}")
        if row == 0:
            lines.append(f"{pad(mark(Fraction(0)), axis, 'right')} ┼{'─' * chart.width}")
    feet = (pad(fit(head, column), column + 1, "right") for head in heads[-shown:])
    return [line.rstrip() for line in (*lines, " " * (axis + 2) + "".join(feet))]


class _Chart:
    """The columns of a chart; row 0 stands on zero, row -1 hangs below it."""

    def __init__(self, values: Values, goals: Values, unit: Fraction, column: int) -> None:
        self.values, self.goals, self.unit, self.column = values, goals, unit, column

    @property
    def width(self) -> int:
        return len(self.values) * (self.column + 1)

    def line(self, row: int) -> str:
        pairs = zip(self.values, self.goals, strict=True)
        return "".join(" " + self.cell(row, *pair) * self.column for pair in pairs)

    def cell(self, row: int, value: Fraction | None, goal: Fraction | None) -> str:
        """Return the character of a column in a row: filled, partly, a goal, or nothing."""
        own = " "
        if value is None:
            own = _NONE if row == 0 else " "
        elif row >= 0:
            eighths = int((value / self.unit - row) * 8 + Fraction(1, 2))
            own = _BLOCKS[min(eighths, 8) - 1] if eighths > 0 else " "
        else:
            halves = int((-value / self.unit + row + 1) * 2 + Fraction(1, 2))
            own = "" if halves <= 0 else "▀" if halves == 1 else "█"
            own = own or " "
        if own == " " and goal is not None and goal // self.unit == row:
            return GOAL
        return own


def _step(least: Fraction) -> Fraction:
    """Return the smallest of 1, 2, 2.5, 5, 10 … at any power of ten that is not less."""
    size = Fraction(1)
    while size > least:
        size /= 10
    while size * 10 <= least:
        size *= 10
    return next(s for s in (size, size * 2, size * 5 / 2, size * 5, size * 10) if s >= least)


def _intervals(reach: Fraction, step: Fraction) -> int:
    """Return how many steps hold a number; none where it is not above zero."""
    return max(-int(-reach // step) if reach > 0 else 0, 0)
