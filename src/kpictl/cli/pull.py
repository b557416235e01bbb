"""`kpictl pull`: the portals of the plan into the store beside it."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kpictl.cli.options import Common, beginning, command, is_terminal, language, out, plan_zone
from kpictl.cli.stopping import stopping
from kpictl.errors import KpictlError, Level, Problem, SourceError, UsageError

if TYPE_CHECKING:
    from kpictl.bitrix24.sync import Listener, Outcome, PullRequest

_COLLECTED = 100_000
"""Objects after which cycles are looked for: a page of records makes thousands, and no cycle."""


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    full: Annotated[bool, typer.Option("--full", help="Read everything anew.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE",
            help="Only records changed from this day or instant on; older ones are not asked for.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="deals,leads", help="Only these kinds of record."),
    ] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Look for deleted records now, not once a day.")
    ] = False,
    all_fields: Annotated[
        bool, typer.Option("--all-fields", help="Every field, not only those that KPIs read.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="text|json",
            help="json: what was done, on stdout.",
            show_default=False,
        ),
    ] = "text",
) -> None:
    """Bring the records of the plan's portals into the store beside the plan.

    The first time everything is read, later only what has changed. A pull that was cut off goes
    on where it stood. Progress goes to stderr; exit code 4 when the portal refused something.
    """
    if form not in ("text", "json"):
        raise UsageError("report.unknown_format", name=form, known="text, json")
    from kpictl.bitrix24.sync import PullRequest

    named = [name.strip() for text in only or () for name in text.split(",")]
    asked = PullRequest(
        only=tuple(dict.fromkeys(name for name in named if name)),
        full=full,
        since=None if since is None else beginning(since, plan_zone(chosen)),
        sweep=sweep,
        all_fields=all_fields,
    )
    outcomes = pulled(chosen, asked)
    if form == "json":
        from kpictl.cli.errors import mask
        from kpictl.cli.pull_view import to_json

        out(mask(to_json(outcomes, language(chosen), plan_zone(chosen))))
    if any(outcome.refused for outcome in outcomes):
        raise typer.Exit(SourceError.exit_code)


def fresh(chosen: Common) -> None:
    """Pull before a command computes; a plan without portals has nothing to pull.

    What a portal refuses stops the command: its figures would be old without saying so.
    """
    from kpictl.bitrix24.sync import PullRequest

    try:
        outcomes = pulled(chosen, PullRequest())
    except UsageError as error:
        if error.problem.code == "pull.no_portal":
            return
        raise
    if any(outcome.refused for outcome in outcomes):
        raise typer.Exit(SourceError.exit_code)


def pulled(chosen: Common, asked: PullRequest) -> tuple[Outcome, ...]:
    """Pull, show how it goes, and say what has come of it; exits when interrupted or failed."""
    from kpictl.bitrix24.sync import pull
    from kpictl.cli.errors import is_interrupt

    view = _View(chosen)
    gc.enable()  # `main` has switched it off; a pull may go on for hours
    gc.set_threshold(_COLLECTED, 10, 10)
    before = os.umask(0o077)
    try:
        with stopping() as stop, view.shown() as listener:
            outcomes = pull(chosen.plan, os.environ, asked, view.clock, listener)
    except SourceError as error:
        view.failed(error)
        raise typer.Exit(error.exit_code) from None
    except (KeyboardInterrupt, Exception) as error:
        if not (stop.came or is_interrupt(error)):
            raise
        view.interrupted()
        raise typer.Exit(stop.code) from None
    finally:
        os.umask(before)
    view.finished(outcomes)
    return outcomes


class _View:
    """What the user sees of a pull: all of it on stderr, and with --quiet only what went wrong."""

    def __init__(self, chosen: Common) -> None:
        from kpictl.cli.clock import SystemClock
        from kpictl.cli.progress import Log, Tracks

        self.chosen = chosen
        self.lang = language(chosen)
        self.zone = plan_zone(chosen)
        self.clock = SystemClock()
        self.tracks = Tracks(self.clock)
        self.log = Log(self.tracks, sys.stderr, self.zone)
        self.terminal = is_terminal(sys.stderr)
        self.notes: list[Problem] = []

    @contextmanager
    def shown(self) -> Iterator[Listener]:
        """Show how the pull goes, as long as it goes."""
        from kpictl.bitrix24.sync import Listener

        if self.chosen.quiet:
            yield Listener()
        elif not self.terminal:
            yield Listener(self.log.progress, self.log.wait, self.notes.append)
        else:
            from rich.console import Console
            from rich.live import Live

            from kpictl.cli.progress import Board

            console = Console(
                file=sys.stderr, no_color=not self.chosen.color(sys.stderr), highlight=False
            )
            board = Board(self.tracks, self.lang)
            with Live(board, console=console, redirect_stdout=False, redirect_stderr=False):
                yield Listener(self.tracks.progress, self.tracks.wait, self.notes.append)

    def interrupted(self) -> None:
        """Say what is safe."""
        kept = any(track.read for track in self.tracks)
        kept = kept or self.chosen.quiet
        key = "pull.interrupted" if kept else self._safe("pull.interrupted_early")
        self._say(key, level="error")

    def failed(self, error: SourceError) -> None:
        """Say why the pull has ended, and what is safe."""
        from kpictl.cli.errors import tell

        tell(error.problems, self.chosen, failed=False)
        kept = any(track.read for track in self.tracks)
        self._say("pull.kept" if kept else self._safe("pull.safe"))

    def finished(self, outcomes: Sequence[Outcome]) -> None:
        """Say what has been done, then what was refused."""
        from kpictl.cli.errors import tell
        from kpictl.cli.pull_view import line, summary, together

        for outcome in outcomes if not self.chosen.quiet else ():
            if self.terminal:
                self._write(summary(outcome, self.lang, self.zone))
            else:
                self.log.say(line(outcome, self.zone, several=len(outcomes) > 1))
        notes: list[Problem] = []
        for note in (*self.notes, *(note for outcome in outcomes for note in outcome.notes)):
            if note not in notes:
                notes.append(note)
        refused = [problem for outcome in outcomes for problem in outcome.refused]
        said = together([*refused, *notes])
        kept = [one for one in said if one.level == "error" or not self.chosen.quiet]
        if kept:
            tell(sorted(kept, key=lambda one: one.level == "error"), self.chosen, failed=False)
        for outcome in outcomes:
            if outcome.refused:
                self._rest(outcome)

    def _rest(self, outcome: Outcome) -> None:
        from kpictl.report.format import moment

        if outcome.complete_to is None:
            self._say(self._safe("pull.rest_nothing"))
            return
        self._say("pull.rest", at=moment(outcome.complete_to, self.zone.key, self.lang))

    def _safe(self, key: str) -> str:
        """Return the key of what is said where nothing came: it speaks of earlier data only where
        there are any."""
        from kpictl.app.status import standing

        try:
            sources = standing(self.chosen.plan, os.environ).sources
        except KpictlError:
            return key
        earlier = any(s.pulled is not None and s.pulled.complete_to for s in sources)
        return key if earlier else f"{key}.first"

    def _say(self, key: str, *, level: Level = "note", **data: object) -> None:
        """Say a sentence; where no terminal is, its level comes first, as of every message."""
        from kpictl.cli import problems
        from kpictl.words import say

        begin = "" if self.terminal else f"{problems.level(level, self.lang)}: "
        self._write(begin + say(self.lang, key, **data))

    def _write(self, text: str) -> None:
        """Write a line; on a terminal it is broken between words."""
        from kpictl.report.terminal import wrap

        if self.terminal:
            text = "\n".join(wrap(text, shutil.get_terminal_size((100, 24)).columns, 2))
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
