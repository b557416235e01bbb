"""`kpictl ready`: the checklist before paying by a period."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpictl.cli.opening import When, Wish, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    command,
    for_stdout,
    out,
    piped_width,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import WARNED
from kpictl.cli.view_options import ExcelOption, MaskOption, OutputOption, ScorecardOption
from kpictl.errors import UsageError
from kpictl.report.ready import FORMS

if TYPE_CHECKING:
    from kpictl.cli.overwriting import Protected
    from kpictl.report import Options
    from kpictl.values.readiness import Readiness


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="[PERIOD]", help="The period, as with --period.", show_default=False
        ),
    ] = None,
    period: PeriodOption = None,
    scorecard: ScorecardOption = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="|".join(FORMS),
            help="Default: what the ending of -o says, else table.",
        ),
    ] = None,
    output: OutputOption = None,
    unmatched: Annotated[
        str | None,
        typer.Option(
            "--unmatched",
            metavar="FILE",
            help="Write as CSV, too, every record that an assert of the plan finds no partner for, "
            "or another figure (- for stdout, in place of the list).",
            show_default=False,
        ),
    ] = None,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    mask: MaskOption = False,
    excel: ExcelOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Go through the checklist before paying by a period: is anything missing of it, left out,
    unrated, or at odds with accounting?

    Green, red, or not checked and why: the data complete, every record with owner, date, rate and
    value, targets set, typed values there, everybody on one scorecard and rated, nothing else to be
    said of the figures, and what the plan asserts (section assert). Each red line says how many,
    how much money, and what shows them. Exit code 5 where anything is red.
    """
    from kpictl.cli import outputs
    from kpictl.report import Options
    from kpictl.report.ready import render

    if which is not None and period is not None:
        raise UsageError("usage.not_together", options="PERIOD, --period")
    asked = outputs.parse_outputs(output or (), form, slots=("period", "as_of"), known=FORMS)
    names = [one.name for one in asked]
    if unmatched not in (None, outputs.STDOUT):
        outputs.require_place(str(unmatched))
        names.append(str(unmatched))
    outputs.require_writable(asked)
    when = When(which or period, as_of)
    pull_first(chosen, when, fresh=fresh)
    wish = Wish(tuple(scorecard or ()), engine=engine)
    found, protected = _checked(chosen, names, when, wish)
    options = Options(lang=chosen.lang or "", width=piped_width(), mask=mask, excel=excel)
    on_stdout = for_stdout(options, chosen)
    if unmatched is not None:
        _write_unmatched(unmatched, found, options)
    shown = [one for one in asked if not (one.is_stdout and unmatched == outputs.STDOUT)]
    outputs.deliver(
        shown,
        lambda one: render(found, one.form, on_stdout if one.is_stdout else options),
        {
            "period": found.results.period.text,
            "as_of": outputs.as_of_words(found.results.as_of, as_of),
        },
        protected,
    )
    if not found.is_ready:
        raise typer.Exit(WARNED)


def _checked(
    chosen: Common, names: Sequence[str], when: When, wish: Wish
) -> tuple[Readiness, Protected | None]:
    """Go through the list; return also what may not be written over."""
    from kpictl.app.readiness import readiness

    with open_plan(chosen, names, when) as begun:
        request = wish.of(begun.period, begun.as_of)
        return readiness(begun.workspace, request), begun.protected


def _write_unmatched(target: str, found: Readiness, options: Options) -> None:
    from kpictl.cli.outputs import STDOUT, write
    from kpictl.report.ready import render_unmatched

    if not any(check.assertion and check.assertion.by_records for check in found.checks):
        raise UsageError("ready.no_unmatched")
    data = render_unmatched(found, options)
    if target == STDOUT:
        out(data)
    else:
        write(Path(target), data)
