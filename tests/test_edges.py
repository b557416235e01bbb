"""The edges of a command: stopped while it starts, a full disk, names too long for any file."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from contextlib import chdir
from pathlib import Path

import pytest

from fuzz.promises import run

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and devices of POSIX")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is full here")
ORDERS = "closed,manager,amount\n2024-05-02,Ann,100\n2024-05-06,Ben,200\n"
PLAN = """\
kpictl: 1
sources: {shop: {type: csv, orders: orders.csv}}
kpis: {n: {from: orders, sum: amount, when: closed, by: manager}}
"""
# What the installed script does; the one that is installed here may be of an earlier day.
PROJECT = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8"))
MODULE, _, FUNCTION = PROJECT["project"]["scripts"]["kpictl"].partition(":")
STARTS = {
    "script": [sys.executable, "-c", f"from {MODULE} import {FUNCTION}; {FUNCTION}()"],
    "module": [sys.executable, "-m", "kpictl"],
}
STRIKE = "import os, signal, time\nos.kill(os.getpid(), signal.{name})\ntime.sleep(20)\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    return tmp_path


@POSIX
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("module", ["typer", "yaml", "duckdb"])
@pytest.mark.parametrize(
    ("name", "codes"), [("SIGINT", {130}), ("SIGTERM", {143, -15}), ("SIGHUP", {129, -1})]
)
def test_a_signal_during_an_import_ends_the_command(
    start: str, module: str, name: str, codes: set[int], here: Path
) -> None:
    """While modules are being imported, the first and the late ones: no traceback, the exit code of
    the signal (a shell shows the death by a signal as the same code)."""
    (here / "late").mkdir()
    (here / "late" / f"{module}.py").write_text(STRIKE.format(name=name))
    done = subprocess.run(
        [*STARTS[start], "compute", "-p", "2024-05"], cwd=here, capture_output=True, text=True,
        check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(here / "late"), "LANG": "C"},
    )  # fmt: skip
    assert done.returncode in codes, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@FULL
@pytest.mark.parametrize(
    "words",
    [["--help"], ["--version"], ["compute", "--help"], ["schema"], ["check"], ["check", "-f", "json"],
     *(["compute", "-p", "2024-05", "-f", form] for form in ("table", "json", "csv", "xlsx")),
     ["explain", "n", "-p", "2024-05"], ["explain", "n", "-p", "2024-05", "--csv", "-"]],
    ids=" ".join,
)  # fmt: skip
def test_a_full_disk_under_stdout_is_told(words: list[str], here: Path) -> None:
    """Exit code 2 and a sentence, also of what is written before a command begins."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*STARTS["module"], *words], cwd=here, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@FULL
@pytest.mark.parametrize(
    "words",
    [*(["compute", "-p", "2024-05", "-f", form, "-o", "/dev/full"] for form in ("table", "json", "csv", "xlsx")),
     ["explain", "n", "-p", "2024-05", "--csv", "/dev/full"]],
    ids=" ".join,
)  # fmt: skip
def test_a_full_disk_under_an_output_is_told(words: list[str], here: Path) -> None:
    """The same of every option that names a file."""
    with chdir(here):
        done = run(*words)
    assert (done.code, done.stdout) == (2, b"")
    assert "/dev/full" in done.stderr


@POSIX
@pytest.mark.parametrize("words", [["compute", "-p", "2024-05", "-o", "me.csv"],
                                   ["explain", "n", "-p", "2024-05", "--csv", "me.csv"],
                                   ["init", "-c", "me.csv"], ["check", "-c", "me.csv"]])  # fmt: skip
def test_a_link_to_itself_is_no_file(words: list[str], here: Path) -> None:
    """It is told, and stays what it is."""
    (here / "me.csv").symlink_to("me.csv")
    with chdir(here):
        done = run(*words)
    assert done.code in (2, 3)
    assert "me.csv" in done.stdout.decode() + done.stderr
    assert (here / "me.csv").is_symlink()


LONG = ["x" * 400, "я" * 400, "a/" * 300, "x" * 70_000]


@pytest.mark.parametrize("text", LONG, ids=["letters", "cyrillic", "folders", "very long"])
def test_a_text_too_long_for_a_file_is_told(text: str, here: Path) -> None:
    """In options and in the plan: a documented exit code and a message."""
    keys = [
        PLAN.replace("orders: orders.csv", f"orders: {text}"),
        PLAN.replace("orders: orders.csv", f"orders: [{text}, {text}]"),
        PLAN.replace("orders.csv}", f"orders.csv, employees: {text}}}"),
        PLAN + f"company: {{currency: EUR}}\nrates: {text}\n",
        PLAN + f"targets: {{file: {text}}}\n",
    ]
    calls = [
        ["compute", "-p", "2024-05", "-o", f"{text}.csv"],
        ["compute", "-p", "2024-05", "-c", text],
        ["explain", "n", "-p", "2024-05", "--csv", text],
        ["init", "-c", text],
        ["init", "--from", text],
    ]
    with chdir(here):
        for words in calls:
            done = run(*words)
            assert done.code in (2, 3), (words[:4], done.stderr[:300])
            assert 0 < len(done.stderr) < 1000
        for plan in keys:
            (here / "kpi.yaml").write_text(plan, encoding="utf-8")
            done = run("compute", "-p", "2024-05", "-f", "csv")
            assert done.code in (3, 4), done.stderr[:300]
            assert 0 < len(done.stderr) < 2000
            assert done.stdout == b""


@pytest.mark.parametrize("text", ["x" * 70_000, "x " * 35_000], ids=["one word", "many words"])
def test_no_message_shows_the_whole_of_a_text_without_end(text: str, here: Path) -> None:
    """Its begin and its end are shown: who passes a file's content for its name sees the message."""
    calls = (
        "check -c", "check", "", "init", "fields", "explain", "compute -p", "status -c", "pull -c",
        "compute -p 2024-05 --as-of", "compute -p 2024-05 -f", "compute -p 2024-05 -o",
        "compute -p 2024-05 -e", "compute -p 2024-05 -d", "compute -p 2024-05 --sort",
    )  # fmt: skip
    with chdir(here):
        for words in calls:
            done = run(*words.split(), text)
            message = done.stdout.decode() + done.stderr
            assert done.code in (2, 3, 4), words
            assert 0 < len(message) < 1000, words
            assert text[:20].strip() in message, words


YEARS = ["1899-12-31", "2200-01-01", "9999-12-31", "0001-01-01"]


@pytest.mark.parametrize("day", YEARS)
def test_a_year_beyond_the_calendar_is_told_everywhere(day: str, here: Path) -> None:
    """Periods, --as-of, targets of the plan and of a file, rates of both, employees."""
    with chdir(here):
        for words in (["-p", day], ["-p", "2024-05", "--as-of", day], ["-p", day[:4]]):
            assert run("compute", "-f", "csv", *words).code == 2, words
        card = "scorecards: {team: {kpis: {n: {weight: 100, target: {%s: 5}}}}}\n"
        (here / "rates.csv").write_text(f"date,currency,rate\n{day},USD,0.9\n")
        (here / "t.csv").write_text(f"employee,kpi,period,target\nAnn,n,{day},5\n")
        (here / "e.csv").write_text(f"Name,Hired\nAnn,{day}\nBen,2020-01-01\n")
        company = PLAN.replace("sources:", "company: {currency: EUR}\nsources:")
        for plan in (
            PLAN + card % day,
            PLAN + card % "2024-05" + "targets: {file: t.csv}\n",
            company + "rates: rates.csv\n",
            company + f"rates: {{USD: {{{day}: 0.9}}}}\n",
            PLAN.replace("orders.csv}", "orders.csv, employees: e.csv}"),
        ):
            (here / "kpi.yaml").write_text(plan, encoding="utf-8")
            done = run("compute", "-p", "2024-05", "-f", "csv")
            assert done.code in (3, 4), plan
            assert not done.stdout


@POSIX
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_who_reads_only_a_part_of_the_help_is_no_failure(start: str, word: str) -> None:
    """`kpictl --help | head -1` ends with 0, also where the reader has gone before the first word."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [*STARTS[start], word], stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


WATCHED = """
import atexit, runpy, sys
atexit.register(lambda: print("asked for at the end", flush=True))
WATCH
sys.argv = ["kpictl", "--version"]
runpy.run_module("kpictl", run_name="__main__")
"""


PROFILED = """
import cProfile
own = cProfile.Profile()
own.enable()
atexit.register(lambda: print("profiled", len(own.getstats()) > 9, flush=True))
"""


@pytest.mark.parametrize(("watch", "said"), [("", b""), (PROFILED, b"profiled True")])
def test_what_was_asked_for_at_the_end_of_the_process_is_done(watch: str, said: bytes) -> None:
    """A command ends without taking the interpreter apart; handlers run, and a profiler reports."""
    script = WATCHED.replace("WATCH", watch)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"asked for at the end" in done.stdout
    assert said in done.stdout
