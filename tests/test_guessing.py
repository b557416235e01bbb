"""What an own column holds that nobody has declared: what nine in ten of its cells can be read as."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpictl.app.workspace import open_workspace
from kpictl.sources.guessing import SAMPLE
from plans import write

PLAN = """\
sources: {own: {type: csv, things: things.csv}}
kpis: {n: {from: things, count: rows, when: day, by: who, where: mark = mark}}
scorecards: {all: {kpis: {n: {weight: 100, target: 1}}}}
"""


def guessed(folder: Path, *cells: str) -> str:
    """Return what a column of these cells is taken for."""
    lines = (f'2024-05-02,Ann Roe,"{cell}"' for cell in cells)
    path = write(folder, PLAN, {"things.csv": "\n".join(("day,who,mark", *lines)) + "\n"})
    with open_workspace(path, {}) as workspace:
        return workspace.bound.schemas["things"].present["mark"].kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("1", "2,50", "1 200,00 ₽"), "number"),
        (("(5)", "12.5-", "+7"), "number"),
        (("007", "12"), "text"),
        (("1" * 29, "2" * 29), "text"),
        (("1", "0", "1"), "number"),
        (("да", "нет", "Да"), "bool"),
        (("yes", "0"), "text"),
        (("05.2024", "06.2024"), "month"),
        (("май 2024", "June 2024"), "month"),
        (("202405", "202406"), "number"),
        (("20240531", "20240601"), "date"),
        (("2024-05-31", "30.02.2024"), "text"),
        (("31/12/24", "12/31/24"), "date"),
        (("Fri, 31 May 2024", "1 июня 2024 г."), "date"),
        (("2024-05-31", "2024-05-31 18:20"), "datetime"),
        (("2024-05-31T18:20:00+03:00",), "datetime"),
        (("31.05.2024 6:20 PM",), "datetime"),
        (("1:30", "-0:05:10"), "duration"),
        (("Мария 5", "Май"), "text"),
        (("#N/A", "5", "#ДЕЛ/0!"), "number"),
        (("5",) * 9 + ("x",), "number"),
        (("5",) * 8 + ("x",), "text"),
        (("2024-05-31",) * 9 + ("x",), "date"),
        (("", " "), "text"),
        (("1899-12-31", "2200-01-01 10:00"), "datetime"),
        (("٣", "५"), "text"),
        (("1.2.3", "11.2.3"), "text"),
    ],
    ids=str,
)
def test_a_column_is_what_most_of_its_cells_are(
    tmp_path: Path, cells: tuple[str, ...], kind: str
) -> None:
    """All of a column of words or months, nine in ten of one of numbers or dates; leading zeros
    make a text, errors of a spreadsheet nothing."""
    assert guessed(tmp_path, *cells) == kind


def test_a_column_may_begin_with_thousands_of_empty_cells(tmp_path: Path) -> None:
    """Where the first rows have nothing, the others are looked at."""
    assert guessed(tmp_path, *[""] * (SAMPLE + 1), "2024-05-31", "2024-06-01") == "date"
    assert guessed(tmp_path, *[""] * (SAMPLE + 1), "5", "7,5") == "number"


def test_the_first_rows_decide_and_one_time_anywhere(tmp_path: Path) -> None:
    """What comes behind them changes no kind, but a time far down makes moments of days."""
    days = ["2024-05-31"] * SAMPLE
    assert guessed(tmp_path, *days, *["x"] * SAMPLE) == "date"
    assert guessed(tmp_path, *days, "2024-05-31 at 18 o'clock", "2024-05-31 18:20") == "datetime"
    assert guessed(tmp_path, *days, "2024-05-31 11th hour") == "date"
