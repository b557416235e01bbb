"""`--fail-on "pace < 80 or index < 60"`: results held against a condition, row by row.

The condition is an expression as in a plan, over the numbers of a row or a unit: `index`, `rank`,
`coverage`; `pace`, `attainment` and `score` of any of its KPIs, one after the other; a KPI by its
id (`revenue`), and what belongs to it (`revenue.pace`, `revenue.attainment`, `revenue.forecast` …).
What is not known is neither met nor not met: `is null` asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from kpictl.errors import Place, UsageError
from kpictl.expressions import Expression, Type, parse, refs
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import TooManyDigits, evaluate
from kpictl.values import Alert, Breach, Results, Row, Score, Unit

OPTION = "--fail-on"  # the file of the places of mistakes in a condition
OF_ROW = ("index", "rank", "coverage")
OF_ANY_KPI = ("pace", "attainment", "score")
OF_KPI = (*OF_ANY_KPI, "value", "target", "expected", "forecast", "needed_per_day")
_ZONE = ZoneInfo("UTC")  # conditions hold no instants
_CONTEXT = Context(_ZONE)
Figures = Mapping[str, Decimal | None]


class _Names:
    """What a condition may ask for: the numbers of a row, KPIs by id, and what belongs to them."""

    def __init__(self, kpis: Iterable[str]) -> None:
        self.kpis = tuple(kpis)

    def find(self, name: str) -> tuple[str, Type] | None:
        folded = name.casefold()
        if folded in (*OF_ROW, *OF_ANY_KPI) and name not in self.kpis:
            return folded, Type.NUMBER
        return (name, Type.NUMBER) if name in self.kpis else None

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        known = owner in self.kpis and name.casefold() in OF_KPI
        return (f"{owner}.{name.casefold()}", Type.NUMBER) if known else None

    def known(self) -> Iterable[str]:
        return (*OF_ROW, *OF_ANY_KPI, *self.kpis, *(f"{kpi}.pace" for kpi in self.kpis))


def condition(text: str, kpis: Iterable[str]) -> Expression:
    """Read a condition over these KPIs. UsageError says what is wrong with it."""
    names = _Names(kpis)
    found, errors = parse(text, names, zone=_ZONE, expect={Type.BOOL})
    if found is not None:
        return found
    first = errors[0]
    if first.code == "expr.unknown_name":
        data = {"name": first.data["name"], "known": ", ".join(names.known())}
        raise _mistake("fail_on.name", first.offset, **data)
    raise _mistake(first.code, first.offset, **first.data)


def _mistake(code: str, offset: int, **data: object) -> UsageError:
    """Return a mistake in a condition, with its place in it."""
    error = UsageError(code, **data)
    error.problem = replace(error.problem, place=Place(OPTION, 0, offset + 1))
    return error


def alert(results: Results, text: str) -> Alert:
    """Hold every row, department and company of the results against a condition. UsageError says
    what is wrong with it."""
    asked = condition(text, results.columns)
    names = tuple(dict.fromkeys(refs(asked.tree)))
    try:
        found = [one for line in _lines(results) for one in _breaches(asked, names, line)]
    except TooManyDigits:
        raise _mistake("fail_on.too_many_digits", 0) from None
    return Alert(text, tuple(found))


_Line = tuple[str, Row | Unit]  # scorecard, or "" of a unit on its own


def _lines(results: Results) -> Iterator[_Line]:
    for card in results.scorecards:
        yield from ((card.id, row) for row in card.rows)
    yield from (("", unit) for unit in results.units)


def _breaches(asked: Expression, names: tuple[str, ...], line: _Line) -> Iterator[Breach]:
    """Yield the line if the condition holds of it as a whole; else each KPI for whose pace,
    attainment or score it does."""
    card, of = line
    whole = _figures(of)
    of_any = set(names) & set(OF_ANY_KPI) - {score.kpi for score in of.scores}
    if evaluate(asked.tree, whole, _CONTEXT) is True:
        shown = [(name, whole.get(name)) for name in names if name not in of_any]
        yield _breach(card, of, "", shown)
        return
    for score in of.scores if of_any else ():
        own = {**whole, **{n: v for n, v in _of_score(score).items() if n in of_any}}
        if evaluate(asked.tree, own, _CONTEXT) is True:
            yield _breach(card, of, score.kpi, [(name, own.get(name)) for name in names])


def _breach(
    card: str, of: Row | Unit, kpi: str, figures: list[tuple[str, Decimal | None]]
) -> Breach:
    if isinstance(of, Unit):
        return Breach(of.kind, card, "", of.name, kpi, tuple(figures))
    return Breach("row", card, of.id, of.name, kpi, tuple(figures), of.segment)


def _figures(of: Row | Unit) -> dict[str, Decimal | None]:
    """Return the numbers of a row or unit by the names that a condition has for them."""
    found: dict[str, Decimal | None] = dict.fromkeys(OF_ROW)
    if isinstance(of, Row):
        rank = None if of.rank is None else Decimal(of.rank)
        found = {"index": of.index, "rank": rank, "coverage": of.coverage}
    for score in of.scores:
        own = _of_score(score)
        found[score.kpi] = own["value"]
        found |= {f"{score.kpi}.{name}": value for name, value in own.items()}
    return found


def _of_score(score: Score) -> dict[str, Decimal | None]:
    pace = score.pace
    return {
        "value": score.fact.value,
        "target": None if score.target is None else score.target.value,
        "attainment": score.attainment,
        "score": score.points,
        "pace": None if pace is None else pace.percent,
        "expected": None if pace is None else pace.expected,
        "forecast": None if pace is None else pace.forecast,
        "needed_per_day": None if pace is None else pace.needed,
    }
