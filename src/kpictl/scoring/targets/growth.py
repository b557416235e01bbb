"""Targets that facts of other periods make: growth over the one before, over a year before, over
the best of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpictl import periods
from kpictl.plan.fields import Growth
from kpictl.values import VALUE_PLACES, Fact, Period, TargetStep, to_decimal

FactOf = Callable[[Period], Fact | None]
"""A period → the fact of whoever a target is for."""
_DAY = timedelta(days=1)


def whole_months(period: Period, zone: ZoneInfo) -> Period:
    """Return the months that a period lies in: of whole months itself. What is not of whole months
    has its share of what they are expected to bring."""
    first, after = period.first, period.last + _DAY
    if first.day == 1 and after.day == 1:
        return period
    end = after if after.day == 1 else (after.replace(day=1) + timedelta(days=31)).replace(day=1)
    return periods.of_days(first.replace(day=1), end, zone)


def year_before(period: Period, zone: ZoneInfo) -> Period:
    """Return the same months of the year before."""
    first, after = period.first, period.last + _DAY
    return periods.of_days(_year_less(first), _year_less(after), zone)


def _year_less(day: date) -> date:
    return day.replace(year=day.year - 1)


def bases(growth: Growth, period: Period, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the periods whose facts a growth of whole months is over, the nearest first."""
    if growth.base == "-1y":
        return (year_before(period, zone),)
    found: list[Period] = []
    for _ in range(growth.count):
        found.append(periods.previous(found[-1] if found else period, zone))
    return tuple(found)


def base_of(
    candidates: Iterable[Period], fact_of: FactOf, better: str
) -> tuple[Period, Fact] | None:
    """Return the period that a growth is over, with its fact; None where nothing above zero was
    measured in any."""
    known = []
    for period in candidates:
        fact = fact_of(period)
        if fact is not None and fact.exact is not None and fact.exact > 0:
            known.append((period, fact))
    if not known:
        return None
    sign = 1 if better == "higher" else -1
    return max(known, key=lambda pair: sign * _exact(pair[1]))


def grown(growth: Growth, fact: Fact) -> Fraction:
    """Return what is expected over a fact."""
    return _exact(fact) * (1 + Fraction(growth.percent) / 100)


def derivation(growth: Growth, period: Period, fact: Fact) -> str:
    """Write how it came about: `2024-04: 1200000 × 1.1`."""
    value = to_decimal(_exact(fact), VALUE_PLACES)
    factor = to_decimal(1 + Fraction(growth.percent) / 100, VALUE_PLACES)
    return f"{period.text}: {value:f}" + (f" × {factor:f}" if factor != 1 else "")


def step(growth: Growth, kpi: str, period: Period, fact: Fact) -> TargetStep:
    """Return the base value as a step, with what its own evidence is found by."""
    value = to_decimal(_exact(fact), VALUE_PLACES)
    data = {
        "kpi": kpi,
        "period": period.text,
        "value": value,
        "n": fact.n,
        "percent": growth.percent,
        "count": growth.count,
    }
    return TargetStep(f"step.growth.{growth.base.removeprefix('-')}", data)


def _exact(fact: Fact) -> Fraction:
    assert fact.exact is not None  # noqa: S101  what a target grows from was measured
    return fact.exact
