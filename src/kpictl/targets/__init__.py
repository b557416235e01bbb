"""What is expected: what is written, what that makes of a period, and what is divided."""

from kpictl.targets.book import TargetBook
from kpictl.targets.divided import Divided
from kpictl.targets.period_targets import DEPARTMENTS, PeriodTargets, TargetContext
from kpictl.targets.written import (
    ANY,
    LEVELS,
    PERSONAL,
    Written,
    from_plan,
    no_department,
    whose,
)

__all__ = [
    "ANY",
    "DEPARTMENTS",
    "LEVELS",
    "PERSONAL",
    "Divided",
    "PeriodTargets",
    "TargetBook",
    "TargetContext",
    "Written",
    "from_plan",
    "no_department",
    "whose",
]
