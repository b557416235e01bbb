"""How often what is tested by chance is tried: a few times in the suite, often by `make hard`."""

from __future__ import annotations

import os

HARD = "KPICTL_HARD" in os.environ


def seeds(few: int, all_of_them: int) -> range:
    """Return the seeds of a test that is run many times: a few in the suite, all by `make hard`."""
    return range(all_of_them if HARD else few)


def examples(few: int, many: int) -> int:
    """Return how many examples hypothesis makes."""
    return many if HARD else few
