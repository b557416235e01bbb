"""The highest pay that a plan allows, proved over its scales: bands and curves are piecewise
linear, so that the greatest value lies at one of their points or at an end of the range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kpictl.expressions import Type
from kpictl.lint.ranges import HUNDRED, Figures, can_be, number
from kpictl.pay.scales import percent_of
from kpictl.plan import pay_figures
from kpictl.plan.bound import Bound
from kpictl.plan.fields import MONTHS, PerPeriod
from kpictl.plan.model import ScorecardPlan
from kpictl.plan.pay import Bonus, BonusPart, By, OfKpi, Pool, Scale
from kpictl.values import Edge
from kpictl.values.ranges import ANYTHING, Range


class Ceiling(Struct, frozen=True):
    """The most that somebody can have for a month: `of_salary` percent of the salary and `money`
    beside. `endless` are the parts that have no highest pay, by id ("" for an only one)."""

    of_salary: Fraction = Fraction(0)
    money: Fraction = Fraction(0)
    endless: tuple[str, ...] = ()

    def __add__(self, other: Ceiling) -> Ceiling:
        return Ceiling(
            self.of_salary + other.of_salary,
            self.money + other.money,
            (*self.endless, *other.endless),
        )


def highest_percent(scale: Scale | None, figure: Range) -> Fraction | None:
    """Return the highest percent that a scale gives to any figure of a range; None where it grows
    without end. Without a scale it is the figure itself."""
    if scale is None:
        return figure.high
    candidates = list(points_of(scale, figure))
    return max(percent_of(scale, x) for x in candidates)


def points_of(scale: Scale, figure: Range) -> Iterator[Fraction]:
    """Yield figures of a range among which a scale is at its highest: its points, what lies just
    beyond a bound that does not belong to its band, and the ends of the range."""
    edges = sorted(scale.bands or (Edge(x) for x in scale.curve or {}))
    starts = [Fraction(edge.at) for edge in edges]
    beyond = starts[-1] + 1
    for edge, start, after in zip(edges, starts, [*starts[1:], beyond], strict=True):
        end = after if figure.high is None else min(after, figure.high)
        yield from _inside(figure, (start + end) / 2 if edge.above else start)
    below = starts[0] - 1
    yield figure.low if figure.low is not None else min((below, *_known(figure.high)))
    yield figure.high if figure.high is not None else max((beyond, *_known(figure.low)))


def _known(end: Fraction | None) -> tuple[Fraction, ...]:
    return () if end is None else (end,)


def _inside(figure: Range, x: Fraction) -> Iterator[Fraction]:
    if (figure.low is None or x >= figure.low) and (figure.high is None or x <= figure.high):
        yield x


def of_card(bound: Bound, spec: ScorecardPlan) -> Ceiling:
    """Return the highest pay of a month for one person of a scorecard that has a bonus: conditions
    not met, nothing taken off for time."""
    assert spec.bonus is not None  # noqa: S101  asked before
    bonus, figures = spec.bonus, Figures(bound, spec)
    parts = [
        capped(_of_part(bound, name, part, figures), part.cap if name else None)
        for name, part in bonus.each.items()
    ]
    total = _guaranteed(bound, bonus, capped(sum(parts, Ceiling()), bonus.cap))
    fund = None if bonus.fund is None else bound.plan.funds.get(bonus.fund)
    return capped(total, _a_month(fund))


def _guaranteed(bound: Bound, bonus: Bonus, total: Ceiling) -> Ceiling:
    """Return what is at least a highest pay and a guarantee, which comes after the cap."""
    given = bonus.guarantee
    percent = max(given.values(), default=Decimal(0)) if isinstance(given, dict) else given
    if not percent:
        return total
    timely = [_base(bound, name, part) for name, part in bonus.each.items() if part.is_timely]
    floor = _times(sum(timely, Ceiling()), Fraction(percent), "")
    return Ceiling(
        max(total.of_salary, floor.of_salary), max(total.money, floor.money), total.endless
    )


def capped(ceiling: Ceiling, cap: Decimal | None) -> Ceiling:
    """Return a highest pay that is at most a sum of money."""
    if cap is None or (not ceiling.endless and not ceiling.of_salary and ceiling.money <= cap):
        return ceiling
    return Ceiling(money=Fraction(cap))


def _of_part(bound: Bound, name: str, part: BonusPart, figures: Figures) -> Ceiling:
    base = _base(bound, name, part)
    if part.pool is None:
        base = _times(base, _percent(bound, part, figures), name)
    for factor in part.factors.values():
        base = _times(base, _by(bound, factor, figures), name)
    return _times(base, _gates(bound, figures), name)


def _base(bound: Bound, name: str, part: BonusPart) -> Ceiling:
    if part.salary_share is not None:
        return Ceiling(of_salary=Fraction(part.salary_share))
    if part.fixed is not None:
        return Ceiling(money=Fraction(part.fixed))
    if part.pool is not None:
        pool = bound.plan.pools.get(part.pool)
        size = _a_month(pool.amount if isinstance(pool, Pool) else pool)
        return Ceiling(endless=(name,)) if size is None else Ceiling(money=Fraction(size))
    return Ceiling(endless=(name,))  # a commission, a price for each record


def _a_month(amount: object) -> Decimal | None:
    """Return a sum as it is in a month, if it is one for every month."""
    if isinstance(amount, PerPeriod) and amount.per in MONTHS:
        return amount.value if amount.per == "month" else None
    return amount if isinstance(amount, Decimal) else None


def _times(base: Ceiling, percent: Fraction | None, name: str) -> Ceiling:
    if percent is None:
        return Ceiling(endless=(name,))
    share = max(percent, Fraction(0)) / HUNDRED
    if not share:
        return Ceiling()
    return Ceiling(base.of_salary * share, base.money * share, base.endless)


def _percent(bound: Bound, part: BonusPart, figures: Figures) -> Fraction | None:
    if part.by_index is not None:
        scale = None if part.by_index == "linear" else part.by_index
        return highest_percent(scale, figures.of("index"))
    if part.by_kpi is not None:
        return _total(_of_kpi(one) for one in part.by_kpi.values())
    return HUNDRED if part.by is None else _by(bound, part.by, figures)


def _of_kpi(one: OfKpi) -> Fraction | None:
    """Return the highest that a KPI brings; what is attained has no end."""
    scale = one if one.bands or one.curve else None
    highest = highest_percent(scale, ANYTHING)
    if one.missing == "neutral" and highest is not None:
        highest = max(highest, HUNDRED)
    if one.cap is not None:
        highest = Fraction(one.cap) if highest is None else min(highest, Fraction(one.cap))
    return None if highest is None else highest * Fraction(one.weight) / HUNDRED


def _total(several: Iterable[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for one in several:
        if one is None:
            return None
        total += one
    return total


def _by(bound: Bound, by: By, figures: Figures) -> Fraction | None:
    text, scale = pay_figures.scale_of(by)
    expression, _ = pay_figures.read(text, bound, Type.NUMBER)
    figure = ANYTHING if expression is None else number(expression.tree, figures.of)
    return highest_percent(scale, figure)


def _gates(bound: Bound, figures: Figures) -> Fraction:
    """Return what conditions can make of the pay at most, in percent: those that add to it."""
    factor = HUNDRED
    for gate in figures.spec.gates.values():
        effect = gate.effect
        if effect.kind == "times" and effect.number > 1 and can_act(bound, gate.when, figures):
            factor *= Fraction(effect.number)
    return factor


def can_act(bound: Bound, when: str, figures: Figures) -> bool:
    """Say whether a condition can be met at all."""
    expression, _ = pay_figures.read(when, bound, Type.BOOL)
    return expression is None or can_be(expression.tree, figures.of, value=True)
