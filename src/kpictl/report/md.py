"""Markdown, for a page of a wiki, a chat or a letter: a table for each scorecard, and what must be
known to read it. Text of records is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kpictl.report import (
    alert_view,
    awards_view,
    change_view,
    derivation,
    insight_view,
    pace_view,
    people,
    phrases,
)
from kpictl.report.aside import Aside
from kpictl.report.format import NBSP, Numbers, clean
from kpictl.report.kpi_cells import COUNTS
from kpictl.report.lights import lit
from kpictl.report.pay import summary as pay
from kpictl.report.table_layout import INDEX_PLACES, lights_weakest, summaries
from kpictl.report.view import told_apart
from kpictl.values import State
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import Column, Results, Row, Score, Scorecard, Unit

# What Markdown or HTML inside of it would obey, wherever in a line it stands; and what would make a
# link of an address.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~#&$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGIN = re.compile(r"^([-+=]|\d+[.)])")  # of a list or a line under a heading


def render(results: Results, options: Options) -> str:
    writer = _Writer(told_apart(results), Numbers.of(results, options.lang))
    return "\n".join(writer.lines()).replace(NBSP, " ") + "\n"


def literal(text: str) -> str:
    r"""Return text as itself, whatever Markdown makes of its signs.

    >>> literal("*[click](http://x)*")
    '\\*\\[click\\](http\\://x)\\*'
    """
    return _MARKUP.sub(lambda sign: "\\" + sign[0], clean(text))


def paragraph(text: str) -> str:
    r"""Return text as a line of its own, which begins no list.

    >>> paragraph("1. May"), paragraph("- all")
    ('1\\. May', '\\- all')
    """
    return _BEGIN.sub(lambda found: found[1][:-1] + "\\" + found[1][-1], literal(text.strip()))


def code(text: str) -> str:
    """Return text as it is to be typed, also where it has the sign that ends code."""
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


class _Writer:
    """Holds what every part of the page needs; `lines` yields the page."""

    def __init__(self, results: Results, numbers: Numbers) -> None:
        self.results, self.numbers, self.lang = results, numbers, numbers.lang

    def lines(self) -> Iterator[str]:
        title = " · ".join(map(literal, phrases.title(self.results, self.lang)))
        name = literal(self.results.company_name) or say(self.lang, "report.company")
        yield f"# {name}"
        yield from ("", title)
        for card in self.results.scorecards:
            yield from ("", f"## {literal(card.label) or literal(card.id)}", "")
            yield from self.card(card)
        yield from self.people()
        for card in self.results.scorecards:
            yield from self.insight(card)
        yield from self.awards()
        yield from listed(pay.unlisted(self.results, self.numbers))
        yield from listed(pay.funds(self.results, self.numbers))
        for unit in self.results.units:
            yield from ("", f"## {literal(unit.name) or say(self.lang, 'report.company')}", "")
            yield from self.unit(unit)
        yield from self.footer()

    def card(self, card: Scorecard) -> Iterator[str]:
        if not card.rows:
            key = "report.all_hidden" if card.hidden else "report.nobody"
            yield paragraph(say(self.lang, key, n=card.hidden))
            return
        heads = [("#", True)] if card.weighted else []
        heads += [(literal(phrases.name_head(card, self.lang)), False)]
        heads += [(say(self.lang, "report.head.index"), True)] if card.weighted else []
        lines = (*card.rows, *summaries(card, self.lang))
        pays = pay.column(self.results, card, lines, self.numbers)
        heads += [(say(self.lang, "pay.head"), True)] if pays else []
        heads += [(self.head(column), True) for column in card.columns]
        own = [[literal(text)] for text in pays] or [[] for _ in lines]
        pairs = zip(lines, own, strict=True)
        yield from table(heads, (self.row(row, card, paid) for row, paid in pairs))
        notes = derivation.of_card(card, self.results, self.numbers)
        if lights_weakest(card):
            notes.append(say(self.lang, "report.light.weakest"))
        if card.hidden:
            shown = len(card.rows)
            whole = shown + card.hidden
            notes.insert(0, say(self.lang, "report.shown", shown=shown, all=whole))
        yield from paragraphs(notes)
        yield from listed(pay.below(self.results, card, self.numbers))
        for of in (pace_view.of_card, change_view.of_card):
            yield from self.aside(of(card, self.results, self.numbers))

    def aside(self, aside: Aside | None) -> Iterator[str]:
        """Yield a table of the pace or of changes; a column for each figure of each KPI."""
        if aside is None or aside.is_empty:
            return
        yield from ("", f"### {literal(aside.title)}", "")
        heads = [("", False)]
        for group in aside.groups:
            names = (" · ".join(filter(None, (group.label, head))) for head in group.heads)
            heads += [(literal(name), True) for name in names]
        rows = (
            [literal(name), *(literal(f.text) for g in aside.groups for f in g.cells[place])]
            for place, name in enumerate(aside.names)
        )
        yield from table(heads, rows)
        yield from paragraphs(aside.notes)

    def people(self) -> Iterator[str]:
        """Yield who had several posts, as one: the index by the days of each."""
        if self.results.whole_people:
            yield from ("", f"## {say(self.lang, 'report.whole_people')}", "")
        for name, text in people.whole_people(self.results.whole_people, self.numbers):
            yield f"- {literal(name)}: {literal(text)}"

    def insight(self, card: Scorecard) -> Iterator[str]:
        """Yield what each is strong and weak at, then departments, then what was not compared."""
        if not any(row.insight for row in card.rows):
            return
        title = f"{say(self.lang, 'insight.title')} · {clean(card.label) or clean(card.id)}"
        yield from ("", f"## {literal(title)}", "")
        for row in card.rows:
            texts = [
                f"{insight_view.MARKS[one.verdict]} {one.text}"
                for one in insight_view.of_row(row, card, self.numbers)
            ]
            texts += filter(None, [insight_view.training(row, card, self.numbers)])
            yield f"- **{literal(row.name) or literal(row.id)}**"
            for text in texts or [say(self.lang, "insight.nothing")]:
                yield f"  - {paragraph(text)}"
        yield ""
        for name, text in insight_view.groups(card, self.numbers):
            yield f"- **{literal(name)}**: {literal(text)}"
        yield from paragraphs(insight_view.notes(card, self.numbers))

    def awards(self) -> Iterator[str]:
        """Yield who was given which award, and for what."""
        if self.results.awards:
            yield from ("", f"## {say(self.lang, 'award.title')}", "")
        for line in awards_view.lines(self.results, self.numbers):
            yield f"- {literal(line.label)}: {literal(line.text)}"

    def head(self, column: Column) -> str:
        label = literal(phrases.kpi_head(column, self.lang))
        return f"{label}, {phrases.weight(column.weight, self.numbers)}" if column.weight else label

    def row(self, row: Row, card: Scorecard, paid: Sequence[str]) -> list[str]:
        cells = []
        if card.weighted:
            cells.append("" if row.rank is None else str(row.rank))
        name = lit(clean(row.name), row.weakest, self.numbers.grades)
        cells.append(literal(name) or literal(row.id))
        if card.weighted and row.index is not None:
            cells.append(self.numbers.graded(row.index, INDEX_PLACES))
        elif card.weighted:
            cells.append(phrases.unrated(row, card, self.numbers) if row.id else "")
        kpis = (self.cell(row.score(one.kpi), one.unit) for one in card.columns)
        return [*cells, *paid, *kpis]

    def cell(self, score: Score, unit: str) -> str:
        """Return a fact, its target, how far it is reached and the points, as far as they are."""
        value = score.fact.value
        if value is None or score.fact.state is not State.MEASURED:
            return phrases.missing(score, self.lang)
        text = self.numbers.short(value, unit)
        if score.target is not None:
            target = self.numbers.short(score.target.value, unit)
            own = say(self.lang, "report.of", fact=text, target=target)
            text = own if unit in COUNTS else text
        marks = (
            [f"{self.numbers.graded(share)}%"] if (share := score.attainment) is not None else []
        )
        if score.points is not None and score.points != score.attainment:
            marks.append(self.numbers.graded(score.points, 1))
        return literal(" · ".join([text, *marks]))

    def unit(self, unit: Unit) -> Iterator[str]:
        names = ("fact", "target", "attainment")
        heads = [("", False), *((say(self.lang, f"report.head.{name}"), True) for name in names)]
        yield from table(heads, map(self.goal, unit.scores))
        yield from paragraphs(derivation.of_unit(unit, self.results, self.numbers))
        for of in (pace_view.of_unit, change_view.of_unit):
            yield from self.aside(of(unit, self.results, self.numbers))

    def goal(self, score: Score) -> list[str]:
        column, value = self.results.columns[score.kpi], score.fact.value
        missing = phrases.missing(score, self.lang)
        fact = missing if value is None else self.numbers.short(value, column.unit)
        goal = score.target
        target = "" if goal is None else self.numbers.short(goal.value, column.unit)
        share = score.attainment
        reached = "" if share is None else f"{self.numbers.graded(share)}%"
        return [literal(column.label), literal(fact), literal(target), reached]

    def footer(self) -> Iterator[str]:
        """Yield what was left out and why, where to see it, and the warnings."""
        left_out = phrases.left_out(self.results, self.numbers)
        if left_out:
            yield from ("", say(self.lang, "report.left_out"), "")
            yield from (f"- {paragraph(text)}: {code(command)}" for text, command in left_out)
        if reaches := phrases.reaches(self.results, self.lang):
            yield from ("", paragraph(reaches))
        if self.results.alert is not None:
            yield from ("", paragraph(alert_view.heading(self.results, self.lang)))
            breaches = self.results.alert.breaches
            texts = alert_view.lines(breaches, self.results, self.numbers)
            yield from ("", *(f"- {paragraph(text)}" for text in texts))
        remarks = [one for one in self.results.warnings if one.level != "note"]
        found = phrases.warnings(remarks, self.lang)
        if found:
            yield ""
            yield from (f"- **{level}:** {paragraph(text)}" for level, text in found)


def table(heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table; of each head it is said whether figures stand below it."""
    yield _line(head for head, _ in heads)
    yield _line("---:" if figures else "---" for _, figures in heads)
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from ("", paragraph(text))


def listed(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts as paragraphs; those that are indented as items of a list."""
    inside = False
    for text in texts:
        is_item = text.startswith("  ")
        yield from () if is_item and inside else ("",)
        yield f"- {paragraph(text)}" if is_item else paragraph(text)
        inside = is_item
