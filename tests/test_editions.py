"""A scorecard that changes on a day: weights, targets and scores of each period are its own."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kpictl
from kpictl.cli import app
from kpictl.errors import UsageError
from plans import LATER, compute, refused, write

D = Decimal

FILES = {
    "orders.csv": "date,amount,owner\n"
    + "".join(f"2024-0{m}-10,{m * 10},Ann Roe\n2024-0{m}-11,5,Ben Ito\n" for m in (5, 6, 7)),
}
PLAN = """\
sources: {crm: {type: csv, orders: orders.csv}}
kpis:
  revenue: {from: orders, sum: amount, when: date, by: owner}
  deals: {from: orders, count: rows, when: date, by: owner}
  average: {from: orders, average: amount, when: date, by: owner}
scorecards:
  sales:
    kpis: {revenue: {weight: 60, target: 100/month}, deals: {weight: 40, target: 2/month}}
    from:
      2024-06-01: {kpis: {revenue: {weight: 100, target: 200/month, cap: 20}}}
      2024-07-01:
        min_coverage: 100
        kpis: {revenue: {weight: 50, target: 100/month}, average: {weight: 50, target: 10}}
"""


def test_each_period_has_its_own(tmp_path: Path) -> None:
    """KPIs, weights, targets and caps are those of the day; several periods may be asked at once."""
    found = {m: compute(tmp_path, PLAN, FILES, period=f"2024-0{m}") for m in (5, 6, 7)}
    assert [list(c.figures["Ann Roe"]) for c in found.values()] == [
        ["revenue", "deals"], ["revenue"], ["revenue", "average"],
    ]  # fmt: skip
    targets = [c.score("Ann Roe", "revenue").target for c in found.values()]
    assert [t.value for t in targets if t] == [D(100), D(200), D(100)]
    assert [t.place.line for t in targets if t and t.place] == [10, 12, 15]
    assert found[6].score("Ann Roe", "revenue").points == D(20)
    assert [c.score("Ann Roe", "revenue").weight for c in found.values()] == [60, 100, 50]


def test_a_period_with_a_change_within_is_refused(tmp_path: Path) -> None:
    """A quarter of two editions has no weights: the parts to compute are named."""
    write(tmp_path, PLAN, FILES)
    with pytest.raises(UsageError) as refusal:
        kpictl.compute(tmp_path / "kpi.yaml", period="2024-05-16..2024-06-15", as_of=LATER)
    data = refusal.value.problem.data
    assert (data["before"], data["after"]) == ("2024-05-16..2024-05-31", "2024-06-01..2024-06-15")


@pytest.mark.parametrize(
    ("edition", "code"),
    [
        ("{kpis: {revenue: {weight: 50}}}", "card.weights"),
        ("{kpis: {revenues: {weight: 100}}}", "bind.unknown_kpi"),
        ("{kpis: {revenue: {weight: 100, target: -1}}}", "targets.not_positive"),
        ("{kpis: {revenue: {weight: 100, score: {base: 5, norm: 1}}}}", "card.direction"),
        ("{weights: {}}", "plan.unknown_key"),
        ("{kpis: {revenue: {weight: 100, score: linar}}}", "plan.shape"),
    ],
)
def test_an_edition_is_checked_like_a_scorecard(tmp_path: Path, edition: str, code: str) -> None:
    """A mistake in what holds later is a mistake today, at its place."""
    head, _, _ = PLAN.partition("    from:\n")
    plan = f"{head}    from: {{2024-06-01: {edition}}}\n"
    problems = refused(tmp_path, plan, FILES)
    assert code in {p.code for p in problems}
    assert {p.place.line for p in problems if p.place} == {11}


def test_a_trend_across_the_change(tmp_path: Path) -> None:
    """Each period by its own weights; a KPI that the scorecard had not then is absent there."""
    path = write(tmp_path, PLAN, FILES)
    words = ["trend", "-c", str(path), "--periods", "3", "-p", "2024-07", "-f", "csv", "-q"]

    def shown(*asked: str) -> list[str]:
        text = CliRunner().invoke(app, [*words, *asked]).stdout
        rows = csv.DictReader(io.StringIO(text))
        return [row["value"] for row in rows if row["name"] == "Ann Roe"]

    assert shown("--index") == ["50", "20", "385"]
    assert shown("--kpi", "average") == ["", "", "70"]
    assert shown("--kpi", "deals") == ["1", "", ""]


OF_OLD = """\
sources: {crm: {type: csv, orders: orders.csv, employees: staff.csv}}
kpis: {revenue: {from: orders, sum: amount, when: date, by: owner}}
scorecards:
  sales:
    kpis: {revenue: {weight: 100, target: +10% over prev}}
    from: {2024-07-01: {kpis: {revenue: {weight: 100, target: 100/month}}}}
  shared:
    also: true
    kpis: {revenue: {weight: 100, level: department, target: 100/month}}
    from: {2024-07-01: {kpis: {revenue: {weight: 100, target: 100/month}}}}
"""


@pytest.mark.parametrize("card", ["sales", "shared"])
def test_what_held_before_a_change_is_measured_in_a_trend(tmp_path: Path, card: str) -> None:
    """A target that grew from facts, or a number of the whole department, until the change: the
    period has the number that it has when it is computed alone."""
    files = FILES | {"staff.csv": "name,department\nAnn Roe,North\nBen Ito,North\n"}
    found = kpictl.compute(write(tmp_path, OF_OLD, files), period="2024-06", as_of=LATER)
    (rows,) = (one.rows for one in found.scorecards if one.id == card)
    (alone,) = (row.index for row in rows if row.name == "Ann Roe")
    asked = ["trend", "--index", "-s", card, "-p", "2024-07", "--periods", "2", "-f", "csv"]
    done = CliRunner().invoke(
        app, [*asked, "-c", str(tmp_path / "kpi.yaml"), "--as-of", "2024-08-01"]
    )
    lines = csv.DictReader(io.StringIO(done.stdout))
    (shown,) = (r["value"] for r in lines if (r["name"], r["period"]) == ("Ann Roe", "2024-06"))
    assert alone is not None
    assert D(shown) == alone
