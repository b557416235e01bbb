"""The awards as a sheet of a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report import awards_view, paper, phrases
from kpictl.report.workbook import GREY, HEAD, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Results

_HEADS = ("award", "name", "proof")
_WIDEST = (30, 34, 100)


def awards(book: Book, results: Results) -> None:
    """Add the sheet of awards where the plan has any."""
    if not results.awards:
        return
    lang = book.numbers.lang
    title = say(lang, "award.sheet")
    sheet = book.sheet(book.reserve(title))
    paper.head(sheet, title, phrases.DOT.join(phrases.title(results, lang)))
    lines = list(awards_view.lines(results, book.numbers))
    columns = zip(*((one.label, one.name, one.proof) for one in lines), strict=True)
    for place, (head, texts) in enumerate(zip(_HEADS, columns, strict=True)):
        style = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY)
        caption = say(lang, f"award.head.{head}")
        write(sheet, (0, place), caption, style)
        sheet.set_column(place, place, room((caption, *texts), 14, _WIDEST[place]))
        for line, text in enumerate(texts, start=1):
            write(sheet, (line, place), text or None, book.format(text_wrap=True, valign="top"))
    sheet.freeze_panes(1, 0)
