"""Measures of a query as one SQL statement: conditional aggregates, grouped by subject and slice.

Every condition and value is computed once per record in the inner SELECT, however many measures
share it. Tallies that add up (counts, sums, extremes, hits) are grouped by subject and stretch of
time only and added for groups and slices in Python, exactly; distinct values and order statistics
are recomputed for each group and slice by further grouping sets of the same scan.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from kpictl.engines.sql import conditions
from kpictl.engines.sql.aggregates import (
    HOLISTIC,
    Aggregates,
    neighbours_sql,
    squares_sql,
)
from kpictl.engines.sql.reading import GroupedBy, GroupingSet, SetMeasure, TallyReader, keys_of
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
    Tables,
)
from kpictl.values import SubjectId


class _Owner(Struct, frozen=True):
    """Whose a record is, by an owner field; where people change their assignments it depends on the
    moment, that is on `when` (else None)."""

    by: str
    when: tuple[str, bool] | None  # a field, and whether it is a day


class Statement(Struct):
    """The SQL of a query, and the reading of its rows.

    `Statement(query, tables)` decides at once all that the statement asks and adds nothing later;
    `sql()` writes it as one SELECT, which joins a small table of owners for each of `owners`, to be
    made before (`who_table`, `crowds`, `department_sql`); `read(rows)` makes an answer of its rows.

    The inner SELECT has a row for each record of the entity: whose it is (`s<owner>`), in which
    division (`d<owner>`) and in which groups (`members`) these are, and once, as `x<n>`, every
    condition, value and axis that any measure has (`inner`). The grouping `sets` are the columns of
    it by which records are taken together: subject and time, and group or division and time for
    what does not add up. The `outputs` are the aggregates of what is together. So a row of the
    statement begins with the columns of all sets, goes on with a flag for each of these (0: the
    row's own set groups by it), and ends with the outputs, those of all measures in every row.
    """

    query: Query
    tables: Tables
    owners: list[_Owner] = []
    axes: dict[str, Axis] = {}  # by the column in `inner`
    inner: dict[str, str] = {}  # SQL → column
    kept: list[str] = []  # columns of which one must hold, or the record is not read
    members: dict[str, str] = {}  # column → SQL
    links: dict[Link, str] = {}  # → table in the inner SELECT
    sets: list[GroupingSet] = []
    outputs: dict[str, int] = {}  # SQL → place, from 0
    # What is known of each measure, by its name: its place in `owners`, and by axis its aggregates.
    _owner_of: dict[str, int] = {}
    _places: dict[str, dict[str, Aggregates[int]]] = {}
    # By moment and months of measures: the axis of stretches, and those of layers of slices.
    _axis_columns: dict[tuple[str, int], tuple[str, list[str]]] = {}

    def __post_init__(self) -> None:
        changing = {by for by in self.query.owners if self._changes(by)}
        for measure in self.query.measures:
            owner = self._owner(measure, changing=measure.by in changing)
            self.owners += [] if owner in self.owners else [owner]
            self._owner_of[measure.name] = self.owners.index(owner)
            axes = self._axes_of(measure)
            counts, undated = self._counts(measure), self._undated(measure)
            self.kept += [one for one in (counts, undated) if one not in self.kept]
            asked = {axis: self._aggregates(measure, axis, counts, undated) for axis in axes}
            self._places[measure.name] = {
                axis: Aggregates(*map(self._output, texts)) for axis, texts in asked.items()
            }
        self._make_sets()

    # --- building: from __post_init__ alone, for it gives columns and outputs their names --------

    def _column(self, sql: str) -> str:
        """Return the column of the inner SELECT that holds a value, the same for the same SQL."""
        return self.inner.setdefault(sql, f"x{len(self.inner)}")

    def _output(self, sql: str) -> int:
        """Return the place of an aggregate among the outputs, the same for the same SQL."""
        return self.outputs.setdefault(sql, len(self.outputs))

    def _changes(self, by: str) -> bool:
        owners = self.query.owners[by].values()
        return any(own.bounded for several in owners for own in several)

    def _owner(self, measure: Measure, *, changing: bool) -> _Owner:
        if not changing:
            return _Owner(measure.by, None)
        is_day = self.tables.is_day(measure.entity, measure.when)
        return _Owner(measure.by, (measure.when, is_day))

    def _axes_of(self, measure: Measure) -> list[str]:
        """Return the axes by which a measure is grouped: one where its tallies add up."""
        key = (measure.when, measure.months if measure.monthly else 0)
        if key not in self._axis_columns:
            self._axis_columns[key] = self._make_axes(measure)
        stretches, of_layers = self._axis_columns[key]
        alike = len({(s.as_of, s.horizon) for s in self.query.slices}) == 1
        adds_up = measure.op not in HOLISTIC and (measure.op is not Op.LINKED or alike)
        return [stretches] if adds_up else of_layers

    def _make_axes(self, measure: Measure) -> tuple[str, list[str]]:
        """Make the columns that say where in time a record lies: by stretches, and by layers."""
        slices = self.query.slices
        if len(slices) == 1:
            self.axes[""] = Axis(None, {None: slices})
            return "", [""]

        def make(several: Iterable[Slice]) -> str:
            reaches = [(one_slice, self._reach(one_slice, measure)) for one_slice in several]
            axis = axis_of(column(measure.when), reaches)
            assert axis.sql is not None  # noqa: S101  only a single slice has none
            sql = axis.sql
            # A layer with all the bounds there are divides time just as the stretches do, but what
            # lies in one of them is of other slices: it needs a column of its own.
            while self.axes.get(self.inner.get(sql, ""), axis).slices != axis.slices:
                sql = f"({sql})"
            made = self._column(sql)
            self.axes[made] = axis
            return made

        stretches, several = make(slices), layers(slices)
        return stretches, [stretches] if len(several) == 1 else [make(layer) for layer in several]

    def _counts(self, measure: Measure) -> str:
        """Return the inner column that says whether a record counts, in some slice."""
        where = conditions.of_measure(measure, self._context(measure))
        reach = hull(self._reach(one_slice, measure) for one_slice in self.query.slices)
        return self._column(f"coalesce({where} AND {conditions.between(measure, reach)}, FALSE)")

    def _undated(self, measure: Measure) -> str:
        """Return the inner column that says whether a record would count if it had a date."""
        where = conditions.of_measure(measure, self._context(measure))
        return self._column(f"coalesce({where} AND {column(measure.when)} IS NULL, FALSE)")

    def _aggregates(
        self, measure: Measure, axis: str, counts: str, undated: str
    ) -> Aggregates[str]:
        """Return the aggregates of a measure as SQL."""
        rows = f"count(*) FILTER ({counts})"
        shared = Aggregates(
            n=rows,
            total=rows,
            following="NULL",
            no_value="0",
            no_rate="0",
            undated=f"count(*) FILTER ({undated})",
            waiting=self._waiting(measure, counts),
            immature="0",
        )
        if measure.op is Op.COUNT:
            return shared
        if measure.op is Op.LINKED:
            return self._hit_aggregates(measure, axis, counts, shared)
        return self._value_aggregates(measure, counts, shared)

    def _value_aggregates(
        self, measure: Measure, counts: str, shared: Aggregates[str]
    ) -> Aggregates[str]:
        assert measure.value is not None  # noqa: S101  every other operation has one
        value = self._column(compile_sql(measure.value.tree, self._context(measure)))
        found = shared._replace(
            n=f"count({value}) FILTER ({counts})",
            no_value=f"count(*) FILTER ({counts} AND {value} IS NULL)",
        )
        if measure.converted:
            lacks = self._column(f"({conditions.lacks_rate(measure)})")
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

    def _waiting(self, measure: Measure, counts: str) -> str:
        """Return how many records count with the time they have waited."""
        if measure.open is None:
            return "0"
        means = self._context(measure)
        is_open = compile_sql(measure.open.tree, means)
        if measure.value is not None:
            is_open = f"{is_open} AND {compile_sql(measure.value.tree, means)} IS NOT NULL"
        return f"count(*) FILTER ({counts} AND {self._column(is_open)})"

    def _hit_aggregates(
        self, measure: Measure, axis: str, counts: str, shared: Aggregates[str]
    ) -> Aggregates[str]:
        assert measure.link is not None  # noqa: S101  LINKED has one
        alias = self.links.setdefault(measure.link, f"l{len(self.links)}")
        times, slices = self.axes[axis], self.query.slices
        # The link's records are cut at the latest of all slices; of another slice again at its own.
        known = {one_slice: instant(one_slice.as_of) for one_slice in slices}
        before = "" if len(set(known.values())) == 1 else times.varying(self._of(axis), known)
        horizon = times.varying(self._of(axis), {one: instant(one.horizon) for one in slices})
        hits = conditions.hit(measure, self.tables, f"{alias}.moments", before)
        flag = self._column(hits)
        pending = self._column(conditions.undecided(measure, self.tables, horizon))
        return shared._replace(
            total=f"count(*) FILTER ({counts} AND {flag})",
            waiting="0",
            immature=f"count(*) FILTER ({counts} AND NOT {flag} AND {pending})",
        )

    def _make_sets(self) -> None:
        """Make the grouping sets; those of groups only for what is recomputed."""
        made: dict[tuple[str, ...], GroupingSet] = {}

        def add(key: str, of: GroupedBy, owner: int, axis: str, group: GroupId = "") -> None:
            keys = tuple(k for k in (key, axis) if k)
            made.setdefault(keys, GroupingSet(keys, of, owner, axis, group))

        every = None in self.query.groups.values()
        for measure in self.query.measures:
            owner = self._owner_of[measure.name]
            for axis in self._places[measure.name]:
                add(f"s{owner}", "subject", owner, axis)
                if measure.op not in HOLISTIC:
                    continue
                for group in self.group_names():
                    add(self._member(group, owner, axis), "group", owner, axis, group)
                if self.divided:
                    add(f"d{owner}", "division", owner, axis)
                if every:
                    add("", "all", owner, axis)
        self.sets.extend(made.values())

    def _member(self, group: GroupId, owner: int, axis: str) -> str:
        """Return the inner column that says whether a record's owner is in a group in its slice."""
        members, crowds = self.query.groups[group] or {}, self.crowds()
        has_text = f"{conditions.of_owner(self.owners[owner].by)} IS NOT NULL"
        inside = {}
        for one_slice in self.query.slices:
            flag = f"w{owner}.in_{crowds.index(members[one_slice.id])}"
            of_nobody = UNKNOWN in members[one_slice.id]  # a text that nobody's table has
            inside[one_slice] = f"coalesce({flag}, {has_text})" if of_nobody else flag
        alias = f"g{owner}_{self.group_names().index(group)}{axis}"
        self.members[alias] = self.axes[axis].varying(self._of(axis), inside)
        return alias

    # --- writing and reading what was built, which stays as it is --------------------------------

    def sql(self) -> str:
        """Return the statement; the same however often."""
        subjects = [
            f"CASE WHEN {conditions.of_owner(owner.by)} IS NOT NULL "
            f"THEN coalesce(w{i}.subject, {text(UNKNOWN)}) END AS s{i}"
            for i, owner in enumerate(self.owners)
        ]
        grouped = keys_of(self.sets)
        members = [f"{sql} AS {alias}" for alias, sql in self.members.items()]
        divisions = [f"w{i}.division AS d{i}" for i in range(len(self.owners)) if self.divided]
        columns = [f"{sql} AS {alias}" for sql, alias in self.inner.items()]
        inner = ", ".join([*subjects, *members, *divisions, *columns])
        flags = [f"GROUPING({key})" for key in grouped]
        head = ", ".join([*grouped, *flags, *self.outputs])
        groupings = ", ".join(f"({', '.join(one.keys)})" for one in self.sets)
        return (
            f"SELECT {head} FROM (SELECT {inner} FROM {self._source()}) "
            f"WHERE {' OR '.join(self.kept)} GROUP BY GROUPING SETS ({groupings})"
        )

    def _source(self) -> str:
        """Return the entity's table with what is joined: whose records are, and linked records."""
        entity = self.query.entity
        joined = [conditions.source(entity, self.tables)]
        for i, owner in enumerate(self.owners):
            on = f"w{i}.raw = {conditions.of_owner(owner.by)}"
            if owner.when is not None:
                when, is_day = owner.when
                moment = conditions.as_instant(column(when), is_day=is_day)
                on += f" AND (w{i}.since IS NULL OR {moment} >= w{i}.since)"
                on += f" AND (w{i}.until IS NULL OR {moment} < w{i}.until)"
            joined.append(f"LEFT JOIN {self.who_table(i)} w{i} ON {on}")
        as_of = max(one_slice.as_of for one_slice in self.query.slices)
        ident = conditions.key_text(entity, "id", self.tables)
        for link, alias in self.links.items():
            moments = conditions.linked_moments(link, self.tables, self.query, as_of)
            joined.append(f"LEFT JOIN {moments} {alias} ON {alias}.via = {ident}")
        return " ".join(joined)

    def read(self, rows: Iterable[tuple[Any, ...]]) -> Answer:
        """Turn the rows of the statement into an answer."""
        reading = TallyReader(self.query, self.axes, {one: self._told(one) for one in self.sets})
        for row in rows:
            reading.add(row)
        return reading.answer()

    def _told(self, grouping: GroupingSet) -> list[SetMeasure]:
        """Return what the rows of a grouping set tell."""
        found = []
        for measure in self.query.measures:
            places = self._places[measure.name]
            own = grouping.of == "all" or self._owner_of[measure.name] == grouping.owner
            meant = grouping.of == "subject" or measure.op in HOLISTIC
            if grouping.axis in places and own and meant:
                is_first = grouping.axis == next(iter(places))
                found.append(SetMeasure(measure, places[grouping.axis], is_first))
        return found

    # --- what query and tables say by themselves --------------------------------------------------

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
        """Say whether divisions need recomputing."""
        return bool(self.query.divisions) and self.recomputes

    def crowds(self) -> list[frozenset[SubjectId]]:
        """Return the different sets of subjects that groups are in any slice."""
        groups = (self.query.groups[group] for group in self.group_names())
        return list(dict.fromkeys(m[s.id] for m in groups if m for s in self.query.slices))

    def department_sql(self, subject: SubjectId) -> str:
        """Return the division that a subject is in, as SQL; NULL where it is in none."""
        return text(self.query.divisions[subject]) if subject in self.query.divisions else "NULL"

    def who_table(self, owner: int) -> str:
        """Return the name of the table that says whose the texts of an owner field are."""
        return name(f"who_{self.query.entity}_{owner}")

    def _context(self, measure: Measure) -> Context:
        """Return what expressions mean; what is unanswered has waited till the same moment in all
        slices."""
        as_of = max(one_slice.as_of for one_slice in self.query.slices)
        return conditions.context(self.query, self.tables, measure.by, as_of)

    def _reach(
        self, one_slice: Slice, measure: Measure
    ) -> tuple[conditions.Moment, conditions.Moment]:
        return conditions.reach(one_slice, measure, self.tables, self.query.zone)

    def _of(self, axis: str) -> str:
        """Return an axis as SQL that the inner SELECT can hold."""
        return self.axes[axis].sql or "NULL"
