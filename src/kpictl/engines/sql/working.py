"""The tables of working time that a query needs, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from kpictl.calendar.cumulative import cumulative_table
from kpictl.calendar.timeline import FIRST_YEAR, LAST_YEAR, WorkTime
from kpictl.database import Connection
from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type
from kpictl.expressions.context import WorkTable
from kpictl.expressions.functions import asks_working_time
from kpictl.expressions.sql import column, name, text
from kpictl.expressions.work_sql import make_table
from kpictl.measure.query import Query, Tables

_EARLIEST, _LATEST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_MOMENTS = (Type.DATE, Type.DATETIME)


class WorkTables(Struct):
    """Tables of working time by entity and owner field, each over the days that the moments of its
    expressions reach."""

    connection: Connection
    made: dict[tuple[str, str], tuple[WorkTime, frozenset[Node], WorkTable]] = {}

    def tables(self, query: Query, tables: Tables) -> Tables:
        """Return tables with those of working time that a query needs."""
        needed: dict[tuple[str, str], set[Node]] = {}
        times: dict[tuple[str, str], WorkTime] = {}
        for key, work_time, tree in _asking(query):
            needed.setdefault(key, set()).update(_moments(tree))
            times[key] = work_time
        as_of = {Literal(one_slice.as_of, Type.DATETIME) for one_slice in query.slices}
        work = {
            key: self._table(times[key], key, frozenset({*moments, *as_of}), tables)
            for key, moments in needed.items()
        }
        return replace(tables, work={**tables.work, **work})

    def _table(
        self, work: WorkTime, key: tuple[str, str], moments: frozenset[Node], tables: Tables
    ) -> WorkTable:
        known = self.made.get(key)
        if known is not None and known[0] == work and known[1] >= moments:
            return known[2]
        entity, by = key
        called = f"{entity} {by}"
        first, last = self._hull(tables.names[entity], moments)
        timelines = work.timelines()
        found = make_table(
            self.connection, name(f"work {called}"), cumulative_table(timelines, first, last)
        )
        if work.own:
            rows = [
                f"({text(raw)}, {timelines.index(work.own[raw]) * found.days})"
                for raw in sorted(work.own)
            ]
            owners = name(f"work owners {called}")
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {owners} (raw VARCHAR, run BIGINT)"
            )
            self.connection.execute(f"INSERT INTO {owners} VALUES {', '.join(rows)}")
            found = replace(found, run=name(f"run {by}"), owners=owners)
        self.made[key] = (work, moments, found)
        return found

    def _hull(self, table: str, moments: frozenset[Node]) -> tuple[date, date]:
        """Return the first and the last day of which any moment is, within what calendars know; the
        moment up to which the data are known is always one of them."""
        days = [_day(one.value) for one in moments if isinstance(one, Literal)]
        fields = sorted({one.name for one in moments if isinstance(one, Ref)})
        if fields:
            asked = ", ".join(f"min({column(one)}), max({column(one)})" for one in fields)
            row = self.connection.execute(f"SELECT {asked} FROM {table}").fetchone() or ()
            days += [_day(value) for value in row if value is not None]
        within = [min(max(day, _EARLIEST), _LATEST) for day in days]
        return min(within) - _SPARE, max(within) + _SPARE


_SPARE = timedelta(days=1)  # a day is another one in another zone


def _day(value: object) -> date:
    assert isinstance(value, date)  # noqa: S101  moments are days or instants
    return value.date() if isinstance(value, datetime) else value


def _asking(query: Query) -> Iterator[tuple[tuple[str, str], WorkTime, Node]]:
    """Yield the expressions that ask when people work, with the entity and the owner field of whose
    records they are, and the working time of these."""
    for measure in query.measures:
        for tree in _trees(measure.where, measure.value, measure.open):
            yield (query.entity, measure.by), query.work[measure.by], tree
        if (link := measure.link) is not None:
            key = (link.entity, link.by)
            for tree in _trees(link.where):
                yield key, query.linked_work[key], tree


def _trees(*expressions: Expression | None) -> Iterator[Node]:
    for one in expressions:
        if one is not None and asks_working_time(one.tree):
            yield one.tree


def _moments(node: Node) -> Iterator[Node]:
    """Yield the fields and the written moments of a tree."""
    if isinstance(node, Operation):
        for arg in node.args:
            yield from _moments(arg)
    elif node.type in _MOMENTS:
        yield node
