"""What goes wrong between a portal and its reader, by chance with a seed or by a script."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

BEFORE = (
    "query_limit",  # 503 QUERY_LIMIT_EXCEEDED
    "http_500",  # INTERNAL_SERVER_ERROR, as JSON
    "http_502",  # a web server's page
    "http_504",
    "login_page",  # 200, and HTML
    "redirect",  # 302 to another path of the same host, which works
)
"""Nothing was done."""
AFTER = (
    "dropped",  # the connection closes without an answer
    "cut",  # … in the middle of the body
    "truncated",  # half of the JSON, with the right length
    "bad_json",  # a warning of PHP stands before it
)
"""The commands ran; their answer is lost."""
INSIDE = (
    "command_error",  # one command of a batch: INTERNAL_SERVER_ERROR
    "command_limit",  # one command: OPERATION_TIME_LIMIT
    "command_missing",  # one command has neither a result nor an error
)
"""They happen in batches only."""
GRAVE = (
    "slow",  # no answer until the client hangs up
    "moved",  # 302 to another host
    "overload",  # 503 OVERLOAD_LIMIT
    "portal_deleted",  # 500 PORTAL_DELETED
    "expired_token",  # 401, whatever the token
)
"""Never by chance: only when a script names them."""
KINDS = (*BEFORE, *AFTER, *INSIDE)


@runtime_checkable
class Troubles(Protocol):
    """Decides, request by request, what goes wrong."""

    def next(self, request: bytes, *, batch: bool) -> str:
        """Return a kind, or nothing; `request` is the same for every repetition of a request."""

    def pick(self, count: int) -> int:
        """Return which of `count` commands it hits."""


class Faults:
    """Trouble by chance. `in_a_row`: the same request is not hit more often than that on end;
    `at_most`: no more than that altogether."""

    def __init__(
        self,
        seed: int = 1,
        rate: float = 0.3,
        kinds: Sequence[str] = KINDS,
        in_a_row: int = 3,
        at_most: int | None = None,
    ) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        self.rate = rate
        self.kinds = tuple(kinds)
        self.in_a_row = in_a_row
        self.at_most = at_most
        self.happened: Counter[str] = Counter()
        self._hits: Counter[bytes] = Counter()

    def next(self, request: bytes, *, batch: bool) -> str:
        spent = self.at_most is not None and self.happened.total() >= self.at_most
        hit = self._dice.random() < self.rate and not spent
        if not hit or self._hits[request] >= self.in_a_row:
            self._hits.pop(request, None)
            return ""
        self._hits[request] += 1
        possible = [kind for kind in self.kinds if batch or kind not in INSIDE]
        kind = self._dice.choice(possible) if possible else ""
        self.happened[kind] += 1
        return kind

    def pick(self, count: int) -> int:
        return self._dice.randrange(count)


class Script:
    """Trouble by a list: one entry a request, None or "" for none; after the last, none.

    `command_error:7` hits the eighth command, `command_error` the first."""

    def __init__(self, kinds: Iterable[str | None]) -> None:
        self.left = [kind or "" for kind in kinds]
        self.happened: Counter[str] = Counter()
        self._at = 0

    def next(self, request: bytes, *, batch: bool) -> str:  # noqa: ARG002
        kind, _, at = (self.left.pop(0) if self.left else "").partition(":")
        self._at = int(at or 0)
        if kind:
            self.happened[kind] += 1
        return kind

    def pick(self, count: int) -> int:
        return min(self._at, count - 1)
