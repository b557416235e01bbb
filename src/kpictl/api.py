"""The library's door: what scripts and notebooks call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as _compute
from kpictl.app.workspace import open_workspace, sorted_problems
from kpictl.errors import PlanRejected
from kpictl.plan.load import load
from kpictl.plan.model import Plan
from kpictl.results import dumps, loads
from kpictl.values import Results


def load_plan(path: str | Path, environment: Mapping[str, str] | None = None) -> Plan:
    """Read a plan and check its shape.

    Raises PlanRejected, whose `problems` are all the mistakes with their places. What the plan
    says about its sources is checked by `compute`, which opens them.
    """
    loaded = load(path, os.environ if environment is None else environment)
    if loaded.plan is None:
        raise PlanRejected(sorted_problems(loaded.problems))
    return loaded.plan


def compute(  # noqa: PLR0913  keywords, each with its default
    path: str | Path,
    *,
    period: str = "last-month",
    as_of: date | datetime | None = None,
    scorecards: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    pay: bool = False,
) -> Results:
    """Compute the scorecards of a period: `kpictl compute` as a function.

    `period` is any text of the grammar (`2024-05`, `last-month`); `as_of` (a day, taken to
    its end, or an aware datetime; default: now) resolves relative ones and cuts off what happened
    later. `pay` has what is paid computed, too (`Results.pay`). Raises PlanRejected, SourceError or
    UsageError.
    """
    moment = as_of or datetime.now(UTC)
    with open_workspace(path, os.environ if environment is None else environment) as workspace:
        zone = ZoneInfo(workspace.bound.plan.company.timezone)
        when = periods.parse(period, as_of=moment, zone=zone)
        request = ComputeRequest(when, periods.end_of(moment, zone), tuple(scorecards), pay=pay)
        return _compute(workspace, request)


__all__ = ["Results", "compute", "dumps", "load_plan", "loads"]
