"""`kpictl`, and `python -m kpictl`: where a process begins and ends."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from types import FrameType


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


def main() -> None:
    """Run the command line. As long as nothing is open, a Ctrl-C ends the process at once: in the
    middle of an import it would end as a traceback, or as an error of the module being imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from kpictl.cli import main as run

    try:
        run()
    except SystemExit as stop:
        _end(stop.code)
        raise


def _end(code: object) -> None:
    """End here and now where nothing is left to do: taking apart some seven hundred modules would
    be a tenth of the time of a command.

    Whatever a command opened, it has closed itself. What it has not (a thread that runs, an output
    that does not take its last letters), and what watches the process to its end (a profiler, a
    measurement of coverage, a prompt after it), has the usual end of an interpreter.
    """
    if _is_watched() or threading.active_count() > 1 or not isinstance(code, int | None):
        return
    try:
        atexit._run_exitfuncs()  # noqa: SLF001  what others asked for is done all the same
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return
    os._exit(code or 0)


def _is_watched() -> bool:
    if sys.flags.inspect or sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # since Python 3.12; of six tools at most
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


if __name__ == "__main__":
    main()
