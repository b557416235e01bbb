"""`kpictl`, and `python -m kpictl`: where a process begins."""

from __future__ import annotations

import os
import signal
from types import FrameType


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


def main() -> None:
    """Run the command line. As long as nothing is open, a Ctrl-C ends the process at once: in the
    middle of an import it would end as a traceback, or as an error of the module being imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from kpictl.cli import main as run

    run()


if __name__ == "__main__":
    main()
