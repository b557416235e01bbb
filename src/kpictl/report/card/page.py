"""What stands on a person's page, section by section, in words; how it looks is for the formats."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kpictl.report import awards_view, insight_view, phrases
from kpictl.report.format import Numbers, clean, period_words
from kpictl.report.pay.explained import told_of
from kpictl.report.pay.texts import PayTexts
from kpictl.report.table_layout import INDEX_PLACES
from kpictl.report.trend.plot import spark
from kpictl.report.trend.texts import short_head
from kpictl.values import Edge, PayLine, Results, Row, Score, Scorecard, State, to_decimal
from kpictl.values.card import Card, CardLine, IndexPoint, NextStep, OneMore
from kpictl.words import say

SENTENCES = 3
"""How many sentences of strengths and weaknesses a page has."""
INDEX = "index"


class Figure(Struct, frozen=True):
    """A figure that stands large: its caption, itself, and the colour of its grade."""

    caption: str
    text: str
    style: str = ""


class Cells(Struct, frozen=True):
    """A table: captions, and lines of as many cells; all but the first column are figures.
    `styles` are the colours of lines, `spare` the columns that little room does without, the first
    to go first."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    styles: tuple[str, ...] = ()
    spare: tuple[int, ...] = ()


class LabelledLine(Struct, frozen=True):
    """A line with a label: `amount` is a sum at its end, `is_head` opens a part."""

    label: str
    text: str
    amount: str = ""
    is_head: bool = False
    style: str = ""


class Section(Struct, frozen=True):
    """A part of the page: its title, and figures, a table, lines with labels or sentences."""

    title: str
    figures: tuple[Figure, ...] = ()
    cells: Cells | None = None
    told: tuple[LabelledLine, ...] = ()
    sentences: tuple[str, ...] = ()


class Page(Struct, frozen=True):
    """A whole page: whose and when, then its sections."""

    name: str
    subtitle: str
    sections: tuple[Section, ...]


def page_of(card: Card, lang: str) -> Page:
    """Return the page of a person in words."""
    return _Writer(card, Numbers.of(card.results, lang)).page()


class _Writer:
    def __init__(self, card: Card, numbers: Numbers) -> None:
        self.card, self.results, self.numbers = card, card.results, numbers
        self.lang = numbers.lang
        self.pay_texts = PayTexts(numbers, card.results.columns)

    def say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    def page(self) -> Page:
        first = next((row for card in self.results.scorecards for row in card.rows), None)
        posts = (first.position, first.department) if first is not None else ()
        when = period_words(self.results.period, self.lang)
        parts = [*(clean(text) for text in posts if text), clean(self.results.company_name), when]
        name = clean(self.card.name) or clean(self.card.id)
        return Page(name, " · ".join(filter(None, parts)), tuple(self.sections()))

    def sections(self) -> Iterator[Section]:
        several = sum(len(card.rows) for card in self.results.scorecards) > 1
        for card in self.results.scorecards:
            for row in card.rows:
                yield from self.of_row(card, row, several=several)
        yield from self.other_pay()
        if awards := tuple(self.awards()):
            yield Section(self.say("award.title"), sentences=awards)
        if left := tuple(text for text, _ in phrases.left_out(self.results, self.numbers)):
            yield Section(self.say("report.left_out"), sentences=left)
        remarks = [one for one in self.results.warnings if one.level != "note"]
        if told := tuple(text for _, text in phrases.warnings(remarks, self.lang)):
            yield Section(self.say("page.remarks"), sentences=told)

    # --- a scorecard -------------------------------------------------------------------------

    def of_row(self, card: Scorecard, row: Row, *, several: bool) -> Iterator[Section]:
        line = self.card.line(card.id, row)
        title = clean(card.label) or clean(card.id)
        if several and row.position:
            title = f"{title} · {clean(row.position)}"
        yield Section(
            title,
            figures=tuple(self.figures(card, row, line)),
            cells=self.kpis(card, row, line),
        )
        if said := tuple(self.insight(card, row)):
            yield Section(self.say("page.insight"), sentences=said)
        pay = None if self.results.pay is None else self.results.pay.line(
            card.id, row.id, row.segment
        )  # fmt: skip
        if pay is not None:
            yield self.pay(pay)
        if ahead := tuple(self.ahead(card, line)):
            yield Section(self.say("page.ahead"), sentences=ahead)
        if sum(point.index is not None for point in line.trend) > 1:
            yield self.trend(line.trend)

    def figures(self, card: Scorecard, row: Row, line: CardLine) -> Iterator[Figure]:
        if row.index is None:
            if card.weighted:
                yield Figure(
                    self.say("report.head.index"), phrases.unrated(row, card, self.numbers)
                )
        else:
            index = self.numbers.graded(row.index, INDEX_PLACES)
            style = self.numbers.style(row.index)
            yield Figure(self.say("report.head.index"), index, style)
        if row.rank is not None:
            rank = self.say("page.rank", rank=row.rank, rated=line.rated)
            yield Figure(self.say("page.place"), rank)
        paid = None if self.results.pay is None else self.results.pay.line(
            card.id, row.id, row.segment
        )  # fmt: skip
        if paid is not None:
            yield Figure(self.say("page.pay"), self.pay_texts.payout(paid))

    def kpis(self, card: Scorecard, row: Row, line: CardLine) -> Cells:
        names = ("kpi", "weight", "fact", "target", "attainment", "points", "contribution")
        heads = tuple(self.say(f"page.head.{name}") for name in names)
        spare = tuple(names.index(name) for name in ("weight", "attainment", "contribution"))
        rows, styles = [], []
        pairs = zip(row.scores, line.contributions, card.columns, strict=True)
        for score, given, column in pairs:
            rows.append((clean(column.label), *self.kpi(score, given, column.unit)))
            styles.append(self.numbers.style(score.points))
        return Cells(heads, tuple(rows), tuple(styles), spare)

    def kpi(self, score: Score, given: Decimal | None, unit: str) -> tuple[str, ...]:
        value, numbers = score.fact.value, self.numbers
        fact = phrases.missing(score, self.lang)
        if value is not None and score.fact.state is State.MEASURED:
            fact = numbers.value(value, unit)
        target = "" if score.target is None else numbers.value(score.target.value, unit)
        share = "" if score.attainment is None else f"{numbers.graded(score.attainment, 1)}%"
        points = "" if score.points is None else numbers.graded(score.points, 1)
        weight = numbers.number(score.weight, 0 if score.weight == int(score.weight) else 2)
        part = "" if given is None else numbers.number(given, 1)
        return (weight, fact, target, share, points, part)

    def insight(self, card: Scorecard, row: Row) -> Iterator[str]:
        sentences = insight_view.of_row(row, card, self.numbers)
        for one in sentences[:SENTENCES]:
            yield f"{insight_view.MARKS[one.verdict]} {one.text}"
        if training := insight_view.training(row, card, self.numbers):
            yield training

    # --- what comes next ---------------------------------------------------------------------

    def ahead(self, card: Scorecard, line: CardLine) -> Iterator[str]:
        if line.one_more is not None:
            yield self.one_more(line.one_more, card)
        for step in line.next_steps:
            yield self.next_step(step)

    def one_more(self, one: OneMore, card: Scorecard) -> str:
        column = next(column for column in card.columns if column.kpi == one.kpi)
        label = clean(column.label)
        key = "page.one_more" if one.amount is not None else "page.one_more_counted"
        amount = ""
        if one.amount is not None:
            amount = self.numbers.value(to_decimal(one.amount, 2), column.unit)
        if not one.index_gain and not one.pay:
            return self.say(f"{key}.same", kpi=label, amount=amount, n=one.n)
        gain = self.numbers.signed(self.points(one.index_gain), one.index_gain)
        text = self.say(key, kpi=label, amount=amount, n=one.n, gain=gain)
        if one.pay is None:
            return text
        paid = self.numbers.signed(self.numbers.money(one.pay), one.pay)
        return f"{text}; {self.say('page.one_more_pay', pay=paid)}"

    def next_step(self, step: NextStep) -> str:
        columns = self.results.columns
        of = self.say("report.head.index") if step.of == INDEX else step.of
        of = clean(columns[step.of].label) if step.of in columns else of
        edge = Edge.of(step.edge)
        assert edge is not None  # noqa: S101  a step has one
        return self.say(
            "page.next_above" if edge.above else "page.next_from",
            of=of,
            edge=self.points(edge.at),
            lacking=self.points(step.lacking),
            percent=self.points(step.percent),
            now=self.points(step.now),
        )

    def points(self, value: Decimal) -> str:
        exact = to_decimal(value, 2)
        return self.numbers.number(exact, max(0, -int(exact.normalize().as_tuple().exponent)))

    def trend(self, points: tuple[IndexPoint, ...]) -> Section:
        first = next(n for n, point in enumerate(points) if point.index is not None)
        known = [p for p in points[first:] if p.state is not State.NOT_APPLICABLE]
        line = spark([None if p.index is None else Fraction(p.index) for p in known])
        heads, cells = [], []
        for point in known:
            heads.append(short_head(point.period, self.lang)[1])
            index = "–" if point.index is None else self.numbers.graded(point.index, 1)
            cells.append(index)
        values = " · ".join(f"{head} {cell}" for head, cell in zip(heads, cells, strict=True))
        return Section(self.say("page.trend"), told=(LabelledLine(line, values),))

    # --- pay and awards ----------------------------------------------------------------------

    def pay(self, line: PayLine) -> Section:
        several = [
            LabelledLine(one.label, one.text, one.amount, one.is_head, one.style)
            for one in told_of(line, self.pay_texts)
        ]
        return Section(self.say("page.pay"), told=tuple(several))

    def other_pay(self) -> Iterator[Section]:
        """Yield pay that belongs to no row: what is adjusted of somebody who is on no scorecard."""
        rows = {(c.id, r.id, r.segment) for c in self.results.scorecards for r in c.rows}
        for line in self.results.pay.lines if self.results.pay is not None else ():
            if (line.scorecard, line.id, line.segment) not in rows:
                yield self.pay(line)

    def awards(self) -> Iterator[str]:
        for line in awards_view.lines(_with_recipients(self.results), self.numbers):
            yield f"{line.label}: {line.text}"


def _with_recipients(results: Results) -> Results:
    """Return results with the awards that somebody was given."""
    from msgspec.structs import replace

    return replace(results, awards=tuple(one for one in results.awards if one.recipients))
