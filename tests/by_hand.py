"""What the answers computed by hand share: cells, shapes of scores, indexes and ranks in fractions.

Nothing of kpictl reads or counts here.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
MAY, JUNE = datetime(2024, 5, 1), datetime(2024, 6, 1)  # noqa: DTZ001 - files without a zone
STAMP = "%d.%m.%Y %H:%M:%S"
HUNDRED = Fraction(100)

Row = dict[str, str]
Shape = Callable[[Fraction, Fraction | None], Fraction]


@dataclass(frozen=True)
class Cell:
    """What is expected of one person and KPI; `n` and `target` are compared where given."""

    value: Fraction | None
    weight: int
    n: int | None = None
    state: str = "measured"
    target: Fraction | None = None
    lower: bool = False
    points: Decimal | None = None

    @property
    def attainment(self) -> Fraction | None:
        if self.value is None or self.target is None:
            return None
        done = HUNDRED * self.value / self.target
        return 200 - done if self.lower else done


Card = dict[str, dict[str, Cell]]


def rounded(number: Fraction, places: int) -> Decimal:
    exact = WIDE.divide(Decimal(number.numerator), Decimal(number.denominator))
    return exact.quantize(Decimal(1).scaleb(-places), context=WIDE)


def table(path: Path, encoding: str, delimiter: str = ";") -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def moment(text: str) -> datetime:
    return datetime.strptime(text, STAMP)  # noqa: DTZ007 - files without a zone


def in_may(at: datetime) -> bool:
    return MAY <= at < JUNE


def same_person(name: str) -> frozenset[str]:
    return frozenset(name.replace("ё", "е").split())


# --- shapes of scores -----------------------------------------------------------------------


def capped(shape: Shape, cap: int) -> Shape:
    return lambda value, target: max(Fraction(0), min(Fraction(cap), shape(value, target)))


def linear(value: Fraction, target: Fraction | None) -> Fraction:
    assert target
    return HUNDRED * value / target


def reflected(value: Fraction, target: Fraction | None) -> Fraction:
    assert target
    return HUNDRED * (2 - value / target)


def by_value(shape: Callable[[Fraction], Fraction]) -> Shape:
    return lambda value, _target: shape(value)


def of_attainment(shape: Callable[[Fraction], Fraction]) -> Shape:
    return lambda value, target: shape(linear(value, target))


def norms(base: int, norm: int, goal: int, at_goal: int) -> Callable[[Fraction], Fraction]:
    def shape(value: Fraction) -> Fraction:
        if value <= norm:
            return HUNDRED * (value - base) / (norm - base)
        return HUNDRED + (at_goal - 100) * (value - norm) / (goal - norm)

    return shape


def steps(points: Mapping[float, int]) -> Callable[[Fraction], Fraction]:
    def shape(value: Fraction) -> Fraction:
        reached = [y for x, y in points.items() if value >= Fraction(str(x))]
        return Fraction(reached[-1])

    return shape


def curve(points: Mapping[int, int]) -> Callable[[Fraction], Fraction]:
    knots = list(points.items())

    def shape(value: Fraction) -> Fraction:
        for (x0, y0), (x1, y1) in pairwise(knots):
            if x0 <= value < x1:
                return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        return Fraction(0) if value < knots[0][0] else Fraction(knots[-1][1])

    return shape


def scored(cell: Cell, shape: Shape) -> Cell:
    if cell.value is None:
        return cell
    points = rounded(shape(cell.value, cell.target), 4)
    return Cell(**{**cell.__dict__, "points": points})


# --- from scores to ranks ------------------------------------------------------------------


def index(cells: Mapping[str, Cell]) -> Decimal | None:
    counted = [
        (cell.weight, Fraction(cell.points)) for cell in cells.values() if cell.points is not None
    ]
    coverage = sum(weight for weight, _points in counted)
    if coverage < 60:
        return None
    total = sum((weight * points for weight, points in counted), Fraction(0))
    return rounded(total / coverage, 4)


def ranks(card: Card) -> dict[str, int | None]:
    indexes = {name: index(cells) for name, cells in card.items()}
    rated = [number for number in indexes.values() if number is not None]
    return {
        name: None if own is None else 1 + sum(other > own for other in rated)
        for name, own in indexes.items()
    }
