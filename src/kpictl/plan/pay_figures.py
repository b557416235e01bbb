"""The figures that conditions and percentages of pay may ask for, by the names that a plan has for
them.

Of one's own: `index`, `rank`, `coverage`, each KPI by its id and `KPI.attainment`, `.score`,
`.target`; `salary`, `days` (worked of the period), `days_of` (of the period), `fte`, `tenure`
(whole months since `hired`) and any column of the list of employees, `employee.COLUMN`. Of the
department, of the company and of the whole scorecard: the same KPIs behind `department.`,
`company.`, `scorecard.`; `department.index` and `scorecard.index` beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.expressions import Expression, ExpressionError, Type, parse, refs
from kpictl.naming import fold
from kpictl.plan.bound import Bound
from kpictl.plan.document import Path
from kpictl.plan.model import ScorecardPlan
from kpictl.plan.pay import BonusPart, By, Commission, Piece, Pool, Reading, Scale

OF_ROW = ("index", "rank", "coverage", "salary", "days", "days_of", "fte", "tenure")
OF_KPI = ("attainment", "score", "target", "value")
UNITS = ("department", "company", "scorecard")
INDEXED = ("department", "scorecard")
EMPLOYEE = "employee"
_KEPT = 1024  # expressions of pay that are read once for everybody; a plan has a few dozen


class PayFigures(Struct, frozen=True):
    """The names of one plan: its KPIs, and the columns of the list of employees as written."""

    kpis: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, bound: Bound) -> PayFigures:
        return cls(tuple(bound.plan.kpis), tuple(bound.employee_fields or ()))

    def _column(self, name: str) -> str | None:
        """Return a column as it is written; the last where several are called alike."""
        folded = fold(name)
        return next((one for one in reversed(self.columns) if fold(one) == folded), None)

    def find(self, name: str) -> tuple[str, Type] | None:
        if name in self.kpis:
            return name, Type.NUMBER
        folded = name.casefold()
        return (folded, Type.NUMBER) if folded in OF_ROW else None

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        unit, _, rest = owner.partition(".")
        if owner in self.kpis and name.casefold() in OF_KPI:
            return f"{owner}.{name.casefold()}", Type.NUMBER
        if owner == EMPLOYEE and (column := self._column(name)) is not None:
            return f"{EMPLOYEE}.{column}", Type.NUMBER
        if unit not in UNITS:
            return None
        if not rest and (name in self.kpis or (name.casefold() == "index" and unit in INDEXED)):
            return f"{unit}.{name}", Type.NUMBER
        if rest in self.kpis and name.casefold() in OF_KPI:
            return f"{unit}.{rest}.{name.casefold()}", Type.NUMBER
        return None

    def known(self) -> Iterable[str]:
        own = (f"{kpi}.attainment" for kpi in self.kpis)
        units = (f"{unit}.{kpi}.attainment" for unit in UNITS for kpi in self.kpis)
        columns = (f"{EMPLOYEE}.{name}" for name in self.columns)
        return (*OF_ROW, *self.kpis, *own, *columns, "department.index", *units)


class PayExpression(Struct, frozen=True):
    """An expression of a section of pay, and where it is written."""

    text: str
    path: Path
    type: Type


def expressions_of(card: ScorecardPlan, at: Path) -> Iterator[PayExpression]:
    """Yield every expression of a scorecard's pay; `at` is where the scorecard is written."""
    for gate, rule in card.gates.items():
        yield PayExpression(rule.when, (*at, "gates", gate, "when"), Type.BOOL)
    if card.bonus is None:
        return
    for name, part in card.bonus.each.items():
        path = (*at, "bonus", "parts", name) if name else (*at, "bonus")
        yield from _of_part(part, path)


def _of_part(part: BonusPart, path: Path) -> Iterator[PayExpression]:
    if part.by is not None:
        yield _of_reading(part.by, (*path, "by"))
    for factor, reading in part.factors.items():
        yield _of_reading(reading, (*path, "factors", factor))
    if part.eligible is not None:
        yield PayExpression(part.eligible, (*path, "eligible"), Type.BOOL)


def _of_reading(by: By, path: Path) -> PayExpression:
    if isinstance(by, Reading):
        return PayExpression(by.of, (*path, "of"), Type.NUMBER)
    return PayExpression(by, path, Type.NUMBER)


def scale_of(by: By) -> tuple[str, Scale | None]:
    """Return the expression of a percentage, and the scale that it is read on, if on one."""
    if isinstance(by, Reading):
        return by.of, by if by.bands or by.curve else None
    return by, None


def read(text: str, bound: Bound, kind: Type) -> tuple[Expression | None, list[ExpressionError]]:
    """Return an expression over the figures of pay, or what is wrong with it."""
    return _read(text, PayFigures.of(bound), bound.zone, kind)


@lru_cache(_KEPT)
def _read(
    text: str, names: PayFigures, zone: ZoneInfo, kind: Type
) -> tuple[Expression | None, list[ExpressionError]]:
    return parse(text, names, zone=zone, expect={kind})


def kpis_of(bound: Bound, card: str) -> set[str]:
    """Return the KPIs that the pay of a scorecard asks for, also those that it does not score."""
    spec, kpis = bound.cards[card], bound.plan.kpis
    if spec.bonus is None:
        return set()
    needed = {paid.of for part in spec.bonus.each.values() for paid in _paid(part)}
    for name in _names(bound, card):
        needed |= {word for word in name.split(".") if word in kpis}
    return needed & kpis.keys()


def needs_departments(bound: Bound, cards: Iterable[str]) -> bool:
    """Say whether somebody's pay depends on figures of departments."""
    return any(name.startswith("department.") for card in cards for name in _names(bound, card))


def _paid(part: BonusPart) -> list[Commission | Piece]:
    return [one for one in (part.commission, part.piece) if one is not None]


def _names(bound: Bound, card: str) -> Iterable[str]:
    """Yield the names that the expressions of a scorecard's pay, and of its pools, ask for."""
    spec = bound.cards[card]
    texts = [(one.text, one.type) for one in expressions_of(spec, ())]
    for part in spec.bonus.each.values() if spec.bonus is not None else ():
        pool = bound.plan.pools.get(part.pool or "")
        if isinstance(pool, Pool) and pool.when is not None:
            texts.append((pool.when, Type.BOOL))
    for text, kind in texts:
        expression, _ = read(text, bound, kind)
        if expression is not None:
            yield from refs(expression.tree)
