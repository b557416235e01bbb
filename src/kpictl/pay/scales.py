"""Figures → percent: the scales of bonus regulations, by exact fractions (kpi-method B2: bands,
piecewise curve; a bound that does not belong to its band is `Edge.above`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from kpictl.plan.pay import BonusPart, Scale
from kpictl.scoring.curves import interpolate, step
from kpictl.values import Edge

Bands = Mapping[Edge, Decimal]


def percent_of(scale: Scale | None, x: Fraction) -> Fraction:
    """Return what a scale gives at a figure; the figure itself without one. Below the first step
    or point it is 0."""
    if scale is None:
        return x
    if scale.bands:
        return step(x, scale.bands)
    curve = {Fraction(at): Fraction(value) for at, value in (scale.curve or {}).items()}
    return interpolate(x, curve)


def edge_after(bands: Bands, edge: Edge | None) -> Edge | None:
    """Return the bound of the next band; None after the last."""
    beyond = sorted(one for one in bands if edge is None or one > edge)
    return beyond[0] if beyond else None


def slices(bands: Bands, x: Fraction) -> Iterator[tuple[Fraction, Fraction, Decimal]]:
    """Yield of each band up to a figure: where it begins, where it ends (the figure in the last),
    and its rate. Whether a bound belongs to its band makes no difference to what lies between."""
    steps = sorted(bands.items())
    ends = [Fraction(edge.at) for edge, _ in steps][1:]
    for (edge, rate), end in zip(steps, [*ends, None], strict=True):
        start = Fraction(edge.at)
        if x <= start:
            return
        yield start, x if end is None else min(x, end), rate


def highest(scale: Scale) -> Fraction:
    """Return the highest percent that a scale gives."""
    values = (scale.bands or scale.curve or {}).values()
    return max((Fraction(value) for value in values), default=Fraction(0))


def is_rising(scale: Scale) -> bool:
    """Say whether more never gives less."""
    table = scale.bands.items() if scale.bands else (scale.curve or {}).items()
    values = [value for _, value in sorted(table)]
    return all(below <= above for below, above in pairwise(values))


def percent_at(part: BonusPart, of: str, edge: str) -> Decimal | None:
    """Return the percent of a part from a bound of its scale on: of the index, of a KPI, or of the
    figure that it is read at; None where it has no such band."""
    scale: Scale | str | None = part.by_index if of == "index" else part.by
    if part.by_kpi is not None:
        scale = part.by_kpi.get(of)
    bands = scale.bands if isinstance(scale, Scale) else None
    return next((value for at, value in (bands or {}).items() if str(at) == edge), None)
