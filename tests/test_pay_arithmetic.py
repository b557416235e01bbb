"""The arithmetic of pay by chance: steps are continuous, more never pays less, everything adds up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kpictl import periods
from kpictl.pay.pools import KOPECK, divide_by_number, limit
from kpictl.pay.scales import is_rising, percent_of, slices
from kpictl.plan.pay import Scale
from kpictl.values import Edge, PayLine, to_money

number = st.decimals(min_value=0, max_value=300, places=2)
figure = st.fractions(min_value=-10, max_value=400, max_denominator=1000)
edge = st.builds(Edge, number, st.booleans())
ladder = st.dictionaries(edge, number, min_size=1, max_size=6)


def marginal(bands: dict[Edge, Decimal], x: Fraction) -> Fraction:
    """Return what tiers bring of the fact itself, in percent of a hundred."""
    parts = ((end - start) * Fraction(rate) / 100 for start, end, rate in slices(bands, x))
    return sum(parts, Fraction(0))


@given(bands=ladder, x=figure, y=figure)
def test_marginal_tiers_have_no_jump(bands: dict[Edge, Decimal], x: Fraction, y: Fraction) -> None:
    """Between any two figures the commission differs by no more than the highest rate of what lies
    between them: there is no edge at which a kopeck of sales is worth more than its rate."""
    steepest = max(Fraction(rate) for rate in bands.values()) / 100
    assert abs(marginal(bands, x) - marginal(bands, y)) <= steepest * abs(x - y)
    below, above = sorted((x, y))
    assert marginal(bands, below) <= marginal(bands, above)


scales = st.one_of(
    ladder.map(lambda table: Scale(bands=table)),
    st.dictionaries(number, number, min_size=1, max_size=6).map(lambda table: Scale(curve=table)),
)


@given(scale=scales, x=figure, y=figure)
def test_where_a_scale_rises_more_never_pays_less(scale: Scale, x: Fraction, y: Fraction) -> None:
    """Bands with and without their bounds, and curves: who reaches more is paid no less."""
    below, above = sorted((x, y))
    if is_rising(scale):
        assert percent_of(scale, below) <= percent_of(scale, above)


@given(bands=ladder, at=number)
def test_a_bound_belongs_to_its_band_unless_it_says_otherwise(
    bands: dict[Edge, Decimal], at: Decimal
) -> None:
    """At the bound itself the band below holds of `">100"`, and the band above of `100`."""
    bare = {one: rate for one, rate in bands.items() if one.at != at}
    above = Scale(bands={**bare, Edge(at, above=True): Decimal(999)})
    own = Scale(bands={**bare, Edge(at): Decimal(999)})
    before = percent_of(Scale(bands=bare), Fraction(at)) if bare else 0
    assert percent_of(above, Fraction(at)) == before
    assert percent_of(own, Fraction(at)) == 999


money = st.decimals(min_value=0, max_value=10_000_000, places=2)


@given(amount=money, parts=st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_a_pool_is_divided_to_the_kopeck(amount: Decimal, parts: list[int]) -> None:
    """The shares add up to the pool, and none is a kopeck or more beside its exact share."""
    whole = sum(parts)
    if not whole:
        return
    weights = [Fraction(one, whole) for one in parts]
    shares = divide_by_number(Fraction(amount), weights)
    assert sum(shares, Fraction(0)) == Fraction(amount)
    assert all(share % KOPECK == 0 for share in shares)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(amount) * weight) < KOPECK


computed = st.one_of(
    st.none(), st.fractions(min_value=-1000, max_value=500_000, max_denominator=997)
)


@given(size=money, amounts=st.lists(computed, min_size=1, max_size=10))
def test_a_fund_is_never_exceeded_and_never_left_over(
    size: Decimal, amounts: list[Fraction | None]
) -> None:
    """What is paid of a fund is what was computed, or the fund to the kopeck where that is less;
    who has no amount, or a negative one, is not touched."""
    bound: Any = SimpleNamespace(
        place=lambda *_, **__: None, plan=SimpleNamespace(funds={"f": size})
    )
    lines = [
        PayLine(
            "s", str(n), "", "computed", earned=one, amount=None if one is None else to_money(one)
        )
        for n, one in enumerate(amounts)
    ]
    may = periods.of_days(*periods.fixed_days("2024-05"), ZoneInfo("Europe/Moscow"))
    limited, use = limit(bound, "f", lines, may)
    known = [one for one in amounts if one is not None]
    if sum(known, Fraction(0)) <= size:
        assert limited == lines
        return
    untouched = [
        after == before
        for before, after in zip(lines, limited, strict=True)
        if before.earned is None or before.earned <= 0
    ]
    assert all(untouched)
    negative = sum((one for one in known if one < 0), Fraction(0))
    rounded = sum((to_money(one) for one in known if one < 0), Decimal(0))
    assert use.paid - rounded == to_money(max(Fraction(size) - negative, Fraction(0)))
