"""What is the user's is not written over, and no secret is shown in an excerpt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
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
