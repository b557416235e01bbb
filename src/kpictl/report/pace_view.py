"""The pace of a period that goes on, beside its scorecards: expected by now, pace, forecast."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report import phrases
from kpictl.report.aside import BLANK, Aside, Figure, Group, lines_of, without_blank_columns
from kpictl.report.format import Numbers, clean, number, scale_of
from kpictl.report.kpi_cells import COUNTS
from kpictl.values import to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Results, Score, Scorecard, Unit

HEADS = ("expected", "percent", "forecast", "needed")
DAYS_PLACES = 2
MANY = 1000


def of_card(card: Scorecard, results: Results, numbers: Numbers) -> Aside | None:
    """Return the pace of a scorecard's lines; None where the period does not go on."""
    lines, sums = lines_of(card, numbers.lang)
    groups, without = [], []
    for column in card.columns:
        scores = [line.score(column.kpi) for line in lines]
        if any(score.pace and score.pace.state != "no_run_rate" for score in scores):
            groups.append(_group(column, scores, numbers))
        elif any(score.pace for score in scores):
            without.append(clean(column.label))
    if results.elapsed is None or not groups:
        return None
    names = tuple(clean(line.name) or clean(line.id) for line in lines)
    notes = tuple(_notes(numbers.lang, without))
    return Aside(title(results, numbers.lang), names, sums, tuple(groups), notes, not card.by)


def of_unit(unit: Unit, results: Results, numbers: Numbers) -> Aside | None:
    """Return the pace of a unit's KPIs, a line each."""
    scores = [s for s in unit.scores if s.pace is not None and s.pace.state != "no_run_rate"]
    if results.elapsed is None or not scores:
        return None
    columns = [results.columns[score.kpi] for score in scores]
    cells = tuple(figures(s, c, numbers, None) for s, c in zip(scores, columns, strict=True))
    heads = tuple(say(numbers.lang, f"pace.head.{name}") for name in HEADS)
    group = without_blank_columns(Group("", "", Decimal(0), heads, cells))
    names = tuple(clean(column.label) for column in columns)
    kpis = tuple(score.kpi for score in scores)
    return Aside(title(results, numbers.lang), names, 0, (group,), people=False, kpis=kpis)


def title(results: Results, lang: str) -> str:
    """Return how much of the period is over."""
    assert results.elapsed is not None  # noqa: S101  asked only while the period goes on
    return say(lang, "pace.title", elapsed=elapsed_words(results, lang))


def elapsed_words(results: Results, lang: str) -> str:
    """Return `10 of 20 working days`; "" where the period does not go on."""
    over = results.elapsed
    if over is None:
        return ""
    places = DAYS_PLACES
    done, of = (
        number(to_decimal(days, places), lang, places, trim=True) for days in (over.days, over.of)
    )
    return say(lang, f"pace.elapsed.{over.unit}", done=done, of=of, n=int(over.of))


def _notes(lang: str, without: Sequence[str]) -> list[str]:
    if not without:
        return []
    return [say(lang, "pace.no_run_rate", kpis=", ".join(without))]


def _group(column: Column, scores: Sequence[Score], numbers: Numbers) -> Group:
    paces = [score.pace for score in scores if score.pace is not None]
    scales = None
    if column.unit == "money":
        wholes = (v for p in paces for v in (p.expected, p.forecast) if v is not None)
        scales = (scale_of(wholes), scale_of(p.needed for p in paces if p.needed is not None))
    heads = tuple(say(numbers.lang, f"pace.head.{name}") for name in HEADS)
    cells = tuple(figures(score, column, numbers, scales) for score in scores)
    group = Group(column.kpi, clean(column.label), column.weight, heads, cells)
    return without_blank_columns(group)


def figures(
    score: Score, column: Column, numbers: Numbers, scales: tuple[Decimal, Decimal] | None
) -> tuple[Figure, ...]:
    """Return expected, pace, forecast and what is needed a day; words where there is no rate."""
    pace, lang = score.pace, numbers.lang
    if pace is None or pace.state == "no_run_rate":
        return (BLANK,) * len(HEADS)
    if pace.state == "no_data":
        return (Figure(phrases.missing(score, lang), style="dim"), BLANK, BLANK, BLANK)

    def value(amount: Decimal | None, place: int = 0) -> Figure:
        if amount is None:
            return BLANK
        if column.unit in COUNTS:  # of what is counted one decimal says enough
            text = number(amount, lang, 1 if amount < MANY else 0, trim=True)
        else:
            text = numbers.short(amount, column.unit, scales and scales[place])
        return Figure(text, amount, style="dim")

    if pace.state in ("early", "away"):
        forecast = Figure(say(lang, f"pace.{pace.state}"), style="dim")
        return (value(pace.expected), BLANK, forecast, value(pace.needed, 1))
    percent = BLANK
    if pace.percent is not None:
        style = numbers.style(pace.percent) if column.better == "higher" else ""
        percent = Figure(f"{numbers.graded(pace.percent)}%", pace.percent, "percent", style)
    forecast = value(pace.forecast)
    return (value(pace.expected), percent, forecast, value(pace.needed, 1))
