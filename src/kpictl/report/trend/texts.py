"""The words and numbers of a trend: heads of periods, cells, changes, what the marks mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import naming
from kpictl.report import phrases
from kpictl.report.format import (
    Numbers,
    clean,
    locale,
    moment,
    number,
    period_days,
    period_words,
    scale_of,
    unit_word,
    until,
)
from kpictl.values import VALUE_PLACES, State, to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.trend import Line, Point, Table, Trend
    from kpictl.values import Change, Period

NONE, ABSENT, UNRATED, NO_TARGET = "–", "·", "×", "°"
INDEX_PLACES = 1


def numbers_of(trend: Trend, lang: str) -> Numbers:
    return Numbers(lang, trend.currency, trend.grades)


def subject(trend: Trend, lang: str) -> str:
    """Return what is shown: the KPI's label, or the index."""
    return clean(trend.label) if trend.kpi is not None else say(lang, "trend.index")


def title(trend: Trend, lang: str) -> list[str]:
    """Return what stands beside the heading: by whom, from when to when, plan, age of the data."""
    first, last = (period_words(p, lang) for p in (trend.periods[0], trend.periods[-1]))
    span = first if len(trend.periods) == 1 else f"{first} – {last}"
    plan = f"{clean(trend.plan_file)} {trend.plan_sha256[: phrases.SHA_SHOWN]}".strip()
    age = say(lang, "report.no_data_yet")
    if trend.data_as_of is not None:
        shown = until if trend.data_as_of == trend.as_of else moment
        age = say(lang, "report.data_as_of", at=shown(trend.data_as_of, trend.timezone, lang))
    return [say(lang, f"trend.by.{trend.by}"), span, say(lang, "report.plan", plan=plan), age]


def heads(trend: Trend, lang: str) -> list[tuple[str, str]]:
    """Return for each period its year, where it begins or changes, and what it is called within."""
    found: list[tuple[str, str]] = []
    year = ""
    for period in trend.periods:
        own, text = short_head(period, lang)
        found.append((own if own != year else "", text))
        year = own
    return found


def short_head(period: Period, lang: str) -> tuple[str, str]:
    """Return the year of a period, and what it is called within."""
    from babel.dates import format_date

    text = period.text
    if re.fullmatch(r"\d{4}", text):
        return "", text
    if match := re.fullmatch(r"(\d{4})-([HQW])(\d+)", text):
        kind = {"H": "half", "Q": "quarter", "W": "week"}[match[2]]
        return match[1], say(lang, f"trend.head.{kind}", n=int(match[3]))
    if re.fullmatch(r"\d{4}-\d\d", text):
        return text[:4], format_date(period.first, "LLL", locale(lang)).rstrip(".")
    return str(period.first.year), period_days(period, lang)


def line_name(line: Line, lang: str) -> str:
    """Return what a line is called: a name, or what a sum is of."""
    if line.kind in ("total", "company"):
        return say(lang, "report.total" if line.kind == "total" else "report.company")
    return clean(line.name) or clean(line.id)


def told_apart(trend: Trend) -> Trend:
    """Return the trend as people read it: those of one name with what tells them apart."""
    names = naming.told_apart(
        line for table in trend.tables for line in table.lines if line.kind == "row"
    )
    tables = tuple(
        replace(
            table,
            lines=tuple(replace(one, name=names.get(one.subject, one.name)) for one in table.lines),
        )
        for table in trend.tables
    )
    return replace(trend, tables=tables)


class Cells(Struct, frozen=True):
    """Writes the numbers of one table, all money in one scale, which the caption names."""

    trend: Trend
    numbers: Numbers
    scale: Decimal

    @classmethod
    def of(cls, trend: Trend, table: Table, numbers: Numbers) -> Cells:
        values = (p.exact for line in table.lines for p in line.points if p.exact is not None)
        return cls(trend, numbers, scale_of(to_decimal(value, VALUE_PLACES) for value in values))

    @property
    def unit(self) -> str:
        """Return the unit as a caption says it; "" where each number says its own, or has none."""
        if self.trend.unit == "money":
            return self.numbers.scale_word(self.scale)
        timed = ("minutes", "hours", "seconds", "days")
        return "" if self.trend.unit in timed else unit_word(self.trend.unit, self.numbers)

    def number(self, exact: Fraction) -> str:
        """Write a value of the KPI, or an index, as narrow as it stays readable."""
        value = to_decimal(exact, VALUE_PLACES)
        unit = self.trend.unit
        if self.trend.kpi is None:
            return self.numbers.graded(value, INDEX_PLACES)
        if unit == "money":
            return self.numbers.scaled(value, self.scale)
        if unit == "percent":
            return self.numbers.number(value, 1)
        return self.numbers.short(value, unit if not self.unit else "")

    def mark(self, exact: Fraction) -> str:
        """Write a number of the axis of the plot."""
        value = to_decimal(exact, VALUE_PLACES)
        if self.trend.unit == "money":
            return number(value / self.scale, self.numbers.lang, 2, trim=True)
        return self.numbers.short(
            value, "" if self.unit or self.trend.kpi is None else self.trend.unit
        )

    def cell(self, point: Point) -> str:
        """Return a number, or the mark that says why there is none; without a target it has one."""
        if point.exact is not None:
            text = self.number(point.exact)
            return f"{text}{NO_TARGET}" if point.state is State.NO_TARGET else text
        if point.state is State.INSUFFICIENT:
            return UNRATED if point.need is None else f"{point.n}/{point.need}"
        return ABSENT if point.state is State.NOT_APPLICABLE else NONE

    def change(self, change: Change | None) -> str:
        """Return a change with its sign: of an index in points, of percent in percentage points,
        else in percent; where the base is not above zero, in the unit itself."""
        if change is None or change.delta is None:
            return ""
        lang = self.numbers.lang
        if self.trend.kpi is None:
            return self.numbers.signed(self.numbers.number(change.delta, 1), change.delta)
        if self.trend.unit == "percent":
            text = say(lang, "change.points", n=self.numbers.number(change.delta, 1))
        elif change.percent is not None:
            text = self.numbers.percent(change.percent, 1)
        else:
            text = self.numbers.short(change.delta, self.trend.unit)
        return self.numbers.signed(text, change.delta)


def rank_move(moved: int | None) -> str:
    """Return by how many ranks somebody rose or fell."""
    if not moved:
        return ""
    return f"▲{moved}" if moved > 0 else f"▼{-moved}"


def legend(table: Table, lang: str) -> Iterator[str]:
    """Yield what the marks mean that stand in a table."""
    points = [point for line in table.lines for point in line.points]
    states = {point.state for point in points if point.exact is None}
    if State.NO_DATA in states:
        yield f"{NONE} {say(lang, 'report.state.no_data')}"
    if any(p.state is State.INSUFFICIENT and p.need is not None for p in points):
        yield f"n/m {say(lang, 'trend.too_few')}"
    if any(p.state is State.INSUFFICIENT and p.need is None for p in points):
        yield f"{UNRATED} {say(lang, 'report.unrated.short')}"
    if State.NOT_APPLICABLE in states:
        yield f"{ABSENT} {say(lang, 'trend.absent')}"
    if any(p.state is State.NO_TARGET and p.exact is not None for p in points):
        yield f"{NO_TARGET} {say(lang, 'report.state.no_target')}"


def compared(trend: Trend, lang: str) -> str:
    """Return which periods the changes are between; "" where there is none before."""
    if trend.last == 0:
        return ""
    last, before = (period_words(trend.periods[n], lang) for n in (trend.last, trend.last - 1))
    text = say(lang, "trend.compared", last=last, before=before)
    if trend.goes_on:
        goes_on = period_words(trend.periods[-1], lang)
        text += say(lang, "trend.goes_on", period=goes_on)
    return text
