"""What is expected: what is written, what that makes of a period, and what is divided."""

from kpictl.scoring.targets.book import TargetBook
from kpictl.scoring.targets.divided import Divided
from kpictl.scoring.targets.period_targets import DEPARTMENTS, PeriodTargets, TargetContext
from kpictl.scoring.targets.written import (
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
