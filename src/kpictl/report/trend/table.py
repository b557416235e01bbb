"""The table of a trend, on a terminal and in a pipe: a line each, a column a period, and below it
what the whole looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.report import phrases
from kpictl.report.format import NBSP, clean
from kpictl.report.names import fitted
from kpictl.report.terminal import Segment, clip, fit, heading, pad, paint, widest, wrap
from kpictl.report.trend import texts
from kpictl.report.trend.plot import GOAL, plot, spark
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Point, Table, Trend
    from kpictl.report import Options

GAP = 2
NARROWEST, WIDEST_NAME, LEAST_NAME, LEAST_PERIODS = 40, 30, 12, 4
BOUNDLESS = 10**6
_Painted = list[Segment]


def render_trend(trend: Trend, options: Options) -> str:
    page = _Page(texts.told_apart(trend), options)
    lines = (paint(clip(line, page.width), color=options.color) for line in page.lines())
    text = "".join(line + "\n" for line in lines)
    return text if options.terminal else text.replace(NBSP, " ")


class _Page:
    """Holds what every part of the page needs; `lines` yields the page."""

    def __init__(self, trend: Trend, options: Options) -> None:
        self.trend = trend
        self.lang = options.lang
        self.numbers = texts.numbers_of(trend, self.lang)
        self.width = max(options.width, NARROWEST)
        self.room = BOUNDLESS if options.wide else self.width
        if options.wide and not options.terminal:
            self.width = BOUNDLESS

    def lines(self) -> Iterator[_Painted]:
        yield from self.heading()
        for table in self.trend.tables:
            yield []
            yield from self.table(table)
        yield from self.footer()

    def heading(self) -> Iterator[_Painted]:
        name = texts.subject(self.trend, self.lang)
        parts = texts.title(self.trend, self.lang)
        return heading(fit(name, self.width), parts, phrases.DOT, self.width)

    def table(self, table: Table) -> Iterator[_Painted]:
        cells = texts.Cells.of(self.trend, table, self.numbers)
        label = phrases.DOT.join(filter(None, (clean(table.label), cells.unit)))
        if label:
            yield [(fit(label, self.width), "bold")]
        if not table.lines:
            yield [(say(self.lang, "report.nobody"), "")]
            return
        grid = _Grid.of(self.trend, table, cells, self.room)
        yield from grid.lines()
        yield from self.notes(table, grid)
        yield from self.plot(table, cells, grid.heads)

    def notes(self, table: Table, grid: _Grid) -> Iterator[_Painted]:
        """Yield which changes are shown, what marks mean, how many periods do not fit."""
        notes = [texts.compared(self.trend, self.lang)] if grid.changes else []
        notes.append("   ".join(texts.legend(table, self.lang)))
        if grid.hidden:
            notes.append(say(self.lang, "trend.hidden", n=grid.hidden))
        for note in filter(None, notes):
            yield from ([(line, "dim")] for line in wrap(note, self.width, 2))

    def plot(
        self, table: Table, cells: texts.Cells, heads: Sequence[tuple[str, str]]
    ) -> Iterator[_Painted]:
        """Yield a chart of the last line: of all together, or of the only one there is."""
        line = table.lines[-1]
        if line.kind != "total" and len(table.lines) > 1:
            return
        points = line.points
        goals = [None if p.target is None else Fraction(p.target) for p in points]
        values = [point.exact for point in points]
        feet = [head for _, head in heads]
        drawn = plot(values, goals, feet, cells.mark, min(self.width, 120))
        if not drawn:
            return
        yield []
        name = texts.line_name(line, self.lang)
        mark = say(self.lang, "trend.goal") if any(GOAL in text for text in drawn) else ""
        yield [(phrases.DOT.join(filter(None, (fit(name, self.width), cells.unit, mark))), "dim")]
        yield from ([(text, "")] for text in drawn)

    def footer(self) -> Iterator[_Painted]:
        remarks = [one for one in self.trend.warnings if one.level != "note"]
        found = phrases.warnings(remarks, self.lang)
        if found:
            yield []
        for level, text in found:
            first, *more = wrap(f"{level}: {text}", self.width, 2)
            yield [(level, "yellow"), (first.removeprefix(level), "")]
            yield from ([(line, "")] for line in more)


class _Column(Struct, frozen=True):
    """A column after the name: its head in two lines, its cells with their colours."""

    year: str
    head: str
    cells: tuple[Segment, ...]
    left: bool = False

    @property
    def width(self) -> int:
        return widest((self.year, self.head, *(text for text, _ in self.cells)))

    def cell(self, text: str) -> str:
        return " " * GAP + pad(text, self.width, "left" if self.left else "right")


class _Grid(Struct, frozen=True):
    """The lines of a table, with as many of the last periods as the room holds. The sparkline is
    of all of them."""

    names: tuple[str, ...]
    sums: int  # how many of the last lines are sums
    name: int
    columns: tuple[_Column, ...]
    heads: tuple[tuple[str, str], ...]
    hidden: int
    changes: bool

    @classmethod
    def of(cls, trend: Trend, table: Table, cells: texts.Cells, room: int) -> _Grid:
        lang = cells.numbers.lang
        heads = tuple(texts.heads(trend, lang))
        periods = [_period(table, place, head, cells) for place, head in enumerate(heads)]
        after = _after(trend, table, cells)
        names = tuple(texts.line_name(line, lang) for line in table.lines)
        head = say(lang, "report.head.name") if trend.by == "employee" else ""
        while len(after) > 1 and LEAST_NAME + _sum(after) + _sum(periods[-LEAST_PERIODS:]) > room:
            after.pop()  # in little room the periods say more than their changes
        fixed = _sum(after)
        name = min(widest((*names, head)), WIDEST_NAME)
        while name > LEAST_NAME and name + fixed + _sum(periods) > room:
            name -= 1
        hidden = 0
        while name + fixed + _sum(periods[hidden:]) > room and hidden < len(periods) - 2:
            hidden += 1
        shown = periods[hidden:]
        if hidden and not shown[0].year:
            year = next((c.year for c in reversed(periods[:hidden]) if c.year), "")
            shown[0] = _Column(year, shown[0].head, shown[0].cells)
        if name + fixed + _sum(shown) > room:
            after = after[:1]
        sums = sum(line.kind == "total" for line in table.lines)
        changed = any(text for column in after[1:] for text, _ in column.cells)
        return cls(names, sums, name, (*shown, *after), heads, hidden, changed)

    def lines(self) -> Iterator[_Painted]:
        years = "".join(column.cell(column.year) for column in self.columns)
        if any(column.year for column in self.columns):
            yield [(" " * self.name + years, "dim")]
        heads = "".join(column.cell(column.head) for column in self.columns)
        yield [(" " * self.name + heads, "bold")]
        people = len(self.names) - self.sums
        names = [*fitted(self.names[:people], self.name), *self.names[people:]]
        for place, name in enumerate(names):
            bold = "bold" if place >= people else ""
            line: _Painted = [(pad(name, self.name), bold)]
            for column in self.columns:
                text, style = column.cells[place]
                line.append((column.cell(text), f"{style} {bold}".strip()))
            yield line


def _sum(columns: Sequence[_Column]) -> int:
    return sum(GAP + column.width for column in columns)


def _period(table: Table, place: int, head: tuple[str, str], cells: texts.Cells) -> _Column:
    points = [line.points[place] for line in table.lines]
    shown = tuple((cells.cell(point), _style(point, cells)) for point in points)
    return _Column(*head, shown)


def _style(point: Point, cells: texts.Cells) -> str:
    return "dim" if point.exact is None else cells.numbers.style(point.score)


def _after(trend: Trend, table: Table, cells: texts.Cells) -> list[_Column]:
    """Return what stands behind the periods: the sparkline, the change, that from the first."""
    lang, last = cells.numbers.lang, trend.last
    sparks = tuple((spark([p.exact for p in line.points]), "") for line in table.lines)
    found = [_Column("", say(lang, "trend.head.spark"), sparks, left=True)]
    if last == 0:
        return found
    moves = tuple((_moved(line, last, cells), "") for line in table.lines)
    if any(text for text, _ in moves):
        found.append(_Column("", say(lang, "trend.head.change"), moves))
    since = tuple((cells.change(line.change_from_first(last)), "dim") for line in table.lines)
    if last > 1 and any(text for text, _ in since):
        found.append(_Column("", say(lang, "trend.head.since"), since))
    return found


def _moved(line: Line, last: int, cells: texts.Cells) -> str:
    """Return the change, and by how many ranks somebody moved."""
    rank = texts.rank_move(line.rank_change(last))
    return f"{cells.change(line.change(last))} {rank}".strip()
