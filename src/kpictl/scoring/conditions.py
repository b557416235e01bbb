"""The language of conditions on results: of alerts (`--fail-on`), awards, gates of pay.

A condition is an expression as in a plan, over the numbers of a row or a unit: `index`, `rank`,
`coverage`; `pace`, `attainment` and `score` of any of its KPIs, one after the other; a KPI by its
id (`revenue`), and what belongs to it (`revenue.pace`, `revenue.attainment`, `revenue.forecast` …).
What is not known is neither met nor not met: `is null` asks for it.

    condition, errors = read("index >= 110 and revenue.attainment >= 100", plan.kpis)
    condition.holds(figures(row))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.expressions import Expression, ExpressionError, Type, parse, refs
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.values import Row, Score, Unit

OF_ROW = ("index", "rank", "coverage")
OF_ANY_KPI = ("pace", "attainment", "score")
OF_KPI = (*OF_ANY_KPI, "value", "target", "expected", "forecast", "needed_per_day")
_ZONE = ZoneInfo("UTC")  # conditions hold no instants
_CONTEXT = Context(_ZONE)
Figures = Mapping[str, Decimal | None]
"""Numbers by the names that a condition has for them; None where one is not known."""


class ConditionNames(Struct, frozen=True):
    """What a condition may ask for: the numbers of a row (`of_row`), those of any KPI, KPIs by id
    (`kpis`), and what belongs to them."""

    kpis: tuple[str, ...]
    of_row: tuple[str, ...] = OF_ROW
    of_any_kpi: tuple[str, ...] = OF_ANY_KPI
    of_kpi: tuple[str, ...] = OF_KPI

    def find(self, name: str) -> tuple[str, Type] | None:
        folded = name.casefold()
        if folded in (*self.of_row, *self.of_any_kpi) and name not in self.kpis:
            return folded, Type.NUMBER
        return (name, Type.NUMBER) if name in self.kpis else None

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        known = owner in self.kpis and name.casefold() in self.of_kpi
        return (f"{owner}.{name.casefold()}", Type.NUMBER) if known else None

    def known(self) -> Iterable[str]:
        return (
            *self.of_row,
            *self.of_any_kpi,
            *self.kpis,
            *(f"{kpi}.{self.of_kpi[0]}" for kpi in self.kpis),
        )


class Condition(Struct, frozen=True):
    """A checked condition. `names` are those that it asks for, each once, in its order."""

    expression: Expression
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.expression.text

    def of_any_kpi(self, of: Row | Unit) -> frozenset[str]:
        """Return which of its names are numbers of any KPI of a row or unit, and no KPI's ids."""
        return frozenset(self.names) & frozenset(OF_ANY_KPI) - {score.kpi for score in of.scores}

    def holds(self, figures: Figures) -> bool | None:
        """Say whether it holds of some figures; None where that depends on an unknown one. Raises
        `TooManyDigits` (`kpictl.expressions.evaluate`)."""
        value = evaluate(self.expression.tree, figures, _CONTEXT)
        return value if isinstance(value, bool) else None

    def asked(self, figures: Figures) -> tuple[tuple[str, Decimal | None], ...]:
        """Return the figures that it asks for, in its order."""
        return tuple((name, figures.get(name)) for name in self.names)


def read(
    text: str, kpis: Iterable[str], names: ConditionNames | None = None
) -> tuple[Condition | None, list[ExpressionError]]:
    """Read a condition over these KPIs; return it, or None and everything that is wrong with it."""
    known = names or ConditionNames(tuple(kpis))
    expression, errors = parse(text, known, zone=_ZONE, expect={Type.BOOL})
    if expression is None:
        return None, errors
    return Condition(expression, tuple(dict.fromkeys(refs(expression.tree)))), []


def figures(of: Row | Unit) -> dict[str, Decimal | None]:
    """Return the numbers of a row or unit by the names that a condition has for them."""
    numbers: dict[str, Decimal | None] = dict.fromkeys(OF_ROW)
    if isinstance(of, Row):
        rank = None if of.rank is None else Decimal(of.rank)
        numbers = {"index": of.index, "rank": rank, "coverage": of.coverage}
    for score in of.scores:
        own = figures_of_score(score)
        numbers[score.kpi] = own["value"]
        numbers |= {f"{score.kpi}.{name}": value for name, value in own.items()}
    return numbers


def figures_of_score(score: Score) -> dict[str, Decimal | None]:
    """Return the numbers of one KPI of a row or unit."""
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


def each_kpi(condition: Condition, of: Row | Unit) -> Iterator[tuple[Score, Figures]]:
    """Yield each KPI of a row or unit with the figures in which the numbers of any KPI (`pace`,
    `attainment`, `score`) are its own."""
    whole = figures(of)
    any_kpi = condition.of_any_kpi(of)
    for score in of.scores:
        own = figures_of_score(score)
        yield score, {**whole, **{name: own[name] for name in any_kpi}}
