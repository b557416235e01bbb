"""`kpictl status`: what the store holds, and to when it is complete; without network or key."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from kpictl.cli.options import Common, command, out, page_text
from kpictl.errors import UsageError


@command
def run(
    chosen: Common,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="text|json",
            help="text (default) or json.",
            show_default=False,
        ),
    ] = "text",
) -> None:
    """Show what the store holds, to when it is complete, and what the last pulls did.

    Asks no portal: what stands here is what `kpictl compute` computes with.
    """
    from kpictl.app.status import standing
    from kpictl.cli import status_view
    from kpictl.cli.errors import mask

    if form not in ("text", "json"):
        raise UsageError("report.unknown_format", name=form, known="text, json")
    found = standing(chosen.plan, os.environ)
    if form == "json":
        out(mask(status_view.to_json(found)))
    else:
        out(mask(page_text(status_view.Page, found, chosen)))
