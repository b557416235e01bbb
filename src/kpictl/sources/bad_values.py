"""Cells that cannot be read: all of them, each with its place.

A column is read in one way throughout: numbers have shown their decimal sign before (`decimals`),
and dates the order of day and month (`date_order`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions.sql import name
from kpictl.sources import cells, moments, numbers
from kpictl.tables import rows

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.job import FileLoad
    from kpictl.sources.parts import FilePart

BAD_CELL = frozenset(
    ("source.bad_value", "source.too_fine", "source.bad_date", "source.time_among_days")
)
SHOWN = 5  # cells shown per column; the count is always whole


def report(job: FileLoad) -> None:
    """Leave the table without unexplained cells, or raise SourceError with every one of them."""
    problems = [problem for field in unreadable(job) for problem in _show(job, field)]
    if not problems:
        return
    if job.found.option("on_bad_value") == "skip":
        known = {(p.code, p.place) for p in job.notes}
        job.notes.extend(
            replace(p, code="source.skipped_value", level="warning")
            for p in problems
            if p.code in BAD_CELL and ("source.skipped_value", p.place) not in known
        )
        return
    raise SourceError(problems)


def unreadable(job: FileLoad) -> list[str]:
    """Return the fields with unreadable cells in lines that matter."""
    counts = {n: f"count({name(f'b_{n}')})" for n in job.checked()}
    return fields_with(job.connection, job.table, counts)


def fields_with(connection: Connection, table: str, asked: Mapping[str, str]) -> list[str]:
    """Return the fields for which an aggregate over a table counts anything, or is true."""
    if not asked:
        return []
    row = connection.execute(f"SELECT {', '.join(asked.values())} FROM {table}").fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return [field for field, answer in zip(asked, row, strict=True) if answer]


def _show(job: FileLoad, field: str) -> Iterator[Problem]:
    """Yield the bad cells of a field with their places, and how many more there are."""
    described = job.fields[field]
    for index, part in enumerate(job.found.parts):
        texts = dict(
            job.connection.execute(
                f"SELECT {name(f'b_{field}')}, count(*) FROM {job.table} "
                f"WHERE part = {index} AND {name(f'b_{field}')} IS NOT NULL "
                "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000"
            ).fetchall()
        )
        if not texts:
            continue
        total = sum(texts.values())
        columns = part.matched.columns[field]
        caption = " + ".join(part.file.header[c] for c in columns)
        data = {
            "field": field,
            "caption": caption,
            "kind": described.kind,
            "count": total,
            "decimal": part.manner(field).decimal,
        }
        place = Place(part.file.origin)
        for line, value in _find(part, columns, set(texts)):
            place = part.file.at(line, columns[0])
            yield Problem(_code(part, field, value), place, {**data, "value": value[:80]})
        if total > SHOWN:
            more = {**data, "more": total - SHOWN}
            yield Problem("source.more_bad_values", place, more)


def _code(part: FilePart, field: str, value: str) -> str:
    """Return what is to be said of a bad cell: of dates, and of numbers with more decimals than are
    kept, there is more to say."""
    kind, manner = part.matched.fields[field].kind, part.manner(field)
    if kind in cells.DATED:
        timed = manner.whole and moments.read_as(value, replace(manner, whole=False).how)
        return "source.time_among_days" if timed else "source.bad_date"
    fine = kind in cells.NUMERIC and numbers.is_too_fine(value, manner.decimal)
    return "source.too_fine" if fine else "source.bad_value"


def _find(part: FilePart, columns: tuple[int, ...], texts: set[str]) -> Iterator[tuple[int, str]]:
    shown = 0
    for line, record in rows(part.file):
        value = " ".join(record[c].strip() for c in columns if record[c].strip())
        if value in texts:
            yield line, value
            shown += 1
            if shown == SHOWN:
                return
