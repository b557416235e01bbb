"""The lines of an entity's files, as they are written: the one pass over the files.

Of every field there is its text, `r_<field>`; of a date also its wall-clock time, `w_<field>`,
where it is written in the file's usual form, and then no text, which would only take room. `kept`
says whether a line can matter in the job's windows; of the others only what all lines are asked
for is there: ids, owners and dates.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kpictl.database import ordered
from kpictl.expressions import Type
from kpictl.expressions.sql import name, text
from kpictl.sources import cells, derive
from kpictl.sources.parts import FilePart
from kpictl.tables import duckdb_scan

if TYPE_CHECKING:
    from kpictl.catalog import Field
    from kpictl.sources.job import FileLoad


def raw_column(field: str) -> str:
    """Return the column of a field's text."""
    return name(f"r_{field}")


def wall_column(field: str) -> str:
    """Return the column of a date's wall-clock time."""
    return name(f"w_{field}")


def table(job: FileLoad) -> str:
    """Return the table of an entity's lines."""
    return name(f"lines_{job.found.entity.name}")


def is_moment(job: FileLoad, field: str) -> bool:
    return job.gathered[field].kind in cells.DATED


def gather(job: FileLoad) -> None:
    """Read all lines into a table, in order if the job needs to know where each stands."""
    selects = [_select(job, index, part) for index, part in enumerate(job.found.parts)]
    body = " UNION ALL ".join(selects) if selects else _nothing(job)
    statement = f"CREATE OR REPLACE TEMP TABLE {table(job)} AS {body}"
    if not job.whole:
        job.connection.execute(statement)
        return
    with ordered(job.connection):
        job.connection.execute(statement)


def drop(job: FileLoad) -> None:
    """Give the room back."""
    job.connection.execute(f"DROP TABLE IF EXISTS {table(job)}")


def _select(job: FileLoad, index: int, part: FilePart) -> str:
    """Return the SELECT over one file.

    Dates are parsed in an inner SELECT, once: DuckDB works an expression out anew wherever it
    stands inside a CASE.
    """
    empty = tuple(job.found.option("empty"))
    line = "row_number() OVER () - 1" if job.whole else "CAST(NULL AS BIGINT)"
    kept = _kept(job, part)
    of_all = {job.found.entity.id, *job.request.owners}
    columns = [f"{index} AS part", f"{line} AS line", "kept"]
    parsed: list[str] = []
    for field in job.gathered:
        raw = part.raw(field, empty)
        if not is_moment(job, field):
            all_of_it = job.whole or field in of_all or kept == "TRUE"
            text_ = raw if all_of_it else _in_part(job, field, raw)
            columns.append(f"{text_} AS {raw_column(field)}")
            continue
        usual = part.manner(field).usual
        made = "CAST(NULL AS TIMESTAMP)" if usual is None else f"try_strptime({raw}, {text(usual)})"
        parsed.append(f"{made} AS {_parsed(field)}")
        meant = f"cell_is_meant({raw}, {_parsed(field)})"
        columns.append(f"CASE WHEN {meant} THEN {_parsed(field)} END AS {wall_column(field)}")
        columns.append(f"CASE WHEN {meant} THEN NULL ELSE {raw} END AS {raw_column(field)}")
    inner = f"SELECT {', '.join(['*', *parsed])} FROM {duckdb_scan(part.file)}"
    return f"SELECT {', '.join(columns)} FROM (SELECT *, {kept} AS kept FROM ({inner}))"


def _parsed(field: str) -> str:
    return name(f"t_{field}")


def _in_part(job: FileLoad, field: str, raw: str) -> str:
    """Return the text where its line matters; of numbers also where it shows the decimal sign,
    which is settled for a column as a whole, whatever the period."""
    condition = "kept"
    if job.gathered[field].type is Type.NUMBER:
        condition = f"kept OR contains({raw}, ',') OR {raw} LIKE '%.___.%'"
    return f"CASE WHEN {condition} THEN {raw} END"


def _kept(job: FileLoad, part: FilePart) -> str:
    """Return the condition that a line may matter in the windows; in doubt it does.

    Dates are compared as they are written, with a day to spare for the zone.
    """
    tests = []
    for window in job.windows:
        described = job.found.schema.present[window.field]
        stored = derive.reach(window.field, frozenset(job.fields)) if described.derived else None
        moment = stored or window.field
        if part.manner(moment).usual is None:
            return "TRUE"
        first, last = window.start - timedelta(days=1), window.end + timedelta(days=1)
        bounds = f"TIMESTAMP '{first:%Y-%m-%d}' AND TIMESTAMP '{last:%Y-%m-%d}'"
        tests.append(f"coalesce({_parsed(moment)} BETWEEN {bounds}, TRUE)")
    return f"({' OR '.join(dict.fromkeys(tests))})" if tests else "TRUE"


def _nothing(job: FileLoad) -> str:
    """Return the SELECT of no lines, for an entity without files."""
    columns = ["0 AS part", "CAST(0 AS BIGINT) AS line", "TRUE AS kept"]
    for field in job.gathered:
        columns.append(f"CAST(NULL AS VARCHAR) AS {raw_column(field)}")
        if is_moment(job, field):
            columns.append(f"CAST(NULL AS TIMESTAMP) AS {wall_column(field)}")
    return f"SELECT {', '.join(columns)} WHERE FALSE"


# --- reading what was gathered -----------------------------------------------------------------


def unread(job: FileLoad) -> dict[str, int]:
    """Count the cells of each date that are not in their file's usual form, and still texts."""
    dated = [name for name in job.gathered if is_moment(job, name)]
    if not dated:
        return {}
    counts = ", ".join(f"count({raw_column(name)})" for name in dated)
    row = job.connection.execute(f"SELECT {counts} FROM {table(job)}").fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return dict(zip(dated, row, strict=True))


def alike(job: FileLoad) -> list[tuple[FilePart, list[int]]]:
    """Return one part for each way in which files are written, with the numbers of all such."""
    groups: dict[str, tuple[FilePart, list[int]]] = {}
    for index, part in enumerate(job.found.parts):
        manners = repr([part.manner(field) for field in job.gathered])
        groups.setdefault(manners, (part, []))[1].append(index)
    return list(groups.values()) or [(FilePart.blank(), [])]


def of_parts(indexes: list[int]) -> str:
    """Return the condition that a gathered line is of one of these files."""
    return f"part IN ({', '.join(str(index) for index in indexes) or 'NULL'})"


def reading(job: FileLoad, part: FilePart, field: Field) -> str:
    """Return the SQL that reads a field from the columns of gathered lines."""
    wall = wall_column(field.name) if field.kind in cells.DATED else None
    if wall is not None and field.name in job.usual:
        return cells.of_wall(field.kind, wall)
    return cells.read(field.kind, raw_column(field.name), part.manner(field.name), wall)
