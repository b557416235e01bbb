"""Where results go: several files at once, names with slots, all of them written or none."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from kpictl.app import computation
from kpictl.cli import app
from kpictl.cli.outputs import filled, safe

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: csv, deals: data/*.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won: {from: deals, count: rows, where: won, when: closed_at}
scorecards:
  sales: {kpis: {revenue: {weight: 100, target: 100}}}
  "счёт: A/B?": {kpis: {won: {weight: 100, target: 1}}}
targets: {company: {revenue: 1000}}
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;150;Анна;05.05.2024 10:00:00
2;Сделка успешна;50;Борис;06.05.2024 10:00:00
3;Сделка успешна;70;;06.05.2024 10:00:00
"""
COMPUTE = ["compute", "-p", "2024-05", "--as-of", "2024-06-30"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "data" / "deals.csv").write_text(DEALS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert "Traceback" not in done.output
    return done.exit_code, done.stdout, done.stderr


def new_files(folder: Path) -> set[str]:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {name.replace(os.sep, "/") for name in found} - {"kpi.yaml", "data/deals.csv"}


def test_several_outputs_come_of_one_computation(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-o` is repeatable, each ending says its format, and the sources are read once."""
    runs: list[object] = []
    honest = computation.measure_periods

    def counted(*args: Any) -> Any:
        runs.append(args)
        return honest(*args)

    monkeypatch.setattr(computation, "measure_periods", counted)
    names = ("a.csv", "b.XLSX", "c.json", "d.txt")
    code, out, _ = run(*COMPUTE, *(word for name in names for word in ("-o", name)))
    assert (code, out, len(runs)) == (0, "", 1)
    with (here / "a.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[0] == "scorecard"
    assert CalamineWorkbook.from_path(here / "b.XLSX").sheet_names[0] == "sales"
    assert json.loads((here / "c.json").read_text("utf-8"))["period"]["text"] == "2024-05"
    assert "Employee" in (here / "d.txt").read_text("utf-8")


def test_names_hold_the_period_and_the_day_of_the_computation(here: Path) -> None:
    """{period} is the resolved one, {as_of} the day asked for, or the instant where one was."""
    run("compute", "-p", "2024-05", "--as-of", "2024-06-30", "-o", "{period} {as_of}.csv")
    run("compute", "-p", "2024-05-01..2024-05-17", "--as-of", "2024-06-30T18:05",
        "-o", "{period}_{as_of}.json")  # fmt: skip
    assert new_files(here) == {
        "2024-05 2024-06-30.csv",
        "2024-05-01..2024-05-17_2024-06-30T18-05.json",
    }


def test_a_file_for_each_scorecard_holds_that_one_alone(here: Path) -> None:
    """{scorecard} makes a file for each, under a name that every system takes, and in it is what
    `-s` would have given."""
    code, _, err = run(*COMPUTE, "-q", "-o", "{scorecard}.json")
    assert (code, err) == (0, "")
    assert new_files(here) == {"sales.json", "счёт_ A_B.json"}
    found = json.loads((here / "sales.json").read_text("utf-8"))
    assert [card["id"] for card in found["scorecards"]] == ["sales"]
    assert {one["kpi"] for one in found["left_out"]} == {"revenue"}
    assert run(*COMPUTE, "-s", "sales", "-f", "json")[1] == (here / "sales.json").read_text("utf-8")


def test_a_folder_that_a_slot_names_is_made_and_no_other(here: Path) -> None:
    """`{period}/…` makes its folder; a folder that is misspelt is refused before computing."""
    assert run(*COMPUTE, "-o", "out/{period}/{scorecard}.csv")[0] == 0
    assert new_files(here) == {"out/2024-05/sales.csv", "out/2024-05/счёт_ A_B.csv"}
    code, _, err = run(*COMPUTE, "-o", "oot/a.csv")
    assert code == 2
    assert "oot" in err
    assert not (here / "oot").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-f", "csv", "-o", "x.xlsx"], "--format says csv"),
        (["-f", "json", "-o", "a.json", "-o", "b.csv"], "b.csv says csv"),
        (["-o", "x.pdf"], ".xlsx"),
        (["-o", "x"], "--format"),
        (["-o", "x.html"], "html yet"),
        (["-f", "html"], "html yet"),
        (["-f", "pdf"], "table, json, csv, xlsx"),
        (["-o", "a.csv", "-o", "a.csv"], "the same file"),
        (["-o", "a.csv", "-o", "./data/../A.csv"], "the same file"),
        (["-o", "-", "-o", "-"], "the same file"),
        (["-o", "{month}.csv"], "{period}, {scorecard}, {as_of}"),
        (["-o", "{}.csv"], "{period}"),
        (["-f", "csv", "-o", "kpi.yaml"], "the plan"),
        (["-o", "data/deals.csv"], "is the plan, or a file that it reads"),
        (["-o", "data"], "--format"),
        (["-f", "csv", "-o", "data"], "data"),
        (["-o", "ok.csv", "-o", "data/no/x.csv"], "data/no"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    here: Path, words: list[str], said: str
) -> None:
    """Contradictions, unknown endings and slots, one file twice, an input: code 2, no file."""
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    code, out, err = run(*COMPUTE, *words)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split()).replace(os.sep, "/")
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before
    assert run(*COMPUTE, *words, "--lang", "ru")[0] == 2


def test_scorecards_whose_safe_names_are_one_are_refused(here: Path) -> None:
    """Two ids that differ in forbidden signs and in case alone would be one file."""
    text = PLAN.replace('"счёт: A/B?"', '"Sales?"')
    (here / "kpi.yaml").write_text(text, encoding="utf-8")
    assert run(*COMPUTE, "-o", "{scorecard}.csv")[0] == 2
    assert new_files(here) == set()


def test_format_serves_where_the_ending_says_nothing(here: Path) -> None:
    """`-f` with a name of no known ending writes that format; `-o -` shows besides writing."""
    code, out, _ = run(*COMPUTE, "-f", "json", "-o", "report.2024", "-o", "-")
    assert code == 0
    assert (here / "report.2024").read_text("utf-8") == out
    assert json.loads(out)["kpictl"] == 1


def test_all_files_are_written_or_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one of several files cannot be replaced, the others are what they were before."""
    (here / "a.csv").write_text("old", encoding="utf-8")
    honest = Path.replace

    def stubborn(self: Path, target: Path) -> Path:
        if Path(target).name == "c.json":
            raise PermissionError(13, "open in Excel")
        return honest(self, target)

    monkeypatch.setattr(Path, "replace", stubborn)
    code, _, err = run(*COMPUTE, "-o", "a.csv", "-o", "{period}/b.csv", "-o", "c.json")
    assert code == 2
    assert "c.json" in err
    assert "open in Excel" in err
    assert new_files(here) == {"a.csv"}
    assert (here / "a.csv").read_text("utf-8") == "old"
    assert not (here / "2024-05").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights that bind the user")
def test_a_folder_without_rights_is_said(here: Path) -> None:
    """A folder that refuses new files stops everything before a file is replaced."""
    (here / "locked").mkdir(mode=0o500)
    code, _, err = run(*COMPUTE, "-o", "a.csv", "-o", "locked/b.csv")
    assert code == 2
    assert "locked" in err
    assert new_files(here) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Отдел продаж", "Отдел продаж"),
        ("a/b\\c", "a_b_c"),
        ('<x>:"|?*', "x"),
        ("con", "con_"),
        ("LPT1", "LPT1_"),
        ("nul.txt", "nul.txt_"),
        ("..", "_"),
        (".hidden", "hidden"),
        ("end. ", "end"),
        ("", "_"),
        ("a\x00\nb", "a\N{REPLACEMENT CHARACTER} b"),
        ("я" * 300, "я" * 80),
    ],
)
def test_a_slot_is_filled_with_a_name_that_every_system_takes(text: str, name: str) -> None:
    """No separator, no forbidden sign, no device, no dot at an end, not too long."""
    assert safe(text) == name
    assert filled("x/{scorecard}.csv", {"scorecard": text}) == f"x/{name}.csv"


@given(st.text())
def test_any_text_becomes_one_part_of_a_path(text: str) -> None:
    """Whatever an id holds, it stays in its folder and is a name."""
    name = safe(text)
    assert name
    assert Path(name).name == name
    assert not set(name) & set('<>:"/\\|?*')
    assert name == unicodedata.normalize("NFC", name)
    assert len(name.encode()) <= 255 - len(".xlsx")
