"""`kpictl explain pay`: what somebody is paid, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Problem, UsageError
from kpictl.values.pay import Pay

if TYPE_CHECKING:
    from kpictl.app.computation import ComputeRequest
    from kpictl.app.explain import ExplainRequest
    from kpictl.app.workspace import Workspace
    from kpictl.plan.bound import Bound
    from kpictl.report.explanation import Look
    from kpictl.values import Results

PAY = "pay"


def require_option(is_given: bool, others: Mapping[str, bool]) -> None:
    """Refuse to show a pay that is not asked for by --pay, and options that go with no pay."""
    if not is_given:
        raise UsageError("pay.needs_option")
    for option, given in others.items():
        if given:
            raise UsageError("usage.not_together", options=f"pay, {option}")


def require_name(employee: str | None) -> None:
    """Refuse to show the pay of nobody."""
    if employee is None:
        raise UsageError("pay.of_whom")


def require_bonus(bound: Bound) -> None:
    """Refuse to show the pay of a plan that pays nobody. UsageError says what to add."""
    is_booked = bound.plan.pay.adjustments is not None
    if not is_booked and all(card.bonus is None for card in bound.cards.values()):
        raise UsageError("pay.not_planned")


def told(
    workspace: Workspace,
    request: ComputeRequest,
    asked: ExplainRequest,
    shown: tuple[str, str, Look],
) -> tuple[str, bytes, tuple[Problem, ...]]:
    """Return a pay as a page and as CSV, with the remarks on its results. `shown` is what the plan
    is called, the language, and how a page is to look."""
    from kpictl.report.pay import explained
    from kpictl.results import placed

    plan, lang, look = shown
    cards = () if asked.scorecard is None else (asked.scorecard,)
    own = replace(request, scorecards=cards, employee=asked.employee, pay=True)
    results = placed(_paid(workspace, own), plan)
    page, table = explained.render(results, lang, look), explained.render_csv(results)
    return page, table, results.warnings


def _paid(workspace: Workspace, request: ComputeRequest) -> Results:
    """Return the results of somebody with their pay; UsageError where they have none."""
    from kpictl.app.computation import compute

    require_bonus(workspace.bound)
    try:
        results = compute(workspace, request)
    except UsageError as error:
        if error.problem.code != "usage.not_scored":
            raise
        results = _outside(workspace, request, str(error.problem.data["name"]))
    if results.pay is None or not results.pay.lines:
        raise UsageError("pay.no_bonus", name=request.employee)
    return results


def _outside(workspace: Workspace, request: ComputeRequest, name: str) -> Results:
    """Return what is paid to somebody of this name who is in no scorecard: by hand, or of what they
    earned before they left. What is remarked of others is left out."""
    from kpictl.app.computation import compute

    results = compute(workspace, replace(request, employee=None))
    lines = () if results.pay is None else results.pay.lines
    own = tuple(line for line in lines if not line.scorecard and line.name == name)
    return replace(results, scorecards=(), pay=Pay(own), warnings=())
