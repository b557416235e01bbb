"""The readable definition of every operation: loops over records in plain Python.

Slow and obvious; it judges DuckDB in tests. Records are mappings from field to value as
`kpictl.expressions.evaluate` takes them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from kpictl.expressions.evaluate import Record, evaluate
from kpictl.expressions.money import original_of
from kpictl.query import UNKNOWN, Answer, GroupId, Link, Measure, Op, Query, Tally, total_of

Entities = Mapping[str, Sequence[Record]]


def answer(query: Query, entities: Entities, ident: str = "id") -> Answer:
    """Answer a query from records in memory."""
    by_subject: dict[str, dict[str | None, Tally]] = {}
    by_group: dict[str, dict[GroupId, Tally]] = {}
    undated: dict[str, int] = {}
    for measure in query.measures:
        chosen: dict[str | None, list[Record]] = {}
        undated[measure.name] = 0
        for record in entities[query.entity]:
            if not _fits(measure, record, query.zone):
                continue
            moment = record.get(measure.when)
            if moment is None:
                undated[measure.name] += 1
            elif _in_period(measure, moment, query):
                chosen.setdefault(_subject(measure, record, query), []).append(record)
        hits = _hits(measure, entities, query, ident)
        by_subject[measure.name] = {
            subject: _tally(measure, records, query, hits) for subject, records in chosen.items()
        }
        by_group[measure.name] = {
            group: _tally(measure, _together(chosen, members), query, hits)
            for group, members in {**query.groups, **_parts(query)}.items()
        }
    return Answer(by_subject, by_group, undated)


def _parts(query: Query) -> dict[GroupId, frozenset[str]]:
    return {
        part: frozenset(s for s, p in query.parts.items() if p == part)
        for part in query.parts.values()
    }


def _fits(measure: Measure, record: Record, zone: ZoneInfo) -> bool:
    return measure.where is None or evaluate(measure.where.tree, record, zone) is True


def _in_period(measure: Measure, moment: date | datetime, query: Query) -> bool:
    if measure.monthly and _last_of_month(moment) > query.period.last:
        return False
    if isinstance(moment, datetime):
        return query.period.start <= moment < query.end
    return query.period.first <= moment < query.end_day


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _subject(measure: Measure, record: Record, query: Query) -> str | None:
    text = record.get(measure.by)
    return None if text is None else query.subjects[measure.by].get(str(text), UNKNOWN)


def _together(
    chosen: Mapping[str | None, list[Record]], members: frozenset[str] | None
) -> list[Record]:
    return [
        record
        for subject, records in chosen.items()
        if members is None or subject in members
        for record in records
    ]


def _tally(
    measure: Measure, records: Iterable[Record], query: Query, hits: Mapping[Any, list[datetime]]
) -> Tally:
    found = list(records)
    if measure.op is Op.COUNT:
        return Tally(len(found), Fraction(len(found)))
    if measure.op is Op.HITS:
        return _converted(measure, found, query, hits)
    assert measure.value is not None  # noqa: S101  every other operation has one
    values = [evaluate(measure.value.tree, record, query.zone) for record in found]
    present = [value for value in values if value is not None]
    no_value = len(values) - len(present)
    no_rate = sum(
        1
        for record, value in zip(found, values, strict=True)
        if value is None
        and any(
            record.get(field) is None and record.get(original_of(field)) is not None
            for field in measure.converted
        )
    )
    return Tally(len(present), _total(measure, present), no_value, no_rate)


def _total(measure: Measure, values: list[Any]) -> Fraction | None:
    if measure.op is Op.DISTINCT:
        return Fraction(len(set(values)))
    return total_of(measure, values)


def _hits(
    measure: Measure, entities: Entities, query: Query, ident: str
) -> Mapping[Any, list[datetime]]:
    """Return the moments of success by the id of the record they follow from."""
    del ident
    link = measure.link
    moments: dict[Any, list[datetime]] = {}
    for record in entities[link.entity] if link else ():
        assert link is not None  # noqa: S101  the loop is empty without it
        moment = record.get(link.when)
        fits = link.where is None or evaluate(link.where.tree, record, query.zone) is True
        if fits and moment is not None and record.get(link.via) is not None:
            instant = _instant(moment, query.zone)
            if instant < query.as_of:
                moments.setdefault(record[link.via], []).append(instant)
    return moments


def _converted(
    measure: Measure, records: list[Record], query: Query, hits: Mapping[Any, list[datetime]]
) -> Tally:
    link = measure.link
    assert link is not None  # noqa: S101  HITS has one
    count = immature = 0
    for record in records:
        start = _instant(record[measure.when], query.zone)
        end = start + timedelta(seconds=link.within)
        day = datetime.combine(start.astimezone(query.zone).date(), time.min, query.zone)
        moments = hits.get(record.get("id"), ())
        if any((start <= m or m == day) and m < end for m in moments):
            count += 1
        elif end > query.horizon:
            immature += 1
    return Tally(len(records), Fraction(count), immature=immature)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC, where a window is as long on the day that clocks change."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min, zone)
    return moment.astimezone(UTC)


__all__ = ["Link", "answer"]
