"""One KPI of a scorecard as a block of terminal cells, in a compact and in a full form.

Compact: the fact (of a count: `8 of 6`) and beside it the attainment, or the score where a curve
does without a target; both where points are capped or shaped. Full: fact, target, attainment and
score, each in its own column.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.report.format import Numbers, scale_of
from kpictl.report.phrases import kpi_head, missing, weight
from kpictl.report.terminal import Line, cell_len, fit, pad, widest, wrap
from kpictl.values import State
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Score

COUNTS = ("", "count", "number")


class Form(Struct, frozen=True):
    """How much room the blocks take: all four columns or not, and how wide a label may make it."""

    full: bool
    label: int
    gap: int = 1


class Block(Struct, frozen=True):
    """A KPI ready to print: every cell and header line is `width` cells wide."""

    kpi: str
    weight: Decimal
    width: int
    head: tuple[str, ...]
    captions: str
    cells: tuple[Line, ...]


class Cell(Struct, frozen=True):
    """The texts of one score. `words` say why there is no fact, or no target; `shaped` that the
    points are not the attainment itself: a curve, a cap or a floor made them. `style` is the colour
    of the points, so that it stands at the figure that it speaks of."""

    fact: str
    of: str
    target: str
    attainment: str
    score: str
    words: str
    style: str
    shaped: bool = False


def cells_of(scores: Sequence[Score], unit: str, numbers: Numbers, *, people: int) -> list[Cell]:
    """Return the texts of a KPI down a scorecard: so many people in one scale, then what sums them
    up, each in its own."""
    rows, sums = scores[:people], scores[people:]
    values = [s.fact.value for s in rows if s.fact.value is not None]
    scale = scale_of(values) if unit == "money" else None
    cells = [_cell(score, unit, numbers, scale) for score in rows]
    return [*cells, *(_cell(score, unit, numbers, None) for score in sums)]


def _cell(score: Score, unit: str, numbers: Numbers, scale: Decimal | None) -> Cell:
    value, lang = score.fact.value, numbers.lang
    target = numbers.short(score.target.value, unit, scale) if score.target else ""
    points = "" if score.points is None else numbers.graded(score.points, 1)
    share = "" if score.attainment is None else f"{numbers.graded(score.attainment)}%"
    style = numbers.style(score.points)
    if value is None or score.fact.state is not State.MEASURED:
        return Cell("", "", target, "", points, missing(score, lang), style)
    fact = numbers.short(value, unit, scale)
    of = say(lang, "report.of", fact=fact, target=target) if target and unit in COUNTS else fact
    words = say(lang, "report.state.no_target") if score.state is State.NO_TARGET else ""
    shaped = None not in (score.points, score.attainment) and score.points != score.attainment
    return Cell(fact, of, target, share, points, words, style, shaped)


def block(column: Column, cells: Sequence[Cell], numbers: Numbers, form: Form) -> Block:
    """Lay a KPI out in the given form; one that is only shown, without weight and target, as facts
    alone."""
    label, weighted = kpi_head(column, numbers.lang), weight(column.weight, numbers)
    only_facts = not column.weight and not any(c.target or c.attainment or c.score for c in cells)
    shape: _Facts | _Full | _Compact
    if only_facts:
        cells = [replace(cell, words="") if cell.fact else cell for cell in cells]
        shape, weighted = _Facts.of(cells), ""
    elif form.full:
        shape = _Full.of(cells, numbers.lang, form.gap)
    else:
        shape = _Compact.of(cells, numbers.lang, form.gap)
    least = min(cell_len(label), max(form.label, widest(label.split(" "))), form.label + 4)
    width = max(shape.width, least, 0 if form.full else cell_len(weighted))
    if only_facts:
        shape = replace(shape, width=width)
        lines = [fit(label, width)] if form.full else _two_lines(label, width)
        head, captions = [pad(line, width, "right") for line in lines], ""
    elif form.full:
        head, captions = [fit(f"{label} · {weighted}", width)], shape.captions
    else:
        head, captions = _two_lines(label, width), _captions(weighted, shape, width)
    printed = tuple((*shape.line(cell), (" " * (width - shape.width), "")) for cell in cells)
    return Block(
        column.kpi,
        column.weight,
        width,
        tuple(pad(line, width) for line in head),
        pad(captions, width),
        printed,
    )


def _two_lines(label: str, width: int) -> list[str]:
    lines = wrap(label, width)
    return lines if len(lines) < 3 else [lines[0], fit(" ".join(lines[1:]), width)]


class _Facts(Struct, frozen=True):
    """The facts of a KPI that nothing is expected of, right-aligned below its label."""

    width: int
    captions: str = ""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> _Facts:
        return cls(widest(cell.fact or cell.words for cell in cells))

    def line(self, cell: Cell) -> Line:
        text = pad(cell.fact or cell.words, self.width, "right")
        return ((text, "" if cell.fact else "dim"),)


def _captions(weighted: str, shape: _Facts | _Full | _Compact, width: int) -> str:
    """Return the weight, and after it the captions of the figures where there is room for both."""
    room = width - cell_len(shape.captions)
    if not shape.captions.strip() or cell_len(weighted) + 1 > room + _blank(shape.captions):
        return weighted
    line = pad(shape.captions, width - (width - shape.width))
    return pad(weighted + line[cell_len(weighted) :], width)


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


class _Compact(Struct, frozen=True):
    """Widths of fact, mark and points; the points have a column where some are shaped."""

    fact: int
    mark: int
    points: int
    gap: int
    width: int
    captions: str

    @classmethod
    def of(cls, cells: Sequence[Cell], lang: str, gap: int) -> _Compact:
        fact = widest(cell.of for cell in cells)
        shaped = any(cell.shaped for cell in cells)
        mark = widest(
            cell.attainment or (cell.score if cell.of and not shaped else "") for cell in cells
        )
        points = widest(cell.score for cell in cells if cell.of) if shaped else 0
        figures = [width for width in (mark, points) if width]
        facts = fact + sum(gap + width for width in figures)
        words = widest(cell.words for cell in cells if not cell.of)
        untargeted = widest(cell.words for cell in cells if cell.of)
        beside = fact + gap + untargeted if untargeted else 0
        captions = _figure_captions(facts, (mark, points), gap, lang) if shaped else ""
        return cls(fact, mark, points, gap, max(facts, words, beside), captions)

    def line(self, cell: Cell) -> Line:
        if not cell.of:
            return ((pad(cell.words, self.width), "dim"),)
        fact = pad(cell.of, self.fact, "right")
        rest = self.width - self.fact
        if cell.words:
            return ((fact, ""), (pad(" " * self.gap + cell.words, rest), "dim"))
        if not self.points:
            mark = pad(cell.attainment or cell.score, self.mark + self.gap, "right")
            return ((fact, ""), (pad(mark if self.mark else "", rest), cell.style))
        mark = pad(cell.attainment, self.mark + self.gap, "right") if self.mark else ""
        points = pad(cell.score, self.points + self.gap, "right")
        return ((fact, ""), (mark, ""), (pad(points, rest - cell_len(mark)), cell.style))


def _figure_captions(width: int, sizes: tuple[int, int], gap: int, lang: str) -> str:
    """Return the captions of attainment and points, each over its column where it fits."""
    heads = (say(lang, "report.head.attainment"), say(lang, "report.head.score"))
    texts = [
        pad(head if cell_len(head) < size + gap else "", size + gap, "right")
        for head, size in zip(heads, sizes, strict=True)
        if size
    ]
    return pad("".join(texts), width, "right")


class _Full(Struct, frozen=True):
    widths: tuple[int, ...]
    gap: int
    width: int
    captions: str

    @classmethod
    def of(cls, cells: Sequence[Cell], lang: str, gap: int) -> _Full:
        names = ("fact", "target", "attainment", "score")
        heads = [say(lang, f"report.head.{name}") for name in names]
        widths = tuple(
            max(cell_len(head), widest(_four(cell)[place] for cell in cells))
            for place, head in enumerate(heads)
        )
        captions = (" " * gap).join(
            pad(head, width, "right") for head, width in zip(heads, widths, strict=True)
        )
        return cls(widths, gap, sum(widths) + 3 * gap, captions)

    def line(self, cell: Cell) -> Line:
        styles = ("" if cell.fact else "dim", "dim", "", cell.style)
        gaps = (0, self.gap, self.gap, self.gap)
        return tuple(
            (pad(" " * gap + pad(text, width, "right"), gap + width), style)
            for text, width, style, gap in zip(_four(cell), self.widths, styles, gaps, strict=True)
        )


def _four(cell: Cell) -> tuple[str, str, str, str]:
    fact = cell.fact or cell.words
    target = cell.target or (cell.words if cell.fact else "")
    return fact, target, cell.attainment, cell.score
