"""Records written more than once: product lines are summed, later versions replace earlier ones.

With product columns an export writes a deal once per product line, and the amount on such a line
is the line's own. The same record in two files, or twice in one, is one record: the version that
was changed last counts, and that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions.sql import column, name
from kpictl.sources.badvalues import SHOWN
from kpictl.tables import rows

if TYPE_CHECKING:
    from kpictl.sources.loading import Job
    from kpictl.sources.survey import Survey

_LINE_AMOUNT = "amount_original"


def settle(job: Job, seen: Survey) -> str:
    """Return the table in which every record stands once; the job has read all lines in order."""
    ident = column(str(job.found.entity.id))
    if seen.total > seen.filled:
        _lines_without_id(job, ident, seen.total - seen.filled)
    if seen.filled == seen.different:
        return _filtered(job, ident)
    return _one_each(job, ident)


def _lines_without_id(job: Job, ident: str, count: int) -> None:
    """Further requisites of the record above have all their own cells empty; others are broken."""
    others = [c for c in (*(column(n) for n in job.kept), *job.derived) if c != ident]
    filled = " OR ".join(f"{c} IS NOT NULL" for c in others) or "FALSE"
    row = job.connection.execute(
        f"SELECT count(*) FROM {job.table} WHERE {ident} IS NULL AND ({filled})"
    ).fetchone()
    broken = row[0] if row else 0
    if broken:
        raise SourceError(list(_places(job, broken)))
    entity = job.found.entity.name
    job.notes.append(Problem("source.requisites", None, {"entity": entity, "count": count}, "note"))


def _places(job: Job, count: int) -> list[Problem]:
    problems = []
    key = str(job.found.entity.id)
    for part in job.found.parts:
        columns = [part.matched.columns[n][0] for n in job.fields if n != key]
        ident = part.matched.columns[key][0]
        for line, record in rows(part.file):
            if not record[ident].strip() and any(record[c].strip() for c in columns):
                place = Place(part.file.origin, line, ident + 1)
                problems.append(Problem("source.no_id", place, {"count": count}))
                if len(problems) == SHOWN:
                    return problems
    return problems or [Problem("source.no_id", None, {"count": count})]


def _filtered(job: Job, ident: str) -> str:
    job.connection.execute(f"DELETE FROM {job.table} WHERE {ident} IS NULL")
    return job.table


def _one_each(job: Job, ident: str) -> str:
    """Make the table of last versions, product lines summed."""
    table = name(f"single_{job.found.entity.name}")
    stamps = [column(n) for n in ("modified_at", "moved_at") if n in job.fields]
    stamp = f"coalesce({', '.join(stamps)})" if stamps else "CAST(NULL AS TIMESTAMP)"
    versions = f"""SELECT *,
        rank() OVER (PARTITION BY {ident} ORDER BY {stamp} DESC NULLS LAST, part DESC) AS version
        FROM {job.table} WHERE {ident} IS NOT NULL"""
    kept = [*(column(n) for n in job.kept), *job.derived]
    amount = column(_LINE_AMOUNT)
    if "product" in job.fields and _LINE_AMOUNT in job.fields:
        product = column("product")
        total = f"sum({amount}) FILTER ({product} IS NOT NULL) OVER (PARTITION BY {ident})"
        summed = f"CASE WHEN {product} IS NULL THEN {amount} ELSE {total} END AS {amount}"
        kept = [summed if c == amount else c for c in kept]
    job.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT part, line, {", ".join(kept)} FROM ({versions}) WHERE version = 1
        QUALIFY row_number() OVER (PARTITION BY {ident} ORDER BY line DESC) = 1"""
    )
    _say(job, ident)
    return table


def _say(job: Job, ident: str) -> None:
    product = column("product") if "product" in job.fields else "NULL"
    row = job.connection.execute(
        f"""SELECT count(*) FILTER (files > 1), count(*) FILTER (files = 1 AND plain > 1),
        min({ident}) FILTER (files > 1), min({ident}) FILTER (files = 1 AND plain > 1)
        FROM (SELECT {ident}, count(DISTINCT part) AS files,
              count(*) FILTER ({product} IS NULL) AS plain
              FROM {job.table} WHERE {ident} IS NOT NULL GROUP BY {ident})"""
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    entity = job.found.entity.name
    for count, example, code in (
        (row[0], row[2], "source.in_two_files"),
        (row[1], row[3], "source.written_twice"),
    ):
        if count:
            data = {"entity": entity, "count": count, "example": example}
            note = Problem(code, None, data, "note")
            if note not in job.notes:
                job.notes.append(note)
