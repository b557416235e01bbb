"""A query as one SQL statement over one scan: conditional aggregates, grouped by subject.

Every condition and value is computed once per record in the inner SELECT, however many measures
share it. Tallies that add up (counts, sums, extremes, hits) are grouped by subject only and added
for groups in Python, exactly; distinct values and order statistics are recomputed for each group
by a further grouping set of the same scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from kpictl.database import Connection
from kpictl.expressions.money import original_of
from kpictl.expressions.sql import column, compile_sql, instant, name, text
from kpictl.linked import hit, linked_moments, undecided
from kpictl.query import (
    NOBODY,
    UNKNOWN,
    Answer,
    GroupId,
    Link,
    Measure,
    Op,
    Query,
    Tables,
    Tally,
    order_statistic,
)

# DuckDB holds a vector of 2,048 values for every column of every grouping set in every thread, and
# its planner looks at each pair of columns: a thousand measures in one statement over 500 records
# take 23 GB and minutes. Plans of ordinary size are answered in one scan.
MEASURES_PER_SCAN = 32

_HOLISTIC = frozenset({Op.DISTINCT, Op.VALUES})


def answer(query: Query, connection: Connection, tables: Tables) -> Answer:
    """Answer a query from the database."""
    answers = [_scan(replace(query, measures=part), connection, tables) for part in _parts(query)]
    return Answer(
        {name: tallies for part in answers for name, tallies in part.subjects.items()},
        {name: tallies for part in answers for name, tallies in part.groups.items()},
        {name: count for part in answers for name, count in part.undated.items()},
    )


def _parts(query: Query) -> list[tuple[Measure, ...]]:
    """Cut the measures of a query into as many as one statement may have."""
    measures, most = query.measures, MEASURES_PER_SCAN
    return [measures[at : at + most] for at in range(0, len(measures), most)]


def _scan(query: Query, connection: Connection, tables: Tables) -> Answer:
    statement = _Statement(query, tables)
    _make_subjects(connection, statement)
    rows = connection.execute(statement.sql()).fetchall()
    return statement.read(rows)


def statement_sql(query: Query, tables: Tables) -> str:
    """Return the statement without running it, for a look at its plan."""
    return _Statement(query, tables).sql()


def prepare(query: Query, connection: Connection, tables: Tables) -> None:
    """Make the tables of subjects that the statement joins."""
    _make_subjects(connection, _Statement(query, tables))


def within(measure: Measure, query: Query, tables: Tables) -> str:
    """Return the condition that a record's moment lies in the period and before `as_of`."""
    moment = column(measure.when)
    if measure.monthly:
        return (
            f"({moment} >= DATE '{query.period.first}' AND {moment} < DATE '{query.end_day}' "
            f"AND last_day({moment}) <= DATE '{query.period.last}')"
        )
    if tables.is_day(measure.entity, measure.when):
        return f"({moment} >= DATE '{query.period.first}' AND {moment} < DATE '{query.end_day}')"
    return f"({moment} >= {instant(query.period.start)} AND {moment} < {instant(query.end)})"


def condition(measure: Measure, zone: ZoneInfo) -> str:
    """Return the SQL of a measure's `where`."""
    return "TRUE" if measure.where is None else compile_sql(measure.where.tree, zone)


def owner_text(by: str) -> str:
    """Return the SQL of the text that says whose a record (of `e`) is."""
    return "CAST(NULL AS VARCHAR)" if by == NOBODY else f"e.{column(by)}"


def lacks_rate(measure: Measure) -> str:
    """Return the SQL of an amount that is written but could not be converted."""
    pairs = [(column(field), column(original_of(field))) for field in measure.converted]
    found = [f"({made} IS NULL AND {written} IS NOT NULL)" for made, written in pairs]
    return " OR ".join(found) or "FALSE"


@dataclass(slots=True)
class _Statement:
    query: Query
    tables: Tables
    owners: list[str] = field(default_factory=list)
    inner: dict[str, str] = field(default_factory=dict)  # SQL → its column in the inner SELECT
    links: dict[Link, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = list(dict.fromkeys(m.by for m in self.query.measures))

    # --- building ------------------------------------------------------------------------

    def column(self, sql: str) -> str:
        return self.inner.setdefault(sql, f"x{len(self.inner)}")

    def sql(self) -> str:
        outs = [out for measure in self.query.measures for out in self.outputs(measure)]
        keeps = self.keeps()
        subjects = [
            f"CASE WHEN {owner_text(owner)} IS NOT NULL "
            f"THEN coalesce(w{i}.subject, {text(UNKNOWN)}) END AS s{i}"
            for i, owner in enumerate(self.owners)
        ]
        members = [
            f"w{i}.{name(f'in_{g}')} AS g{i}_{j}"
            for i in range(len(self.owners))
            for j, g in enumerate(self.group_names())
        ]
        parts = [f"w{i}.part AS p{i}" for i in range(len(self.owners)) if self.divided]
        columns = [f"{sql} AS {alias}" for sql, alias in self.inner.items()]
        inner = ", ".join([*subjects, *members, *parts, *columns])
        sets = self.grouping_sets()
        grouped = [key for keys in sets for key in keys]
        flags = ", ".join(f"GROUPING({key})" for key in grouped)
        head = ", ".join([*grouped, *([flags] if flags else []), *outs])
        groupings = ", ".join(f"({', '.join(keys)})" for keys in sets)
        return (
            f"SELECT {head} FROM (SELECT {inner} FROM {self.joined()}) "
            f"WHERE {' OR '.join(keeps)} GROUP BY GROUPING SETS ({groupings})"
        )

    def group_names(self) -> list[GroupId]:
        """Return the groups that need recomputing and are not "all records"."""
        if not any(m.op in _HOLISTIC for m in self.query.measures):
            return []
        return [g for g, members in self.query.groups.items() if members is not None]

    @property
    def divided(self) -> bool:
        """Say whether parts need recomputing."""
        return bool(self.query.parts) and any(m.op in _HOLISTIC for m in self.query.measures)

    def part(self, subject: str) -> str:
        return text(self.query.parts[subject]) if subject in self.query.parts else "NULL"

    def grouping_sets(self) -> list[list[str]]:
        sets = [[f"s{i}"] for i in range(len(self.owners))]
        for i, owner in enumerate(self.owners):
            if any(m.op in _HOLISTIC and m.by == owner for m in self.query.measures):
                sets.extend([f"g{i}_{j}"] for j in range(len(self.group_names())))
                sets.extend([[f"p{i}"]] if self.divided else [])
        if any(m.op in _HOLISTIC for m in self.query.measures) and None in (
            self.query.groups.values()
        ):
            sets.append([])
        return sets

    def joined(self) -> str:
        parts = [f"{self.tables.names[self.query.entity]} e"]
        for i, owner in enumerate(self.owners):
            who = who_table(self.query, i)
            parts.append(f"LEFT JOIN {who} w{i} ON w{i}.raw = {owner_text(owner)}")
        for i, link in enumerate(self.links):
            made = linked_moments(link, self.query, self.tables)
            parts.append(f"LEFT JOIN {made} l{i} ON l{i}.via = e.{column('id')}")
        return " ".join(parts)

    def counts(self, measure: Measure) -> str:
        """Return the inner column that says whether a record counts."""
        where = condition(measure, self.query.zone)
        dated = within(measure, self.query, self.tables)
        return self.column(f"coalesce({where} AND {dated}, FALSE)")

    def undated(self, measure: Measure) -> str:
        where = condition(measure, self.query.zone)
        return self.column(f"coalesce({where} AND {column(measure.when)} IS NULL, FALSE)")

    def keeps(self) -> list[str]:
        found = [f(m) for m in self.query.measures for f in (self.counts, self.undated)]
        return list(dict.fromkeys(found))

    def outputs(self, measure: Measure) -> list[str]:
        """Return the six aggregates of a measure: n, total, next, no value, no rate, undated."""
        counts, undated = self.counts(measure), self.undated(measure)
        rows, late = f"count(*) FILTER ({counts})", f"count(*) FILTER ({undated})"
        if measure.op is Op.COUNT:
            return [rows, rows, "NULL", "0", "0", late]
        if measure.op is Op.HITS:
            return self.hit_outputs(measure, counts, late)
        assert measure.value is not None  # noqa: S101  every other operation has one
        value = self.column(compile_sql(measure.value.tree, self.query.zone))
        n = f"count({value}) FILTER ({counts})"
        missing = f"count(*) FILTER ({counts} AND {value} IS NULL)"
        lacks = f"{counts} AND {value} IS NULL AND {self.column(f'({lacks_rate(measure)})')}"
        no_rate = f"count(*) FILTER ({lacks})" if measure.converted else "0"
        if measure.op is Op.VALUES:
            return [n, *_neighbours(value, counts, measure.position), missing, no_rate, late]
        call = {Op.DISTINCT: f"count(DISTINCT {value})"}.get(measure.op, f"{measure.op}({value})")
        return [n, f"{call} FILTER ({counts})", "NULL", missing, no_rate, late]

    def hit_outputs(self, measure: Measure, counts: str, late: str) -> list[str]:
        assert measure.link is not None  # noqa: S101  HITS has one
        alias = self.links.setdefault(measure.link, f"l{len(self.links)}")
        flag = self.column(hit(measure, self.tables, f"{alias}.moments"))
        pending = self.column(undecided(measure, self.query, self.tables))
        rows = f"count(*) FILTER ({counts})"
        hits = f"count(*) FILTER ({counts} AND {flag})"
        immature = f"count(*) FILTER ({counts} AND NOT {flag} AND {pending})"
        return [rows, hits, "NULL", immature, "0", late]

    # --- reading -------------------------------------------------------------------------

    def read(self, rows: Iterable[tuple[Any, ...]]) -> Answer:
        measures = self.query.measures
        subjects: dict[str, dict[str | None, Tally]] = {m.name: {} for m in measures}
        groups: dict[str, dict[GroupId, Tally]] = {m.name: {} for m in measures}
        undated = dict.fromkeys((m.name for m in measures), 0)
        sets = self.grouping_sets()
        keys = [key for group in sets for key in group]
        for row in rows:
            active = [i for i in range(len(keys)) if row[len(keys) + i] == 0]
            key = keys[active[0]] if active else None
            value = row[active[0]] if active else None
            for index, measure in enumerate(measures):
                start = 2 * len(keys) + 6 * index
                cells = row[start : start + 6]
                self.place(measure, key, value, cells, subjects, groups, undated)
        self.add_up(subjects, groups)
        return Answer(subjects, groups, undated)

    def place(  # noqa: PLR0913  one row's cell goes into one of three tables
        self,
        measure: Measure,
        key: str | None,
        value: Any,
        cells: tuple[Any, ...],
        subjects: dict[str, dict[str | None, Tally]],
        groups: dict[str, dict[GroupId, Tally]],
        undated: dict[str, int],
    ) -> None:
        owner = self.owners.index(measure.by)
        if key == f"s{owner}":
            undated[measure.name] += cells[5]
            tally = _tally(measure, cells)
            if cells[0] or cells[3]:
                subjects[measure.name][value] = tally
        elif measure.op in _HOLISTIC and key is None:
            for group, members in self.query.groups.items():
                if members is None:
                    groups[measure.name][group] = _tally(measure, cells)
        elif measure.op in _HOLISTIC and key == f"p{owner}" and value is not None:
            groups[measure.name][value] = _tally(measure, cells)
        elif measure.op in _HOLISTIC and value is True and key and key.startswith(f"g{owner}_"):
            group = self.group_names()[int(key.rsplit("_", 1)[1])]
            groups[measure.name][group] = _tally(measure, cells)

    def add_up(
        self,
        subjects: Mapping[str, Mapping[str | None, Tally]],
        groups: Mapping[str, dict[GroupId, Tally]],
    ) -> None:
        parts = dict.fromkeys(self.query.parts.values())
        for measure in self.query.measures:
            found = groups[measure.name]
            if measure.op in _HOLISTIC:
                empty = Fraction(0) if measure.op is Op.DISTINCT else None
                for group in (*self.query.groups, *parts):
                    found.setdefault(group, Tally(0, empty))
                continue
            tallies = subjects[measure.name].items()
            for group, members in self.query.groups.items():
                inside = [t for s, t in tallies if members is None or s in members]
                found[group] = merge(measure.op, inside)
            divided: dict[GroupId, list[Tally]] = {part: [] for part in parts}
            for subject, tally in tallies:
                if subject is not None and subject in self.query.parts:
                    divided[self.query.parts[subject]].append(tally)
            found.update({part: merge(measure.op, inside) for part, inside in divided.items()})


def merge(op: Op, tallies: Iterable[Tally]) -> Tally:
    """Add tallies of disjoint records; for operations that add up."""
    found = list(tallies)
    totals = [t.total for t in found if t.total is not None]
    if op in (Op.MIN, Op.MAX):
        total = (min if op is Op.MIN else max)(totals, default=None)
    elif op in (Op.COUNT, Op.HITS):
        total = sum(totals, Fraction(0))
    else:
        total = sum(totals, Fraction(0)) if totals else None
    return Tally(
        sum(t.n for t in found),
        total,
        sum(t.no_value for t in found),
        sum(t.no_rate for t in found),
        sum(t.immature for t in found),
    )


def _neighbours(value: str, counts: str, position: Fraction) -> tuple[str, str]:
    """Return the order statistics below and above a position, exactly, as two aggregates."""
    ordered = f"list_sort(list({value}) FILTER ({counts} AND {value} IS NOT NULL))"
    n = f"len({ordered})"
    index = f"(({n} - 1) * {position.numerator} // {position.denominator})"
    return f"{ordered}[{index} + 1]", f"{ordered}[least({index} + 2, {n})]"


def _tally(measure: Measure, cells: tuple[Any, ...]) -> Tally:
    n, total, following, missing, no_rate, _ = cells
    if measure.op is Op.HITS:
        return Tally(n, Fraction(total), immature=missing)
    if total is None:
        return Tally(n, None, missing, no_rate)
    exact = Fraction(total)
    if measure.op is Op.VALUES:
        _, between = order_statistic(measure.position, n)
        exact += (Fraction(following) - exact) * between
    return Tally(n, exact, missing, no_rate)


def who_table(query: Query, index: int) -> str:
    """Return the name of the table that maps texts of the index-th owner field to subjects."""
    return name(f"who_{query.entity}_{index}")


def _make_subjects(connection: Connection, statement: _Statement) -> None:
    """Make the small tables that say whose each text is, and in which groups its owner is."""
    query = statement.query
    groups = statement.group_names()
    for index, owner in enumerate(statement.owners):
        flags = "".join(f", {name(f'in_{g}')} BOOLEAN" for g in groups)
        flags += ", part VARCHAR" if statement.divided else ""
        table = who_table(query, index)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} (raw VARCHAR, subject VARCHAR{flags})"
        )
        rows = [
            ", ".join(
                [text(raw), text(subject)]
                + ["TRUE" if subject in (query.groups[g] or ()) else "FALSE" for g in groups]
                + ([statement.part(subject)] if statement.divided else [])
            )
            for raw, subject in sorted(query.subjects[owner].items())
        ]
        if rows:
            connection.execute(f"INSERT INTO {table} VALUES ({'), ('.join(rows)})")
