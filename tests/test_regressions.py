"""What people who tried kpictl on their own data ran into, so that nobody does again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from plans import compute

HEAD = "kpictl: 1\ncompany: {currency: USD, timezone: America/Chicago}\n"


def figures(folder: Path, plan: str, lines: str, *words: str) -> dict[str, dict[str, object]]:
    """Compute March 2024 and return row → index and values."""
    import json

    (folder / "d.csv").write_text(lines, encoding="utf-8")
    (folder / "kpi.yaml").write_text(HEAD + plan, encoding="utf-8")
    call = ["compute", "-q", "-c", str(folder / "kpi.yaml"), "-p", "2024-03", "-f", "json",
            "--as-of", "2024-07-01", *words]  # fmt: skip
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.stderr
    (card,) = json.loads(done.stdout, parse_float=Decimal)["scorecards"]
    return {
        row["name"]: {
            "index": row["index"],
            **{kpi: cell["value"] for kpi, cell in row["kpis"].items()},
            **{f"{kpi}.target": cell["target"] for kpi, cell in row["kpis"].items()},
        }
        for row in card["rows"]
    }


def test_a_close_date_with_a_time_is_taken_as_the_instant_it_is(tmp_path: Path) -> None:
    """A deal closed on 31 March at 20:04 in Chicago is March's, also by `closed_at`."""
    plan = """
sources:
  crm:
    type: csv
    deals:
      path: d.csv
      fields: {id: id, close_date: {column: Close Date, type: datetime}}
kpis: {rev: {from: deals, sum: amount, where: won, when: closed_at}}
"""
    lines = "id,Stage,Amount,Responsible,Close Date\n1,Deal won,100,Ann,2024-03-31 20:04\n"
    assert figures(tmp_path, plan, lines)["Ann"]["rev"] == 100


def test_days_between_dates_do_not_depend_on_the_clocks(tmp_path: Path) -> None:
    """From 9 to 11 March there are two days, though the clocks went forward between them."""
    plan = """
sources: {s: {type: csv, o: {path: d.csv}}}
kpis: {d: {from: o, max: "days(opened, due)", when: due, by: agent}}
"""
    lines = "opened,due,agent\n2024-03-09,2024-03-11,Ann\n"
    assert figures(tmp_path, plan, lines)["Ann"]["d"] == 2


def test_what_fills_a_gap_counts_for_the_coverage(tmp_path: Path) -> None:
    """40 % measured and 20 % filled with zero are enough where 55 % is asked for."""
    plan = """
sources: {s: {type: csv, o: {path: d.csv}}}
kpis:
  s: {from: o, sum: v, when: day, by: agent}
  a: {from: o, average: v, when: day, by: agent, min_n: 5}
scorecards:
  c:
    min_coverage: 55
    kpis:
      s: {weight: 40, target: 4}
      a: {weight: 20, target: 4, missing: zero}
      b: {weight: 40, target: 4}
"""
    plan = plan.replace(
        "scorecards:", "  b: {from: o, max: v, when: day, by: agent, min_n: 5}\nscorecards:"
    )
    lines = "day,agent,v\n2024-03-02,Ann,4\n"
    assert figures(tmp_path, plan, lines)["Ann"]["index"] == Decimal("66.6667")


@pytest.mark.parametrize("level", ["employee.Email", "employee.email"])
def test_a_channel_has_targets_of_its_own(tmp_path: Path, level: str) -> None:
    """A row that is no person is given a target by its name, like a person."""
    plan = f"""
sources: {{s: {{type: csv, o: {{path: d.csv}}}}}}
kpis: {{n: {{from: o, count: rows, when: day, by: channel}}}}
scorecards: {{c: {{kpis: {{n: {{weight: 100, target: 1}}}}}}}}
targets: {{{level}: {{n: 2}}}}
"""
    lines = "day,channel\n2024-03-02,Email\n2024-03-02,Phone\n"
    found = figures(tmp_path, plan, lines)
    assert (found["Email"]["n.target"], found["Phone"]["n.target"]) == (2, 1)


def test_a_filter_and_top_together_may_show_nobody(tmp_path: Path) -> None:
    """Somebody who is not among the first is not among the first; that is no mistake."""
    plan = """
sources: {s: {type: csv, o: {path: d.csv}}}
kpis: {n: {from: o, count: rows, when: day, by: owner}}
scorecards: {c: {kpis: {n: {weight: 100, target: 1}}}}
"""
    lines = "day,owner\n2024-03-02,Ann\n2024-03-02,Ann\n2024-03-02,Bob\n"
    assert figures(tmp_path, plan, lines, "-e", "Bob", "--top", "1") == {}


def test_amounts_of_a_file_without_a_day_of_creation_are_converted(tmp_path: Path) -> None:
    """A file that has currencies, and neither when a deal was made nor when it closed, takes the
    last rate, as a record without a day does."""
    plan = """\
        kpictl: 1
        company: {currency: EUR}
        sources: {crm: {type: csv, deals: deals.csv, currencies: {Yuan: CNY}}}
        rates: {CNY: {2024-01-01: 0.5, 2024-03-01: 0.125}}
        kpis: {sold: {from: deals, sum: amount, when: close_date, unit: money}}
        """
    lines = "ID;Amount;Currency;Assumed close date;Responsible\n1;10;EUR;2024-05-10;Ann Roe\n"
    files = {"deals.csv": lines + "2;8;Yuan;2024-05-11;Ben Ito\n"}
    assert compute(tmp_path, plan, files).of("sold") == {"Ann Roe": 10, "Ben Ito": 1}


def test_ids_beyond_what_a_machine_counts_stay_different(tmp_path: Path) -> None:
    """Two ids above 2⁶³ that differ in their last digit are two records, and each is shown whole."""
    first, second = str(2**63 + 10**20), str(2**63 + 10**20 + 1)
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    lines = f"id;d;who;amt\n{first};2024-05-01;Анна;1\n{second};2024-05-02;Анна;2\n{first};2024-05-01;Анна;1\n"
    done = compute(tmp_path, plan, {"o.csv": lines}, period="2024-05")
    assert done.of("v")["Анна"] == 3
