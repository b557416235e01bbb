"""What stands in the way of paying by a period: the checks of `kpictl ready` and what they found.

Codes and data alone; words and numbers as people write them are made where the language is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from kpictl.errors import Problem
from kpictl.values import Named, Results, State


class Verdict(StrEnum):
    """Whether anything stands in the way: nothing (green), something (red), or that is unknown."""

    GREEN = "green"
    RED = "red"
    NOT_CHECKED = "not_checked"


class Figure(Struct, frozen=True):
    """A number among the data of a problem that is to be written in its unit."""

    value: Decimal
    unit: str


class Missing(Struct, frozen=True):
    """Why a KPI has no points: the state of its score, and `n` of `need` records where those are
    too few."""

    label: str
    state: State
    n: int = 0
    need: int | None = None


class Finding(Struct, frozen=True):
    """One thing that stands in the way.

    `problem` says what, `count` of how many it is so (records, people, remarks), `amount` how much
    money in the company's currency, where that is known. `entity` is whose records are counted, ""
    where they are none. `names` are the first few of whom it concerns and `more` how many others,
    `ids` the first few records. `missing` are the KPIs that keep somebody from an index. `command`
    are the words behind `kpictl` that show all of it, without period and plan.
    """

    problem: Problem
    count: int = 1
    amount: Decimal | None = None
    kpi: str = ""
    label: str = ""
    entity: str = ""
    names: tuple[Named, ...] = ()
    more: int = 0
    ids: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    command: tuple[str, ...] = ()


Side = Literal["kpi", "equals", "both"]
Elsewhere = Literal["before", "after", "no_date", "fails"]


class Pair(Struct, frozen=True):
    """Records that belong together by their `key` and do not agree.

    `side` says where they are: of the KPI alone, of what it must equal alone, or of both with
    different figures. `kpi` and `equals` are these, None where there is no record. `elsewhere` says
    why the other side has none in the period: its record has another date (`moment` is the first
    such), none, or does not satisfy the condition of the KPI. A key of None is that of records that
    have none.
    """

    key: tuple[str, ...] | None
    side: Side
    kpi: Decimal | None
    equals: Decimal | None
    kpi_ids: tuple[str, ...] = ()
    equals_ids: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None
    moment: date | datetime | None = None

    @property
    def difference(self) -> Decimal:
        """Return how much more the KPI has than the other."""
        return (self.kpi or Decimal(0)) - (self.equals or Decimal(0))


class Reconciliation(Struct, frozen=True):
    """Both figures of an assertion, of the company, of a scorecard's people or of somebody (`id`,
    `name`, both "" of the company).

    `kpi` and `equals` are None where nothing is measured. `agrees` says whether they do within the
    tolerance: the figures, or, where records are matched, the differences of all pairs together,
    each without its sign. `matched` counts the keys that agree, `pairs` are the others, the largest
    difference first.
    """

    kpi: Decimal | None
    equals: Decimal | None
    agrees: bool
    id: str = ""
    name: str = ""
    matched: int = 0
    pairs: tuple[Pair, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        """Return how much more the KPI is than the other."""
        return None if self.kpi is None or self.equals is None else self.kpi - self.equals


class Assertion(Struct, frozen=True):
    """What the plan asserts: two KPIs (their ids and labels), whose figures, and how near they must
    be, as the plan has it."""

    kpi: str
    equals: str
    kpi_label: str
    equals_label: str
    unit: str
    of: Literal["company", "scorecard", "employee"]
    tolerance: str
    by_records: bool
    reconciliations: tuple[Reconciliation, ...] = ()


class Check(Struct, frozen=True):
    """One line of the list. `label` is what the plan calls it, "" where the table of words has it
    under its id. `reason` says why it is not checked. `assertion` is what an assert of the plan
    came to."""

    id: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    label: str = ""
    reason: Problem | None = None
    assertion: Assertion | None = None

    @classmethod
    def of(cls, ident: str, findings: Iterable[Finding]) -> Check:
        """Return a check that is red where anything was found."""
        several = tuple(findings)
        return cls(ident, Verdict.RED if several else Verdict.GREEN, several)


class Readiness(Struct, frozen=True):
    """All checks of a period, in the order of the list, and the results that they are of."""

    results: Results
    checks: tuple[Check, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing that was checked stands in the way."""
        return not self.count(Verdict.RED)

    def count(self, verdict: Verdict) -> int:
        return sum(check.verdict is verdict for check in self.checks)
