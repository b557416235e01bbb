"""The real clock: the only one that a command reads and waits on while it pulls."""

from __future__ import annotations

import time


class SystemClock:
    """Unix seconds that only ever go forward: a machine's clock may be set while a pull goes on,
    and a moment from the future would be taken for one up to which all changes are known."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def now(self) -> float:
        return self._start + time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))


class WallClock:
    """The time of day, as it is set: a board that a laptop slept under is late and knows it."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))
