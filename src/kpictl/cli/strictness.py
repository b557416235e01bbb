"""What scripts rely on: warnings that end a command with an exit code."""

from __future__ import annotations

from collections.abc import Iterable

import typer
from msgspec.structs import replace

from kpictl.cli.options import Common
from kpictl.errors import Problem, SourceError

WARNED = 5  # the exit code of a result that was written, and that somebody must look at


def refuse_incomplete(problems: Iterable[Problem]) -> None:
    """Stop with what is missing of the period, before anything is written (--require-complete)."""
    from kpictl.measure.completeness import incomplete

    missing = [replace(problem, level="error") for problem in incomplete(problems)]
    if missing:
        raise SourceError(missing)


def remarks(problems: Iterable[Problem], chosen: Common, *, shown: bool) -> None:
    """Say on stderr what a reader must know, unless a page has shown it, and, where it is not to
    be quiet, what whoever keeps the plan should know."""
    from kpictl.cli.errors import tell

    problems = list(problems)
    notes = [p for p in problems if p.level == "note" and not chosen.quiet]
    warnings = [p for p in problems if p.level != "note" and not shown]
    tell([*warnings, *notes], chosen, failed=False)


def stop_at_warnings(problems: Iterable[Problem]) -> None:
    """End with an exit code of its own where there is a warning (--strict)."""
    if any(problem.level == "warning" for problem in problems):
        raise typer.Exit(WARNED)
