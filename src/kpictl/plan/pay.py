"""The sections of a plan that pay: bonuses, their conditions, pools, funds, the tables beside.

A bonus is one part, or `parts` that add up. A part is a share of the salary, a fixed sum, a
commission, a price for each record or a share of a pool; `by_index`, `by_kpi` or `by` say how much
of it is earned. What each means is in `kpictl.pay`; figures that expressions may ask for are in
`plan.pay_figures`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from kpictl.plan.absences import Kind as AbsenceKind
from kpictl.plan.fields import (
    Amount,
    Count,
    EdgeKey,
    NotNegative,
    Number,
    Part,
    PeriodText,
    Positive,
    Text,
    ToldApart,
    unfit,
)
from kpictl.values import Effect, effect_of

ProrateBy = Literal["worked_days", "worked_hours", "calendar_days"]


# --- how much of it: ladders and lines ---------------------------------------------------------


class Scale(Part):
    """A figure → percent: by steps or by straight lines."""

    bands: Annotated[dict[EdgeKey, Number], ToldApart] | None = Field(
        None, description='Lower bound → percent; a bound that does not belong to it: `">100"`.'
    )
    curve: Annotated[dict[Number, Number], ToldApart] | None = Field(
        None, description="Point → percent; straight lines between them, flat after the last."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Scale:
        if self._tables() != 1:
            raise unfit("pay_scale", "bands", "curve")
        return self

    def _tables(self) -> int:
        return sum(1 for table in (self.bands, self.curve) if table)


class Reading(Scale):
    """A scale, and the figure that it is read at; the figure itself where there is no scale."""

    of: Text = Field(description="A figure or an expression of figures, in percent.")

    @model_validator(mode="after")
    def _is_one(self) -> Reading:
        if self._tables() > 1:
            raise unfit("pay_scale", "bands", "curve")
        return self


class OfKpi(Scale):
    """What one KPI brings, by its attainment; as much as was attained where there is no scale."""

    weight: Positive = Field(Decimal(100), description="Percent of the part.")
    threshold: NotNegative | None = Field(None, description="Below so many percent: nothing.")
    cap: NotNegative | None = Field(None, description="More than so many percent count as these.")
    missing: Literal["hold", "zero", "neutral"] = Field(
        "hold", description="Where there is no attainment: no pay yet, nothing, or 100."
    )

    @model_validator(mode="after")
    def _is_one(self) -> OfKpi:
        if self._tables() > 1:
            raise unfit("pay_scale", "bands", "curve")
        return self


def _kind_of(value: Any) -> str:
    return "mapping" if isinstance(value, dict | Part) else "text"


ByIndex = Annotated[
    Annotated[Literal["linear"], Tag("text")] | Annotated[Scale, Tag("mapping")],
    Discriminator(_kind_of),
]
By = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Reading, Tag("mapping")], Discriminator(_kind_of)
]


# --- of what: commissions, prices, pools -------------------------------------------------------


def _rate_kind(value: Any) -> str:
    return "table" if isinstance(value, dict | Part) else "number"


class RateTable(Part):
    """Rates by a field of the record: written here, or in a file with the dates that they hold."""

    file_keys: ClassVar = ("file",)

    by: Text | list[Text] = Field(description="Field of the record, or several.")
    table: dict[Text, Number] = Field({}, description="Value of the field → rate.")
    file: Text | None = Field(
        None, description="CSV or XLSX: a column for each field, `rate`, and `from` where dated."
    )
    other: Number | None = Field(None, description="Of any other value; refused without it.")

    @property
    def names(self) -> list[str]:
        """Return the fields that rates go by."""
        return [self.by] if isinstance(self.by, str) else list(self.by)

    @model_validator(mode="after")
    def _is_one(self) -> RateTable:
        if bool(self.table) == bool(self.file):
            raise unfit("pay_rates", "table", "file", "by")
        if self.table and isinstance(self.by, list) and len(self.by) > 1:
            raise unfit("pay_rates_by", "by")
        return self


class ReleaseBy(Part):
    """Earned at one date, released at another: as the money for a record comes in."""

    from_: Text = Field(alias="from", description="Entity of the payments.")
    key: Text = Field(description="`FIELD = FIELD`: of the record, and of the payment.")
    sum: Text = Field("amount", description="What came in.")
    when: Text = Field(description="When it came in.")
    of: Text | None = Field(
        None,
        description="Field of what is to come in for a record. Default: `amount`, or its number.",
    )
    since: PeriodText | None = Field(
        None,
        description="From which period on records wait. Default: the start of the year before.",
    )


class Commission(Part):
    """A percentage of a fact."""

    of: Text = Field(description="KPI whose fact it is a percentage of.")
    rate: Number | None = Field(None, description="Percent: one rate for everything.")
    marginal: Annotated[dict[EdgeKey, Number], ToldApart] | None = Field(
        None, description="Percent of the target → rate of what lies in that step alone."
    )
    whole: Annotated[dict[EdgeKey, Number], ToldApart] | None = Field(
        None, description="Percent of the target → rate of everything once it is reached."
    )
    rates: RateTable | None = Field(None, description="Rate of each record, by fields of it.")
    at: Literal["attainment", "value"] = Field(
        "attainment",
        description="What the steps are of: percent of the target, or the fact itself.",
    )
    release: ReleaseBy | None = Field(None, description="Paid as money for the records comes in.")

    @model_validator(mode="after")
    def _is_one(self) -> Commission:
        forms = (self.rate is not None, self.marginal, self.whole, self.rates)
        if sum(1 for form in forms if form) != 1:
            raise unfit("pay_commission", "rate", "marginal", "whole", "rates", "of")
        return self


class Piece(Part):
    """A price for each record that a KPI counts."""

    of: Text = Field(description="KPI whose records are paid.")
    rate: Number | None = Field(None, description="Money for each.")
    rates: RateTable | None = Field(None, description="Money for each, by fields of it.")
    release: ReleaseBy | None = Field(None, description="Paid as money for the records comes in.")

    @model_validator(mode="after")
    def _is_one(self) -> Piece:
        if (self.rate is None) == (self.rates is None):
            raise unfit("pay_piece", "rate", "rates", "of")
        return self


# --- when it is less ---------------------------------------------------------------------------


class ProrateSpec(Part):
    """By what the pay of somebody who was not there all the time is less."""

    by: ProrateBy = Field(description="What is counted.")
    absences: list[AbsenceKind] = Field(
        description="Which kinds of absence lower the pay; [] for none."
    )


Prorate = Annotated[
    Annotated[Literal["worked_days", "worked_hours", "calendar_days", "none"], Tag("text")]
    | Annotated[ProrateSpec, Tag("mapping")],
    Discriminator(_kind_of),
]


def _then(value: Any) -> Any:
    if not isinstance(value, str) or effect_of(value) is None:
        forms = "zero, payout * 0.5, cap 100%, cap 20000"
        raise PydanticCustomError("pay_then", "no effect", {"given": str(value), "forms": forms})
    return value


class GatePlan(Part):
    """A condition of earning: it acts on the payout, never on the index."""

    label: Text | None = Field(None, description="What it is called in reports.")
    when: Text = Field(description="Condition over figures, under which it acts.")
    then: Annotated[str, BeforeValidator(_then)] = Field(
        description="`zero`, `payout * 0.5`, `cap 100%` or `cap 20000`."
    )

    @property
    def effect(self) -> Effect:
        effect = effect_of(self.then)
        assert effect is not None  # noqa: S101  checked when it was read
        return effect


# --- the bonus of a scorecard ------------------------------------------------------------------

BASES = ("salary_share", "fixed", "commission", "piece", "pool")
SCALES = ("by_index", "by_kpi", "by")


class BonusPart(Part):
    """One part of a bonus."""

    label: Text | None = Field(None, description="What it is called in reports.")
    salary_share: NotNegative | None = Field(None, description="Percent of the salary.")
    fixed: NotNegative | None = Field(None, description="A sum of money for each month.")
    commission: Commission | None = Field(None, description="A percentage of a fact.")
    piece: Piece | None = Field(None, description="A price for each record.")
    pool: Text | None = Field(None, description="A share of a pool, by its id.")
    by_index: ByIndex | None = Field(
        None, description="How much of it by index: `linear`, `bands` or a `curve`."
    )
    by_kpi: dict[Text, OfKpi] | None = Field(
        None, description="How much of it by the attainment of KPIs, each apart."
    )
    by: By | None = Field(
        None, description="How much by any figures; of a pool: what it is divided by."
    )
    eligible: Text | None = Field(None, description="Of a pool: condition of sharing in it.")
    factors: dict[Text, By] = Field({}, description="Further percentages that it is multiplied by.")
    cap: NotNegative | None = Field(None, description="At most so much money a month.")
    prorate: Prorate | None = Field(None, description="Instead of the bonus's.")

    @property
    def bases(self) -> tuple[str, ...]:
        return tuple(name for name in BASES if getattr(self, name) is not None)

    @property
    def is_timely(self) -> bool:
        """Say whether it is for time, so that less of it is due for less time."""
        return self.salary_share is not None or self.fixed is not None

    @model_validator(mode="after")
    def _fits(self) -> BonusPart:
        bases = self.bases
        if len(bases) > 1:
            raise unfit("pay_bases", *bases)
        scales = tuple(name for name in SCALES if getattr(self, name) is not None)
        if len(scales) > 1:
            raise unfit("pay_scales", *scales)
        if self.pool is not None and (not isinstance(self.by, str) or len(scales) != 1):
            raise unfit("pay_pool_by", "by_index", "by_kpi", "by", "pool")
        if self.eligible is not None and self.pool is None:
            raise unfit("pay_eligible", "eligible")
        weights = sum((kpi.weight for kpi in (self.by_kpi or {}).values()), Decimal(0))
        if self.by_kpi is not None and weights != 100:
            raise unfit("pay_weights", "by_kpi", total=f"{weights:f}")
        return self


def span_start(span: str, day: date) -> date:
    """Return the first day of the quarter or year (`accumulate`) that a day lies in."""
    month = 1 if span == "year" else day.month - (day.month - 1) % 3
    return day.replace(month=month, day=1)


Guarantee = Annotated[
    Annotated[NotNegative, Tag("number")]
    | Annotated[dict[Count, NotNegative], ToldApart, Tag("table")],
    Discriminator(_rate_kind),
]


class Bonus(BonusPart):
    """What a scorecard pays: one part, or several that add up."""

    parts: dict[Text, BonusPart] = Field({}, description="Parts that add up, by id.")
    guarantee: Guarantee | None = Field(
        None,
        description="At least so many percent of the bonus at 100; or month of tenure → percent.",
    )
    draw: NotNegative | None = Field(
        None, description="At least so much a month; what is not earned of it is carried."
    )
    fund: Text | None = Field(None, description="The fund that it is limited by, by its id.")
    accumulate: Literal["quarter", "year"] | None = Field(
        None, description="Computed from the start of the quarter or year, less what was paid."
    )

    @property
    def each(self) -> dict[str, BonusPart]:
        """Return the parts by id; "" is the only one of a bonus that is a part itself."""
        return dict(self.parts) if self.parts else {"": self}

    def prorate_of(self, part: BonusPart) -> Prorate | None:
        """Return how a part is prorated: its own way, or that of the bonus."""
        return part.prorate or self.prorate

    @model_validator(mode="after")
    def _is_whole(self) -> Bonus:
        if self.parts and (self.bases or self.by_index or self.by_kpi or self.by):
            raise unfit("pay_parts", "parts")
        if not self.parts and not self.bases:
            raise unfit("pay_no_base", "by_index", "by_kpi", "by", "prorate")
        for name, part in self.parts.items():
            if not part.bases:
                raise unfit("pay_part_no_base", "parts", part=name)
        return self


# --- pools, funds, and the tables beside -------------------------------------------------------


class Pool(Part):
    """Money that is shared by everybody whose bonus names it."""

    amount: Annotated[
        Annotated[Amount, Tag("number")] | Annotated[dict[PeriodText, Number], Tag("table")],
        Discriminator(_rate_kind),
    ] = Field(description="A sum a period (`100000/month`), or period → sum.")
    label: Text | None = Field(None, description="What it is called in reports.")
    when: Text | None = Field(None, description="Condition of there being a pool at all.")
    rest: Literal["share", "return"] = Field(
        "share",
        description="Where the part of who is not eligible goes: `share` (the others), `return`.",
    )


def _pool_kind(value: Any) -> str:
    """Say whether a pool is written as its sums by period, whose keys all have digits."""
    if not isinstance(value, dict):
        return "pool" if isinstance(value, Pool) else "table"
    keys = [str(key) for key in value]
    is_table = keys and all(any(sign.isdigit() for sign in key) for key in keys)
    return "table" if is_table else "pool"


PoolPlan = Annotated[
    Annotated[Pool, Tag("pool")] | Annotated[dict[PeriodText, Number], Tag("table")],
    Discriminator(_pool_kind),
]
FundPlan = Annotated[
    Annotated[Amount, Tag("number")] | Annotated[dict[PeriodText, Number], Tag("table")],
    Discriminator(_rate_kind),
]


class Sanctions(Part):
    """Reductions for disciplinary sanctions."""

    file_keys: ClassVar = ("file",)

    file: Text | list[Text] = Field(
        description="CSV or XLSX: employee, order, date, period, reduction in percent."
    )
    cap: NotNegative = Field(
        Decimal(20), description="Percent of the wage of the month that they take at most."
    )
    base: Literal["wage", "salary"] = Field(
        "wage", description="What the cap is a percentage of: salary with bonus, or salary alone."
    )


class PayPlan(Part):
    """Tables that pay needs beside the plan."""

    file_keys: ClassVar = ("salaries", "adjustments")

    salaries: Text | list[Text] | None = Field(
        None, description="CSV or XLSX: employee, salary, from. Nobody else may read it (0600)."
    )
    adjustments: Text | list[Text] | None = Field(
        None,
        description="CSV or XLSX: id, employee, amount, period, reason, author, date;"
        " kpi or part, refers_to.",
    )
    sanctions: Sanctions | None = Field(None, description="Reductions for sanctions.")
    since: PeriodText | None = Field(
        None, description="First period from which negative balances are carried on."
    )
    due: Text | None = Field(
        None, description="By when bonuses are paid, in words: a regulation must say it."
    )


class Payroll(Part):
    """The file that accounting imports."""

    columns: dict[Text, Text] = Field(
        {}, description="Caption → what stands in it: `employee.number`, `payout`, `period.first`…"
    )
    total: bool = Field(False, description="true: a last line with the sum.")


_PARTS: tuple[tuple[tuple[str, ...], type[Part]], ...] = (
    (("commission",), Commission),
    (("commission", "rates"), RateTable),
    (("commission", "release"), ReleaseBy),
    (("piece",), Piece),
    (("piece", "rates"), RateTable),
    (("piece", "release"), ReleaseBy),
    (("by_index",), Scale),
    (("by_kpi", "*"), OfKpi),
    (("by",), Reading),
    (("factors", "*"), Reading),
    (("prorate",), ProrateSpec),
)
MODELS: tuple[tuple[tuple[str, ...], type[Part]], ...] = (
    (("bonus",), Bonus),
    (("bonus", "parts", "*"), BonusPart),
    *((("bonus", *path), part) for path, part in _PARTS),
    *((("bonus", "parts", "*", *path), part) for path, part in _PARTS),
    (("gates", "*"), GatePlan),
)
"""Which mapping of a scorecard is which part, by its keys: for suggestions."""
