"""What somebody is strong and weak at: each KPI against peers, own history and the target."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Verdict = Literal["strength", "weakness", "neither"]
PeerState = Literal["measured", "few", "no_spread"]
HistoryPlace = Literal["best", "worst", "better", "worse", "same"]


class PeerComparison(Struct, frozen=True):
    """A value among those of its peers, itself included.

    `n` have one; under `need` of them nothing is compared (`few`). `median` is theirs, in the
    finding's own measure, and `z` the robust z, above zero where the value is the better:
    0.6745·(x − median)/MAD, None without a spread (`no_spread`). `percentile` is the share of them
    that are worse, in percent, equal ones counted by half.
    """

    state: PeerState
    n: int
    need: int
    median: Decimal | None = None
    z: Decimal | None = None
    percentile: Decimal | None = None


class OwnHistory(Struct, frozen=True):
    """A value against somebody's own of `n` periods before: their median, and where it stands."""

    n: int
    median: Decimal
    place: HistoryPlace


class Finding(Struct, frozen=True):
    """A KPI of a row, and what it is for it.

    `value` is what is compared: the fact, or the fact in percent of the target (`measure` is
    `attainment`) where the targets of the peers differ. `reached` are its points; of a period that
    goes on, percent of what was due by now. `lift` is how many points of the index the peers'
    median would give more (0: nothing; None: there is none, or no points).
    """

    kpi: str
    verdict: Verdict
    measure: Literal["fact", "attainment"]
    value: Decimal
    peers: PeerComparison
    history: OwnHistory | None = None
    reached: Decimal | None = None
    lift: Decimal | None = None


class Insight(Struct, frozen=True):
    """The findings of a row, in the scorecard's order, and the KPI whose lift to the peers' median
    moves its index most, by `lift` points ("" where none does)."""

    findings: tuple[Finding, ...]
    training: str = ""
    lift: Decimal = Decimal(0)

    def of(self, kpi: str) -> Finding | None:
        return next((one for one in self.findings if one.kpi == kpi), None)


class GroupKpi(Struct, frozen=True):
    """A KPI among the people of a group: how many have it, are strong and weak at it, and the mean
    of their lifts."""

    kpi: str
    people: int
    strong: int
    weak: int
    lift: Decimal


class GroupInsight(Struct, frozen=True):
    """The people of a department in a scorecard ("": of all of it) together; `training` is the KPI
    with the greatest mean lift, `lift` points of the index."""

    department: str
    people: int
    kpis: tuple[GroupKpi, ...]
    training: str = ""
    lift: Decimal = Decimal(0)
