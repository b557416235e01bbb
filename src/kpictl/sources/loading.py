"""Files → one typed table per entity: read, check every cell, settle records written twice."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import duckdb
from msgspec.structs import replace

from kpictl.database import Connection
from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions.sql import column, name
from kpictl.sources import (
    bad_values,
    cells,
    date_order,
    decimals,
    deduplicate,
    derive,
    offsets,
    spoilt_ids,
    stage_rows,
)
from kpictl.sources.base import LoadedEntity, LoadRequest
from kpictl.sources.job import FileLoad
from kpictl.sources.parts import FileEntity, FilePart
from kpictl.sources.row_stats import count_lines, survey, texts_of
from kpictl.tables import mend, rows


def load(
    connection: Connection, found: FileEntity, request: LoadRequest, scratch: Path
) -> LoadedEntity:
    """Bring an entity into the database as `entity_<name>`; SourceError holds all bad cells."""
    fields = derive.stored_fields(found.schema, request.fields)
    job = FileLoad(connection, found, fields, request, scratch, request.ordered)
    _note_repeated_captions(job)
    _product_lines_need_ids(job)
    _gather(job)
    lines = count_lines(job)
    if lines.single:
        _read(job)
    spoilt_ids.refuse(job)
    derived = frozenset(o for o in request.owners if found.schema.present[o].derived)
    seen = survey(job, request.owners - derived)
    table = job.table
    if not lines.single:
        _read_whole(job)
        table = deduplicate.settle(job, lines)
    stage_rows.drop(job)
    named = replace(request, currencies=found.currencies)
    view = derive.view(connection, found.schema, table, named, job.notes)
    texts = {**seen.texts, **{owner: texts_of(job, view, column(owner)) for owner in derived}}
    return LoadedEntity(
        found.entity.name, view, seen.latest, texts, tuple(job.notes), rhythm=seen.rhythm
    )


def _gather(job: FileLoad) -> None:
    """Gather the lines, and settle how they are written."""
    _same_columns(job)
    _look_at_dates(job)
    _scan(job)
    decimals.settle(job)
    if date_order.settle(job):
        _look_at_dates(job)
        _scan(job)
    _ask_for_readers(job)


def _read(job: FileLoad) -> None:
    """Read the gathered lines into values."""
    _type(job)
    bad_values.report(job)
    offsets.note(job)


def _read_whole(job: FileLoad) -> None:
    """Read all lines, in order, with the fields that tell versions of a record apart."""
    for extra in ("modified_at", "moved_at", "product"):
        if extra in job.found.schema.present:
            job.fields.setdefault(extra, job.found.schema.present[extra])
    job.whole = True
    _gather(job)
    _read(job)


def _note_repeated_captions(job: FileLoad) -> None:
    for part in job.found.parts:
        for caption, taken in part.matched.repeated.items():
            data = {"caption": caption, "taken": taken}
            place = Place(part.file.origin, max(part.file.skip, 1))
            job.notes.append(Problem("source.repeated_caption", place, data, "note"))


def _same_columns(job: FileLoad) -> None:
    """A field that only some of the files have would be half empty: refuse it."""
    problems = [
        Problem(
            "source.file_lacks",
            Place(part.file.origin, 1),
            {"field": field, "caption": next(iter(job.fields[field].captions), field)},
        )
        for part in job.found.parts
        for field in job.fields
        if field not in part.matched.columns
    ]
    if problems:
        raise SourceError(problems)


def _product_lines_need_ids(job: FileLoad) -> None:
    """Refuse product lines that cannot be put together: their amounts are not the deal's."""
    present, key = job.found.schema.present, job.found.entity.id
    lines = {"product", "product_price", "product_quantity"} <= present.keys()
    if job.found.entity.known and lines and key not in present:
        place = Place(job.found.parts[0].file.origin, 1)
        raise SourceError([Problem("source.products_without_id", place)])


def _look_at_dates(job: FileLoad) -> None:
    """Find the form in which a file's dates begin: reading that one first is many times faster."""
    moments = [n for n, f in job.gathered.items() if f.kind in ("date", "datetime")]
    for index, part in enumerate(job.found.parts):
        usual: dict[str, str] = {}
        seen = {n: c[0] for n in moments if len(c := part.matched.columns.get(n, ())) == 1}
        first = list(islice(rows(part.file), 20)) if seen else []
        for field_name, place in seen.items():
            texts = [cells_[place].strip() for _, cells_ in first if cells_[place].strip()]
            form = cells.usual_format(texts, part.manner(field_name))
            if form is not None:
                usual[field_name] = form
        job.found.parts[index] = replace(part, usual=usual)


def _scan(job: FileLoad) -> None:
    """Gather the lines, mending files that DuckDB refuses."""
    for attempt in (1, 2):
        try:
            stage_rows.gather(job)
        except duckdb.Error as error:
            if attempt == 2:
                raise SourceError([_refused(job, error)]) from error
            for index, part in enumerate(job.found.parts):
                mended = mend(part.file, job.scratch)
                job.found.parts[index] = replace(part, file=mended)
        else:
            return


def _ask_for_readers(job: FileLoad) -> None:
    """See which dates were read while they were gathered; the others need the general readers."""
    left = stage_rows.unread(job)
    job.usual = frozenset(name for name, count in left.items() if not count)
    if len(job.usual) < len(left):
        cells.define_readers(job.connection)


def _refused(job: FileLoad, error: duckdb.Error) -> Problem:
    file = job.found.parts[0].file.origin
    return Problem("source.refused", Place(file), {"detail": str(error).splitlines()[0]})


def _type(job: FileLoad) -> None:
    """Read the gathered texts into a table of values."""
    if _joins_stages(job):
        written = f"SELECT DISTINCT {stage_rows.raw_column('stage')} AS stage"
        rows = job.connection.execute(
            f"SELECT DISTINCT cell_text(stage) FROM ({written} FROM {stage_rows.table(job)})"
        ).fetchall()
        captions = [str(row[0]) for row in rows if row[0] is not None]
        derive.make_stages(job.connection, job.found.entity.name, job.found.stages, captions)
    selects = [_typed(job, indexes, part) for part, indexes in stage_rows.alike(job)]
    body = " UNION ALL ".join(selects)
    job.connection.execute(f"CREATE OR REPLACE TEMP TABLE {job.table} AS {body}")


def _columns(job: FileLoad) -> list[str]:
    made = [f"{sql} AS {alias}" for alias, sql in job.derived.items()]
    return [*(column(n) for n in job.kept), *made]


def bad_column(field: str) -> str:
    """Return the column that keeps the text of a cell that could not be read."""
    return name(f"b_{field}")


def _typed(job: FileLoad, indexes: list[int], part: FilePart) -> str:
    """Return the SELECT that reads the texts of some files, all written alike, into values."""
    values = [f"{stage_rows.reading(job, part, f)} AS {column(n)}" for n, f in job.fields.items()]
    bad = [
        f"CASE WHEN {column(n)} IS NULL AND kept THEN cell_text({stage_rows.raw_column(n)}) END"
        f" AS {bad_column(n)}"
        for n in job.checked()
    ]
    tests = [] if len(indexes) == len(job.found.parts) else [stage_rows.of_parts(indexes)]
    if job.windows and not job.whole:
        tests.append("kept")
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    typed = f"SELECT *, {', '.join(values)} FROM {stage_rows.table(job)}{where}"
    head = ", ".join(["part", "line", *_columns(job), *bad])
    return f"SELECT {head} FROM ({typed}) {_stages(job)}"


def _joins_stages(job: FileLoad) -> bool:
    return "stage" in job.fields and bool(job.derived)


def _stages(job: FileLoad) -> str:
    """Join what stages mean. A join, since DuckDB would work an expression out once for every
    derived field that uses it."""
    return derive.stages_join(job.found.entity.name) if _joins_stages(job) else ""
