"""The examples, computed by kpictl, against the answers computed by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples_by_hand import (
    CASES,
    EXAMPLES,
    in_may,
    index,
    ranks,
    revenue_in,
    rounded,
    sales,
    sales_won,
    support,
)

ROOT = EXAMPLES.parent
CELLS = [(case, who, kpi) for case, card in CASES.items() for who in card() for kpi in card()[who]]


def close_to(said: Decimal | None, expected: Fraction | None) -> bool:
    """Four decimals are promised; intermediate rounding may move the last one."""
    if said is None or expected is None:
        return said is None and expected is None
    return abs(Fraction(said) - expected) <= Fraction(1, 10_000)


@cache
def said(plan: Path, period: str = "2024-05") -> dict[str, Any]:
    from typer.testing import CliRunner

    from kpictl.cli import app

    call = ["compute", "--config", str(plan), "--period", period, "--format", "json"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout, parse_float=Decimal, parse_int=Decimal))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the checkout clean: whatever kpictl leaves beside a plan lands in a copy."""
    folder = tmp_path_factory.mktemp("kpictl")
    shutil.copytree(
        EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("__pycache__", ".kpictl")
    )
    shutil.copy(ROOT / "kpi.yaml.example", folder)
    return folder


def rows(copy: Path, case: str) -> dict[str, dict[str, Any]]:
    (scorecard,) = said(copy / "examples" / case / "kpi.yaml")["scorecards"]
    assert scorecard["id"] == case
    return {row["name"]: row for row in scorecard["rows"]}


@pytest.mark.parametrize("case", CASES)
def test_the_scorecard_holds_exactly_the_expected_people(copy: Path, case: str) -> None:
    """Leavers, heads and people of other departments are no rows; everyone else is one."""
    assert sorted(rows(copy, case)) == sorted(CASES[case]())


@pytest.mark.parametrize(("case", "who", "kpi"), CELLS)
def test_each_number_is_the_one_computed_by_hand(copy: Path, case: str, who: str, kpi: str) -> None:
    """Value, state, target, attainment and score of every person and KPI are exact."""
    expected, found = CASES[case]()[who][kpi], rows(copy, case)[who]["kpis"][kpi]
    assert (found["state"], found["weight"]) == (expected.state, expected.weight)
    assert found["score"] == expected.points
    if expected.n is not None:
        assert found["n"] == expected.n
    if expected.value is not None:
        assert found["value"] == rounded(expected.value, 10)
    if expected.target is not None:
        assert found["target"] == rounded(expected.target, 10)
        assert close_to(found["attainment"], expected.attainment)


@pytest.mark.parametrize("case", CASES)
def test_indexes_and_ranks_follow_from_the_scores(copy: Path, case: str) -> None:
    """The index weighs what is measured, ties share a rank, the unrated have neither, and order says so."""
    card, found = CASES[case](), rows(copy, case)
    for name, cells in card.items():
        expected = index(cells)
        assert close_to(found[name]["index"], None if expected is None else Fraction(expected)), (
            name
        )
        weights = [cell.weight for cell in cells.values() if cell.points is not None]
        assert found[name]["coverage"] == sum(weights), name
    assert {name: row["rank"] for name, row in found.items()} == ranks(card)
    shown = [row["rank"] or len(found) for row in found.values()]
    assert shown == sorted(shown)


@pytest.mark.parametrize("case", CASES)
def test_the_answer_names_period_plan_and_units(copy: Path, case: str) -> None:
    """A script finds what was asked, what plan answered, and in what unit each number stands."""
    answer = said(copy / "examples" / case / "kpi.yaml")
    assert answer["kpictl"] == 1
    assert answer["period"]["text"] == "2024-05"
    assert answer["period"]["from"].startswith("2024-05-01")
    assert Path(answer["plan"]["file"]).name == "kpi.yaml"
    assert len(answer["plan"]["sha256"]) == 64
    assert {"as_of", "data_as_of", "totals", "left_out", "warnings"} <= answer.keys()
    units = {"revenue": "money", "lead_conversion": "percent", "ad_roi": "percent", "cpl": "money"}
    for row in rows(copy, case).values():
        wrong = {
            k: c["unit"] for k, c in row["kpis"].items() if c["unit"] != units.get(k, c["unit"])
        }
        assert not wrong


def test_a_month_of_the_older_file_counts_too(copy: Path) -> None:
    """June 2023 stands in the windows-1251 file alone, and its euros have their own rate."""
    answer = said(copy / "examples/sales/kpi.yaml", "2023-06")
    found = {row["name"]: row["kpis"]["revenue"] for row in answer["scorecards"][0]["rows"]}
    for name, revenue in revenue_in(2023, 6).items():
        assert found[name]["value"] == rounded(revenue, 10), name


def test_deals_of_nobody_are_listed_with_their_sum(copy: Path) -> None:
    """Won deals without a responsible are no one's revenue, and are not lost from sight."""
    nobodys = [deal for deal in sales_won() if not deal.owner and in_may(deal.closed)]
    listed = [
        (Decimal(entry["count"]), Fraction(entry["amount"]))
        for entry in said(copy / "examples/sales/kpi.yaml")["left_out"]
        if entry["kpi"] == "revenue" and entry["amount"] is not None
    ]
    lost = sum((deal.amount for deal in nobodys), Fraction(0))
    assert (Decimal(len(nobodys)), lost) in listed


# --- the examples themselves ----------------------------------------------------------------


def test_the_data_are_what_the_generator_writes() -> None:
    """Every committed file of data comes out of `generate.py` byte for byte."""
    call = [sys.executable, str(EXAMPLES / "generate.py"), "--check"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_examples_show_what_is_hard() -> None:
    """Among the answers are an unrated person, insufficient values, a shared rank and a true zero."""
    places = ranks(sales())
    assert [name for name, rank in places.items() if rank is None] == ["Полина Орешкина"]
    states = {cell.state for cells in support().values() for cell in cells.values()}
    assert states == {"measured", "insufficient"}
    assert sorted(r for r in ranks(support()).values() if r) == [1, 2, 3, 3, 5, 6, 7, 8]
    assert sales()["Пётр Дёмин"]["lead_conversion"].value == 0


def test_the_example_plan_is_the_sales_plan(copy: Path) -> None:
    """`kpi.yaml.example` differs from the plan of the sales example in comments and paths only."""

    def plan(path: Path) -> dict[str, Any]:
        text = path.read_text(encoding="utf-8").replace("examples/sales/data/", "data/")
        return dict(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - plain text only

    assert plan(ROOT / "kpi.yaml.example") == plan(EXAMPLES / "sales/kpi.yaml")
    (one,), (other,) = (
        said(copy / name)["scorecards"] for name in ("kpi.yaml.example", "examples/sales/kpi.yaml")
    )
    for card in (one, other):
        for line in (*card["rows"], *card["departments"]):
            for cell in line["kpis"].values():
                cell.pop("target_place")  # each plan says where its own files are
    assert one == other
