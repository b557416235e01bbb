"""The only time that the portal knows."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

START = datetime(2024, 6, 3, 6, tzinfo=UTC).timestamp()
"""Where a clock stands when nobody sets it: Monday, 3 June 2024, nine in the morning in Moscow."""


class Clock:
    """A clock that moves only when somebody sleeps on it; many threads may."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._lock = threading.Lock()
        self.slept = 0.0

    def now(self) -> float:
        """Return Unix seconds."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock on, at once."""
        with self._lock:
            self._now += max(seconds, 0.0)
            self.slept += max(seconds, 0.0)

    def reach(self, moment: float) -> None:
        """Move the clock on to `moment`, unless it is past it: two requests that run beside each
        other take as long as the longer one."""
        with self._lock:
            self._now = max(self._now, moment)


class WallClock(Clock):
    """The true clock, for somebody who plays with the portal at the keyboard."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))

    def reach(self, moment: float) -> None:
        self.sleep(moment - self.now())
