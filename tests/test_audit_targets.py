"""Targets of other lengths, goals beside them, and warnings on data as shops have them."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.report import Options, render
from plans import STAFF, Computed, Files, compute, lines, write

D = Decimal
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии;Дата создания
1;Сделка успешна;50;Анна Белова;10.05.2024 12:00:00;01.05.2024 10:00:00
2;Сделка успешна;20;Олег Ким;10.05.2024 12:00:00;01.05.2024 10:00:00
3;Сделка успешна;30;Пётр Дёмин;31.05.2024 12:00:00;01.05.2024 10:00:00
4;Сделка успешна;7;;31.05.2024 12:00:00;01.05.2024 10:00:00
5;Сделка успешна;;Анна Белова;31.05.2024 12:00:00;01.05.2024 10:00:00
"""
FILES: Files = {"deals.csv": DEALS, "employees.csv": STAFF}
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Выручка, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
  records: {label: Записи, from: deals, count: rows, when: created_at, by: none}
scorecards:
  sales:
    tie_break: [revenue]
    kpis: {revenue: {weight: 60}, won: {weight: 40}}
targets:
"""
PERSONAL = "  scorecard.sales: {won: 60/year, revenue: 20/month}\n"
GOALS = "  company: {revenue: 1200/year, records: 6/month}\n  department.Казань: {revenue: 90/quarter}\n"


def invoke(folder: Path, *words: str, targets: str = PERSONAL + GOALS) -> Result:
    path = write(folder, PLAN + targets, FILES)
    return CliRunner().invoke(app, [*words, "-c", str(path)])


def page(found: Computed, lang: str = "ru") -> str:
    text = render(found.results, "table", Options(width=160, lang=lang))
    assert isinstance(text, str)
    return text.replace("\xa0", " ")


# --- lengths of time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "period", "value", "derivation"),
    [
        ("{2024-Q1: 80, 2024-Q2: 90, 2024-05: 40}", "2024-H1", 170, "2024-Q1: 80 + 2024-Q2: 90"),
        ("{2024-H1: 200, 2024-Q1: 80, 2024-05: 40}", "2024", None, ""),
        ("{2024-H1: 200, 2024-Q3: 80, 2024-Q4: 90}", "2024", 370, None),
        ("{2024-Q2: 90, 2024-05: 40}", "2024-04-01..2024-05-31", 70, None),
        ("{2024: 120, 2024-05: 40}", "2024-Q2", 60, "2024: 120 × 2/12 + 2024-05: 40"),
        ("{2024-H1: 5/month, 2024-05: 9}", "2024-H1", 34, None),
        ("60/year", "2024-W20", Fraction(60 * 7, 12 * 31), "60/year × 1/12 × 7/31 calendar_days"),
        ("60/year", "2024-04-29..2024-05-02", 5 * Fraction(2, 30) + 5 * Fraction(2, 31), None),
        ("2/week", "2024-05", Fraction(62, 7), "2/week × 31/7"),
    ],
)
def test_what_is_written_of_a_part_counts_as_it_stands(
    tmp_path: Path, written: str, period: str, value: Fraction | int | None, derivation: str | None
) -> None:
    """A half-year is its quarters as they were computed, whatever a month in them says."""
    found = compute(
        tmp_path, f"{PLAN}  scorecard.sales: {{won: {written}}}\n", FILES, period=period
    )
    target = found.card.rows[0].score("won").target
    if value is None:
        assert target is None
        return
    assert target is not None
    assert abs(Fraction(target.value) - value) < Fraction(1, 10**9)
    assert derivation is None or target.derivation == derivation


def test_a_target_of_another_length_is_shown_with_its_origin(tmp_path: Path) -> None:
    """Below the table stands how targets and goals were made, each once, in the report's words."""
    found = compute(tmp_path, PLAN + PERSONAL + GOALS, FILES)
    text = page(found)
    assert (
        "Как получен план:\n  Выручка, Казань: 90/квартал × 1/3 = 30 ₽\n  Сделки: 60/год × 1/12 = 5\n"
        in text
    )
    assert "Как получен план: Выручка: 1 200/год × 1/12 = 100 ₽" in text
    assert "20/месяц" not in text  # of a month, as it was written
    assert "How the plan was made: Revenue" not in page(found, "en")
    assert "60/year × 1/12 = 5" in page(found, "en")


def test_the_workbook_says_how_targets_were_made(tmp_path: Path) -> None:
    """The sheet has the same sentences below its lines."""
    found = compute(tmp_path, PLAN + PERSONAL + GOALS, FILES)
    raw = render(found.results, "xlsx", Options(lang="ru"))
    assert isinstance(raw, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # data bars are an extension
        sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert sum("1 200/год × 1/12 = 100" in c.replace("\xa0", " ") for c in cells) == 1
    assert sum("60/год × 1/12 = 5" in cell for cell in cells) == 1


def test_many_targets_are_shown_by_their_first(tmp_path: Path) -> None:
    """Of people with a target each, the first two stand there, and how many more there are."""
    own = "".join(
        f"  employee.{who}@example.ru: {{won: {12 * n}/year}}\n"
        for n, who in enumerate(("belova", "kim", "demin"), 1)
    )
    text = page(compute(tmp_path, PLAN + own, FILES))
    assert "× 1/12 = 1, " in text or "× 1/12 = 2" in text
    assert "ещё 1 (Пётр Дёмин)" in " ".join(text.split())


# --- explain ------------------------------------------------------------------------------------


def test_check_reads_a_plan_with_a_figure_of_the_company(tmp_path: Path) -> None:
    """A KPI `by: none` reads no owner, and `check` asks for none."""
    done = invoke(tmp_path, "check")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("words", [("revenue", "--left-out"), ("index", "-e", "Ким")])
def test_explain_says_what_is_missing_of_the_period(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Lists of what was left out, and an index, obey --strict and --require-complete too."""
    asked = ("explain", *words, "-p", "2024-05", "--as-of", "2024-05-20")
    warned = invoke(tmp_path, *asked, "--strict", "--lang", "en")
    assert warned.exit_code == 5
    assert "2024-05 is not over" in warned.output
    refused = invoke(tmp_path, *asked, "--require-complete")
    assert (refused.exit_code, refused.stdout) == (4, "")
    whole = ("explain", *words, "-p", "2024-05", "--as-of", "2024-05-31", "--strict")
    assert invoke(tmp_path, *whole).exit_code == 0


def test_left_out_records_come_as_csv(tmp_path: Path) -> None:
    """`--left-out --csv` writes the same records, with the reason as their part."""
    done = invoke(tmp_path, "explain", "revenue", "--left-out", "-p", "2024-05", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(r["part"], r["id"], r["value"]) for r in rows] == [
        ("no_owner", "4", "7"),
        ("no_amount", "5", ""),
    ]


def test_the_index_names_its_rank_and_what_breaks_ties(tmp_path: Path) -> None:
    """Who asks about an index learns the place, and the fact that decides between equal ones."""
    done = invoke(tmp_path, "explain", "index", "-e", "Ким", "-p", "2024-05", "--lang", "en")
    assert "Rank" in done.stdout
    assert "between equal indexes decides: “Выручка” ₽20" in done.stdout


@pytest.mark.parametrize(
    ("better", "score", "warned"),
    [
        ("higher", "score: inverse, cap: 120", True),
        ("higher", "score: reflected", True),
        ("lower", "score: inverse, cap: 120", False),
        ("lower", "score: reflected", False),
        ("higher", "score: linear", False),
    ],
)
def test_a_score_that_falls_where_more_is_better(
    tmp_path: Path, better: str, score: str, warned: bool
) -> None:
    """`inverse` and `reflected` give the less the more there is: remarked on where more is better."""
    plan = f"""\
    sources: {{crm: {{type: csv, deals: deals.csv}}}}
    kpis: {{won: {{from: deals, count: rows, where: won, when: closed_at, better: {better}}}}}
    scorecards: {{sales: {{kpis: {{won: {{weight: 100, target: 5/month, {score}}}}}}}}}
    """
    found = compute(tmp_path, plan, {"deals.csv": DEALS})
    assert ("lint.falling_score" in found.codes) == warned


# --- completeness of healthy and unhealthy data ---------------------------------------------------


def every(first: date, last: date, weekdays: Iterable[int]) -> list[date]:
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() in set(weekdays)]


WORK = range(5)
NEW_YEAR = date(2024, 1, 9)


@pytest.mark.parametrize(
    ("days", "period", "warned"),
    [
        (every(NEW_YEAR, date(2024, 6, 28), WORK), "2024-06", False),
        (every(NEW_YEAR, date(2024, 6, 21), WORK), "2024-06", True),
        (every(NEW_YEAR, date(2024, 6, 28), [4]), "2024-06", False),
        (every(NEW_YEAR, date(2024, 6, 20), [0]), "2024-06", True),
        ([date(2024, m, d) for m in range(1, 7) for d in (3, 11, 19, 26)], "2024-06", False),
        ([date(2024, m, 15) for m in range(1, 7)], "2024-06", False),
        ([date(2024, m, 1) for m in range(1, 7)], "2024-06", False),
        ([date(2024, m, 1) for m in range(1, 7)], "2024-Q2", False),
        ([date(2024, m, 1) for m in range(1, 6)], "2024-Q2", True),
        ([date(2024, m, 28) for m in range(1, 6)], "2024-Q2", True),
        ([date(2023, 10, 1), date(2024, 1, 1), date(2024, 4, 1)], "2024-Q2", False),
    ],
)
def test_the_end_of_data_is_judged_by_their_rhythm(
    tmp_path: Path, days: list[date], period: str, warned: bool
) -> None:
    """Workdays, weekly, monthly and few records: only what usually would be there is missed."""
    head = "ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии;Дата создания"
    rows = ((n, "Сделка успешна", 10, "Анна", f"{d:%d.%m.%Y} 12:00:00", f"{d:%d.%m.%Y} 10:00:00")
            for n, d in enumerate(days, 1))  # fmt: skip
    plan = """\
    sources: {crm: {type: csv, deals: deals.csv}}
    kpis: {won: {from: deals, count: rows, where: won, when: closed_at}}
    """
    as_of = datetime(2024, 7, 1, tzinfo=UTC)
    found = compute(tmp_path, plan, {"deals.csv": lines(head, rows)}, period=period, as_of=as_of)
    assert ("complete.ends" in found.codes) == warned
