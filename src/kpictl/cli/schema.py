"""`kpictl schema`: JSON Schemas, for editors and for readers of our JSON."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kpictl.cli.options import Config, Lang, NoColor, Quiet, Verbose, common, out

NAME = "schema"


def run(  # noqa: PLR0913  the options that every command has
    ctx: typer.Context,
    results: Annotated[
        bool, typer.Option("--results", help="The schema of `compute --format json` instead.")
    ] = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
    lang: Lang = None,
) -> None:
    """Print the JSON Schema of the plan, for completion and checks in an editor."""
    common(ctx, config, quiet, verbose, no_color, lang)
    if results:
        from kpictl.report.json import schema

        found = schema()
    else:
        from kpictl.plan.schema import plan_schema

        found = plan_schema()
    out(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
