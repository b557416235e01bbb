"""The SELECT over an entity's table in the store: texts, then values, then derived fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from kpictl.bitrix24.read import cell_sql, related_records
from kpictl.bitrix24.read.cell_sql import raw_column
from kpictl.expressions import Type
from kpictl.expressions.money import currency_of
from kpictl.expressions.sql import column, instant, name, text
from kpictl.sources import derive

if TYPE_CHECKING:
    from kpictl.bitrix24.read.job import PortalLoad


def gathered(job: PortalLoad, only: Iterable[str] | None = None) -> str:
    """Return the SELECT of the texts, as they were delivered, of all fields or of some `only`: to
    plan what it then drops takes DuckDB longer than to read a small table."""
    there = job.there(job.entity)
    columns = ["_id AS line"]
    fields = job.fields if only is None else {field: job.fields[field] for field in only}
    for field, stored in fields.items():
        words = job.reader.directories.words(job.entity, stored) if stored.multiple else {}
        known = stored.name.lower() in there
        sql = cell_sql.raw(stored, words) if known else "CAST(NULL AS VARCHAR)"
        columns.append(f"{sql} AS {raw_column(field)}")
        if field in job.priced:
            sql = cell_sql.currency(stored) if known else "CAST(NULL AS VARCHAR)"
            columns.append(f"{sql} AS {column(currency_of(field))}")
    if "stage" in fields:
        semantics = "NULL" if job.semantics is None else f"cell_text({name(job.semantics)})"
        columns.append(f"coalesce({semantics}, '') AS semantics")
    return f"SELECT {', '.join(columns)} FROM {job.store.table(job.entity)} WHERE {_meant(job)}"


def _meant(job: PortalLoad) -> str:
    """Return the condition that a row is a record of the entity, and not only looks like one."""
    tests = [f"NOT coalesce(cell_bool({name(c)}), FALSE)" for c in job.left_out.values()]
    kind = job.fields.get("record_type")
    if kind is not None and job.schema.entity.parent == "deals":
        tests.append(f"{name(kind.name)} = 'D'")
    return " AND ".join(tests) or "TRUE"


def valued(job: PortalLoad) -> str:
    """Return the SELECT of everything that the table is to hold, of all records."""
    columns = ["0 AS part", "line"]
    columns += [column(n) for n in (*job.fields, *sorted(job.inherited))]
    columns += [column(currency_of(n)) for n in job.priced]
    made = derive.row_columns(job.rowwise, job.schema, job.request.fields)
    columns += [f"{sql} AS {alias}" for alias, sql in made.items()]
    columns += [f"{cell_sql.bad(job.fields[n])} AS {cell_sql.bad_column(n)}" for n in job.checked()]
    return f"SELECT {', '.join(columns)} FROM ({_typed(job)}) o{related_records.joins(job)}"


def _typed(job: PortalLoad) -> str:
    """Return the SELECT of the values, with words for codes and the parent's fields."""
    columns, joins = ["r.*"], []
    for i, (field, stored) in enumerate(job.fields.items()):
        caption = None
        if field == "stage":
            caption = "s.caption"
        elif field in job.words:
            caption = f"n{i}.caption"
            joins.append(
                f" LEFT JOIN {job.table('words')} n{i} ON n{i}.field = {text(field)} "
                f"AND n{i}.code = r.{raw_column(field)}"
            )
        columns.append(f"{cell_sql.value(stored, caption)} AS {column(field)}")
    if "stage" in job.fields:
        columns.append("s.outcome")
        joins.append(
            f" LEFT JOIN {job.table('stages')} s ON s.code = r.{raw_column('stage')} "
            "AND s.semantics = r.semantics"
        )
    if job.parent is not None:
        columns.extend(f"p.{column(n)}" for n in sorted(job.inherited))
        key = raw_column(job.schema.entity.parent_key)
        joins.append(f" JOIN {job.table('parent')} p ON p.{column('id')} = r.{key}")
    return f"SELECT {', '.join(columns)} FROM ({gathered(job)}) r{''.join(joins)}"


def in_windows(job: PortalLoad) -> str:
    """Return the condition that a record may matter; one without a date may."""
    return " OR ".join(_windows(job)) or "TRUE"


def _windows(job: PortalLoad) -> Iterator[str]:
    for window in () if job.request.ordered else job.request.windows:
        moment = column(window.field)
        start, end = instant(window.start), instant(window.end)
        if job.schema.present[window.field].type is Type.DATE:
            first, last = window.start - timedelta(days=1), window.end + timedelta(days=1)
            start, end = f"DATE '{first:%Y-%m-%d}'", f"DATE '{last:%Y-%m-%d}'"
        yield f"coalesce({moment} >= {start} AND {moment} < {end}, TRUE)"
