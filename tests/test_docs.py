"""Every example in README.md and docs/ is run, and shows what really comes out (see `pages`)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from pages import BLOCKS, PAGES, ROOT, Block, Folders, needs, wrong

RUN = {"console", "yaml", "json", "python", "csv"}
# Shown, not run: what a shell does that is not ours, and pictures made of letters.
SHOWN = {"sh", "text", "crontab"}


def of(*languages: str) -> list[Any]:
    found = [b for b in BLOCKS if b.language in languages]
    return [pytest.param(block, id=block.name) for block in found]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("docs"))


def is_own(block: Block) -> bool:
    return bool(block.folder) and not block.folder.startswith("examples")


STORIES = sorted({(b.page.name, b.folder) for b in BLOCKS if is_own(b)})
ALONE = [pytest.param(b, id=b.name) for b in BLOCKS if b.language == "console" and not is_own(b)]


def agree(differences: Iterable[str]) -> None:
    found = "\n".join(differences)
    if found:
        pytest.fail(f"{found}\nIf that is how it should be: make docs", pytrace=False)


@pytest.mark.parametrize("block", ALONE)
def test_a_command_says_what_the_page_shows(block: Block, folders: Folders) -> None:
    """A console block over an example shows the real output."""
    if tool := needs(block.text):
        pytest.skip(f"{tool} is not installed: apt-get install {tool}")
    agree(wrong(block, folders))


@pytest.mark.parametrize(("page", "folder"), STORIES)
def test_a_story_goes_as_the_page_tells_it(page: str, folder: str, folders: Folders) -> None:
    """Files and commands of one folder, one after the other, give what the page shows."""
    found: list[str] = []
    for block in (b for b in BLOCKS if (b.page.name, b.folder) == (page, folder)):
        if "file" in block.said:
            folders.write(block)
        elif block.language == "console" and not needs(block.text):
            found.extend(wrong(block, folders))
    agree(found)


# --- other blocks ----------------------------------------------------------------------------

_BASE = """
kpictl: 1
company: {name: Pumps Ltd, currency: RUB, timezone: Europe/Moscow, language: en}
sources:
  crm:
    type: csv
    deals: examples/sales/data/DEAL_2024.csv
    leads: examples/sales/data/LEAD_2024.csv
    employees: examples/sales/data/employees.csv
  ads:
    type: csv
    ad_spend:
      path: examples/marketing/data/ads.csv
      fields: {day: {column: Дата, type: date}, owner: {column: Маркетолог, type: person}, spend: {column: Расход, type: money}}
  desk:
    type: csv
    tickets:
      path: examples/support/data/tickets.csv
      fields: {id: Ticket ID, agent: {column: Agent, type: person}, opened: {column: Opened, type: datetime}, first_reply: {column: First reply, type: datetime}, closed: {column: Closed, type: datetime}, status: Status, rating: {column: Rating, type: number}, reopened: {column: Reopened, type: bool}}
rates: {USD: 91.5, EUR: 98}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won_deals: {from: deals, count: rows, where: won, when: closed_at}
  new_clients: {from: deals, count: distinct client_id, where: won, when: closed_at}
  spend: {from: ad_spend, sum: spend, when: day, unit: money}
"""


_MIXED = ("company", "sources", "rates", "kpis")


def merged(fragment: dict[str, Any]) -> dict[str, Any]:
    """Put a piece of a plan into a whole one; what it does not say stands in the base."""
    whole: dict[str, Any] = yaml.load(_BASE, yaml.BaseLoader)  # noqa: S506  texts only
    for key, value in fragment.items():
        old = whole.get(key)
        if key in _MIXED and isinstance(old, dict) and isinstance(value, dict):
            value = {**old, **value}  # noqa: PLW2901
        whole[key] = value
    return whole


@pytest.mark.parametrize("block", [b for b in of("yaml") if not is_own(b.values[0])])
def test_a_piece_of_a_plan_computes(block: Block, folders: Folders, tmp_path: Path) -> None:
    """YAML in a page is a plan, or becomes one with the rest filled in, and can be computed."""
    from kpictl.api import compute

    fragment = yaml.load(block.text, yaml.BaseLoader)  # noqa: S506  texts only
    plan = fragment if "kpictl" in fragment else merged(fragment)
    path = folders.root / f"{tmp_path.name}.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), "utf-8")
    as_of = datetime(2024, 7, 1, tzinfo=UTC)
    compute(path, period="2024-05", as_of=as_of, environment={})


@cache
def results_schema() -> dict[str, Any]:
    from kpictl.report.json import schema

    return schema()


@pytest.mark.parametrize("block", of("json"))
def test_json_fits_the_schema(block: Block) -> None:
    """JSON in a page is a part of the results as their schema describes them."""
    import jsonschema

    whole, part = results_schema(), block.said["part"]
    schema = whole if part == "results" else {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(json.loads(block.text))


@pytest.mark.parametrize("block", of("python"))
def test_python_runs(block: Block, folders: Folders) -> None:
    """Python in a page runs to its end, without a warning."""
    call = [sys.executable, "-W", "error", "-c", block.text]
    done = subprocess.run(call, cwd=folders.of(block), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_block_is_run_or_known_not_to_be() -> None:
    """No block has a language that nothing looks at."""
    assert {b.name: b.language for b in BLOCKS if b.language not in RUN | SHOWN} == {}
    assert [b.name for b in BLOCKS if b.language == "csv" and "file" not in b.said] == []


# --- the pages as a whole --------------------------------------------------------------------


def test_the_generated_parts_are_current() -> None:
    """The tables of keys and docs/cli.md say what the code says."""
    call = [sys.executable, "docs/make_reference.py", "--check"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def commands() -> dict[str, Any]:
    import typer

    from kpictl.cli import app

    root: Any = typer.main.get_command(app)
    return {"kpictl": root, **{f"kpictl {name}": one for name, one in root.commands.items()}}


@pytest.mark.parametrize("command", commands())
def test_every_option_is_in_the_page_and_in_help(command: str) -> None:
    """docs/cli.md and --help know the same options of every command."""
    from typer.testing import CliRunner

    from kpictl.cli import app

    page = (ROOT / "docs/cli.md").read_text("utf-8")
    shown = page.split(f"```text\n{command} ", 1)[1].split("```", 1)[0]
    call = [*command.split()[1:], "--help"]
    helped = CliRunner().invoke(app, call, env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    for param in commands()[command].params:
        is_shown = param.param_type_name == "option" and not param.hidden
        for option in param.opts if is_shown else ():
            assert option in shown
            assert option in helped


_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link inside the project leads to a file, and to a heading in it, that exist."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = {next(t for t in found if t) for found in _LINK.findall(text)}
    lost = []
    for target in targets:
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def test_the_picture_shows_the_real_output() -> None:
    """docs/images/compute.svg holds the words that the sales example prints today."""
    call = [sys.executable, "docs/make_images.py", "--check"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_page_knows_the_machine_it_was_written_on() -> None:
    """No page holds a path of somebody's machine."""
    pattern = re.compile(r"/(?:work|root|home|Users|tmp)/")
    assert [p.name for p in PAGES if pattern.search(p.read_text("utf-8"))] == []
