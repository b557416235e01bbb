"""Records that count nowhere, and why: nobody's, undated, without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.engines import duckdb as engine
from kpictl.expressions import Type
from kpictl.expressions.sql import column, compile_sql, text
from kpictl.people import Person
from kpictl.plan.bind import Bound
from kpictl.query import NOBODY, UNKNOWN, Answer, Measure, Op
from kpictl.subjects import members
from kpictl.values import VALUE_PLACES, LeftOut, to_decimal

if TYPE_CHECKING:
    from kpictl.computation import Run

IDS = 5


def collect(run: Run) -> tuple[LeftOut, ...]:
    """Return what each shown KPI leaves out, in the plan's order."""
    found: list[LeftOut] = []
    for kpi in run.kpis:
        for measure in run.workspace.bound.measures[kpi]:
            found.extend(of_measure(run, kpi, measure))
    return tuple(dict.fromkeys(found))


def of_measure(run: Run, kpi: str, measure: Measure) -> Iterator[LeftOut]:
    """Yield what one measure of a KPI leaves out."""
    answer = run.answers[measure.entity]
    if measure.by != NOBODY:
        yield from _nobodys(run, kpi, measure, answer)
    if answer.undated[measure.name] and (undated := _count(run, measure, "no_date")):
        yield _line(run, kpi, measure, "no_date", undated)
    if measure.value is None:
        return
    tallies = answer.subjects[measure.name].values()
    no_rate = sum(t.no_rate for t in tallies)
    no_value = sum(t.no_value for t in tallies) - no_rate
    if no_rate:
        yield _line(run, kpi, measure, "no_rate", no_rate)
    if no_value:
        reason = _without_value(run, kpi, measure)
        yield _line(run, kpi, measure, reason, no_value)


def _without_value(run: Run, kpi: str, measure: Measure) -> str:
    if measure.op is Op.DISTINCT:
        named = measure.value is not None and measure.value.text.strip() == "client_id"
        return "no_client" if named else "no_value"
    return "no_amount" if run.workspace.bound.kind(kpi).shown_unit == "money" else "no_value"


def _nobodys(run: Run, kpi: str, measure: Measure, answer: Answer) -> Iterator[LeftOut]:
    """Records of no owner, and of owners who are in no scorecard that has this KPI."""
    tallies = answer.subjects[measure.name]
    scored = _scored(run, kpi)
    none = tallies.get(None)
    if none is not None:
        yield _line(run, kpi, measure, "no_owner", none.n + none.no_value, none.total)
    others = {
        s: t for s, t in tallies.items() if s is not None and scored is not None and s not in scored
    }
    if not others:
        return
    count = sum(t.n + t.no_value for t in others.values())
    totals = [t.total for t in others.values() if t.total is not None]
    total = sum(totals, Fraction(0)) if measure.op is Op.SUM else None
    names = _names(run, measure, set(others))
    shown = ", ".join(names[:5]) + (f" +{len(names) - 5}" if len(names) > 5 else "")
    yield _line(run, kpi, measure, "unknown_owner", count, total, shown)


def _scored(run: Run, kpi: str) -> set[str] | None:
    """Return the subjects of the scorecards that show a KPI (or one made of it)."""
    bound = run.workspace.bound

    def uses(shown: str) -> bool:
        return shown == kpi or any(uses(need) for need in bound.kind(shown).needs())

    cards = [c for c, spec in bound.cards.items() if any(uses(k) for k in spec.kpis)]
    if not cards:
        return None
    return {p.id for c in cards for p in _people(run, c)}


def _people(run: Run, card: str) -> list[Person]:
    """Return the people of a scorecard, also of one that is not computed: its people's records are
    left out of nothing."""
    if card in run.members:
        return run.members[card]
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    return members(run.workspace.bound, card, run.subjects, run.job.period)


def unscored_texts(run: Run, kpi: str, measure: Measure) -> tuple[str, ...]:
    """Return the owner texts of people who are in no scorecard that shows a KPI."""
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    owners = (measure.entity, measure.by)
    mapped, scored = run.subjects.maps[owners], _scored(run, kpi) or set()
    return tuple(t for t in run.subjects.texts[owners] if mapped.get(t) not in scored)


def _names(run: Run, measure: Measure, others: set[str]) -> list[str]:
    assert run.subjects is not None  # noqa: S101  set by `computation.run`
    owners = (measure.entity, measure.by)
    known = {p.id: p.name for p in run.subjects.people()}
    names = [known.get(s, s) for s in others if s != UNKNOWN]
    if UNKNOWN in others:
        unknown = set(run.subjects.texts[owners]) - set(run.subjects.maps[owners])
        names += [run.subjects.called(owners, one) for one in unknown]
    return sorted(names)


def _line(  # noqa: PLR0913  one line of the report is made of just these
    run: Run,
    kpi: str,
    measure: Measure,
    reason: str,
    count: int,
    total: Fraction | None = None,
    detail: str = "",
) -> LeftOut:
    money = run.workspace.bound.kind(kpi).shown_unit == "money" and measure.op is Op.SUM
    amount = to_decimal(total, VALUE_PLACES) if money and total is not None else None
    ids = _ids(run, measure, reason)
    return LeftOut(kpi, measure.entity, reason, count, amount, ids, detail)


def _ids(run: Run, measure: Measure, reason: str) -> tuple[str, ...]:
    """Return the first few records, where the entity has ids and the reason is a condition."""
    if "id" not in run.workspace.bound.schemas[measure.entity].present:
        return ()
    where = left_out_condition(run, measure, reason)
    if where is None:
        return ()
    rows = run.workspace.connection.execute(
        f"SELECT {column('id')} FROM {run.tables.names[measure.entity]} e WHERE {where} "
        f"ORDER BY length({column('id')}), {column('id')} LIMIT {IDS}"
    ).fetchall()
    return tuple(str(row[0]) for row in rows)


def _count(run: Run, measure: Measure, reason: str) -> int:
    row = run.workspace.connection.execute(
        f"SELECT count(*) FROM {run.tables.names[measure.entity]} e "
        f"WHERE {left_out_condition(run, measure, reason)}"
    ).fetchone()
    return int(row[0]) if row else 0


# Dates that only what is over has, and how it is known to be over.
_CLOSING = frozenset({"closed_at", "close_date"})
_OVER = {
    "outcome": ("won", "lost", "converted", "junk"),
    "status": ("completed", "supposedly_completed", "declined"),
}
# The same in a table of the plan's own, where only the name can tell.
_CLOSING_NAME = re.compile(
    r"clos|resol|finish|complet|solved|ended|закры|заверш|реш[её]н|окончан|выполнен", re.IGNORECASE
)


def fields_of_undated(bound: Bound, measure: Measure) -> frozenset[str]:
    """Return the fields that tell of a record without a date of closing whether it is over."""
    schema = bound.schemas[measure.entity]
    if not schema.entity.known or measure.when not in _CLOSING:
        return frozenset()
    present = schema.present
    # Of a portal only what the plan reads was pulled: the stage for a date that is made of it.
    source = bound.plan.sources.get(schema.source)
    if source is not None and source.type == "bitrix24" and not present[measure.when].derived:
        return frozenset()
    return frozenset([n for n in _OVER if n in present and present[n].type is Type.TEXT][:1])


def _lacks_date(run: Run, measure: Measure) -> str:
    """Return the condition that a record lacks a date which it should have: an open one has no
    date of closing, and lacks nothing."""
    bound = run.workspace.bound
    found = [f"{column(measure.when)} IS NULL"]
    found.extend(
        f"{column(over)} IN ({', '.join(map(text, _OVER[over]))})"
        for over in sorted(fields_of_undated(bound, measure))
    )
    known = bound.schemas[measure.entity].entity.known
    if not known and measure.where is None and _CLOSING_NAME.search(measure.when):
        found.append("FALSE")
    return " AND ".join(found)


def left_out_condition(run: Run, measure: Measure, reason: str) -> str | None:
    """Return the SQL of the records that a reason leaves out; None where it is no condition."""
    query = run.queries[measure.entity]
    where = engine.condition(measure, query.zone)
    dated = engine.within(measure, query, run.tables)
    value = compile_sql(measure.value.tree, query.zone) if measure.value else "1"
    lacks_rate = f"({engine.lacks_rate(measure)})"
    return {
        "no_owner": f"{where} AND {dated} AND {engine.owner_text(measure.by)} IS NULL",
        "no_date": f"{where} AND {_lacks_date(run, measure)}",
        "no_rate": f"{where} AND {dated} AND {value} IS NULL AND {lacks_rate}",
        "no_amount": f"{where} AND {dated} AND {value} IS NULL AND NOT {lacks_rate}",
        "no_client": f"{where} AND {dated} AND {value} IS NULL",
        "no_value": f"{where} AND {dated} AND {value} IS NULL",
    }.get(reason)
