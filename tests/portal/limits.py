"""What the portal allows: requests by a leaky bucket, execution time by method."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

PLANS = {"standard": (50, 2), "enterprise": (250, 5)}
WINDOW = 600.0
_TINY = 1e-9


@dataclass(slots=True)
class Bucket:
    """The counter of requests. It goes down by `drain` once a second, not smoothly (documented);
    a request that would lift it over `depth` is refused and is not counted (not documented)."""

    depth: int
    drain: int
    now: Callable[[], float]
    smooth: bool = False
    level: float = 0.0
    refused: int = 0
    _ticked: float | None = None

    def take(self) -> bool:
        """Count one request in; False when it is refused."""
        now = self.now()
        if self._ticked is None:
            self._ticked = now
        passed = now - self._ticked
        if not self.smooth:
            passed = float(int(passed + _TINY))
        self._ticked += passed
        self.level = max(0.0, self.level - self.drain * passed)
        if self.level + 1 > self.depth + _TINY:
            self.refused += 1
            return False
        self.level += 1
        return True


@dataclass(slots=True)
class Operating:
    """Execution time by caller and method, in one-minute baskets that fall out after ten minutes
    counted from their first call."""

    limit: float
    _baskets: dict[tuple[str, str], deque[list[float]]] = field(default_factory=dict)

    def used(self, key: tuple[str, str], now: float) -> float:
        baskets = self._baskets.get(key, deque())
        while baskets and baskets[0][0] + WINDOW <= now + _TINY:
            baskets.popleft()
        return sum(seconds for _, seconds in baskets)

    def refuses(self, key: tuple[str, str], now: float) -> bool:
        """Checked before a call: the one that crosses the line still runs."""
        return self.used(key, now) > self.limit

    def charge(self, key: tuple[str, str], now: float, seconds: float) -> tuple[float, int]:
        """Add the time of a call; return the sum and when its oldest basket falls out."""
        self.used(key, now)
        baskets = self._baskets.setdefault(key, deque())
        if baskets and now // 60 == baskets[-1][0] // 60:
            baskets[-1][1] += seconds
        else:
            baskets.append([now, seconds])
        return sum(each for _, each in baskets), int(baskets[0][0] + WINDOW)
