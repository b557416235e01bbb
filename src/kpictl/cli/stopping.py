"""How a command is stopped from outside: Ctrl-C, `kill`, a terminal that is closed.

Each of the signals becomes a KeyboardInterrupt, so that every folder and file that is held open is
put away on the way out; the exit code says which signal it was (130, 143, 129).
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ExtensionFileLoader
from types import FrameType

from msgspec import Struct

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_AGAIN = 0.02  # seconds until a signal that came while a library was loaded is sent once more


class Stop(Struct):
    """How a command was stopped: the exit code that goes with the signal, and whether one came: a
    module that is being imported may turn it into an error of its own."""

    code: int = 128 + signal.SIGINT
    came: bool = False


@contextmanager
def stopping() -> Iterator[Stop]:
    """Let the first signal end the command in good order, the second at once.

    A signal that the caller ignores stays ignored: `nohup` goes on when its terminal is closed.
    One that comes while a library in C++ is loaded waits for its end: DuckDB's aborts the process
    if it is interrupted then.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    numbers = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]

    def leave(number: int, _: FrameType | None) -> None:
        os._exit(128 + number)

    waiting: list[threading.Timer] = []

    def end(number: int, frame: FrameType | None) -> None:
        if _is_loading(frame):
            waiting.append(threading.Timer(_AGAIN, send, [number]))
            waiting[-1].daemon = True
            waiting[-1].start()
            return
        for one in numbers:
            signal.signal(one, leave)
        stop.code, stop.came = 128 + number, True
        raise KeyboardInterrupt

    before = {one: signal.signal(one, end) for one in numbers}
    try:
        yield stop
    finally:
        for timer in waiting:
            timer.cancel()
        for one, handler in before.items():
            if signal.getsignal(one) is end:
                signal.signal(one, handler)


def send(number: int) -> None:
    """Send a signal to the main thread, whatever it waits for: one that is raised in another thread
    ends no waiting."""
    if hasattr(signal, "pthread_kill"):
        main = threading.main_thread().ident
        assert main is not None  # noqa: S101  it has begun
        signal.pthread_kill(main, number)
    else:  # Windows delivers none to a thread
        _thread.interrupt_main(signal.Signals(number))


def _is_loading(frame: FrameType | None) -> bool:
    """Say whether a library that is not in Python is being loaded."""
    while frame is not None:
        if isinstance(frame.f_locals.get("self"), ExtensionFileLoader):
            return True
        frame = frame.f_back
    return False
