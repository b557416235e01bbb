"""What check, fields, status and pull write with `--format json`, held against its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.cli.schema import OUTPUTS
from portal import Portal, World

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources:
  files: {type: csv, own: {path: own.csv, fields: {day: {column: День, type: date}, sum: {column: Сумма, type: number}}}}
  crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  own: {from: own, sum: sum, when: day, by: none}
scorecards: {s: {kpis: {revenue: {weight: 100}}}}
"""
OWN = "Кто;День;Сумма\nАнна Белова;2024-05-02;10,5\nОлег Ким;2024-05-03;11\n"


def written(*words: str) -> Any:
    """Return what a command writes."""
    return json.loads(CliRunner().invoke(app, list(words)).stdout)


def schema(command: str) -> dict[str, Any]:
    found: dict[str, Any] = written("schema", "--of", command)
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def closed(node: Any) -> Any:
    """Return a schema that accepts no field that it does not describe."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict):
        found.setdefault("additionalProperties", False)
        assert all(
            "description" in one or "$ref" in one or "const" in one
            for one in node["properties"].values()
        )
    return found


def hold(command: str, *words: str) -> Any:
    """Return what a command writes, which must be what its schema describes and nothing else."""
    found = written(command, *words, "-f", "json")
    jsonschema.Draft202012Validator(closed(schema(command))).validate(found)
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "own.csv").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "BITRIX24_WEBHOOK_URL", "https://example.bitrix24.ru/rest/1/abcdefgh12345678/"
    )
    return tmp_path


def test_check_fields_and_status_are_as_their_schemas_say(here: Path) -> None:
    """Before anything was pulled: mistakes with and without a place, files, a portal never asked."""
    spoilt = PLAN.replace("weight: 100", "weight: 60") + "nothing: 1\n"
    (here / "kpi.yaml").write_text(spoilt, encoding="utf-8")
    problems = hold("check")
    (here / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    assert "error" in {one["level"] for one in problems}
    assert hold("fields", "own")["records"] == 2
    status = hold("status")
    assert {one["type"] for one in status["sources"]} == {"csv", "bitrix24"}


def test_a_pull_and_what_is_here_after_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pull has done, what its store holds, and the fields of a portal."""
    portal = Portal(World.sample(1, deals=20))
    with portal.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook)
        assert hold("pull", "-q")["pulls"][0]["changes"]["deals"]
        status = hold("status")
        fields = hold("fields", "deals")
    assert status["sources"][1]["entities"]
    assert {one["holds"] for one in fields["fields"]} > {"values", "nothing"}


def test_a_schema_of_each_command_that_writes_json(here: Path) -> None:
    """Every command with `--format json` has a schema; another name is refused with those there are."""
    assert all(schema(command)["title"] for command in OUTPUTS)
    assert written("schema", "--of", "compute") == written("schema", "--results")
    refused = CliRunner().invoke(app, ["schema", "--of", "init"])
    assert refused.exit_code == 2
    assert f"есть: {', '.join(OUTPUTS)}\n" in refused.output


def test_a_schema_refuses_another_shape(here: Path) -> None:
    """A level that there is not, a missing key: the schema is no blank cheque."""
    (here / "kpi.yaml").write_text(PLAN + "nothing: 1\n", encoding="utf-8")
    good = hold("check")
    for wrong in ([{**good[0], "level": "fatal"}], [{"code": "x"}], {"problems": good}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema("check"))
