"""`kpictl trend`: a KPI, or the index, over many periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from kpictl.cli.opening import When, Wish, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    Strict,
    command,
    for_stdout,
    piped_width,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import remarks, stop_at_warnings
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    ExcelOption,
    FormatOption,
    MaskOption,
    OutputOption,
    ScorecardOption,
)
from kpictl.errors import UsageError
from kpictl.report import FORMATS

if TYPE_CHECKING:
    from kpictl.app.trend import By, Trend
    from kpictl.cli.overwriting import Protected

BY: tuple[By, ...] = ("employee", "department", "company")


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    kpi: Annotated[
        str | None, typer.Option("--kpi", "-k", help="This KPI (id or label).", show_default=False)
    ] = None,
    index: Annotated[bool, typer.Option("--index", help="The index.")] = False,
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="|".join(BY), help="Whose: a line for each. Default: employee."
        ),
    ] = "employee",
    count: Annotated[
        int,
        typer.Option(
            "--periods", min=2, max=120, metavar="N", help="How many periods. Default: 12."
        ),
    ] = 12,
    period: PeriodOption = None,
    scorecard: ScorecardOption = None,
    employee: EmployeeOption = None,
    department: DepartmentOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    strict: Strict = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="All periods, however long the line.")
    ] = False,
    mask: MaskOption = False,
    excel: ExcelOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Show a KPI (--kpi NAME) or the index (--index) over many periods, with a chart.

    The last of them is --period, the others are of the same kind before it: months before a month,
    weeks before a week. The records are read once.
    """
    from kpictl.app.trend import require_fit
    from kpictl.cli import outputs
    from kpictl.report import Options
    from kpictl.report.trend import render
    from kpictl.report.trend.masked import masked

    if (kpi is None) is not index:
        raise UsageError("trend.one_of")
    whose = next((one for one in BY if one == by), None)
    if whose is None:
        raise UsageError("trend.by", name=by, known=", ".join(BY))
    require_fit(whose, employee, department)
    asked = outputs.parse_outputs(output or (), form, slots=("period", "as_of"))
    outputs.require_writable(asked)
    when = When(period, as_of)
    pull_first(chosen, when, fresh=fresh)
    trend, protected = _measured(
        chosen,
        [one.name for one in asked],
        when,
        _Lines(count, kpi, whose),
        Wish(tuple(scorecard or ()), employee, department, engine=engine),
    )
    options = Options(
        lang=chosen.lang or "", width=piped_width(), wide=wide, mask=mask, excel=excel
    )
    on_stdout = for_stdout(options, chosen)
    outputs.deliver(
        asked,
        lambda one: render(trend, one.form, on_stdout if one.is_stdout else options),
        {"period": trend.periods[-1].text, "as_of": outputs.as_of_words(trend.as_of, as_of)},
        protected,
    )
    if strict or not chosen.quiet:
        warned = any(one.is_stdout and FORMATS[one.form].warns for one in asked)
        told = masked(trend, options.lang or trend.language) if mask else trend
        remarks(told.warnings, chosen, shown=warned)
    if strict:
        stop_at_warnings(trend.warnings)


class _Lines(Struct, frozen=True):
    """What the lines are: `count` periods of a KPI (an id or a label; None: of the index), a line
    for each one that `by` names."""

    count: int
    kpi: str | None
    by: By


def _measured(
    chosen: Common, outputs: Sequence[str], when: When, lines: _Lines, wish: Wish
) -> tuple[Trend, Protected | None]:
    """Measure so many periods, the last of which is asked for; return also what may not be written
    over."""
    from kpictl import periods
    from kpictl.app.trend import TrendRequest, trend

    with open_plan(chosen, outputs, when) as begun:
        # Of a stretch to date, the month that goes on.
        last = begun.period.whole or replace(begun.period, by_default=False)
        request = TrendRequest(
            periods.run(last, lines.count, begun.zone),
            begun.as_of,
            lines.kpi,
            lines.by,
            wish.scorecards,
            wish.employee,
            wish.department,
            wish.engine,
        )
        return trend(begun.workspace, request), begun.protected
