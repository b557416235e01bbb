"""Which columns of a scorecard a terminal line holds, and the lines themselves.

Rank, name and index always show. The layout tries its forms from roomy to tight and takes the
first that holds every KPI; where none does, the heaviest KPIs stay and the others are named
below, or, asked for, follow in further blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.report.format import Numbers, clean
from kpictl.report.kpi_cells import Block, Form, block, cells_of
from kpictl.report.lights import lit
from kpictl.report.names import fitted
from kpictl.report.phrases import name_head, unrated
from kpictl.report.terminal import Line, bar, pad, widest
from kpictl.values import Row
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Scorecard

GAP = "  "
LEAST_BAR_FULL = Decimal(120)
INDEX_PLACES = 1


class Fit(Struct, frozen=True):
    """One way to share out a line: the blocks' form, the longest name, the bar, the gap."""

    form: Form
    name: int
    bar: int
    gap: int


_ROOMY = (
    Fit(Form(full=True, label=24, gap=2), name=30, bar=12, gap=4),
    Fit(Form(full=True, label=16, gap=2), name=24, bar=12, gap=3),
    Fit(Form(full=True, label=16), name=24, bar=12, gap=3),
    Fit(Form(full=False, label=24, gap=2), name=30, bar=12, gap=4),
    Fit(Form(full=False, label=18, gap=2), name=24, bar=12, gap=3),
    Fit(Form(full=False, label=12), name=22, bar=12, gap=3),
    Fit(Form(full=False, label=10), name=20, bar=10, gap=2),
    Fit(Form(full=False, label=8), name=18, bar=8, gap=2),
)
_TIGHT = (
    Fit(Form(full=False, label=12), name=20, bar=12, gap=2),
    Fit(Form(full=False, label=10), name=16, bar=8, gap=2),
    Fit(Form(full=False, label=8), name=14, bar=6, gap=2),
    Fit(Form(full=False, label=8), name=14, bar=0, gap=2),
)


class Stub(Struct, frozen=True):
    """The texts and widths of the left part, rank, name and index, of every row and the total."""

    ranks: tuple[str, ...]
    names: tuple[str, ...]
    indexes: tuple[str, ...]
    head: tuple[str, str]
    full: Decimal  # the index that fills a bar
    rank: int
    name: int
    index: int  # 0 where nobody has an index
    pays: tuple[str, ...] = ()  # what each line is paid, where that is shown

    @property
    def pay(self) -> int:
        return widest(self.pays)

    @classmethod
    def of(cls, card: Scorecard, numbers: Numbers, pays: Sequence[str] = ()) -> Stub:
        rows, lang = shown(card), numbers.lang
        head = (name_head(card, lang), say(lang, "report.head.index"))
        lines = (*card.rows, *summaries(card, lang))
        names = tuple(
            lit(clean(row.name) or clean(row.id), row.weakest, numbers.grades) for row in lines
        )
        known = [row.index for row in rows if row.index is not None]
        indexes = tuple(
            "" if row.index is None else numbers.graded(row.index, INDEX_PLACES) for row in rows
        )
        rated = any(row.index is not None for row in card.rows)
        ranks = tuple(
            "" if place >= len(card.rows) else "–" if row.rank is None else str(row.rank)
            for place, row in enumerate(rows)
        )
        return cls(
            *(ranks, names, indexes, head, max([LEAST_BAR_FULL, *known])),
            rank=max(1, widest(ranks)),
            name=widest((head[0], *names)),
            index=widest((head[1], *indexes)) if rated else 0,
            pays=(say(lang, "pay.head"), *pays) if pays else (),
        )


class Grid(Struct, frozen=True):
    """A scorecard laid out: the stub on the left, then the KPI blocks of one line.

    `rated` is off in the further blocks of a wide table, which repeat only rank and name.
    """

    card: Scorecard
    numbers: Numbers
    width: int
    fit: Fit
    stub: Stub
    blocks: tuple[Block, ...]
    rated: bool = True

    @property
    def index(self) -> int:
        return self.stub.index if self.rated else 0

    @property
    def pay(self) -> int:
        return self.stub.pay if self.rated else 0

    @property
    def bar(self) -> int:
        return self.fit.bar if self.index else 0

    @property
    def name(self) -> int:
        return min(self.stub.name, self.fit.name)

    @property
    def left(self) -> int:
        rating = sum(len(GAP) + width for width in (self.pay, self.index, self.bar) if width)
        return len(self._place("")) + self.name + rating

    def _place(self, text: str) -> str:
        """Return a rank with its gap; facts alone, without weights, have no ranks."""
        return pad(text, self.stub.rank, "right") + GAP if self.card.weighted else ""

    def fitting(self) -> Grid:
        """Return the grid with the heaviest blocks that fit, in the plan's order."""
        room, chosen = self.width - self.left, set[str]()
        for one in sorted(self.blocks, key=lambda one: -one.weight):
            room -= self.fit.gap + one.width
            if room < 0:
                break
            chosen.add(one.kpi)
        return replace(self, blocks=tuple(one for one in self.blocks if one.kpi in chosen))

    def bands(self) -> Iterator[Grid]:
        """Yield grids that together show every block, in the plan's order."""
        bare, start = self, 0
        while start < len(self.blocks):
            room, end = bare.width - bare.left, start
            while end < len(self.blocks):
                room -= self.fit.gap + self.blocks[end].width
                if room < 0 and end > start:
                    break
                end += 1
            yield replace(bare, blocks=self.blocks[start:end])
            bare, start = replace(self, rated=False), end

    def head(self) -> Iterator[Line]:
        """Yield the header: labels in one or two lines, then weights or captions."""
        name, index = self.stub.head
        caption = self._place("#") + pad(name, self.name)
        if self.pay:
            caption += GAP + pad(self.stub.pays[0], self.pay, "right")
        if self.index:
            caption += GAP + pad(index, self.index, "right")
        gap = " " * self.fit.gap
        height = max((len(one.head) for one in self.blocks), default=1)
        for line in range(-height, 0):  # labels stand on their last line, next to the figures
            labels = (
                gap + (one.head[line] if -line <= len(one.head) else " " * one.width)
                for one in self.blocks
            )
            yield [(pad(caption if line == -1 else "", self.left) + "".join(labels), "bold")]
        if any(one.captions.strip() for one in self.blocks):
            captions = "".join(gap + one.captions for one in self.blocks)
            yield [(" " * self.left + captions, "dim")]

    def rows(self) -> Iterator[Line]:
        people = len(self.card.rows)
        names = list(self.stub.names)
        if not self.card.by:  # channels and products have no initials
            names[:people] = fitted(names[:people], self.name)
        for place, row in enumerate(shown(self.card)):
            total = place >= people
            line: list[tuple[str, str]] = [
                (self._place(self.stub.ranks[place]), ""),
                (pad(names[place], self.name), self._style(row, total=total)),
            ]
            if self.pay:
                paid = pad(self.stub.pays[place + 1], self.pay, "right")
                line.append((GAP + paid, "bold" if total else ""))
            if self.index and row.index is None and not total:
                yield [*line, (GAP + unrated(row, self.card, self.numbers), "dim")]
                continue
            if self.index:
                line += self._rating(place, row.index, "bold" if total else "")
            for one in self.blocks:
                line += [(" " * self.fit.gap, ""), *one.cells[place]]
            yield line

    def _style(self, row: Row, *, total: bool) -> str:
        """Return how a name is written: a sum in bold, a department in the colour of its light."""
        return f"{self.numbers.style(row.weakest)} {'bold' if total else ''}".strip()

    def _rating(self, place: int, index: Decimal | None, bold: str) -> Line:
        style = self.numbers.style(index)
        number = GAP + pad(self.stub.indexes[place], self.index, "right")
        line = [(number, f"{style} {bold}".strip())]
        if self.bar:
            drawn = bar(index or Decimal(0), self.stub.full, self.bar)
            line.append((GAP + pad(drawn, self.bar), style))
        return line


def shown(card: Scorecard) -> tuple[Row, ...]:
    """Return the lines of a table: the rows, then the total and departments with goals."""
    return (*card.rows, *summaries(card, ""))


def lights_weakest(card: Scorecard) -> bool:
    """Say whether a department of a table stands as its weakest member does."""
    return any(line.weakest is not None for line in shown(card))


def summaries(card: Scorecard, lang: str, *, all_departments: bool = False) -> tuple[Row, ...]:
    """Return the lines below the rows, named: the total, then departments (those with goals)."""
    total = () if card.total is None else (replace(card.total, name=say(lang, "report.total")),)
    departments = (
        Row("", clean(unit.name), unit.scores, department=unit.name, weakest=unit.weakest)
        for unit in card.departments
        if all_departments or unit.has_goals or unit.weakest is not None
    )
    return (*total, *departments)


def lay_out(
    card: Scorecard, numbers: Numbers, width: int, *, wide: bool, pays: Sequence[str] = ()
) -> list[Grid]:
    """Return the roomiest grid that holds every KPI; else the one that holds most, or all bands.
    `pays` is what each line is paid."""
    stub, cells = Stub.of(card, numbers, pays), {}
    for column in card.columns:
        scores = [row.score(column.kpi) for row in shown(card)]
        cells[column.kpi] = cells_of(scores, column.unit, numbers, people=len(card.rows))

    def grid(one: Fit) -> Grid:
        blocks = (block(column, cells[column.kpi], numbers, one.form) for column in card.columns)
        return Grid(card, numbers, width, one, stub, tuple(blocks))

    for one in _ROOMY:
        whole = grid(one)
        spare = width - whole.left - sum(one.gap + other.width for other in whole.blocks)
        if spare >= 0:  # what is left over goes to the names
            return [replace(whole, fit=replace(one, name=one.name + spare))]
    if wide:
        return list(grid(_TIGHT[0]).bands())
    grids = [grid(one).fitting() for one in _TIGHT]
    most = max((one for one in grids if one.bar or not one.index), key=lambda one: len(one.blocks))
    return [most if len(most.blocks) >= 2 else max(grids, key=lambda one: len(one.blocks))]
