"""Working time added up by day, for an engine that looks it up instead of counting.

The working time before an instant is what was worked before its day in UTC, and what of the spans
of that day lies before it: two look-ups a span, whatever lies between two moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from msgspec import Struct

from kpictl.calendar.timeline import MICRO, Timeline

_DAY = timedelta(days=1)
DAY_MICROS = _DAY // MICRO


class CumulativeTable(Struct, frozen=True):
    """Working time of several timelines, each a run of `days` entries; the first entry of a run is
    the day `first`. Its first and last entry stand for all time before and after: they are unknown.

    Of days in UTC: `worked` before it, in microseconds; `starts` and `lengths` of its spans (as
    many columns as any day needs), in microseconds from its beginning; `shown` is the day that the
    clock of whoever works shows at its beginning, as the number of an entry, `turns` when it begins
    to show the next ones. Of days as they are shown: `working_days` and `unknown` days before it,
    `is_working` and `is_unknown` as 0 or 1.
    """

    first: date
    days: int
    worked: list[int]
    starts: list[list[int]]
    lengths: list[list[int]]
    shown: list[int]
    turns: list[list[int]]
    working_days: list[int]
    is_working: list[int]
    unknown: list[int]
    is_unknown: list[int]


def cumulative_table(timelines: Sequence[Timeline], first: date, last: date) -> CumulativeTable:
    """Return the table for moments from a day to another, with a day to spare for their zones."""
    first, last = first - 2 * _DAY, last + 2 * _DAY
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    runs = [_Run(timeline, days) for timeline in timelines]
    spans = max(len(cells) for run in runs for cells in run.cells)
    turns = max(len(cells) for run in runs for cells in run.turned)
    return CumulativeTable(
        first,
        len(days),
        [worked for run in runs for worked in run.worked()],
        [[_at(cells, n, 0, 0) for run in runs for cells in run.cells] for n in range(spans)],
        [[_at(cells, n, 1, 0) for run in runs for cells in run.cells] for n in range(spans)],
        [shown for run in runs for shown in run.shown],
        [[_turn(cells, n) for run in runs for cells in run.turned] for n in range(turns)],
        [before for run in runs for before in _before(run.is_working)],
        [one for run in runs for one in run.is_working],
        [before for run in runs for before in _before(run.is_unknown)],
        [one for run in runs for one in run.is_unknown],
    )


def _at(cells: Sequence[tuple[int, int]], number: int, part: int, default: int) -> int:
    return cells[number][part] if number < len(cells) else default


def _turn(cells: Sequence[int], number: int) -> int:
    return cells[number] if number < len(cells) else DAY_MICROS


def _before(flags: Sequence[int]) -> Iterator[int]:
    count = 0
    for flag in flags:
        yield count
        count += flag


class _Run:
    """One timeline over days."""

    def __init__(self, timeline: Timeline, days: Sequence[date]) -> None:
        inner = range(1, len(days) - 1)
        self.is_working = [int(n in inner and bool(timeline.hours(d))) for n, d in enumerate(days)]
        self.is_unknown = [int(n not in inner or timeline.unknown(d)) for n, d in enumerate(days)]
        start = datetime.combine(days[0], time.min, UTC)
        spans = timeline.spans_between(start, start + _DAY * len(days))
        self.cells: list[list[tuple[int, int]]] = [[] for _ in days]
        for begin, end in spans:
            self._divide((begin - start) // MICRO, (end - start) // MICRO)
        begins = [(timeline.begin(day) - start) // MICRO for day in days]
        # Somebody who moves round the world begins a day before the one before it.
        self._turns([*accumulate(reversed(begins), min)][::-1])

    def _divide(self, begin: int, end: int) -> None:
        """Put a span into the days in UTC that it lies in."""
        while begin < end:
            number, inside = divmod(begin, DAY_MICROS)
            length = min(end - begin, DAY_MICROS - inside)
            self.cells[number].append((inside, length))
            begin += length

    def _turns(self, begins: Sequence[int]) -> None:
        """Note which day is shown when each day in UTC begins, and when the next ones are."""
        self.shown: list[int] = []
        self.turned: list[list[int]] = []
        shown = 0
        for number in range(len(begins)):
            start = number * DAY_MICROS
            while shown + 1 < len(begins) and begins[shown + 1] <= start:
                shown += 1
            self.shown.append(shown)
            later = shown + 1
            turned = []
            while later < len(begins) and begins[later] < start + DAY_MICROS:
                turned.append(begins[later] - start)
                later += 1
            self.turned.append(turned)

    def worked(self) -> Iterator[int]:
        """Yield what was worked before each day."""
        before = 0
        for cells in self.cells:
            yield before
            before += sum(length for _, length in cells)
