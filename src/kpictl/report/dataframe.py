"""Results as a pandas DataFrame: one line per row and KPI, for analysts and for the files.

`kind` says what a line is of: a row of a scorecard, its total, a person with several rows as one, a
department, the company; of a `pay` there is a line for each step instead. The lines of units
outside any scorecard hold only the KPIs that they have goals for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from kpictl.report.alert_view import holds_of
from kpictl.report.derivation import spoken
from kpictl.report.format import unit_word
from kpictl.report.pay import rows as pay_rows
from kpictl.report.pay.texts import step_word
from kpictl.values import VALUE_PLACES, Row, WholePerson, to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    import pandas as pd

    from kpictl.report.format import Numbers
    from kpictl.values import Award, Column, Recipient, Results, Score, Scorecard, Unit

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
# What is there while the period goes on, and where another period is compared.
PACE_COLUMNS = (
    *("day_unit", "elapsed_days", "total_days", "pace_state"),
    *("expected", "pace", "forecast", "needed_per_day"),
)
CHANGE_COLUMNS = (
    *("other_period", "other_index", "index_change", "other_rank", "rank_change"),
    *("other_value", "other_state", "change", "change_percent"),
)
ALERT_COLUMNS = ("alert",)  # whether the condition of --fail-on holds
LIGHT_COLUMNS = ("weakest_index",)  # where a department stands as its weakest member does
AWARD_COLUMNS = ("awards", "award_proof")  # where the plan has awards
INSIGHT_COLUMNS = (  # where strengths and weaknesses were asked for
    *("verdict", "compared_value", "peers", "peer_state", "peer_median", "z", "percentile"),
    *("history_periods", "history_median", "history_place", "lift"),
)
_Line = tuple[Any, ...]
_Part: TypeAlias = "Row | Unit | WholePerson"


SayStep: TypeAlias = Callable[[pay_rows.StepRow], str]


def columns(results: Results) -> tuple[str, ...]:
    """Return the columns of the frame of these results."""
    pay = pay_rows.COLUMNS if results.pay is not None else ()
    return (*_of_kpis(results), *pay)


def _of_kpis(results: Results) -> tuple[str, ...]:
    pace = PACE_COLUMNS if results.elapsed is not None else ()
    change = CHANGE_COLUMNS if results.comparison is not None else ()
    alert = ALERT_COLUMNS if results.alert is not None else ()
    light = LIGHT_COLUMNS if _lit(results) else ()
    awards = AWARD_COLUMNS if results.awards else ()
    return (
        *COLUMNS,
        *pace,
        *change,
        *alert,
        *awards,
        *(INSIGHT_COLUMNS if _told(results) else ()),
        *light,
    )


def _lit(results: Results) -> bool:
    """Say whether departments stand as their weakest members do."""
    return any(
        line.weakest is not None
        for card in results.scorecards
        for several in (card.rows, card.departments)
        for line in several
    )


def _weakest(part: _Part) -> Decimal | None:
    return None if isinstance(part, WholePerson) else part.weakest


def _told(results: Results) -> bool:
    """Say whether rows are told what they are strong and weak at."""
    return any(row.insight for card in results.scorecards for row in card.rows)


def records(results: Results, say_step: SayStep = pay_rows.figures) -> list[_Line]:
    """Return the lines of the frame as tuples in the order of `columns`. `from` and `to` are the
    first and the last day of the period; `say_step` writes the figures of a step of a pay."""
    period = results.period
    when = (period.text, period.first, period.last)
    scores = [*_scores(results)]
    told = _told(results)
    more = [_more(results, card, line, score, told=told) for card, line, score in scores]
    bare = _bare(results, when)
    lines = [(*line, *rest) for line, rest in zip(bare, more, strict=True)]
    if _lit(results):
        weakest = (_weakest(part) for _, part, _ in scores)
        lines = [(*line, one) for line, one in zip(lines, weakest, strict=True)]
    if results.pay is None:
        return lines
    nothing = (None,) * len(pay_rows.COLUMNS)
    return [*((*line, *nothing) for line in lines), *_paid(results, when, say_step)]


def _paid(results: Results, when: _Line, say_step: SayStep) -> Iterator[_Line]:
    """Yield a line for each step of a pay: whose, and nothing of any KPI."""
    before = COLUMNS.index("index")
    rest: _Line = (None,) * (len(_of_kpis(results)) - before)
    for line in () if results.pay is None else results.pay.lines:
        whose = (None, line.id or None, line.name or None, line.department, line.position)
        for row in pay_rows.of_line(line):
            yield (line.scorecard, "pay", *when, *whose, *rest, *row.cells(say_step))


def _scores(results: Results) -> Iterator[tuple[str, _Part, Score]]:
    """Yield the lines' scores with what they are of and its scorecard, in the lines' order."""
    for card in results.scorecards:
        total = () if card.total is None else (card.total,)
        for line in (*card.rows, *total, *card.departments):
            yield from ((card.id, line, score) for score in line.scores)
    for person in results.whole_people:
        yield from (("", person, score) for score in person.scores)
    for unit in results.units:
        yield from (("", unit, score) for score in unit.scores)


def _more(results: Results, card: str, line: _Part, score: Score, *, told: bool) -> _Line:
    """Return the pace and the change of a score, and whether a condition holds of it, as far as the
    results have them."""
    found: _Line = ()
    if results.elapsed is not None:
        found += _pace(score)
    if results.comparison is not None:
        found += (results.comparison.period.text, *_change(line, score))
    if results.alert is not None:
        found += ("true" if holds_of(results, (card, line), score.kpi) else "false",)
    if results.awards:
        found += _awards(results, card, line)
    if told:
        found += _insight(line, score)
    return found


def _insight(line: _Part, score: Score) -> _Line:
    """Return what a KPI of a row is for it."""
    one = line.insight.of(score.kpi) if isinstance(line, Row) and line.insight else None
    if one is None:
        return (None,) * len(INSIGHT_COLUMNS)
    peers, history = one.peers, one.history
    past = (None, None, None) if history is None else (history.n, history.median, history.place)
    against = (peers.n, peers.state, peers.median, peers.z, peers.percentile)
    return (one.verdict, one.value, *against, *past, one.lift)


def _awards(results: Results, card: str, line: _Part) -> _Line:
    """Return the awards of a row by their labels, and the figures that prove them by their names,
    both in the order of the plan."""
    if not isinstance(line, Row) or not line.id:
        return (None,) * len(AWARD_COLUMNS)
    given = [
        (award, one)
        for award in results.awards
        for one in award.recipients
        if (one.scorecard, one.subject) == (card, line.subject)
    ]
    labels = "; ".join(award.label for award, _ in given)
    return (labels or None, "; ".join(_proof(award, one) for award, one in given) or None)


def _proof(award: Award, one: Recipient) -> str:
    """Return the figures that prove an award: `index=135.5094, base=88.4544, gain=47.055`."""
    figures = [
        (f"{period.period} {name}", value)
        for period in one.periods
        if award.held
        for name, value in period.figures
    ]
    figures = figures or list(one.figures)
    if one.gain is not None:
        figures += [(award.of or "index", one.value), ("base", one.base), ("gain", one.gain)]
    if one.months is not None:
        figures.append(("months", Decimal(one.months)))
    return ", ".join(f"{name}={'' if v is None else format(v, 'f')}" for name, v in figures)


def _pace(score: Score) -> _Line:
    pace = score.pace
    if pace is None:
        return (None,) * len(PACE_COLUMNS)
    days = (to_decimal(n, VALUE_PLACES) for n in (pace.elapsed, pace.of))
    figures = (pace.expected, pace.percent, pace.forecast, pace.needed)
    return (pace.unit, *days, str(pace.state), *figures)


def _change(line: _Part, score: Score) -> _Line:
    """Return the index and the rank then, of a row, and the number of the KPI then."""
    whose: _Line = (None,) * 4
    if isinstance(line, Row):
        index = line.change
        known = (None, None) if index is None else (index.other, index.delta)
        whose = (*known, line.other_rank, line.ranks_gained)
    change = score.change
    if change is None:
        return (*whose, None, None, None, None)
    return (*whose, change.other, str(change.state), change.delta, change.percent)


def _bare(results: Results, when: _Line) -> list[_Line]:
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


_WORDS = {
    "state": "report.state.",
    "other_state": "report.state.",
    "kind": "report.kind.",
    "target_level": "explain.level.",
    "pace_state": "pace.state.",
    "day_unit": "pace.unit.",
    "verdict": "insight.",
    "peer_state": "insight.peers.",
    "history_place": "insight.place.",
}
"""Columns of codes, and under which key the words of these stand."""


def worded(name: str, value: Any, numbers: Numbers) -> Any:
    """Return a value of a column of the frame as it is written for people: codes in words."""
    lang = numbers.lang
    if value is None:
        return None
    if name == "alert":
        return say(lang, "trend.yes" if value == "true" else "trend.no")
    if name == "step":
        return step_word(str(value), lang)
    if name in _WORDS:
        return say(lang, _WORDS[name] + str(value))
    if name == "target_derivation":
        return spoken(value, numbers)
    return unit_word(value, numbers) if name == "unit" else value


def to_frame(results: Results, say_step: SayStep = pay_rows.figures) -> pd.DataFrame:
    """Return the frame; every column has dtype object, decimals stay exact, absence is None."""
    import pandas as pd

    lines = records(results, say_step)
    return pd.DataFrame(lines, columns=list(columns(results)), dtype=object)
