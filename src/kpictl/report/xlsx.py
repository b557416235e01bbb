"""An Excel workbook: a sheet for each scorecard, every number in one, the circumstances in one.

Numbers are numbers with their unit as a format; percent keeps its scale (25 is 25 %), so that a
cell, the CSV and the JSON agree. Text is never a formula. The bytes depend on the results alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpictl.report import alert_view, paper, phrases
from kpictl.report.aside_sheet import asides, asides_of_unit
from kpictl.report.dataframe import to_frame, worded
from kpictl.report.format import (
    Numbers,
    clean,
    moment,
    period_days,
    period_words,
    until,
)
from kpictl.report.pay.sheet import pay_sheet
from kpictl.report.pay.texts import PayTexts
from kpictl.report.recognition_sheets import awards, insight
from kpictl.report.scorecard_sheet import scorecard
from kpictl.report.view import told_apart
from kpictl.report.workbook import GREY, HEAD, LINE, Book, room, write
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import Results, Unit

_ABOUT_WIDTHS = (24, 60, 20, 12)


def render(results: Results, options: Options) -> bytes:
    numbers = Numbers.of(results, options.lang)
    book = Book.about(results, numbers)
    data = book.reserve(say(numbers.lang, "report.sheet.data"))
    about = book.reserve(say(numbers.lang, "report.sheet.about"))
    shown = told_apart(results)
    for card in shown.scorecards:
        name = book.reserve(card.label or card.id)
        scorecard(book, book.sheet(name), shown, card)
        asides(book, shown, card)
    for unit in shown.units:
        asides_of_unit(book, shown, unit)
    pay_sheet(book, shown)
    insight(book, shown)
    awards(book, shown)
    _data(book, book.sheet(data), results)
    _about(book, book.sheet(about), results)
    return book.bytes()


def _data(book: Book, sheet: Any, results: Results) -> None:
    """Write the frame: one line per person and KPI, numbers unrounded."""
    in_words = PayTexts(book.numbers, results.columns).row
    frame, lang = to_frame(results, in_words), book.numbers.lang
    _head(sheet, results, "report.sheet.data", lang)
    widths = []
    for place, name in enumerate(map(str, frame.columns)):
        values = [worded(name, value, book.numbers) for value in frame[name]]
        text = all(value is None or isinstance(value, str) for value in values)
        side = {"align": "left"} if text else {"align": "right", "indent": 1}
        head = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, **side)
        caption = say(lang, f"report.column.{name}")
        write(sheet, (0, place), caption, head)
        for number, value in enumerate(values, start=1):
            day = {"num_format": "yyyy-mm-dd"} if name in ("from", "to") else {}
            write(sheet, (number, place), value, book.format(**side, **day))
        texts = (clean(str(value)) for value in values if value is not None)
        widths.append(room([f"{caption}  ", *texts], 7, 34))
        sheet.set_column(place, place, widths[-1])
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    _lay(sheet, list(map(str, frame.columns)), len(frame), widths)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _head(sheet: Any, results: Results, name: str, lang: str) -> None:
    title = " · ".join(filter(None, (say(lang, name), clean(results.company_name))))
    paper.head(sheet, title, phrases.DOT.join(phrases.title(results, lang)))


def _lay(sheet: Any, columns: list[str], lines: int, widths: list[int]) -> None:
    """Print who on every page, and what a KPI is beside its figures."""
    kpi = columns.index("kpi")
    table = paper.Table(
        top=0,
        bottom=lines,
        end=lines,
        widths=widths,
        stub=columns.index("department"),
        groups=(kpi - columns.index("department"), len(columns) - kpi),
        names=(columns.index("name"), columns.index("name")),
    )
    paper.lay(sheet, table)


def _about(book: Book, sheet: Any, results: Results) -> None:
    """Write under which circumstances the numbers hold, and what they leave out."""
    for place, width in enumerate(_ABOUT_WIDTHS):
        sheet.set_column(place, place, width)
    lang = book.numbers.lang
    _head(sheet, results, "report.sheet.about", lang)
    line = 0
    for name, value in _facts(results, lang):
        caption = say(lang, f"report.about.{name}")
        write(sheet, (line, 0), caption, book.format(font_color=GREY))
        write(sheet, (line, 1), value, book.format())
        line += 1
    for unit in results.units:
        line = _unit(book, sheet, results, (unit, line + 1)) - 1
    line += 1
    nothing = say(lang, "report.about.nothing")
    listed = phrases.left_out(results, book.numbers)
    left_out = [text for pair in listed for text in pair] or [nothing]
    remarks = [one for one in results.warnings if one.level != "note"]
    problems = phrases.warnings(remarks, lang)
    warnings = [f"{level}: {text}" for level, text in problems] or [nothing]
    wrapped = book.format(text_wrap=True)
    listings = [(say(lang, "report.about.left_out"), left_out),
                (say(lang, "report.about.warnings"), warnings)]  # fmt: skip
    if results.alert is not None:
        breaches = alert_view.lines(results.alert.breaches, results, book.numbers)
        listings.insert(0, (alert_view.heading(results, lang), breaches))
    for heading, lines in listings:
        _heading(book, sheet, line, heading)
        for number, text in enumerate(lines, start=1):
            paper.paragraph(sheet, (line + number, 0), _ABOUT_WIDTHS, text, wrapped)
        line += len(lines) + 2


def _facts(results: Results, lang: str) -> list[tuple[str, str]]:
    zone, loaded = results.timezone, results.data_as_of
    return [
        ("company", results.company_name),
        ("period", period_words(results.period, lang)),
        ("days", period_days(results.period, lang)),
        ("as_of", until(results.as_of, zone, lang)),
        ("data_as_of", moment(loaded, zone, lang) if loaded else say(lang, "report.no_data_yet")),
        *([("reach", reaches)] if (reaches := phrases.reach_list(results, lang)) else []),
        ("plan", results.plan_file),
        ("sha256", results.plan_sha256),
        ("currency", results.currency),
        ("timezone", zone),
    ]


def _heading(book: Book, sheet: Any, line: int, text: str) -> None:
    style = book.format(bold=True, bottom=1, bottom_color=LINE)
    write(sheet, (line, 0), text, style)
    for place in range(1, len(_ABOUT_WIDTHS)):
        sheet.write_blank(line, place, None, style)


def _unit(book: Book, sheet: Any, results: Results, placed: tuple[Unit, int]) -> int:
    """Write what the company or a department has goals for; return the next free line."""
    (unit, line), lang = placed, book.numbers.lang
    _heading(book, sheet, line, clean(unit.name) or say(lang, "report.about.company_kpis"))
    heads = ("fact", "target", "attainment")
    for place, name in enumerate(heads, start=1):
        style = book.format(bold=True, bottom=1, bottom_color=LINE, align="right")
        write(sheet, (line, place), say(lang, f"report.head.{name}"), style)
    for score in unit.scores:
        line += 1
        column, fact = results.columns[score.kpi], score.fact.value
        target = score.target.value if score.target else None
        shape = book.number_format(column, [v for v in (fact, target) if v is not None])
        number = book.format(num_format=shape, align="right")
        places = 0 if score.attainment is None else book.numbers.grades.places(score.attainment, 0)
        shape = ("0." + "0" * places if places else "0") + book.percent_sign
        share = book.format(num_format=shape, align="right")
        write(sheet, (line, 0), column.label, book.format())
        write(sheet, (line, 1), phrases.missing(score, lang) if fact is None else fact, number)
        write(sheet, (line, 2), target, number)
        write(sheet, (line, 3), score.attainment, share)
    return line + 2
