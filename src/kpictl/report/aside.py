"""What stands beside a scorecard: for each of its lines further figures of each KPI, in every form.

The pace of a period that goes on and the change against another period are such asides. Each
builder says the figures once, as texts and as numbers; the table, Markdown and the workbook only
lay them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.report.names import fitted
from kpictl.report.table_layout import summaries
from kpictl.report.terminal import Segment, fit, pad, widest, wrap
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Row, Scorecard

GAP, WIDER_GAP, WIDEST_NAME, LEAST_NAME = 1, 3, 24, 10


class Figure(Struct, frozen=True):
    """One figure: as text, as a number (None where it is words), what kind of number, its colour.

    `shape` is `value` (of the KPI, in its unit), `percent`, `points` or `number`.
    """

    text: str
    value: Decimal | None = None
    shape: str = "value"
    style: str = ""


BLANK = Figure("")


class Group(Struct, frozen=True):
    """The figures of one KPI (or of the index: "") down the lines; `heads` stand over them."""

    kpi: str
    label: str
    weight: Decimal
    heads: tuple[str, ...]
    cells: tuple[tuple[Figure, ...], ...]

    @property
    def widths(self) -> list[int]:
        columns = zip(*self.cells, strict=True) if self.cells else [()] * len(self.heads)
        return [
            widest((head, *(figure.text for figure in column)))
            for head, column in zip(self.heads, columns, strict=True)
        ]

    @property
    def width(self) -> int:
        widths = self.widths
        return max(sum(widths) + GAP * 2 * (len(widths) - 1), min(len(self.label), 16))


class Aside(Struct, frozen=True):
    """A titled table: `names` of its lines, of which the last `sums` are sums; `notes` below it.
    `kpis` are those of the lines, where each line is a KPI."""

    title: str
    names: tuple[str, ...]
    sums: int
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()
    people: bool = True
    kpis: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.names or not self.groups


def lines_of(card: Scorecard, lang: str) -> tuple[tuple[Row, ...], int]:
    """Return the lines of a scorecard as its table has them, and how many are sums."""
    sums = summaries(card, lang)
    return (*card.rows, *sums), len(sums)


def table_lines(
    aside: Aside, width: int, lang: str, *, wide: bool, more: Callable[[int], str] | None = None
) -> Iterator[list[Segment]]:
    """Yield an aside as lines of a terminal: the heaviest KPIs that fit, the others named; asked
    for, in further blocks. `more` says of how many there is no room."""
    for line in wrap(aside.title, width, 2):
        yield [(line, "bold")]
    waiting = list(aside.groups)
    while waiting:
        name, shown = _fitting(aside, waiting, width)
        yield from _block(aside, shown, name)
        waiting = [group for group in waiting if group not in shown]
        if not wide:
            break
        if waiting:
            yield []
    if waiting:
        n = len(waiting)
        count = say(lang, "report.more_kpis", n=n) if more is None else more(n)
        rest = ", ".join(group.label for group in waiting)
        yield [(fit(f"{count} ({rest})", width), "dim")]
    for note in aside.notes:
        yield from ([(line, "dim")] for line in wrap(note, width, 2))


def _fitting(aside: Aside, groups: Sequence[Group], width: int) -> tuple[int, list[Group]]:
    """Return how wide the names are, and the groups that one line holds beside them: the heaviest,
    in their order; at least one."""
    name = min(widest(aside.names), WIDEST_NAME)
    heaviest = sorted(groups, key=lambda group: (bool(group.kpi), -group.weight))
    least = WIDER_GAP + heaviest[0].width
    name = max(min(name, width - least), min(name, LEAST_NAME))
    room, chosen = width - name, list[Group]()
    for group in heaviest:
        room -= WIDER_GAP + group.width
        if room < 0 and chosen:
            break
        chosen.append(group)
    return name, [group for group in groups if group in chosen]


def _block(aside: Aside, groups: Sequence[Group], name: int) -> Iterator[list[Segment]]:
    gap = " " * WIDER_GAP
    labels = [gap + pad(fit(group.label, group.width), group.width) for group in groups]
    if any(group.label for group in groups):
        yield [((" " * name + "".join(labels)).rstrip(), "bold")]
    heads = "".join(gap + _heads(group) for group in groups)
    yield [((" " * name + heads).rstrip(), "dim")]
    people = len(aside.names) - aside.sums
    names = [*aside.names]
    if aside.people:
        names[:people] = fitted(names[:people], name)
    for place, called in enumerate(names):
        bold = "bold" if place >= people else ""
        line: list[Segment] = [(pad(fit(called, name), name), bold)]
        for group in groups:
            line.append((gap, ""))
            line += [
                (text, f"{style} {bold}".strip())
                for text, style in _cells(group, group.cells[place])
            ]
        yield line


def _heads(group: Group) -> str:
    pairs = zip(group.heads, group.widths, strict=True)
    return pad((" " * GAP * 2).join(pad(h, w, "right") for h, w in pairs), group.width)


def _cells(group: Group, figures: Sequence[Figure]) -> list[Segment]:
    """Return the figures of a line, each right-aligned in its column, as wide as the group."""
    segments: list[Segment] = []
    words = [f for f in figures if f.text]
    widths, own = group.widths, sum(group.widths) + GAP * 2 * (len(figures) - 1)
    if len(words) == 1 and words[0].value is None and words[0] is figures[0] and len(figures) > 1:
        segments = [
            (pad(words[0].text, own), "dim")
        ]  # words instead of figures: why there are none
    else:
        for place, (figure, width) in enumerate(zip(figures, widths, strict=True)):
            gap = " " * GAP * 2 if place else ""
            segments.append((gap + pad(figure.text, width, "right"), figure.style))
    rest = group.width - own
    if rest > 0:
        segments.append((" " * rest, ""))
    return segments


def without_blank_columns(group: Group) -> Group:
    """Return a group without the columns in which nothing stands."""
    kept = [
        place
        for place in range(len(group.heads))
        if any(cells[place].text for cells in group.cells)
    ] or [0]
    return replace(
        group,
        heads=tuple(group.heads[place] for place in kept),
        cells=tuple(tuple(cells[place] for place in kept) for cells in group.cells),
    )
