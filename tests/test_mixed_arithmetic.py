"""Arithmetic of formulas and of pay over figures of every origin: whole, rounded, durations."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from plans import compute, lines, paid

PLAN = """\
sources: {s: {type: csv, o: {path: o.csv}}}
kpis:
  total: {from: o, sum: v, when: day, by: agent}
"""
RECORDS = {"o.csv": lines("day;agent;v", [("2024-05-02", "Ann", 10)])}
FORMULAS = {
    "round(total / 3, 1) + total": "13.3",
    "total + round(total / 3, 1)": "13.3",
    "round(total / 3, 1) - 0.3": "3",
    "total - hours('2024-05-01', '2024-05-02')": "-14",
    "days('2024-05-01', '2024-05-11') + total": "20",
    "-days('2024-05-01', '2024-05-11') + total": "0",
    "round(total, 0) / 3 * 3": "10",
    "days('2024-05-01', '2024-05-02') / 3 * 3": "1",
    "days('2024-05-01', '2024-05-02') * (total / 3) * 3": "10",
    "case when 'a' = 'b' then 1 else total end": "10",
    "total * 1.5 + 0.25": "15.25",
    "5": "5",
    "weekday('2024-05-01') + total": "13",
    "month('2024-06-01') + total": "16",
    "year('2024-01-01')": "2024",
}


@pytest.mark.parametrize(("formula", "value"), FORMULAS.items())
def test_a_formula_computes_with_whatever_stands_in_it(
    tmp_path: Path, formula: str, value: str
) -> None:
    """KPIs, what is rounded, and durations between written dates are numbers of one arithmetic,
    and thirds of them are exact until the end."""
    plan = f'{PLAN}  f: {{formula: "{formula}"}}\n'
    assert compute(tmp_path, plan, RECORDS).of("f") == {"Ann": Decimal(value)}


@pytest.mark.parametrize(
    "figure",
    [
        "total.attainment + index",
        "index + total.attainment",
        "total.attainment - 20 + 120",
        "index * 2",
        "total.attainment / 3 * index * 0.06",
        "salary / 5 - total",
        "round(salary / 7, 1) * 7 - 850 - 10 * rank + total",
    ],
)
def test_what_pay_goes_by_may_join_figures_of_every_kind(tmp_path: Path, figure: str) -> None:
    """Attainments, salaries and days are fractions, an index and a rank are decimals: of a plan met
    in full, 100 and 100 are 200, whichever comes first."""
    plan = f"""\
calendar: {{country: ru}}
sources: {{s: {{type: csv, o: {{path: o.csv}}, employees: staff.csv}}}}
kpis:
  total: {{from: o, sum: v, when: day, by: agent}}
scorecards:
  c:
    kpis: {{total: {{weight: 100, target: 10}}}}
    bonus:
      prorate: none
      parts:
        p: {{fixed: 1000, by: {{of: "{figure}", bands: {{0: 1, 200: 50, ">200": 2}}}}}}
"""
    files = {**RECORDS, "staff.csv": "name;salary\nAnn;1050\n"}
    line = paid(tmp_path, plan, files, "2024-05")["Ann"]
    assert line.payout == Decimal("500.00")
