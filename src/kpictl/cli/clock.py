"""The real clock: nobody else in the house reads it."""

from __future__ import annotations

import time


class SystemClock:
    """Unix seconds, and real waiting."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))
