"""`kpictl schema`: JSON Schemas, for editors and for readers of our JSON."""

from __future__ import annotations

import json
from importlib import resources
from typing import Annotated, Any

import typer

from kpictl.cli.options import Common, command, out
from kpictl.errors import UsageError

OUTPUTS = ("compute", "card", "trend", "targets", "ready", "check", "fields", "status", "pull")
"""The commands that write JSON."""


@command
def run(
    chosen: Common,
    results: Annotated[
        bool, typer.Option("--results", help="The schema of `compute --format json` instead.")
    ] = False,
    of: Annotated[
        str | None,
        typer.Option(
            "--of",
            metavar="|".join(OUTPUTS),
            help="The schema of what this command writes with --format json instead.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of the plan, for completion and checks in an editor."""
    del chosen  # a schema is the same for everybody
    if of is not None and of not in OUTPUTS:
        raise UsageError("schema.no_json", name=of, known=", ".join(OUTPUTS))
    found = output_schema(of or "compute") if results or of else _plan_schema()
    out(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def output_schema(command: str) -> dict[str, Any]:
    """Return the JSON Schema of what a command of `OUTPUTS` writes with `--format json`."""
    if command == "compute":
        from kpictl.report.json import schema

        return schema()
    if command == "card":
        from kpictl.report.card.json import schema as card_schema

        return card_schema()
    text = resources.files("kpictl.cli").joinpath("outputs.schema.json").read_text("utf-8")
    whole: dict[str, Any] = json.loads(text)
    return {**whole, "title": f"kpictl {command}", "$ref": f"#/$defs/{command}"}


def _plan_schema() -> dict[str, Any]:
    from kpictl.plan.schema import plan_schema

    return plan_schema()
