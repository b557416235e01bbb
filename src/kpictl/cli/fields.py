"""`kpictl fields`: what a kind of record has to offer to a plan."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kpictl.cli.options import Common, command, is_terminal, language, out
from kpictl.errors import UsageError

if TYPE_CHECKING:
    from kpictl.app.profile import Contents

_FORMATS = ("table", "json", "csv")


@command
def run(
    chosen: Common,
    entity: Annotated[
        str, typer.Argument(help="deals, leads, … or whatever the plan calls its records.")
    ],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Of this source of the plan.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format", "-f", metavar="table|json|csv", help="Default: table.", show_default=False
        ),
    ] = "table",
) -> None:
    """List the fields of a kind of record: name, CRM code, type, how full, the commonest values.

    Values stand here as conditions of a plan see them. Telephones, e-mails, comments and the like
    are counted, never shown.
    """
    if form not in _FORMATS:
        raise UsageError("report.unknown_format", name=form, known=", ".join(_FORMATS))
    from kpictl.app.profile import contents
    from kpictl.cli import fields_view
    from kpictl.cli.errors import mask

    found = contents(chosen.plan, os.environ, entity, source)
    if form == "json":
        out(mask(fields_view.to_json(found)))
    elif form == "csv":
        out(mask(fields_view.to_csv(found)))
    else:
        out(mask(_table(found, chosen)))


def _table(found: Contents, chosen: Common) -> str:
    from kpictl.cli.fields_view import Page

    terminal = is_terminal(sys.stdout)
    width = shutil.get_terminal_size((100, 24)).columns if terminal else None
    page = Page(found, language(chosen), width=width, color=chosen.color(sys.stdout))
    return "".join(line + "\n" for line in page.lines())
