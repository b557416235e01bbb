"""The engine that does the work: DuckDB over the typed tables of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from kpictl.database import Connection
from kpictl.engines.sql import conditions
from kpictl.engines.sql.statement import HOLISTIC, Statement
from kpictl.expressions.sql import column, compile_sql, instant, text
from kpictl.query import (
    Answer,
    EngineError,
    Measure,
    Query,
    RecordQuery,
    RecordRow,
    Success,
    Tables,
)

# DuckDB holds a vector of 2,048 values for every column of every grouping set in every thread, and
# its planner looks at each pair of columns: a thousand measures in one statement over 500 records
# take 23 GB and minutes.
MEASURES_PER_SCAN = 32


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """Answers from tables of a database; see `query.Engine`."""

    connection: Connection
    tables: Tables

    def answer(self, query: Query) -> Answer:
        answers = [self._scan(replace(query, measures=part)) for part in _parts(query)]
        return Answer(
            {name: tallies for part in answers for name, tallies in part.subjects.items()},
            {name: tallies for part in answers for name, tallies in part.groups.items()},
            {name: count for part in answers for name, count in part.undated.items()},
        )

    def statements(self, query: Query) -> Iterator[str]:
        """Yield the statements of a query without running them, for a look at their plans; the
        small tables that each joins are made just before."""
        for part in _parts(query):
            statement = Statement(replace(query, measures=part), self.tables)
            make_owners(self.connection, statement)
            yield statement.sql()

    def records(self, request: RecordQuery) -> list[RecordRow]:
        with _exactly():
            rows = self.connection.execute(select(request, self.tables)).fetchall()
        found = [_record(request, row) for row in rows]
        return found[::-1] if request.last else found

    def count(self, request: RecordQuery) -> int:
        table = self.tables.names[request.measure.entity]
        with _exactly():
            row = self.connection.execute(
                f"SELECT count(*) FROM {table} e WHERE {condition(request, self.tables)}"
            ).fetchone()
        return int(row[0]) if row else 0

    def _scan(self, query: Query) -> Answer:
        statement = Statement(query, self.tables)
        with _exactly():
            make_owners(self.connection, statement)
            return statement.read(self.connection.execute(statement.sql()).fetchall())


@contextmanager
def _exactly() -> Iterator[None]:
    """Nobody else knows DuckDB's exceptions: what it cannot hold exactly is an EngineError."""
    try:
        yield
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise EngineError(str(error)) from error


def _parts(query: Query) -> list[tuple[Measure, ...]]:
    """Divide the measures of a query into those of one statement, each of which is one scan.

    DuckDB works out every aggregate for every grouping set. Distinct values and order statistics
    need sets that nothing else needs, other owners and (of several slices) other moments have sets
    of their own: apart, ten KPIs over a year of two million records take a third of the time.
    """
    several = len(query.slices) > 1
    alike: dict[tuple[object, ...], list[Measure]] = {}
    for measure in query.measures:
        moment = (measure.when, measure.monthly) if several else ()
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
        columns += ["part VARCHAR"] if statement.divided else []
        table = statement.who_table(index)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({', '.join(columns)})")
        rows = [
            ", ".join(
                [text(raw), text(own.subject), _bound(own.start), _bound(own.end)]
                + ["TRUE" if own.subject in crowd else "FALSE" for crowd in crowds]
                + ([statement.part(own.subject)] if statement.divided else [])
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
    measure, zone = request.measure, request.query.zone
    where = conditions.of_measure(measure, zone)
    reach = conditions.reach(request.slice, measure, tables, zone)
    inside, moment = conditions.between(measure, reach), column(measure.when)
    start, end = (conditions.literal(bound) for bound in _span(request, tables))
    value = compile_sql(measure.value.tree, zone) if measure.value else "1"
    no_rate = f"({conditions.lacks_rate(measure)})"
    failing = "FALSE" if request.failing is None else compile_sql(request.failing, zone)
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
    only = "" if request.only is None else f" AND {compile_sql(request.only, zone)}"
    return f"{conditions.whose(request, tables)} AND {chosen}{only}"


def _span(request: RecordQuery, tables: Tables) -> tuple[conditions.Moment, conditions.Moment]:
    """Return the slice as moments, a month that it cuts being neither before nor after it."""
    measure, zone = request.measure, request.query.zone
    if tables.is_day(measure.entity, measure.when):
        return request.slice.days(zone)
    return request.slice.start, request.slice.end


def select(request: RecordQuery, tables: Tables) -> str:
    """Return the statement that brings the records of a request."""
    measure, zone = request.measure, request.query.zone
    fields = [column(name) for name in request.fields]
    value = compile_sql(measure.value.tree, zone) if measure.value else "NULL"
    source = f"{tables.names[measure.entity]} e"
    hit = success = "NULL"
    if (link := measure.link) is not None:
        ident = column("id") if tables.has(link.entity, "id") else "''"
        as_of = request.slice.as_of
        followed = conditions.linked_moments(link, tables, zone, as_of, ident)
        source += f" LEFT JOIN {followed} l ON l.via = e.{column('id')}"
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
    return (
        f"SELECT {', '.join([*head, *lines, *fields])} FROM {source} "
        f"WHERE {condition(request, tables)} "
        f"ORDER BY {', '.join(f'{key}{turned}' for key in order)}{limit}"
    )


def _record(request: RecordQuery, row: tuple[Any, ...]) -> RecordRow:
    moment, owner, value, hit, success, part, line, *fields = row
    return RecordRow(
        moment=_aware(moment),
        owner=owner,
        value=_aware(value),
        fields={n: _aware(v) for n, v in zip(request.fields, fields, strict=True)},
        hit=hit,
        success=None if not success else Success(success["id"] or None, _instant(success["at"])),
        part=part,
        line=line,
    )


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _instant(moment: date | datetime) -> datetime:
    assert isinstance(moment, datetime)  # noqa: S101  days are made instants in the statement
    return moment.replace(tzinfo=UTC)
