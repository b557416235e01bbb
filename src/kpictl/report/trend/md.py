"""A trend in Markdown: a table for each scorecard, with sparklines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.report import phrases
from kpictl.report.format import NBSP
from kpictl.report.md import literal, paragraph, paragraphs, table
from kpictl.report.trend import texts
from kpictl.report.trend.plot import spark
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Table, Trend
    from kpictl.report import Options


def render_trend(trend: Trend, options: Options) -> str:
    lines = _lines(texts.told_apart(trend), options.lang)
    return "\n".join(lines).replace(NBSP, " ") + "\n"


def _lines(trend: Trend, lang: str) -> Iterator[str]:
    yield f"# {literal(texts.subject(trend, lang))}"
    yield from ("", " · ".join(map(literal, texts.title(trend, lang))))
    for one in trend.tables:
        yield from _table(trend, one, lang)
    remarks = [one for one in trend.warnings if one.level != "note"]
    found = phrases.warnings(remarks, lang)
    if found:
        yield ""
        yield from (f"- **{level}:** {paragraph(text)}" for level, text in found)


def _table(trend: Trend, one: Table, lang: str) -> Iterator[str]:
    cells = texts.Cells.of(trend, one, texts.numbers_of(trend, lang))
    label = " · ".join(filter(None, (one.label, cells.unit)))
    yield from ("", f"## {literal(label)}", "") if label else ("",)
    if not one.lines:
        yield paragraph(say(lang, "report.nobody"))
        return
    heads = [(literal(f"{head} {year}".strip()), True) for year, head in texts.heads(trend, lang)]
    first = say(lang, "report.head.name") if trend.by == "employee" else ""
    names = ("spark", "change", "since")
    after = [(say(lang, f"trend.head.{name}"), name != "spark") for name in names]
    yield from table(
        [(first, False), *heads, *after], (_row(trend, line, cells) for line in one.lines)
    )
    legend = ", ".join(texts.legend(one, lang))
    yield from paragraphs(filter(None, (texts.compared(trend, lang), legend)))


def _row(trend: Trend, line: Line, cells: texts.Cells) -> list[str]:
    rank = texts.rank_move(line.rank_change(trend.last))
    change = f"{cells.change(line.change(trend.last))} {rank}".strip()
    since = cells.change(line.change_from_first(trend.last))
    drawn = spark([point.exact for point in line.points])
    name = literal(texts.line_name(line, cells.numbers.lang))
    figures = (literal(cells.cell(point)) for point in line.points)
    return [name, *figures, drawn, literal(change), literal(since)]
