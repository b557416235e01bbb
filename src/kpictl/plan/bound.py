"""A plan whose names are resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.calendar import UnknownYear, WorkCalendar
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.errors import Place, PlanRejected
from kpictl.expressions import Expression, Type
from kpictl.expressions.context import Context
from kpictl.kinds.base import Kind
from kpictl.measure.query import NOBODY, Measure
from kpictl.plan import editions
from kpictl.plan.calendar import unknown_year
from kpictl.plan.document import Path
from kpictl.plan.load import LoadedPlan
from kpictl.plan.model import Cascade, Entry, Plan, ScorecardPlan
from kpictl.plan.pay import ReleaseBy
from kpictl.sources.schema import Schema
from kpictl.values import Period


class Bound(Struct, frozen=True):
    """A checked plan: KPIs in the order in which they can be computed, with their measures.

    `calendar` is None where the plan has no such section: time is then counted in calendar days.
    `own_hours` says, by the names of its schedules, whose each is. `editions` are the keys of those
    editions of scorecards that hold (`at`), `employee_fields` the further columns of the list of
    employees; None where there is none. `releases` are the payments by which bonuses are released.
    """

    loaded: LoadedPlan
    plan: Plan
    zone: ZoneInfo
    schemas: Mapping[str, Schema]
    order: tuple[str, ...]
    measures: Mapping[str, tuple[Measure, ...]]
    who: Mapping[str, Expression | None]
    calendar: WorkCalendar | None = None
    own_hours: Mapping[str, Expression] = {}
    editions: Mapping[str, str] = {}
    employee_fields: tuple[str, ...] | None = None
    releases: Mapping[ReleaseBy, Measure] = {}

    @property
    def company_time(self) -> WorkTime | None:
        """Return the working time of those who have none of their own."""
        if self.calendar is None:
            return None
        return WorkTime(Timeline.of(self.calendar.schedule))

    @property
    def context(self) -> Context:
        """Return what expressions mean that are about no record."""
        return Context(self.zone, work=self.company_time)

    def kind(self, kpi: str) -> Kind:
        found: Kind = self.plan.kpis[kpi]
        return found

    def origin(self, entity: str, field: str) -> tuple[str, str]:
        """Return the entity and the field in whose records a field is written: of one that is
        looked up, those in which it is."""
        while (found := self.schemas[entity].looked_up.get(field)) is not None:
            entity, field = found.entity, found.take
        return entity, field

    def place_of_look_up(self, entity: str, field: str) -> Place:
        """Return where the plan says in what a field is looked up."""
        for source, spec in self.plan.sources.items():
            if field in spec.look_ups().get(entity, {}):
                return self.place(("sources", source, *spec.look_up_path(entity), field), key=True)
        return self.place(("sources",))

    @property
    def all_measures(self) -> tuple[Measure, ...]:
        """Return the measures of all KPIs, in the order in which these can be computed."""
        return tuple(measure for kpi in self.order for measure in self.measures[kpi])

    def leaves(self, kpi: str) -> tuple[Measure, ...]:
        """Return the measures of a KPI and of all that it is computed from."""
        own = self.measures[kpi]
        deeper = (m for need in self.kind(kpi).needs() for m in self.leaves(need))
        return tuple(dict.fromkeys((*own, *deeper)))

    def of_company(self, kpi: str) -> bool:
        """Say whether a KPI is a figure of the company alone: its records have no owners, or are
        computed together with such as have none."""
        seen: set[str] = set()
        waiting = [kpi]
        while waiting:  # of a plan with mistakes too: KPIs may be missing, or stand in a circle
            one = waiting.pop()
            if one in seen or one not in self.plan.kpis:
                continue
            seen.add(one)
            if any(measure.by == NOBODY for measure in self.measures[one]):
                return True
            waiting.extend(self.kind(one).needs())
        return False

    @property
    def cards(self) -> Mapping[str, ScorecardPlan]:
        """Return the plan's scorecards; a plan without any shows all its KPIs, unweighted,
        but those of the company alone."""
        if self.plan.scorecards:
            return self.plan.scorecards
        owned = [kpi for kpi in self.plan.kpis if not self.of_company(kpi)]
        entries = {kpi: Entry(weight=Decimal(0)) for kpi in owned}
        return {"kpi": ScorecardPlan(label="KPI", kpis=entries)} if owned else {}

    @property
    def cascades(self) -> dict[str, tuple[Cascade, ...]]:
        """Return by which steps the goal of a KPI is divided."""
        written = self.plan.targets.cascade.items()
        return {k: tuple(v) if isinstance(v, list) else (v,) for k, v in written}

    def volume(self, kpi: str) -> bool:
        """Say whether a KPI grows with time: its targets are per something, split and add up."""
        return self._grows(kpi, frozenset())

    def _grows(self, kpi: str, above: frozenset[str]) -> bool:
        """Of a plan with mistakes too: KPIs may be missing, or stand in a circle."""
        if kpi in above or kpi not in self.plan.kpis:
            return False
        kind, above = self.kind(kpi), above | {kpi}
        return kind.grows({name: self._grows(name, above) for name in kind.needs()})

    @property
    def volumes(self) -> dict[str, bool]:
        return {kpi: self.volume(kpi) for kpi in self.order}

    def place(self, path: Path, *, key: bool = False) -> Place:
        return self.loaded.document.place(self._written_at(path), key=key)

    @contextmanager
    def years_known(self) -> Iterator[None]:
        """Refuse the plan where its calendar lacks a year that is asked for meanwhile.
        PlanRejected."""
        try:
            yield
        except UnknownYear as error:
            place = self.place(("calendar",), key=True)
            raise PlanRejected([unknown_year(error, place)]) from error

    def _written_at(self, path: Path) -> Path:
        """Return where a part of a scorecard is written: in the edition that holds, if there."""
        section, card, *rest = (*path, "", "")[: max(len(path), 2)]
        edition = self.editions.get(str(card)) if section == "scorecards" else None
        if not edition or not rest or rest[0] == "from":
            return path
        within = ("scorecards", card, "from", edition)
        written = self.loaded.document.keys
        return (*within, *rest) if (*within, rest[0]) in written else path

    def at(self, period: Period) -> Bound:
        """Return the plan as it is in a period: of each scorecard the edition that holds then.
        UsageError where one changes within the period."""
        cards = self.plan.scorecards
        keys = {c: editions.key_in_force(c, spec, period) for c, spec in cards.items()}
        if not any(keys.values()):
            return self
        held = {card: editions.in_force(spec, keys[card]) for card, spec in cards.items()}
        return replace(self, plan=self.plan.model_copy(update={"scorecards": held}), editions=keys)

    def over(self, several: Sequence[Period]) -> Bound:
        """Return the plan with the KPIs that its scorecards have in any of the periods."""
        cards = self.plan.scorecards
        if not any(spec.editions for spec in cards.values()):
            return self
        united = {}
        for card, spec in cards.items():
            keys = [editions.key_in_force(card, spec, period) for period in several]
            united[card] = editions.united(spec, keys)
        return replace(self, plan=self.plan.model_copy(update={"scorecards": united}))

    def label(self, kpi: str) -> str:
        return self.kind(kpi).label or kpi


class KpiNames:
    """The names that a formula may use."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def find(self, name: str) -> tuple[str, Type] | None:
        return (name, Type.NUMBER) if name in self.plan.kpis else None

    def known(self) -> Iterable[str]:
        return self.plan.kpis
