"""How a pull looks while it runs: bars on a terminal, lines in a log.

A pull tells how far it is, and for what it waits; `Tracks` keeps that, `Board` draws it anew a few
times a second, `Log` writes a line every few seconds. Lines of a log are ASCII and the same in
every language, so that they can be searched.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from msgspec import Struct, field

from kpictl.masking import mask
from kpictl.report.format import clean, number
from kpictl.report.terminal import fit
from kpictl.words import has, say

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from kpictl.bitrix24.sync import Progress

OVER = 10.0  # seconds over which a rate is taken
NOTABLE = 1.0  # shorter waits are told to nobody
EVERY = 5.0  # seconds between two lines of a log
FIRST = 2.0  # seconds before its first line
_CHANGES, _SWEEP, _WHOLE = "changes", "sweep", "all"
_KINDS = {"changed": _CHANGES, "new": _CHANGES, "changes": _CHANGES, "ids": _SWEEP, "sweep": _SWEEP}
SILENCE = "silence"  # a portal that sends nothing, as the reason of a wait
_CAPTION = 26  # cells
_BAR = (8, 40)  # the shortest and the longest bar, cells
_BESIDE = 66  # cells of everything beside the bar
_NARROW = 72  # below it, no rate


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class Fault(Protocol):
    @property
    def code(self) -> str: ...


class Wait(Protocol):
    """A pause of so many seconds: for the request "bucket", a "method"'s time, or a "fault"."""

    @property
    def seconds(self) -> float: ...

    @property
    def reason(self) -> str: ...

    @property
    def method(self) -> str | None: ...

    @property
    def fault(self) -> Fault | None: ...


class Track(Struct):
    """How far an entity is. `counts` are the records read, by the kind of reading told of."""

    entity: str
    kind: str = _WHOLE
    counts: dict[str, int] = {}
    expected: int | None = None
    done: bool = False
    samples: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def read(self) -> int:
        return sum(n for kind, n in self.counts.items() if _KINDS.get(kind, _WHOLE) == self.kind)

    def hear(self, told: Progress, now: float) -> None:
        """Take a message in. After the whole list, the few changes meanwhile are not shown."""
        kind = _KINDS.get(told.kind, _WHOLE)
        if not self.samples:
            self.kind = kind
        if kind != self.kind and kind == _SWEEP:
            self.kind, self.done = kind, False
            self.samples.clear()
        elif kind != self.kind:
            self.done = self.done or (told.done and kind == _WHOLE)
            return
        self.counts[told.kind] = max(told.read, self.counts.get(told.kind, 0))
        self.expected = told.expected
        self.done = told.done
        self.samples.append((now, self.read))
        while len(self.samples) > 2 and now - self.samples[1][0] >= OVER:
            self.samples.popleft()

    @property
    def rate(self) -> float:
        """Return records a second, lately; 0 when that cannot be told yet."""
        if len(self.samples) < 2:
            return 0.0
        (before, had), (now, has_now) = self.samples[0], self.samples[-1]
        return (has_now - had) / (now - before) if now > before else 0.0

    @property
    def left(self) -> float | None:
        """Return the seconds that are probably left; None when nobody can tell."""
        if self.expected is None or self.done or self.rate <= 0:
            return None
        return max(self.expected - self.read, 0) / self.rate


class Tracks(Struct):
    """The entities of a pull, in the order in which they were begun, and what is waited for.

    Waits are told by other threads than the rest.
    """

    clock: Clock
    tracks: dict[str, Track] = {}
    waiting: Wait | None = None
    until: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def progress(self, told: Progress) -> None:
        with self.lock:
            track = self.tracks.setdefault(told.entity, Track(told.entity))
            track.hear(told, self.clock.now())

    def wait(self, wait: Wait) -> None:
        with self.lock:
            if wait.seconds >= NOTABLE:
                self.waiting, self.until = wait, self.clock.now() + wait.seconds

    def __iter__(self) -> Iterator[Track]:
        with self.lock:
            return iter(list(self.tracks.values()))


class Board:
    """The bars, as rich draws them."""

    def __init__(self, tracks: Tracks, lang: str) -> None:
        self.tracks, self.lang = tracks, lang

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.table import Table
        from rich.text import Text

        width = options.max_width
        if not self.tracks.tracks:
            yield Text(say(self.lang, "pull.asking"))
        table = Table.grid(padding=(0, 2, 0, 0))
        for justify in ("left", "left", "right", "right", "right"):
            table.add_column(justify=justify, no_wrap=True)
        size = max(_BAR[0], min(_BAR[1], width - _BESIDE))
        for track in self.tracks:
            cells = [Text(text) for text in self.cells(track, narrow=width < _NARROW)]
            table.add_row(cells[0], self._bar(track, size), *cells[1:])
        yield table
        now = self.tracks.clock.now()
        if self.tracks.waiting is not None and now < self.tracks.until:
            seconds = self.tracks.until - now
            yield Text(self.waiting(self.tracks.waiting, seconds), style="yellow")

    def cells(self, track: Track, *, narrow: bool = False) -> tuple[str, str, str, str]:
        """Return what stands around the bar: caption, how many, how fast, how long still."""
        name = fit(caption(track.entity, self.lang), _CAPTION)
        read = number(Decimal(track.read), self.lang)
        if track.kind != _WHOLE:
            name = fit(name, _CAPTION - 6)
            read = say(self.lang, f"pull.kind.{track.kind}", n=read)
        elif not track.done and track.expected is not None:
            whole = number(Decimal(track.expected), self.lang)
            read = say(self.lang, "pull.of", n=read, all=whole)
        if track.done:
            return name, read, "", say(self.lang, "pull.done")
        rate = ""
        if track.rate >= 0.5 and not narrow:
            rate = say(self.lang, "pull.rate", n=number(Decimal(round(track.rate)), self.lang))
        left = "" if track.left is None else say(self.lang, "pull.left", t=stopwatch(track.left))
        return name, read, rate, left

    def _bar(self, track: Track, size: int) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        if track.done:
            return ProgressBar(total=1, completed=1, width=size)
        if not track.expected:
            return Text("")
        return ProgressBar(total=track.expected, completed=track.read, width=size)

    def waiting(self, wait: Wait, seconds: float) -> str:
        """Return in words what the portal is waited for, and why."""
        n = max(round(wait.seconds if wait.reason == SILENCE else seconds), 1)
        key = f"pull.wait.{wait.reason}"
        key = key if has(self.lang, key) else "pull.wait.fault"
        code = clean(mask(wait.fault.code)) if wait.fault else ""
        return say(self.lang, key, n=n, method=clean(wait.method or ""), code=code)


class Log:
    """The lines of a log: `08:15:02 deals 42500/61200 2450/s`."""

    def __init__(self, tracks: Tracks, stream: TextIO, zone: tzinfo) -> None:
        self.tracks, self.stream, self.zone = tracks, stream, zone
        self.last = tracks.clock.now() - EVERY + FIRST
        self.told: dict[str, tuple[str, int, bool]] = {}
        self.waited: dict[str, float] = {}

    def progress(self, told: Progress) -> None:
        with self.tracks.lock:
            self.tracks.progress(told)
            if self.tracks.clock.now() - self.last >= EVERY:
                self._lines()

    def wait(self, wait: Wait) -> None:
        with self.tracks.lock:
            self.tracks.wait(wait)
            now = self.tracks.clock.now()
            text = waiting_line(wait)
            key = text.partition(",")[0]
            if wait.seconds < NOTABLE or now - self.waited.get(key, now - EVERY) < EVERY:
                return
            self.waited[key] = now
            self.say(text)

    def say(self, text: str) -> None:
        """Write a line, with the time of day in the company's zone."""
        moment = datetime.fromtimestamp(self.tracks.clock.now(), self.zone)
        self.stream.write(ascii_only(mask(f"{moment:%H:%M:%S} {text}")) + "\n")
        self.stream.flush()

    def _lines(self) -> None:
        self.last = self.tracks.clock.now()
        for track in self.tracks:
            state = (track.kind, track.read, track.done)
            if self.told.get(track.entity) != state:
                self.told[track.entity] = state
                self.say(track_line(track))


def track_line(track: Track) -> str:
    """Return how far an entity is, for a log."""
    words = [track.entity]
    if track.kind != _WHOLE:
        words.append(track.kind)
    whole = track.kind == _WHOLE and track.expected is not None
    words.append(f"{track.read}/{track.expected}" if whole else str(track.read))
    if track.done:
        words.append("done")
    elif track.rate >= 0.5:
        words.append(f"{round(track.rate)}/s")
    return " ".join(words)


_REASONS = {"bucket": "request limit", "method": "method time limit"}


def waiting_line(wait: Wait) -> str:
    """Return what is waited for, for a log."""
    if wait.reason == SILENCE:
        return f"nothing new for {round(wait.seconds)} s"
    reason = _REASONS.get(wait.reason)
    if reason is None:
        reason = f"fault {wait.fault.code}" if wait.fault else wait.reason
    place = f"{wait.method}: " if wait.method and wait.method != "batch" else ""
    return f"{place}{reason}, waiting {max(round(wait.seconds), 1)} s"


def caption(entity: str, lang: str) -> str:
    """Return what people call an entity; a smart process is called as the plan does."""
    key = f"pull.entity.{entity}"
    if has(lang, key):
        return say(lang, key)
    history, of = entity.partition("stage_history_")[1:]
    if history and of:
        return say(lang, "pull.history_of", of=caption(of, lang))
    return clean(entity)


def stopwatch(seconds: float) -> str:
    """Return a length of time as a stopwatch shows it: 0:08, 12:30, 1:02:03."""
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def ascii_only(text: str) -> str:
    """Return text that any log takes: one line, and ASCII."""
    return clean(text).encode("ascii", "backslashreplace").decode("ascii")
