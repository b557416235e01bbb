"""What holds for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from kpictl import masking

# How long an example takes says how busy the machine is, and nothing of the program.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    """Forget the keys of each test: which tests one process runs, and in which order, is chance."""
    yield
    masking._known.clear()  # noqa: SLF001  nobody else forgets any
