"""A person's page: everything that a period says of one of them, and nothing of anybody else."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from kpictl.values import Period, Results, Row, State, SubjectId


class IndexPoint(Struct, frozen=True):
    """The index of a period, or the state that says why there is none (`not_applicable`: not on
    this scorecard then)."""

    period: Period
    state: State
    index: Decimal | None = None
    rank: int | None = None


class OneMore(Struct, frozen=True):
    """What one more typical record would change: of the KPI `kpi`, of the `amount` that is the
    median of the person's own `n` records (None: records are counted, not summed). `index` is what
    it would be then, `pay` by how much more would be paid (None: no pay, or it cannot be said)."""

    kpi: str
    entity: str
    n: int
    index: Decimal
    index_gain: Decimal
    amount: Decimal | None = None
    pay: Decimal | None = None


class NextStep(Struct, frozen=True):
    """The next step of a scale of pay: read at `of` (`index`, or a KPI), which is `at` and lacks
    `lacking` to the bound `edge`; there the percentage is `percent` instead of `now`."""

    of: str
    part: str
    at: Decimal
    edge: str
    lacking: Decimal
    now: Decimal
    percent: Decimal


class CardLine(Struct, frozen=True):
    """What is said of one row of the person beside the results: how many are `rated` on the
    scorecard, what each KPI gives to the index (in the order of the row's scores), the index of
    earlier periods, the oldest first and this one last."""

    scorecard: str
    subject: SubjectId
    rated: int
    contributions: tuple[Decimal | None, ...]
    trend: tuple[IndexPoint, ...] = ()
    one_more: OneMore | None = None
    next_steps: tuple[NextStep, ...] = ()


class Card(Struct, frozen=True):
    """The page of one person (`id`, `name`). `results` are those of the period with nothing in them
    of anybody else: no other row, total, department or unit, no other's award or pay, no remark
    that names a colleague. `lines` go with the rows of its scorecards, in the same order."""

    id: str
    name: str
    results: Results
    lines: tuple[CardLine, ...]

    def line(self, scorecard: str, row: Row) -> CardLine:
        return next(
            one for one in self.lines if (one.scorecard, one.subject) == (scorecard, row.subject)
        )
