"""Slices of time as columns of one scan.

Slices may overlap, so that a record cannot simply be given the slice that it lies in. What adds up
is grouped by the stretches between all bounds of all slices, and added for each slice afterwards,
exactly. What does not (different values, order statistics) is grouped by slices themselves: by
layers of slices that do not overlap, a column each. Where no slices overlap the two are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from kpictl.engines.sql.conditions import Moment, literal
from kpictl.measure.query import Slice


class Axis(Struct, frozen=True):
    """A column that says where in time a record lies: of each of its values the slices that hold
    it. `sql` is None where there is one slice, which the condition of a measure alone can be."""

    sql: str | None
    slices: Mapping[int | None, tuple[Slice, ...]]

    def varying(self, column: str, choices: Mapping[Slice, str]) -> str:
        """Return what SQL stands for in the slice of a record; each value must have one slice."""
        known = dict.fromkeys(
            choices[one_slice] for held in self.slices.values() for one_slice in held
        )
        if len(known) < 2:
            return next(iter(known), "NULL")  # of an axis that no record lies on
        cases = (f"WHEN {v} THEN {choices[held[0]]}" for v, held in self.slices.items() if held)
        return f"CASE {column} {' '.join(cases)} END"


def layers(slices: Iterable[Slice]) -> list[list[Slice]]:
    """Divide slices into as few layers as there are slices over any moment; within a layer they do
    not overlap."""
    found: list[list[Slice]] = []
    for one_slice in sorted(slices, key=lambda s: (s.start, s.period.end)):
        free = (layer for layer in found if layer[-1].period.end <= one_slice.start)
        layer = next(free, None)
        if layer is None:
            found.append([one_slice])
        else:
            layer.append(one_slice)
    return found


def axis_of(moment: str, reaches: Sequence[tuple[Slice, tuple[Moment, Moment]]]) -> Axis:
    """Return the axis over a moment whose values are the stretches between all bounds.

    `reaches` are slices with the half-open stretch of moments that each holds.
    """
    solid = [(one_slice, reach) for one_slice, reach in reaches if reach[0] < reach[1]]
    bounds = sorted({bound for _, reach in solid for bound in reach})
    slices: dict[int | None, tuple[Slice, ...]] = {}
    regions: list[tuple[Moment | None, int | None]] = [(None, None)]
    for number, bound in enumerate(bounds):
        inside = tuple(one_slice for one_slice, (start, end) in solid if start <= bound < end)
        if inside:
            slices[number] = inside
        regions.append((bound, number if inside else None))
    return Axis(_search(moment, regions), slices)


def _search(moment: str, regions: Sequence[tuple[Moment | None, int | None]]) -> str:
    """Return the number of the region that a moment lies in, by halving: each record passes as many
    comparisons as the logarithm of the number of bounds. NULL takes every ELSE, and the last region
    has no number."""
    if len({number for _, number in regions}) == 1:
        number = regions[0][1]
        return "CAST(NULL AS INTEGER)" if number is None else str(number)
    middle = len(regions) // 2
    bound = regions[middle][0]
    assert bound is not None  # noqa: S101  only the first region is without one
    left, right = _search(moment, regions[:middle]), _search(moment, regions[middle:])
    return f"CASE WHEN {moment} < {literal(bound)} THEN {left} ELSE {right} END"


def hull(reaches: Iterable[tuple[Moment, Moment]]) -> tuple[Moment, Moment]:
    """Return the least stretch that holds all stretches that are not empty."""
    several = list(reaches)
    solid = [reach for reach in several if reach[0] < reach[1]] or several[:1]
    return min(start for start, _ in solid), max(end for _, end in solid)
