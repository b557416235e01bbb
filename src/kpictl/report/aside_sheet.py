"""The pace and the changes of a scorecard as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.report import change_view, pace_view, phrases
from kpictl.report.workbook import GREY, HEAD, LINE, PALE, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report.aside import Aside, Figure, Group
    from kpictl.values import Column, Results, Scorecard, Unit

GROUPS, CAPTIONS, FIRST = 3, 4, 5
_COLOURS = {"red": "#B3261E", "yellow": "#8A6D00", "green": "#1E7B34", "bright": "#1E7B34"}


def asides(book: Book, results: Results, card: Scorecard) -> None:
    """Add a sheet for each aside that a scorecard has."""
    for key, of in (("pace.sheet", pace_view.of_card), ("compare.sheet", change_view.of_card)):
        aside = of(card, results, book.numbers)
        columns = {column.kpi: column for column in card.columns}
        caption = phrases.name_head(card, book.numbers.lang)
        _add(book, results, key, _Shown(card.label or card.id, caption, aside, columns))


def asides_of_unit(book: Book, results: Results, unit: Unit) -> None:
    """Add a sheet for each aside of what the company, or a department, has goals for."""
    lang = book.numbers.lang
    name = unit.name or say(lang, "report.company")
    for key, of in (("pace.sheet", pace_view.of_unit), ("compare.sheet", change_view.of_unit)):
        aside = of(unit, results, book.numbers)
        caption = say(lang, "pace.head.kpi")
        _add(book, results, key, _Shown(name, caption, aside, results.columns))


class _Shown(Struct, frozen=True):
    """An aside of something with a name, a caption over its lines, and the columns of the KPIs in
    it."""

    name: str
    caption: str
    aside: Aside | None
    columns: Mapping[str, Column]


def _add(book: Book, results: Results, key: str, shown: _Shown) -> None:
    if shown.aside is None or shown.aside.is_empty:
        return
    name = f"{say(book.numbers.lang, key)} {shown.name}"
    _sheet(book, book.sheet(book.reserve(name)), results, shown)


def _sheet(book: Book, sheet: Any, results: Results, shown: _Shown) -> None:
    aside = shown.aside
    assert aside is not None  # noqa: S101  asked before
    write(sheet, (0, 0), shown.name, book.format(bold=True, font_size=15))
    meta = phrases.DOT.join([aside.title, *phrases.title(results, book.numbers.lang)])
    write(sheet, (1, 0), meta, book.format(font_color=GREY))
    sheet.set_column(0, 0, room(aside.names, 14, 44))
    head = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY)
    write(sheet, (CAPTIONS, 0), shown.caption, head)
    sheet.write_blank(GROUPS, 0, None, book.format(bold=True, bg_color=HEAD))
    for line, name in enumerate(aside.names):
        write(sheet, (FIRST + line, 0), name, book.format(**_look(aside, line)))
    place = 1
    for group in aside.groups:
        kpis = aside.kpis or (group.kpi,) * len(aside.names)
        _group(book, sheet, (aside, group, [shown.columns.get(kpi) for kpi in kpis]), place)
        place += len(group.heads)
    sheet.freeze_panes(FIRST, 1)
    for number, note in enumerate(aside.notes):
        row = FIRST + len(aside.names) + 1 + number
        write(sheet, (row, 0), note, book.format(font_color=GREY))


def _group(
    book: Book, sheet: Any, shown: tuple[Aside, Group, Sequence[Column | None]], place: int
) -> None:
    """Write a group; the columns are those of the KPI of each line."""
    aside, group, columns = shown
    edge = {"left": 1, "left_color": LINE}
    label = book.format(bold=True, bg_color=HEAD, align="center", **edge)
    last = place + len(group.heads) - 1
    if last > place:
        sheet.merge_range(GROUPS, place, GROUPS, last, "", label)
    write(sheet, (GROUPS, place), group.label, label)
    for number, head in enumerate(group.heads):
        style: dict[str, Any] = {"align": "right", "indent": 1} | ({} if number else edge)
        top = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, **style)
        write(sheet, (CAPTIONS, place + number), head, top)
        figures = [cells[number] for cells in group.cells]
        sheet.set_column(place + number, place + number, room((f.text for f in figures), 11, 24))
        for line, figure in enumerate(figures):
            alike = figures if not aside.kpis else [figure]
            look = _look(aside, line) | style | _number(book, figure, columns[line], alike)
            value = figure.text or None if figure.value is None else figure.value
            write(sheet, (FIRST + line, place + number), value, book.format(**look))


def _look(aside: Aside, line: int) -> dict[str, Any]:
    if line >= len(aside.names) - aside.sums:
        return {"bold": True, "top": 1, "top_color": GREY, "bg_color": PALE}
    return {"bottom": 1, "bottom_color": PALE}


def _number(
    book: Book, figure: Figure, column: Column | None, figures: list[Figure]
) -> dict[str, Any]:
    """Return how a figure looks: its number format, its colour; words in grey."""
    if figure.value is None:
        return {"font_color": GREY, "italic": True}
    colour = {"font_color": _COLOURS[figure.style]} if figure.style in _COLOURS else {}
    if figure.shape == "percent":
        return colour | {"num_format": "0.0" + book.percent_sign}
    if figure.shape == "value" and column is not None:
        values = [f.value for f in figures if f.value is not None and f.shape == "value"]
        return colour | {"num_format": book.number_format(column, values)}
    return colour | {"num_format": "0" if figure.shape == "number" else "0.0"}
