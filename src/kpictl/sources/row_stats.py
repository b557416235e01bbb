"""What must be known of all records, also those that no number of this period needs.

How many there are and whether any stands twice, whose names occur, and how far the dates reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.expressions import Type
from kpictl.naming import trim
from kpictl.sources import derive, far_dates, stage_rows
from kpictl.sources.base import Rhythm, rhythm
from kpictl.sources.job import REACH

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.sources.job import FileLoad

# Dates that people plan ahead say nothing about it.
_PLANNED = frozenset({"close_date", "begins_on", "birth_date"})

# Ids of a year are sparse among those of all years; a text in a hash table takes 200 bits and more.
_BITS_A_LINE = 64
# More than these `bitstring_agg` refuses.
_MOST_BITS = 1_000_000_000


class LineCount(Struct, frozen=True):
    """`total` lines, of which `filled` have an id, of which `different` are different."""

    total: int
    filled: int
    different: int

    @property
    def single(self) -> bool:
        """Whether every line is a record of its own."""
        return self.total == self.filled == self.different


def count_lines(job: FileLoad) -> LineCount:
    """Count the gathered lines of an entity, and their ids; without an id each line is its own."""
    table, key = stage_rows.table(job), job.found.entity.id
    if key not in job.fields:
        (total,) = _row(job, f"SELECT count(*) FROM {table}")
        return LineCount(total, total, total)
    ids = stage_rows.raw_column(key)
    return _numbered(job, table, ids) or _texts(job, table, ids)


def _texts(job: FileLoad, table: str, ids: str) -> LineCount:
    # Two texts that are one id once trimmed are one record: counted raw, it would count twice.
    idents = f"SELECT cell_text({ids}) AS ident FROM {table}"  # trimmed once, for both counts
    return LineCount(
        *_row(job, f"SELECT count(*), count(ident), count(DISTINCT ident) FROM ({idents})")
    )


def _numbered(job: FileLoad, table: str, ids: str) -> LineCount | None:
    """Count lines whose ids are numbers, no two the same, as in most exports of a CRM: a bit for
    each number takes half the time of a table of texts. Texts of different numbers differ."""
    numbers = f"SELECT try_cast({ids} AS UINTEGER) AS number FROM {table}"
    total, read, low, high = _row(
        job, f"SELECT count(*), count(number), min(number), max(number) FROM ({numbers})"
    )
    if not total or read < total or high - low >= min(_BITS_A_LINE * total, _MOST_BITS):
        return None
    bits = f"bit_count(bitstring_agg(number, {low}, {high}))"
    (different,) = _row(job, f"SELECT {bits} FROM ({numbers})")
    return LineCount(total, total, total) if different == total else None


class Survey(Struct, frozen=True):
    """The latest moment (aware) of all lines; the texts of each owner field, sorted; on which days
    records come, where that is asked."""

    latest: datetime | None = None
    texts: Mapping[str, tuple[str, ...]] = {}
    rhythm: Rhythm | None = None


def survey(job: FileLoad, owners: frozenset[str]) -> Survey:
    """Look over the gathered lines of an entity."""
    latest, beyond = _latest(job)
    if beyond:
        far_dates.note(job, _moments(job))
    table = stage_rows.table(job)
    texts = {owner: texts_of(job, table, stage_rows.raw_column(owner)) for owner in sorted(owners)}
    until = latest.replace(tzinfo=UTC) if latest else None
    return Survey(until, texts, _rhythm(job, until))


def _row(job: FileLoad, query: str) -> tuple[Any, ...]:
    row = job.connection.execute(query).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    found: tuple[Any, ...] = row
    return found


def texts_of(job: FileLoad, table: str, owner: str) -> tuple[str, ...]:
    """Return the different texts of a column of owners, trimmed as `cells` trims them."""
    rows = job.connection.execute(f"SELECT DISTINCT {owner} FROM {table}").fetchall()
    trimmed = {trim(row[0]) for row in rows if row[0] is not None}
    return tuple(sorted(trimmed - {""}))


def _latest(job: FileLoad) -> tuple[datetime | None, bool]:
    """Return the latest moment (naive, UTC) of all lines before the as-of moment, each file's dates
    read in its manner, and whether any bears a later one."""
    found: list[datetime] = []
    beyond = False
    fields = _moments(job)
    until = far_dates.until(job)
    for part, indexes in stage_rows.alike(job) if fields else ():
        reads, asked = [], []
        for place, moment in enumerate(fields):
            read = stage_rows.reading(job, part, moment)
            at = f"cell_utc(CAST({read} AS TIMESTAMP))" if moment.type is Type.DATE else read
            reads.append(f"{at} AS m{place}")
            asked.append(f"max(m{place}) FILTER (m{place} < {until}), max(m{place})")
        row = _row(
            job,
            f"SELECT {', '.join(asked)} FROM (SELECT {', '.join(reads)} "
            f"FROM {stage_rows.table(job)} WHERE {stage_rows.of_parts(indexes)})",
        )
        found.extend(moment for moment in row[::2] if moment is not None)
        beyond = beyond or row[::2] != row[1::2]
    return max(found, default=None), beyond


def _rhythm(job: FileLoad, latest: datetime | None) -> Rhythm | None:
    """Return on which days records come, where they end before the windows do; all lines count,
    each file's dates read in its manner."""
    fields = _moments(job)
    windowed = [m for m in fields if m.name in {w.field for w in job.windows}] or fields
    end = max((w.end for w in job.windows), default=None)
    if end is None or not fields:
        return None
    if latest is not None and latest >= end and len(windowed) == len(fields):
        return None
    last = far_dates.last_day(job)
    days: set[date] = set()
    for moment in windowed:
        days.update(far_dates.days(job, moment))
    return rhythm(day for day in days if last is None or day <= last)


def _moments(job: FileLoad) -> list[Field]:
    """Return the fields by which the reach is seen: the latest of a CRM's own, else all dates."""
    for known in REACH:
        if known in job.gathered and job.found.entity.known:
            return [job.gathered[known]]
    aside = derive.read_aside(job.found.schema, job.request)
    meant = [f for name, f in job.fields.items() if name not in aside]
    found = [f for f in meant if f.type in (Type.DATE, Type.DATETIME)]
    if not job.found.entity.known:
        return found
    return [f for f in found if f.name not in _PLANNED] or found
