"""Score shapes: a fact and its target → points. Pure arithmetic on exact fractions.

Formulas: F fact, T target, B base, N norm, G goal (kpi-method B2: linear attainment, inverse
ratio, reflected, base–norm–goal matrix, bands, piecewise curve, pass/fail, goal/red flag).
Thresholds are `[lower, upper)`, unless a bound is written as one that does not belong to its band
(`">100"`), and compare unrounded values. A shape is one class and one line in
`SHAPES`; floor and cap are applied after it, by `kpictl.scoring.score`.
"""

from __future__ import annotations

import operator
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kpictl.plan.fields import EdgeKey, Number, Part, Text, unfit
from kpictl.values import Edge, Setting
from kpictl.values.ranges import ANYTHING, PERCENT, Range

Points = Fraction | None


class Undefined(ArithmeticError):
    """The formula has no value here, only a limit: the cap decides (inverse at zero and below)."""


def linear(fact: Fraction, target: Fraction) -> Fraction:
    """Return 100·F/T."""
    return 100 * fact / target


def reflected(fact: Fraction, target: Fraction) -> Fraction:
    """Return 100·(2 − F/T): 100 at the target, 200 at zero, 0 at twice the target."""
    return 100 * (2 - fact / target)


def inverse(fact: Fraction, target: Fraction) -> Fraction:
    """Return 100·T/F; Undefined at and below zero, where less can no longer be told in percent."""
    if fact <= 0:
        raise Undefined
    return 100 * target / fact


def base_norm(fact: Fraction, base: Fraction, norm: Fraction) -> Fraction:
    """Return 100·(F − B)/(N − B); lower is better where N < B."""
    return 100 * (fact - base) / (norm - base)


def interpolate(x: Fraction, points: Mapping[Fraction, Fraction]) -> Fraction:
    """Return the piecewise linear value: 0 before the first point, flat after the last."""
    known = sorted(points.items())
    if x < known[0][0]:
        return Fraction(0)
    for (x0, y0), (x1, y1) in pairwise(known):
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return known[-1][1]


def edge_below(bands: Mapping[Edge, Decimal], x: Fraction) -> Edge | None:
    """Return the bound of the band that a figure lies in; None below the first.

    >>> bands = {Edge(Decimal(80)): Decimal(10), Edge(Decimal(100), above=True): Decimal(15)}
    >>> [str(edge_below(bands, Fraction(x))) for x in (79, 80, 100, 101)]
    ['None', '80', '80', '>100']
    """
    return max((edge for edge in bands if edge.is_reached(x)), default=None)


def step(x: Fraction, bands: Mapping[Edge, Decimal]) -> Fraction:
    """Return the value of the band that a figure lies in; 0 below the first."""
    edge = edge_below(bands, x)
    return Fraction(0) if edge is None else Fraction(bands[edge])


def red_flag(fact: Fraction, goal: Fraction, red: Fraction) -> Fraction:
    """Return the ten-point score: lo = R − (G − R); 10·(F − lo)/(3·(G − R)), within 0 to 10."""
    low = red - (goal - red)
    return min(max(10 * (fact - low) / (3 * (goal - red)), Fraction(0)), Fraction(10))


class Band(Struct, frozen=True):
    """A band of a scale: its lower bound, and that of the next (None: there is none); `of` is what
    they are bounds of, the attainment in percent or the value."""

    edge: Edge | None
    after: Edge | None
    of: Literal["attainment", "value"] = "attainment"


class Shape(Part):
    """What a `score:` may be. `key` selects it."""

    key: ClassVar[str]
    needs_cap: ClassVar[bool] = False
    falls: ClassVar[bool] = False
    """Whether it gives the less the more there is, whatever `better` says."""

    def wants_target(self) -> bool:
        """Say whether there are no points without a target."""
        return True

    def better(self) -> Literal["higher", "lower"] | None:
        """Return which way is good by its own settings; None where they say nothing of it."""
        return None

    def settings(self) -> dict[str, Setting]:
        """Return what the shape is given, by the plan's keys; tables in ascending order."""
        found: dict[str, Setting] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                found[name] = _in_order(value) if isinstance(value, dict) else value
        return found

    def attainment(self, fact: Fraction, target: Fraction | None, better: str) -> Points:
        """Return percent of the target, uncapped, or None where there is no target."""
        if target is None:
            return None
        return linear(fact, target) if better == "higher" else reflected(fact, target)

    def band(self, fact: Fraction, target: Fraction | None, better: str) -> Band | None:
        """Return the band that a fact lies in; None of what has no bands, or without a target."""
        del fact, target, better
        return None

    def range(self) -> Range:
        """Return between which points any fact lies, before floor and cap. (A fact may be below
        zero: then even a reflected one has no bound.)"""
        return ANYTHING

    @abstractmethod
    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        """Return points before floor and cap; `Undefined` where the formula has no value."""


def _in_order(table: Mapping[Any, Decimal]) -> Setting:
    """Return a table in ascending order, with the bounds that belong to their bands as numbers."""
    return tuple(
        (at.at if isinstance(at, Edge) and not at.above else at, value)
        for at, value in sorted(table.items())
    )


class Linear(Shape):
    """100·F/T (for `better: lower` the reflected form)."""

    key: ClassVar[str] = "linear"

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        found = self.attainment(fact, target, better)
        assert found is not None  # noqa: S101  wants_target
        return found


class Reflected(Linear):
    """100·(2 − F/T), whatever `better` says."""

    key: ClassVar[str] = "reflected"
    falls: ClassVar[bool] = True

    def attainment(self, fact: Fraction, target: Fraction | None, better: str) -> Points:
        del better
        return None if target is None else reflected(fact, target)


class Inverse(Shape):
    """100·T/F; a cap is compulsory, because it grows without bound near zero."""

    key: ClassVar[str] = "inverse"
    needs_cap: ClassVar[bool] = True
    falls: ClassVar[bool] = True

    def attainment(self, fact: Fraction, target: Fraction | None, better: str) -> Points:
        del better
        return None if target is None or fact <= 0 else inverse(fact, target)

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        del better
        assert target is not None  # noqa: S101  wants_target
        return inverse(fact, target)


class BaseNorm(Shape):
    """The base–norm–goal matrix; needs no target, N below B means lower is better."""

    key: ClassVar[str] = "base"

    base: Number = Field(description="Worth 0 points.")
    norm: Number = Field(description="Worth 100 points.")
    goal: Number | None = Field(None, description="The stretch goal, worth `at_goal` points.")
    at_goal: Number | None = Field(None, description="Points at the goal.")

    def model_post_init(self, _context: object) -> None:
        if self.base == self.norm:
            raise unfit("base_is_norm", "norm", "goal")
        if (self.goal is None) != (self.at_goal is None):
            raise unfit("goal_pair", "goal", "at_goal")
        ahead = self.goal is None or (self.goal - self.norm) * (self.norm - self.base) > 0
        if not ahead:
            raise unfit("goal_order", "goal")

    def wants_target(self) -> bool:
        return False

    def better(self) -> Literal["higher", "lower"]:
        return "higher" if self.norm > self.base else "lower"

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        del target, better
        base, norm = Fraction(self.base), Fraction(self.norm)
        beyond = fact > norm if norm > base else fact < norm
        if not beyond or self.goal is None or self.at_goal is None:
            return base_norm(fact, base, norm)
        goal, top = Fraction(self.goal), Fraction(self.at_goal)
        return 100 + (top - 100) * (fact - norm) / (goal - norm)


class _Table(Shape):
    of: Literal["attainment", "value"] = Field(
        "attainment", description="What the table is read at: percent of the target, or the value."
    )

    def wants_target(self) -> bool:
        return self.of == "attainment"

    def x(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        if self.of == "value":
            return fact
        found = self.attainment(fact, target, better)
        assert found is not None  # noqa: S101  wants_target
        return found


def _of_table(values: Iterable[Decimal]) -> Range:
    """Return between which points those of a table lie: below its first line there are none."""
    points = [Fraction(0), *map(Fraction, values)]
    return Range(min(points), max(points))


def _ladder(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        raise PydanticCustomError("ladder", "not a table", {})
    return value


Ladder = Annotated[dict[Number, Number], BeforeValidator(_ladder)]
Steps = Annotated[dict[EdgeKey, Number], BeforeValidator(_ladder)]


class Bands(_Table):
    """A ladder: the keys are lower bounds, so gaps and overlaps cannot be written."""

    key: ClassVar[str] = "bands"

    bands: Steps = Field(
        description="Lower bound → points; below the first, 0. A bound that does not belong to"
        ' its band: `">100"`.'
    )

    def band(self, fact: Fraction, target: Fraction | None, better: str) -> Band | None:
        if target is None and self.wants_target():
            return None
        edge = edge_below(self.bands, self.x(fact, target, better))
        beyond = (one for one in self.bands if edge is None or one > edge)
        return Band(edge, min(beyond, default=None), self.of)

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        return step(self.x(fact, target, better), self.bands)

    def range(self) -> Range:
        return _of_table(self.bands.values())


class Curve(_Table):
    """Straight lines between points: 0 before the first, flat after the last."""

    key: ClassVar[str] = "curve"

    curve: Ladder = Field(description="Point → points; straight lines between them.")

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        table = {Fraction(x): Fraction(y) for x, y in self.curve.items()}
        return interpolate(self.x(fact, target, better), table)

    def range(self) -> Range:
        return _of_table(self.curve.values())


_CONDITION = re.compile(r"\s*(value|attainment)\s*(>=|<=|>|<|=)\s*([-+]?\d+(?:\.\d+)?)\s*")
_SIDES: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


class Pass(Shape):
    """100 points if the value is on the right side of a bound, else 0."""

    key: ClassVar[str] = "pass"

    passes: Text = Field(alias="pass", description="`value >= 4` or `attainment >= 95`.")

    def model_post_init(self, _context: object) -> None:
        if _CONDITION.fullmatch(self.passes) is None:
            raise unfit("pass_condition", "pass", given=self.passes)

    def condition(self) -> tuple[str, str, Decimal]:
        """Return what is looked at, the sign, and the bound."""
        match = _CONDITION.fullmatch(self.passes)
        assert match is not None  # noqa: S101  checked when it was read
        what, side, bound = match.groups()
        return what, side, Decimal(bound)

    def wants_target(self) -> bool:
        return self.condition()[0] == "attainment"

    def settings(self) -> dict[str, Setting]:
        what, side, bound = self.condition()
        return {"of": what, "side": side, "bound": bound}

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        what, side, bound = self.condition()
        x = fact if what == "value" else self.attainment(fact, target, better)
        assert x is not None  # noqa: S101  wants_target
        return Fraction(100 if _SIDES[side](x, Fraction(bound)) else 0)

    def range(self) -> Range:
        return PERCENT


class RedFlag(Shape):
    """Goal and red flag on the ten-point scale, shown times ten: red below 33, green from 67."""

    key: ClassVar[str] = "red_flag"

    red_flag: Number = Field(description="Where red ends.")
    goal: Number = Field(description="Where green begins.")

    def model_post_init(self, _context: object) -> None:
        if self.red_flag == self.goal:
            raise unfit("base_is_norm", "norm", "goal")

    def wants_target(self) -> bool:
        return False

    def points(self, fact: Fraction, target: Fraction | None, better: str) -> Fraction:
        del target, better
        return 10 * red_flag(fact, Fraction(self.goal), Fraction(self.red_flag))

    def range(self) -> Range:
        return PERCENT


SHAPES: Mapping[str, type[Shape]] = {
    shape.key: shape
    for shape in (Linear, Reflected, Inverse, BaseNorm, Bands, Curve, Pass, RedFlag)
}
# Those without settings, which a plan writes as a word; made without being checked, which would
# build a validator for each.
NAMED: Mapping[str, Shape] = {
    key: shape.model_construct() for key, shape in SHAPES.items() if not shape.model_fields
}
