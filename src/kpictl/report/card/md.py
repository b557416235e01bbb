"""A person's page as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kpictl.report.card.page import Page, Section, page_of
from kpictl.report.md import literal, paragraph, table

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card


def render_card(cards: Sequence[Card], options: Options, *, several: bool) -> str:
    """Return pages one after the other, with a rule between them."""
    del several  # pages look the same, however many
    pages = ("\n".join(_page(page_of(card, options.lang))) + "\n" for card in cards)
    return "\n---\n\n".join(pages)


def _page(page: Page) -> Iterator[str]:
    yield f"# {literal(page.name)}"
    yield from ("", paragraph(page.subtitle))
    for section in page.sections:
        yield from ("", f"## {literal(section.title)}")
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    if section.figures:
        told = (f"{literal(one.caption)} **{literal(one.text)}**" for one in section.figures)
        yield from ("", " · ".join(told))
    if section.cells is not None:
        yield ""
        heads = [(literal(head), bool(n)) for n, head in enumerate(section.cells.heads)]
        rows = ([literal(cell) for cell in row] for row in section.cells.rows)
        yield from table(heads, rows)
    if section.told or section.sentences:
        yield ""
    for one in section.told:
        amount = f" = **{literal(one.amount)}**" if one.amount else ""
        if one.is_head:
            yield f"- **{literal(one.text)}**{amount}"
        else:
            label = f"{literal(one.label)}: " if one.label else ""
            yield f"- {label}{literal(one.text)}{amount}"
    yield from (f"- {paragraph(sentence)}" for sentence in section.sentences)
