"""The command line: the only room that prints, exits, and reads the clock and the environment.

Each command is a thin module; what it needs is imported when it runs, so that `--help` is instant.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kpictl._version import __version__
from kpictl.cli import (
    check,
    compute,
    explain,
    fields,
    init,
    pull,
    schema,
    status,
    targets,
    trend,
    watch,
)
from kpictl.errors import UsageError


def _without_types(params: list[Any]) -> list[Any]:
    """Take the word for their type from the flags in --help: they take no value."""
    for param in params:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
    return params


class _Command(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))


class _Group(TyperGroup):
    """Turns what went wrong into a message and an exit code, in one place."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))

    def main(self, *args: Any, **more: Any) -> Any:
        """Run, and say in our way what the command line itself does not allow."""
        if not more.get("standalone_mode", True):
            return super().main(*args, **more)
        try:
            code = super().main(*args, **more | {"standalone_mode": False})
        except BrokenPipeError:  # `kpictl --help | head -1`
            from kpictl.cli.errors import silence

            silence()
            code = 0
        except OSError as error:  # --help and --version are written before a command begins
            from kpictl.cli.errors import refused_by_system

            refused_by_system(error, None)
            code = UsageError.exit_code
        except Exception as error:
            if not hasattr(error, "format_message"):  # only a wrong command line has one
                raise
            from kpictl.cli.errors import refuse

            refuse(error)
            code = error.exit_code  # type: ignore[attr-defined]
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        from kpictl.cli.errors import failing

        with failing(ctx):
            return super().invoke(ctx)


app = typer.Typer(
    name="kpictl",
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="KPI scorecards from CRM records and CSV exports: exact, ranked, explainable.",
    epilog="Start with: kpictl init --template sales. Every number: kpictl explain.",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"kpictl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """KPI scorecards from CRM records and CSV exports: exact, ranked, explainable."""


def _paragraphs(text: str | None) -> str:
    """Return a docstring with a line for each paragraph: the window decides where they break."""
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


for command in (init, check, pull, status, fields, targets, compute, trend, watch, explain, schema):
    told = _paragraphs(command.run.__doc__)
    app.command(name=command.NAME, cls=_Command, help=told)(command.run)


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # ours uses none; looking takes time
    gc.disable()  # a short life: looking for cycles costs more than they hold
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A console that cannot show a letter shows a sign instead of failing.
            reconfigure(errors="replace")
    try:
        app()
    except SystemExit as stop:
        if stop.code in _STOPPED:
            _leave(stop.code)
        raise


_STOPPED = (130, 143, 129)  # by Ctrl-C, by SIGTERM, by SIGHUP


def _leave(code: int) -> None:
    """End at once: threads that still wait for a portal are waited for by nobody."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
