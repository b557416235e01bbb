"""Records that follow one another, as SQL: which successes lie in a record's window."""

from __future__ import annotations

from kpictl.expressions.sql import column, compile_sql, instant
from kpictl.query import Link, Measure, Query, Tables


def as_instant(sql: str, *, is_day: bool) -> str:
    return f"cell_utc(CAST({sql} AS TIMESTAMP))" if is_day else sql


def hit(measure: Measure, tables: Tables, moments: str) -> str:
    """Return whether any linked moment lies in the record's window."""
    inside = f"len(list_filter({moments}, lambda x: {_inside(measure, tables, 'x')})) > 0"
    return f"coalesce({inside}, FALSE)"


def first_hit(measure: Measure, tables: Tables, successes: str) -> str:
    """Return the first success in the record's window, of a list of `{at, id}`; NULL if none."""
    inside = f"list_filter({successes}, lambda x: {_inside(measure, tables, 'x.at')})"
    return f"list_sort({inside})[1]"


def _inside(measure: Measure, tables: Tables, moment: str) -> str:
    """Return whether a moment lies in a record's window."""
    assert measure.link is not None  # noqa: S101  HITS has one
    start = as_instant(column(measure.when), is_day=tables.is_day(measure.entity, measure.when))
    end = f"{start} + to_seconds({measure.link.within})"
    day = f"cell_utc(CAST(cell_day({start}) AS TIMESTAMP))"
    return f"({moment} >= {start} OR {moment} = {day}) AND {moment} < {end}"


def undecided(measure: Measure, query: Query, tables: Tables) -> str:
    """Return whether a record's window is still open at the end of the data."""
    assert measure.link is not None  # noqa: S101  HITS has one
    start = as_instant(column(measure.when), is_day=tables.is_day(measure.entity, measure.when))
    return f"{start} + to_seconds({measure.link.within}) > {instant(query.horizon)}"


def linked_moments(link: Link, query: Query, tables: Tables, *, ident: str = "NULL") -> str:
    """Return the sub-select of success moments by the id they point to, and of `{at, id}`, where
    `ident` is the SQL of what a success is called."""
    moment = as_instant(column(link.when), is_day=tables.is_day(link.entity, link.when))
    where = "TRUE" if link.where is None else compile_sql(link.where.tree, query.zone)
    # A success alone is enough for a number; what it is called is asked for by explain.
    named = f"list({{'at': {moment}, 'id': {ident}}})"
    successes = "" if ident == "NULL" else f", {named} AS successes"
    return (
        f"(SELECT {column(link.via)} AS via, list({moment}) AS moments{successes} "
        f"FROM {tables.names[link.entity]} WHERE {where} AND {moment} < {instant(query.as_of)} "
        f"AND {column(link.via)} IS NOT NULL GROUP BY 1)"
    )
