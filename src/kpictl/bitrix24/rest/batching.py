"""The courier: fills batches with the next pages of whatever is being read, and sends them.

Several batches fly at once while several stretches are to be read, as long as the portal's bucket
of requests has room for them: where it is full, one request after another empties it as fast as
three at a time, and the documentation advises against series side by side. All that is brought is
taken in by one thread, in the order in which it comes.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from kpictl.bitrix24.rest.client import Client, Wait
from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import Replies
from kpictl.bitrix24.rest.methods import COMMANDS
from kpictl.bitrix24.rest.rate_limit import Clock
from kpictl.bitrix24.rest.responses import Fault, Retry

IN_FLIGHT = 3
TRIES = 12
"""How often the same page may fail in a row, when trying again can help."""
_LONGEST = 30.0  # seconds between two tries of a page
SILENT = 30.0
"""Seconds without a byte of an answer after which somebody who waits is told so."""
_GLANCE = 0.5  # seconds between two looks whether somebody has pressed Ctrl-C


class Task(Protocol):
    """Something to be read: a walk, a list, a single answer.

    `pages` is how many commands it would like to send at once, None when nobody knows; `ready_at`
    the time before which it is not to be tried again.
    """

    flying: bool
    failures: int
    ready_at: float

    @property
    def fault(self) -> Fault | None: ...

    @property
    def method(self) -> str: ...

    @property
    def done(self) -> bool: ...

    @property
    def pages(self) -> int | None: ...

    def commands(self, room: int, prefix: str) -> list[Command]: ...

    def take(self, commands: Sequence[Command], replies: Replies) -> None: ...

    def deliver(self) -> None: ...


class Batches(Protocol):
    """What the courier needs of a client."""

    def batch(self, commands: Sequence[Command]) -> Replies: ...

    def free_at(self, method: str) -> float: ...

    def room_in(self) -> float: ...


class Closing(Struct):
    """What is asked once the others are read to their end; `ask` returns it.

    It goes with the last pages of the others, where all that is left of them and the whole of it
    have room in one batch. If a page more turns out to be left, what came is thrown away, and it is
    asked anew: an answer from before the others' end would say too little. `tasks` is what was
    read in this way, () where it never had room.
    """

    ask: Callable[[], Sequence[Task]]
    tasks: Sequence[Task] = ()


class _InFlight(Struct):
    tasks: list[tuple[Task, list[Command]]]
    closing: Sequence[Task] = ()
    replies: Replies | None = None
    error: BaseException | None = None


class BatchSender:
    """Runs tasks to their end."""

    def __init__(
        self,
        client: Batches,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _method: None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        """`on_wait` hears for how many seconds which method must be left alone."""
        self.client, self.clock, self.in_flight = client, clock, in_flight
        self.on_wait = on_wait
        self.meanwhile: Callable[[], object] | None = None  # done once, while the first batch flies
        self._landed: queue.Queue[_InFlight] = queue.Queue()
        # For how many seconds nothing has come, and who hears of it every half a minute.
        self.silence: Callable[[], float] = lambda: 0.0
        self.on_silence: Callable[[float], None] = lambda _seconds: None
        self._label = 0
        self._most = COMMANDS  # of a batch; fewer once an answer was too large

    def run(self, tasks: Sequence[Task], closing: Closing | None = None) -> list[Task]:
        """Read everything; return the tasks that the portal refuses for good, with their fault.

        Raises PortalError when the portal cannot be reached or answers nothing at all.
        """
        refused: list[Task] = []
        landed: list[Task] = []
        flying = 0
        while True:
            out = {id(task) for task in refused}
            idle = [t for t in tasks if not t.done and not t.flying and id(t) not in out]
            while idle and self._has_room(flying) and (flight := self._load(idle)):
                if not flying:
                    self._close(flight, idle, closing)
                self._send(flight)
                flying += 1
                idle = [t for t in idle if not t.flying]
            if flying and self.meanwhile is not None:
                meanwhile, self.meanwhile = self.meanwhile, None
                meanwhile()
            # The portal is at work already while what it has given is written down.
            while landed:
                landed.pop(0).deliver()
            if not flying:
                if not idle:
                    return refused
                self._wait(idle)
                continue
            landing = self._land(self._patience(idle, flying))
            if landing is None:
                continue
            flight = landing
            flying -= 1
            gone = {id(task) for task in self._take(flight)}
            if self._ended(flight, tasks, gone | out, closing):
                tasks = [*tasks, *flight.closing]
            landed = [task for task, _ in flight.tasks]
            refused.extend(task for task in tasks if id(task) in gone)

    def _load(self, idle: Sequence[Task]) -> _InFlight | None:
        """Fill a batch: the longest walk first, then what finds room beside it.

        Of a walk whose length nobody knows, a fair share; what cannot be called now stays behind.
        """
        now = self.clock.now()
        ready = [t for t in idle if self._ready_at(t) <= now]
        ready.sort(key=lambda t: -(t.pages or 0))
        unknown = [t for t in ready if t.pages is None]
        known = [t for t in ready if t.pages is not None]
        loaded: list[tuple[Task, list[Command]]] = []
        room = self._most
        share = max((COMMANDS - sum(min(t.pages or 0, COMMANDS) for t in known)), len(unknown))
        for task in [*known, *unknown]:
            wanted = task.pages or max(share // max(len(unknown), 1), 1)
            if commands := self._commands(task, min(wanted, room)):
                room -= len(commands)
                loaded.append((task, commands))
            if room <= 0:
                break
        return _InFlight(loaded) if loaded else None

    def _close(self, flight: _InFlight, left: Sequence[Task], closing: Closing | None) -> None:
        """Add what closes the reading, where the flight carries all that is left."""
        if closing is None or closing.tasks:
            return
        carried = {id(task): len(commands) for task, commands in flight.tasks}
        if any(t.pages is None or carried.get(id(t), 0) < t.pages for t in left):
            return
        tasks = closing.ask()
        room = self._most - sum(carried.values())
        if sum(task.pages or 1 for task in tasks) > room or self._held(tasks):
            return
        for task in tasks:
            flight.tasks.append((task, self._commands(task, task.pages or 1)))
        flight.closing = tasks

    @staticmethod
    def _ended(
        flight: _InFlight, tasks: Sequence[Task], out: set[int], closing: Closing | None
    ) -> bool:
        """Say whether what closes the reading has come, and nothing of the others is left; where
        something is, forget what has come."""
        if closing is None or not flight.closing:
            return False
        if all(task.done or id(task) in out for task in tasks):
            closing.tasks = flight.closing
            return True
        flight.tasks = flight.tasks[: -len(flight.closing)]
        return False

    def _held(self, tasks: Sequence[Task]) -> bool:
        """Say whether one of the tasks may not be called now."""
        return any(self._ready_at(task) > self.clock.now() for task in tasks)

    def _commands(self, task: Task, room: int) -> list[Command]:
        self._label = (self._label + 1) % 10_000
        commands = task.commands(room, f"t{self._label}")
        task.flying = bool(commands)
        return commands

    def _send(self, flight: _InFlight) -> None:
        commands = [command for _, part in flight.tasks for command in part]

        def fly() -> None:
            try:
                flight.replies = self.client.batch(commands)
            except BaseException as error:  # noqa: BLE001  raised anew where the flight lands
                flight.error = error
            self._landed.put(flight)

        # A thread that ends with the program: Ctrl-C need not wait for a portal that is silent.
        threading.Thread(target=fly, daemon=True).start()

    def _has_room(self, flying: int) -> bool:
        """Say whether another batch may fly: beside others, only where it need not wait."""
        return not flying or (flying < self.in_flight and not self.client.room_in())

    def _patience(self, idle: Sequence[Task], flying: int) -> float | None:
        """Return the seconds after which another batch may fly; None when none waits for that."""
        waits = idle and flying < self.in_flight
        return self.client.room_in() or None if waits else None

    def _land(self, patience: float | None) -> _InFlight | None:
        """Return the next flight that lands; None when `patience` is over."""
        told = SILENT
        while True:
            try:
                return self._landed.get(timeout=min(patience or _GLANCE, _GLANCE))
            except queue.Empty:
                if (silent := self.silence()) >= told:
                    self.on_silence(silent)
                    told = silent + SILENT
                if patience is not None:
                    return None

    def _take(self, flight: _InFlight) -> list[Task]:
        """Hand the answers over; return the tasks that are refused for good."""
        for task, _ in flight.tasks:
            task.flying = False
        if flight.error is not None:
            sent = sum(len(commands) for _, commands in flight.tasks)
            if not _is_too_large(flight.error) or sent <= 1:
                raise flight.error
            self._most = sent // 2
            return []
        refused = []
        for task, commands in flight.tasks:
            task.take(commands, flight.replies or {})
            if task.failures:
                pause = min(0.25 * 2**task.failures, _LONGEST)
                task.ready_at = self.clock.now() + pause
            if task.fault is not None and not task.done and _hopeless(task, task.fault):
                refused.append(task)
        return refused

    def _wait(self, idle: Sequence[Task]) -> None:
        """Nothing may be called now: wait until the first method is free again."""
        first = min(idle, key=self._ready_at)
        seconds = max(self._ready_at(first) - self.clock.now(), 0.05)
        if self.client.free_at(first.method) > self.clock.now():
            self.on_wait(seconds, first.method)
        self.clock.sleep(seconds)

    def _ready_at(self, task: Task) -> float:
        return max(task.ready_at, self.client.free_at(task.method))


def _is_too_large(error: BaseException) -> bool:
    fault = getattr(error, "fault", None)
    return isinstance(fault, Fault) and fault.code == "too_large"


def courier_of(client: Client, clock: Clock, on_wait: Callable[[Wait], None]) -> BatchSender:
    """Return the courier of a client; `on_wait` hears what it waits for."""
    courier = BatchSender(client, clock, lambda s, method: on_wait(Wait(s, "method", method)))
    courier.silence = client.silence
    courier.on_silence = lambda seconds: on_wait(Wait(seconds, "silence"))
    return courier


def _hopeless(task: Task, fault: Fault) -> bool:
    if fault.retry is Retry.NEVER:
        return True
    return fault.retry is Retry.SOON and task.failures >= TRIES
