"""A person's page as text of a fixed width, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kpictl.report.card.page import Cells, Figure, LabelledLine, Page, Section, page_of
from kpictl.report.terminal import Line, cell_len, pad, paint, widest, wrap

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card

GAP = 2
LABEL = 12
LEAST_NAME = 12


def render_card(cards: Sequence[Card], options: Options, *, several: bool) -> str:
    """Return pages one after the other, a blank line and a rule between them."""
    del several  # pages look the same, however many
    pages = []
    for card in cards:
        lines = _page(page_of(card, options.lang), options.width)
        text = "\n".join(paint(line, color=options.color).rstrip() for line in lines)
        pages.append(text if options.terminal else text.replace("\u00a0", " "))
    rule = "─" * min(options.width, 80)
    return f"\n\n{rule}\n\n".join(pages) + "\n"


def _page(page: Page, width: int) -> Iterator[Line]:
    yield [(page.name, "bold")]
    yield from ([(line, "dim")] for line in wrap(page.subtitle, width, cut=False))
    for section in page.sections:
        yield []
        yield [(section.title, "bold")]
        yield from _section(section, width)


def _section(section: Section, width: int) -> Iterator[Line]:
    if section.figures:
        yield from _figures(section.figures, width)
    if section.cells is not None:
        yield []
        yield from _cells(section.cells, width)
    label = min(max((cell_len(one.label) for one in section.told), default=0), LABEL) + GAP
    for told in section.told:
        yield from _told(told, width, label)
    for sentence in section.sentences:
        yield from ([(f"  {line}", "")] for line in wrap(sentence, width - GAP, 2, cut=False))


def _figures(figures: Sequence[Figure], width: int) -> Iterator[Line]:
    """Yield figures beside one another, each under its caption; those without room go below."""
    beside: list[tuple[Figure, int]] = []
    for figure in figures:
        size = max(cell_len(figure.caption), cell_len(figure.text)) + 2 * GAP
        if beside and GAP + sum(taken for _, taken in beside) + size > width + 2 * GAP:
            yield from _beside(beside)
            beside = []
        beside.append((figure, size))
    yield from _beside(beside)


def _beside(figures: Sequence[tuple[Figure, int]]) -> Iterator[Line]:
    yield [("  ", ""), *((pad(one.caption, size), "dim") for one, size in figures)]
    styled = ((pad(one.text, size), f"bold {one.style}".strip()) for one, size in figures)
    yield [("  ", ""), *styled]


def _cells(cells: Cells, width: int) -> Iterator[Line]:
    """Yield a table; in little room columns that it can do without are left out, and names take
    several lines."""
    columns = dict(enumerate(zip(cells.heads, *cells.rows, strict=True)))
    sizes = {number: widest(column) for number, column in columns.items()}

    def room() -> int:
        return width - sum(size + GAP for number, size in sizes.items() if number) - GAP

    for number in cells.spare:
        if room() >= min(sizes[0], LEAST_NAME):
            break
        del columns[number], sizes[number]
    name = min(sizes[0], max(room(), LEAST_NAME))
    for place, (text, *figures) in enumerate(zip(*columns.values(), strict=True)):
        style = "dim" if not place else ""
        grade = cells.styles[place - 1] if place and cells.styles else style
        first, *more = wrap(text, name)
        painted = [(f"  {pad(first, name)}", style)]
        for figure, size in zip(figures, list(sizes.values())[1:], strict=True):
            painted.append((" " * GAP + pad(figure, size, "right"), grade))
        yield painted
        yield from ([(f"  {line}", style)] for line in more)


def _told(told: LabelledLine, width: int, label: int) -> Iterator[Line]:
    amount = f" = {told.amount}" if told.amount else ""
    if told.is_head:
        lines = wrap(told.text + amount, width - GAP, 2, cut=False)
        yield from ([(f"  {line}", "bold")] for line in lines)
        return
    first, *more = wrap(told.text + amount, max(width - label - GAP, LABEL), 2, cut=False)
    yield [(f"  {pad(told.label, label)}", "dim"), (first, told.style)]
    yield from ([(" " * (label + GAP) + line, told.style)] for line in more)
