"""Inputs by chance: whatever a plan, a file or a portal's answer is, nothing fails inside.

Each seed is an input of its own. The suite runs some of them, `make hard` 10,000 plans, 1,500
companies, 5,000 files and 500 answers. What once went wrong is kept in `fuzz/corpus`, each with what is right.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from fuzz import answers, companies, figures, files, plans
from fuzz.promises import Case, broken, run
from hard import HARD, seeds

CHUNK = 50
CORPUS = sorted(path for path in (Path(__file__).parent / "fuzz" / "corpus").iterdir())


SPOILT = range(332, 372)
"""Seeds of which some spoil a piece of a plan that all are made of."""


def chunks(few: int, many: int, size: int = CHUNK) -> range:
    """Return the first seed of each part of a series, so that several processes share it."""
    return range(0, len(seeds(few, many)), size)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KPICTL_CONFIG", "BITRIX24_WEBHOOK_URL", "NO_SUCH"):
        monkeypatch.delenv(name, raising=False)


def run_all(case: Callable[[int], Case], first: int, folder: Path) -> tuple[int, dict[int, str]]:
    """Run a part of a series; return how many of it computed, and by seed what was broken."""
    computed, faults = 0, {}
    for seed in range(first, first + CHUNK):
        done, found = broken(case(seed), folder, twice=seed % 5 == 0)
        computed += done.computed
        if found:
            faults[seed] = f"{found} {done.stderr[-300:]}"
    return computed, faults


@pytest.mark.parametrize("first", chunks(50, 10_000))
def test_no_plan_ends_in_an_internal_error(first: int, tmp_path: Path) -> None:
    """A documented exit code, whole outputs or none, no formula in a cell, no secret, the same
    bytes again; and more than a third of the plans compute (by chance about half of them), or
    `check` alone would be tested."""
    computed, faults = run_all(plans.case, first, tmp_path)
    assert not faults
    assert computed * 3 > CHUNK


@pytest.mark.parametrize("first", chunks(25, 1_500, 25))
def test_no_company_ends_in_an_internal_error(first: int, tmp_path: Path) -> None:
    """The same of whole companies, with people who move, working time, divided goals and pay; of
    every third both engines say the same, results are kept exactly, and shares add up."""
    computed, faults = 0, {}
    for seed in range(first, first + 25):
        case = companies.case(seed)
        if seed % 3 == 0 and "-p" in case.words:
            folder = tmp_path / str(seed)
            folder.mkdir()
            done, lost = figures.broken(case, folder)
        else:
            outcome, lost = broken(case, tmp_path, twice=seed % 15 == 1)
            done = outcome.computed
        computed += done
        if lost:
            faults[seed] = lost
    assert not faults
    assert computed * 4 > 25


@pytest.mark.parametrize("first", chunks(50, 5_000))
def test_no_file_ends_in_an_internal_error(first: int, tmp_path: Path) -> None:
    """The same of CSV files, workbooks and pages whose cells, lines, captions or bytes are odd."""
    _, faults = run_all(files.case, first, tmp_path)
    assert not faults


@pytest.mark.parametrize("first", chunks(20, 500, 20))
def test_no_answer_of_a_portal_ends_in_an_internal_error(first: int, tmp_path: Path) -> None:
    """Whatever a portal answers: a documented exit code, no key in a message, the store as it was
    or new (looked at for some of them, `make hard` for all); and the next honest pull heals it."""
    faults = {}
    for seed in range(first, first + 20):
        computes = HARD or seed % 5 == 0
        done, found, spoiler = answers.broken(seed, tmp_path, computes=computes)
        if found:
            faults[seed] = f"{found} {dict(spoiler.happened)} {done.stderr[-300:]}"
    assert not faults


def test_a_seed_is_one_input() -> None:
    """Who reports a seed reports an input: it is the same on every machine and day."""
    for case in (plans.case, companies.case):
        made = [case(seed) for seed in SPOILT]
        assert [case(seed) for seed in SPOILT] == made
    assert files.case(7).words == files.case(7).words


@pytest.mark.parametrize("kept", CORPUS, ids=lambda path: path.name)
def test_what_once_went_wrong_is_right(kept: Path, tmp_path: Path) -> None:
    """`right.txt` says with which exit code a case ends, and what is then shown."""
    folder = shutil.copytree(kept, tmp_path / "case")
    code, *shown = (kept / "right.txt").read_text("utf-8").splitlines()
    with chdir(folder):
        done = run("compute", "-p", "2024-05", "--as-of", "2024-07-01", "-f", "csv")
    assert done.code == int(code), done.stderr
    said = done.stdout.decode() + done.stderr
    assert [text for text in shown if text not in said] == []
