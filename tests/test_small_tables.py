"""Employees, targets and rates: lines that do not fit the captions, rates that cannot be kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.bitrix24.read.portal_rates import quotes
from plans import compute, refused

ORDERS = "closed,manager,amount,currency\n2024-05-02,Anna Berg,100,USD\n2024-05-03,Ben Ito,5,EUR\n"
PLAN = """\
kpictl: 1
company: {{currency: EUR, timezone: Europe/Berlin}}
sources: {{shop: {{type: csv, employees: {employees}, orders: {{path: orders.csv, fields: {{closed_at: closed}}}}}}}}
rates: {rates}
kpis: {{n: {{from: orders, count: rows, when: closed_at, by: manager}}}}
scorecards: {{team: {{kpis: {{n: {{weight: 100}}}}}}}}
targets: {{file: targets.csv}}
"""
SOUND = {
    "employees.csv": "Name,Hired,Left\nAnna Berg,2020-01-01,\nBen Ito,2020-01-01,\n",
    "targets.csv": "employee,kpi,period,target\nAnna Berg,n,2024-05,10\nBen Ito,n,2024-05,7\n",
    "rates.csv": "date,currency,rate\n2024-01-01,USD,0.92\n2024-01-01,GBP,1.15\n",
}


def plan(employees: str = "employees.csv", rates: str = "rates.csv") -> str:
    return PLAN.format(employees=employees, rates=rates)


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize(
    ("line", "cells"),
    [("Ben Ito", 1), ("x,y,z,1,2,3", 6), ('"a,b"', 1), ("Ben Ito,,,,5", 5), ("a;b;c", 1)],
)
def test_a_line_that_does_not_fit_is_a_mistake_with_its_place(
    tmp_path: Path, name: str, line: str, cells: int
) -> None:
    """Too few cells, or too many: where the delimiter stands inside a text, each cell behind it
    would be taken for another."""
    head, first, last = SOUND[name].splitlines()
    spoilt = f"{head}\n{first}\n{line}\n{last}\n"
    files = {"orders.csv": ORDERS, **SOUND, name: spoilt}
    (problem,) = refused(tmp_path, plan(), files)
    assert problem.code in ("table.ragged", "table.ragged_of_bare")
    assert (str(problem.place), problem.data["cells"]) == (f"{name}:3", cells)


@pytest.mark.parametrize("name", SOUND)
def test_blank_cells_too_many_and_lines_of_a_page_fit(tmp_path: Path, name: str) -> None:
    """A trailing delimiter, and a row of a page that ends early, say nothing else."""
    files = {"orders.csv": ORDERS, **SOUND}
    expected = compute(tmp_path, plan(), files).figures
    files[name] = SOUND[name].replace("\n", ",\n")
    assert compute(tmp_path, plan(), files).figures == expected


@pytest.mark.parametrize(
    "rate",
    ["10000000000", "99999999999999999999.99", "0.00000000001", "0.12345678901"],
)
def test_a_rate_is_kept_to_its_last_digit_or_refused(tmp_path: Path, rate: str) -> None:
    """Ten digits before the point and ten behind it; in the plan, in a file, by a nominal."""
    files = {"orders.csv": ORDERS, **SOUND}
    (problem,) = refused(tmp_path, plan(rates=f"{{USD: {rate}}}"), files)
    assert (problem.code, str(problem.place)[-9:]) == ("source.rate_size", "yaml:4:14")
    files["rates.csv"] = f"date,currency,rate\n2024-01-01,USD,{rate}\n"
    (problem,) = refused(tmp_path, plan(), files)
    assert (problem.code, str(problem.place)) == ("source.rate_size", "rates.csv:2")
    nominal = "date,currency,rate,nominal\n2024-01-01,USD,1,3\n"
    (problem,) = refused(tmp_path, plan(), {**files, "rates.csv": nominal})
    assert problem.code == "source.rate_size"


def test_a_rate_of_ten_decimals_is_exact(tmp_path: Path) -> None:
    """0.0009943215 roubles a pound of Lebanon, times a hundred: not a digit is lost."""
    files = {"orders.csv": ORDERS, **SOUND}
    files["rates.csv"] = "date,currency,rate,nominal\n2024-01-01,USD,99.43215,100000\n"
    deals = plan().replace("orders: {path: orders.csv, fields: {closed_at: closed}}",
                           "deals: {path: orders.csv, fields: {closed_at: closed, owner: manager}}")  # fmt: skip
    deals = deals.replace("from: orders, count: rows, when: closed_at, by: manager",
                          "from: deals, sum: amount, when: closed_at")  # fmt: skip
    assert compute(tmp_path, deals, files).of("n")["Anna Berg"] == Decimal("0.09943215")


def test_a_rate_of_a_portal_that_cannot_be_kept_is_none() -> None:
    """A currency with an impossible rate has none, and its amounts are listed as such."""

    class Store:
        def columns(self, _: str) -> list[str]:
            return ["CURRENCY", "AMOUNT", "AMOUNT_CNT", "BASE", "DATE_UPDATE"]

        def fact(self, _: str) -> None:
            return None

        def table(self, _: str) -> str:
            return "currencies"

        def rows(self, _: str) -> list[tuple[str, str, str, str, str | None]]:
            return [
                ("RUB", "1", "1", "Y", None),
                ("USD", "91.5", "1", "N", "2024-05-03T10:00:00+03:00"),
                ("XXX", "1" + "0" * 30, "1", "N", None),
                ("YYY", "0.000000000001", "1", "N", None),
            ]

    found = quotes(Store(), "RUB")  # type: ignore[arg-type]
    assert {code: (quote.rate, quote.day) for code, quote in found.items()} == {
        "USD": (Decimal("91.5"), date(2024, 5, 3))
    }
