"""How far the data reach, what is missing of a period, and what scripts can rely on."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.sources.base import rhythm
from kpictl.values import EngineName
from plans import write

DAY = timedelta(days=1)
ENGINES = get_args(EngineName)
PLAN = """kpictl: 1
company: {timezone: Europe/Berlin, language: en}
sources: {s: {type: csv, orders: orders.csv, calls: calls.csv}}
kpis:
  rev:   {label: Revenue, from: orders, sum: amount, when: day, by: who}
  talks: {label: Talks, from: calls, count: rows, when: at, by: who}
scorecards:
  s: {kpis: {rev: {weight: 50, target: {2024-05: 1}}, talks: {weight: 50, target: {2024-05: 1}}}}
"""


def lines(head: str, days: list[date], rest: str) -> str:
    return "\n".join([head, *(f"{day},{rest}" for day in days), ""])


def workdays(first: date, last: date) -> list[date]:
    """Return the days from Monday to Friday."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def run(folder: Path, orders: list[date], calls: list[date], *words: str) -> Result:
    files = {"orders.csv": lines("day,who,amount", orders, "Ann,5"),
             "calls.csv": lines("at,who", calls, "Ann")}  # fmt: skip
    path = write(folder, PLAN, files)
    command, *rest = words or ("compute",)
    usual = ["-c", str(path), "-p", "2024-05", "--as-of", "2024-06-20"]
    return CliRunner().invoke(app, [command, *rest[:1], *usual, *rest[1:]])


def codes(folder: Path, orders: list[date], calls: list[date], *words: str) -> list[str]:
    done = run(folder, orders, calls, "compute", "-fjson", *words)
    warnings = json.loads(done.stdout)["warnings"]
    return [w["code"] for w in warnings if w["code"].startswith("complete.")]


WHOLE = workdays(date(2024, 3, 1), date(2024, 5, 31))
CUT = workdays(date(2024, 3, 1), date(2024, 5, 20))
ENDED = ["complete.ends"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (WHOLE, []),
        (workdays(date(2024, 3, 1), date(2024, 5, 29)), []),  # two days of silence: no alarm
        (workdays(date(2024, 3, 1), date(2024, 6, 14)), []),
        (CUT, ENDED),
        ([date(2024, m, 1) for m in range(1, 6)], []),  # by month: May's first is May's
        ([date(2024, m, 1) for m in range(1, 5)], ["complete.ends", "complete.silent"]),
        ([date(2024, 4, 3) + n * 7 * DAY for n in range(8)], []),  # weekly, to 22 May: nine days
        ([date(2024, 5, 2), date(2024, 5, 5)], ["complete.ends_of_few"]),  # what is usual?
        ([date(2024, 2, 1), date(2024, 4, 2), date(2024, 5, 2)], []),  # rare: a month is usual
    ],
)
def test_an_entity_that_ends_before_the_period_does(
    tmp_path: Path, days: list[date], said: list[str]
) -> None:
    """The days on which records usually come say whether a silence at the end is one: a weekend, a
    month's or a week's rhythm raise no alarm."""
    found = codes(tmp_path, days, WHOLE)
    if days[0] == date(2024, 4, 3):  # six days pass without one, nine at the end: more than usual
        said = ENDED
    assert found == said


def test_each_entity_says_to_when_it_reaches(tmp_path: Path) -> None:
    """JSON lists every entity; the table does where they differ."""
    found = json.loads(run(tmp_path, CUT, WHOLE, "compute", "-fjson").stdout)
    assert [(e["entity"], e["data_as_of"][:10], e["basis"]) for e in found["entities"]] == [
        ("calls", "2024-05-31", "last_record"),
        ("orders", "2024-05-20", "last_record"),
    ]
    assert "Data up to: calls May 31, 2024, orders May 20, 2024" in run(tmp_path, CUT, WHOLE).stdout
    assert "Data up to" not in run(tmp_path, WHOLE, WHOLE).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "2024-05", "--as-of", "2024-05-31"], []),
        (["-p", "2024-05", "--as-of", "2024-05-31T24:00"], []),
        (["-p", "2024-05", "--as-of", "2024-05-31T18:00"], ["complete.goes_on"]),
        (["-p", "2024-05", "--as-of", "2024-05-17"], ["complete.goes_on"]),
        (["-p", "this-month", "--as-of", "2024-05-17"], ["complete.goes_on"]),
        (["-p", "mtd", "--as-of", "2024-05-17"], []),
        (["-p", "mtd", "--as-of", "2024-05-17T18:00"], []),
        (["-p", "last-7d", "--as-of", "2024-05-17T18:00"], []),
        (["-p", "2024-06", "--as-of", "2024-05-17"],
         ["complete.not_begun", "complete.silent", "complete.silent", "complete.no_ranks"]),
    ],
)  # fmt: skip
def test_a_period_that_is_not_over(tmp_path: Path, words: list[str], said: list[str]) -> None:
    """It is said that a period goes on, unless what is asked for is a stretch up to now."""
    assert codes(tmp_path, WHOLE, WHOLE, *words) == said


@pytest.mark.parametrize("engine", ENGINES)
def test_a_kpi_that_falls_silent(tmp_path: Path, engine: str) -> None:
    """A KPI without a record, which had some before, is named with the day of its last one; one
    that never had any is not."""
    calls = workdays(date(2024, 3, 1), date(2024, 4, 30))
    shown = run(tmp_path, WHOLE, calls, "compute", f"--engine={engine}").stdout
    assert "Talks: no record in 2024-05; the last one was of 2024-04-30 (calls)" in shown
    assert "Revenue: no record" not in shown
    assert codes(tmp_path, WHOLE, [date(2024, 6, 3)]) == []


def test_nobody_is_ranked_without_a_record(tmp_path: Path) -> None:
    """All have zero then, and nobody is first."""
    april = workdays(date(2024, 3, 1), date(2024, 4, 30))
    done = run(tmp_path, april, april, "compute", "-fjson")
    found = json.loads(done.stdout)
    (row,) = found["scorecards"][0]["rows"]
    assert (row["rank"], row["kpis"]["rev"]["value"]) == (None, 0)
    assert "complete.no_ranks" in {w["code"] for w in found["warnings"]}


def test_strict_writes_and_ends_with_5(tmp_path: Path) -> None:
    """With --strict a warning is an exit code, and the result is there all the same."""
    assert run(tmp_path, CUT, WHOLE).exit_code == 0
    strict = run(tmp_path, CUT, WHOLE, "compute", "-fjson", "--strict")
    assert strict.exit_code == 5
    assert json.loads(strict.stdout)["scorecards"]
    target = tmp_path / "out.csv"
    assert (
        run(tmp_path, CUT, WHOLE, "compute", "-fcsv", "-o", str(target), "--strict").exit_code == 5
    )
    assert target.stat().st_size > 0
    assert run(tmp_path, WHOLE, WHOLE, "compute", "-fcsv", "--strict").exit_code == 0


def test_require_complete_refuses_and_writes_nothing(tmp_path: Path) -> None:
    """With --require-complete what may be missing stops the run with 4 before anything is written."""
    target = tmp_path / "out.csv"
    words = ["compute", "-fcsv", "-o", str(target), "--require-complete"]
    refused = run(tmp_path, CUT, WHOLE, *words)
    assert (refused.exit_code, refused.stdout, target.exists()) == (4, "", False)
    assert "orders: the last record is of 2024-05-20, 11 days before" in " ".join(
        refused.stderr.split()
    )
    assert run(tmp_path, WHOLE, WHOLE, *words).exit_code == 0
    assert target.exists()


def test_every_format_carries_the_warning(tmp_path: Path) -> None:
    """Table, CSV (beside it, on stderr), workbook and explanation say that an entity ends early."""
    warned = "orders: the last record is of 2024-05-20"
    assert warned in run(tmp_path, CUT, WHOLE).stdout
    beside = run(tmp_path, CUT, WHOLE, "compute", "-fcsv")
    assert warned in beside.stderr
    assert warned not in beside.stdout
    book = tmp_path / "out.xlsx"
    run(tmp_path, CUT, WHOLE, "compute", "-fxlsx", "-o", str(book))
    sheets = CalamineWorkbook.from_path(book)
    rows = [
        row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()
    ]
    assert any(warned in str(cell) for row in rows for cell in row)
    assert warned in run(tmp_path, CUT, WHOLE, "explain", "rev").stdout
    assert run(tmp_path, CUT, WHOLE, "explain", "rev", "--strict").exit_code == 5
    assert run(tmp_path, CUT, WHOLE, "explain", "rev", "--require-complete").exit_code == 4
    assert run(tmp_path, CUT, WHOLE, "explain", "talks", "--strict").exit_code == 0


def test_the_rhythm_of_records() -> None:
    """The longest silence between two days with records, in the quarter before the last."""
    old = [date(2023, 1, 1)]
    assert rhythm([*old, *CUT]).longest == 2
    assert rhythm([date(2024, 1, 1), date(2024, 2, 1)]).covered == date(2024, 2, 29)
    assert rhythm([date(2024, 1, 2)]).covered == date(2024, 1, 2)
    assert rhythm([]).last is None
