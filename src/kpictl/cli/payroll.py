"""`kpictl payroll`: the file that accounting imports."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from kpictl.cli.opening import When, Wish, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    RequireComplete,
    Strict,
    command,
    language,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import WARNED, refuse_incomplete, remarks, stop_at_warnings
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    ExcelOption,
    FormatOption,
    OutputOption,
    ScorecardOption,
)
from kpictl.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpictl.app.payroll import Payroll
    from kpictl.cli.outputs import Output
    from kpictl.cli.overwriting import Protected


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    period: PeriodOption = None,
    scorecard: ScorecardOption = None,
    employee: EmployeeOption = None,
    department: DepartmentOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial", help="Write it also where somebody's amount is not known, without them."
        ),
    ] = False,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    strict: Strict = False,
    require_complete: RequireComplete = False,
    excel: ExcelOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Write the file that accounting imports: what is paid for a period, a row for each amount.

    The plan maps its columns (`payroll: {columns: {…}}`); without that each step is one. Where
    somebody's amount is not known nothing is written (exit code 5). Rows and control sum are said
    on stderr.
    """
    from kpictl.cli import outputs
    from kpictl.report import Options
    from kpictl.report.pay.payroll import render

    asked = _outputs(output or (), form)
    outputs.require_writable(asked)
    when = When(period, as_of)
    pull_first(chosen, when, fresh=fresh)
    wish = Wish(tuple(scorecard or ()), employee, department, engine=engine)
    payroll, protected = _made(chosen, [one.name for one in asked], when, wish)
    if require_complete:
        refuse_incomplete(payroll.results.warnings)
    _refuse_unknown(payroll, chosen, partial=partial)
    options = Options(lang=chosen.lang or payroll.results.language, excel=excel)
    words = {"period": payroll.results.period.text}
    words["as_of"] = outputs.as_of_words(payroll.results.as_of, as_of)
    outputs.deliver(
        asked, lambda one: render(payroll, one.form, options), words, protected, private=True
    )
    _say_control(payroll, chosen, options.lang)
    if strict or not chosen.quiet:
        remarks(payroll.results.warnings, chosen, shown=False)
    if strict:
        stop_at_warnings(payroll.results.warnings)


def _outputs(names: Sequence[str], form: str | None) -> tuple[Output, ...]:
    """Return where the file goes; a CSV on stdout where nothing is said."""
    from kpictl.cli import outputs
    from kpictl.report.pay.payroll import FORMS

    return outputs.parse_outputs(names, form, slots=("period", "as_of"), known=FORMS, usual="csv")


def _made(
    chosen: Common, outputs: Sequence[str], when: When, wish: Wish
) -> tuple[Payroll, Protected | None]:
    """Compute what is wished; return also what may not be written over."""
    from kpictl.app.payroll import payroll
    from kpictl.results import placed

    with open_plan(chosen, outputs, when) as begun:
        found = payroll(begun.workspace, wish.of(begun.period, begun.as_of))
        return replace(found, results=placed(found.results, chosen.plan)), begun.protected


def _refuse_unknown(payroll: Payroll, chosen: Common, *, partial: bool) -> None:
    """Stop where somebody's amount is not known, unless a part is wanted; say who in any case."""
    from kpictl.cli.errors import tell
    from kpictl.naming import few
    from kpictl.values import NO_AMOUNT

    if not payroll.unknown:
        return
    names = few([line.name for line in payroll.unknown])
    level = "warning" if partial else "error"
    problem = Problem("payroll.unknown_amounts", None, {"names": names}, level)  # type: ignore[arg-type]
    if not (partial and chosen.quiet):
        tell([problem], chosen, failed=False)
    if not partial:
        reasons = [p for p in payroll.results.warnings if p.code in NO_AMOUNT.values()]
        tell(reasons, chosen, failed=False)
        raise typer.Exit(WARNED)


def _say_control(payroll: Payroll, chosen: Common, lang: str) -> None:
    """Say on stderr how many rows there are, and what they come to."""
    from kpictl.report.format import Numbers
    from kpictl.words import say

    if chosen.quiet:
        return
    numbers = Numbers.of(payroll.results, lang or language(chosen))
    text = say(lang, "payroll.control", rows=len(payroll.rows), sum=numbers.money(payroll.sum))
    sys.stderr.write(text.replace("\u00a0", " ") + "\n")
