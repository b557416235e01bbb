"""What an engine answers, where several people share a record: for any engine, the same.

The engine below is asked as if those who share records were somebody of their own (the subject of
an `Ownership` with `parts`). What it tells of these is then given to each of them: of a sum the
part by the share, of anything else the whole record. Together a record counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.measure.query import (
    Answer,
    Credit,
    Engine,
    GroupId,
    Measure,
    Members,
    Query,
    RecordQuery,
    RecordRow,
    Slice,
    SliceId,
    Tally,
)
from kpictl.people.credit import divided
from kpictl.values import SubjectId

Shared = Mapping[SubjectId, tuple[Credit, ...]]
_OF = "\x00of:"


class CreditEngine(Struct, frozen=True):
    """Answers of another engine, with the credit for shared records given to each; see
    `measure.query.Engine`."""

    inner: Engine

    def answer(self, query: Query) -> Answer:
        shared = _shared(query)
        if not shared:
            return self.inner.answer(query)
        asked = _asked(query, shared)
        found = self.inner.answer(asked)
        subjects: dict[str, dict[SliceId, dict[SubjectId | None, Tally]]] = {}
        groups: dict[str, dict[SliceId, dict[GroupId, Tally]]] = {}
        for measure in query.measures:
            subjects[measure.name], groups[measure.name] = {}, {}
            for one_slice in query.slices:
                told = _Told(query, shared, one_slice.id, found, measure)
                rows = self._rows(asked, measure, one_slice, shared) if measure.divided else []
                subjects[measure.name][one_slice.id] = told.subjects(rows)
                groups[measure.name][one_slice.id] = told.groups(rows)
        return replace(found, subjects=subjects, groups=groups)

    def records(self, request: RecordQuery) -> list[RecordRow]:
        shared = _shared(request.query)
        rows = self.inner.records(_expanded(request, shared))
        if not shared:
            return rows
        return [_credited(request, row) for row in rows]

    def count(self, request: RecordQuery) -> int:
        return self.inner.count(_expanded(request, _shared(request.query)))

    def _rows(
        self, asked: Query, measure: Measure, one_slice: Slice, shared: Shared
    ) -> list[tuple[tuple[Credit, ...], Fraction]]:
        """Return the numbers of shared records in a slice, with who shares them."""
        whose = frozenset(shared)
        found = self.inner.records(RecordQuery(asked, measure, one_slice, subjects=whose))
        return [
            (_credits(asked, measure.by, row), Fraction(row.value))
            for row in found
            if isinstance(row.value, Decimal)
        ]


Rows = Iterable[tuple[tuple[Credit, ...], Fraction]]


class _Told(Struct, frozen=True):
    """What the engine below told of one measure in one slice."""

    query: Query
    shared: Shared
    slice_id: SliceId
    answer: Answer
    measure: Measure

    def subjects(self, rows: Rows) -> dict[SubjectId | None, Tally]:
        """Return the tallies of everybody, with the credit for what they share."""
        own = self.answer.subjects[self.measure.name][self.slice_id]
        found = {s: tally for s, tally in own.items() if s not in self.shared}
        everybody = {one.subject for sharing in self.shared.values() for one in sharing}
        for subject in sorted(everybody):
            tally = self.answer.groups[self.measure.name][self.slice_id][_OF + subject]
            if not (tally.n or tally.no_value):
                continue
            if self.measure.divided and tally.n:
                alone = found.get(subject, Tally()).total or Fraction(0)
                credited = sum((_part(c, v, {subject}) for c, v in rows), Fraction(0))
                tally = replace(tally, total=alone + credited)
            found[subject] = tally
        return found

    def groups(self, rows: Rows) -> dict[GroupId, Tally]:
        """Return the tallies of groups, in which a shared record is once, by the shares of those
        inside."""
        found = {}
        told = self.answer.groups[self.measure.name][self.slice_id]
        for group, members in _groups(self.query).items():
            tally = told[group]
            if members is not None and self.measure.divided and tally.total is not None:
                inside = members.get(self.slice_id, frozenset())
                whole = (v for c, v in rows if _touches(c, inside))
                parts = sum((_part(c, v, inside, overlay=False) for c, v in rows), Fraction(0))
                tally = replace(tally, total=tally.total - sum(whole, Fraction(0)) + parts)
            found[group] = tally
        return found


def _shared(query: Query) -> Shared:
    """Return who shares records, by the subject that stands for them together."""
    return {
        own.subject: own.parts
        for owners in query.owners.values()
        for several in owners.values()
        for own in several
        if own.parts
    }


def _groups(query: Query) -> dict[GroupId, Members | None]:
    """Return all groups, the divisions among them, with their members by slice."""
    divided_: dict[GroupId, set[SubjectId]] = {}
    for subject, group in query.divisions.items():
        divided_.setdefault(group, set()).add(subject)
    found: dict[GroupId, Members | None] = dict(query.groups)
    for group, members in divided_.items():
        found[group] = dict.fromkeys((s.id for s in query.slices), frozenset(members))
    return found


def _asked(query: Query, shared: Shared) -> Query:
    """Return the query in which those who share are somebody of their own."""
    groups: dict[GroupId, Members | None] = {}
    for group, members in _groups(query).items():
        groups[group] = members and {one: _with(m, shared) for one, m in members.items()}
    for subject in {one.subject for sharing in shared.values() for one in sharing}:
        whole = frozenset({subject, *(h for h, c in shared.items() if _has(c, subject))})
        groups[_OF + subject] = dict.fromkeys((s.id for s in query.slices), whole)
    return replace(query, groups=groups, divisions={})


def _with(members: frozenset[SubjectId], shared: Shared) -> frozenset[SubjectId]:
    return members | {holder for holder, sharing in shared.items() if _touches(sharing, members)}


def _touches(sharing: tuple[Credit, ...], members: Iterable[SubjectId | None]) -> bool:
    """Say whether a shared record belongs to a group: by more than overlay credit."""
    return any(one.subject in members for one in sharing if not one.overlay)


def _has(sharing: tuple[Credit, ...], subject: SubjectId) -> bool:
    return any(one.subject == subject for one in sharing)


def _part(
    sharing: tuple[Credit, ...],
    value: Fraction,
    subjects: Iterable[SubjectId | None],
    *,
    overlay: bool = True,
) -> Fraction:
    """Return what some subjects have of the number of a shared record."""
    inside = [one for one in sharing if one.subject in subjects]
    if any(one.overlay for one in inside):
        return value if overlay else Fraction(0)
    split = {one.holder: one.share for one in sharing if not one.overlay}
    if not split:
        return Fraction(0)
    parts = divided(value, list(split.values()))
    whose = {one.holder for one in inside}
    return sum((p for one, p in zip(split, parts, strict=True) if one in whose), Fraction(0))


def _credits(query: Query, by: str, row: RecordRow) -> tuple[Credit, ...]:
    """Return who shares a record; () where nobody does."""
    for own in query.owners.get(by, {}).get(str(row.owner), ()):
        if own.parts and (not own.bounded or own.holds(_instant(row.moment, query.zone))):
            return own.parts
    return ()


def _instant(moment: date | datetime | None, zone: ZoneInfo) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment or date.max, time.min, zone).astimezone(UTC)


def _expanded(request: RecordQuery, shared: Shared) -> RecordQuery:
    """Return a request that asks for shared records too."""
    if request.subjects is None or not shared:
        return request
    holders = {
        h for h, sharing in shared.items() if any(c.subject in request.subjects for c in sharing)
    }
    return replace(request, subjects=request.subjects | holders)


def _credited(request: RecordQuery, row: RecordRow) -> RecordRow:
    """Return a record with what those who are asked for have of it."""
    sharing = _credits(request.query, request.measure.by, row)
    subjects = request.subjects
    if subjects is None or not sharing:
        return row
    inside = [one for one in sharing if one.subject in subjects]
    overlay = any(one.overlay for one in inside)
    shares = {one.holder: one.share for one in inside}
    share = Fraction(1) if overlay else sum(shares.values(), Fraction(0))
    if not request.measure.divided or not isinstance(row.value, Decimal):
        return replace(row, share=share)
    part = _part(sharing, Fraction(row.value), subjects)
    number = Decimal(part.numerator) / Decimal(part.denominator)
    return replace(row, value=number, share=share, whole=row.value)
