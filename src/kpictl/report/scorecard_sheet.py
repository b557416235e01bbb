"""One scorecard as a sheet: ranked, filtered, coloured, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.report import derivation, paper, people, phrases
from kpictl.report.format import clean
from kpictl.report.lights import lit
from kpictl.report.table_layout import lights_weakest, summaries
from kpictl.report.workbook import GREY, HEAD, LINE, PALE, Book, room, write
from kpictl.values import State, Unit
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Results, Row, Score, Scorecard

GROUPS, CAPTIONS, FIRST = 3, 4, 5  # rows of the header, first row of the people
FULL_BAR = Decimal(120)
_FILLS = {"red": "#F8D3CE", "yellow": "#FCF0C0", "green": "#D5EDDA", "bright": "#A8DBB5"}


class Field(Struct, frozen=True):
    """A column of the sheet: its caption, the row's value, how numbers look, how wide it may be."""

    caption: str
    values: tuple[Any, ...]
    style: dict[str, Any]
    width: int
    starts: bool = False  # a group of columns begins here
    scored: bool = False
    places: int | None = None  # of points and percent of a target: the least decimals


def scorecard(book: Book, sheet: Any, results: Results, card: Scorecard) -> None:
    """Fill a sheet with a scorecard."""
    fields = [*_people(book, card)]
    stub = len(fields)
    groups = [tuple(_kpi(book, card, column)) for column in card.columns]
    fields += [one for group in groups for one in group]
    sizes = [len(group) for group in groups]
    _title(book, sheet, results, card)
    _groups(book, sheet, card, stub, sizes)
    for place, one in enumerate(fields):
        sheet.set_column(place, place, one.width)
        _column(book, sheet, card, (place, one))
    last = FIRST + len(_lines(book, card)) - 1
    if card.rows:
        sheet.autofilter(CAPTIONS, 0, FIRST + len(card.rows) - 1, len(fields) - 1)
        _colour(book, sheet, fields, last)
    sheet.freeze_panes(FIRST, 2)
    sheet.repeat_rows(GROUPS, CAPTIONS)
    notes = [(text, False) for text in _notes(book, results, card)]
    if card is results.scorecards[0]:
        notes = [*_company(book, results), *notes]
    bottom = max(last, CAPTIONS)
    table = paper.Table(
        top=GROUPS,
        bottom=bottom,
        end=bottom + (1 + len(notes) if notes else 0),
        widths=[one.width for one in fields],
        stub=stub,
        groups=sizes,
        names=(0, 1),
    )
    end = paper.lay(sheet, table)
    for number, (text, bold) in enumerate(notes):
        look = {"bold": True} if bold else {"font_color": GREY}
        style = book.format(text_wrap=True, **look)
        paper.paragraph(sheet, (bottom + 2 + number, 1), table.widths[1 : end + 1], text, style)


def _title(book: Book, sheet: Any, results: Results, card: Scorecard) -> None:
    meta = phrases.DOT.join(phrases.title(results, book.numbers.lang))
    paper.head(sheet, card.label or card.id, meta)
    write(sheet, (0, 0), card.label or card.id, book.format(bold=True, font_size=15))
    write(sheet, (1, 0), meta, book.format(font_color=GREY))
    sheet.set_default_row(17)
    sheet.set_row(0, 24)
    sheet.set_row(2, 6)
    sheet.set_row(GROUPS, 20)
    sheet.set_row(CAPTIONS, 18)


def _groups(book: Book, sheet: Any, card: Scorecard, stub: int, sizes: Sequence[int]) -> None:
    style = {"bold": True, "bg_color": HEAD}
    for place in range(stub):
        sheet.write_blank(GROUPS, place, None, book.format(**style))
    start = stub
    for column, size in zip(card.columns, sizes, strict=True):
        text = _group_head(book, column, size)
        look = book.format(**style, align="center", left=1, left_color=LINE)
        if size > 1:
            sheet.merge_range(GROUPS, start, GROUPS, start + size - 1, "", look)
        write(sheet, (GROUPS, start), text, look)
        start += size


def _group_head(book: Book, column: Column, size: int) -> str:
    label = phrases.kpi_head(column, book.numbers.lang)
    return label if size == 1 else f"{label} · {phrases.weight(column.weight, book.numbers)}"


def _people(book: Book, card: Scorecard) -> Iterator[Field]:
    lang, rows = book.numbers.lang, _lines(book, card)
    names = tuple(lit(clean(row.name), row.weakest, book.numbers.grades) for row in rows)
    unrated = say(lang, "report.unrated.short")
    yield Field("rank", tuple(row.rank for row in rows), {"align": "center"}, 5)
    width = room((clean(name) for name in names), 14, 44)
    yield Field("name", names, {"align": "left"}, width)
    for name in ("department", "position"):
        texts = tuple(getattr(row, name) for row in card.rows)
        texts += (None,) * (len(rows) - len(texts))
        if (
            len({getattr(row, name) for row in card.rows}) > 1
        ):  # the same everywhere, it would only take room
            head = say(lang, f"report.head.{name}")
            width = room((head, *(clean(text or "") for text in texts)), 10, 25) - 1
            yield Field(name, texts, {"align": "left", "font_color": GREY}, width)
    indexes = tuple(
        row.index if row.index is not None or place >= len(card.rows) else unrated
        for place, row in enumerate(rows)
    )
    yield Field("index", indexes, {"bold": True}, 10, places=1)
    percent = {"num_format": "0" + book.percent_sign, "font_color": GREY}
    covered = [row.coverage for row in (*card.rows, *([card.total] if card.total else []))]
    nothing = [None] * (len(rows) - len(covered))
    yield Field("coverage", (*covered, *nothing), percent, 10)


def _lines(book: Book, card: Scorecard) -> tuple[Row, ...]:
    """Return the lines of the sheet: the rows, then the total and every department."""
    return (*card.rows, *summaries(card, book.numbers.lang, all_departments=True))


def _kpi(book: Book, card: Scorecard, column: Column) -> Iterator[Field]:
    scores = [row.score(column.kpi) for row in _lines(book, card)]
    known = [s.fact.value for s in scores if s.fact.value is not None]
    aims = [s.target.value for s in scores if s.target]
    shape = {"num_format": book.number_format(column, [*known, *aims])}
    lang = book.numbers.lang
    facts = tuple(_fact(score, lang) for score in scores)
    targets = tuple(_target(score, lang) for score in scores)
    width = room(_texts(book, column, [*facts, *targets]), 9, 24)
    fact = Field("fact", facts, shape, width, starts=True)
    if not column.weight and not any(s.target or s.points is not None for s in scores):
        fields = [fact]  # nothing is expected of it: its label is all that stands above it
    else:
        shares = tuple(s.attainment for s in scores)
        points = tuple(s.points for s in scores)
        fields = [fact, Field("target", targets, shape | {"font_color": GREY}, width)]
        fields.append(Field("attainment", shares, {}, _graded_room(book, shares), places=0))
        fields = [f for f in fields if f is fact or any(v is not None for v in f.values)]
        score = _graded_room(book, points)
        fields.append(Field("score", points, {}, score, scored=True, places=1))
    lacking = room([_group_head(book, column, len(fields))], 9, 44) - sum(f.width for f in fields)
    yield replace(fields[0], width=fields[0].width + max(lacking, 0))
    yield from fields[1:]


def _graded_room(book: Book, values: Iterable[Decimal | None]) -> int:
    return room((f"{book.numbers.graded(v)}%" for v in values if v is not None), 8, 16)


def _fact(score: Score, lang: str) -> Decimal | str | None:
    if score.fact.state is State.MEASURED:
        return score.fact.value
    return phrases.missing(score, lang)


def _target(score: Score, lang: str) -> Decimal | str | None:
    if score.target:
        return score.target.value
    return say(lang, "report.state.no_target") if score.state is State.NO_TARGET else None


def _texts(book: Book, column: Column, values: Sequence[Any]) -> Iterator[str]:
    numbers = [value for value in values if isinstance(value, Decimal)]
    decimals = "00." if ".00" in book.number_format(column, numbers) else ""
    for value in values:
        if isinstance(value, Decimal):
            yield book.numbers.value(value.to_integral_value(), column.unit) + decimals
        elif value:
            yield value


def _column(book: Book, sheet: Any, card: Scorecard, placed: tuple[int, Field]) -> None:
    """Write a column: its caption, its values, words in grey, the total in bold above a line."""
    place, one = placed
    edge = {"left": 1, "left_color": LINE} if one.starts else {}
    align = one.style.get("align", "right")
    head = {"bold": True, "bg_color": HEAD, "align": align, "bottom": 1, "bottom_color": GREY}
    head |= {"indent": 1} if align == "right" else {}
    lang = book.numbers.lang
    by_name = one.caption == "name"
    caption = phrases.name_head(card, lang) if by_name else say(lang, f"report.head.{one.caption}")
    write(sheet, (CAPTIONS, place), caption, book.format(**edge, **head))
    for number, value in enumerate(one.values):
        style = {"align": align} | one.style | edge
        style |= {"indent": 1} if align == "right" else {}
        if one.places is not None and isinstance(value, Decimal):
            style["num_format"] = _graded(book, one, value)
        if isinstance(value, str) and align == "right":
            style |= {"font_color": GREY, "italic": True, "bold": False}
        if number >= len(card.rows):
            style |= {"bold": True, "top": 1, "top_color": GREY, "bg_color": PALE}
        else:
            style |= {"bottom": 1, "bottom_color": PALE}
        write(sheet, (FIRST + number, place), value, book.format(**style))


def _graded(book: Book, field: Field, value: Decimal) -> str:
    """Return the number format of points: so many decimals that they are on their own side of every
    bound of colours."""
    places = book.numbers.grades.places(value, field.places or 0)
    shape = "0." + "0" * places if places else "0"
    return shape + book.percent_sign if field.caption == "attainment" else shape


def _colour(book: Book, sheet: Any, fields: Sequence[Field], last: int) -> None:
    """Draw the index as a bar, and the scores in the colours that they have on a terminal."""
    grades = book.numbers.grades
    bounds = (("red", grades.yellow), ("yellow", grades.green), ("green", grades.bright))
    rules = [
        {"type": "blanks", "stop_if_true": True},
        *({"type": "cell", "criteria": "<", "value": float(bound), "stop_if_true": True,
           "format": book.format(bg_color=_FILLS[name])} for name, bound in bounds),
        {"type": "cell", "criteria": ">=", "value": float(grades.bright),
         "format": book.format(bg_color=_FILLS["bright"])},
    ]  # fmt: skip
    for place, one in enumerate(fields):
        for rule in rules if one.scored else ():
            sheet.conditional_format(FIRST, place, last, place, rule)
        if one.caption == "index":
            known = [value for value in one.values if isinstance(value, Decimal)]
            bar = {
                "type": "data_bar",
                "bar_solid": True,
                "bar_color": "#A9CCE3",
                "min_type": "num",
                "min_value": 0,
                "max_type": "num",
                "max_value": float(max([FULL_BAR, *known])),
            }
            sheet.conditional_format(FIRST, place, last, place, bar)


def _company(book: Book, results: Results) -> Iterator[tuple[str, bool]]:
    """Yield what the company as a whole has reached of its goals, in bold, and how they came."""
    numbers, lang = book.numbers, book.numbers.lang
    for score in results.company:
        column = results.columns[score.kpi]
        parts = [f"{say(lang, 'report.company')} · {clean(column.label)}"]
        value = score.fact.value
        parts.append(
            phrases.missing(score, lang) if value is None else numbers.value(value, column.unit)
        )
        if score.target:
            target = numbers.value(score.target.value, column.unit)
            parts.append(say(lang, "report.plan", plan=target))
        if score.attainment is not None:
            parts.append(f"{numbers.graded(score.attainment)}%")
        yield "   ".join(parts), True
    for text in derivation.of_unit(Unit("company", "", results.company), results, numbers):
        yield text, False


def _notes(book: Book, results: Results, card: Scorecard) -> Iterator[str]:
    """Yield why some have no index, how many rows are not shown, and how targets of another length
    of time were made this period's."""
    numbers, lang = book.numbers, book.numbers.lang
    for row in card.rows:
        if row.index is None:
            yield f"{clean(row.name)}: {phrases.unrated(row, card, numbers)}"
    if not card.rows:
        key = "report.all_hidden" if card.hidden else "report.nobody"
        yield say(lang, key, n=card.hidden)
    elif card.hidden:
        shown = len(card.rows)
        yield say(lang, "report.shown", shown=shown, all=shown + card.hidden)
    yield from derivation.of_card(card, results, numbers)
    if lights_weakest(card):
        yield say(lang, "report.light.weakest")
    here = (one for one in results.whole_people if any(p.scorecard == card.id for p in one.lines))
    for name, text in people.whole_people(here, numbers):
        yield f"{name}: {text}"
