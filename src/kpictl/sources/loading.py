"""Files → one typed table per entity: read, check every cell, settle records written twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from kpictl.catalog import Field
from kpictl.database import Connection, ordered
from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions import Type
from kpictl.expressions.sql import column, name
from kpictl.sources import badvalues, cells, derive, repeats
from kpictl.sources.base import Loaded, Wanted
from kpictl.sources.csv import FileEntity, Part
from kpictl.tables import duckdb_scan, mend

# Dates that people plan ahead say nothing about how far the records reach.
_PLANNED = frozenset({"close_date", "begins_on", "birth_date"})


@dataclass(slots=True)
class Job:
    """Loading one entity: what is read, into which table."""

    connection: Connection
    found: FileEntity
    fields: dict[str, Field]
    scratch: Path
    ordered: bool
    notes: list[Problem]

    @property
    def table(self) -> str:
        return name(f"stored_{self.found.entity.name}")

    def checked(self) -> list[str]:
        """Return the fields whose cells can be unreadable."""
        return [n for n, f in self.fields.items() if f.type is not Type.TEXT]


def load(connection: Connection, found: FileEntity, wanted: Wanted, scratch: Path) -> Loaded:
    """Bring an entity into the database as `entity_<name>`; SourceError holds all bad cells."""
    fields = derive.stored_fields(found.schema, wanted.fields)
    job = Job(connection, found, fields, scratch, wanted.ordered, [])
    _note_repeated_captions(job)
    _same_columns(job)
    _read(job)
    badvalues.settle(job, lambda: _read(job))
    table = repeats.settle(job, lambda: _reread_in_order(job))
    view = derive.view(connection, found, table, wanted, job.notes)
    count, latest = _extent(job, table)
    return Loaded(found.entity.name, view, count, latest, tuple(job.notes))


def _reread_in_order(job: Job) -> None:
    """Read again, keeping the order of lines and the dates that tell versions apart."""
    for extra in ("modified_at", "moved_at", "product"):
        if extra in job.found.schema.present:
            job.fields.setdefault(extra, job.found.schema.present[extra])
    if not job.ordered:
        job.ordered = True
    _read(job)
    badvalues.settle(job, lambda: _read(job))


def _note_repeated_captions(job: Job) -> None:
    for part in job.found.parts:
        for caption, taken in part.matched.repeated.items():
            data = {"caption": caption, "taken": taken}
            place = Place(part.file.origin, max(part.file.skip, 1))
            job.notes.append(Problem("source.repeated_caption", place, data, "note"))


def _same_columns(job: Job) -> None:
    """A field that only some of the files have would be half empty: refuse it."""
    problems = [
        Problem(
            "source.file_lacks",
            Place(part.file.origin, 1),
            {"field": field, "caption": job.fields[field].captions[:1] or (field,)},
        )
        for part in job.found.parts
        for field in job.fields
        if field not in part.matched.columns
    ]
    if problems:
        for problem in problems:
            assert isinstance(problem.data, dict)  # noqa: S101  made just above
            problem.data["caption"] = problem.data["caption"][0]
        raise SourceError(problems)


def _read(job: Job) -> None:
    """(Re)make the table of stored fields, mending files that DuckDB refuses."""
    for attempt in (1, 2):
        try:
            _create(job)
        except duckdb.Error as error:
            if attempt == 2:
                raise SourceError([_refused(job, error)]) from error
            for index, part in enumerate(job.found.parts):
                mended = mend(part.file, job.scratch)
                job.found.parts[index] = replace(part, file=mended)
        else:
            return


def _refused(job: Job, error: duckdb.Error) -> Problem:
    file = job.found.parts[0].file.origin
    return Problem("source.refused", Place(file), {"detail": str(error).splitlines()[0]})


def _create(job: Job) -> None:
    selects = [part_select(job, i, part) for i, part in enumerate(job.found.parts)]
    body = " UNION ALL ".join(selects) if selects else _nothing(job)
    statement = f"CREATE OR REPLACE TEMP TABLE {job.table} AS {body}"
    if not job.ordered:
        job.connection.execute(statement)
        return
    with ordered(job.connection):
        job.connection.execute(statement)
    starts = []
    for index in range(len(job.found.parts)):
        row = job.connection.execute(
            f"SELECT count(*) FROM {job.table} WHERE part < {index}"
        ).fetchone()
        starts.append(row[0] if row else 0)
    job.found.starts = starts


def _nothing(job: Job) -> str:
    types = {Type.NUMBER: "DECIMAL(38,10)", Type.DATE: "DATE", Type.DATETIME: "TIMESTAMP"}
    made = [
        f"CAST(NULL AS {types.get(f.type, 'BOOLEAN' if f.type is Type.BOOL else 'VARCHAR')})"
        f" AS {column(n)}"
        for n, f in job.fields.items()
    ]
    made += [f"CAST(NULL AS VARCHAR) AS {bad_column(n)}" for n in job.checked()]
    return f"SELECT {', '.join(['0 AS part', *made])} WHERE FALSE"


def bad_column(field: str) -> str:
    """Return the column that keeps the text of a cell that could not be read."""
    return name(f"b_{field}")


def part_select(job: Job, index: int, part: Part) -> str:
    """Return the SELECT that reads one file into the stored fields."""
    empty = tuple(job.found.option("empty"))
    raws = ", ".join(f"{part.raw(n, empty)} AS {name(f'r_{n}')}" for n in job.fields)
    values = [f"{reading(part, f, name(f'r_{n}'))} AS {column(n)}" for n, f in job.fields.items()]
    bad = [
        f"CASE WHEN {column(n)} IS NULL THEN {name(f'r_{n}')} END AS {bad_column(n)}"
        for n in job.checked()
    ]
    inner = f"SELECT {raws or '1'} FROM {duckdb_scan(part.file)}"
    typed = f"SELECT *, {', '.join(values)} FROM ({inner})"
    kept = [column(n) for n in job.fields]
    return f"SELECT {', '.join([f'{index} AS part', *kept, *bad])} FROM ({typed})"


def reading(part: Part, field: Field, raw: str) -> str:
    """Return the SQL that reads a field's text in a part."""
    return cells.read(field.kind, raw, decimal=part.decimal, order=part.order)


def _extent(job: Job, table: str) -> tuple[int, datetime | None]:
    moments = [
        column(n) for n, f in job.fields.items() if f.type is Type.DATETIME and n not in _PLANNED
    ]
    latest = f"greatest({', '.join(f'max({m})' for m in moments)})" if moments else "NULL"
    row = job.connection.execute(f"SELECT count(*), {latest} FROM {table}").fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return row[0], row[1].replace(tzinfo=UTC) if row[1] else None
