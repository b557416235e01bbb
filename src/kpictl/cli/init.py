"""`kpictl init`: a commented plan to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from kpictl.cli.options import (
    DEFAULT_PLAN,
    Config,
    Lang,
    NoColor,
    Quiet,
    Verbose,
    common,
    language,
    out,
)
from kpictl.errors import UsageError

NAME = "init"


def run(  # noqa: PLR0913  the options that every command has, and two of its own
    ctx: typer.Context,
    template: Annotated[
        str, typer.Option("--template", "-t", help="sales, marketing or support.")
    ] = "sales",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a plan that is there.")] = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
    lang: Lang = None,
) -> None:
    """Write a commented kpi.yaml to start from. An existing one is kept unless --force."""
    from kpictl.cli.compute import write
    from kpictl.words import say

    chosen = common(ctx, config, quiet, verbose, no_color, lang)
    folder = resources.files("kpictl") / "templates"
    known = sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )
    if template not in known:
        raise UsageError("usage.template", given=template, known=", ".join(known))
    path = Path(config or DEFAULT_PLAN)
    if path.exists() and not force:
        raise UsageError("usage.exists", file=str(path))
    write(path, (folder / f"{template}.yaml").read_text("utf-8"))
    if not quiet:
        out(say(language(chosen), "usage.written", file=str(path)) + "\n")
