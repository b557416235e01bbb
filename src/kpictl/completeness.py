"""How far the data of a period reach, and what is missing of it.

A portal's pull says up to when it is complete. A file says nothing: its last record is a lower
bound, and that it ends too early can only be seen by the days on which its records usually come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpictl import periods
from kpictl.database import Connection, connect
from kpictl.engines import duckdb as engine
from kpictl.errors import Problem, SourceError
from kpictl.expressions.sql import column, instant
from kpictl.query import Measure, Query
from kpictl.sources.base import Loaded
from kpictl.values import Reach

if TYPE_CHECKING:
    from kpictl.computation import Run

PREFIX = "complete."
USUAL_SILENCE = 3  # days without a record that nobody wonders at: a weekend and a holiday
PULL_AGE = timedelta(days=1)  # of a period that goes on: a pull of this morning is no news


def incomplete(problems: Iterable[Problem]) -> list[Problem]:
    """Return the warnings that say that data of the period are, or may be, missing."""
    return [p for p in problems if p.code.startswith(PREFIX) and p.level == "warning"]


def reaches(run: Run) -> tuple[Reach, ...]:
    """Return to when each entity that was read reaches, by name."""
    zone, found = run.workspace.bound.zone, []
    for entity, loaded in sorted(run.loaded.items()):
        latest = run.pulled.get(entity, loaded.latest)
        at = None if latest is None else min(latest, run.job.as_of).astimezone(zone)
        found.append(Reach(entity, at, "pull" if loaded.complete else "last_record"))
    return tuple(found)


def remarks(run: Run) -> Iterator[Problem]:
    """Yield what is missing of the period, as warnings."""
    yield from _period_goes_on(run)
    yield from _cuts_months(run)
    for entity, loaded in sorted(run.loaded.items()):
        yield from _pull_ends(run, entity) if loaded.complete else _file_ends(run, loaded)
    silent = [m for m in _measures(run, run.kpis) if not _has_records(run, m)]
    yield from _silent(run, silent)
    for card in run.cards:
        if is_empty(run, card):
            label = run.workspace.bound.cards[card].label or card
            yield _warning("no_ranks", card=label, period=run.job.period.text)


def _cuts_months(run: Run) -> Iterator[Problem]:
    """A record that is dated by a month belongs to no part of the month."""
    period = run.job.period
    if periods.months(period.first, period.last + timedelta(days=1)):
        return
    cut = [m for m in _measures(run, run.kpis) if m.monthly]
    if cut:
        label = run.workspace.bound.label
        kpis = ", ".join(dict.fromkeys(label(m.kpi) for m in cut))
        yield _warning("cut_months", kpis=kpis, period=period.text, field=cut[0].when)


def is_empty(run: Run, card: str) -> bool:
    """Say whether nothing that a scorecard shows has a record in the period."""
    measures = _measures(run, run.workspace.bound.cards[card].kpis)
    return not any(_has_records(run, measure) for measure in measures)


def _warning(name: str, **data: object) -> Problem:
    return Problem(f"{PREFIX}{name}", None, data, "warning")


def _measures(run: Run, kpis: Iterable[str]) -> list[Measure]:
    bound = run.workspace.bound
    return list(dict.fromkeys(m for kpi in kpis for m in bound.leaves(kpi)))


def _has_records(run: Run, measure: Measure) -> bool:
    answer = run.answers[measure.entity]
    return any(t.n or t.no_value for t in answer.subjects[measure.name].values())


def _last_day(run: Run) -> date:
    """Return the last day of the period of which anything can be there yet."""
    end = min(run.job.period.end, run.job.as_of)
    return (end - timedelta(microseconds=1)).astimezone(run.workspace.bound.zone).date()


def _period_goes_on(run: Run) -> Iterator[Problem]:
    period, as_of = run.job.period, run.job.as_of
    if as_of >= period.end:
        return
    if as_of <= period.start:
        yield _warning("not_begun", period=period.text)
        return
    day = _last_day(run)
    if not (period.to_date and day == period.last):  # that today goes on, who asks to date knows
        yield _warning("goes_on", period=period.text, day=day, days=(period.last - day).days)


def _pull_ends(run: Run, entity: str) -> Iterator[Problem]:
    """What was pulled before the period was over lacks what came later."""
    reached, period = run.pulled.get(entity), run.job.period
    if reached is None or run.job.as_of <= period.start:
        return
    over = run.job.as_of >= period.end
    if reached < (period.end if over else run.job.as_of - PULL_AGE):
        at = reached.astimezone(run.workspace.bound.zone).isoformat(" ", "minutes")[:16]
        yield _warning("pull_ends", entity=entity, at=at, period=period.text)


def _file_ends(run: Run, loaded: Loaded) -> Iterator[Problem]:
    """Say of a file's records that they end before the period does: by more days than have ever
    passed without one in the quarter before, and more than a long weekend."""
    end, period = _last_day(run), run.job.period
    if run.job.as_of <= period.start or loaded.rhythm is None:
        return
    if loaded.rhythm.last is None:
        yield _warning("no_records", entity=loaded.entity, period=period.text)
        return
    silent = (end - loaded.rhythm.covered).days
    usual = max(loaded.rhythm.longest, USUAL_SILENCE)
    if silent > usual:
        data = {"last": loaded.rhythm.last, "end": end, "days": silent, "usual": usual}
        name = "ends" if loaded.rhythm.is_known else "ends_of_few"
        yield _warning(name, entity=loaded.entity, period=period.text, **data)


# --- what had records before, and has none now -------------------------------------------------


def _silent(run: Run, measures: list[Measure]) -> Iterator[Problem]:
    """Name the KPIs without any record in the period that had some before it, and the last."""
    by_last: dict[tuple[str, date], list[str]] = {}
    for entity in dict.fromkeys(m.entity for m in measures):
        several = [m for m in measures if m.entity == entity]
        for measure, last in zip(several, _last_before(run, entity, several), strict=True):
            if last is not None:
                kpi = run.workspace.bound.label(measure.kpi)
                by_last.setdefault((entity, last), []).append(kpi)
    for (entity, last), kpis in by_last.items():
        data = {"kpis": ", ".join(dict.fromkeys(kpis)), "last": last, "n": len(set(kpis))}
        yield _warning("silent", entity=entity, period=run.job.period.text, **data)


def _last_before(run: Run, entity: str, measures: list[Measure]) -> list[date | None]:
    """Return the day of the last record before the period that each measure would have taken.

    The records before a period are not loaded for it. What files hold is read once more, apart;
    where other lines of them cannot be read, nothing is known of before.
    """
    workspace, zone = run.workspace, run.workspace.bound.zone
    wanted = replace(run.wanted[entity], windows=())
    if run.loaded[entity].complete:
        connection = workspace.connection
    else:
        connection = connect(zone)
        wanted = replace(wanted, owners=frozenset(), ordered=False, currency=None)
    try:
        table = workspace.readers[entity].load(connection, entity, wanted).table
        return [_day_in(zone, connection, _before(run, m, table)) for m in measures]
    except SourceError:
        return [None] * len(measures)
    finally:
        if connection is not workspace.connection:
            connection.close()


def _before(run: Run, measure: Measure, table: str) -> str:
    query: Query = run.queries[measure.entity]
    moment = column(measure.when)
    is_day = run.tables.is_day(measure.entity, measure.when)
    start = f"DATE '{query.period.first}'" if is_day else instant(query.period.start)
    where = engine.condition(measure, query.zone)
    return f"SELECT max({moment}) FROM {table} e WHERE {where} AND {moment} < {start}"


def _day_in(zone: ZoneInfo, connection: Connection, question: str) -> date | None:
    row = connection.execute(question).fetchone()
    last: date | datetime | None = row[0] if row else None
    if isinstance(last, datetime):
        return last.replace(tzinfo=UTC).astimezone(zone).date()
    return last
