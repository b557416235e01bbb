"""How far the data of a period reach, and what is missing of it.

A portal's pull says up to when it is complete. A file says nothing: its last record is a lower
bound, and that it ends too early can only be seen by the days on which its records usually come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from kpictl import periods
from kpictl.errors import Problem
from kpictl.kinds.manual import entity_of
from kpictl.measure import dataset
from kpictl.measure.query import Measure, whole_months
from kpictl.values import Period, Reach

if TYPE_CHECKING:
    from kpictl.app.computation import Computation
    from kpictl.sources.base import LoadedEntity

PREFIX = "complete."
NOT_TYPED = f"{PREFIX}not_typed"
USUAL_SILENCE = 3  # days without a record that nobody wonders at: a weekend and a holiday
PULL_AGE = timedelta(days=1)  # of a period that goes on: a pull of this morning is no news


def incomplete(problems: Iterable[Problem]) -> list[Problem]:
    """Return the warnings that say that data of the period are, or may be, missing."""
    return [p for p in problems if p.code.startswith(PREFIX)]


def reaches(computed: Computation) -> tuple[Reach, ...]:
    """Return to when each entity that was read reaches, by name."""
    zone, found = computed.bound.zone, list[Reach]()
    labels = {entity_of(kpi): computed.bound.label(kpi) for kpi in computed.workspace.typed}
    for entity, loaded in sorted(computed.dataset.loaded.items()):
        if not computed.dataset.needed.windows.get(entity):
            continue  # only searched for what others look up in it
        latest, as_of = loaded.latest, computed.as_of
        at = None if latest is None else min(latest, as_of).astimezone(zone)
        basis: Literal["pull", "last_record"] = "pull" if loaded.complete else "last_record"
        found.append(Reach(entity, at, basis, labels.get(entity, "")))
    return tuple(found)


def remarks(computed: Computation) -> Iterator[Problem]:
    """Yield what is missing of the period, as warnings."""
    yield from _period_goes_on(computed)
    yield from _cuts_months(computed)
    for entity, loaded in sorted(computed.dataset.loaded.items()):
        yield from _pull_ends(computed, entity) if loaded.complete else _file_ends(computed, loaded)
    silent = [
        m
        for m in _measures(computed, computed.kpis)
        if not computed.facts.has_records(m, computed.slice.id)
        if m.months == 1 or not _cuts(computed.period, m.months)
    ]
    yield from _silent(computed, silent)
    for card in computed.cards:
        if computed.is_silent(computed.bound.cards[card].kpis):
            label = computed.bound.cards[card].label or card
            yield _warning("no_ranks", card=label, period=computed.period.text)


def _cuts_months(computed: Computation) -> Iterator[Problem]:
    """A record that is dated by a month belongs to no part of the month."""
    period = computed.period
    cut = [m for m in _measures(computed, computed.kpis) if m.monthly and _cuts(period, m.months)]
    label = computed.bound.label
    monthly = [m for m in cut if m.months == 1]
    if monthly:
        kpis = ", ".join(dict.fromkeys(label(m.kpi) for m in monthly))
        yield _warning("cut_months", kpis=kpis, period=period.text, field=monthly[0].when)
    for m in cut:
        if m.months > 1:
            data = {"kpis": label(m.kpi), "period": period.text}
            yield _warning("cut_spans", entity=m.entity, **data)


def _cuts(period: Period, months: int) -> bool:
    """Say whether a period is not made of whole months, or holds no quarter, half or year."""
    if months == 1:
        return not periods.months(period.first, period.last + timedelta(days=1))
    start, end = whole_months(period, months)
    return start >= end


def _warning(name: str, **data: object) -> Problem:
    return Problem(f"{PREFIX}{name}", None, data, "warning")


def _measures(computed: Computation, kpis: Iterable[str]) -> list[Measure]:
    bound = computed.bound
    return list(dict.fromkeys(m for kpi in kpis for m in bound.leaves(kpi)))


def _last_day(computed: Computation) -> date:
    """Return the last day of the period of which anything can be there yet."""
    end = min(computed.period.end, computed.as_of)
    return (end - timedelta(microseconds=1)).astimezone(computed.bound.zone).date()


def _period_goes_on(computed: Computation) -> Iterator[Problem]:
    period, as_of = computed.period, computed.as_of
    if as_of >= period.end:
        return
    if as_of <= period.start:
        yield _warning("not_begun", period=period.text)
        return
    day = _last_day(computed)
    if not (period.to_date and day == period.last):  # that today goes on, who asks to date knows
        yield _warning("goes_on", period=period.text, day=day, days=(period.last - day).days)


def _pull_ends(computed: Computation, entity: str) -> Iterator[Problem]:
    """What was pulled before the period was over lacks what came later."""
    reached, period = computed.dataset.pulled.get(entity), computed.period
    if reached is None or computed.as_of <= period.start:
        return
    over = computed.as_of >= period.end
    if reached < (period.end if over else computed.as_of - PULL_AGE):
        at = reached.astimezone(computed.bound.zone).isoformat(" ", "minutes")[:16]
        yield _warning("pull_ends", entity=entity, at=at, period=period.text)


def _file_ends(computed: Computation, loaded: LoadedEntity) -> Iterator[Problem]:
    """Say of a file's records that they end before the period does: by more days than have ever
    passed without one in the quarter before, and more than a long weekend."""
    end, period = _last_day(computed), computed.period
    if computed.as_of <= period.start or loaded.rhythm is None:
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


def _silent(computed: Computation, measures: list[Measure]) -> Iterator[Problem]:
    """Name the KPIs without any record in the period that had some before it, and the last."""
    by_last: dict[tuple[str, date], list[str]] = {}
    for entity in dict.fromkeys(m.entity for m in measures):
        several = [m for m in measures if m.entity == entity]
        for measure, last in zip(several, _last_before(computed, several), strict=True):
            if last is not None:
                kpi = computed.bound.label(measure.kpi)
                by_last.setdefault((entity, last), []).append(kpi)
    for (entity, last), kpis in by_last.items():
        data = {"kpis": ", ".join(dict.fromkeys(kpis)), "last": last, "n": len(set(kpis))}
        name = "not_typed" if computed.bound.schemas[entity].told else "silent"
        yield _warning(name, entity=entity, period=computed.period.text, **data)


def _last_before(computed: Computation, measures: list[Measure]) -> list[date | None]:
    """Return the day of the last record before the period that each measure would have taken."""
    moments = dataset.latest_before(
        computed.dataset, computed.slice, measures, computed.request.engine
    )
    zone = computed.bound.zone
    return [m.astimezone(zone).date() if isinstance(m, datetime) else m for m in moments]
