"""The awards, and strengths and weaknesses, as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpictl.report import awards_view, insight_view, paper, phrases
from kpictl.report.format import clean
from kpictl.report.workbook import GREY, HEAD, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Results

_WIDEST = 44
_WIDEST_TEXT = 100


def awards(book: Book, results: Results) -> None:
    """Add the sheet of awards where the plan has any."""
    if results.awards:
        lines = awards_view.lines(results, book.numbers)
        rows = [(one.label, one.name, one.proof) for one in lines]
        _sheet(book, results, "award", ("award", "name", "proof"), rows)


def insight(book: Book, results: Results) -> None:
    """Add the sheet of strengths and weaknesses where these were asked for."""
    rows: list[tuple[str, ...]] = []
    lang = book.numbers.lang
    for card in results.scorecards:
        for row in card.rows:
            name = clean(row.name) or clean(row.id)
            rows += [
                (name, one.kpi, say(lang, f"insight.{one.verdict}"), one.text)
                for one in insight_view.of_row(row, card, book.numbers)
            ]
            if text := insight_view.training(row, card, book.numbers):
                rows.append((name, "", "↑", text))
        rows += [(name, "", "", text) for name, text in insight_view.groups(card, book.numbers)]
        rows += [("", "", "", note) for note in insight_view.notes(card, book.numbers)]
    if rows:
        _sheet(book, results, "insight", ("name", "kpi", "verdict", "text"), rows)


def _sheet(
    book: Book, results: Results, what: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    lang = book.numbers.lang
    title = say(lang, f"{what}.sheet")
    sheet = book.sheet(book.reserve(title))
    paper.head(sheet, title, phrases.DOT.join(phrases.title(results, lang)))
    for place, (head, texts) in enumerate(zip(heads, zip(*rows, strict=True), strict=True)):
        style = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY)
        caption = say(lang, f"{what}.head.{head}")
        write(sheet, (0, place), caption, style)
        widest = _WIDEST_TEXT if place == len(heads) - 1 else _WIDEST
        sheet.set_column(place, place, room((caption, *texts), 12, widest))
        for line, text in enumerate(texts, start=1):
            write(sheet, (line, place), text or None, book.format(text_wrap=True, valign="top"))
    sheet.freeze_panes(1, 0)
