"""What holds for the whole suite."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

import warm
from kpictl import masking

# How long an example takes says how busy the machine is, and nothing of the program.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


# A shell without job control has what runs in its background ignore Ctrl-C, which several tests
# send: the suite is run there, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    """Forget the keys of each test: which tests one process runs, and in which order, is chance."""
    yield
    masking._known.clear()  # noqa: SLF001  nobody else forgets any


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay pages out as in a pipe whose width nobody said, whatever runs the tests says of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def warmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compute with databases that were used before, unless a test asks for cold ones."""
    if "cold" in request.fixturenames:
        yield
        return
    with warm.warm():
        yield


@pytest.fixture
def cold() -> None:  # `warmed` looks for its name
    """Compute with fresh databases, sealed after loading, as every command does."""
