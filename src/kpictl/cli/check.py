"""`kpictl check`: every mistake in the plan at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from kpictl.cli.options import (
    AsOfOption,
    Common,
    Strict,
    chosen_as_of,
    chosen_period,
    command,
    language,
    out,
)
from kpictl.cli.strictness import stop_at_warnings
from kpictl.cli.view_options import MaskOption
from kpictl.errors import PlanRejected, Problem, SourceError, UsageError, rejection

if TYPE_CHECKING:
    from kpictl.app.workspace import Workspace
    from kpictl.measure.dataset import Needed
    from kpictl.plan.bound import Bound
    from kpictl.scoring.targets import TargetBook
    from kpictl.sources.base import LoadedEntity


@command
def run(  # noqa: PLR0913  the options of a command
    chosen: Common,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="text|json",
            help="text (default) or json.",
            show_default=False,
        ),
    ] = "text",
    store: Annotated[
        bool, typer.Option("--store", help="Read every block of the store: is it damaged?")
    ] = False,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            "-p",
            metavar="PERIOD",
            help="Look at the records of this period and of the year before it, too: targets out "
            "of reach, wins bunched in its last days, and the like.",
            show_default=False,
        ),
    ] = None,
    as_of: AsOfOption = None,
    pay: Annotated[
        bool,
        typer.Option("--pay", help="With --period: the most that each scorecard can cost."),
    ] = False,
    mask: MaskOption = False,
    strict: Strict = False,
) -> None:
    """Show every mistake in the plan at once, each with its place and the next step.

    Reads the files that its KPIs read, all periods of them, and of a portal what was pulled. Of a
    sound plan it says, too, what is allowed and often regretted; what is meant so is turned off in
    the plan (`lint`), and listed with its reason by -v. With --period it looks at the records of
    that period, too, for signs that the plan is worked round: flags with figures, no accusations.
    Exit code 3 when the plan would be rejected, 4 when it is sound and a file is not, 6 when the
    store is damaged.
    """
    if form not in ("text", "json"):
        raise UsageError("report.unknown_format", name=form, known="text, json")
    if pay and period is None:
        raise UsageError("usage.pay_of_period")
    found = _checked(chosen, store=store, of_data=(period, as_of, pay), masked=mask)
    if form == "json":
        from kpictl.cli.errors import mask as hide_secrets
        from kpictl.cli.problems import to_json

        out(hide_secrets(to_json(found.problems, language(chosen))))
    else:
        _show(found.problems, chosen)
        for key in () if found.errors else found.sound:
            from kpictl.words import say

            out(say(language(chosen), key, **found.summary) + "\n")
    if found.errors:
        raise typer.Exit(rejection(found.errors, found.plan_file).exit_code)
    if strict:
        stop_at_warnings(found.problems)


class _Checked(Struct, frozen=True):
    """What there is to say of a plan, which figures sum it up, and what is sound of it (as keys of
    the words)."""

    problems: list[Problem]
    plan_file: str
    summary: dict[str, object] = {}
    sound: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        return _errors(self.problems)


def _checked(
    chosen: Common, *, store: bool, of_data: tuple[str | None, str | None, bool], masked: bool
) -> _Checked:
    """Look at a plan and its files; `of_data` are --period, --as-of and --pay as they were
    given."""
    from kpictl.app.workspace import open_workspace, read_store
    from kpictl.cli import linting

    try:
        with open_workspace(chosen.plan, os.environ) as workspace:
            problems = [*workspace.problems, *calendar_today(workspace)]
            problems += [*_targets(workspace), *_records(workspace), *_typed(workspace)]
            if not _errors(problems):
                period, as_of, pay = of_data
                problems += linting.remarks(workspace, period, as_of, pay=pay)
            if masked:
                problems = linting.masked(workspace, problems, language(chosen))
            plan = workspace.bound.plan
            summary = {"kpis": len(plan.kpis), "cards": len(plan.scorecards), "file": chosen.plan}
            blocks = store and read_store(workspace)
            sound = ("usage.sound", *(("usage.sound_store",) if blocks else ()))
            return _Checked(problems, workspace.bound.loaded.document.file, summary, sound)
    except PlanRejected as error:
        return _Checked(list(error.problems), str(chosen.plan))


def _errors(problems: list[Problem]) -> list[Problem]:
    return [p for p in problems if p.level == "error"]


def _show(problems: list[Problem], chosen: Common) -> None:
    """Print what there is to say, of what the plan has turned off no more than how much it is,
    unless it is asked for (-v)."""
    import shutil

    from kpictl.cli import problems as rendering
    from kpictl.cli.errors import excerpts, mask
    from kpictl.lint.base import is_silenced
    from kpictl.words import say

    lang = language(chosen)
    known = [p for p in problems if is_silenced(p)]
    shown = [p for p in problems if chosen.verbose or not is_silenced(p)]
    if chosen.quiet:
        known, shown = [], _errors(problems)
    text = rendering.render(
        shown,
        lang,
        sources=excerpts(shown),
        color=chosen.color(sys.stdout),
        width=shutil.get_terminal_size((100, 24)).columns,
        failed=bool(_errors(problems)),
    )
    rules = [str(p.data["rule"]) for p in shown if "rule" in p.data and p.level == "warning"]
    if rules:
        text += say(lang, "check.turn_off", id=rules[0]) + "\n"
    if known and not chosen.verbose:
        text += say(lang, "check.silenced_count", n=len(known)) + "\n"
    out(mask(text))


def calendar_today(workspace: Workspace) -> list[Problem]:
    """Say that the calendar does not know this year; a period that asks for it is refused."""
    from kpictl.calendar import UnknownYear
    from kpictl.plan.calendar import unknown_year

    bound = workspace.bound
    if bound.calendar is None:
        return []
    today = chosen_period("today", chosen_as_of(None, bound.zone), bound.zone)
    try:
        bound.calendar.is_working(today.first)
    except UnknownYear as error:
        place = bound.place(("calendar", "country"), key=True)
        return [replace(unknown_year(error, place), level="warning")]
    return []


def _targets(workspace: Workspace) -> list[Problem]:
    """Check the targets against the employees, where a file lists them."""
    from kpictl.people.staff import Directory
    from kpictl.scoring import targets
    from kpictl.sources import target_file
    from kpictl.sources.rates import read_rates

    zone = workspace.bound.zone
    today = chosen_period("today", chosen_as_of(None, zone), zone)
    bound = workspace.bound.at(today)
    if any(p.level == "error" for p in workspace.problems):
        return []
    problems: list[Problem] = []
    try:
        problems.extend(read_rates(bound, workspace.scratch)[1])
    except SourceError as error:
        problems.extend(error.problems)
    if any(spec.bonus is not None for spec in bound.plan.scorecards.values()):
        from kpictl.sources import pay_rates  # what few plans have is imported for them alone

        problems.extend(pay_rates.mistakes(bound, workspace.scratch))
    directory = Directory(workspace.employees or ())
    book = targets.TargetBook(bound.volumes)
    written, wrong = targets.from_plan(bound, directory)
    more, wrong_lines = target_file.read(bound, directory, workspace.scratch)
    found = [*problems, *wrong, *wrong_lines, *book.add([*written, *more])]
    if workspace.employees is None:
        found = [p for p in found if p.code not in ("people.unknown", "people.ambiguous")]
    return [*found, *book.bare(bound.label), *_lacking(workspace, bound, book)]


def _lacking(workspace: Workspace, bound: Bound, book: TargetBook) -> Iterator[Problem]:
    """Say who of today's people of a scorecard has no target that a KPI's points need."""
    from kpictl.naming import told_apart
    from kpictl.people import attribution

    period = chosen_period("today", chosen_as_of(None, bound.zone), bound.zone)
    for card, spec in bound.plan.scorecards.items():
        people = attribution.employed(bound, card, workspace.employees or (), period)
        names = told_apart(people)
        for kpi, entry in spec.kpis.items():
            if not entry.weight or not entry.score.wants_target() or _divided(bound, kpi, card):
                continue
            place = bound.place(("scorecards", card, "kpis", kpi), key=True)
            data = {"card": spec.label or card, "kpi": bound.label(kpi)}
            level = "department" if spec.rows == "departments" else entry.level
            if level != "person":
                shared = level == "department" and _divided(bound, kpi, "departments")
                if not shared and not book.has_goal(level, kpi, card):
                    yield Problem("targets.lacking_unit", place, data, "warning")
                continue
            lacking = [names[p.subject] for p in people if book.lacks(kpi, card, p)]
            if (people and len(lacking) == len(people)) or book.lacks_personal_targets(kpi, card):
                yield Problem("targets.lacking_all", place, data, "warning")
            elif lacking:
                more = f" +{len(lacking) - 5}" if len(lacking) > 5 else ""
                data |= {"names": ", ".join(lacking[:5]) + more}
                yield Problem("targets.lacking", place, data, "warning")


def _typed(workspace: Workspace) -> list[Problem]:
    """Say who lacks a value that was to be typed by now."""
    from kpictl.app import typed

    if workspace.errors or not workspace.typed:
        return []
    zone = workspace.bound.zone
    return [
        *typed.last_remarks(workspace, chosen_period("today", chosen_as_of(None, zone), zone).first)
    ]


def _divided(bound: Bound, kpi: str, among: str) -> bool:
    """Say whether a cascade gives the people of a scorecard, or departments, a target of a KPI."""
    return any(step.to == among for step in bound.cascades.get(kpi, ()))


def _records(workspace: Workspace) -> list[Problem]:
    """Read what KPIs read of files, and return what a computation would stop at, and warnings of
    single cells.

    A value that cannot be read, and shares of a record that are not 100 percent, stop only the
    periods in which they lie: a warning, unless it is a date, which may lie in any. A key that
    stands twice stops all.
    """
    from kpictl.measure.dataset import Needed, join_look_ups, owners_needed
    from kpictl.people import attribution
    from kpictl.plan.reads import fields_named, looked_up

    if workspace.errors:
        return []
    bound, problems = workspace.bound, list[Problem]()
    measures = bound.all_measures
    needed = Needed({}, looked_up(fields_named(measures), bound.schemas))
    loaded = _loaded(workspace, needed, problems)
    try:
        join_look_ups(workspace, workspace.connection, loaded, needed)
    except SourceError as error:
        problems.extend(_in_some_periods(p) for p in error.problems)
    texts = {
        (entity, by): found.texts[by]
        for entity, found in loaded.items()
        for by in sorted(owners_needed(measures, entity))
        if by in found.texts
    }
    try:
        attribution.find(bound, workspace.staff, texts, workspace.cell_of)
    except SourceError as error:
        problems.extend(p for p in error.problems if not _is_said_of_records(p, bound))
    return problems


def _loaded(
    workspace: Workspace, needed: Needed, problems: list[Problem]
) -> dict[str, LoadedEntity]:
    """Return the entities of files that can be read; what is wrong with others, or with cells of
    them, goes to the `problems`."""
    from kpictl.measure.dataset import owners_needed
    from kpictl.plan.reads import fields_needed
    from kpictl.sources.base import LoadRequest

    schemas, measures = workspace.bound.schemas, workspace.bound.all_measures
    found: dict[str, LoadedEntity] = {}
    for entity, fields in fields_needed(measures, schemas).items():
        reader = workspace.readers.get(entity)
        if reader is None or not reader.is_of_files:
            continue
        owners = owners_needed(measures, entity) - schemas[entity].looked_up.keys()
        request = LoadRequest(fields, owners, ordered=bool(needed.look_ups))
        try:
            found[entity] = reader.load(workspace.connection, entity, request)
            notes = found[entity].notes
            problems.extend(p for p in notes if p.level == "warning" and _of_cell(p))
        except SourceError as error:
            problems.extend(_in_some_periods(p) for p in error.problems)
    return found


def _is_said_of_records(problem: Problem, bound: Bound) -> bool:
    """Say whether shares are of participants in a table, whose lines have been named already."""
    entity, field = str(problem.data.get("entity")), problem.data.get("field")
    return problem.code == "credit.not_whole" and field in bound.schemas[entity].looked_up


def _of_cell(problem: Problem) -> bool:
    return problem.place is not None and problem.place.line > 0


def _in_some_periods(problem: Problem) -> Problem:
    bad_value = problem.code in ("source.bad_value", "source.more_bad_values")
    if bad_value and problem.data.get("kind") not in ("date", "datetime", "month"):
        return replace(problem, level="warning")
    if problem.code == "credit.not_whole_of":
        return replace(problem, level="warning")
    return problem
