"""What has changed against another period, beside the scorecards: of the index, ranks, each KPI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.aside import BLANK, Aside, Figure, Group, lines_of, without_blank_columns
from kpictl.report.format import Numbers, clean, moment, period_days, period_words, scale_of, until
from kpictl.values import State
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Change, Column, Comparison, Results, Row, Score, Scorecard, Unit


def of_card(card: Scorecard, results: Results, numbers: Numbers) -> Aside | None:
    """Return the changes of a scorecard's lines; None where nothing is compared."""
    if results.comparison is None:
        return None
    lines, sums = lines_of(card, numbers.lang)
    groups = [_index(lines, numbers)] if card.weighted else []
    for column in card.columns:
        scores = [line.score(column.kpi) for line in lines]
        groups.append(_group(column, scores, numbers))
    names = tuple(clean(line.name) or clean(line.id) for line in lines)
    heading = title(results.comparison, results, numbers.lang)
    return Aside(heading, names, sums, tuple(groups), people=not card.by)


def of_unit(unit: Unit, results: Results, numbers: Numbers) -> Aside | None:
    """Return the changes of a unit's KPIs, a line each."""
    scores = [score for score in unit.scores if score.change is not None]
    if results.comparison is None or not scores:
        return None
    columns = [results.columns[score.kpi] for score in scores]
    cells = tuple(_cells(s, c, numbers, None) for s, c in zip(scores, columns, strict=True))
    heads = (say(numbers.lang, "compare.head.other"), say(numbers.lang, "compare.head.change"))
    names = tuple(clean(column.label) for column in columns)
    heading = title(results.comparison, results, numbers.lang)
    group = Group("", "", Decimal(0), heads, cells)
    kpis = tuple(score.kpi for score in scores)
    return Aside(heading, names, 0, (group,), people=False, kpis=kpis)


def title(comparison: Comparison, results: Results, lang: str) -> str:
    """Return what is compared: the other period, and where it is cut."""
    other = comparison.period
    words = f"{period_words(other, lang)} ({period_days(other, lang)})"
    if comparison.as_of >= other.end:
        return say(lang, "compare.title", period=words)
    at = comparison.as_of
    midnight = at.time() == at.min.time()
    shown = (until if midnight else moment)(at, results.timezone, lang)
    if comparison.days is None or comparison.unit is None:
        return say(lang, "compare.title.until", period=words, at=shown)
    key = f"compare.days.{comparison.unit}"
    days = say(lang, key, n=comparison.days)
    return say(lang, "compare.title.cut", period=words, days=days, at=shown)


def _index(lines: Sequence[Row], numbers: Numbers) -> Group:
    """Return the index then, its change in points, and the ranks won or lost."""
    lang, cells = numbers.lang, []
    for line in lines:
        change = line.change
        if change is None:
            cells.append((BLANK, BLANK, BLANK))
            continue
        other = _other(change, lambda v: numbers.graded(v, 1), lang)
        if change.state is State.INSUFFICIENT:
            other = Figure(say(lang, "report.unrated.short"), style="dim")
        delta = BLANK
        if change.delta is not None:
            text = numbers.signed(numbers.number(change.delta, 1), change.delta)
            delta = Figure(text, change.delta, "points", _style(change.delta, "higher"))
        cells.append((other, delta, _ranks(line)))
    names = ("other", "change", "rank")
    heads = tuple(say(lang, f"compare.head.{name}") for name in names)
    label = say(lang, "report.head.index")
    return without_blank_columns(Group("", label, Decimal(0), heads, tuple(cells)))


def _ranks(line: Row) -> Figure:
    moved = line.ranks_gained
    if moved is None:
        return BLANK
    arrow = f"▲{moved}" if moved > 0 else f"▼{-moved}" if moved else "="
    return Figure(arrow, Decimal(moved), "number", _style(Decimal(moved), "higher"))


def _group(column: Column, scores: Sequence[Score], numbers: Numbers) -> Group:
    others = [s.change.other for s in scores if s.change and s.change.other is not None]
    scale = scale_of(others) if column.unit == "money" else None
    heads = (say(numbers.lang, "compare.head.other"), say(numbers.lang, "compare.head.change"))
    cells = tuple(_cells(score, column, numbers, scale) for score in scores)
    return Group(column.kpi, clean(column.label), column.weight, heads, cells)


def _cells(
    score: Score, column: Column, numbers: Numbers, scale: Decimal | None
) -> tuple[Figure, ...]:
    """Return the number then and its change: of percent in percentage points, else in percent; in
    the unit itself where there is no percent."""
    change = score.change
    if change is None:
        return (BLANK, BLANK)
    other = _other(change, lambda v: numbers.short(v, column.unit, scale), numbers.lang)
    if change.delta is None:
        return (other, BLANK)
    style = _style(change.delta, column.better)
    if column.unit == "percent":
        text = say(numbers.lang, "change.points", n=numbers.number(change.delta, 1))
        figure = Figure(numbers.signed(text, change.delta), change.delta, "points", style)
    elif change.percent is not None:
        text = numbers.signed(numbers.percent(change.percent, 1), change.percent)
        figure = Figure(text, change.percent, "percent", style)
    else:
        text = numbers.signed(numbers.short(change.delta, column.unit, scale), change.delta)
        figure = Figure(text, change.delta, "value", style)
    return (other, figure)


def _other(change: Change, write: Callable[[Decimal], str], lang: str) -> Figure:
    if change.other is not None:
        return Figure(write(change.other), change.other, style="dim")
    key = (
        "compare.absent" if change.state is State.NOT_APPLICABLE else f"report.state.{change.state}"
    )
    return Figure(say(lang, key), style="dim")


def _style(delta: Decimal, better: str) -> str:
    """Return the colour of a change: green is better, red worse."""
    if not delta:
        return ""
    return "green" if (delta > 0) is (better == "higher") else "red"
