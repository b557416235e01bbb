"""The table, on a terminal and in a pipe: laid out for so many cells.

Colour carries the score; the number stands there too. What warns a reader stands below it; notes
for whoever keeps the plan do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

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
from kpictl.report.aside import Aside, table_lines
from kpictl.report.format import NBSP, Numbers, clean
from kpictl.report.kpi_cells import Cell, cells_of
from kpictl.report.pay import summary as pay
from kpictl.report.table_layout import lay_out, lights_weakest
from kpictl.report.table_layout import shown as lines_of
from kpictl.report.terminal import Line, Segment, clip, fit, heading, pad, paint, widest, wrap
from kpictl.report.view import told_apart
from kpictl.values import BY_DEPARTMENT
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import Results, Scorecard, Unit

GAP = "  "
NARROWEST = 32
LEAST_LABEL = 8  # cells of a unit's KPI, before its target is left out
BOUNDLESS = 10**6
ASIDES_OF_CARD = (pace_view.of_card, change_view.of_card)
ASIDES_OF_UNIT = (pace_view.of_unit, change_view.of_unit)


def render(results: Results, options: Options) -> str:
    lang = options.lang or results.language
    writer = _Writer(told_apart(results), Numbers.of(results, lang), options)
    shown = (
        line if isinstance(line, _Whole) else clip(line, writer.width) for line in writer.lines()
    )
    lines = (paint(line, color=options.color) for line in shown)
    text = "".join(line + "\n" for line in lines)
    return text if options.terminal else text.replace(NBSP, " ")


class _Whole(list[Segment]):
    """A line that is never cut, since it is to be copied: a command."""


class _Writer:
    """Holds what every part of the page needs; `lines` yields the page."""

    def __init__(self, results: Results, numbers: Numbers, options: Options) -> None:
        self.results = results
        self.numbers = numbers
        self.lang = numbers.lang
        self.wide = options.wide
        long = options.wide and not options.terminal
        self.width = BOUNDLESS if long else max(options.width, NARROWEST)

    def lines(self) -> Iterator[Line]:
        for number, card in enumerate(self.results.scorecards):
            if number:
                yield []
            yield from self.title(clean(card.label) or clean(card.id), first=number == 0)
            yield []
            yield from self.card(card)
        if not self.results.scorecards:
            name = clean(self.results.company_name) or say(self.lang, "report.company")
            yield from self.title(name, first=True)
        yield from self.people()
        for card in self.results.scorecards:
            yield from self.insight(card)
        yield from self.awards()
        for of in (pay.unlisted, pay.funds):
            if told := of(self.results, self.numbers):
                yield []
                yield from self.told(told)
        for unit in self.units():
            yield from self.unit(unit)
        yield from self.footer()

    def people(self) -> Iterator[Line]:
        """Yield who had several posts, as one: the index by the days of each."""
        if not self.results.whole_people:
            return
        yield []
        yield [(fit(say(self.lang, "report.whole_people"), self.width), "bold")]
        for name, text in people.whole_people(self.results.whole_people, self.numbers):
            yield from self.wrapped(f"{name}   {text}", indent=2)

    def insight(self, card: Scorecard) -> Iterator[Line]:
        """Yield what each is strong and weak at, then departments, then what was not compared."""
        if not any(row.insight for row in card.rows):
            return
        yield []
        title = f"{say(self.lang, 'insight.title')} · {clean(card.label) or clean(card.id)}"
        yield [(fit(title, self.width), "bold")]
        for row in card.rows:
            yield [("  " + fit(clean(row.name) or clean(row.id), self.width - 2), "bold")]
            sentences = insight_view.of_row(row, card, self.numbers)
            for one in sentences:
                mark, style = insight_view.MARKS[one.verdict], insight_view.STYLES[one.verdict]
                first, *more = wrap(one.text, self.width - 6)
                yield [("    ", ""), (mark, style), (f" {first}", "")]
                yield from ([("      " + line, "")] for line in more)
            training = insight_view.training(row, card, self.numbers)
            if not sentences and not training:
                yield [("    " + say(self.lang, "insight.nothing"), "dim")]
            if training:
                yield from self.wrapped("↑ " + training, "dim", indent=2, left=4)
        for name, text in insight_view.groups(card, self.numbers):
            yield from self.wrapped(f"{name}: {text}", indent=2, left=2)
        for note in insight_view.notes(card, self.numbers):
            yield from self.wrapped(note, "dim", indent=2, left=2)

    def awards(self) -> Iterator[Line]:
        """Yield who was given which award, and for what."""
        if not self.results.awards:
            return
        yield []
        yield [(fit(say(self.lang, "award.title"), self.width), "bold")]
        for line in awards_view.lines(self.results, self.numbers):
            first, *more = wrap(f"{line.label}: {line.text}", self.width - 4, 2)
            yield [("  " + first, "" if line.name else "dim")]
            yield from ([("  " + rest, "")] for rest in more)

    def title(self, label: str, *, first: bool) -> Iterator[Line]:
        """Yield the label and, the first time, which period, plan and data this is."""
        parts = phrases.title(self.results, self.lang)
        parts = parts if first else parts[:1]
        return heading(fit(label, self.width), parts, phrases.DOT, self.width)

    def card(self, card: Scorecard) -> Iterator[Line]:
        if not card.rows:
            key = "report.all_hidden" if card.hidden else "report.nobody"
            yield from self.wrapped(say(self.lang, key, n=card.hidden))
            return
        yield from self.grids(card)
        yield from self.notes(card)
        asides = (of(card, self.results, self.numbers) for of in ASIDES_OF_CARD)
        yield from self.asides(asides)

    def asides(self, asides: Iterable[Aside | None]) -> Iterator[Line]:
        """Yield the pace and the changes, each as a table of its own."""
        for aside in asides:
            if aside is not None and not aside.is_empty:
                yield []
                yield from table_lines(aside, self.width, self.lang, wide=self.wide)

    def grids(self, card: Scorecard) -> Iterator[Line]:
        pays = pay.column(self.results, card, lines_of(card), self.numbers)
        grids = lay_out(card, self.numbers, self.width, wide=self.wide, pays=pays)
        for number, grid in enumerate(grids):
            if number:
                yield []
            yield from grid.head()
            yield from grid.rows()
        shown = {one.kpi for grid in grids for one in grid.blocks}
        rest = [clean(c.label) for c in card.columns if c.kpi not in shown]
        if rest:
            more = say(self.lang, "report.more_kpis", n=len(rest))
            yield [(fit(f"{more} ({', '.join(rest)})", self.width), "dim")]

    def notes(self, card: Scorecard) -> Iterator[Line]:
        """Yield what must be known to read this scorecard: no index, hidden rows, how targets of
        another length of time were made this period's."""
        rated = any(row.index is not None for row in card.rows)
        if card.weighted and not rated:
            need = self.numbers.percent(card.min_coverage)
            yield from self.wrapped(say(self.lang, "report.no_index", need=need), "dim")
        if card.hidden:
            shown = len(card.rows)
            whole = shown + card.hidden
            yield from self.wrapped(say(self.lang, "report.shown", shown=shown, all=whole), "dim")
        if lights_weakest(card):
            yield from self.wrapped(say(self.lang, "report.light.weakest"), "dim")
        yield from self.derived(derivation.of_card(card, self.results, self.numbers))
        yield from self.told(pay.below(self.results, card, self.numbers))

    def told(self, texts: Iterable[str]) -> Iterator[Line]:
        """Yield texts, each wrapped and indented as far as it is."""
        for text in texts:
            inner = "  " if text.startswith("  ") else ""
            lines = wrap(text.strip(), self.width - len(inner), 2)
            yield from ([(inner + line, "")] for line in lines)

    def derived(self, texts: Iterable[str]) -> Iterator[Line]:
        """Yield how targets were made, a line a KPI, indented as far as it is."""
        for text in texts:
            inner = "  " if text.startswith("  ") else ""
            lines = wrap(text.strip(), self.width - len(inner), 2, cut=False)
            yield from (_Whole([(inner + line, "dim")]) for line in lines)

    def units(self) -> Iterator[Unit]:
        """Yield the company and the departments whose goals no scorecard shows."""
        shown = {
            (unit.name, score.kpi)
            for card in self.results.scorecards
            for unit in card.departments
            if unit.has_goals
            for score in unit.scores
        }
        shown |= {
            (row.name, score.kpi)
            for card in self.results.scorecards
            if card.by == BY_DEPARTMENT
            for row in card.rows
            for score in row.scores
            if score.target is not None and score.target.level == "department"
        }
        for unit in self.results.units:
            rest = tuple(s for s in unit.scores if (unit.name, s.kpi) not in shown)
            if rest:
                yield replace(unit, scores=rest)

    def unit(self, unit: Unit) -> Iterator[Line]:
        """Yield the KPIs that a unit has goals for."""
        yield []
        name = clean(unit.name) or say(self.lang, "report.company")
        yield [(fit(name, self.width), "bold")]
        scores = unit.scores
        labels = [clean(self.results.columns[score.kpi].label) for score in scores]
        cells = []
        for score in scores:
            word = self.results.columns[score.kpi].unit
            cells += cells_of([score], word, self.numbers, people=1)
        yield from self.unit_lines(labels, cells)
        yield from self.derived(derivation.of_unit(unit, self.results, self.numbers))
        yield from self.asides(of(unit, self.results, self.numbers) for of in ASIDES_OF_UNIT)

    def unit_lines(self, labels: Sequence[str], cells: Sequence[Cell]) -> Iterator[Line]:
        """Yield a line a KPI: label, fact, target, attainment. Where that is too wide the label
        gives way, then the target goes, then the fact gives way; the attainment stays whole."""
        facts = [cell.fact or cell.words for cell in cells]
        targets = [self.unit_target(cell) for cell in cells]
        label, fact, target, attainment = map(
            widest, (labels, facts, targets, [cell.attainment for cell in cells])
        )
        least = min(label, LEAST_LABEL)
        room = self.width - attainment - 2 * len(GAP)  # of labels and facts
        if target and room - target - len(GAP) >= least + fact:
            room -= target + len(GAP)
        else:
            target = 0
        fact = min(fact, room - least)
        label = min(label, room - fact)
        for name, number, aim, cell in zip(labels, facts, targets, cells, strict=True):
            line = [(pad(name, label) + GAP + pad(number, fact, "right"), "")]
            if target:
                line.append((GAP + pad(aim, target, "right"), "dim"))
            yield [*line, (GAP + pad(cell.attainment, attainment, "right"), cell.style)]

    def unit_target(self, cell: Cell) -> str:
        """Return what a unit is to reach, or why nothing is said of that."""
        if cell.target:
            return say(self.lang, "report.plan", plan=cell.target)
        return cell.words if cell.fact else ""

    def footer(self) -> Iterator[Line]:
        """Yield what was left out and why, where to see it, and the warnings."""
        left_out = phrases.left_out(self.results, self.numbers)
        if left_out:
            yield []
            yield from self.wrapped(say(self.lang, "report.left_out"))
            for line, command in left_out:
                pieces = wrap(line, self.width - 2, 2)
                yield from ([(f"  {piece}", "")] for piece in pieces)
                parts = wrap(command, self.width - 4, cut=False)
                yield from (_Whole([(f"    {part}", "dim")]) for part in parts)
        reaches = phrases.reaches(self.results, self.lang)
        if reaches:
            yield from ([] if left_out else [[]])
            yield from self.wrapped(reaches, "dim", indent=2)
        yield from self.alert()
        remarks = [one for one in self.results.warnings if one.level != "note"]
        found = phrases.warnings(remarks, self.lang)
        if found:
            yield []
        for level, text in found:
            first, *more = self.wrapped(f"{level}: {text}", indent=2)
            yield [(level, "yellow"), (first[0][0].removeprefix(level), "")]
            yield from more

    def alert(self) -> Iterator[Line]:
        """Yield the condition of --fail-on and of whom it holds."""
        if self.results.alert is None:
            return
        yield []
        style = "red" if self.results.alert.breaches else ""
        yield from self.wrapped(alert_view.heading(self.results, self.lang), style)
        for text in alert_view.lines(self.results.alert.breaches, self.results, self.numbers):
            yield from ([(f"  {line}", "")] for line in wrap(text, self.width - 2, 2))

    def wrapped(self, text: str, style: str = "", indent: int = 0, left: int = 0) -> Iterator[Line]:
        lines = wrap(text, self.width - left, indent)
        yield from ([(" " * left + line, style)] for line in lines)
