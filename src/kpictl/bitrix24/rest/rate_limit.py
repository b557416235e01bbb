"""When the next request may go out: the portal's bucket of requests, and the time of each method.

Two limits of the cloud (`limits.md` of the documentation). The bucket: each request adds one, it
drains by so many a second, and above its depth requests are refused; how deep it is depends on the
portal's tariff, which nobody tells. So nothing is held back until the first refusal; what had been
sent until then says which bucket it is, and from there requests go out as it drains. The time: each
method may run for so long within ten minutes; a refusal blocks that method alone.

A state machine over a clock: it neither sleeps nor sends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Protocol

from msgspec import Struct


class Clock(Protocol):
    """The time, and waiting for it: passed in, so that tests need neither."""

    def now(self) -> float:
        """Return Unix seconds."""
        ...

    def sleep(self, seconds: float) -> None: ...


class Tariff(Struct, frozen=True):
    """A bucket: requests that fit into it, and how many a second leave it."""

    depth: int
    drain: float


STANDARD = Tariff(50, 2.0)
ENTERPRISE = Tariff(250, 5.0)
BETWEEN = 150  # requests in a bucket of the standard drain that only the deeper one can hold

# Near the depth of a tariff requests go one at a time, or not much faster than it drains: then few
# are under way when the limit shows, and a portal without it is not held up for long.
_NEAR = 5
_CLIMB = 1.5
_GLANCE = 0.02  # seconds until somebody asks again whether the request under way has landed

_INSTANT = 0.001  # below what a clock of Unix seconds can be trusted to tell apart
_PAUSE, _PAUSE_MOST = 1.0, 30.0
_SLACK_MOST = 8
_SLOWER, _LEAST_RATE, _FASTER = 0.85, 0.1, 0.01

WINDOW = 600.0  # seconds after which all time used by a method is forgotten
_ROUNDED = 1.0  # moments of the portal are whole seconds
_BASKET = 60.0  # the time used is forgotten in parts of a minute


class Pace:
    """Says when to send, from what was sent, refused and reported. Safe between threads.

    `jitter` gives numbers from 0 to 1: it keeps two programs from asking in step.
    """

    def __init__(self, now: Callable[[], float], jitter: Callable[[], float] = lambda: 0.0) -> None:
        self._time = now
        self._jitter = jitter
        self._lock = threading.Lock()
        self._bucket = _Bucket(now())
        self._methods: dict[str, _MethodTime] = {}

    @property
    def tariff(self) -> Tariff | None:
        """The bucket in use; None while no request has been refused."""
        return self._bucket.tariff

    def ask(self) -> float:
        """Return 0.0 when a request may go out now, which counts it; else the seconds to wait
        before asking again."""
        with self._lock:
            return self._bucket.ask(self._time())

    def wait(self) -> float:
        """Return the seconds until a request may go out; 0.0 when now. Counts nothing."""
        with self._lock:
            return self._bucket.wait(self._time())

    def done(self, sent_at: float, *, refused: bool, answered: bool) -> None:
        """Take in how a request that was let go at `sent_at` has ended."""
        with self._lock:
            self._bucket.flying -= 1
            if refused:
                self._bucket.refused(self._time(), sent_at, self._jitter())
            elif answered:
                self._bucket.answered(sent_at)

    def refused(self) -> None:
        """Take in that commands of a batch met the limit of requests."""
        with self._lock:
            self._bucket.refused(self._time(), self._time(), self._jitter())

    def used(self, method: str, time: Mapping[str, Any]) -> None:
        """Take in the `time` of a good answer: when the oldest time used will be forgotten."""
        resets = seconds(time.get("operating_reset_at"))
        with self._lock:
            state = self._methods.setdefault(method, _MethodTime())
            state.refusals = 0
            if resets is not None:
                # The difference to the portal's own clock; ours may be wrong.
                portal = seconds(time.get("finish")) or seconds(time.get("start")) or self._time()
                left = min(max(resets - portal, 0.0), WINDOW)
                state.resets_at = self._time() + left + _ROUNDED

    def block(self, method: str) -> None:
        """Take in that a method has used up its time."""
        with self._lock:
            self._methods.setdefault(method, _MethodTime()).block(self._time())

    def free_at(self, method: str) -> float:
        """Return the clock time from which a method may be called again; 0.0 when now."""
        with self._lock:
            state = self._methods.get(method)
            return state.free_at if state is not None and state.free_at > self._time() else 0.0


class _Bucket:
    """What we believe to be in the portal's bucket."""

    def __init__(self, now: float) -> None:
        self.tariff: Tariff | None = None
        self.flying = 0
        self._at = now
        self._level = 0.0  # by the tariff in use, or the standard one as long as there is none
        self._deep_level = 0.0  # by the enterprise tariff, until one is known
        self._sent_at = now
        self._rate = STANDARD.drain
        self._slack = 1
        self._refused_at = float("-inf")
        self._streak = 0
        self._not_before = now

    def wait(self, now: float) -> float:
        self._drain(now)
        wait = max(self._not_before - now, self._wait_for_room())
        return wait if wait > _INSTANT else 0.0

    def ask(self, now: float) -> float:
        if wait := self.wait(now):
            return wait
        self._level += 1
        self._deep_level += 1
        self.flying += 1
        self._sent_at = now
        return 0.0

    def refused(self, now: float, sent_at: float, jitter: float) -> None:
        """Learn the tariff from the first refusal; from a later one, that others drink too."""
        self._drain(now)
        if sent_at <= self._refused_at:
            return  # it was under way when the other was refused: nothing new
        self._refused_at = now
        self._streak += 1
        if self.tariff is None:
            self.tariff = STANDARD if self._level < BETWEEN else ENTERPRISE
            self._rate = self.tariff.drain
        else:
            if self._slack > 1:
                self._rate = max(self._rate * _SLOWER, self.tariff.drain * _LEAST_RATE)
            self._slack = min(self._slack + 1, _SLACK_MOST)
        self._level = float(self.tariff.depth)
        pause = min(_PAUSE * 2 ** max(self._streak - 2, 0), _PAUSE_MOST)
        self._not_before = now + pause * (1 + jitter / 2 if self._streak > 1 else 1)

    def answered(self, sent_at: float) -> None:
        if self.tariff is not None and sent_at > self._refused_at:
            self._streak = 0
            self._rate = min(self._rate + self.tariff.drain * _FASTER, self.tariff.drain)

    def _wait_for_room(self) -> float:
        if self.tariff is not None:
            return (self._level + 1 + self._slack - self.tariff.depth) / self._rate
        for tariff, level in ((STANDARD, self._level), (ENTERPRISE, self._deep_level)):
            if self.flying and abs(level - tariff.depth) <= _NEAR:
                next_at = self._sent_at + 1 / (tariff.drain * _CLIMB)
                return min(next_at - self._at, _GLANCE)
        return 0.0

    def _drain(self, now: float) -> None:
        passed = max(now - self._at, 0.0)
        self._at = max(now, self._at)
        self._level = max(self._level - passed * self._rate, 0.0)
        self._deep_level = max(self._deep_level - passed * ENTERPRISE.drain, 0.0)


class _MethodTime:
    """The time that one method has used, as far as the portal tells."""

    def __init__(self) -> None:
        self.resets_at = 0.0
        self.free_at = 0.0
        self.refusals = 0

    def block(self, now: float) -> None:
        if now < self.free_at:
            return  # one of many that were under way together
        self.refusals += 1
        # One basket less may not be enough: then the next one, a minute later at most.
        pause = min(10.0 * 2 ** (self.refusals - 1), _BASKET)
        self.free_at = self.resets_at if self.resets_at > now else now + pause


def seconds(value: Any) -> float | None:
    """Return a moment of the portal as Unix seconds: a number, its text, or an ISO moment."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        try:
            found = datetime.fromisoformat(str(value)).timestamp()
        except (ValueError, OverflowError):
            return None
    return found if isfinite(found) else None
