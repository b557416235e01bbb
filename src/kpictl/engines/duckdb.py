"""The engine that does the work: DuckDB over the typed tables of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import duckdb
from msgspec import Struct
from msgspec.structs import replace

from kpictl.database import Connection
from kpictl.engines.sql import conditions
from kpictl.engines.sql.aggregates import HOLISTIC
from kpictl.engines.sql.statement import Statement
from kpictl.engines.sql.working import WorkTables
from kpictl.expressions.sql import column, compile_sql, instant, text
from kpictl.measure.query import (
    Answer,
    EngineError,
    Measure,
    Query,
    RecordQuery,
    RecordRow,
    Success,
    Tables,
    joined,
)

# DuckDB holds a vector of 2,048 values for every column of every grouping set in every thread, and
# its planner looks at each pair of columns: a thousand measures in one statement over 500 records
# take 23 GB and minutes.
MEASURES_PER_SCAN = 32


class DuckDBEngine(Struct, frozen=True, dict=True):
    """Answers from tables of a database; see `measure.query.Engine`."""

    connection: Connection
    tables: Tables

    @cached_property
    def _work(self) -> WorkTables:
        return WorkTables(self.connection)

    def answer(self, query: Query) -> Answer:
        waiting = [m for m in query.measures if m.open is not None]
        if waiting and len({one_slice.as_of for one_slice in query.slices}) > 1:
            return joined(self.answer(one) for one in _by_as_of(query, waiting))
        return joined(self._scan(replace(query, measures=measures)) for measures in _scans(query))

    def statements(self, query: Query) -> Iterator[str]:
        """Yield the statements of a query without running them, for a look at their plans; the
        small tables that each joins are made just before."""
        tables = self._tables(query)
        for measures in _scans(query):
            statement = Statement(replace(query, measures=measures), tables)
            make_owners(self.connection, statement)
            yield statement.sql()

    def records(self, request: RecordQuery) -> list[RecordRow]:
        with _exactly():
            tables = self._tables(request.query)
            rows = self.connection.execute(select(request, tables)).fetchall()
        found = [_record(request, row) for row in rows]
        return found[::-1] if request.last else found

    def count(self, request: RecordQuery) -> int:
        with _exactly():
            tables = self._tables(request.query)
            source = conditions.source(request.measure.entity, tables)
            row = self.connection.execute(
                f"SELECT count(*) FROM {source} WHERE {condition(request, tables)}"
            ).fetchone()
        return int(row[0]) if row else 0

    def _scan(self, query: Query) -> Answer:
        with _exactly():
            statement = Statement(query, self._tables(query))
            make_owners(self.connection, statement)
            return statement.read(self.connection.execute(statement.sql()).fetchall())

    def _tables(self, query: Query) -> Tables:
        """Return the tables with those of working time that a query needs."""
        return self.tables if not query.work else self._work.tables(query, self.tables)


def _by_as_of(query: Query, waiting: Sequence[Measure]) -> Iterator[Query]:
    """Divide a query: what is unanswered has waited till another moment in each slice; what does
    not wait is asked of all at once."""
    rest = tuple(m for m in query.measures if m not in waiting)
    if rest:
        yield replace(query, measures=rest)
    for as_of in sorted({one_slice.as_of for one_slice in query.slices}):
        slices = tuple(one_slice for one_slice in query.slices if one_slice.as_of == as_of)
        yield replace(query, measures=tuple(waiting), slices=slices)


@contextmanager
def _exactly() -> Iterator[None]:
    """Nobody else knows DuckDB's exceptions: what it cannot hold exactly is an EngineError."""
    try:
        yield
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise EngineError(str(error)) from error


def _scans(query: Query) -> list[tuple[Measure, ...]]:
    """Divide the measures of a query into those of one statement, each of which is one scan.

    DuckDB works out every aggregate for every grouping set. Distinct values and order statistics
    need sets that nothing else needs, other owners and (of several slices) other moments have sets
    of their own: apart, ten KPIs over a year of two million records take a third of the time.
    """
    several = len(query.slices) > 1
    alike: dict[tuple[object, ...], list[Measure]] = {}
    for measure in query.measures:
        moment = (measure.when, measure.monthly, measure.months) if several else ()
        alike.setdefault((measure.op in HOLISTIC, measure.by, *moment), []).append(measure)
    most = MEASURES_PER_SCAN
    return [
        tuple(measures[at : at + most])
        for measures in alike.values()
        for at in range(0, len(measures), most)
    ]


def make_owners(connection: Connection, statement: Statement) -> None:
    """Make the small tables that say whose each text is, since when and until when, and in which
    groups its owner is."""
    query, crowds = statement.query, statement.crowds()
    for index, owner in enumerate(statement.owners):
        columns = ["raw VARCHAR", "subject VARCHAR", "since TIMESTAMP", "until TIMESTAMP"]
        columns += [f"in_{number} BOOLEAN" for number in range(len(crowds))]
        columns += ["division VARCHAR"] if statement.divided else []
        table = statement.who_table(index)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({', '.join(columns)})")
        rows = [
            ", ".join(
                [text(raw), text(own.subject), _bound(own.start), _bound(own.end)]
                + ["TRUE" if own.subject in crowd else "FALSE" for crowd in crowds]
                + ([statement.department_sql(own.subject)] if statement.divided else [])
            )
            for raw, several in sorted(query.owners.get(owner.by, {}).items())
            for own in several
        ]
        if rows:
            connection.execute(f"INSERT INTO {table} VALUES ({'), ('.join(rows)})")


def _bound(moment: datetime | None) -> str:
    return "NULL" if moment is None else instant(moment)


# --- records ---------------------------------------------------------------------------------


def condition(request: RecordQuery, tables: Tables) -> str:
    """Return which records (of `e`) a request speaks of."""
    measure, means = request.measure, conditions.of_request(request, tables)
    where = conditions.of_measure(measure, means)
    reach = conditions.reach(request.slice, measure, tables, means.zone)
    inside, moment = conditions.between(measure, reach), column(measure.when)
    start, end = (conditions.literal(bound) for bound in _span(request, tables))
    value = compile_sql(measure.value.tree, means) if measure.value else "1"
    no_rate = f"({conditions.lacks_rate(measure)})"
    failing = "FALSE" if request.failing is None else compile_sql(request.failing, means)
    chosen = {
        "counted": f"{where} AND {inside}",
        "no_owner": f"{where} AND {inside} AND {conditions.of_owner(measure.by)} IS NULL",
        "no_date": f"{where} AND {moment} IS NULL",
        "no_value": f"{where} AND {inside} AND {value} IS NULL AND NOT {no_rate}",
        "no_rate": f"{where} AND {inside} AND {value} IS NULL AND {no_rate}",
        "fails": f"{inside} AND NOT coalesce({failing}, FALSE)",
        "before": f"{where} AND {moment} < {start}",
        "after": f"{where} AND {moment} >= {end}",
    }[request.reason]
    only = "" if request.only is None else f" AND {compile_sql(request.only, means)}"
    return f"{conditions.whose(request, tables)} AND {chosen}{only}"


def _span(request: RecordQuery, tables: Tables) -> tuple[conditions.Moment, conditions.Moment]:
    """Return the slice as moments, a month that it cuts being neither before nor after it."""
    measure, zone = request.measure, request.query.zone
    if tables.is_day(measure.entity, measure.when):
        return request.slice.days(zone)
    return request.slice.start, request.slice.end


def select(request: RecordQuery, tables: Tables) -> str:
    """Return the statement that brings the records of a request."""
    measure, means = request.measure, conditions.of_request(request, tables)
    fields = [column(name) for name in request.fields]
    value = compile_sql(measure.value.tree, means) if measure.value else "NULL"
    source = conditions.source(measure.entity, tables)
    hit = success = "NULL"
    if (link := measure.link) is not None:
        ident = column("id") if tables.has(link.entity, "id") else "''"
        as_of = request.slice.as_of
        followed = conditions.linked_moments(link, tables, request.query, as_of, ident)
        key = conditions.key_text(measure.entity, "id", tables)
        source += f" LEFT JOIN {followed} l ON l.via = {key}"
        hit = conditions.hit(measure, tables, "l.moments")
        success = conditions.first_hit(measure, tables, "l.successes")
    moment, has_id = column(measure.when), tables.has(measure.entity, "id")
    place = ["e.part", "e.line"] if request.lines else []
    if has_id:
        place = [f"length({column('id')})", column("id"), *place]
    order = place if request.by_id else [moment, *place]
    turned = " DESC NULLS FIRST" if request.last else ""
    limit = "" if request.limit is None else f" LIMIT {request.limit}"
    head = [moment, conditions.of_owner(measure.by), value, hit, success]
    lines = ["e.part", "e.line"] if request.lines else ["0", "0"]
    is_open = compile_sql(measure.open.tree, means) if measure.open else "FALSE"
    return (
        f"SELECT {', '.join([*head, *lines, is_open, *fields])} FROM {source} "
        f"WHERE {condition(request, tables)} "
        f"ORDER BY {', '.join(f'{key}{turned}' for key in order)}{limit}"
    )


def _record(request: RecordQuery, row: tuple[Any, ...]) -> RecordRow:
    moment, owner, value, hit, success, part, line, is_open, *fields = row
    return RecordRow(
        moment=_aware(moment),
        owner=owner,
        value=_aware(value),
        fields={n: _aware(v) for n, v in zip(request.fields, fields, strict=True)},
        hit=hit,
        success=None if not success else Success(success["id"] or None, _instant(success["at"])),
        part=part,
        line=line,
        open=is_open is True,
    )


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _instant(moment: date | datetime) -> datetime:
    assert isinstance(moment, datetime)  # noqa: S101  days are made instants in the statement
    return moment.replace(tzinfo=UTC)
