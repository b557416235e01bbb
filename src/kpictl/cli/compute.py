"""`kpictl compute`: the scorecards of a period."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kpictl.cli.options import (
    AsOf,
    Common,
    Config,
    Fresh,
    Lang,
    NoColor,
    PeriodOption,
    Quiet,
    Verbose,
    common,
    is_terminal,
    moment,
    out,
)
from kpictl.errors import UsageError

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import Results

NAME = "compute"
_BY_ENDING = {".json": "json", ".csv": "csv", ".xlsx": "xlsx", ".txt": "table"}


def run(  # noqa: PLR0913  the options of the main command
    ctx: typer.Context,
    period: PeriodOption,
    scorecard: Annotated[
        list[str] | None,
        typer.Option("--scorecard", "-s", help="Only this one (id or label); repeatable."),
    ] = None,
    employee: Annotated[
        str | None,
        typer.Option("--employee", "-e", help="Only this person: id, e-mail, name or surname."),
    ] = None,
    department: Annotated[
        str | None, typer.Option("--department", "-d", help="Only this department.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", "-f", metavar="table|json|csv|xlsx", help="Default: table."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to a file, whole or not at all."
        ),
    ] = None,
    as_of: AsOf = None,
    fresh: Fresh = False,
    sort: Annotated[
        str,
        typer.Option(
            "--sort", metavar="KEY", help="index (default), name, or a KPI (id or label)."
        ),
    ] = "",
    top: Annotated[
        int | None, typer.Option("--top", min=1, metavar="N", help="Only the first N ranks.")
    ] = None,
    wide: Annotated[bool, typer.Option("--wide", help="All KPIs, however many lines.")] = False,
    mask: Annotated[bool, typer.Option("--mask", help="Numbers in place of names.")] = False,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV as a spreadsheet in the plan's language wants it.")
    ] = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
    lang: Lang = None,
) -> None:
    """Compute the scorecards of a period and print or write them.

    Ranks are always among everybody of a scorecard; --employee, --department and --top only
    choose the rows that are shown.
    """
    chosen = common(ctx, config, quiet, verbose, no_color, lang)
    kind = _format(form, output)
    if fresh:
        from kpictl.cli.pull import fresh as pull_first

        pull_first(chosen)
    results = _compute(
        chosen,
        period,
        as_of,
        scorecards=tuple(scorecard or ()),
        employee=employee,
        department=department,
        top=top,
    )
    to_terminal = output is None and is_terminal(sys.stdout)
    if to_terminal and kind == "xlsx":
        raise UsageError("usage.binary_output", format=kind)
    options = _options(chosen, kind, to_terminal=to_terminal)
    from dataclasses import replace

    from kpictl.report import render

    options = replace(options, wide=wide, sort=sort, mask=mask, excel=excel)
    data = render(results, kind, options)
    if output is None:
        out(data)
    else:
        write(Path(output), data)
    if not quiet and kind != "table":
        _notes(results, chosen)


def _format(form: str | None, output: str | None) -> str:
    from kpictl.report import FORMATS

    if form is None and output is not None:
        ending = Path(output).suffix.lower()
        if ending not in _BY_ENDING:
            known = ", ".join(_BY_ENDING)
            raise UsageError("usage.ending", file=output, known=known)
        return _BY_ENDING[ending]
    if form is not None and form not in FORMATS:
        raise UsageError("report.unknown_format", name=form, known=", ".join(FORMATS))
    return form or "table"


def _compute(chosen: Common, period: str, as_of: str | None, **job: object) -> Results:
    from kpictl import periods
    from kpictl.computation import Job, compute
    from kpictl.opening import opened

    with opened(chosen.plan, os.environ) as workspace:
        zone = ZoneInfo(workspace.bound.plan.company.timezone)
        now = moment(as_of, zone)
        when = periods.parse(period, as_of=now, zone=zone)
        return compute(workspace, Job(when, now, language=chosen.lang, **job))  # type: ignore[arg-type]


def _options(chosen: Common, kind: str, *, to_terminal: bool) -> Options:
    from kpictl.report import Options

    if kind == "table" and to_terminal:
        width = shutil.get_terminal_size((100, 24)).columns
        return Options(lang=chosen.lang or "", width=width, color=chosen.color(sys.stdout))
    return Options(lang=chosen.lang or "")


def _notes(results: Results, chosen: Common) -> None:
    """What a reader must know and the format does not show goes to stderr."""
    from kpictl.cli.failing import tell

    warnings = [p for p in results.warnings if p.level == "warning"]
    if warnings:
        tell(warnings, chosen, failed=False)


def write(path: Path, data: str | bytes) -> None:
    """Write a file beside its place and rename it, so that it is there whole or not at all."""
    import tempfile

    raw = data.encode("utf-8") if isinstance(data, str) else data
    path = path.resolve()  # through a link: what it points to is replaced, not the link
    if path.exists() and not path.is_file():
        _write_through(path, raw)
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent or ".")
    except OSError as error:
        raise UsageError("usage.output", file=str(path), detail=error.strerror) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(_mode(path))
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError("usage.output", file=str(path), detail=error.strerror) from None
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _write_through(path: Path, raw: bytes) -> None:
    """Write to a device or a pipe, which is there to be written to and never replaced."""
    try:
        with path.open("wb") as file:
            file.write(raw)
    except OSError as error:
        raise UsageError("usage.output", file=str(path), detail=error.strerror) from None


def _mode(path: Path) -> int:
    """Keep the rights of a file that is replaced; a new one gets those of any new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
