"""What scripts rely on: warnings that end a command with an exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import typer

from kpictl.errors import Problem, SourceError

WARNED = 5  # the exit code of a result that was written, and that somebody must look at


def refuse_incomplete(problems: Iterable[Problem]) -> None:
    """Stop with what is missing of the period, before anything is written (--require-complete)."""
    from kpictl.completeness import incomplete

    missing = [replace(problem, level="error") for problem in incomplete(problems)]
    if missing:
        raise SourceError(missing)


def stop_at_warnings(problems: Iterable[Problem]) -> None:
    """End with an exit code of its own where there is a warning (--strict)."""
    if any(problem.level == "warning" for problem in problems):
        raise typer.Exit(WARNED)
