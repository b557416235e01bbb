"""The aggregates that a measure asks of SQL, by name, and the tallies that their cells come to."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Generic, NamedTuple, TypeVar

from kpictl.measure.query import Measure, Op, Tally, order_statistic

HOLISTIC = frozenset({Op.DISTINCT, Op.QUANTILE})
"""Operations whose tallies do not add up: each group and slice needs its own."""
_UNIT = 10**10  # a number has ten decimals

_Each = TypeVar("_Each")


class Aggregates(NamedTuple, Generic[_Each]):
    """The aggregates of one measure: as SQL (texts), as their places among the outputs of a
    statement (from 0), or as the cells of one row there.

    `n`, `total`, `no_value`, `no_rate` and `immature` are what a `Tally` calls so, `waiting` is its
    `open`. `following` is what else a total needs: of QUANTILE the neighbour above, of SPREAD the
    sums of `squares_sql`. `undated` counts what a measure would take if it had a date. What an
    operation has none of is a constant, which all measures of a statement share.
    """

    n: _Each
    total: _Each
    following: _Each
    no_value: _Each
    no_rate: _Each
    undated: _Each
    waiting: _Each
    immature: _Each


def squares_sql(value: str, counts: str) -> str:
    """Return the sum of squares in three whole numbers: of the wholes w and the ten decimals d
    of each value, the sums of w², w·d and d². A square itself is wider than a decimal can be.
    """
    whole = f"CAST(trunc({value}) AS HUGEINT)"
    rest = f"CAST(CAST({value} % 1 AS DECIMAL(11,10)) * {_UNIT} AS HUGEINT)"
    products = (f"{whole} * {whole}", f"{whole} * {rest}", f"{rest} * {rest}")
    return f"[{', '.join(f'sum({one}) FILTER ({counts})' for one in products)}]"


def neighbours_sql(value: str, counts: str, position: Fraction) -> tuple[str, str]:
    """Return the order statistics below and above a position, exactly, as two aggregates."""
    ordered = f"list_sort(list({value}) FILTER ({counts} AND {value} IS NOT NULL))"
    n = f"len({ordered})"
    index = f"(({n} - 1) * {position.numerator} // {position.denominator})"
    return f"{ordered}[{index} + 1]", f"{ordered}[least({index} + 2, {n})]"


def tally_of(measure: Measure, cells: Aggregates[Any]) -> Tally:
    """Return the tally of one row."""
    if measure.op is Op.LINKED:
        return Tally(cells.n, Fraction(cells.total), immature=cells.immature)
    if cells.total is None:
        return Tally(cells.n, None, cells.no_value, cells.no_rate, open=cells.waiting)
    exact, spread = Fraction(cells.total), None
    if measure.op is Op.QUANTILE:
        _, between = order_statistic(measure.position, cells.n)
        exact += (Fraction(cells.following) - exact) * between
    if measure.op is Op.SPREAD:
        wholes, mixed, rests = cells.following
        spread = wholes + Fraction(2 * mixed, _UNIT) + Fraction(rests, _UNIT**2)
    return Tally(cells.n, exact, cells.no_value, cells.no_rate, squares=spread, open=cells.waiting)


def merge(op: Op, tallies: Iterable[Tally]) -> Tally:
    """Add tallies of disjoint records; for operations that add up. One stays what it is."""
    several = list(tallies)
    if len(several) == 1:
        return several[0]
    totals = [t.total for t in several if t.total is not None]
    if op in (Op.MIN, Op.MAX):
        total = (min if op is Op.MIN else max)(totals, default=None)
    elif op in (Op.COUNT, Op.LINKED):
        total = sum(totals, Fraction(0))
    else:
        total = sum(totals, Fraction(0)) if totals else None
    squares = [t.squares for t in several if t.squares is not None]
    return Tally(
        sum(t.n for t in several),
        total,
        sum(t.no_value for t in several),
        sum(t.no_rate for t in several),
        sum(t.immature for t in several),
        sum(squares, Fraction(0)) if squares else None,
        sum(t.open for t in several),
    )
