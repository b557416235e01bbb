"""Dates that stand alone, far behind the moment up to which there can be records: 2042 for 2024.

They must not say how far the data reach. Those that merely go on after that moment are no mistake:
a file may have grown since, or hold what is planned.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from kpictl.errors import Problem
from kpictl.expressions import Type
from kpictl.naming import trim
from kpictl.sources import moments, stage_rows
from kpictl.tables import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpictl.catalog import Field
    from kpictl.sources.job import FileLoad
    from kpictl.sources.parts import FilePart

SILENCE = timedelta(days=92)
"""What lies behind so many days without any record is no continuation."""
SHOWN = 5


def until(job: FileLoad) -> str:
    """Return as SQL the moment (naive, UTC) before which there can be records."""
    as_of = job.request.as_of
    if as_of is None:
        return "TIMESTAMP 'infinity'"
    return f"TIMESTAMP '{as_of.astimezone(UTC).replace(tzinfo=None)}'"


def last_day(job: FileLoad) -> date | None:
    """Return the last day, in the company's zone, on which there can be records."""
    as_of = job.request.as_of
    if as_of is None:
        return None
    return (as_of - timedelta(microseconds=1)).astimezone(_zone(job)).date()


def _zone(job: FileLoad) -> ZoneInfo:
    [(key,)] = job.connection.execute("SELECT current_setting('TimeZone')").fetchall()
    return ZoneInfo(key)


def days(job: FileLoad, field: Field) -> set[date]:
    """Return the days that all lines have in a field, each file's read in its manner."""
    found: set[date] = set()
    for part, indexes in stage_rows.alike(job):
        day, read = "moment", stage_rows.reading(job, part, field)
        if field.type is not Type.DATE:
            # The zone is asked once a quarter of an hour: since 1970 every midnight begins one.
            day, read = "cell_day(moment)", f"time_bucket(INTERVAL 15 MINUTE, {read})"
        moments_ = f"SELECT DISTINCT {read} AS moment FROM {stage_rows.table(job)}"
        answer = job.connection.execute(
            f"SELECT DISTINCT {day} FROM ({moments_} WHERE {stage_rows.of_parts(indexes)})"
        ).fetchall()
        found.update(row[0] for row in answer if row[0] is not None)
    return found


def note(job: FileLoad, fields: Iterable[Field]) -> None:
    """Warn of the dates that lie far behind the as-of day, each with its place."""
    last = last_day(job)
    if last is None:
        return
    for field in fields:
        known = days(job, field)
        before = [day for day in known if day <= last]
        end = max(before, default=last)
        far: set[date] = set()
        for day in sorted(known - set(before)):
            if far or day - max(end, last) > SILENCE:
                far.add(day)
            end = day
        if far:
            _show(job, field, far)


def _show(job: FileLoad, field: Field, far: set[date]) -> None:
    zone, shown, more = _zone(job), 0, 0
    for part in job.found.parts:
        columns = part.matched.columns.get(field.name, ())
        years = {f"{day.year % 100:02}" for day in far}
        for line, record in rows(part.file) if columns else ():
            value = " ".join(trim(record[c]) for c in columns).strip()
            if (
                not any(year in value for year in years)
                or _day(part, field, value, zone) not in far
            ):
                continue
            place = part.file.at(line, columns[0])
            caption = " + ".join(part.file.header[c] for c in columns)
            data = {"field": field.name, "caption": caption, "as_of": last_day(job)}
            more += shown >= SHOWN
            if shown < SHOWN:
                job.notes.append(
                    Problem("source.far_date", place, {**data, "value": value[:80]}, "warning")
                )
                shown += 1
    if more:
        caption = field.captions[0] if field.captions else field.name
        rest = {"caption": caption, "more": more}
        job.notes.append(Problem("source.more_far_dates", None, rest, "warning"))


def _day(part: FilePart, field: Field, value: str, zone: ZoneInfo) -> date | None:
    manner = replace(part.manner(field.name), whole=False)
    moment = moments.read_as(value, manner.how)
    if moment is None:
        return None
    return moment.month() if moment.written == "month" else moment.day(zone)
