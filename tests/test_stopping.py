"""However a command is ended, it leaves nothing of the CRM behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kpictl import scratch
from kpictl.locking import try_lock

COMMAND = """
import os, signal, sys, types
from kpictl.cli.errors import failing
from kpictl.scratch import scratch_folder
context = types.SimpleNamespace(find_root=lambda: types.SimpleNamespace(obj=None))
import typer
try:
    with failing(context), scratch_folder() as folder:
        (folder / "deals.csv").write_text("a customer")
        print(folder, flush=True)
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        signal.pause()
except typer.Exit as stop:
    sys.exit(stop.exit_code)
"""


def run(name: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, name],
        env={**os.environ, "TMPDIR": str(home), "LANG": "en"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_a_command_and_takes_its_scratch_folder(
    name: str, code: int, tmp_path: Path
) -> None:
    """The exit code says which signal it was, and no record lies about."""
    done = run(name, tmp_path)
    assert done.returncode == code
    assert done.stdout.strip()
    assert not list(tmp_path.iterdir())
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_folder_of_a_process_that_was_killed_outright_goes_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL leaves no time to tidy up: the next command does it."""
    done = run("SIGKILL", tmp_path)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch.scratch_folder():
        assert not left.exists()


def test_the_folder_of_a_living_process_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands at once do not remove each other's files; foreign folders are nobody's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    foreign = tmp_path / "kpictl-notes"
    foreign.mkdir()
    with scratch.scratch_folder() as first:
        with scratch.scratch_folder():
            assert first.exists()
        with (first / "owner").open("r+") as owner:
            assert not try_lock(owner)
    assert not first.exists()
    assert foreign.exists()
