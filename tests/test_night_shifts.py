"""`22:00-06:00` behind a day: an offset or a shift over midnight, by what the column shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans import compute, refused

PLAN = """
sources: {s: {type: csv, shifts: {path: t.csv, fields: {at: {column: at, type: datetime}}}}}
kpis: {n: {from: shifts, count: rows, when: at, by: who}}
scorecards: {s: {kpis: {n: {weight: 100, target: 1/month}}}}
"""


def table(*cells: str) -> dict[str, str | bytes]:
    return {"t.csv": "".join(["at;who\n", *(f"{cell};Ann\n" for cell in cells)])}


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-05-01 22:00-06:00"],
        ["01.05.2024 22:00 - 06:00".replace(" - ", " -"), "02.05.2024 23:30-07:30"],
        ["2024-05-01 22:00-06:00", "2024-05-02", "2024-05-03 10:00"],
    ],
)
def test_night_shifts_alone_are_warned_of_at_the_first(tmp_path: Path, cells: list[str]) -> None:
    """Nothing decides: they are read as offsets, and it is said where and how to settle it."""
    found = compute(tmp_path, PLAN, table(*cells)).said("source.offset_or_shift")
    assert (str(found.place), found.data["count"]) == (
        "t.csv:2:1",
        sum("-0" in c[10:] for c in cells),
    )


@pytest.mark.parametrize(
    "other",
    [
        "2024-05-02 10:00-06:00",
        "2024-05-02 22:00+03:00",
        "2024-05-02T22:00-06:00",
        "2024-05-02 22:00:00-06:00",
        "2024-05-02 22:00Z",
    ],
)
def test_a_cell_that_can_only_have_an_offset_decides(tmp_path: Path, other: str) -> None:
    """Twenty hours are no shift, and a plus, a T, seconds or a Z are of no stretch."""
    found = compute(tmp_path, PLAN, table("2024-05-01 22:00-06:00", other))
    assert "source.offset_or_shift" not in found.codes


def test_declared_offsets_are_not_doubted(tmp_path: Path) -> None:
    """The plan's own form of dates settles it."""
    plan = PLAN.replace("path: t.csv", 'path: t.csv, dates: "%Y-%m-%d %H:%M%z"')
    found = compute(tmp_path, plan, table("2024-05-31 22:00-06:00", "2024-05-01 22:00-06:00"))
    assert "source.offset_or_shift" not in found.codes
    assert found.of("n") == {"Ann": 1}


@pytest.mark.parametrize(
    "cell", ["2024-05-02 22:00-06:15", "2024-05-02 08:00-16:00", "2024-05-02 20:00-08:45"]
)
def test_a_stretch_that_is_no_offset_is_refused(tmp_path: Path, cell: str) -> None:
    """No zone is a quarter of an hour off in the west; the cell is shown with its place."""
    (found,) = refused(tmp_path, PLAN, table("2024-05-01 22:00-06:00", cell))
    assert (found.code, str(found.place)) == ("source.bad_date", "t.csv:3:1")
