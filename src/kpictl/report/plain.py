"""A scorecard for a pipe: columns apart by two spaces or more, one line a person, for grep and awk.

Numbers are written as programs read them (a point, no grouping, no unit: the unit stands in the
header), absent ones as words or `-`. No colour, no bar, no tab, no box.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.report.format import NBSP, Numbers, clean, plain, symbol
from kpictl.report.grid import summaries
from kpictl.report.layout import pad, widest
from kpictl.report.phrases import missing, name_head, unrated
from kpictl.values import State
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.values import Row, Score, Scorecard

GAP = "  "
NONE = "-"
_PLACES = {"money": 2}
_KPI_PLACES = 4
_SCORE_PLACES = 4


def lines(card: Scorecard, numbers: Numbers) -> Iterator[str]:
    """Yield the header, the people and the total of a scorecard."""
    grid = [_heads(card, numbers), *(_cells(row, card, numbers) for row in card.rows)]
    grid += [_summary(row, card, numbers) for row in summaries(card, numbers.lang)]
    if not card.weighted:
        kept = [1, *range(4, len(grid[0]) - 1, 4)]  # of facts alone: the names and the facts
        grid = [[line[place] for place in kept] for line in grid]
    widths = [widest(column) for column in zip(*grid, strict=True)]
    text = (
        {0, 1, len(widths) - 1} if card.weighted else {0}
    )  # rank, name, note: from the left, so no line starts with space
    for line in grid:
        padded = (
            pad(cell, width, "left" if place in text else "right")
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield GAP.join(padded).rstrip(" ")


def unit_word(unit: str, numbers: Numbers) -> str:
    """Return the unit as it stands in a caption: ₽, %, min, or the plan's own word."""
    if unit == "money":
        return symbol(numbers.currency, numbers.lang)
    if unit == "percent":
        return "%"
    key = f"report.unit.{unit}"
    if has(numbers.lang, key):
        return say(numbers.lang, key)
    return "" if unit in ("", "count", "number") else clean(unit)


def _heads(card: Scorecard, numbers: Numbers) -> list[str]:
    lang = numbers.lang
    rank, index = (say(lang, f"report.head.{name}") for name in ("rank", "index"))
    heads = [rank, name_head(card, lang), index]
    heads.append(say(lang, "report.head.coverage") + ", %")
    for column in card.columns:
        label, unit = clean(column.label), unit_word(column.unit, numbers)
        heads.append(f"{label}, {unit}" if unit else label)
        heads += [
            f"{label}: {say(lang, f'report.head.{name}')}{unit}"
            for name, unit in (("target", ""), ("attainment", " %"), ("score", ""))
        ]
    return [_spaces(head) for head in (*heads, say(lang, "report.head.note"))]


def _cells(row: Row, card: Scorecard, numbers: Numbers) -> list[str]:
    cells = _summary(row, card, numbers)
    note = "" if row.index is not None else unrated(row, card, numbers)
    return [*cells[:-1], _spaces(note)]


def _summary(row: Row, card: Scorecard, numbers: Numbers) -> list[str]:
    of_unit = row.department is not None and not row.id
    cells = [
        NONE if row.rank is None else str(row.rank),
        clean(row.name) or clean(row.id),
        plain(row.index, _SCORE_PLACES),
        NONE if of_unit else plain(row.coverage, _SCORE_PLACES),
    ]
    for column in card.columns:
        cells += _score(row.score(column.kpi), column.unit, numbers.lang)
    return [*(_spaces(cell) or NONE for cell in cells), ""]


def _score(score: Score, unit: str, lang: str) -> tuple[str, str, str, str]:
    value = score.fact.value
    known = value is not None and score.fact.state is State.MEASURED
    target = score.target.value if score.target else None
    untargeted = say(lang, "report.state.no_target") if score.state is State.NO_TARGET else ""
    places = _PLACES.get(unit, _KPI_PLACES)
    return (
        plain(value, places) if known else missing(score, lang),
        plain(target, places) or untargeted,
        plain(score.attainment, _SCORE_PLACES),
        plain(score.points, _SCORE_PLACES),
    )


def _spaces(text: str) -> str:
    """Make every space an ordinary one, so that what is typed into grep is found."""
    return text.replace(NBSP, " ")
