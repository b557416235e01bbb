"""`kpictl compute`: the scorecards of a period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec.structs import replace

from kpictl.cli.opening import ComparisonOptions, When, Wish, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    RequireComplete,
    Strict,
    command,
    for_stdout,
    out,
    piped_width,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import refuse_incomplete, remarks, stop_at_warnings
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    ExcelOption,
    FormatOption,
    MaskOption,
    ScorecardOption,
    TopOption,
)
from kpictl.errors import UsageError
from kpictl.report import FORMATS

if TYPE_CHECKING:
    from kpictl.cli.outputs import Output
    from kpictl.cli.overwriting import Protected
    from kpictl.report import Options
    from kpictl.values import Results

Rows = Literal["employee", "department"]


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    period: PeriodOption = None,
    scorecard: ScorecardOption = None,
    employee: EmployeeOption = None,
    department: DepartmentOption = None,
    by: Annotated[
        Rows,
        typer.Option(
            "--by",
            metavar="employee|department",
            help="Whose the rows are: each one's, or of each department those of its people who "
            "are in the scorecard. Default: employee.",
        ),
    ] = "employee",
    form: FormatOption = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file; repeatable, all are written or none. Names may hold {period}, "
            "{scorecard} (a file for each) and {as_of}; - is stdout.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    strict: Strict = False,
    require_complete: RequireComplete = False,
    sort: Annotated[
        str,
        typer.Option(
            "--sort", metavar="KEY", help="index (default), name, or a KPI (id or label)."
        ),
    ] = "",
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="prev|-1y|PERIOD",
            help="Beside each number that of the period before, of a year ago, or of another: the "
            "change, and ranks won. Of a period that goes on, the same part of the other.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            help="Exit code 5 where it holds of a row, a department or the company; they are "
            "listed. Of index, rank, coverage; of pace, attainment, score of any KPI; of a KPI by "
            "its id: 'pace < 80 or index < 60', 'revenue.pace < 80'.",
            show_default=False,
        ),
    ] = None,
    on_change: Annotated[
        bool,
        typer.Option(
            "--on-change",
            help="Speak, and end with 5, only where that has changed since last time; "
            "--strict still speaks of warnings.",
        ),
    ] = False,
    insight: Annotated[
        bool,
        typer.Option(
            "--insight",
            help="What each is strong and weak at: against the peers of the scorecard, the own "
            "history of six periods, the target; where training would help most.",
        ),
    ] = False,
    pay: Annotated[
        bool,
        typer.Option(
            "--pay", help="What is paid, too, with its steps; files are readable by you alone."
        ),
    ] = False,
    top: TopOption = None,
    wide: Annotated[bool, typer.Option("--wide", help="All KPIs, however many lines.")] = False,
    mask: MaskOption = False,
    excel: ExcelOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Compute the scorecards of a period and print or write them.

    Ranks are always among everybody of a scorecard; --employee, --department and --top only
    choose the rows that are shown.
    """
    from kpictl.cli import alerting, outputs
    from kpictl.report import Options

    alerting.require_condition(fail_on, on_change=on_change)
    _require_compatible(by, compare, pay=pay)
    asked = outputs.parse_outputs(output or (), form)
    outputs.require_writable(asked)
    when = When(period, as_of)
    comparison = ComparisonOptions(compare, fail_on)
    pull_first(chosen, when, comparison, fresh=fresh)
    results, protected = _compute(
        chosen,
        [one.name for one in asked],
        when,
        Wish(
            scorecards=tuple(scorecard or ()),
            employee=employee,
            department=department,
            by=by,
            insight=insight,
            top=top,
            engine=engine,
            pay=pay,
        ),
        comparison,
    )
    if require_complete:
        refuse_incomplete(results.warnings)
    options = Options(
        lang=chosen.lang or "", width=piped_width(), wide=wide, sort=sort, mask=mask, excel=excel
    )
    both, moment = (options, for_stdout(options, chosen)), outputs.as_of_words(results.as_of, as_of)
    shown = outputs.write_results(asked, results, both, protected, as_of=moment)
    whose = (fail_on, period, scorecard, employee, department, by, top)
    changed = alerting.changes(results, whose, chosen) if on_change else None
    if changed is None or changed.any:
        for data in shown:
            out(data)
        alerting.say_who(results, chosen, changed, mask=mask)
        if strict or not chosen.quiet:
            _say_warnings(results, chosen, options, asked)
    elif strict:
        _say_warnings(results, replace(chosen, quiet=True), options, ())
    if strict:
        stop_at_warnings(results.warnings)
    alerting.stop(results, changed)


def _require_compatible(by: Rows, compare: str | None, *, pay: bool) -> None:
    """Refuse a pay of departments, and one beside that of another period: there is none."""
    if pay and by != "employee":
        raise UsageError("usage.not_together", options=f"--pay, --by {by}")
    if pay and compare is not None:
        raise UsageError("usage.not_together", options="--pay, --compare")


def _say_warnings(
    results: Results, chosen: Common, options: Options, asked: Sequence[Output]
) -> None:
    """Say the warnings, once: not where a format on stdout shows them."""
    from kpictl.report.view import masked

    told = masked(results, options.lang or results.language) if options.mask else results
    shown = any(each.is_stdout and FORMATS[each.form].warns for each in asked)
    remarks(told.warnings, chosen, shown=shown)


def _compute(
    chosen: Common,
    outputs: Sequence[str],
    when: When,
    wish: Wish,
    comparison: ComparisonOptions,
) -> tuple[Results, Protected | None]:
    """Compute what is wished; return also what may not be written over."""
    from kpictl.app import alerts
    from kpictl.app.compare import compare as compared
    from kpictl.app.computation import compute
    from kpictl.results import placed

    with open_plan(chosen, outputs, when, pays=wish.pay) as begun:
        request = wish.of(begun.period, begun.as_of)
        if comparison.condition is not None:
            # A slip is said before records are read that may take minutes.
            alerts.condition(comparison.condition, begun.workspace.bound.measures)
        if comparison.against is None:
            results = compute(begun.workspace, request)
        else:
            results = compared(begun.workspace, request, comparison.against)
        if comparison.condition is not None:
            results = replace(results, alert=alerts.alert(results, comparison.condition))
        return placed(results, chosen.plan), begun.protected
