"""`kpictl status`: what the store holds, and to when it is complete; without network or key."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kpictl.cli.options import Common, command, is_terminal, language, out
from kpictl.errors import UsageError

if TYPE_CHECKING:
    from kpictl.app.status import Standing


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
    from kpictl.cli.errors import mask

    if form not in ("text", "json"):
        raise UsageError("report.unknown_format", name=form, known="text, json")
    found = standing(chosen.plan, os.environ)
    if form == "json":
        from kpictl.cli.status_view import to_json

        out(mask(to_json(found)))
    else:
        out(mask(_text(found, chosen)))


def _text(found: Standing, chosen: Common) -> str:
    from kpictl.cli.status_view import Page

    terminal = is_terminal(sys.stdout)
    width = shutil.get_terminal_size((100, 24)).columns if terminal else None
    page = Page(found, language(chosen), width=width, color=chosen.color(sys.stdout))
    return "".join(line + "\n" for line in page.lines())
