"""Calls to a portal that come back with an answer, or with the reason why there can be none.

What may pass by itself is tried again here: with a growing pause after a fault, as the bucket of
requests drains, when a method may run again, with a new token. Everything else is a `PortalError`.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kpictl.bitrix24.rest import responses
from kpictl.bitrix24.rest.commands import MOST, Command
from kpictl.bitrix24.rest.rate_limit import Clock, Pace
from kpictl.bitrix24.rest.responses import Answer, Fault, Redirect, Retry

if TYPE_CHECKING:
    from kpictl.bitrix24.rest.transport import Wire

__all__ = ["Answer", "Client", "Clock", "Command", "Fault", "Pace", "PortalError", "Retry", "Wait"]

# How often in a row a request is tried. A wrong name of the host shows at once, at the first try.
TRIES, FIRST_TRIES = 12, 4
REFUSALS = 40  # of one request by a full bucket, or by the time limit of its method
RENEWALS = 3
HOPS = 3  # redirects within the portal

_PAUSE, _PAUSE_MOST = 0.5, 30.0
_HEARD = 0.1  # seconds; nobody needs to hear of a shorter pause
_ASKED_MOST = 300.0  # seconds that an answer may ask us to wait: longer is not worth sitting there
_NONE: Mapping[str, Any] = MappingProxyType({})

T = TypeVar("T")


class Wait(Struct, frozen=True):
    """A pause before a request: for the "bucket", for a "method"'s time, or after a "fault"."""

    seconds: float
    reason: str
    method: str | None = None
    fault: Fault | None = None


class PortalError(Exception):
    """A portal will not give what is asked: final. Its text and `repr` hold no key."""

    def __init__(self, fault: Fault, method: str, *, host: str = "", attempts: int = 1) -> None:
        self.fault = fault
        self.method = method
        self.host = host
        self.attempts = attempts
        super().__init__(f"{method}: {fault.code} {fault.detail}".rstrip())


class Client:
    """A portal, called from one thread or several.

    `on_wait` hears of each pause worth telling, before it is made and in the thread that makes
    it. `jitter` gives numbers from 0 to 1, by which pauses are spread.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        clock: Clock,
        pace: Pace | None = None,
        on_wait: Callable[[Wait], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.pace = pace or Pace(clock.now, jitter)
        self.requests = 0
        self.faults = 0
        self.told = ""  # what the portal's clock showed at the end of its last answer, as it writes
        self._wire = wire
        self._clock = clock
        self._time = clock.now
        self.on_wait = on_wait or (lambda _: None)
        self._jitter = jitter
        self._lock = threading.Lock()
        self._met = False  # the portal has answered at least once

    def __repr__(self) -> str:
        return f"Client({self.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    @property
    def host(self) -> str:
        """The portal, as it may be shown."""
        return self._wire.access.host

    def silence(self) -> float:
        """Return for how many seconds nothing has come of any answer that is waited for."""
        return self._wire.silence()

    def call(self, method: str, params: Mapping[str, Any] = _NONE) -> Answer:
        """Call one method; waits as long as the method may not run. PortalError when in vain."""
        return self._insist(method, params, lambda answer: answer)

    def batch(self, commands: Sequence[Command]) -> dict[str, Answer | Fault]:
        """Run up to 50 commands in one request; each has its answer or its own fault.

        A command that met a limit or was not answered is a Fault, and it is the caller's to ask
        again; what concerns the whole request, old tokens included, is tried again here.
        """
        methods = {one.label: one.method for one in commands}
        if len(methods) != len(commands) or len(commands) > MOST:
            raise ValueError(f"{len(commands)} commands, {len(methods)} labels")
        asked = {"halt": 0, "cmd": {one.label: str(one) for one in commands}}

        def answers(answer: Answer) -> dict[str, Answer | Fault] | Fault:
            found = responses.commands(answer, list(methods))
            if isinstance(found, Fault):
                return found
            faults = (one for one in found.values() if isinstance(one, Fault))
            return next((one for one in faults if one.retry is Retry.REFRESH), found)

        found = self._insist("batch", asked, answers)
        self._learn(methods, found)
        return found

    def free_at(self, method: str) -> float:
        """Return the clock time from which a method may be called again; 0.0 when now."""
        return self.pace.free_at(method)

    def room_in(self) -> float:
        """Return the seconds until the portal has room for a request; 0.0 when now."""
        return self.pace.wait()

    def error(self, fault: Fault, method: str, attempts: int = 1) -> PortalError:
        """Return the error that a final fault of this portal is, also that of one command."""
        return PortalError(fault, method, host=self.host, attempts=attempts)

    def _insist(
        self, method: str, params: Mapping[str, Any], read: Callable[[Answer], T | Fault]
    ) -> T:
        tried = _Tried()
        access = self._wire.access
        while True:
            self._hold(method)
            fault = None if access.generation else self._renewed(0)
            seen = access.generation
            if fault is None:
                found = self._attempt(method, params, read)
                if not isinstance(found, Fault):
                    return found
                fault = found
            self._recover(fault, method, seen, tried)

    def _attempt(
        self, method: str, params: Mapping[str, Any], read: Callable[[Answer], T | Fault]
    ) -> T | Fault:
        """Send a request once, and again where the portal itself wants it sent elsewhere."""
        at: str | None = None
        for _ in range(HOPS + 1):
            outcome = self._send(method, params, at)
            if isinstance(outcome, Answer):
                self._met = True
                self.told = str(outcome.time.get("date_finish") or self.told)
                self.pace.used(method, outcome.time)
                return read(outcome)
            if isinstance(outcome, Fault):
                return outcome
            at = outcome.url
        return Fault("bad_answer", "redirects in a circle", Retry.SOON)

    def _send(
        self, method: str, params: Mapping[str, Any], at: str | None
    ) -> Answer | Fault | Redirect:
        """Send a request when it is its turn."""
        while wait := self.pace.ask():
            self._wait(Wait(wait, "bucket", method))
        sent_at, access = self._time(), self._wire.access
        with self._lock:
            self.requests += 1
        outcome: Answer | Fault | Redirect | None = None
        try:
            reply = self._wire.send(method, params, at)
            outcome = reply if isinstance(reply, Fault) else responses.read(reply)
            if isinstance(outcome, Fault) and outcome.code == "http_401" and access.renewable:
                # What a token that has expired brings, cut off or by a proxy's page.
                outcome = replace(outcome, retry=Retry.SOON)
        finally:
            refused = _retry(outcome) is Retry.BUCKET
            self.pace.done(sent_at, refused=refused, answered=isinstance(outcome, Answer))
        return outcome

    def _hold(self, method: str) -> None:
        """Wait until a method may run. The sum of its time falls in parts: look again."""
        while (free_at := self.pace.free_at(method)) > self._time():
            self._wait(Wait(free_at - self._time(), "method", method))

    def _recover(self, fault: Fault, method: str, seen: int, tried: _Tried) -> None:
        """Do what makes another try worth while, and wait for it; PortalError when nothing does."""
        if fault.retry is Retry.REFRESH:
            tried.renewals += 1
            if tried.renewals > RENEWALS:
                raise self.error(fault, method, tried.renewals)
            failed = self._renewed(seen)
            if failed is None:
                return
            fault = failed
        with self._lock:
            self.faults += 1
        if fault.retry is Retry.METHOD:
            self.pace.block(method)
        attempts, most = tried.count(fault, first=not self._met)
        if fault.retry is not Retry.NEVER and (fault.after or 0.0) > _ASKED_MOST:
            minutes = math.ceil((fault.after or 0.0) / 60)
            raise self.error(replace(fault, code="asked_wait", detail=str(minutes)), method)
        if attempts >= most:
            raise self.error(fault, method, attempts)
        if fault.retry is Retry.SOON:
            pause = min(_PAUSE * 2 ** (attempts - 1), _PAUSE_MOST) * (1 + self._jitter()) / 2
            self._wait(Wait(max(pause, fault.after or 0.0), "fault", method, fault))

    def _renewed(self, seen: int) -> Fault | None:
        """Get new tokens, or wait for the thread that does; return why there are none."""
        return self._wire.access.renew(seen, self._wire.fetch)

    def _learn(self, methods: Mapping[str, str], found: Mapping[str, Answer | Fault]) -> None:
        """Take in what the commands of a batch tell about the limits: good answers first, for they
        say until when a refused method is blocked."""
        for label, one in found.items():
            if isinstance(one, Answer):
                self.pace.used(methods[label], one.time)
        retries = {(methods[label], _retry(one)) for label, one in found.items()}
        for method, retry in retries:
            if retry is Retry.METHOD:
                self.pace.block(method)
        if any(retry is Retry.BUCKET for _, retry in retries):
            self.pace.refused()

    def _wait(self, wait: Wait) -> None:
        if wait.seconds >= _HEARD:
            self.on_wait(wait)
        self._clock.sleep(wait.seconds)


class _Tried(Struct):
    """How often one request has failed, by what can be done about it."""

    faults: int = 0
    refusals: int = 0
    renewals: int = 0

    def count(self, fault: Fault, *, first: bool) -> tuple[int, int]:
        """Count a failure; return how many of its sort there were, and how many are enough."""
        match fault.retry:
            case Retry.BUCKET | Retry.METHOD:
                self.refusals += 1
                return self.refusals, REFUSALS
            case Retry.SOON:
                self.faults += 1
                unmet = first and fault.code == "no_connection"
                return self.faults, FIRST_TRIES if unmet else TRIES
            case _:
                return 1, 1


def _retry(one: object) -> Retry | None:
    return one.retry if isinstance(one, Fault) else None
