"""`kpictl init`: a plan to start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kpictl.cli import app

ROOT = Path(__file__).parent.parent
TEMPLATES = ("sales", "marketing", "support")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    return tmp_path


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_the_plan_of_the_example_of_its_name(here: Path, template: str) -> None:
    """What `init` writes says the same as the example that the documents show."""
    assert CliRunner().invoke(app, ["init", "-t", template]).exit_code == 0
    written = yaml.safe_load((here / "kpi.yaml").read_text("utf-8"))
    example = yaml.safe_load((ROOT / "examples" / template / "kpi.yaml").read_text("utf-8"))
    assert written == example


def test_an_existing_plan_is_kept_unless_forced(here: Path) -> None:
    """`init` never overwrites a plan that somebody may need."""
    (here / "kpi.yaml").write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(app, ["init"])
    assert refused.exit_code == 2
    assert (here / "kpi.yaml").read_text("utf-8") == "mine"
    assert CliRunner().invoke(app, ["init", "--force"]).exit_code == 0
    assert "kpictl: 1" in (here / "kpi.yaml").read_text("utf-8")


def test_an_unknown_template_names_those_there_are(here: Path) -> None:
    """A misspelt template is answered with the list."""
    refused = CliRunner().invoke(app, ["init", "-t", "sale"])
    assert refused.exit_code == 2
    assert "marketing" in refused.stderr
    assert not (here / "kpi.yaml").exists()
