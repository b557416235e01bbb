"""`kpictl schema`: what an editor is told of the plan language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from kpictl.cli import app

ROOT = Path(__file__).parent.parent
PLANS = [ROOT / "kpi.yaml.example", *sorted(ROOT.glob("examples/*/kpi.yaml"))]


def schema() -> dict[str, Any]:
    done = CliRunner().invoke(app, ["schema"])
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def as_json(text: str) -> Any:
    """Return a plan as an editor sees it: keys are texts."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return plain(yaml.safe_load(text))


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.parent.name)
def test_an_editor_finds_no_fault_with_the_examples(plan: Path) -> None:
    """Every example plan is valid by the schema that editors complete and check from."""
    jsonschema.validate(as_json(plan.read_text("utf-8")), schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [("weight: 20", "wieght: 20"), ("score: linear", "score: lineal"), ("kpis:", "kpi:")],
)
def test_an_editor_marks_what_the_plan_would_be_rejected_for(old: str, new: str) -> None:
    """A misspelt key or shape is wrong by the schema too."""
    text = (ROOT / "examples/sales/kpi.yaml").read_text("utf-8").replace(old, new, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(text), schema())
