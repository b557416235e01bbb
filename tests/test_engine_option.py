"""`--engine plain`: a second engine does the whole job, so that every number can be checked by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.kinds import KINDS

EXAMPLES = Path(__file__).parent.parent / "examples"
PLANS = sorted(EXAMPLES.glob("*/kpi.yaml"))


def output(plan: Path, engine: str, *command: str) -> bytes:
    """Return what a command prints when this engine computes."""
    arguments = [*command, "-q", "-c", str(plan), "-p", "2024-05", "--as-of", "2024-06-10"]
    result = CliRunner().invoke(app, [*arguments, "--engine", engine])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.parent.name)
def test_both_engines_give_one_report(plan: Path) -> None:
    """The JSON of an example is the same to the last byte, whichever engine computes."""
    command = ("compute", "-f", "json")
    assert output(plan, "plain", *command) == output(plan, "duckdb", *command)


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.parent.name)
def test_both_engines_bring_the_same_evidence(plan: Path) -> None:
    """A KPI of each kind is proved with the same records, in the same order, by both."""
    kpis = yaml.safe_load(plan.read_text("utf-8"))["kpis"]
    of_kinds = {verb: kpi for kpi, spec in kpis.items() for verb in spec if verb in KINDS}
    for kpi in dict.fromkeys(of_kinds.values()):
        command = ("explain", kpi, "--csv", "-")
        assert output(plan, "plain", *command) == output(plan, "duckdb", *command), kpi
