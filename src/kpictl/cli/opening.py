"""What a command begins with: its plan opened, the period and the moment that are meant, and what
it may not write over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.cli.options import Common, chosen_as_of, chosen_period, plan_zone

if TYPE_CHECKING:
    from kpictl.app.computation import ComputeRequest
    from kpictl.app.workspace import Workspace
    from kpictl.cli.overwriting import Protected
    from kpictl.periods import AsOf
    from kpictl.values import EngineName, Period


class When(Struct, frozen=True):
    """--period and --as-of as they were given."""

    period: str | None
    as_of: str | None


class ComparisonOptions(Struct, frozen=True):
    """What the figures are held against, as it was given: the period of --compare, and the
    condition of --fail-on; None where there is none."""

    against: str | None = None
    condition: str | None = None


class Wish(Struct, frozen=True):
    """What is asked for of a period, as the options say it: whose rows and what of them, and what
    computes it. The names mean what they do in `ComputeRequest`, which can only be made once the
    plan is open and says which period and moment are meant."""

    scorecards: tuple[str, ...] = ()
    employee: str | None = None
    department: str | None = None
    top: int | None = None
    by: Literal["employee", "department"] = "employee"
    insight: bool = False
    pay: bool = False
    engine: EngineName = "duckdb"

    def of(self, period: Period, as_of: datetime) -> ComputeRequest:
        """Return the request for a period, seen at a moment (aware)."""
        from kpictl.app.computation import ComputeRequest

        return ComputeRequest(
            period,
            as_of,
            scorecards=self.scorecards,
            employee=self.employee,
            department=self.department,
            top=self.top,
            by=self.by,
            insight=self.insight,
            engine=self.engine,
            pay=self.pay,
        )


class OpenedPlan(Struct, frozen=True):
    """A plan that is open. `now` is what --as-of means, a day or an instant; `as_of` the instant
    at which that is over. `protected` are the files that the plan reads."""

    workspace: Workspace
    period: Period
    now: AsOf
    as_of: datetime
    protected: Protected | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.bound.plan.company.timezone)


def require_meaning(
    chosen: Common, when: When, comparison: ComparisonOptions | None = None
) -> None:
    """Refuse, before the plan is opened, periods and a moment that are none, and a condition that
    asks of nothing. UsageError."""
    zone = plan_zone(chosen)
    now = chosen_as_of(when.as_of, zone)
    period = chosen_period(when.period, now, zone)
    if comparison is None:
        return
    if comparison.against is not None:
        from kpictl.app.compare import other_period
        from kpictl.periods import end_of

        other_period(comparison.against, period, end_of(now, zone), zone)
    if comparison.condition is not None:
        from kpictl.app import alerts

        alerts.condition(comparison.condition, kpis=None)


@contextmanager
def open_plan(
    chosen: Common, outputs: Sequence[str], when: When, *, pays: bool = False
) -> Iterator[OpenedPlan]:
    """Open a plan for a command that writes these outputs. UsageError where one of them is what the
    plan reads, the period is not a valid one, or pay is asked for (`pays`) of a plan without a
    bonus."""
    from kpictl import periods
    from kpictl.app.workspace import open_workspace
    from kpictl.cli.outputs import require_no_input

    with open_workspace(chosen.plan, os.environ) as workspace:
        plan = workspace.bound.plan
        if pays:
            from kpictl.cli import explain_pay

            explain_pay.require_bonus(workspace.bound)
        protected = require_no_input(outputs, plan, chosen.plan)
        zone = ZoneInfo(plan.company.timezone)
        now = chosen_as_of(when.as_of, zone)
        period = chosen_period(when.period, now, zone)
        yield OpenedPlan(workspace, period, now, periods.end_of(now, zone), protected)
