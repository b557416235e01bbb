"""Measures of a query as one SQL statement: conditional aggregates, grouped by subject and slice.

Every condition and value is computed once per record in the inner SELECT, however many measures
share it. Tallies that add up (counts, sums, extremes, hits) are grouped by subject and stretch of
time only and added for groups and slices in Python, exactly; distinct values and order statistics
are recomputed for each group and slice by further grouping sets of the same scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from kpictl.engines.sql import conditions
from kpictl.engines.sql.aggregates import (
    HOLISTIC,
    Aggregates,
    merge,
    neighbours_sql,
    squares_sql,
    tally_of,
)
from kpictl.engines.sql.slicing import Axis, axis_of, hull, layers
from kpictl.expressions.context import Context
from kpictl.expressions.sql import column, compile_sql, instant, name, text
from kpictl.measure.query import (
    UNKNOWN,
    Answer,
    GroupId,
    Link,
    Measure,
    Op,
    Query,
    Slice,
    SliceId,
    Tables,
    Tally,
)
from kpictl.values import SubjectId


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose a record is, by an owner field; where people change their assignments it depends on the
    moment, that is on `when` (else None)."""

    by: str
    when: tuple[str, bool] | None  # a field, and whether it is a day


@dataclass(frozen=True, slots=True)
class _Set:
    """A grouping set: the columns by which it groups, and what a row of it is a tally of: of a
    `subject`, of a member of a `group`, of a `part`, or of `all` records."""

    keys: tuple[str, ...]
    of: str
    owner: int
    axis: str
    group: GroupId = ""


@dataclass(slots=True)
class Statement:
    """The SQL of a query, and the reading of its rows."""

    query: Query
    tables: Tables
    owners: list[_Owner] = field(default_factory=list)
    axes: dict[str, Axis] = field(default_factory=dict)  # by the column of the inner SELECT
    inner: dict[str, str] = field(default_factory=dict)  # SQL → its column in the inner SELECT
    members: dict[str, str] = field(default_factory=dict)  # the same of groups: column → SQL
    links: dict[Link, str] = field(default_factory=dict)
    sets: list[_Set] = field(default_factory=list)
    outputs: dict[str, int] = field(default_factory=dict)  # SQL → its place after keys and flags
    _axis_columns: dict[tuple[str, int], tuple[str, list[str]]] = field(default_factory=dict)
    _owner_of: dict[str, int] = field(default_factory=dict)  # measure → place in `owners`
    _places: dict[str, dict[str, Aggregates[int]]] = field(default_factory=dict)
    """Measure → axis → where the outputs hold its aggregates."""

    def __post_init__(self) -> None:
        changing = {by for by in self.query.owners if self._changes(by)}
        for measure in self.query.measures:
            owner = self._owner(measure, changing=measure.by in changing)
            self.owners += [] if owner in self.owners else [owner]
            self._owner_of[measure.name] = self.owners.index(owner)
            self._places[measure.name] = {
                axis: Aggregates(*(self.output(sql) for sql in self.aggregates(measure, axis)))
                for axis in self.axes_of(measure)
            }
        self.sets = self._make_sets()

    # --- building ------------------------------------------------------------------------

    def column(self, sql: str) -> str:
        return self.inner.setdefault(sql, f"x{len(self.inner)}")

    def output(self, sql: str) -> int:
        return self.outputs.setdefault(sql, len(self.outputs))

    def _changes(self, by: str) -> bool:
        owners = self.query.owners[by].values()
        return any(own.bounded for several in owners for own in several)

    def _owner(self, measure: Measure, *, changing: bool) -> _Owner:
        if not changing:
            return _Owner(measure.by, None)
        is_day = self.tables.is_day(measure.entity, measure.when)
        return _Owner(measure.by, (measure.when, is_day))

    def reach(self, part: Slice, measure: Measure) -> tuple[conditions.Moment, conditions.Moment]:
        return conditions.reach(part, measure, self.tables, self.query.zone)

    def axes_of(self, measure: Measure) -> list[str]:
        """Return the axes by which a measure is grouped: one where its tallies add up."""
        key = (measure.when, measure.months if measure.monthly else 0)
        if key not in self._axis_columns:
            self._axis_columns[key] = self._make_axes(measure)
        stretches, of_layers = self._axis_columns[key]
        alike = len({(s.as_of, s.horizon) for s in self.query.slices}) == 1
        adds_up = measure.op not in HOLISTIC and (measure.op is not Op.LINKED or alike)
        return [stretches] if adds_up else of_layers

    def _make_axes(self, measure: Measure) -> tuple[str, list[str]]:
        slices = self.query.slices
        if len(slices) == 1:
            self.axes.setdefault("", Axis(None, {None: slices}))
            return "", [""]

        def make(several: Iterable[Slice]) -> str:
            reaches = [(part, self.reach(part, measure)) for part in several]
            axis = axis_of(column(measure.when), reaches)
            assert axis.sql is not None  # noqa: S101  only a single slice has none
            sql = axis.sql
            # A layer with all the bounds there are divides time just as the stretches do, but what
            # lies in one of them is of other slices: it needs a column of its own.
            while self.axes.get(self.inner.get(sql, ""), axis).slices != axis.slices:
                sql = f"({sql})"
            made = self.column(sql)
            self.axes[made] = axis
            return made

        stretches, several = make(slices), layers(slices)
        return stretches, [stretches] if len(several) == 1 else [make(layer) for layer in several]

    def sql(self) -> str:
        subjects = [
            f"CASE WHEN {conditions.of_owner(owner.by)} IS NOT NULL "
            f"THEN coalesce(w{i}.subject, {text(UNKNOWN)}) END AS s{i}"
            for i, owner in enumerate(self.owners)
        ]
        grouped = self.grouped()
        members = [f"{sql} AS {alias}" for alias, sql in self.members.items()]
        parts = [f"w{i}.part AS p{i}" for i in range(len(self.owners)) if self.divided]
        keeps = self.keeps()
        source = self.joined()
        columns = [f"{sql} AS {alias}" for sql, alias in self.inner.items()]
        inner = ", ".join([*subjects, *members, *parts, *columns])
        flags = [f"GROUPING({key})" for key in grouped]
        head = ", ".join([*grouped, *flags, *self.outputs])
        groupings = ", ".join(f"({', '.join(one.keys)})" for one in self.sets)
        return (
            f"SELECT {head} FROM (SELECT {inner} FROM {source}) "
            f"WHERE {' OR '.join(keeps)} GROUP BY GROUPING SETS ({groupings})"
        )

    def group_names(self) -> list[GroupId]:
        """Return the groups that need recomputing and are not "all records"."""
        if not self.recomputes:
            return []
        return [g for g, members in self.query.groups.items() if members is not None]

    @property
    def recomputes(self) -> bool:
        return any(m.op in HOLISTIC for m in self.query.measures)

    @property
    def divided(self) -> bool:
        """Say whether parts need recomputing."""
        return bool(self.query.parts) and self.recomputes

    def crowds(self) -> list[frozenset[SubjectId]]:
        """Return the different sets of subjects that groups are in any slice."""
        groups = (self.query.groups[group] for group in self.group_names())
        return list(dict.fromkeys(m[s.id] for m in groups if m for s in self.query.slices))

    def member(self, group: GroupId, owner: int, axis: str) -> str:
        """Return the inner column that says whether a record's owner is in a group in its slice."""
        members, crowds = self.query.groups[group] or {}, self.crowds()
        has_text = f"{conditions.of_owner(self.owners[owner].by)} IS NOT NULL"
        inside = {}
        for part in self.query.slices:
            flag = f"w{owner}.in_{crowds.index(members[part.id])}"
            of_nobody = UNKNOWN in members[part.id]  # a text that nobody's table has
            inside[part] = f"coalesce({flag}, {has_text})" if of_nobody else flag
        alias = f"g{owner}_{self.group_names().index(group)}{axis}"
        self.members[alias] = self.axes[axis].varying(self._of(axis), inside)
        return alias

    def part(self, subject: str) -> str:
        return text(self.query.parts[subject]) if subject in self.query.parts else "NULL"

    def _make_sets(self) -> list[_Set]:
        """Return the grouping sets; those of groups only for what is recomputed."""
        made: dict[tuple[str, ...], _Set] = {}

        def add(key: str, of: str, owner: int, axis: str, group: GroupId = "") -> None:
            keys = tuple(k for k in (key, axis) if k)
            made.setdefault(keys, _Set(keys, of, owner, axis, group))

        every = None in self.query.groups.values()
        for measure in self.query.measures:
            owner = self._owner_of[measure.name]
            for axis in self._places[measure.name]:
                add(f"s{owner}", "subject", owner, axis)
                if measure.op not in HOLISTIC:
                    continue
                for group in self.group_names():
                    add(self.member(group, owner, axis), "group", owner, axis, group)
                if self.divided:
                    add(f"p{owner}", "part", owner, axis)
                if every:
                    add("", "all", owner, axis)
        return list(made.values())

    def grouped(self) -> list[str]:
        """Return the columns of all grouping sets, each once."""
        return list(dict.fromkeys(key for one in self.sets for key in one.keys))

    def joined(self) -> str:
        entity = self.query.entity
        parts = [conditions.source(entity, self.tables)]
        for i, owner in enumerate(self.owners):
            on = f"w{i}.raw = {conditions.of_owner(owner.by)}"
            if owner.when is not None:
                when, is_day = owner.when
                moment = conditions.as_instant(column(when), is_day=is_day)
                on += f" AND (w{i}.since IS NULL OR {moment} >= w{i}.since)"
                on += f" AND (w{i}.until IS NULL OR {moment} < w{i}.until)"
            parts.append(f"LEFT JOIN {self.who_table(i)} w{i} ON {on}")
        as_of = max(part.as_of for part in self.query.slices)
        ident = conditions.key_text(entity, "id", self.tables)
        for link, alias in self.links.items():
            moments = conditions.linked_moments(link, self.tables, self.query, as_of)
            parts.append(f"LEFT JOIN {moments} {alias} ON {alias}.via = {ident}")
        return " ".join(parts)

    def who_table(self, owner: int) -> str:
        """Return the name of the table that says whose the texts of an owner field are."""
        return name(f"who_{self.query.entity}_{owner}")

    def context(self, measure: Measure) -> Context:
        """Return what expressions mean; what is unanswered has waited till the same moment in all
        slices."""
        as_of = max(part.as_of for part in self.query.slices)
        return conditions.context(self.query, self.tables, measure.by, as_of)

    def counts(self, measure: Measure) -> str:
        """Return the inner column that says whether a record counts, in some slice."""
        where = conditions.of_measure(measure, self.context(measure))
        reach = hull(self.reach(part, measure) for part in self.query.slices)
        return self.column(f"coalesce({where} AND {conditions.between(measure, reach)}, FALSE)")

    def undated(self, measure: Measure) -> str:
        where = conditions.of_measure(measure, self.context(measure))
        return self.column(f"coalesce({where} AND {column(measure.when)} IS NULL, FALSE)")

    def keeps(self) -> list[str]:
        kept = [f(m) for m in self.query.measures for f in (self.counts, self.undated)]
        return list(dict.fromkeys(kept))

    def aggregates(self, measure: Measure, axis: str) -> Aggregates[str]:
        """Return the aggregates of a measure as SQL."""
        counts, undated = self.counts(measure), self.undated(measure)
        rows = f"count(*) FILTER ({counts})"
        shared = Aggregates(
            n=rows,
            total=rows,
            following="NULL",
            no_value="0",
            no_rate="0",
            undated=f"count(*) FILTER ({undated})",
            waiting=self.waiting(measure, counts),
            immature="0",
        )
        if measure.op is Op.COUNT:
            return shared
        if measure.op is Op.LINKED:
            return self.hit_aggregates(measure, axis, counts, shared)
        return self.value_aggregates(measure, counts, shared)

    def value_aggregates(
        self, measure: Measure, counts: str, shared: Aggregates[str]
    ) -> Aggregates[str]:
        assert measure.value is not None  # noqa: S101  every other operation has one
        value = self.column(compile_sql(measure.value.tree, self.context(measure)))
        found = shared._replace(
            n=f"count({value}) FILTER ({counts})",
            no_value=f"count(*) FILTER ({counts} AND {value} IS NULL)",
        )
        if measure.converted:
            lacks = self.column(f"({conditions.lacks_rate(measure)})")
            no_rate = f"count(*) FILTER ({counts} AND {value} IS NULL AND {lacks})"
            found = found._replace(no_rate=no_rate)
        if measure.op is Op.QUANTILE:
            below, above = neighbours_sql(value, counts, measure.position)
            return found._replace(total=below, following=above)
        if measure.op is Op.SPREAD:
            total = f"sum({value}) FILTER ({counts})"
            return found._replace(total=total, following=squares_sql(value, counts))
        call = {Op.DISTINCT: f"count(DISTINCT {value})"}.get(measure.op, f"{measure.op}({value})")
        return found._replace(total=f"{call} FILTER ({counts})")

    def waiting(self, measure: Measure, counts: str) -> str:
        """Return how many records count with the time they have waited."""
        if measure.open is None:
            return "0"
        means = self.context(measure)
        is_open = compile_sql(measure.open.tree, means)
        if measure.value is not None:
            is_open = f"{is_open} AND {compile_sql(measure.value.tree, means)} IS NOT NULL"
        return f"count(*) FILTER ({counts} AND {self.column(f'coalesce({is_open}, FALSE)')})"

    def hit_aggregates(
        self, measure: Measure, axis: str, counts: str, shared: Aggregates[str]
    ) -> Aggregates[str]:
        assert measure.link is not None  # noqa: S101  LINKED has one
        alias = self.links.setdefault(measure.link, f"l{len(self.links)}")
        times, slices = self.axes[axis], self.query.slices
        # The link's records are cut at the latest of all slices; of another slice again at its own.
        known = {part: instant(part.as_of) for part in slices}
        before = "" if len(set(known.values())) == 1 else times.varying(self._of(axis), known)
        horizon = times.varying(self._of(axis), {p: instant(p.horizon) for p in slices})
        hits = conditions.hit(measure, self.tables, f"{alias}.moments", before)
        flag = self.column(hits)
        pending = self.column(conditions.undecided(measure, self.tables, horizon))
        return shared._replace(
            total=f"count(*) FILTER ({counts} AND {flag})",
            waiting="0",
            immature=f"count(*) FILTER ({counts} AND NOT {flag} AND {pending})",
        )

    def _of(self, axis: str) -> str:
        """Return an axis as SQL that the inner SELECT can hold."""
        return self.axes[axis].sql or "NULL"

    # --- reading -------------------------------------------------------------------------

    def read(self, rows: Iterable[tuple[Any, ...]]) -> Answer:
        """Turn the rows of the statement into an answer."""
        reading = _Reading(self)
        for row in rows:
            reading.add(row)
        return reading.answer()

    def told(self, grouping: _Set) -> Iterator[tuple[Measure, Aggregates[int], bool]]:
        """Yield the measures that rows of a grouping set tell of, with the places of their
        aggregates, and whether it is the first set that does."""
        for measure in self.query.measures:
            places = self._places[measure.name]
            own = grouping.of == "all" or self._owner_of[measure.name] == grouping.owner
            if (
                grouping.axis in places
                and own
                and (grouping.of == "subject" or _recomputed(measure))
            ):
                yield measure, places[grouping.axis], grouping.axis == next(iter(places))


def _recomputed(measure: Measure) -> bool:
    return measure.op in HOLISTIC


_Gathered = dict[str, dict[SliceId, dict[Any, list[Tally]]]]


class _Reading:
    """Tallies of one statement as its rows come in; those of one slice may be several."""

    def __init__(self, statement: Statement) -> None:
        self.query, self.times = statement.query, statement.axes
        self.keys = statement.grouped()
        self.sets = {frozenset(one.keys): one for one in statement.sets}
        self.told = {one: list(statement.told(one)) for one in self.sets.values()}
        slices = [part.id for part in self.query.slices]
        names = [m.name for m in self.query.measures]
        self.subjects: _Gathered = {n: {s: {} for s in slices} for n in names}
        self.groups: _Gathered = {n: {s: {} for s in slices} for n in names}
        self.undated = dict.fromkeys(names, 0)

    def add(self, row: tuple[Any, ...]) -> None:
        """Take in a row: the keys of all sets, whether each is grouped over, the aggregates."""
        count = len(self.keys)
        flags = row[count : 2 * count]
        grouping = self.sets[frozenset(k for k, f in zip(self.keys, flags, strict=True) if f == 0)]
        values = dict(zip(self.keys, row[:count], strict=True))
        slices = self.times[grouping.axis].slices.get(values.get(grouping.axis), ())
        key = None if grouping.of == "all" else values[grouping.keys[0]]
        for measure, places, first in self.told[grouping]:
            cells = Aggregates(*(row[2 * count + at] for at in places))
            if grouping.of == "subject":
                self.undated[measure.name] += cells.undated if first else 0
                if cells.n or cells.no_value:
                    self._gather(self.subjects, measure, slices, [key], cells)
            else:
                self._gather(self.groups, measure, slices, self._group(grouping, key), cells)

    def _group(self, grouping: _Set, key: Any) -> list[GroupId]:
        """Return the groups that a row is a tally of: none where it is of those outside."""
        if grouping.of == "all":
            return [g for g, members in self.query.groups.items() if members is None]
        if grouping.of == "part":
            return [] if key is None else [key]
        return [grouping.group] if key is True else []

    def _gather(
        self,
        into: _Gathered,
        measure: Measure,
        slices: Iterable[Slice],
        keys: Iterable[SubjectId | None],
        cells: Aggregates[Any],
    ) -> None:
        for part in slices:
            for key in keys:
                tallies = into[measure.name][part.id].setdefault(key, [])
                tallies.append(tally_of(measure, cells))

    def answer(self) -> Answer:
        subjects = {
            m.name: {
                part: {key: merge(m.op, tallies) for key, tallies in of_slice.items()}
                for part, of_slice in self.subjects[m.name].items()
            }
            for m in self.query.measures
        }
        groups = {
            m.name: {
                part: dict(self._groups(m, part, of_slice))
                for part, of_slice in subjects[m.name].items()
            }
            for m in self.query.measures
        }
        return Answer(subjects, groups, self.undated)

    def _groups(
        self, measure: Measure, part: SliceId, subjects: dict[SubjectId | None, Tally]
    ) -> Iterator[tuple[GroupId, Tally]]:
        query, recomputed = self.query, self.groups[measure.name][part]
        divided: dict[GroupId, list[Tally]] = {p: [] for p in query.parts.values()}
        if measure.op in HOLISTIC:
            empty = Tally(0, Fraction(0) if measure.op is Op.DISTINCT else None)
            for group in (*query.groups, *divided):
                yield group, next(iter(recomputed.get(group, ())), empty)
            return
        for group, members in query.groups.items():
            crowd = None if members is None else members[part]
            inside = [t for s, t in subjects.items() if crowd is None or s in crowd]
            yield group, merge(measure.op, inside)
        for subject, tally in subjects.items():
            if subject is not None and subject in query.parts:
                divided[query.parts[subject]].append(tally)
        yield from ((group, merge(measure.op, inside)) for group, inside in divided.items())
