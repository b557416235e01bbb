"""What is the user's is not written over, and no secret is shown in an excerpt."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.plan.fields import Part
from kpictl.plan.load import load
from kpictl.plan.secrets import masked

PLAN = """\
kpictl: 1
sources: {shop: {type: csv, orders: data/*.csv}}
kpis: {n: {from: orders, count: rows, when: closed, by: manager}}
"""
ORDERS = "closed,manager\n2024-05-02,Anna\n"


@pytest.mark.parametrize("command", [["compute", "-f", "csv", "-o"], ["explain", "n", "--csv"]])
@pytest.mark.parametrize(
    "name",
    ["kpi.yaml", "data/o.csv", "hard.csv", "link.csv", "data/../DATA/O.csv", "data/new.csv", ".env",
     ".kpictl/store.csv"],
)  # fmt: skip
def test_no_output_is_written_over_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], name: str
) -> None:
    """However a protected file is spelt or linked, an output to it ends with 2 and it is kept."""
    for folder in ("data", "DATA", ".kpictl"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    source = tmp_path / "data" / "o.csv"
    source.write_text(ORDERS, encoding="utf-8")
    os.link(source, tmp_path / "hard.csv")
    (tmp_path / "link.csv").symlink_to(source)
    monkeypatch.chdir(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    done = CliRunner().invoke(app, [*command, name, "-p", "2024-05", "--as-of", "2024-06-30"])
    assert done.exit_code == 2, done.output
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


EVERY_FILE = """\
kpictl: 1
company: {currency: RUB}
sources: {shop: {type: csv, orders: orders.csv, employees: employees.csv}}
calendar: {country: RU, file: days.csv, shifts: {file: shifts.csv, codes: {Д: "9:00-18:00"}}}
absences: {file: absences.csv}
rates: rates.csv
targets: {file: targets.csv}
pay: {salaries: salaries.csv, adjustments: adjustments.csv, sanctions: {file: sanctions.csv}}
kpis:
  n: {from: orders, count: rows, when: closed, by: manager}
  mark: {manual: marks.csv}
scorecards:
  all:
    kpis: {n: {weight: 1, target: 1}}
    bonus: {commission: {of: n, rates: {by: region, file: commissions.csv}}}
"""
FILES = {
    "orders", "employees", "days", "shifts", "absences", "rates", "targets", "salaries",
    "adjustments", "sanctions", "marks", "commissions",
}  # fmt: skip


def test_whatever_file_a_plan_names_is_kept(tmp_path: Path) -> None:
    """Calendars, shifts, salaries, adjustments, rates: what a plan reads, in whichever section, no
    output may be written over."""
    (tmp_path / "kpi.yaml").write_text(EVERY_FILE, encoding="utf-8")
    plan = load(tmp_path / "kpi.yaml", {}).plan
    assert plan is not None
    assert {name.removesuffix(".csv") for name in plan.files()} == FILES


PAYS = """\
kpictl: 1
company: {currency: RUB}
sources: {shop: {type: csv, orders: orders.csv, employees: employees.csv}}
pay: {salaries: salaries.csv}
kpis:
  n: {from: orders, count: rows, when: closed, by: manager}
  mark: {manual: marks.csv}
scorecards:
  all:
    kpis: {n: {weight: 50, target: 1}, mark: {weight: 50, target: 5}}
    bonus: {salary_share: 10, by_index: linear, prorate: none}
"""
DATA = {
    "orders.csv": ORDERS,
    "employees.csv": "id,name\n1,Anna\n",
    "salaries.csv": "employee,salary\nAnna,100000\n",
    "marks.csv": "employee,kpi,period,value,author,date\nAnna,mark,2024-05,5,Olga,2024-06-01\n",
}


@pytest.mark.parametrize("name", ["salaries.csv", "marks.csv"])
def test_salaries_and_typed_values_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A report that is to be written where salaries or marks lie ends with 2; they stay."""
    for file, text in {"kpi.yaml": PAYS, **DATA}.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "salaries.csv").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    call = ["compute", "-p", "2024-05", "--as-of", "2024-06-30", "-f", "csv", "-o"]
    assert CliRunner().invoke(app, [*call, "fresh.csv"]).exit_code == 0
    done = CliRunner().invoke(app, [*call, name])
    assert (done.exit_code, (tmp_path / name).read_text("utf-8")) == (2, DATA[name]), done.output


def sections(section: type[Part] = Part) -> Iterator[type[Part]]:
    for below in section.__subclasses__():
        yield below
        yield from sections(below)


def test_no_key_that_names_files_is_forgotten() -> None:
    """A key of the plan that takes a file, as its description says, is among those that are kept."""
    for section in sections():
        named = {
            name
            for name, one in section.model_fields.items()
            if re.search(r"\bCSV\b|^File\b|production calendar", str(one.description))
        }
        assert named == set(section.file_keys), section


@pytest.mark.parametrize(
    "source",
    ["{type: bitrix24, webook: very-secret}", "{type: bitrix24, webhook: [very-secret]}",
     "{type: bitrix24, webhook: {url: very-secret}}", "very-secret", "[very-secret]",
     "{type: csv, client_secet: very-secret}", "{type: bitrix24, webook: very-secret"],
)  # fmt: skip
def test_an_excerpt_hides_what_could_be_a_secret(source: str) -> None:
    """Misspelt or misshapen, a text of a source is not shown."""
    lines = masked(f"kpictl: 1\nsources:\n  p: {source}\n")
    assert "very-secret" not in lines[2].shown(0)[0]
