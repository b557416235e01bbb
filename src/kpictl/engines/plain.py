"""The readable definition of every operation: loops over records in plain Python.

Slow and obvious; it judges DuckDB in tests. Records are mappings from field to value as
`kpictl.expressions.evaluate` takes them, with the file and the line where they stand as `part` and
`line`, which no field can be called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import Record, evaluate, instant
from kpictl.expressions.money import original_of
from kpictl.measure.query import (
    UNKNOWN,
    Answer,
    GroupId,
    Measure,
    Op,
    Query,
    RecordQuery,
    RecordRow,
    Slice,
    Success,
    Tally,
    squares_of,
    total_of,
)
from kpictl.values import SubjectId

Entities = Mapping[str, Sequence[Record]]
PART, LINE = "\x00part", "\x00line"


class PlainEngine(Struct, frozen=True, dict=True):
    """Answers from records in memory; see `measure.query.Engine`."""

    entities: Entities

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], dict[str | None, list[Record]]]:
        """The records of an entity by a field that refers to another, as they were asked for."""
        return {}

    def answer(self, query: Query) -> Answer:
        subjects: dict[str, dict[str, dict[SubjectId | None, Tally]]] = {}
        groups: dict[str, dict[str, dict[GroupId, Tally]]] = {}
        undated: dict[str, int] = {}
        for measure in query.measures:
            fitting = {
                as_of: self._fitting(query, measure, as_of)
                for as_of in {one_slice.as_of for one_slice in query.slices}
            }
            records = fitting[max(fitting)]
            undated[measure.name] = sum(1 for r in records if r.get(measure.when) is None)
            subjects[measure.name], groups[measure.name] = {}, {}
            for one_slice in query.slices:
                chosen: dict[SubjectId | None, list[Record]] = {}
                for record in fitting[one_slice.as_of]:
                    if _lies_in(one_slice, measure, record, query.zone):
                        chosen.setdefault(_subject(measure, record, query), []).append(record)
                subjects[measure.name][one_slice.id] = {
                    subject: self._tally(query, measure, one_slice, records)
                    for subject, records in chosen.items()
                }
                groups[measure.name][one_slice.id] = {
                    group: self._tally(query, measure, one_slice, _together(chosen, members))
                    for group, members in _groups(query, one_slice).items()
                }
        return Answer(subjects, groups, undated)

    def _fitting(self, query: Query, measure: Measure, as_of: datetime) -> list[Record]:
        context = query.context(measure.by, as_of)
        return [r for r in self.entities[query.entity] if _fits(measure, r, context)]

    def records(self, request: RecordQuery) -> list[RecordRow]:
        measure = request.measure
        chosen = list(self._chosen(request))

        def place(record: Record) -> tuple[Any, ...]:
            ident = record.get("id")
            return (record[PART], record[LINE]) if ident is None else (len(ident), ident)

        chosen.sort(key=place)
        if not request.by_id:
            chosen.sort(key=lambda record: _order(record.get(measure.when)))
        limit = len(chosen) if request.limit is None else request.limit
        first = max(len(chosen) - limit, 0) if request.last else 0
        return [self._row(request, record) for record in chosen[first : first + limit]]

    def count(self, request: RecordQuery) -> int:
        return sum(1 for _ in self._chosen(request))

    def _chosen(self, request: RecordQuery) -> Iterator[Record]:
        query, context = request.query, _context(request)
        for record in self.entities[request.measure.entity]:
            if request.subjects is not None:
                subject = _subject(request.measure, record, query)
                if subject not in request.subjects:
                    continue
            only = request.only is None or evaluate(request.only, record, context) is True
            if only and _is_meant(request, record):
                yield record

    def _row(self, request: RecordQuery, record: Record) -> RecordRow:
        measure, context = request.measure, _context(request)
        value = None if measure.value is None else evaluate(measure.value.tree, record, context)
        hit, success = None, None
        if measure.link is not None:
            hits = sorted(self._hits(request.query, measure, request.slice, record), key=_first)
            hit, success = bool(hits), hits[0] if hits else None
        return RecordRow(
            moment=_utc(record.get(measure.when)),
            owner=record.get(measure.by),
            value=_utc(value),
            fields={name: _utc(record.get(name)) for name in request.fields},
            hit=hit,
            success=success,
            part=record.get(PART, 0) if request.lines else 0,
            line=record.get(LINE, 0) if request.lines else 0,
            open=_is_open(measure, record, context),
        )

    def _tally(
        self, query: Query, measure: Measure, one_slice: Slice, records: list[Record]
    ) -> Tally:
        context = query.context(measure.by, one_slice.as_of)
        if measure.op is Op.COUNT:
            waiting = sum(1 for record in records if _is_open(measure, record, context))
            return Tally(len(records), Fraction(len(records)), open=waiting)
        if measure.op is Op.LINKED:
            return self._converted(query, measure, one_slice, records)
        assert measure.value is not None  # noqa: S101  every other operation has one
        values = [evaluate(measure.value.tree, record, context) for record in records]
        present = [value for value in values if value is not None]
        lacking = [r for r, value in zip(records, values, strict=True) if value is None]
        no_rate = sum(1 for record in lacking if _lacks_rate(measure, record))
        distinct = measure.op is Op.DISTINCT
        total = Fraction(len(set(present))) if distinct else total_of(measure, present)
        squares = None if distinct else squares_of(measure, present)
        waiting = sum(
            1
            for record, value in zip(records, values, strict=True)
            if value is not None and _is_open(measure, record, context)
        )
        return Tally(len(present), total, len(lacking), no_rate, squares=squares, open=waiting)

    def _converted(
        self, query: Query, measure: Measure, one_slice: Slice, records: list[Record]
    ) -> Tally:
        assert measure.link is not None  # noqa: S101  LINKED has one
        count = immature = 0
        for record in records:
            end = instant(record[measure.when], query.zone) + timedelta(seconds=measure.link.within)
            if any(True for _ in self._hits(query, measure, one_slice, record)):
                count += 1
            elif end > one_slice.horizon:
                immature += 1
        return Tally(len(records), Fraction(count), immature=immature)

    def _hits(
        self, query: Query, measure: Measure, one_slice: Slice, record: Record
    ) -> Iterator[Success]:
        """Yield what followed a record within its window, as far as it was known."""
        link, zone = measure.link, query.zone
        assert link is not None  # noqa: S101  LINKED has one
        if record.get(measure.when) is None or record.get("id") is None:
            return
        start = instant(record[measure.when], zone)
        end = start + timedelta(seconds=link.within)
        context = query.linked_context(link, one_slice.as_of)
        day = datetime.combine(start.astimezone(zone).date(), time.min, zone).astimezone(UTC)
        for other in self._referring(link.entity, link.via).get(key_text(record["id"]), ()):
            if other.get(link.when) is None:
                continue
            if link.where is not None and evaluate(link.where.tree, other, context) is not True:
                continue
            moment = instant(other[link.when], zone)
            if moment < one_slice.as_of and (start <= moment or moment == day) and moment < end:
                yield Success(other.get("id"), moment)

    def _referring(self, entity: str, field_name: str) -> Mapping[str | None, Sequence[Record]]:
        """Return the records of an entity by the id that a field of theirs holds."""
        if (entity, field_name) not in self._by_key:
            index: dict[str | None, list[Record]] = {}
            for record in self.entities[entity]:
                index.setdefault(key_text(record.get(field_name)), []).append(record)
            self._by_key[entity, field_name] = index
        return self._by_key[entity, field_name]


def key_text(value: Any) -> str | None:
    """Return the id that a field holds: of a number its digits, without zeros at its end."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def _first(success: Success) -> tuple[datetime, str]:
    return success.moment, success.id or ""


def _is_meant(request: RecordQuery, record: Record) -> bool:
    measure, context = request.measure, _context(request)
    moment = record.get(measure.when)
    inside = _lies_in(request.slice, measure, record, context.zone)
    if request.reason == "fails":
        failing = request.failing
        return inside and failing is not None and evaluate(failing, record, context) is not True
    if not _fits(measure, record, context):
        return False
    if request.reason == "no_date":
        return moment is None
    if request.reason in ("before", "after"):
        return moment is not None and _beside(request, moment)
    return inside and _lacks(request, record)


def _lacks(request: RecordQuery, record: Record) -> bool:
    measure = request.measure
    if request.reason == "counted":
        return True
    if request.reason == "no_owner":
        return record.get(measure.by) is None
    value: Any = 1
    if measure.value is not None:
        value = evaluate(measure.value.tree, record, _context(request))
    return value is None and _lacks_rate(measure, record) == (request.reason == "no_rate")


def _beside(request: RecordQuery, moment: date | datetime) -> bool:
    one_slice, before = request.slice, request.reason == "before"
    if isinstance(moment, datetime):
        return moment < one_slice.start if before else moment >= one_slice.end
    first, end = one_slice.days(request.query.zone)
    return moment < first if before else moment >= end


def _lacks_rate(measure: Measure, record: Record) -> bool:
    return any(
        record.get(name) is None and record.get(original_of(name)) is not None
        for name in measure.converted
    )


def _groups(query: Query, one_slice: Slice) -> dict[GroupId, frozenset[SubjectId] | None]:
    """Return who is taken together in a slice; None takes all records."""
    divided: dict[GroupId, frozenset[SubjectId] | None] = {
        group: frozenset(s for s, g in query.divisions.items() if g == group)
        for group in query.divisions.values()
    }
    groups = {
        group: None if members is None else members.get(one_slice.id, frozenset())
        for group, members in query.groups.items()
    }
    return {**groups, **divided}


def _context(request: RecordQuery) -> Context:
    return request.query.context(request.measure.by, request.slice.as_of)


def _fits(measure: Measure, record: Record, context: Context) -> bool:
    return measure.where is None or evaluate(measure.where.tree, record, context) is True


def _is_open(measure: Measure, record: Record, context: Context) -> bool:
    return measure.open is not None and evaluate(measure.open.tree, record, context) is True


def _lies_in(one_slice: Slice, measure: Measure, record: Record, zone: ZoneInfo) -> bool:
    moment = record.get(measure.when)
    if moment is None:
        return False
    if isinstance(moment, datetime):
        return one_slice.start <= moment < one_slice.end
    monthly = measure.monthly
    first, end = one_slice.months(zone, measure.months) if monthly else one_slice.days(zone)
    return bool(first <= moment < end)


def _subject(measure: Measure, record: Record, query: Query) -> SubjectId | None:
    text = record.get(measure.by)
    if text is None:
        return None
    several, moment = query.owners[measure.by].get(str(text), ()), record.get(measure.when)
    for own in several:
        if not own.bounded or (moment is not None and own.holds(instant(moment, query.zone))):
            return own.subject
    return UNKNOWN


def _together(
    chosen: Mapping[SubjectId | None, list[Record]], members: frozenset[SubjectId] | None
) -> list[Record]:
    return [
        record
        for subject, records in chosen.items()
        if members is None or subject in members
        for record in records
    ]


def _order(moment: date | datetime | None) -> tuple[bool, Any]:
    """Return a key by which those without a moment come last."""
    return moment is None, _utc(moment) if moment is not None else 0


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
