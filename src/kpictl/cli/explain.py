"""`kpictl explain`: one number end to end."""

from __future__ import annotations

import pydoc
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpictl.cli.opening import When, open_plan
from kpictl.cli.options import (
    AsOfOption,
    Common,
    EngineOption,
    Fresh,
    PeriodOption,
    RequireComplete,
    Strict,
    command,
    is_terminal,
    out,
    piped_width,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import refuse_incomplete, stop_at_warnings

if TYPE_CHECKING:
    from kpictl.errors import Problem
    from kpictl.report.explanation import Look


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    kpi: Annotated[str, typer.Argument(help="The KPI (id or label), or `index`, or `pay`.")],
    period: PeriodOption = None,
    employee: Annotated[
        str | None,
        typer.Option("--employee", "-e", help="Whose number. Default: everybody's together."),
    ] = None,
    scorecard: Annotated[
        str | None, typer.Option("--scorecard", "-s", help="Default: the first that has the KPI.")
    ] = None,
    department: Annotated[
        str | None,
        typer.Option(
            "--department", "-d", help="The number of a department: all its people's records."
        ),
    ] = None,
    company: Annotated[
        bool, typer.Option("--company", help="The number of the company: all records.")
    ] = False,
    csv: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE", help="Write all records to a file (- for stdout)."),
    ] = None,
    left_out: Annotated[
        bool,
        typer.Option(
            "--left-out",
            help="The records that count for nobody, and why; with -e, -d or -s, theirs.",
        ),
    ] = False,
    pay: Annotated[
        bool, typer.Option("--pay", help="Show what is paid: `explain pay` needs it.")
    ] = False,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    strict: Strict = False,
    require_complete: RequireComplete = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Prove a number: how it is made, its target, its points, and every record behind it.

    The records are checked to add up to the number before anything is printed. `explain pay -e X
    --pay` shows the making of a bonus, step by step.
    """
    from kpictl.app.computation import ComputeRequest
    from kpictl.app.explain import ExplainRequest, explain
    from kpictl.app.explain import left_out as find_left_out
    from kpictl.cli import explain_pay
    from kpictl.cli.outputs import STDOUT, require_place
    from kpictl.report import evidence, explanation, leftout

    named = [csv] if csv not in (None, STDOUT) else []
    for name in named:
        require_place(name)
    look = _look(chosen)
    is_pay = kpi.casefold() == explain_pay.PAY
    if is_pay:
        beside = {"--department": department is not None, "--company": company}
        explain_pay.require_option(pay, {**beside, "--left-out": left_out})
        explain_pay.require_name(employee)
    asked = ExplainRequest(kpi, employee, scorecard, department, company)
    asked.require_one_subject()
    when = When(period, as_of)
    pull_first(chosen, when, fresh=fresh)
    with open_plan(chosen, named, when) as begun:
        workspace, firm = begun.workspace, begun.workspace.bound.plan.company
        request = ComputeRequest(begun.period, begun.as_of, engine=engine)
        speak = chosen.lang or firm.language
        if is_pay:
            text, table, notes = explain_pay.told(
                workspace, request, asked, (chosen.plan, speak, look)
            )
        elif left_out:
            omission = find_left_out(workspace, request, asked)
            notes = omission.notes
            table = evidence.render_left_out_csv(omission, speak) if csv is not None else b""
            text = leftout.render_left_out(omission, (speak, firm.currency or ""), look)
        else:
            found = explain(workspace, request, asked)
            notes = found.notes
            table = evidence.render_csv(found, speak) if csv is not None else b""
            text = explanation.render(found, speak, look)
    if require_complete:
        refuse_incomplete(notes)
    if csv is not None:
        _write(csv, table, private=is_pay)
    else:
        _page(text)
    on_page = not left_out and not is_pay and csv is None
    _remark(notes, chosen, on_page=on_page, strict=strict)


def _look(chosen: Common) -> Look:
    """Return how a page is to look on stdout."""
    from kpictl.report.explanation import Look

    if not is_terminal(sys.stdout):
        return Look(width=piped_width())
    width = shutil.get_terminal_size((100, 24)).columns
    return Look(width=width, terminal=True, color=chosen.color(sys.stdout))


def _remark(notes: Sequence[Problem], chosen: Common, *, on_page: bool, strict: bool) -> None:
    """Say on stderr what the page has not said, and stop at a warning where that is wanted."""
    from kpictl.cli.errors import tell

    if strict or not chosen.quiet:
        shown = {"warning"} if on_page else set()
        shown |= {"note"} if chosen.quiet else set()
        tell([note for note in notes if note.level not in shown], chosen, failed=False)
    if strict:
        stop_at_warnings(notes)


def _write(target: str, data: bytes, *, private: bool) -> None:
    from kpictl.cli.outputs import File, write_all

    if target == "-":
        out(data)
    else:
        write_all([File(Path(target), data, private=private)])


def _page(text: str) -> None:
    """Page what is longer than the terminal; everything else is printed as it is."""
    if is_terminal(sys.stdout) and text.count("\n") >= shutil.get_terminal_size().lines:
        pydoc.pager(text)
    else:
        out(text)
