"""What must be known of all records, also those that no number of this period needs.

One pass over the files that keeps nothing: how many records there are and whether any stands
twice, whose names occur, and how far the dates reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kpictl.expressions import Type
from kpictl.tables import duckdb_scan

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.sources.loading import Job

# The date that moves last is enough to see how far the records reach.
_REACH = ("modified_at", "moved_at", "created_at")
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

    @property
    def single(self) -> bool:
        """Whether every line is a record of its own."""
        return self.total == self.filled == self.different


def survey(job: Job, owners: frozenset[str]) -> Survey:
    """Look over the files of an entity."""
    names = sorted(owners)
    inner = " UNION ALL ".join(_selects(job, names))
    if not inner:
        return Survey(0, 0, 0, texts=dict.fromkeys(names, ()))
    ident = "i" if _ident(job) else "NULL"
    lists = "".join(f", list(DISTINCT w{k}) FILTER (w{k} IS NOT NULL)" for k in range(len(names)))
    row = job.connection.execute(
        f"SELECT count(*), count({ident}), count(DISTINCT {ident}), max(m){lists} FROM ({inner})"
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    total, filled, different, latest, *found = row
    if not _ident(job):
        filled = different = total
    texts = {n: tuple(sorted(t or ())) for n, t in zip(names, found, strict=True)}
    return Survey(total, filled, different, latest.replace(tzinfo=UTC) if latest else None, texts)


def _ident(job: Job) -> str | None:
    key = job.found.entity.id
    return key if key in job.fields else None


def _selects(job: Job, owners: list[str]) -> list[str]:
    from kpictl.sources.loading import reading

    empty = tuple(job.found.option("empty"))
    moments = _moments(job)
    selects = []
    for part in job.found.parts:
        here = [f for f in moments if f.name in part.matched.columns]
        reads = []
        for moment in here:
            sql = reading(part, moment, part.raw(moment.name, empty))
            is_day = moment.type is Type.DATE
            reads.append(f"cell_utc(CAST({sql} AS TIMESTAMP))" if is_day else sql)
        latest = f"greatest({', '.join(reads)})" if reads else "CAST(NULL AS TIMESTAMP)"
        columns = [f"{latest} AS m"]
        if key := _ident(job):
            columns.append(f"cell_text({part.raw(key, empty)}) AS i")
        columns += [
            f"cell_text({part.raw(owner, empty)}) AS w{k}" for k, owner in enumerate(owners)
        ]
        selects.append(f"SELECT {', '.join(columns)} FROM {duckdb_scan(part.file)}")
    return selects


def _moments(job: Job) -> list[Field]:
    """Return the fields by which the reach is seen: the latest of a CRM's own, else all dates."""
    present = job.found.schema.present
    for known in _REACH:
        if known in present and job.found.entity.known:
            return [present[known]]
    moments = (Type.DATE, Type.DATETIME)
    return [f for n, f in job.fields.items() if f.type in moments and n not in _PLANNED]
