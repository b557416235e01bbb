"""What must be known of all records, also those that no number of this period needs.

How many there are and whether any stands twice, whose names occur, and how far the dates reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from kpictl.expressions import Type
from kpictl.sources import cells, gather
from kpictl.sources.base import Rhythm, rhythm

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.sources.loading import Job

# The date that moves last is enough to see how far the records reach.
REACH = ("modified_at", "moved_at", "created_at")
# Dates that people plan ahead say nothing about it.
_PLANNED = frozenset({"close_date", "begins_on", "birth_date"})


@dataclass(frozen=True, slots=True)
class Survey:
    """`total` lines, of which `filled` have an id, of which `different` are different; the texts of
    each owner field, sorted; the latest moment (aware)."""

    total: int
    filled: int
    different: int
    latest: datetime | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rhythm: Rhythm | None = None

    @property
    def single(self) -> bool:
        """Whether every line is a record of its own."""
        return self.total == self.filled == self.different


def survey(job: Job, owners: frozenset[str]) -> Survey:
    """Look over the gathered lines of an entity."""
    key = job.found.entity.id
    ident = gather.raw_column(key) if key in job.fields else None
    total, filled, different = _row(
        job,
        f"SELECT count(*), count({ident or 1}), count(DISTINCT {ident or 1}) "
        f"FROM {gather.table(job)}",
    )
    latest = _latest(job)
    if ident is None:
        filled = different = total
    texts = {owner: _texts(job, owner) for owner in sorted(owners)}
    until = latest.replace(tzinfo=UTC) if latest else None
    return Survey(total, filled, different, until, texts, _rhythm(job, until))


def _row(job: Job, query: str) -> tuple[Any, ...]:
    row = job.connection.execute(query).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    found: tuple[Any, ...] = row
    return found


def _texts(job: Job, owner: str) -> tuple[str, ...]:
    """Return the different texts of an owner field, trimmed as `cells` trims them."""
    rows = job.connection.execute(
        f"SELECT DISTINCT {gather.raw_column(owner)} FROM {gather.table(job)}"
    ).fetchall()
    trimmed = {row[0].strip(cells.SPACES) for row in rows if row[0] is not None}
    return tuple(sorted(trimmed - {""}))


def _latest(job: Job) -> datetime | None:
    """Return the latest moment (naive, UTC) of all lines, each file's dates read in its manner."""
    from kpictl.sources.loading import alike, of_parts, reading

    found: list[datetime] = []
    moments = _moments(job)
    for part, indexes in alike(job) if moments else ():
        reads = [
            f"max(cell_utc(CAST({reading(job, part, m)} AS TIMESTAMP)))"
            if m.type is Type.DATE
            else f"max({reading(job, part, m)})"
            for m in moments
        ]
        row = _row(
            job, f"SELECT {', '.join(reads)} FROM {gather.table(job)} WHERE {of_parts(indexes)}"
        )
        found.extend(moment for moment in row if moment is not None)
    return max(found, default=None)


def _rhythm(job: Job, latest: datetime | None) -> Rhythm | None:
    """Return on which days records come, where they end before the windows do; all lines count,
    each file's dates read in its manner."""
    from kpictl.sources.loading import alike, of_parts, reading

    moments = _moments(job)
    windowed = [m for m in moments if m.name in {w.field for w in job.windows}] or moments
    end = max((w.end for w in job.windows), default=None)
    if end is None or not moments:
        return None
    if latest is not None and latest >= end and len(windowed) == len(moments):
        return None
    days: set[date] = set()
    for part, indexes in alike(job):
        for moment in windowed:
            read = reading(job, part, moment)
            day = read if moment.type is Type.DATE else f"cell_day({read})"
            rows = job.connection.execute(
                f"SELECT DISTINCT {day} FROM {gather.table(job)} WHERE {of_parts(indexes)}"
            ).fetchall()
            days.update(row[0] for row in rows if row[0] is not None)
    return rhythm(days)


def _moments(job: Job) -> list[Field]:
    """Return the fields by which the reach is seen: the latest of a CRM's own, else all dates."""
    for known in REACH:
        if known in job.gathered and job.found.entity.known:
            return [job.gathered[known]]
    found = [f for f in job.fields.values() if f.type in (Type.DATE, Type.DATETIME)]
    if not job.found.entity.known:
        return found
    return [f for f in found if f.name not in _PLANNED] or found
