"""What a user sees when a command fails: what is wrong, why it matters, what to do next."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import typer

from kpictl import masking
from kpictl.cli.options import Common, is_terminal, language
from kpictl.cli.stopping import stopping
from kpictl.errors import KpictlError, Problem, UsageError
from kpictl.naming import SHOWN, shortened


@contextmanager
def failing(ctx: Any) -> Iterator[None]:
    """Print an error of ours as a message and exit with its code; anything else is our bug."""
    try:
        with stopping() as stop:
            yield
    except KpictlError as error:
        chosen = ctx.find_root().obj
        problems = getattr(error, "problems", (error.problem,))
        tell(problems, chosen, failed=True)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _say(ctx.find_root().obj, "usage.interrupted")
        raise typer.Exit(stop.code) from None
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nothing is wrong.
        silence()
        raise typer.Exit(0) from None
    except (typer.Exit, typer.Abort, SystemExit):
        raise
    except OSError as error:
        if stop.came:
            _say(ctx.find_root().obj, "usage.interrupted")
            raise typer.Exit(stop.code) from None
        raise typer.Exit(refused_by_system(error, ctx.find_root().obj)) from None
    except Exception as error:
        if _is_click(error):
            raise
        if stop.came or is_interrupt(error):
            _say(ctx.find_root().obj, "usage.interrupted")
            raise typer.Exit(stop.code) from None
        _bug(error, ctx.find_root().obj)
        raise typer.Exit(1) from error


def refused_by_system(error: OSError, chosen: Common | None) -> int:
    """Say what the system did not let us do, most often write to a full disk; return the code to
    end with."""
    silence()
    detail = f"{error.strerror or error} {shortened(str(error.filename or ''))}".strip()
    _say(chosen, "usage.system", detail=detail)
    return UsageError.exit_code


def silence() -> None:
    """Take nothing more to a stdout that cannot be written: what is left in its buffer would fail
    again when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(problems: Iterable[Problem], chosen: Common | None, *, failed: bool) -> None:
    """Print problems to stderr: on a terminal with the lines of the plan that they stand in, else
    as one line each, with the level first. Errors come first, then warnings, then notes."""
    import shutil

    from kpictl.cli import problems as rendering

    found, lang = list(problems), language(chosen)
    if not is_terminal(sys.stderr):
        write(rendering.lines(found, lang))
        return
    for level in ("error", "warning", "note"):
        some = [problem for problem in found if problem.level == level]
        text = rendering.render(
            some,
            lang,
            sources=excerpts(some),
            color=chosen.color(sys.stderr) if chosen else False,
            width=shutil.get_terminal_size((100, 24)).columns,
            failed=failed and level == "error",
        )
        write(text)


def write(text: str) -> None:
    """Write to stderr, keys hidden; a stderr that was closed (`2>&-`) takes nothing."""
    if sys.stderr is not None and text:
        with suppress(OSError):
            sys.stderr.write(mask(text))
            sys.stderr.flush()


def mask(text: str) -> str:
    """Hide every key, also one that came out of the environment by a `${NAME}` of the plan."""
    return masking.mask(text, {v for k, v in os.environ.items() if _secret(k) and v})


def _secret(name: str) -> bool:
    return any(part in name.upper() for part in ("WEBHOOK", "SECRET", "TOKEN", "PASSWORD"))


def excerpts(problems: Iterable[Problem]) -> dict[str, str]:
    """Return the texts of the plans that problems stand in, for their lines to be shown."""
    from kpictl.plan.document import read_bytes

    found: dict[str, str] = {}
    for problem in problems:
        file = problem.place.file if problem.place else ""
        if file.endswith((".yaml", ".yml")) and file not in found:
            try:
                found[file] = read_bytes(file).decode("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                found[file] = ""
    return found


def _say(chosen: Common | None, key: str, **data: object) -> None:
    from kpictl.cli.problems import level
    from kpictl.words import say

    lang = language(chosen)
    begin = "" if is_terminal(sys.stderr) else f"{level('error', lang)}: "
    write(begin + say(lang, key, **data) + "\n")


def refuse(error: Any) -> None:
    """Say what the command line itself does not allow: an option that is not there, a value
    missing. On a terminal in a frame, else in one line."""
    if isinstance(said := getattr(error, "message", None), str):
        error.message = shortened(" ".join(map(shortened, said.split(" "))), 2 * SHOWN)
    if is_terminal(sys.stderr) or type(error).__name__ == "NoArgsIsHelpError":
        from typer import rich_utils

        rich_utils.rich_format_error(error)
        return
    from kpictl.cli.problems import level

    write(f"{level('error', language(None))}: {' '.join(error.format_message().split())}\n")


def _is_click(error: Exception) -> bool:
    return any(cls.__module__.split(".")[0] in ("click", "typer") for cls in type(error).__mro__)


def is_interrupt(error: BaseException) -> bool:
    """Say whether an error is Ctrl-C: in the middle of a query it comes out of the database as an
    error of its own."""
    if isinstance(error, KeyboardInterrupt):
        return True
    return type(error).__name__ in ("InterruptException", "RuntimeError") and (
        "interrupt" in str(error).lower()
    )


def _bug(error: Exception, chosen: Common | None) -> None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    detail = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(chosen, "usage.bug", detail=mask(detail), where=where)
    if chosen is not None and chosen.verbose:
        write("".join(traceback.format_exception(error)))
