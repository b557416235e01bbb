"""`kpictl targets`: every target, where it comes from, who lacks one; and the file to fill in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.cli.schema import output_schema
from plans import write

PLAN = """\
kpictl: 1
company: {name: Acme, currency: EUR}
sources: {crm: {type: csv, orders: orders.csv, employees: employees.csv}}
kpis:
  revenue: {label: Revenue, from: orders, sum: amount, when: date, by: owner, unit: money}
  calls: {label: "=Calls", from: orders, count: rows, when: date, by: owner}
scorecards: {sales: {label: Sales, who: active, kpis: {revenue: {weight: 50}, calls: {weight: 50}}}}
targets:
  company: {revenue: {2024-05: 18000000, 2024-Q2: 40000000}}
  scorecard.sales: {revenue: 4000000/month}
  employee.Ann Roe: {revenue: {2024-05: 6640000}, calls: {2024-05: 30}}
"""
FILES = {
    "orders.csv": "date,amount,owner\n2024-05-10,10,Ann Roe\n",
    "employees.csv": "name,department\nAnn Roe,North\nBen Ito,North\nCarl Day,South\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, PLAN, FILES)
    (tmp_path / "kpi.yaml").write_text(PLAN, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["targets", *words])


def read(*words: str) -> dict[str, dict[str, str]]:
    """Return the CSV by whose and KPI."""
    text = said(*words, "-f", "csv", "-q").stdout
    return {f"{row['name']} {row['kpi']}": row for row in csv.DictReader(io.StringIO(text))}


def test_where_each_target_comes_from(here: Path) -> None:
    """Level, place and derivation of each; who lacks one; what is overruled."""
    lines = read("-p", "2024-05")
    ann, ben = lines["Ann Roe revenue"], lines["Ben Ito revenue"]
    assert (ann["target"], ann["level"], ann["place"]) == ("6640000", "employee", "kpi.yaml:11:41")
    assert ann["overruled"] == "scorecard 4000000 kpi.yaml:10:30"
    assert (ben["target"], ben["derivation"]) == ("4000000", "4000000/month")
    assert [k for k, row in lines.items() if row["state"] == "lacking"] == [
        "Ben Ito calls",
        "Carl Day calls",
    ]
    assert lines[" revenue"]["target"] == "18000000"


def test_a_quarter(here: Path) -> None:
    """Targets follow to another length of time, and the derivation says how."""
    lines = read("-p", "2024-Q2")
    assert lines["Ben Ito revenue"]["derivation"] == "4000000/month × 3"
    assert lines["Ann Roe revenue"]["derivation"] == "4000000/month × 3"
    assert lines[" revenue"]["target"] == "40000000"


def test_how_much_of_a_goal_is_given(here: Path) -> None:
    """People's targets add up to 14.64 of 18 million: in money and percent, on the page and in
    JSON."""
    page = said("-p", "2024-05").stdout
    assert "add up to €14,640,000 of €18,000,000, 81.33%: €3,360,000 less" in page
    assert "2 targets are lacking: Ben Ito (=Calls), Carl Day (=Calls)" in page
    found = json.loads(said("-p", "2024-05", "-f", "json", "-q").stdout)
    jsonschema.validate(found, output_schema("targets"))
    (goal,) = found["goals"]
    assert (goal["given"], goal["difference"], goal["percent"]) == (14640000, -3360000, 81.33)


def test_only_some_of_them(here: Path) -> None:
    """One person's, one department's, only those who lack one."""
    assert {key.split()[0] for key in read("-p", "2024-05", "-e", "Roe")} == {"Ann"}
    assert {key.split()[0] for key in read("-p", "2024-05", "-d", "North")} == {"Ann", "Ben"}
    assert set(read("-p", "2024-05", "--lacking")) == {"Ben Ito calls", "Carl Day calls"}
    masked = said("-p", "2024-05", "--mask", "-f", "csv", "-q").stdout
    assert "Roe" not in masked


def test_in_russian(here: Path) -> None:
    """Every word of the page has its Russian."""
    page = said("-p", "2024-05", "--lang", "ru").stdout
    assert "планы сотрудников в сумме дают" in page
    assert "не хватает 2 планов" in page


@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx"])
def test_the_file_to_fill_in_is_read_again(here: Path, name: str) -> None:
    """A row a person and KPI, a column a month, what is expected in it: read as the targets file it
    gives the same targets; it is overwritten only when that is asked for."""
    before = {k: row["target"] for k, row in read("-p", "2024-05").items()}
    assert said("-p", "2024-Q2", "--template", name).exit_code == 0
    refused = said("-p", "2024-Q2", "--template", name)
    assert refused.exit_code == 2
    assert "--force" in refused.output
    head, _, _ = PLAN.partition("targets:\n")
    label = head.replace('"=Calls"', "Calls")
    (here / "kpi.yaml").write_text(label, "utf-8")
    assert said("-p", "2024-Q2", "--template", name, "--force").exit_code == 0
    (here / "kpi.yaml").write_text(PLAN.replace('"=Calls"', "Calls"), "utf-8")
    assert said("-p", "2024-Q2", "--template", name, "--force").exit_code == 0
    (here / "kpi.yaml").write_text(f"{label}targets: {{file: {name}}}\n", "utf-8")
    after = {k: row["target"] for k, row in read("-p", "2024-05").items()}
    assert after == before
    assert said("-p", "2024-Q2", "--template", name, "--force").exit_code == 2  # it is read now


def test_text_of_the_file_is_no_formula(here: Path) -> None:
    """Names that a spreadsheet would run are text."""
    said("-p", "2024-05", "--template", "plan.csv")
    assert "'=Calls" in (here / "plan.csv").read_text("utf-8-sig")
    said("-p", "2024-05", "--template", "plan.xlsx")
    sheet = openpyxl.load_workbook(here / "plan.xlsx").active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--template", "plan.txt"], "plan.txt"),
        (["--template", "plan.csv", "-p", "2024-W20"], "2024-W20"),
        (["--template", "plan.csv", "-f", "json"], "--template"),
        (["-f", "md"], "md"),
    ],
)
def test_what_cannot_be_written(here: Path, words: list[str], text: str) -> None:
    """A form that there is not, weeks in the file by months: refused with the next step."""
    refused = said(*words)
    assert refused.exit_code == 2
    assert text in refused.output
    assert not (here / "plan.csv").exists()
