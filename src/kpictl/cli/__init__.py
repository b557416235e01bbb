"""The command line: the only room that prints, exits, and reads the clock and the environment.

Each command is a thin module; what it needs is imported when it runs, so that `--help` is instant.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kpictl._version import __version__

COMMANDS: Mapping[str, str] = {
    "init": "Write a commented kpi.yaml to start from. An existing one is kept unless --force.",
    "check": "Show every mistake in the plan at once, each with its place and the next step.",
    "pull": "Bring the records of the plan's portals into the store beside the plan.",
    "status": "Show what the store holds, to when it is complete, and what the last pulls did.",
    "fields": "List the fields of a kind of record: name, CRM code, type, how full, the commonest "
    "values.",
    "targets": "List every target of a period: whose, how much, where it is written, how it was "
    "made, what it overrules, who lacks one, and how much of each goal people have been given.",
    "compute": "Compute the scorecards of a period and print or write them.",
    "payroll": "Write the file that accounting imports: what is paid for a period, a row for each "
    "amount.",
    "trend": "Show a KPI (--kpi NAME) or the index (--index) over many periods, with a chart.",
    "watch": "Keep a board of a period on the terminal: ranks, facts, pace, forecast, the latest "
    "records.",
    "explain": "Prove a number: how it is made, its target, its points, and every record behind "
    "it.",
    "card": "Show one person's page: facts, points, pay, strengths, trend; nothing of a colleague.",
    "ready": "Go through the checklist before paying by a period: is anything missing of it, left "
    "out, unrated, or at odds with accounting?",
    "schema": "Print the JSON Schema of the plan, for completion and checks in an editor.",
}
"""The modules of this room that are a command, in the order of --help, and the first paragraph of
what each says of itself: the page of `kpictl --help` loads none of them."""


def _without_types(params: list[Any]) -> list[Any]:
    """Take the word for their type from the flags in --help: they take no value."""
    for param in params:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
    return params


class _Piped:
    """Takes it for no failure that somebody reads only a part of a page of help."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read the command line; --help and --version are written here."""
        try:
            return super().make_context(*args, **more)  # type: ignore[misc]
        except BrokenPipeError:  # `kpictl --help | head -1`: the library would end it with 1
            from kpictl.cli.errors import silence

            silence()
            sys.exit(0)


class _Command(_Piped, TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))


class _Commands(Mapping[str, Any]):
    """The commands by name, each loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS


def _paragraphs(text: str | None) -> str:
    """Return a docstring with a line for each paragraph: the window decides where they break."""
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def _load(name: str) -> Any:
    run = import_module(f"kpictl.cli.{name}").run
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name=name, cls=_Command, help=_paragraphs(run.__doc__))(run)
    return typer.main.get_command(alone)


class _Group(_Piped, TyperGroup):
    """Turns what went wrong into a message and an exit code, in one place."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _Commands()})

    def list_commands(self, _: Any) -> list[str]:
        return list(COMMANDS)

    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page of --help: ours, where it is the same as typer's."""
        from kpictl.cli import help_page

        paper = help_page.paper(sys.stdout, os.environ)
        if paper is None:
            super().format_help(ctx, formatter)
            return
        named = [(max(p.opts, key=len), min(p.opts, key=len), p.help) for p in self.get_params(ctx)]
        options = [(name, "" if letter == name else letter, text) for name, letter, text in named]
        page = help_page.Page(
            self.get_usage(ctx), self.help or "", options, COMMANDS, self.epilog or ""
        )
        sys.stdout.write(help_page.draw(page, paper))

    def main(self, *args: Any, **more: Any) -> Any:
        """Run, and say in our way what the command line itself does not allow."""
        if not more.get("standalone_mode", True):
            return super().main(*args, **more)
        try:
            code = super().main(*args, **more | {"standalone_mode": False})
        except OSError as error:  # --help and --version are written before a command begins
            from kpictl.cli.errors import refused_by_system

            code = refused_by_system(error, None)
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
