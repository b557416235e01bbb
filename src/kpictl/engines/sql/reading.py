"""The rows of a statement, and the answer that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from kpictl.engines.sql.aggregates import HOLISTIC, Aggregates, merge, tally_of
from kpictl.engines.sql.slicing import Axis
from kpictl.measure.query import (
    Answer,
    GroupId,
    Measure,
    Op,
    Query,
    Slice,
    SliceId,
    Tally,
)
from kpictl.values import SubjectId

GroupedBy = Literal["subject", "group", "division", "all"]


class GroupingSet(Struct, frozen=True):
    """The columns (`keys`) by which a grouping set groups, and what a row of it is a tally of: of a
    subject, of a member of a `group`, of a division, or of all records.

    `owner` is the place of the owner field (not of all records), `axis` the column that says where
    in time a record lies, "" where there is one slice.
    """

    keys: tuple[str, ...]
    of: GroupedBy
    owner: int
    axis: str
    group: GroupId = ""


def keys_of(sets: Iterable[GroupingSet]) -> list[str]:
    """Return the columns of all grouping sets, each once: with these a row begins."""
    return list(dict.fromkeys(key for one in sets for key in one.keys))


class SetMeasure(NamedTuple):
    """A measure that the rows of a grouping set tell of, with the places of its aggregates. Each of
    the axes of a measure has sets of its own; records without a date are in all, and counted in
    the `is_first`."""

    measure: Measure
    places: Aggregates[int]
    is_first: bool


_Gathered = dict[str, dict[SliceId, dict[Any, list[Tally]]]]


class TallyReader:
    """Tallies of one statement as its rows come in; those of one slice may be several."""

    def __init__(
        self,
        query: Query,
        axes: Mapping[str, Axis],
        told: Mapping[GroupingSet, Sequence[SetMeasure]],
    ) -> None:
        self.query, self.axes, self.told = query, axes, told
        self.keys = keys_of(told)
        self.sets = {frozenset(one.keys): one for one in told}
        slices = [one.id for one in self.query.slices]
        names = [m.name for m in self.query.measures]
        self.subjects: _Gathered = {n: {s: {} for s in slices} for n in names}
        self.groups: _Gathered = {n: {s: {} for s in slices} for n in names}
        self.undated = dict.fromkeys(names, 0)

    def add(self, row: tuple[Any, ...]) -> None:
        """Take in a row: the keys of all sets, whether each is grouped over, the outputs."""
        count = len(self.keys)
        flags = row[count : 2 * count]
        grouping = self.sets[frozenset(k for k, f in zip(self.keys, flags, strict=True) if f == 0)]
        values = dict(zip(self.keys, row[:count], strict=True))
        slices = self.axes[grouping.axis].slices.get(values.get(grouping.axis), ())
        key = None if grouping.of == "all" else values[grouping.keys[0]]
        for measure, places, is_first in self.told[grouping]:
            cells = Aggregates(*(row[2 * count + at] for at in places))
            if grouping.of == "subject":
                self.undated[measure.name] += cells.undated if is_first else 0
                if cells.n or cells.no_value:
                    self._gather(self.subjects, measure, slices, [key], cells)
            else:
                self._gather(self.groups, measure, slices, self._group(grouping, key), cells)

    def _group(self, grouping: GroupingSet, key: Any) -> list[GroupId]:
        """Return the groups that a row is a tally of: none where it is of those outside."""
        if grouping.of == "all":
            return [g for g, members in self.query.groups.items() if members is None]
        if grouping.of == "division":
            return [] if key is None else [key]
        return [grouping.group] if key is True else []

    def _gather(
        self,
        into: _Gathered,
        measure: Measure,
        slices: Iterable[Slice],
        keys: Iterable[SubjectId | None],
        cells: Aggregates[Any],
    ) -> None:
        for one_slice in slices:
            for key in keys:
                tallies = into[measure.name][one_slice.id].setdefault(key, [])
                tallies.append(tally_of(measure, cells))

    def answer(self) -> Answer:
        subjects = {
            m.name: {
                slice_id: {key: merge(m.op, tallies) for key, tallies in of_slice.items()}
                for slice_id, of_slice in self.subjects[m.name].items()
            }
            for m in self.query.measures
        }
        groups = {
            m.name: {
                slice_id: dict(self._groups(m, slice_id, of_slice))
                for slice_id, of_slice in subjects[m.name].items()
            }
            for m in self.query.measures
        }
        return Answer(subjects, groups, self.undated)

    def _groups(
        self, measure: Measure, slice_id: SliceId, subjects: dict[SubjectId | None, Tally]
    ) -> Iterator[tuple[GroupId, Tally]]:
        query, recomputed = self.query, self.groups[measure.name][slice_id]
        divided: dict[GroupId, list[Tally]] = {one: [] for one in query.divisions.values()}
        if measure.op in HOLISTIC:
            empty = Tally(0, Fraction(0) if measure.op is Op.DISTINCT else None)
            for group in (*query.groups, *divided):
                yield group, next(iter(recomputed.get(group, ())), empty)
            return
        for group, members in query.groups.items():
            crowd = None if members is None else members[slice_id]
            inside = [t for s, t in subjects.items() if crowd is None or s in crowd]
            yield group, merge(measure.op, inside)
        for subject, tally in subjects.items():
            if subject is not None and subject in query.divisions:
                divided[query.divisions[subject]].append(tally)
        yield from ((group, merge(measure.op, inside)) for group, inside in divided.items())
