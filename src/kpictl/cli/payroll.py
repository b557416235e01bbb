"""`kpictl payroll`: the file that accounting imports."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    RequireComplete,
    Strict,
    chosen_as_of,
    chosen_period,
    command,
    language,
)
from kpictl.cli.strictness import WARNED, refuse_incomplete, remarks, stop_at_warnings
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    ExcelOption,
    FormatOption,
    OutputOption,
    ScorecardOption,
)
from kpictl.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpictl.cli.outputs import Output
    from kpictl.cli.overwriting import Protected
    from kpictl.payroll import Payroll


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
    outputs.require_folders(asked)
    if fresh:
        from kpictl.cli.pull import fresh as pull_first

        pull_first(chosen)
    whose = {"scorecards": tuple(scorecard or ()), "employee": employee, "department": department}
    own = {**whose, "engine": engine}
    payroll, protected = _made(chosen, [one.name for one in asked], (period, as_of), **own)
    if require_complete:
        refuse_incomplete(payroll.results.warnings)
    _refuse_unknown(payroll, chosen, partial=partial)
    outputs.require_text_on_terminal(asked)
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

    asked = outputs.outputs(names, form, slots=("period", "as_of"))
    if form is None:
        asked = tuple(replace(one, form="csv") if one.is_stdout else one for one in asked)
    for one in asked:
        if one.form not in FORMS:
            raise UsageError("payroll.form", format=one.form, known=", ".join(FORMS))
    return asked


def _made(
    chosen: Common, outputs: Sequence[str], when: tuple[str | None, str | None], **job: object
) -> tuple[Payroll, Protected | None]:
    """Compute what is asked for, `when` being --period and --as-of as they were given; return also
    what may not be written over."""
    from kpictl import periods
    from kpictl.cli.outputs import require_no_input
    from kpictl.computation import ComputeRequest
    from kpictl.payroll import payroll
    from kpictl.results import placed
    from kpictl.workspace import opened

    with opened(chosen.plan, os.environ) as workspace:
        plan = workspace.bound.plan
        protected = require_no_input(outputs, plan, chosen.plan)
        zone = ZoneInfo(plan.company.timezone)
        now = chosen_as_of(when[1], zone)
        period, end = chosen_period(when[0], now, zone), periods.end_of(now, zone)
        found = payroll(workspace, ComputeRequest(period, end, **job))  # type: ignore[arg-type]
        return replace(found, results=placed(found.results, chosen.plan)), protected


def _refuse_unknown(payroll: Payroll, chosen: Common, *, partial: bool) -> None:
    """Stop where somebody's amount is not known, unless a part is wanted; say who in any case."""
    from kpictl.cli.errors import tell
    from kpictl.naming import few

    if not payroll.unknown:
        return
    names = few([line.name for line in payroll.unknown])
    level = "warning" if partial else "error"
    problem = Problem("payroll.unknown_amounts", None, {"names": names}, level)  # type: ignore[arg-type]
    if not (partial and chosen.quiet):
        tell([problem], chosen, failed=False)
    if not partial:
        tell([one for one in payroll.results.warnings if _is_reason(one)], chosen, failed=False)
        raise typer.Exit(WARNED)


def _is_reason(problem: Problem) -> bool:
    """Say whether a remark is why somebody has no amount."""
    return problem.code in ("pay.no_index", "pay.no_figure", "pay.no_salary", "pay.no_pool")


def _say_control(payroll: Payroll, chosen: Common, lang: str) -> None:
    """Say on stderr how many rows there are, and what they come to."""
    from kpictl.report.format import Numbers
    from kpictl.words import say

    if chosen.quiet:
        return
    numbers = Numbers.of(payroll.results, lang or language(chosen))
    text = say(lang, "payroll.control", rows=len(payroll.rows), sum=numbers.money(payroll.sum))
    sys.stderr.write(text.replace("\u00a0", " ") + "\n")
