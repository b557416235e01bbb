"""`--fresh`: what is new is pulled before anything is read.

A pull may take minutes: what the options alone refuse is refused before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpictl.cli.opening import ComparisonOptions, When
    from kpictl.cli.options import Common


def pull_first(
    chosen: Common, when: When, comparison: ComparisonOptions | None = None, *, fresh: bool
) -> None:
    """Pull what is new, where it is asked for, unless an option means nothing."""
    if fresh:
        from kpictl.cli.opening import require_meaning
        from kpictl.cli.pull import fresh as pull

        require_meaning(chosen, when, comparison)
        pull(chosen)
