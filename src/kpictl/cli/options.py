"""The options that every command has, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, get_type_hints
from zoneinfo import ZoneInfo

import typer
from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import UsageError
from kpictl.periods import AsOf
from kpictl.values import EngineName, Period

if TYPE_CHECKING:
    from kpictl.report import Options

DEFAULT_PLAN = "kpi.yaml"
DEFAULT_PERIOD = "last-month"
PIPED_WIDTH = 120

Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The plan. Default: KPICTL_CONFIG, or kpi.yaml here or in a folder above.",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Nothing on stderr but errors: no progress, no notes, no warnings."
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show also where a bug arose.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours (also: NO_COLOR).")]
Lang = Annotated[
    str | None, typer.Option("--lang", metavar="ru|en", help="Language. Default: the plan's.")
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        "-p",
        metavar="PERIOD",
        help="2024, 2024-H1, 2024-Q2, 2024-05, 2024-W21, 2024-05-17, 2024-05-01..2024-05-17, "
        "2024-05-01.. (to now), in words (May 2024, Q2 2024), today, yesterday, this-month, "
        "last-month (prev), mtd, qtd, ytd, last-7d. Default: last-month.",
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="MOMENT",
        help="Compute as if it were this day (to its end) or instant: what happened later does "
        "not count. Default: now.",
    ),
]

Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit code 5 if there is any warning; the output is written."),
]
RequireComplete = Annotated[
    bool,
    typer.Option(
        "--require-complete",
        help="Refuse (exit code 4) where data of the period are, or may be, missing; nothing is "
        "written.",
    ),
]

EngineOption = Annotated[
    EngineName,
    typer.Option("--engine", hidden=True, help="What computes; `plain` to check it by."),
]

Fresh = Annotated[
    bool, typer.Option("--fresh", help="Pull first: `kpictl pull`, with the same progress.")
]


class Common(Struct, frozen=True):
    """The options of a command that are not its own, resolved."""

    config: str | None
    quiet: bool
    verbose: bool
    no_color: bool
    lang: str | None

    @property
    def plan(self) -> str:
        return find_plan(self.config)

    def color(self, stream: Any) -> bool:
        return is_terminal(stream) and not self.no_color and not os.environ.get("NO_COLOR")


def command(run: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function: its first parameter, `Common`, becomes the five options that
    every command has, after its own in --help, and is given resolved."""
    hints = get_type_hints(run, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in signature(run).parameters.values()][1:]

    @wraps(run)
    def resolved(ctx: typer.Context, **given: Any) -> None:
        shared = {option: given.pop(option) for option in _COMMON}
        run(_common(ctx, **shared), **given)

    kind = Parameter.POSITIONAL_OR_KEYWORD
    shared = [
        Parameter(option, kind, default=default, annotation=of)
        for option, (of, default) in _COMMON.items()
    ]
    parameters = [Parameter("ctx", kind, annotation=typer.Context), *own, *shared]
    resolved.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    resolved.__annotations__ = {one.name: one.annotation for one in parameters}
    return resolved


_COMMON: Mapping[str, tuple[Any, Any]] = {
    "config": (Config, None),
    "quiet": (Quiet, False),
    "verbose": (Verbose, False),
    "no_color": (NoColor, False),
    "lang": (Lang, None),
}


def _common(ctx: typer.Context, *, lang: str | None, **given: Any) -> Common:
    """Take the common options in, and leave them where the error handler finds them."""
    from kpictl.words import LANGUAGES

    found = Common(**given, lang=lang if lang in LANGUAGES else None)
    ctx.find_root().obj = found
    if lang is not None and lang not in LANGUAGES:
        raise UsageError("usage.language", given=lang, known=", ".join(LANGUAGES))
    return found


def is_terminal(stream: Any) -> bool:
    """Say whether a stream is a terminal; a closed one (`>&-`) is None."""
    return stream is not None and stream.isatty()


def piped_width() -> int:
    """Return how wide a table is that goes into a pipe or a file: COLUMNS, else 120."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and int(said) else PIPED_WIDTH


def for_stdout(options: Options, chosen: Common) -> Options:
    """Return the options of what stdout gets: on a terminal its width, and colours."""
    import shutil

    if not is_terminal(sys.stdout):
        return options
    width = shutil.get_terminal_size((100, 24)).columns
    return replace(options, width=width, terminal=True, color=chosen.color(sys.stdout))


def page_text(page: Callable[..., _Page], found: Any, chosen: Common) -> str:
    """Return the lines of a page about something: on a terminal as wide as that, else whole."""
    import shutil

    width = shutil.get_terminal_size((100, 24)).columns if is_terminal(sys.stdout) else None
    made = page(found, language(chosen), width=width, color=chosen.color(sys.stdout))
    return "".join(line + "\n" for line in made.lines())


class _Page(Protocol):
    """What a command shows where nobody asks for another form."""

    def lines(self) -> Iterable[str]: ...


def find_plan(config: str | None) -> str:
    """Return the plan's path as it is to be shown; UsageError when there is none."""
    given = config or os.environ.get("KPICTL_CONFIG")
    if given:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DEFAULT_PLAN).is_file():
            return os.path.relpath(folder / DEFAULT_PLAN)
    raise UsageError("usage.no_plan", file=DEFAULT_PLAN)


def language(chosen: Common | None) -> str:
    """Return the language to speak before, or without, a sound plan."""
    from kpictl.words import DEFAULT, LANGUAGES

    if chosen is not None and chosen.lang is not None:
        return chosen.lang
    said = _plan_language(chosen)
    if said in LANGUAGES:
        return said
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return "ru" if os.environ[variable].startswith("ru") else DEFAULT
    return DEFAULT


def _plan_language(chosen: Common | None) -> str:
    return str(_company(chosen).get("language", ""))


def plan_zone(chosen: Common | None) -> ZoneInfo:
    """Return the company's zone before, or without, a sound plan."""
    try:
        return ZoneInfo(str(_company(chosen).get("timezone", "UTC")))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _company(chosen: Common | None) -> Mapping[str, Any]:
    """Return what the plan says of its company, as far as it can be read."""
    from kpictl.plan import document

    try:
        path = find_plan(chosen.config if chosen else None)
        text = document.read_bytes(path).decode("utf-8-sig")
    except (UsageError, OSError, UnicodeDecodeError):
        return {}
    return _company_of(text, path, tuple(os.environ.items()) if "${" in text else ())


@lru_cache(1)
def _company_of(text: str, path: str, environ: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """The same for a text: each message of a command asks for its language."""
    from kpictl.plan import document

    data = document.read(text, path, dict(environ)).data
    company = data.get("company") if isinstance(data, dict) else None
    return company if isinstance(company, dict) else {}


def chosen_period(text: str | None, as_of: AsOf, zone: ZoneInfo) -> Period:
    """Return what --period means; by default the last whole month, which then says so."""
    if text is None:
        return replace(periods.parse(DEFAULT_PERIOD, as_of=as_of, zone=zone), by_default=True)
    return periods.parse(text, as_of=as_of, zone=zone)


def chosen_as_of(text: str | None, zone: ZoneInfo) -> AsOf:
    """Return the day or the instant that --as-of means; by default, now."""
    return datetime.now(UTC) if text is None else _day_or_instant(text, zone)


def beginning(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant that --since means: a bare day is taken from its beginning."""
    return periods.start_of(_day_or_instant(text, zone), zone)


def _day_or_instant(text: str, zone: ZoneInfo) -> AsOf:
    try:
        return periods.read_as_of(text, zone)
    except (ValueError, OverflowError):
        raise UsageError("usage.as_of", given=text) from None


def out(data: str | bytes) -> None:
    """Write a result to stdout, as UTF-8 wherever it is not a terminal."""
    if sys.stdout is None:
        return  # closed by the caller, who wants nothing of it
    if isinstance(data, str) and sys.stdout.isatty():
        sys.stdout.write(data)
    else:
        raw = data.encode("utf-8") if isinstance(data, str) else data
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(raw.decode("utf-8"))
        else:
            sys.stdout.flush()
            buffer.write(raw)
    sys.stdout.flush()
