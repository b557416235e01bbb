"""The plan as it is written: every section, key by key. What pydantic says is translated in
`load`; what one key means next to another is checked in `bind`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)
from pydantic_core import PydanticCustomError

from kpictl.kinds import KINDS
from kpictl.kinds.base import Kind
from kpictl.plan.absences import AbsencesPlan
from kpictl.plan.asserts import Assert
from kpictl.plan.awards import Award
from kpictl.plan.calendar import Calendar
from kpictl.plan.fields import (
    Amount,
    Count,
    NotNegative,
    Number,
    Part,
    PeriodText,
    Positive,
    TargetPeriod,
    Text,
    Version,
    zone_name,
)
from kpictl.plan.insight import InsightPlan
from kpictl.plan.lint import LintPlan
from kpictl.plan.looks import Colors as Colors  # noqa: PLC0414  the shelf of sections
from kpictl.plan.looks import Report
from kpictl.plan.pay import Bonus, FundPlan, GatePlan, PayPlan, Payroll, PoolPlan
from kpictl.plan.sources import FILES, SPECS, Currency, SourceSpec
from kpictl.scoring.curves import NAMED, SHAPES, Linear, Shape


def _one_of(table: dict[str, Any], missing: str) -> Discriminator:
    """Choose by the one key of `table` that a mapping holds."""

    def choose(value: Any) -> str:
        if isinstance(value, dict):
            found = [key for key in table if key in value]
        else:
            found = [key for key, kind in table.items() if isinstance(value, kind)]
        return found[0] if len(found) == 1 else f"{missing}:{','.join(found)}"

    return Discriminator(choose)


def _union(table: dict[str, Any]) -> Any:
    return reduce(or_, (Annotated[kind, Tag(key)] for key, kind in table.items()))


if TYPE_CHECKING:  # a shelf is not known to the type checker; its base class is
    Kpi = Kind
else:
    Kpi = Annotated[_union(dict(KINDS)), _one_of(dict(KINDS), "no_verb")]


class Company(Part):
    """Whose plan it is."""

    name: Text = Field("", description="Shown at the head of reports.")
    currency: Currency | None = Field(None, description="ISO code; money is converted into it.")
    timezone: Annotated[str, AfterValidator(zone_name)] = Field(
        "UTC", description="IANA zone; days begin and end in it."
    )
    language: Literal["ru", "en"] = Field("en", description="Language of reports.")


# --- sources ---------------------------------------------------------------------------------


def _source_type(value: Any) -> str:
    return str(value.get("type", FILES)) if isinstance(value, dict) else "no_mapping"


if TYPE_CHECKING:
    Source = SourceSpec
else:
    Source = Annotated[_union(dict(SPECS)), Discriminator(_source_type)]


# --- scorecards ------------------------------------------------------------------------------


def _shape(value: Any) -> Any:
    if isinstance(value, str):
        if value not in NAMED:
            raise PydanticCustomError(
                "shape", "no such shape", {"given": value, "known": ", ".join(SHAPES)}
            )
        return NAMED[value]
    return value


_SHAPE_KEYS = {key: shape for key, shape in SHAPES.items() if key not in NAMED}


def _shape_key(value: Any) -> str:
    if isinstance(value, Shape):
        return value.key
    found = [key for key in _SHAPE_KEYS if isinstance(value, dict) and key in value]
    return found[0] if len(found) == 1 else f"no_shape:{','.join(found)}"


if TYPE_CHECKING:
    ScoreShape = Shape
else:
    ScoreShape = Annotated[_union(dict(SHAPES)), Discriminator(_shape_key), BeforeValidator(_shape)]
Missing = Literal["renormalize", "zero", "neutral", "hold"]


Level = Literal["person", "department", "company"]


class Entry(Part):
    """A KPI in a scorecard."""

    weight: NotNegative = Field(description="Percent of the index; a scorecard's add up to 100.")
    target: TargetValue | None = Field(None, description="Expected value, for this scorecard.")
    score: ScoreShape = Field(
        default_factory=Linear, description="How the fact becomes points. Default: linear."
    )
    floor: Number = Field(Decimal(0), description="Lowest points.")
    cap: Number | None = Field(None, description="Highest points.")
    missing: Missing | None = Field(None, description="What stands in where nothing is measured.")
    level: Level = Field(
        "person",
        description="Whose number it is: each one's own, or the whole department's, company's.",
    )


class Edition(Part):
    """What a scorecard is from a day on; what is left out stays as it is."""

    kpis: dict[str, Entry] = Field(description="All KPIs from then on, with weights and targets.")
    missing: Missing = Field("renormalize", description="As in a scorecard.")
    min_coverage: NotNegative = Field(Decimal(60), description="As in a scorecard.")
    ties: Literal["competition", "dense"] = Field("competition", description="As in a scorecard.")
    tie_break: list[Text] = Field([], description="As in a scorecard.")
    ramp: dict[Count, NotNegative] = Field({}, description="As in a scorecard.")
    gates: dict[str, GatePlan] = Field({}, description="As in a scorecard.")
    bonus: Bonus | None = Field(None, description="As in a scorecard.")


class ScorecardPlan(Part):
    """Who is scored by what."""

    label: Text | None = Field(None, description="Title of the scorecard.")
    who: Text | None = Field(None, description="Condition on employees. Default: everybody.")
    also: bool = Field(
        False, description="true: its people are on another scorecard too, which is no mistake."
    )
    rows: Literal["people", "departments"] = Field(
        "people", description="What is scored: people, or the departments that they are in."
    )
    kpis: dict[str, Entry] = Field(description="KPI → weight, target, score.")
    missing: Missing = Field("renormalize", description="Where a KPI has no points.")
    min_coverage: NotNegative = Field(
        Decimal(60), description="Percent of weight that must be measured for an index."
    )
    ties: Literal["competition", "dense"] = Field(
        "competition", description="Ranks after a tie: 1 2 2 4 or 1 2 2 3."
    )
    tie_break: list[Text] = Field([], description="KPIs whose facts decide between equal indexes.")
    editions: dict[PeriodText, Edition] = Field(
        {}, alias="from", description="Day → what the scorecard is from that day on."
    )
    ramp: dict[Count, NotNegative] = Field(
        {}, description="Of newcomers: month since `hired` → percent of the target."
    )
    gates: dict[str, GatePlan] = Field({}, description="Conditions of earning, by id.")
    bonus: Bonus | None = Field(None, description="What is paid for it.")
    lint: LintPlan = Field(
        default_factory=LintPlan, description="Remarks of `check` on it that are known."
    )


# --- targets ---------------------------------------------------------------------------------


def _target_tag(value: Any) -> str:
    return "periods" if isinstance(value, dict) else "number"


TargetValue = Annotated[
    Annotated[Amount, Tag("number")] | Annotated[dict[TargetPeriod, Amount], Tag("periods")],
    Discriminator(_target_tag),
]
RateValue = Annotated[
    Annotated[Number, Tag("number")] | Annotated[dict[PeriodText, Number], Tag("periods")],
    Discriminator(_target_tag),
]
Block = dict[str, TargetValue]


class Cascade(Part):
    """How a goal is divided among departments, or among the people of a scorecard."""

    to: Text = Field(description="The scorecard whose people share the goal; or `departments`.")
    by: Literal["equal", "headcount", "fte", "last_year_share", "prev_share"] | None = Field(
        None, description="In which proportion."
    )
    weights: dict[Text, NotNegative] = Field(
        {}, description="Instead of `by`: name → weight; who is not named gets nothing."
    )
    of: Literal["company", "departments"] | None = Field(
        None,
        description="Whose goal. Default: the company's; below a step to departments, theirs.",
    )
    round: Positive | None = Field(None, description="To multiples of this.")


class Targets(Part):
    """Expected values by level. Further keys are `employee.EMAIL`, `members.DEPARTMENT` and
    `scorecard.ID`, which are personal, and `department.NAME`, which is the department's own."""

    file_keys: ClassVar = ("file",)

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Block] = Field(init=False)

    company: Block = Field({}, description="Goals of the company as a whole.")
    cascade: dict[str, Cascade | list[Cascade]] = Field(
        {}, description="KPI → how its goal is divided; several steps as a list."
    )
    file: Text | list[Text] | None = Field(
        None, description="CSV or a workbook, in any form: employee, kpi, period, target."
    )
    prorate: Literal["all"] | None = Field(
        None, description="`all`: a number written for an employee is prorated, too."
    )

    @property
    def blocks(self) -> dict[str, Block]:
        return dict(self.__pydantic_extra__)


Entry.model_rebuild()


# --- the rest --------------------------------------------------------------------------------


class Close(Part):
    """How a period is closed. Checked for shape only as yet."""

    late: Literal["next_period", "adjustment", "ignore"] | None = None
    after_days: NotNegative | None = None


class Plan(Part):
    """A KPI plan: what is measured, who is measured, what is expected and what follows."""

    file_keys: ClassVar = ("rates",)

    version: Version = Field(alias="kpictl", description="Version of the language: 1.")
    company: Company = Field(default_factory=Company)
    calendar: Calendar | None = Field(None, description="When people work.")
    sources: dict[str, Source] = Field(description="Where records come from.")
    rates: Text | dict[Currency, RateValue] = Field(
        {}, description="Units of company currency for one unit: fixed, by date, or a CSV file."
    )
    kpis: dict[str, Kpi] = Field(description="What is measured.")
    scorecards: dict[str, ScorecardPlan] = Field({}, description="Who is scored by what.")
    targets: Targets = Field(default_factory=Targets)
    report: Report = Field(default_factory=Report, description="How results look.")
    lint: LintPlan = Field(
        default_factory=LintPlan, description="Remarks of `check` that are known."
    )
    absences: AbsencesPlan | None = Field(None, description="Who was away when.")
    pay: PayPlan = Field(default_factory=PayPlan, description="Tables that pay needs.")
    pools: dict[str, PoolPlan] = Field({}, description="Money that is shared, by id.")
    funds: dict[str, FundPlan] = Field({}, description="What bonuses come to at most, by id.")
    payroll: Payroll | None = Field(None, description="The file that accounting imports.")
    asserts: dict[str, Assert] = Field(
        {}, alias="assert", description="What must agree before anybody is paid: `kpictl ready`."
    )
    insight: InsightPlan = Field(
        default_factory=InsightPlan, description="How strengths and weaknesses are found."
    )
    awards: dict[str, Award] = Field({}, description="Recognition without money, by id.")
    close: Close | None = Field(None, description="Not computed yet.")

    def _payments_of(self, kpi: str) -> Iterator[str]:
        """Yield the entities whose records release what is paid for those of a KPI."""
        for spec in self.scorecards.values():
            for bonus in (spec.bonus, *(edition.bonus for edition in spec.editions.values())):
                for part in bonus.each.values() if bonus is not None else ():
                    for paid in (part.commission, part.piece):
                        if paid is not None and paid.of == kpi and paid.release is not None:
                            yield paid.release.from_

    def entities_of(self, kpi: str) -> tuple[str, ...]:
        """Return the entities whose records a KPI reads itself, and those in which what it may
        read of them is looked up."""
        found = [*self.kpis[kpi].entities(), *self._payments_of(kpi)]
        for entity in found:  # which grows
            for source in self.sources.values():
                several = source.look_ups().get(entity, {}).values()
                found += [one.entity for one in several if one.entity not in found]
        return tuple(dict.fromkeys(found))


Plan.model_rebuild()
