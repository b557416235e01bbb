"""Keys that are pressed while a command runs: one of a few ends it, as Ctrl-C does."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from kpictl.cli.stopping import send

_LOOK = 0.2  # seconds between two looks at whether it is over


class Keys:
    """While it is entered, the terminal gives keys at once and shows none; one of `leave` sets
    `left` and interrupts the main thread. Without a terminal there are none.

        with Keys(leave="q") as keys:
            …  # KeyboardInterrupt; keys.left says whether it was a key
    """

    def __init__(self, leave: str) -> None:
        self.leave, self.left = leave, False
        self._over = threading.Event()
        self._before: list[Any] | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        listen = self._listener()
        if listen is not None:
            self._thread = threading.Thread(target=listen, daemon=True)
            self._thread.start()
        return self

    def _listener(self) -> Callable[[], None] | None:
        """Return what waits for keys on this terminal, set to give them at once; None without."""
        try:
            if sys.stdin is None or not sys.stdin.isatty():
                return None
            if sys.platform == "win32":
                return self._listen_to_console
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        except (ImportError, OSError, ValueError):
            return None
        return self._listen

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(2 * _LOOK)
        if self._before is None:
            return
        import termios

        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def _listen(self) -> None:
        import select

        stdin = sys.stdin.fileno()
        while not self._over.is_set():
            ready, _, _ = select.select([stdin], [], [], _LOOK)
            if not ready:
                continue
            typed = os.read(stdin, 64)
            if not typed:
                return
            if set(typed.decode("utf-8", "ignore")) & set(self.leave):
                self._leave()
                return

    def _listen_to_console(self) -> None:
        """Windows has no select on a console; its C library tells whether a key waits."""
        msvcrt: Any = importlib.import_module("msvcrt")
        while not self._over.wait(_LOOK):
            while msvcrt.kbhit():
                if msvcrt.getwch() in self.leave:
                    self._leave()
                    return

    def _leave(self) -> None:
        self.left = True
        send(signal.SIGINT)  # as Ctrl-C does
