"""Results as a pandas DataFrame: one line per row and KPI, for analysts and for the files.

`kind` says what a line is of: a row of a scorecard, its total, a person with several rows as one, a
department, the company. The lines of units outside any scorecard hold only the KPIs that they have
goals for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kpictl.report.derivation import spoken
from kpictl.report.format import unit_word
from kpictl.words import say

if TYPE_CHECKING:
    import pandas as pd

    from kpictl.report.format import Numbers
    from kpictl.values import Column, Results, Row, Score, Scorecard, Unit, WholePerson

COLUMNS = (
    *("scorecard", "kind", "period", "from", "to"),
    *("rank", "id", "name", "department", "position", "index", "coverage"),
    *(
        "kpi",
        "label",
        "unit",
        "weight",
        "value",
        "n",
        "lacking",
        "state",
        "target",
        "attainment",
        "score",
    ),
    *("target_level", "target_derivation"),
)
_Line = tuple[Any, ...]


def records(results: Results) -> list[_Line]:
    """Return the lines of the frame as tuples in the order of `COLUMNS`. `from` and `to` are the
    first and the last day of the period."""
    period = results.period
    when = (period.text, period.first, period.last)
    lines: list[_Line] = []
    for card in results.scorecards:
        lines.extend((card.id, kind, *when, *rest) for kind, *rest in _card(card))
    for one in results.whole_people:
        lines.extend((None, "person", *when, *rest) for rest in _person(one, results.columns))
    for unit in results.units:
        whole = _unit(unit, results.columns, results.company_name)
        lines.extend((None, unit.kind, *when, *rest) for rest in whole)
    return lines


def _card(card: Scorecard) -> Iterator[_Line]:
    columns = {column.kpi: column for column in card.columns}
    for row in card.rows:
        yield from (("row", *line) for line in _row(row, columns))
    if card.total is not None:
        yield from (("total", *line) for line in _row(card.total, columns))
    for unit in card.departments:
        yield from ((unit.kind, *line) for line in _unit(unit, columns, ""))


def _row(row: Row, columns: Mapping[str, Column]) -> Iterator[_Line]:
    whose = (row.rank, row.id or None, row.name or None, row.department, row.position)
    for score in row.scores:
        line = _score(score, columns[score.kpi])
        yield (*whose, row.index, row.coverage, *line)


def _person(one: WholePerson, columns: Mapping[str, Column]) -> Iterator[_Line]:
    whose = (None, one.id, one.name, None, None)
    for score in one.scores:
        kpi, label, word, _, *rest = _score(score, columns[score.kpi])
        yield (*whose, one.index, None, kpi, label, word, None, *rest)


def _unit(unit: Unit, columns: Mapping[str, Column], company: str) -> Iterator[_Line]:
    department = unit.name if unit.kind == "department" else None
    whose = (None, None, unit.name or company or None, department, None)
    for score in unit.scores:
        kpi, label, word, _, *rest = _score(score, columns[score.kpi])
        yield (*whose, None, None, kpi, label, word, None, *rest)


def _score(score: Score, column: Column) -> Iterable[Any]:
    target = score.target
    return (
        *(score.kpi, column.label, column.unit, score.weight),
        *(score.fact.value, score.fact.n, score.fact.lacking, str(score.state)),
        *(target.value if target else None, score.attainment, score.points),
        *((target.level, target.derivation or None) if target else (None, None)),
    )


def worded(name: str, value: Any, numbers: Numbers) -> Any:
    """Return a value of a column of the frame as it is written for people: codes in words."""
    lang = numbers.lang
    if value is None:
        return None
    if name in ("state", "kind"):
        return say(lang, f"report.{name}.{value}")
    if name == "target_level":
        return say(lang, f"explain.level.{value}")
    if name == "target_derivation":
        return spoken(value, numbers)
    return unit_word(value, numbers) if name == "unit" else value


def to_frame(results: Results) -> pd.DataFrame:
    """Return the frame; every column has dtype object, decimals stay exact, absence is None."""
    import pandas as pd

    return pd.DataFrame(records(results), columns=list(COLUMNS), dtype=object)
