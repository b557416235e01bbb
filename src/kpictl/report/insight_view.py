"""Strengths and weaknesses in words: a sentence for each, with its figures; never a colleague."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.report.format import Numbers, clean, number
from kpictl.values import to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Finding, GroupInsight, Row, Scorecard

MARKS = {"strength": "+", "weakness": "−"}
STYLES = {"strength": "green", "weakness": "red"}
_LONG = ("seconds", "minutes", "hours", "days")
_FAR = Fraction(3, 2)  # from so many times the median on it is said how many
_BEST, _WORST = 75, 25  # percentiles


class Sentence(Struct, frozen=True):
    """A finding of a row in words."""

    verdict: str
    kpi: str
    text: str


def of_row(row: Row, card: Scorecard, numbers: Numbers) -> list[Sentence]:
    """Return the strengths of a row, then its weaknesses."""
    if row.insight is None:
        return []
    columns = {column.kpi: column for column in card.columns}
    return [
        Sentence(verdict, clean(columns[one.kpi].label), sentence(one, row, columns, numbers))
        for verdict in MARKS
        for one in row.insight.findings
        if one.verdict == verdict
    ]


def sentence(one: Finding, row: Row, columns: dict[str, Column], numbers: Numbers) -> str:
    """Return a finding: what it is, against the peers, the target and the own past."""
    column = columns[one.kpi]
    told = _Teller(one, column, numbers)
    fact = row.score(one.kpi).fact.value
    value = told.shown(one.value)
    if one.measure == "attainment" and fact is not None:
        value = say(numbers.lang, "insight.share", fact=told.of_unit(fact), share=value)
    parts = "; ".join(filter(None, (told.peers(), told.reached(row), told.history())))
    return f"{clean(column.label)} {value}" + (f" — {parts}" if parts else "")


def training(row: Row, card: Scorecard, numbers: Numbers) -> str:
    """Return what would move the index of a row most; "" where nothing would."""
    if row.insight is None or not row.insight.training:
        return ""
    return say(
        numbers.lang,
        "insight.training",
        kpi=_label(card, row.insight.training),
        points=_points(row.insight.lift, numbers),
    )


def groups(card: Scorecard, numbers: Numbers) -> Iterator[tuple[str, str]]:
    """Yield each department of a scorecard, and all of it, with what it is strong and weak at."""
    for one in card.insights:
        name = clean(one.department) or say(numbers.lang, "insight.group.all")
        head = say(numbers.lang, "insight.group", name=name, n=one.people)
        yield head, "; ".join(_group(one, card, numbers)) or say(numbers.lang, "insight.nothing")


def _group(one: GroupInsight, card: Scorecard, numbers: Numbers) -> Iterator[str]:
    lang = numbers.lang
    for side in ("strong", "weak"):
        found = [(getattr(kpi, side), kpi) for kpi in one.kpis if getattr(kpi, side)]
        found.sort(key=lambda pair: -pair[0])
        shown = (
            say(lang, "insight.group.kpi", kpi=_label(card, kpi.kpi), n=n, of=kpi.people)
            for n, kpi in found
        )
        if found:
            yield say(lang, f"insight.group.{side}", kpis=", ".join(shown))
    if one.training:
        data = {"kpi": _label(card, one.training), "points": _points(one.lift, numbers)}
        yield say(lang, "insight.group.training", **data)


def notes(card: Scorecard, numbers: Numbers) -> Iterator[str]:
    """Yield which KPIs could not be compared with peers, and why."""
    said = set()
    for row in card.rows:
        for one in row.insight.findings if row.insight else ():
            if one.peers.state != "measured" and one.kpi not in said:
                said.add(one.kpi)
                data = {"n": one.peers.n, "need": one.peers.need, "kpi": _label(card, one.kpi)}
                yield say(numbers.lang, f"insight.{one.peers.state}", **data)


def _label(card: Scorecard, kpi: str) -> str:
    return clean(next(column.label for column in card.columns if column.kpi == kpi))


def _points(points: Decimal, numbers: Numbers) -> str:
    return numbers.signed(number(points, numbers.lang, 1), points)


class _Teller:
    """Says the parts of one finding."""

    def __init__(self, one: Finding, column: Column, numbers: Numbers) -> None:
        self.one, self.column, self.numbers = one, column, numbers

    def of_unit(self, value: Decimal) -> str:
        return self.numbers.short(value, self.column.unit)

    def shown(self, value: Decimal) -> str:
        if self.one.measure == "attainment":
            return self.numbers.percent(value)
        return self.of_unit(value)

    def median(self, value: Decimal) -> str:
        text = self.shown(value)
        if self.one.measure == "fact":
            return text
        return say(self.numbers.lang, "insight.median.share", median=text)

    def peers(self) -> str:
        """Return where the value stands among the peers."""
        peers, lang = self.one.peers, self.numbers.lang
        if peers.median is None or peers.percentile is None:
            return ""
        median = self.median(peers.median)
        if times := self.times(peers.median, median):
            return times
        if self.one.value == peers.median:
            return say(lang, "insight.same", median=median)
        if peers.percentile >= _BEST:
            return say(lang, "insight.top", median=median)
        if peers.percentile <= _WORST:
            return say(lang, "insight.bottom", median=median)
        better = (self.one.value > peers.median) is (self.column.better == "higher")
        return say(lang, f"insight.{'better' if better else 'worse'}", median=median)

    def times(self, median: Decimal, shown: str) -> str:
        """Return how many times the median it is, where that is far from it."""
        value = self.one.value
        if median <= 0 or value <= 0:
            return ""
        more = value >= median
        times = Fraction(value) / Fraction(median)
        times = times if more else 1 / times
        if times < _FAR:
            return ""
        long = self.one.measure == "fact" and self.column.unit in _LONG
        word = ("longer" if more else "shorter") if long else "more" if more else "less"
        rounded = to_decimal(times, 1)
        lang = self.numbers.lang
        if rounded == 2:
            return say(lang, f"insight.twice.{word}", median=shown)
        whole = rounded == rounded.to_integral_value()
        n = int(rounded) if whole else 2  # a fraction has the form of two: «в 2,5 раза»
        text = number(rounded, lang, 1, trim=True)
        return say(lang, f"insight.{word}", x=text, n=n, median=shown)

    def reached(self, row: Row) -> str:
        """Return the points; of a period that goes on what is reached of what is due."""
        reached, lang = self.one.reached, self.numbers.lang
        if reached is None:
            return ""
        if row.score(self.one.kpi).points != reached:
            return say(lang, "insight.paced", points=self.numbers.percent(reached))
        return say(lang, "insight.reached", points=self.numbers.graded(reached))

    def history(self) -> str:
        history = self.one.history
        if history is None:
            return ""
        data = {"n": history.n + 1, "median": self.median(history.median)}
        return say(self.numbers.lang, f"insight.history.{history.place}", **data)
