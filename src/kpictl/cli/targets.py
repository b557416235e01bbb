"""`kpictl targets`: every target of a period and where it comes from, or a file to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from kpictl.cli.opening import OpenedPlan, When, Wish, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    PeriodOption,
    Strict,
    command,
    for_stdout,
    language,
    out,
    piped_width,
)
from kpictl.cli.strictness import remarks, stop_at_warnings
from kpictl.cli.view_options import (
    DepartmentOption,
    EmployeeOption,
    ExcelOption,
    MaskOption,
    OutputOption,
    ScorecardOption,
)
from kpictl.errors import UsageError
from kpictl.report import FORMATS
from kpictl.report.targets import FORMS

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.cli.overwriting import Protected
    from kpictl.report import Options
    from kpictl.values import Period

ENDINGS = (".csv", ".xlsx")


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    period: PeriodOption = None,
    scorecard: ScorecardOption = None,
    employee: EmployeeOption = None,
    department: DepartmentOption = None,
    lacking: Annotated[
        bool, typer.Option("--lacking", help="Only those who have none and need one.")
    ] = False,
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
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="FILE",
            help="Write the file to fill in instead (.csv or .xlsx): a row a person and KPI, a "
            "column a month of the period, with what is expected now.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a template that is there.")
    ] = False,
    as_of: AsOfOption = None,
    strict: Strict = False,
    wide: Annotated[bool, typer.Option("--wide", help="Lines as long as they are.")] = False,
    mask: MaskOption = False,
    excel: ExcelOption = False,
    engine: EngineOption = "duckdb",
) -> None:
    """List every target of a period: whose, how much, where it is written, how it was made, what it
    overrules, who lacks one, and how much of each goal people have been given.

    With --template it writes the file of targets to fill in.
    """
    from kpictl.cli import outputs
    from kpictl.report import Options
    from kpictl.report.targets import render
    from kpictl.report.targets.masked import masked

    asked = outputs.parse_outputs(output or (), form, slots=("period", "as_of"), known=FORMS)
    names = [one.name for one in asked]
    if template is not None:
        if output or form:
            raise UsageError("usage.not_together", options="--template, --output / --format")
        _require_new(template, force=force)
        names = [template]
    outputs.require_writable(asked)
    wish = Wish(tuple(scorecard or ()), employee, department, engine=engine)
    by_months = template is not None
    found, protected = _resolved(chosen, names, When(period, as_of), wish, by_months=by_months)
    options = Options(
        lang=chosen.lang or "", width=piped_width(), wide=wide, mask=mask, excel=excel
    )
    if template is not None:
        _write(template, found, options, protected)
        if not chosen.quiet:
            from kpictl.words import say

            out(say(language(chosen), "target_list.template.written", file=template) + "\n")
        return
    listed = found[0]
    if lacking:
        listed = replace(listed, lines=tuple(one for one in listed.lines if one.lacks))
    on_stdout = for_stdout(options, chosen)
    outputs.deliver(
        asked,
        lambda one: render(listed, one.form, on_stdout if one.is_stdout else options),
        {"period": listed.period.text, "as_of": outputs.as_of_words(listed.as_of, as_of)},
        protected,
    )
    if strict or not chosen.quiet:
        warned = any(one.is_stdout and FORMATS[one.form].warns for one in asked)
        told = masked(listed, options.lang or listed.language) if mask else listed
        remarks(told.warnings, chosen, shown=warned)
    if strict:
        stop_at_warnings(listed.warnings)


def _require_new(template: str, *, force: bool) -> None:
    """Refuse a name that says no form, and a file that is there already unless it is to be
    overwritten."""
    from kpictl.cli.outputs import require_place

    if Path(template).suffix.lower() not in ENDINGS:
        raise UsageError("usage.ending", file=template, known=", ".join(ENDINGS))
    require_place(template)
    if Path(template).exists() and not force:
        raise UsageError("target_list.template.exists", file=template)


def _resolved(
    chosen: Common, names: Sequence[str], when: When, wish: Wish, *, by_months: bool
) -> tuple[tuple[TargetList, ...], Protected | None]:
    """Resolve what is wished, of the period or `by_months` of each month in it; return also what
    may not be written over."""
    from kpictl.app.target_list import target_list

    with open_plan(chosen, names, when) as begun:
        asked = _months(begun) if by_months else [begun.period]
        request = wish.of(asked[0], begun.as_of)
        return target_list(begun.workspace, request, asked), begun.protected


def _months(begun: OpenedPlan) -> list[Period]:
    """Return the months that a period is made of. UsageError where it is not."""
    from kpictl import periods

    firsts = periods.months(begun.period.first, begun.period.last + timedelta(days=1))
    if not firsts:
        raise UsageError("target_list.template.months", period=begun.period.text)
    texts = (f"{first:%Y-%m}" for first in firsts)
    return [periods.parse(text, as_of=begun.now, zone=begun.zone) for text in texts]


def _write(
    template: str, months: tuple[TargetList, ...], options: Options, protected: Protected | None
) -> None:
    from kpictl.cli import outputs
    from kpictl.report.targets.template import as_csv, as_workbook, form_of

    if protected is not None:
        protected.refuse([template])
    chosen = replace(options, lang=options.lang or months[0].language)
    form = form_of(months, chosen.lang)
    is_csv = Path(template).suffix.lower() == ".csv"
    data = as_csv(form, chosen) if is_csv else as_workbook(form, chosen)
    outputs.write(Path(template), data)
