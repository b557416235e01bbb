"""`kpictl card`: a person's page."""

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
    Strict,
    command,
    for_stdout,
    out,
    piped_width,
)
from kpictl.cli.refreshing import pull_first
from kpictl.cli.strictness import stop_at_warnings
from kpictl.cli.view_options import DepartmentOption, ScorecardOption
from kpictl.errors import UsageError

if TYPE_CHECKING:
    from kpictl.cli.outputs import File, Output
    from kpictl.cli.overwriting import Protected
    from kpictl.report import Options
    from kpictl.values.card import Card

SLOTS = ("period", "id", "name")


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    employee: Annotated[
        str | None,
        typer.Argument(
            metavar="[EMPLOYEE]",
            help="Whose page: id, e-mail, name or surname.",
            show_default=False,
        ),
    ] = None,
    period: PeriodOption = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Everybody's: with -o, a file for each ({id}, {name}).")
    ] = False,
    pay: Annotated[bool, typer.Option("--pay", help="With what is paid, step by step.")] = False,
    scorecard: ScorecardOption = None,
    department: DepartmentOption = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="table|md|json", help="Default: table, or by the ending."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file; its name may hold {period}, {id} and {name}.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    fresh: Fresh = False,
    strict: Strict = False,
    engine: EngineOption = "duckdb",
) -> None:
    """Show one person's page: facts, points, pay, strengths, trend; nothing of a colleague.

    Files of pages with pay can be read by their owner alone.
    """
    from kpictl.cli import outputs
    from kpictl.report import Options
    from kpictl.report.card import FORMS, render

    if (employee is None) is not everybody:
        raise UsageError("card.whose")
    (asked,) = outputs.parse_outputs([output] if output else (), form, slots=SLOTS, known=FORMS)
    outputs.require_writable([asked])
    when = When(period, as_of)
    pull_first(chosen, when, fresh=fresh)
    cards, protected = _cards(
        chosen,
        output,
        when,
        Wish(tuple(scorecard or ()), employee, department, pay=pay, engine=engine),
    )
    options = Options(lang=chosen.lang or "", width=piped_width())
    if asked.is_stdout:
        out(render(cards, asked.form, for_stdout(options, chosen), several=everybody))
    else:
        apart = any(f"{{{slot}}}" in asked.name for slot in ("id", "name"))
        files = _files(cards, asked, options, several=everybody and not apart)
        if protected is not None:
            protected.refuse(str(file.path) for file in files)
        outputs.write_all(files)
    if strict:
        stop_at_warnings([one for card in cards for one in card.results.warnings])


def _cards(
    chosen: Common, output: str | None, when: When, wish: Wish
) -> tuple[Sequence[Card], Protected | None]:
    """Compute the pages; return also what may not be written over. UsageError where there is
    nobody."""
    from kpictl.app.card import CardRequest, cards

    named = [] if output is None else [output]
    with open_plan(chosen, named, when, pays=wish.pay) as begun:
        request = CardRequest(
            begun.period,
            begun.as_of,
            wish.employee,
            wish.scorecards,
            wish.department,
            wish.pay,
            engine=wish.engine,
        )
        found = cards(begun.workspace, request)
    if not found:
        raise UsageError("card.nobody")
    return found, begun.protected


def _files(cards: Sequence[Card], asked: Output, options: Options, *, several: bool) -> list[File]:
    """Return the files to write, each with one page, or with `several`: those whose names are the
    same are one."""
    from kpictl.cli.outputs import File, filled, has_slot
    from kpictl.report.card import render

    pages: dict[str, list[Card]] = {}
    for card in cards:
        words = {"period": card.results.period.text, "id": card.id, "name": card.name}
        pages.setdefault(filled(asked.name, words), []).append(card)
    made = has_slot(str(Path(asked.name).parent))
    files = []
    for name, its in pages.items():
        data = render(its, asked.form, options, several=several).encode()
        private = any(card.results.pay is not None for card in its)
        files.append(File(Path(name), data, made, private=private))
    return files
