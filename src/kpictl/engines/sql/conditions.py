"""Which records a measure counts, as SQL over a table of typed `f_<field>` columns called `e`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from kpictl.expressions import Type
from kpictl.expressions.context import Context
from kpictl.expressions.money import original_of
from kpictl.expressions.sql import column, compile_sql, instant, text
from kpictl.measure.query import (
    NOBODY,
    UNKNOWN,
    Link,
    Measure,
    Owners,
    Ownership,
    Query,
    RecordQuery,
    Slice,
    Tables,
)
from kpictl.values import SubjectId

Moment = date | datetime


def context(query: Query, tables: Tables, by: str, as_of: datetime) -> Context:
    """Return what expressions mean in records that are somebody's by a field."""
    return replace(query.context(by, as_of), table=tables.work.get((query.entity, by)))


def of_request(request: RecordQuery, tables: Tables) -> Context:
    """Return what expressions mean in the records of a request."""
    return context(request.query, tables, request.measure.by, request.slice.as_of)


def source(entity: str, tables: Tables) -> str:
    """Return the table of an entity as `e`; where people have working hours of their own, with the
    number of the run of whoever owns the record."""
    own = [
        (by, work) for (of, by), work in sorted(tables.work.items()) if of == entity and work.owners
    ]
    if not own:
        return f"{tables.names[entity]} e"
    columns = ", ".join(f"coalesce(o{n}.run, 0) AS {work.run}" for n, (_, work) in enumerate(own))
    joins = " ".join(
        f"LEFT JOIN {work.owners} o{n} ON o{n}.raw = t.{column(by)}"
        for n, (by, work) in enumerate(own)
    )
    return f"(SELECT t.*, {columns} FROM {tables.names[entity]} t {joins}) e"


def of_measure(measure: Measure, context: Context) -> str:
    """Return the condition that a measure's `where` is."""
    return "TRUE" if measure.where is None else compile_sql(measure.where.tree, context)


def of_owner(by: str) -> str:
    """Return the text that says whose a record is; NULL for what is the company's alone."""
    return "CAST(NULL AS VARCHAR)" if by == NOBODY else f"e.{column(by)}"


def lacks_rate(measure: Measure) -> str:
    """Return the condition that an amount is written but could not be converted."""
    pairs = [(column(field), column(original_of(field))) for field in measure.converted]
    lacking = [f"({own} IS NULL AND {written} IS NOT NULL)" for own, written in pairs]
    return " OR ".join(lacking) or "FALSE"


# --- time ------------------------------------------------------------------------------------


def reach(
    one_slice: Slice, measure: Measure, tables: Tables, zone: ZoneInfo
) -> tuple[Moment, Moment]:
    """Return the moments of a measure's own kind (instants, days, first days of months) that lie in
    a slice, half-open; empty where the second is not later."""
    if measure.monthly:
        return one_slice.months(zone, measure.months)
    if tables.is_day(measure.entity, measure.when):
        return one_slice.days(zone)
    # Two datetimes of one zone are compared by their clocks, which may be turned back between them.
    return one_slice.start.astimezone(UTC), one_slice.end.astimezone(UTC)


def literal(moment: Moment) -> str:
    """Return an instant or a day as SQL."""
    return instant(moment) if isinstance(moment, datetime) else f"DATE '{moment}'"


def between(measure: Measure, moments: tuple[Moment, Moment]) -> str:
    """Return the condition that a record's moment lies in a half-open stretch."""
    moment, (start, end) = column(measure.when), moments
    return f"({moment} >= {literal(start)} AND {moment} < {literal(end)})"


def as_instant(sql: str, *, is_day: bool) -> str:
    return f"cell_utc(CAST({sql} AS TIMESTAMP))" if is_day else sql


def moment_of(measure: Measure, tables: Tables) -> str:
    """Return the instant of a record: of a day its midnight."""
    is_day = tables.is_day(measure.entity, measure.when)
    return as_instant(column(measure.when), is_day=is_day)


# --- owners ----------------------------------------------------------------------------------


def held(ownership: Ownership, moment: str) -> str:
    """Return the condition that an instant lies in an ownership's stretch."""
    bounds = []
    if ownership.start is not None:
        bounds.append(f"{moment} >= {instant(ownership.start)}")
    if ownership.end is not None:
        bounds.append(f"{moment} < {instant(ownership.end)}")
    return " AND ".join(bounds) or "TRUE"


def whose(request: RecordQuery, tables: Tables) -> str:
    """Return the condition that a record is one of the subjects that a request names."""
    subjects = request.subjects
    if subjects is None:
        return "TRUE"
    measure = request.measure
    owner, moment = of_owner(measure.by), moment_of(measure, tables)
    owners: Owners = request.query.owners.get(measure.by, {})
    chosen = list(_of_subjects(owners, subjects, owner, moment))
    if None in subjects:
        chosen.append(f"{owner} IS NULL")
    if UNKNOWN in subjects:
        known = {own.subject for several in owners.values() for own in several}
        others = " OR ".join(_of_subjects(owners, known, owner, moment)) or "FALSE"
        chosen.append(f"({owner} IS NOT NULL AND NOT coalesce({others}, FALSE))")
    return f"({' OR '.join(chosen) or 'FALSE'})"


def _of_subjects(
    owners: Owners, subjects: Iterable[SubjectId | None], owner: str, moment: str
) -> Iterator[str]:
    chosen, always = frozenset(subjects), []
    for raw, several in sorted(owners.items()):
        for own in several:
            if own.subject not in chosen:
                continue
            if own.bounded:
                yield f"({owner} = {text(raw)} AND {held(own, moment)})"
            else:
                always.append(text(raw))
    if always:
        yield f"{owner} IN ({', '.join(always)})"


# --- records that follow one another ---------------------------------------------------------


def hit(measure: Measure, tables: Tables, moments: str, before: str = "") -> str:
    """Return whether any linked moment lies in the record's window, and before an instant."""
    inside = f"len(list_filter({moments}, lambda x: {_inside(measure, tables, 'x', before)})) > 0"
    return f"coalesce({inside}, FALSE)"


def first_hit(measure: Measure, tables: Tables, successes: str) -> str:
    """Return the first success in the record's window, of a list of `{at, id}`; NULL if none."""
    inside = f"list_filter({successes}, lambda x: {_inside(measure, tables, 'x.at')})"
    return f"list_sort({inside})[1]"


def _inside(measure: Measure, tables: Tables, moment: str, before: str = "") -> str:
    assert measure.link is not None  # noqa: S101  LINKED has one
    start = moment_of(measure, tables)
    end = f"{start} + to_seconds({measure.link.within})"
    day = f"cell_utc(CAST(cell_day({start}) AS TIMESTAMP))"
    known = f" AND {moment} < {before}" if before else ""
    return f"({moment} >= {start} OR {moment} = {day}) AND {moment} < {end}{known}"


def undecided(measure: Measure, tables: Tables, horizon: str) -> str:
    """Return whether a record's window is still open at the end of the data."""
    assert measure.link is not None  # noqa: S101  LINKED has one
    return f"{moment_of(measure, tables)} + to_seconds({measure.link.within}) > {horizon}"


def key_text(entity: str, field_name: str, tables: Tables) -> str:
    """Return the id that a field holds: of a number its digits, without zeros at its end."""
    if tables.columns.get(entity, {}).get(field_name) is not Type.NUMBER:
        return column(field_name)
    number = f"CAST({column(field_name)} AS VARCHAR)"
    return (
        f"CASE WHEN contains({number}, '.') THEN rtrim(rtrim({number}, '0'), '.') ELSE {number} END"
    )


def linked_moments(
    link: Link, tables: Tables, query: Query, as_of: datetime, ident: str = "NULL"
) -> str:
    """Return the sub-select of success moments by the id they point to, and of `{at, id}`, where
    `ident` is the SQL of what a success is called."""
    moment = as_instant(column(link.when), is_day=tables.is_day(link.entity, link.when))
    table = tables.work.get((link.entity, link.by))
    means = replace(query.linked_context(link, as_of), table=table)
    where = "TRUE" if link.where is None else compile_sql(link.where.tree, means)
    # A success alone is enough for a number; what it is called is asked for by explain.
    named = f"list({{'at': {moment}, 'id': {ident}}})"
    successes = "" if ident == "NULL" else f", {named} AS successes"
    key = key_text(link.entity, link.via, tables)
    return (
        f"(SELECT {key} AS via, list({moment}) AS moments{successes} "
        f"FROM {source(link.entity, tables)} WHERE {where} AND {moment} < {instant(as_of)} "
        f"AND {column(link.via)} IS NOT NULL GROUP BY 1)"
    )
