"""Dates that cannot be believed: far ahead, of two kinds, or of two readings."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kpictl.app.profile import contents
from kpictl.sources import moments
from plans import compute, refused, write

PLAN = """
    sources: {shop: {type: csv, orders: FILE}}
    kpis: {revenue: {from: orders, sum: amount, when: closed, by: manager}}
"""
HEAD = "closed,manager,amount"


def orders(*days: object) -> str:
    return "\n".join([HEAD, *(f"{day},Ann,1" for day in days)]) + "\n"


def plan(file: str = "o.csv") -> str:
    return PLAN.replace("FILE", file)


EARLY = [date(2024, 5, 1) + timedelta(days=n) for n in range(15)]
JUNE: Any = {"period": "2024-05", "as_of": datetime(2024, 6, 6, tzinfo=UTC)}


@pytest.mark.parametrize("far", ["2042-05-01", "2025-05-14", "01.05.2042", "2042-05-01 10:15"])
def test_one_date_far_ahead_does_not_hide_that_a_file_ends(tmp_path: Path, far: str) -> None:
    """It is warned of with its place, and the reach is that of the others."""
    made = compute(tmp_path, plan(), {"o.csv": orders(*EARLY, far)}, **JUNE)
    warned = [(p.code, p.place.line if p.place else 0) for p in made.results.warnings]
    assert ("source.far_date", 17) in warned
    assert "complete.ends" in made.codes
    assert made.results.data_as_of is not None
    assert made.results.data_as_of.date() <= EARLY[-1]


def test_a_far_date_of_a_workbook_has_its_row(tmp_path: Path) -> None:
    """XLSX as CSV."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(HEAD.split(","))
    for day in [*EARLY[:7], date(2042, 5, 1), *EARLY[7:]]:
        book.active.append([day, "Ann", 1])
    book.save(out)
    made = compute(tmp_path, plan("o.xlsx"), {"o.xlsx": out.getvalue()}, **JUNE)
    places = [
        p.place.line for p in made.results.warnings if p.code == "source.far_date" and p.place
    ]
    assert places == [9]
    assert "complete.ends" in made.codes


def test_a_file_that_has_grown_since_is_no_mistake(tmp_path: Path) -> None:
    """Records that go on after the as-of day raise no alarm."""
    days = [date(2024, 5, 1) + timedelta(days=n) for n in range(300)]
    made = compute(tmp_path, plan(), {"o.csv": orders(*days)}, **JUNE)
    assert not made.codes


@pytest.mark.parametrize(
    ("texts", "line", "value"),
    [
        (["2024-03", "2024-03-14", "2024-03-15"], 2, "2024-03"),
        (["2024-03-14", "Март 2024", "2024-03-15"], 3, "Март 2024"),
        (["03.2024", "04.2024", "14.05.2024"], 2, "03.2024"),
    ],
)
def test_months_among_days_are_shown_by_a_cell(
    tmp_path: Path, texts: list[str], line: int, value: str
) -> None:
    """The message names a month, its place and a day beside it."""
    (problem,) = refused(tmp_path, plan(), {"o.csv": orders(*texts)}, period="2024-03")
    assert problem.code == "bind.month_among_days"
    assert problem.data["value"] == value
    assert problem.data["file"].line == line


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2024-05-14 10:00-11:00", None), ("2024-05-14 10:00-10:30", None),
        ("2024-05-14 09:00 -10:00", None), ("14.05.2024 10:00-11:00", None),
        ("2024-05-14 10:00-11", None), ("2024-05-14 14:00-15:30", None),
        ("2024-05-14 10:00-12:00", None), ("2024-05-14 10:00-05:00", 15),
        ("2024-05-14T10:00-11:00", 21), ("2024-05-14 10:00:00-11:00", 21),
        ("2024-05-14 10:00+11:00", -1), ("2024-05-14 10:00 -0500", 15),
        ("2024-05-14T10:00+02:00[Europe/Berlin]", 8),
        ("2024-05-14T10:00+03:00[Europe/Berlin]", None),
        ("2024-01-14T10:00+01:00[Europe/Berlin]", 9),
        ("2024-01-14T10:00+02:00[Europe/Berlin]", None),
        ("2024-10-27T02:30+01:00[Europe/Berlin]", 1.5),
        ("2024-10-27T02:30+02:00[Europe/Berlin]", 0.5),
        ("2024-03-31T02:30+01:00[Europe/Berlin]", None),
        ("2024-05-14T10:00+03:00[Europe/Nowhere]", None),
    ],
)  # fmt: skip
def test_an_offset_is_read_only_where_it_is_one(
    tmp_path: Path, text: str, hours: float | None
) -> None:
    """A stretch of time and an offset that its zone does not have are refused, in file and reader."""
    moment = moments.read(text, "dmy")
    declared = plan("{path: o.csv, fields: {closed: {column: closed, type: datetime}}}")
    files = {"o.csv": orders(text)}
    if hours is None:
        assert moment is None
        (problem,) = refused(tmp_path, declared, files, period="2024")
        assert (problem.code, problem.place and problem.place.line) == ("source.bad_date", 2)
        return
    assert moment is not None
    midnight = datetime.combine(moment.wall.date(), datetime.min.time())
    assert moment.utc() == midnight + timedelta(hours=hours)
    as_of = datetime(2025, 1, 1, tzinfo=UTC)
    made = compute(tmp_path, declared, files, period="2024", as_of=as_of)
    assert made.figures["Ann"] == {"revenue": 1}


def test_a_column_without_a_cell_is_called_empty(tmp_path: Path) -> None:
    """Nobody can say its type; one that a later file fills has it."""
    files = {
        "a.csv": "closed,manager,amount,gap,late\n2024-05-01,Ann,1,,\n",
        "b.csv": "closed,manager,amount,gap,late\n2024-05-02,Ann,1,,7\n",
    }
    path = write(tmp_path, plan("[a.csv, b.csv]"), files)
    kinds = {field.name: field.kind for field in contents(str(path), {}, "orders").fields}
    assert (kinds["gap"], kinds["late"]) == ("empty", "number")


def test_the_order_of_what_is_said_never_depends_on_chance(tmp_path: Path) -> None:
    """Two columns with a date far ahead are named in the order of the columns, in whichever order
    a set of their names happens to be."""
    plan = """
        sources: {s: {type: csv, o: {path: o.csv, fields: {made: {column: made, type: date}, done: {column: done, type: date}}}}}
        kpis: {v: {from: o, average: "days(made, done)", when: made, by: who}}
    """
    lines = "who,made,done\nАнна,2024-05-02,2024-05-03\nАнна,2042-05-02,2042-05-03\n"
    write(tmp_path, plan, {"o.csv": lines})
    call = [sys.executable, "-m", "kpictl", "compute", "-p", "2024-05", "--as-of", "2024-06-15"]
    said = [
        subprocess.run(
            call, cwd=tmp_path, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True,
            check=True,
        )
        for seed in ("1", "2", "3")
    ]  # fmt: skip
    assert len({(done.stdout, done.stderr) for done in said}) == 1
    assert said[0].stdout.decode().index("o.csv:3:2") < said[0].stdout.decode().index("o.csv:3:3")
