"""What `check` remarks on in a plan without mistakes, and in the records of a period."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpictl.cli.options import chosen_as_of, chosen_period
from kpictl.errors import PlanRejected, Problem, SourceError

if TYPE_CHECKING:
    from kpictl.app.workspace import Workspace


def remarks(
    workspace: Workspace, period: str | None, as_of: str | None, *, pay: bool = False
) -> list[Problem]:
    """Return the remarks on a plan and, where a period is given, on its records and targets; with
    `pay` also on what it can cost."""
    from kpictl.lint.rules import of_plan

    found = of_plan(workspace.bound)
    return found if period is None else [*found, *_of_data(workspace, period, as_of, pay=pay)]


def _of_data(workspace: Workspace, text: str, as_of: str | None, *, pay: bool) -> list[Problem]:
    """Return the remarks on a period's records; where it cannot be measured, what is in the way."""
    from kpictl.app.computation import ComputeRequest
    from kpictl.lint.data_rules import of_data
    from kpictl.lint.observed import observe
    from kpictl.periods import end_of

    zone = workspace.bound.zone
    moment = chosen_as_of(as_of, zone)
    request = ComputeRequest(chosen_period(text, moment, zone), end_of(moment, zone), pay=pay)
    try:
        return of_data(observe(workspace, request))
    except (PlanRejected, SourceError) as error:
        return list(error.problems)


def masked(workspace: Workspace, problems: Iterable[Problem], lang: str) -> list[Problem]:
    """Return problems with numbers in place of the names that a source lists; any others go."""
    from kpictl.report.view import masked_problems

    names = (person.name for person in workspace.employees or ())
    numbers = {name: n for n, name in enumerate(dict.fromkeys(names), 1)}
    return list(masked_problems(problems, numbers, lang))
