"""Lines without an end, and tables of millions of columns: refused with their place, in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kpictl.tables import head, longest
from plans import compute, refused

MB = 1 << 20
HEAD = b"closed,manager,amount\n2024-05-01,A,1\n"
PLAN = """\
kpictl: 1
sources: {shop: {type: csv, orders: {path: orders.csv, fields: {closed: closed, manager: manager, amount: amount}}}}
kpis: {n: {from: orders, sum: amount, when: closed, by: manager}}
"""
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from kpictl.__main__ import main
main()
"""
LONG: dict[str, tuple[bytes, bytes, str]] = {
    "a cell": (HEAD + b"2024-05-02,", b"x", "orders.csv:3"),
    "a cell in quotes": (HEAD + b'2024-05-02,"', b"x", "orders.csv:3"),
    "cells": (HEAD, b",", "orders.csv:3"),
    "captions": (b"closed,manager,amount", b",", "orders.csv:1"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of memory")
@pytest.mark.parametrize("kind", LONG)
def test_a_line_of_300_megabytes_stays_below_two_gigabytes(kind: str, tmp_path: Path) -> None:
    """It is refused with its line before anybody takes it apart."""
    start, letter, place = LONG[kind]
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    with (tmp_path / "orders.csv").open("wb") as file:
        file.write(start)
        for _ in range(300):
            file.write(letter * MB)
        file.write(b"\n2024-05-03,B,2\n")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "compute", "-p", "2024-05", "-f", "csv"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    (tmp_path / "orders.csv").unlink()
    assert (done.returncode, done.stdout) == (4, "")
    assert f"{place}: the line is longer than 16 MB" in done.stderr


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let lines of more than 64 KB be too long."""
    monkeypatch.setattr(longest, "MAX_RECORD", 64 << 10)
    monkeypatch.setattr(longest, "_BLOCK", 32 << 10)
    monkeypatch.setattr(longest, "_FIRST", 1 << 10)
    monkeypatch.setattr(longest, "_CHUNK", 7 << 10)
    return 64 << 10


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [0, 1, 300])
@pytest.mark.parametrize("extra", [0, 1, 100_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_line_is_too_long_from_one_byte_on(
    small: int, end: str, before: int, extra: int, encoding: str, tmp_path: Path
) -> None:
    """Whatever its lines end in, wherever the line stands, however the file is encoded."""
    usual = "2024-05-01,A,1"
    long = "2024-05-01," + "A" * (small - 13 + extra) + ",2"
    lines = ["closed,manager,amount", *[usual] * before, long, usual]
    files = {"orders.csv": (end.join(lines) + end).encode(encoding)}
    if extra:
        (problem,) = refused(tmp_path, PLAN, files)
        assert (problem.code, problem.place and problem.place.line) == ("table.long", before + 2)
    else:
        assert compute(tmp_path, PLAN, files).total["n"] == before + 3


def test_more_columns_than_a_spreadsheet_has_are_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of 16,384 columns is read, one of more has the wrong delimiter."""
    assert head.MAX_COLUMNS == 16_384
    monkeypatch.setattr(head, "MAX_COLUMNS", 100)
    top, line = "closed,manager,amount", "2024-05-01,A,1"
    most = {"orders.csv": f"{top}{',' * 97}\n{line}{',' * 97}\n"}
    assert compute(tmp_path, PLAN, most).of("n") == {"A": 1}
    more = {"orders.csv": f"{top}{',' * 98}\n{line}{',' * 98}\n"}
    (problem,) = refused(tmp_path, PLAN, more)
    assert (problem.code, problem.data["columns"]) == ("table.columns", 101)
