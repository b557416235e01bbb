"""A person's page as text of a fixed width, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kpictl.report.card.page import Cells, Figure, Page, Section, Told, page_of
from kpictl.report.terminal import Line, cell_len, pad, paint, widest, wrap

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card

GAP = 2
LABEL = 12
LEAST_NAME = 12


def render_cards(cards: Sequence[Card], options: Options) -> str:
    """Return pages one after the other, a blank line and a rule between them."""
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
        yield from _figures(section.figures)
    if section.cells is not None:
        yield []
        yield from _cells(section.cells, width)
    label = min(max((cell_len(one.label) for one in section.told), default=0), LABEL) + GAP
    for told in section.told:
        yield from _told(told, width, label)
    for sentence in section.sentences:
        yield from ([(f"  {line}", "")] for line in wrap(sentence, width - GAP, 2, cut=False))


def _figures(figures: Sequence[Figure]) -> Iterator[Line]:
    """Yield figures beside one another, each under its caption."""
    columns = [max(cell_len(one.caption), cell_len(one.text)) + 2 * GAP for one in figures]
    sizes = list(zip(figures, columns, strict=True))
    yield [("  ", ""), *((pad(one.caption, size), "dim") for one, size in sizes)]
    yield [("  ", ""), *((pad(one.text, size), f"bold {one.style}".strip()) for one, size in sizes)]


def _cells(cells: Cells, width: int) -> Iterator[Line]:
    """Yield a table; in little room its names are cut, and then its last columns left out."""
    columns = list(zip(cells.heads, *cells.rows, strict=True))
    sizes = [widest(column) for column in columns]
    while len(sizes) > 3 and LEAST_NAME + sum(sizes[1:]) + GAP * len(sizes) > width:
        sizes.pop(1)
        columns.pop(1)  # weights first, then facts' neighbours
    name = max(min(sizes[0], width - sum(sizes[1:]) - GAP * len(sizes)), LEAST_NAME)
    sizes[0] = name
    for place, line in enumerate(zip(*columns, strict=True)):
        style = "dim" if not place else ""
        first = wrap(line[0], name)
        painted = [(f"  {pad(first[0], name)}", style)]
        grade = cells.styles[place - 1] if place and cells.styles else style
        for text, size in zip(line[1:], sizes[1:], strict=True):
            painted.append((" " * GAP + pad(text, size, "right"), grade if place else style))
        yield painted


def _told(told: Told, width: int, label: int) -> Iterator[Line]:
    amount = f" = {told.amount}" if told.amount else ""
    if told.is_head:
        lines = wrap(told.text + amount, width - GAP, 2, cut=False)
        yield from ([(f"  {line}", "bold")] for line in lines)
        return
    first, *more = wrap(told.text + amount, max(width - label - GAP, LABEL), 2, cut=False)
    yield [(f"  {pad(told.label, label)}", "dim"), (first, told.style)]
    yield from ([(" " * (label + GAP) + line, told.style)] for line in more)
