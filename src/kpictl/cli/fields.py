"""`kpictl fields`: what a kind of record has to offer to a plan."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from kpictl.cli.options import Common, command, out, page_text
from kpictl.errors import UsageError

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
        out(mask(page_text(fields_view.Page, found, chosen)))
