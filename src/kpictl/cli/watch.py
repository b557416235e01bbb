"""`kpictl watch`: a live board of a period that goes on."""

from __future__ import annotations

import gc
import os
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from msgspec import Struct, field
from msgspec.structs import replace

from kpictl.cli.opening import When, Wish, require_meaning
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    chosen_as_of,
    command,
    for_stdout,
    is_terminal,
    language,
    out,
    piped_width,
    plan_zone,
)
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    MaskOption,
    ScorecardOption,
    TopOption,
)
from kpictl.errors import KpictlError, Problem, SourceError, UsageError

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from kpictl.app.watch import BoardReading, Frame
    from kpictl.bitrix24.sync import Progress
    from kpictl.cli.progress import Clock, Wait

PERIOD = "mtd"
LEAST = 5
"""Seconds between two readings that nobody may go below: a portal counts its requests."""
REFRESH = 2  # times a second: ages, and the size of the window
_LENGTH = re.compile(r"(\d{1,6})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    every: Annotated[
        str,
        typer.Option("--every", metavar="5m", help="How long between two readings: 30s, 5m, 1h."),
    ] = "5m",
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            "-p",
            metavar="PERIOD",
            help="As of compute. Default: mtd, the month to date.",
            show_default=False,
        ),
    ] = None,
    scorecard: ScorecardOption = None,
    employee: EmployeeOption = None,
    department: DepartmentOption = None,
    top: TopOption = None,
    once: Annotated[bool, typer.Option("--once", help="Print one frame and end.")] = False,
    no_pull: Annotated[
        bool, typer.Option("--no-pull", help="Ask no portal: what the store holds.")
    ] = False,
    as_of: AsOfOption = None,
    wide: Annotated[bool, typer.Option("--wide", help="All KPIs, however many lines.")] = False,
    mask: MaskOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Keep a board of a period on the terminal: ranks, facts, pace, forecast, the latest records.

    Portals are pulled and files read anew every so often. What fails is said in a line, and the
    last figures stay. q leaves with exit code 0, Ctrl-C with 130; the screen is then as before.
    """
    from kpictl.cli.clock import WallClock

    seconds = length(every)
    if as_of is not None and not once:
        raise UsageError("watch.as_of")
    if not once and not is_terminal(sys.stdout):
        raise UsageError("watch.no_terminal")
    require_meaning(chosen, When(period or PERIOD, as_of))
    source = Source(
        chosen,
        period or PERIOD,
        Wish(tuple(scorecard or ()), employee, department, top, engine=engine),
        WallClock(),
        pulls=not no_pull,
        as_of=as_of,
        wide=wide,
        mask=mask,
    )
    if once:
        _once(source)
    else:
        _live(source, seconds)


def length(text: str) -> int:
    """Return a length of time in seconds. UsageError where it is none, or too short."""
    found = _LENGTH.fullmatch(text.strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if seconds < LEAST:
        raise UsageError("watch.every", given=text, least=f"{LEAST}s")
    return seconds


class Source(Struct):
    """Where a board has its figures from: the plan, what is asked of it, and its portals. `doing`
    says what goes on at the moment, for whoever draws meanwhile."""

    chosen: Common
    period: str
    wish: Wish
    clock: Clock
    pulls: bool = True
    as_of: str | None = None
    wide: bool = False
    mask: bool = False
    doing: str = ""
    waiting: tuple[str, float] = field(default=("", 0.0))

    def read(self, at: datetime) -> BoardReading:
        """Pull, and compute as of a moment. An interrupt comes out of a database as an error of its
        own: it is one again."""
        from kpictl.cli.errors import is_interrupt

        try:
            failures = self._pull() if self.pulls else ()
            self.doing = "watch.reading"
            return replace(self._compute(at), failures=failures)
        except Exception as error:
            if is_interrupt(error):
                raise KeyboardInterrupt from None
            raise
        finally:
            self.doing = ""

    def _compute(self, at: datetime) -> BoardReading:
        from kpictl import periods
        from kpictl.app import watch
        from kpictl.app.workspace import open_workspace
        from kpictl.results import placed

        with open_workspace(self.chosen.plan, os.environ) as workspace:
            zone = ZoneInfo(workspace.bound.plan.company.timezone)
            now = at if self.as_of is None else chosen_as_of(self.as_of, zone)
            period = periods.parse(self.period, as_of=now, zone=zone)
            request = self.wish.of(period, periods.end_of(now, zone))
            reading = watch.read(workspace, request)
        return replace(reading, results=placed(reading.results, self.chosen.plan))

    def _pull(self) -> tuple[Problem, ...]:
        """Bring what is new; return what a portal did not give, or why none was reached."""
        from kpictl.bitrix24.sync import Listener, PullRequest, pull

        self.doing = "watch.pulling"
        listener = Listener(self._progress, self._wait)
        before = os.umask(0o077)
        try:
            outcomes = pull(self.chosen.plan, os.environ, PullRequest(), self.clock, listener)
        except KpictlError as error:
            problems: tuple[Problem, ...] = getattr(error, "problems", (error.problem,))
            return () if problems[0].code == "pull.no_portal" else problems
        finally:
            os.umask(before)
            self.waiting = ("", 0.0)
        return tuple(problem for outcome in outcomes for problem in outcome.refused)

    def _progress(self, told: Progress) -> None:
        from kpictl.cli.progress import caption
        from kpictl.words import say

        what = caption(told.entity, language(self.chosen))
        self.waiting = (say(language(self.chosen), "watch.pulled", what=what, n=told.read), 0.0)

    def _wait(self, wait: Wait) -> None:
        from kpictl.cli.progress import NOTABLE, Board, Tracks

        if wait.seconds >= NOTABLE:
            board = Board(Tracks(self.clock), language(self.chosen))
            self.waiting = (board.waiting(wait, wait.seconds), self.clock.now() + wait.seconds)

    def activity(self, lang: str) -> str:
        """Return what goes on at the moment, in words; "" while nothing does."""
        from kpictl.words import say

        text, until = self.waiting
        if text and (not until or self.clock.now() < until):
            return text
        return say(lang, self.doing) if self.doing else ""


def _once(source: Source) -> None:
    """Print one frame; what stands in the way ends the command as it ends `compute`."""
    from kpictl.app.watch import Watched
    from kpictl.cli.errors import mask
    from kpictl.report import Options
    from kpictl.report.board import BoardLook, lines
    from kpictl.report.format import NBSP
    from kpictl.report.terminal import paint

    at = datetime.fromtimestamp(source.clock.now(), UTC)
    frame = Watched().after(source.read(at), at).frame
    assert frame.results is not None  # noqa: S101  a reading has some
    chosen = source.chosen
    options = for_stdout(Options(width=piped_width()), chosen)
    lang = chosen.lang or frame.results.language
    look = BoardLook(lang, options.width, wide=source.wide, mask=source.mask)
    text = "".join(paint(line, color=options.color) + "\n" for line in lines(frame, look))
    out(mask(text if options.terminal else text.replace(NBSP, " ")))
    if frame.failures:
        raise typer.Exit(SourceError.exit_code)


def _live(source: Source, every: float) -> None:
    from rich.console import Console
    from rich.live import Live

    from kpictl.app.watch import frames
    from kpictl.cli.keys import Keys
    from kpictl.cli.stopping import stopping

    gc.enable()  # `main` has switched it off; a board stays up for days
    console = Console(no_color=not source.chosen.color(sys.stdout), highlight=False)
    screen, code = Screen(source), 0
    with stopping() as stop:
        try:
            with (
                Keys(leave="qQйЙ") as keys,
                Live(screen, console=console, screen=True, refresh_per_second=REFRESH,
                     redirect_stdout=False, redirect_stderr=False) as live,
            ):  # fmt: skip
                for frame in frames(source.read, source.clock, every):
                    screen.show(frame)
                    live.refresh()
        except KeyboardInterrupt:
            code = 0 if keys.left else stop.code
    if screen.bug is not None:
        raise screen.bug
    raise typer.Exit(code)


class Screen:
    """The frame that is shown now, as rich draws it into whatever room there is. The first failure
    that is ours is kept, to be told at the end."""

    def __init__(self, source: Source) -> None:
        from kpictl.app.watch import Frame

        self.source, self.frame = source, Frame()
        self.bug: Exception | None = None
        self.zone = plan_zone(source.chosen)

    def show(self, frame: Frame) -> None:
        self.frame = frame
        self.bug = self.bug or frame.bug

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        try:
            drawn = self.lines(options.max_width, options.height or console.height)
        except Exception as error:  # noqa: BLE001  drawn by a thread, whose end nobody would see
            self.bug, drawn = self.bug or error, [Text(type(error).__name__, style="red")]
        yield from drawn

    def lines(self, width: int, height: int) -> list[Any]:
        """Return the board as lines for a window of so many cells and lines."""
        from rich.text import Text

        from kpictl.cli.errors import mask
        from kpictl.report.board import BoardLook, lines

        frame, chosen = self.frame, self.source.chosen
        results = frame.results
        lang = chosen.lang or (language(chosen) if results is None else results.language)
        zone = self.zone.key if results is None else results.timezone
        now = datetime.fromtimestamp(self.source.clock.now(), UTC)
        look = BoardLook(
            lang,
            width,
            height,
            now,
            zone,
            self.source.activity(lang),
            self.source.wide,
            self.source.mask,
        )
        drawn = []
        for line in lines(frame, look):
            pieces = ((mask(text), style.replace("bright", "bright_green")) for text, style in line)
            drawn.append(Text.assemble(*pieces, no_wrap=True, overflow="crop"))
        return drawn
