"""The command line: exit codes, files written whole or not at all, secrets, what goes where."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: csv, deals: deals.csv}}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
scorecards: {sales: {kpis: {revenue: {weight: 100, target: 100}}}}
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;150;Анна;05.05.2024 10:00:00
2;Сделка успешна;50;Борис;06.05.2024 10:00:00
"""
COMPUTE = ["compute", "-p", "2024-05", "--as-of", "2024-06-30"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([*COMPUTE], 0),
        (["check"], 0),
        (["compute", "-p", "May"], 2),
        (["compute", "-p", "0001-01"], 2),
        ([*COMPUTE, "--format", "pdf"], 2),
        ([*COMPUTE, "-o", "report.pdf"], 2),
        ([*COMPUTE, "-e", "Вера"], 2),
        ([*COMPUTE, "-d", "Склад"], 2),
        ([*COMPUTE, "--as-of", "9999-12-31"], 2),
        ([*COMPUTE, "-c", "none.yaml"], 3),
    ],
)
def test_exit_codes_say_what_kind_of_trouble_it_is(here: Path, words: list[str], code: int) -> None:
    """0 is done, 2 a slip on the command line, 3 a rejected plan; none prints a traceback, and only
    what failed says an error."""
    found, out, err = run(*words)
    assert found == code
    assert "Traceback" not in out + err
    assert ("error: " in err) == bool(code)


def test_a_source_that_cannot_be_read_is_code_4(here: Path) -> None:
    """A bad cell stops the run with its place, and nothing is printed as a result."""
    (here / "deals.csv").write_text(DEALS.replace("150", "much"), encoding="utf-8")
    code, out, err = run(*COMPUTE)
    assert (code, out) == (4, "")
    assert "deals.csv:2:3" in err


def test_a_file_is_written_whole_or_not_at_all(here: Path) -> None:
    """A failing run leaves the old report as it was, and no half of a new one beside it."""
    (here / "report.json").write_text("old", encoding="utf-8")
    (here / "deals.csv").write_text(DEALS.replace("150", "much"), encoding="utf-8")
    assert run(*COMPUTE, "-o", "report.json")[0] == 4
    assert (here / "report.json").read_text("utf-8") == "old"
    (here / "deals.csv").write_text(DEALS, encoding="utf-8")
    assert run(*COMPUTE, "-o", "report.json")[0] == 0
    assert json.loads((here / "report.json").read_text("utf-8"))["kpictl"] == 1
    assert sorted(p.name for p in here.iterdir()) == ["deals.csv", "kpi.yaml", "report.json"]


@pytest.mark.skipif(os.name == "nt", reason="links and rights of POSIX")
def test_a_link_and_the_rights_of_a_file_are_kept(here: Path) -> None:
    """Through a link its target is replaced; a file keeps the rights that it had."""
    target = here / "real.json"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    (here / "link.json").symlink_to(target)
    assert run(*COMPUTE, "-o", "link.json")[0] == 0
    assert (here / "link.json").is_symlink()
    assert target.read_text("utf-8").startswith("{")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="named pipes of POSIX")
def test_what_is_no_regular_file_is_written_to_and_not_replaced(here: Path) -> None:
    """A pipe or a device given as output stays what it is."""
    pipe = here / "pipe.json"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")))
    reader.start()
    assert run(*COMPUTE, "-o", "pipe.json")[0] == 0
    reader.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert json.loads(read[0])["kpictl"] == 1


def test_results_and_remarks_go_different_ways(here: Path) -> None:
    """A script that reads stdout gets JSON and nothing else, whatever is remarked."""
    code, out, _ = run(*COMPUTE, "-f", "json")
    assert code == 0
    assert json.loads(out)["scorecards"][0]["rows"][0]["name"] == "Анна"


def test_filters_show_less_and_rank_the_same(here: Path) -> None:
    """Ranks are among everybody, whoever is shown."""
    rows = json.loads(run(*COMPUTE, "-f", "json", "-e", "Борис")[1])["scorecards"][0]["rows"]
    assert [(row["name"], row["rank"]) for row in rows] == [("Борис", 2)]
    rows = json.loads(run(*COMPUTE, "-f", "json", "--top", "1")[1])["scorecards"][0]["rows"]
    assert [row["name"] for row in rows] == ["Анна"]


def test_a_secret_of_the_environment_is_never_printed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook filled into a plan that is wrong shows in no message, text or JSON."""
    secret = "https://portal.example/rest/1/s3cr3tc0de/"
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", secret)
    broken = PLAN.replace("{type: csv, deals: deals.csv}", '{type: "${BITRIX24_WEBHOOK_URL}"}')
    (here / "kpi.yaml").write_text(broken, encoding="utf-8")
    for words in (["check"], ["check", "-f", "json"], COMPUTE):
        code, out, err = run(*words)
        assert code == 3
        assert "s3cr3tc0de" not in out + err


def test_the_language_is_the_plans_unless_asked_for(here: Path) -> None:
    """Reports and mistakes speak the plan's language; `--lang` changes it."""
    assert "Employee" in run(*COMPUTE)[1]
    assert "Сотрудник" in run(*COMPUTE, "--lang", "ru")[1]
    assert "период" in run("compute", "-p", "May", "--lang", "ru")[2]


@pytest.mark.parametrize("width", ["80", "200"])
def test_help_breaks_lines_only_at_the_edge(width: str) -> None:
    """A paragraph runs on to the edge of the window; a default is said once; flags have no type."""
    shown = CliRunner().invoke(app, ["pull", "--help"], env={"COLUMNS": width, "NO_COLOR": "1"})
    lines = [line.strip() for line in shown.output.splitlines()]
    (begin,) = (n for n, line in enumerate(lines) if line.startswith("The first time"))
    assert len(lines[begin]) > int(width) - 20
    assert "bool" not in shown.output
    told = CliRunner().invoke(app, ["status", "--help"], env={"COLUMNS": width, "NO_COLOR": "1"})
    assert told.output.count("default") == 1  # of --format
