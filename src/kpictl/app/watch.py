"""The conductor of a live board: readings of the figures, one after the other → frames.

A reading is what is known at a moment: results, and the records that they are made of. Each frame
holds the last reading that there is, what has changed since the first, and why there is no newer
one where that failed. Nothing here asks a clock or draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from kpictl.app import assembly, computation, evidence
from kpictl.errors import KpictlError, PlanRejected, Problem, UsageError
from kpictl.scoring.pace import frame_of
from kpictl.values import Named, Results, SubjectId

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpictl.app.computation import Computation, ComputeRequest
    from kpictl.app.evidence import Record
    from kpictl.app.workspace import Workspace
    from kpictl.measure.query import Measure

KEPT = 20
"""Records that a frame holds; a board shows as many of them as it has room for."""
STEP = 1.0
"""Seconds slept at a time: a machine that was asleep itself then sees that it is late."""
_PARTS = ("value", "base")
_FIELDS = frozenset({"id", "title"})

RecordKey = tuple[str, ...]


class Arrival(Struct, frozen=True):
    """A record that counts: when, whose, for which KPI (its label) and what it gave, in `unit`;
    None where it only counts as one."""

    key: RecordKey
    moment: date | datetime | None
    who: Named | None
    kpi: str
    value: Decimal | None = None
    unit: str = ""
    title: str = ""


class BoardReading(Struct, frozen=True):
    """What is known at a moment. `failures` are what could not be brought of it (a portal that is
    away), so that the figures are of what was there before."""

    results: Results
    records: Mapping[RecordKey, Arrival] = {}
    failures: tuple[Problem, ...] = ()


class Frame(Struct, frozen=True):
    """What a board shows: the last figures and when they were read (None: none yet), and why there
    are no newer ones.

    `records` are the latest: those that came in while it was watched (their keys are in `new`),
    newest first, then the rest by moment. `gained` are ranks won since the first reading of the
    period, by scorecard and subject. `bug` is a failure of ours.
    """

    results: Results | None = None
    read_at: datetime | None = None
    next_at: datetime | None = None
    records: tuple[Arrival, ...] = ()
    new: frozenset[RecordKey] = frozenset()
    gained: Mapping[tuple[str, SubjectId], int] = {}
    failures: tuple[Problem, ...] = ()
    bug: Exception | None = None


class Watched(Struct, frozen=True):
    """What is remembered from reading to reading: the ranks of the first, the records known by then
    and those that have come since, and the last frame."""

    frame: Frame = field(default_factory=Frame)
    period: str = ""
    ranks: Mapping[tuple[str, SubjectId], int] = {}
    known: frozenset[RecordKey] = frozenset()
    came: tuple[RecordKey, ...] = ()

    def after(self, reading: BoardReading, at: datetime) -> Watched:
        """Return what is remembered after a reading; another month begins anew."""
        results = reading.results
        period, ranks = frame_of(results.period).text, _ranks(results)
        before = self
        if period != self.period:
            before = Watched(Frame(), period, ranks, frozenset(reading.records))
        late = [key for key in reading.records if key not in before.known]
        ordered = sorted(late, key=lambda key: _newest_first(reading.records[key], results))
        came = tuple(k for k in (*ordered, *before.came) if k in reading.records)
        gained = {
            key: before.ranks[key] - rank for key, rank in ranks.items() if key in before.ranks
        }
        others = (one for key, one in reading.records.items() if key not in came)
        rest = sorted(others, key=lambda one: _newest_first(one, results))
        records = (*(reading.records[key] for key in came), *rest)[:KEPT]
        return replace(
            before,
            known=before.known | frozenset(reading.records),
            came=came,
            frame=Frame(
                results,
                at,
                records=records,
                new=frozenset(came),
                gained=gained,
                failures=reading.failures,
            ),
        )

    def failed(self, failures: tuple[Problem, ...], bug: Exception | None = None) -> Watched:
        """Return what is remembered after a reading that failed: the last figures stay."""
        return replace(self, frame=replace(self.frame, failures=failures, bug=bug))


def _ranks(results: Results) -> dict[tuple[str, SubjectId], int]:
    return {
        (card.id, row.subject): row.rank
        for card in results.scorecards
        for row in card.rows
        if row.rank is not None
    }


def _newest_first(record: Arrival, results: Results) -> tuple[bool, float, RecordKey]:
    moment = record.moment
    if moment is None:
        return (True, 0.0, record.key)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min, results.period.start.tzinfo)
    return (False, -moment.timestamp(), record.key)


# --- the loop --------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> float:
        """Return unix seconds."""

    def sleep(self, seconds: float, /) -> None: ...


def frames(read: Callable[[datetime], BoardReading], clock: Clock, every: float) -> Iterator[Frame]:
    """Yield frame after frame, one before anything is read, `every` seconds between the end of a
    reading and the next, until somebody closes it.

    Whatever fails is in the frame and tried again; only as long as there are no figures what was
    asked for wrongly, and a plan that is rejected, end it."""
    watched = Watched()
    yield watched.frame
    while True:
        watched = _next(watched, read, datetime.fromtimestamp(clock.now(), UTC))
        due = clock.now() + every
        yield replace(watched.frame, next_at=datetime.fromtimestamp(due, UTC))
        while (left := due - clock.now()) > 0:
            clock.sleep(min(left, STEP))


def _next(watched: Watched, read: Callable[[datetime], BoardReading], at: datetime) -> Watched:
    try:
        return watched.after(read(at), at)
    except KpictlError as error:
        if watched.frame.results is None and isinstance(error, UsageError | PlanRejected):
            raise
        return watched.failed(getattr(error, "problems", (error.problem,)))
    except OSError as error:
        detail = f"{error.strerror or error} {error.filename or ''}".strip()
        return watched.failed((Problem("usage.system", None, {"detail": detail}),))
    except Exception as error:  # noqa: BLE001  a board stays up; the command says it at its end
        return watched.failed((), error)


# --- a reading -------------------------------------------------------------------------------


def read(workspace: Workspace, request: ComputeRequest) -> BoardReading:
    """Compute the scorecards of a period, with the records that they are made of."""
    asked = replace(request, ordered=True, extra_fields=_FIELDS)
    computed = computation.measure(workspace, asked)
    return BoardReading(assembly.results(computed), _records(computed))


def _records(computed: Computation) -> dict[RecordKey, Arrival]:
    """Return the records that count, each once: for the heaviest KPI that counts it."""
    bound, found = computed.bound, dict[RecordKey, Arrival]()
    weights: dict[str, Decimal] = {}
    for card in computed.cards:
        for kpi, entry in bound.cards[card].kpis.items():
            weights[kpi] = max(entry.weight, weights.get(kpi, Decimal(0)))
    chosen = assembly.chosen_subjects(computed, computed.members)
    for kpi in sorted(weights, key=lambda kpi: -weights[kpi]):
        for measure in bound.leaves(kpi):
            if measure.part not in _PARTS:
                continue
            for record in evidence.records(computed, measure, chosen):
                if measure.value is not None and record.value is None:
                    continue  # it gave nothing to the number
                arrival = _arrival(computed, measure, record)
                found.setdefault(arrival.key, arrival)
    return found


def _arrival(computed: Computation, measure: Measure, record: Record) -> Arrival:
    bound = computed.bound
    unit = bound.kind(measure.kpi).shown_unit
    value = record.value if isinstance(record.value, Decimal) else None
    return Arrival(
        key=(measure.entity, record.id or "", "" if record.id else str(record.place)),
        moment=_in_zone(record.moment, bound.zone),
        who=record.owner,
        kpi=bound.label(measure.kpi),
        value=value,
        unit="count" if unit == "percent" else unit,
        title=record.title or "",
    )


def _in_zone(moment: date | datetime | None, zone: ZoneInfo) -> date | datetime | None:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment
