"""The records behind a number, and those that nearly counted: asked by the same conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpictl import linked
from kpictl.engines import duckdb as engine
from kpictl.errors import KpictlError, Place
from kpictl.expressions import Operation
from kpictl.expressions.money import currency_of, original_of
from kpictl.expressions.show import show
from kpictl.expressions.sql import column, compile_sql, instant, text
from kpictl.leftout import left_out_condition, unscored_texts
from kpictl.query import Measure, Op, Tally, total_of

if TYPE_CHECKING:
    from kpictl.computation import Run

SHOWN_FIELDS = ("id", "title")
SAMPLE = 3


@dataclass(frozen=True, slots=True)
class Success:
    """What made a record convert: the first of its kind in the time allowed."""

    entity: str
    id: str
    moment: date | datetime


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the evidence. `value` is what it gave to the number (None: counted as one).

    `original` and `currency` are the amount as it was written, where it was converted. `hit` says
    of a base record whether it converted, `success` what made it do so. `place` is where it is
    written, for records without id.
    """

    id: str | None
    title: str | None
    moment: date | datetime | None
    owner: str | None
    value: Decimal | str | bool | date | datetime | None = None
    original: Decimal | None = None
    currency: str | None = None
    hit: bool | None = None
    place: Place | None = None
    success: Success | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Records that nearly counted: why not, how many, and a few of them."""

    reason: str
    count: int
    detail: str = ""
    sample: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records: the owner texts of a person or a group; None is everybody's."""

    texts: tuple[str, ...] | None

    def condition(self, by: str) -> str:
        if self.texts is None:
            return "TRUE"
        if not self.texts:
            return "FALSE"
        return f"{engine.owner_text(by)} IN ({', '.join(text(t) for t in self.texts)})"


def scope_of(run: Run, measure: Measure, subjects: frozenset[str] | None) -> Scope:
    """Return the owner texts that stand for some subjects in a measure."""
    if subjects is None:
        return Scope(None)
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    mapped = run.subjects.maps.get((measure.entity, measure.by), {})
    return Scope(tuple(sorted(t for t, subject in mapped.items() if subject in subjects)))


def records(run: Run, measure: Measure, scope: Scope) -> list[Record]:
    """Return the records that a measure counts, by moment, then by id or line."""
    query = run.queries[measure.entity]
    where = engine.condition(measure, query.zone)
    dated = engine.within(measure, query, run.tables)
    return _select(run, measure, f"{scope.condition(measure.by)} AND {where} AND {dated}")


def left_out(run: Run, measure: Measure, reason: str, kpi: str, scope: Scope) -> list[Record]:
    """Return the records in a scope that a reason leaves out of everybody's number."""
    condition = left_out_condition(run, measure, reason)
    if reason == "unknown_owner":
        query = run.queries[measure.entity]
        whose = Scope(unscored_texts(run, kpi, measure)).condition(measure.by)
        where = engine.condition(measure, query.zone)
        condition = f"{whose} AND {where} AND {engine.within(measure, query, run.tables)}"
    if condition is None:
        return []
    return _select(run, measure, f"{scope.condition(measure.by)} AND {condition}")


def _select(run: Run, measure: Measure, condition: str, limit: str = "") -> list[Record]:
    query, schema = run.queries[measure.entity], run.workspace.bound.schemas[measure.entity]
    value = compile_sql(measure.value.tree, query.zone) if measure.value else "NULL"
    stored = [column(n) if n in schema.present else "NULL" for n in SHOWN_FIELDS]
    stored += _as_written(run, measure)
    source = f"{run.tables.names[measure.entity]} e"
    hit = success = "NULL"
    if (link := measure.link) is not None:
        has_id = "id" in run.workspace.bound.schemas[link.entity].present
        ident = column("id") if has_id else "NULL"
        followed = linked.linked_moments(link, query, run.tables, ident=ident)
        source += f" LEFT JOIN {followed} l ON l.via = e.{column('id')}"
        hit = linked.hit(measure, run.tables, "l.moments")
        success = linked.first_hit(measure, run.tables, "l.successes") if has_id else "NULL"
    tie = f"length({column('id')}), {column('id')}" if "id" in schema.present else "e.part, e.line"
    rows = run.workspace.connection.execute(
        f"SELECT {', '.join(stored)}, {column(measure.when)}, {engine.owner_text(measure.by)}, "
        f"{value}, {hit}, {success}, e.part, e.line FROM {source} WHERE {condition} "
        f"ORDER BY {column(measure.when)}, {tie} {limit}"
    ).fetchall()
    return [_record(run, measure, row) for row in rows]


def _as_written(run: Run, measure: Measure) -> list[str]:
    """Return the SQL of the amount as it was written, and of its currency, where it is one that was
    converted."""
    if len(measure.converted) != 1:
        return ["NULL", "NULL"]
    field = measure.converted[0]
    names = (original_of(field), currency_of(field))
    present = run.workspace.bound.schemas[measure.entity].present
    there = present[field].priced
    return [column(n) if there or n in present else "NULL" for n in names]


def _record(run: Run, measure: Measure, row: Sequence[Any]) -> Record:
    ident, title, original, currency, moment, owner, value, hit, success, part, line = row
    zone = run.workspace.bound.zone
    place = None
    if ident is None:
        place = run.workspace.readers[measure.entity].place_of(measure.entity, part, line)
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    if owner is not None:
        owner = run.subjects.called((measure.entity, measure.by), owner)
    return Record(
        id=ident,
        title=title,
        moment=_local(moment, zone),
        owner=owner,
        value=_local(value, zone) if isinstance(value, datetime) else value,
        original=None if currency is None else original,
        currency=currency,
        hit=hit,
        place=place,
        success=_success(measure, success, zone),
    )


def _success(measure: Measure, found: Any, zone: Any) -> Success | None:
    if measure.link is None or found is None or found["id"] is None:
        return None
    return Success(measure.link.entity, str(found["id"]), _local(found["at"], zone))


def _local(moment: Any, zone: Any) -> Any:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC).astimezone(zone)
    return moment


def verify(measure: Measure, found: Sequence[Record], tally: Tally | None) -> None:
    """Check that the records add up to the number; a difference is our bug, and stops."""
    values = [r.value for r in found if r.value is not None]
    expected = tally or Tally()
    total: Fraction | None
    if measure.op is Op.COUNT:
        total = Fraction(len(found))
    elif measure.op is Op.HITS:
        total = Fraction(sum(1 for r in found if r.hit))
    elif measure.op is Op.DISTINCT:
        total = Fraction(len(set(values)))
    else:
        numbers = (value for value in values if isinstance(value, Decimal))
        total = total_of(measure, numbers)
    if (total or 0) != (expected.total or 0):
        raise KpictlError(
            "explain.mismatch", measure=measure.name, records=total, value=expected.total
        )


# --- what nearly counted ---------------------------------------------------------------------


def exclusions(run: Run, measure: Measure, scope: Scope) -> Iterator[Exclusion]:
    """Yield why other records of the same people did not count, the nearest of each reason."""
    query = run.queries[measure.entity]
    whose = scope.condition(measure.by)
    where = engine.condition(measure, query.zone)
    dated = engine.within(measure, query, run.tables)
    moment = column(measure.when)
    for part in _parts(measure):
        fails = f"NOT coalesce({compile_sql(part, query.zone)}, FALSE)"
        yield from _excluded(
            run, measure, "condition", f"{whose} AND {dated} AND {fails}", show(part)
        )
    is_day = run.tables.is_day(measure.entity, measure.when)
    start, end = (
        (f"DATE '{query.period.first}'", f"DATE '{query.end_day}'")
        if is_day
        else (instant(query.period.start), instant(query.end))
    )
    fits = f"{whose} AND {where}"
    before, after = f"{fits} AND {moment} < {start}", f"{fits} AND {moment} >= {end}"
    yield from _excluded(run, measure, "before", before, last=True)
    yield from _excluded(run, measure, "after", after)
    undated = left_out_condition(run, measure, "no_date")
    yield from _excluded(run, measure, "no_date", f"{whose} AND {undated}")
    if measure.value is None:
        return
    for reason in ("no_rate", "no_amount"):
        condition = left_out_condition(run, measure, reason)
        named = "no_value" if reason == "no_amount" and not measure.converted else reason
        yield from _excluded(run, measure, named, f"{whose} AND {condition}")


def _parts(measure: Measure) -> tuple[Any, ...]:
    if measure.where is None:
        return ()
    tree = measure.where.tree
    if isinstance(tree, Operation) and tree.op == "and":
        return tree.args
    return (tree,)


def _excluded(  # noqa: PLR0913  a reason, its condition, and how to show it
    run: Run, measure: Measure, reason: str, condition: str, detail: str = "", *, last: bool = False
) -> Iterator[Exclusion]:
    row = run.workspace.connection.execute(
        f"SELECT count(*) FROM {run.tables.names[measure.entity]} e WHERE {condition}"
    ).fetchone()
    count = row[0] if row else 0
    if not count:
        return
    limit = f"LIMIT {SAMPLE}"
    if last:
        limit = f"LIMIT {SAMPLE} OFFSET {max(count - SAMPLE, 0)}"
    yield Exclusion(reason, count, detail, tuple(_select(run, measure, condition, limit)))
