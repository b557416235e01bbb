"""The live board, laid out anew for whatever room there is: per scorecard ranks and their change,
index, facts, pace, forecast and lights; then the latest records, and how old all of that is.

A light is a colour of the report with a sign of its own, for those who see no colour: of the pace
where a KPI has one, else of its points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.report import pace_view, phrases
from kpictl.report.aside import BLANK, Aside, Figure, Group, lines_of, table_lines
from kpictl.report.aside import without_blank_columns as dense
from kpictl.report.format import Numbers, called, clean, day, in_zone, number
from kpictl.report.kpi_cells import cells_of
from kpictl.report.lights import SIGNS, light, lit
from kpictl.report.names import fitted
from kpictl.report.terminal import Line, clip, fit, heading, join, pad, widest
from kpictl.report.view import masked, masked_problems, numbering, told_apart
from kpictl.values import GRADES, Grade
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.watch import Arrival, Frame
    from kpictl.errors import Problem
    from kpictl.values import Column, Row, Score, Scorecard

NAME, NARROW_NAME, NARROW = 16, 11, 90
RECORDS, FEWEST_RECORDS, LEAST_TITLE = 6, 2, 12
FEWEST_ROWS = 8  # lines of scorecards that stand before records do
_LABEL = 22
_INDEX_WEIGHT = Decimal(10**9)  # stays however little room there is


class BoardLook(Struct, frozen=True):
    """For whom and where: `height` None is as long as it takes. `now` tells the age of the figures,
    where it is asked for; `activity` what goes on at the moment. `wide` shows all KPIs, however
    many lines that takes; `mask` has numbers in place of names, and no titles of records."""

    lang: str
    width: int
    height: int | None = None
    now: datetime | None = None
    zone: str = "UTC"
    activity: str = ""
    wide: bool = False
    mask: bool = False


def lines(frame: Frame, look: BoardLook) -> list[Line]:
    """Return the board as lines, none wider or more than there is room for."""
    return [clip(line, look.width) for line in _Board(frame, look).lines()]


class _Board:
    def __init__(self, frame: Frame, look: BoardLook) -> None:
        if look.mask:
            frame = _masked(frame, look.lang)
        self.look, self.lang, self.frame = look, look.lang, frame
        self.results = None if frame.results is None else told_apart(frame.results)
        self.grades = GRADES if frame.results is None else frame.results.grades

    def lines(self) -> list[Line]:
        """Return all lines; where the room is little, fewer records, then fewer rows."""
        head, foot = [*self.heading(), *self.failures()], [*self.footer()]
        cards, height = [*self.cards()], self.look.height
        for count in range(RECORDS, FEWEST_RECORDS - 1, -1):
            page = [*head, *cards, *self.records(count), *foot]
            if height is None or len(page) <= height:
                return page
        assert height is not None  # noqa: S101  without one the first page fits
        records = [*self.records(FEWEST_RECORDS)]
        room = height - len(head) - len(foot) - 1
        if room >= len(records) + FEWEST_ROWS:
            room, foot = room - len(records), [*records, *foot]
        if room > 0:
            more = say(self.lang, "watch.more", n=len(cards) - room)
            return [*head, *cards[:room], [(more, "dim")], *foot]
        return [*head, *foot][:height]

    def heading(self) -> Iterator[Line]:
        if self.results is None:
            yield [(say(self.lang, "watch.empty"), "bold")]
            return
        name = clean(self.results.company_name)
        parts = phrases.title(self.results, self.lang)
        yield from heading(name, parts, phrases.DOT, self.look.width)
        if self.results.elapsed is not None:
            yield [(pace_view.title(self.results, self.lang), "dim")]

    def failures(self) -> Iterator[Line]:
        """Yield in one line why the figures are not newer."""
        text = ""
        if self.frame.bug is not None:
            text = say(self.lang, "watch.bug", name=type(self.frame.bug).__name__)
        elif self.frame.failures:
            first, *others = self.frame.failures
            text = _told(first, self.lang)
            text += f" (+{len(others)})" if others else ""
        if text:
            said = say(self.lang, "watch.failed", text=text)
            yield [(fit(said, self.look.width), "red")]

    def cards(self) -> Iterator[Line]:
        if self.results is None:
            return
        numbers = Numbers.of(self.results, self.lang)

        def more(n: int) -> str:
            return say(self.lang, "watch.more_kpis", n=n)

        for card in self.results.scorecards:
            yield []
            aside = self.card(card, numbers)
            yield from table_lines(
                aside, self.look.width, self.lang, wide=self.look.wide, more=more
            )

    def card(self, card: Scorecard, numbers: Numbers) -> Aside:
        """Return a scorecard as its lines with their figures."""
        rows, sums = lines_of(card, self.lang)
        groups = [_index(rows, len(card.rows), numbers)] if card.weighted else []
        for column in card.columns:
            scores = [row.score(column.kpi) for row in rows]
            groups.append(_group(column, scores, numbers, len(card.rows)))
        names = tuple(self.names(card, rows))
        notes = () if card.rows else (say(self.lang, "report.nobody"),)
        if any(row.weakest is not None for row in rows):
            notes = (*notes, say(self.lang, "report.light.weakest"))
        return Aside(clean(card.label), names, sums, tuple(groups), notes, people=False)

    def names(self, card: Scorecard, rows: Sequence[Row]) -> Iterator[str]:
        """Yield rank, ranks won or lost and name, aligned."""
        people = len(card.rows)
        plain = [clean(row.name) or clean(row.id) for row in rows]
        size = NARROW_NAME if self.look.width < NARROW else NAME
        short = plain if card.by else [*fitted(plain[:people], size), *plain[people:]]
        if not card.weighted:
            yield from short
            return
        ranks = ["" if n >= people else str(row.rank or "–") for n, row in enumerate(rows)]
        moves = [self.moved(card, row) if n < people else "" for n, row in enumerate(rows)]
        wide, most = widest(ranks), widest(moves)
        short = [lit(name, row.weakest, self.grades) for name, row in zip(short, rows, strict=True)]
        for rank, move, name in zip(ranks, moves, short, strict=True):
            start = pad(rank, wide, "right")
            yield f"{start} {pad(move, most)} {name}" if most else f"{start}  {name}"

    def moved(self, card: Scorecard, row: Row) -> str:
        ranks = self.frame.gained.get((card.id, row.subject), 0)
        return f"▲{ranks}" if ranks > 0 else f"▼{-ranks}" if ranks < 0 else ""

    def records(self, count: int) -> Iterator[Line]:
        """Yield the latest records: when, whose, for which KPI, how much."""
        if self.results is None:
            return
        numbers = Numbers.of(self.results, self.lang)
        yield []
        yield [(say(self.lang, "watch.records"), "bold")]
        shown = self.frame.records[:count]
        if not shown:
            yield [(say(self.lang, "watch.no_records"), "dim")]
        cells = [_record_cells(one, numbers) for one in shown]
        sizes = [widest(column) for column in zip(*cells, strict=True)]
        room = self.look.width - sum(sizes[:4]) - len("+ ") - 4 * len("  ")
        for one, (at, who, kpi, value, title) in zip(shown, cells, strict=True):
            is_new = one.key in self.frame.new
            line = f"{'+' if is_new else ' '} {pad(at, sizes[0])}  {pad(who, sizes[1])}  "
            line += f"{pad(kpi, sizes[2])}  {pad(value, sizes[3], 'right')}  "
            yield [(line, "bold" if is_new else ""), (title if room >= LEAST_TITLE else "", "dim")]

    def footer(self) -> Iterator[Line]:
        """Yield what signs mean, how old the figures are, and what comes next."""
        parts = [] if self.results is None else _legend(Numbers.of(self.results, self.lang))
        yield []
        yield from ([(line, "dim")] for line in join(parts, phrases.DOT, self.look.width) if line)
        now = self.look.now
        if now is None:
            return
        told = [self.look.activity] if self.look.activity else []
        if self.frame.read_at is not None:
            age = _age(now, self.frame.read_at, self.lang)
            told.append(say(self.lang, "watch.read", at=self.clock(self.frame.read_at), age=age))
        if self.frame.next_at is not None and not self.look.activity:
            told.append(say(self.lang, "watch.next", at=self.clock(self.frame.next_at)))
        told.append(say(self.lang, "watch.leave"))
        yield from ([(line, "")] for line in join(told, phrases.DOT, self.look.width))

    def clock(self, at: datetime) -> str:
        return f"{in_zone(at, self.look.zone):%H:%M:%S}"


def _masked(frame: Frame, lang: str) -> Frame:
    """Return a frame in which people are numbers, the same here as in every other report."""
    if frame.results is None:
        return frame
    names = numbering(frame.results).by_name
    results = masked(frame.results, lang)
    gained = {}
    for card, other in zip(frame.results.scorecards, results.scorecards, strict=True):
        for row, same in zip(card.rows, other.rows, strict=True):
            gained[card.id, same.subject] = frame.gained.get((card.id, row.subject), 0)
    records = tuple(replace(one, who=_number(one, names, lang), title="") for one in frame.records)
    failures = tuple(masked_problems(frame.failures, names, lang))
    return replace(frame, results=results, gained=gained, records=records, failures=failures)


def _number(record: Arrival, names: Mapping[str, int], lang: str) -> str:
    """Return whose a record is; "" where that is no row of a scorecard."""
    place = None if record.who is None else names.get(called(record.who, lang))
    return "" if place is None else say(lang, "report.masked", n=place)


def _told(problem: Problem, lang: str) -> str:
    data = {key: clean(str(value)) for key, value in problem.data.items()}
    text = clean(phrases.message(replace(problem, data=data), lang))
    return f"{clean(str(problem.place))}: {text}" if problem.place else text


def _lit(text: str, grade: Grade | None, value: Decimal | None) -> Figure:
    sign = " " if grade is None else SIGNS[grade]
    return Figure(f"{text} {sign}", value, style=grade or "")


def _index(rows: Sequence[Row], people: int, numbers: Numbers) -> Group:
    lang, cells = numbers.lang, []
    for place, row in enumerate(rows):
        if row.index is None:
            words = say(lang, "report.unrated.short") if place < people else ""
            cells.append((Figure(words, style="dim"),))
        else:
            text = numbers.graded(row.index, 1)
            cells.append((_lit(text, numbers.grades.of(row.index), row.index),))
    head = say(lang, "report.head.index")
    return Group("", "", _INDEX_WEIGHT, (head,), tuple(cells))


def _group(column: Column, scores: Sequence[Score], numbers: Numbers, people: int) -> Group:
    """Return fact, pace and forecast of a KPI down the lines."""
    lang, cells = numbers.lang, []
    for score, cell in zip(
        scores, cells_of(scores, column.unit, numbers, people=people), strict=True
    ):
        if not cell.fact:
            cells.append((Figure(cell.words, style="dim"), BLANK, BLANK))
            continue
        fact = _lit(cell.fact, light(score, column, numbers.grades), score.fact.value)
        _, percent, forecast, _ = pace_view.figures(score, column, numbers, None)
        cells.append((fact, percent, forecast))
    heads = ("watch.head.fact", "pace.head.percent", "pace.head.forecast")
    label = phrases.kpi_head(column, lang)
    group = Group(column.kpi, fit(label, _LABEL), column.weight,
                  tuple(say(lang, head) for head in heads), tuple(cells))  # fmt: skip
    return dense(group)


def _record_cells(one: Arrival, numbers: Numbers) -> tuple[str, str, str, str, str]:
    lang = numbers.lang
    at = ""
    if isinstance(one.moment, datetime):
        at = f"{day(one.moment, lang)} {one.moment:%H:%M}"
    elif one.moment is not None:
        at = day(one.moment, lang)
    who = clean(called(one.who, lang)) or "–"
    value = "" if one.value is None else numbers.value(one.value, one.unit)
    return at, fit(who, 24), fit(clean(one.kpi), _LABEL), value, clean(one.title)


def _legend(numbers: Numbers) -> list[str]:
    grades, lang = numbers.grades, numbers.lang
    bounds = {"bright": grades.bright, "green": grades.green, "yellow": grades.yellow}
    texts = [
        say(lang, "watch.from", sign=SIGNS[name], n=number(bound, lang, 2, trim=True))  # type: ignore[index]
        for name, bound in bounds.items()
    ]
    below = number(grades.yellow, lang, 2, trim=True)
    return [*texts, say(lang, "watch.below", sign=SIGNS["red"], n=below)]


def _age(now: datetime, then: datetime, lang: str) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    seconds = max(int((now - then).total_seconds()), 0)
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return say(lang, f"watch.age.{unit}", n=seconds // size)
    return say(lang, "watch.age.seconds", n=seconds)
