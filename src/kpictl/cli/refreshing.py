"""`--fresh`: what is new is pulled before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpictl.cli.options import Common


def pull_first(chosen: Common, *, fresh: bool) -> None:
    """Pull what is new, where it is asked for."""
    if fresh:
        from kpictl.cli.pull import fresh as pull

        pull(chosen)
