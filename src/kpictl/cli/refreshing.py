"""`--fresh`: what is new is pulled before anything is read.

A pull may take minutes: what the options alone refuse is refused before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpictl.cli.opening import When
    from kpictl.cli.options import Common


def pull_first(chosen: Common, when: When, *, fresh: bool) -> None:
    """Pull what is new, where it is asked for, unless --period or --as-of means nothing."""
    if fresh:
        from kpictl.cli.opening import require_when
        from kpictl.cli.pull import fresh as pull

        require_when(chosen, when)
        pull(chosen)
