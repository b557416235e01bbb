"""What is expected of whom in one period, after the facts are known.

A person's target: employee > members of the department > scorecard > cascade. The goals of a
department and of the company belong to the unit alone and are nobody's fall-back; a cascade divides
them, and then what somebody has of their own is taken off first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.naming import fold
from kpictl.people.staff import Person
from kpictl.plan.bound import Bound
from kpictl.plan.model import Cascade
from kpictl.scoring.targets import attendance, growth
from kpictl.scoring.targets.attendance import Roll
from kpictl.scoring.targets.book import TargetBook, whose_pages
from kpictl.scoring.targets.cascade import Share, divide, shares
from kpictl.scoring.targets.divided import Divided, made, steps_of
from kpictl.scoring.targets.growth import FactOf
from kpictl.scoring.targets.spans import Attending, Clock, TargetSpan, always, resolve, spans_of
from kpictl.scoring.targets.written import ANY, PERSONAL, Written
from kpictl.values import (
    VALUE_PLACES,
    Fact,
    Period,
    Target,
    TargetLevel,
    TargetStep,
    UnitKind,
    to_decimal,
)

_DAY = timedelta(days=1)
_KEPT_PLACES = 6


class TargetContext(Protocol):
    """What targets need to know of people and of other periods."""

    def members(self, card: str, period: Period) -> tuple[Person, ...]:
        """Return the people of a scorecard in a period."""

    def person_fact(self, person: Person, kpi: str, period: Period) -> Fact | None:
        """Return what somebody had, in all their posts; None where that was not measured."""

    def unit_fact(self, kind: UnitKind, subject: str, kpi: str, period: Period) -> Fact | None:
        """Return what the company or a department (folded) had."""


class PeriodTargets(Struct):
    """The targets of one period; each is made when it is first asked for, with PlanRejected where
    it needs working days of a year that the calendar does not know."""

    book: TargetBook
    period: Period
    bound: Bound
    roll: Roll
    context: TargetContext
    _found: dict[tuple[str, str, str], Target | None] = {}
    _units: dict[tuple[str, str, str], Target | None] = {}
    _divided: dict[tuple[str, int, str], Divided | None] = {}
    _whole: PeriodTargets | None = None

    def clock_of(self, person: Person | None) -> Clock:
        """Return how the days of somebody are counted, or (None) those of the company."""
        if person is None:
            return Clock(self.roll.calendar)
        return Clock(self.roll.calendar_of(person, *self.whole.days))

    @property
    def days(self) -> periods.Days:
        return self.period.first, self.period.last + _DAY

    @property
    def whole(self) -> PeriodTargets:
        """Return the targets of the whole months that the period lies in."""
        months = growth.whole_months(self.period, self.bound.zone)
        if months.text == self.period.text:
            return self
        if self._whole is None:
            self._whole = PeriodTargets(self.book, months, self.bound, self.roll, self.context)
        return self._whole

    # --- of people -------------------------------------------------------------------------------

    def find(self, kpi: str, card: str, person: Person) -> Target | None:
        """Return the target that holds for a person, with those that it overrules."""
        key = (kpi, card, person.subject)
        if key not in self._found:
            with self.bound.years_known():
                self._found[key] = self._find(kpi, card, person)
        return self._found[key]

    def _find(self, kpi: str, card: str, person: Person) -> Target | None:
        found = self.own(kpi, card, person)
        if not found:
            return self._cascaded(kpi, card, person)
        first, *rest = found
        return replace(first, overruled=tuple(rest))

    def expects_nothing(self, kpi: str, person: Person) -> bool:
        """Say whether nothing of a volume can be expected of somebody, who was not there on any
        working day of the period. Raises UnknownYear."""
        if not self.bound.volume(kpi) or self.roll.is_always_there(person):
            return False
        there = self.roll.presence(person, *self.days)
        return there.of > 0 and there.days == 0

    def own(self, kpi: str, card: str, person: Person) -> list[Target]:
        """Return what is written for a person, nearest first, as it is in this period."""
        subjects = whose_pages(person, card)
        found = []
        for level in PERSONAL:
            if (level, subjects[level], kpi) not in self.book.pages:
                continue  # of most people most levels say nothing
            attending = self._attending(level, card, person)
            asked = self._asked(kpi, level, attending, self.clock_of(person))
            target = self._at(subjects[level], kpi, asked, self._fact_of(person, kpi))
            if target is not None:
                found.append(self._remarked(target, kpi, level, person))
        return found

    def _asked(
        self,
        kpi: str,
        level: TargetLevel,
        attending: Attending = always,
        clock: Clock | None = None,
    ) -> TargetSpan:
        return TargetSpan(
            self.days, level, self.bound.volume(kpi), clock or self.clock_of(None), attending
        )

    def _fact_of(self, person: Person, kpi: str) -> FactOf:
        return lambda period: self.context.person_fact(person, kpi, period)

    def _attending(self, level: TargetLevel, card: str, person: Person) -> Attending:
        if level == "employee" and self.bound.plan.targets.prorate is None:
            return attendance.of_posts(self.roll, person)
        ramp = self.bound.cards[card].ramp if level != "employee" else {}
        return attendance.prorated(self.roll, person, ramp)

    def _remarked(self, target: Target, kpi: str, level: TargetLevel, person: Person) -> Target:
        """Say of a number that is written by name and taken whole that they were not there all the
        time."""
        by_name = level == "employee" and self.bound.plan.targets.prorate is None
        if not by_name or not self.bound.volume(kpi) or self.roll.is_always_there(person):
            return target
        whole = replace(person, post=None, segment="") if person.segment else person
        there = self.roll.presence(whole, *self.days)
        if there.share == 1:
            return target
        data = {"days": to_decimal(there.days, 4), "of": to_decimal(there.of, 4)}
        said = TargetStep("step.as_written", {**data, "unit": there.unit})
        return replace(target, steps=(*target.steps, said))

    # --- of units --------------------------------------------------------------------------------

    def at(self, kind: UnitKind, subject: str, kpi: str) -> Target | None:
        """Return the goal of the company or of a department (folded): written, or of a cascade."""
        key = (kind, subject, kpi)
        if key not in self._units:
            asked = self._asked(kpi, kind)
            fact_of: FactOf = lambda period: self.context.unit_fact(kind, subject, kpi, period)  # noqa: E731
            with self.bound.years_known():
                target = self._at(subject, kpi, asked, fact_of)
                if target is None and kind == "department":
                    target = self._cascaded_department(kpi, subject)
            self._units[key] = target
        return self._units[key]

    def of_unit_or_card(self, kind: UnitKind, subject: str, kpi: str, card: str) -> Target | None:
        """Return what is expected of a unit in a scorecard: its goal, else what the scorecard
        says."""
        goal = self.at(kind, subject, kpi)
        if goal is not None:
            return goal
        asked = self._asked(kpi, "scorecard")
        fact_of: FactOf = lambda period: self.context.unit_fact(kind, subject, kpi, period)  # noqa: E731
        with self.bound.years_known():
            return self._at(card, kpi, asked, fact_of)

    def has_goal(self, kind: UnitKind, subject: str, kpi: str) -> bool:
        """Say whether a unit has a goal of a KPI, of whichever period."""
        if (kind, subject, kpi) in self.book.pages:
            return True
        return kind == "department" and self.at(kind, subject, kpi) is not None

    def departments(self) -> dict[str, str]:
        """Return the departments that have goals: folded → as they are written."""
        found = self.book.subjects("department")
        for kpi, steps in self.bound.cascades.items():
            if any(step.to == DEPARTMENTS for step in steps):
                for folded, name in self._children(kpi).items():
                    if self.at("department", folded, kpi) is not None:
                        found.setdefault(folded, name)
        return found

    # --- what is written -------------------------------------------------------------------------

    def _at(self, subject: str, kpi: str, asked: TargetSpan, fact_of: FactOf) -> Target | None:
        """Return the target of one level: the number or the growth that is nearest to the
        period."""
        numbers = self.book.numbers(asked.level, subject, kpi)
        growths = self.book.growths(asked.level, subject, kpi)
        target = resolve(numbers, asked) if numbers else None
        if not growths:
            return target
        holding = {s: one for s, one in spans_of(growths).items() if _holds(s, self.days)}
        span = min(holding, key=lambda s: s[1] - s[0], default=None)
        one = holding[span] if span is not None else growths.get(ANY)
        if one is None or (target is not None and span is None):
            return target
        nearer = (s for s in spans_of(numbers) if _holds(s, self.days))
        if target is not None and span and any(s[1] - s[0] <= span[1] - span[0] for s in nearer):
            return target
        return self._grown(one, asked, fact_of) or target

    def _grown(self, one: Written, asked: TargetSpan, fact_of: FactOf) -> Target | None:
        """Make a target of a fact; None where there is none to grow from."""
        assert one.growth is not None  # noqa: S101  called with such a one
        zone, months = self.bound.zone, self.whole.period
        better = self.bound.kind(one.kpi).better
        periods_of = growth.bases(one.growth, months, zone)
        base = growth.base_of(periods_of, fact_of, better)
        if base is None:
            return None
        value = to_decimal(growth.grown(one.growth, base[1]), VALUE_PLACES)
        page = {months.text: replace(one, period=months.text, value=value, growth=None, since=None)}
        target = resolve(page, asked)
        if target is None or not value:
            return None
        shown = growth.derivation(one.growth, *base)
        if target.derivation:
            shown += f" = {value:f}; {target.derivation}"
        steps = (growth.step(one.growth, one.kpi, *base), *target.steps)
        return replace(target, derivation=shown, steps=steps)

    # --- cascade ---------------------------------------------------------------------------------

    def divided(self) -> list[Divided]:
        """Return every goal that a cascade divides in the months of the period."""
        with self.bound.years_known():
            divisions = [
                self.whole.division(kpi, number, subject)
                for kpi, steps in self.bound.cascades.items()
                for number, step in enumerate(steps)
                for subject in self.whole.parents(kpi, number, step)
            ]
        return [one for one in divisions if one is not None]

    def parents(self, kpi: str, number: int, step: Cascade) -> list[str]:
        """Return the subjects whose goals a step divides: "" for the company."""
        if not self._of_departments(kpi, number, step):
            return [""]
        members = self.context.members(step.to, self.period)
        return sorted({fold(p.department) for p in members if p.department})

    def _of_departments(self, kpi: str, number: int, step: Cascade) -> bool:
        above = (one.to for one in self.bound.cascades[kpi][:number])
        return step.of == DEPARTMENTS or (step.of is None and DEPARTMENTS in above)

    def _cascaded(self, kpi: str, card: str, person: Person) -> Target | None:
        for number, step in enumerate(self.bound.cascades.get(kpi, ())):
            if step.to != card:
                continue
            of_departments = self._of_departments(kpi, number, step)
            parent = fold(person.department or "") if of_departments else ""
            divided = self.whole.division(kpi, number, parent)
            if divided is not None and person.subject in divided.division.amounts:
                return self._part(divided, person.subject, person)
        return None

    def _cascaded_department(self, kpi: str, subject: str) -> Target | None:
        for number, step in enumerate(self.bound.cascades.get(kpi, ())):
            if step.to == DEPARTMENTS:
                divided = self.whole.division(kpi, number, "")
                if divided is not None and subject in divided.division.amounts:
                    return self._part(divided, subject, None)
        return None

    def division(self, kpi: str, number: int, subject: str) -> Divided | None:
        """Divide the goal of the company, or of a department, by a step of the KPI's cascade."""
        key = (kpi, number, subject)
        if key not in self._divided:
            self._divided[key] = None  # a circle would end here
            self._divided[key] = self._divide(kpi, number, subject)
        return self._divided[key]

    def _divide(self, kpi: str, number: int, subject: str) -> Divided | None:
        step = self.bound.cascades[kpi][number]
        kind: UnitKind = "department" if self._of_departments(kpi, number, step) else "company"
        parent = self.at(kind, subject, kpi)
        if parent is None:
            return None
        if step.to == DEPARTMENTS:
            parts, kept = self._open_departments(kpi, step)
        else:
            parts, kept = self._open_people(kpi, step, subject if kind == "department" else None)
        base = self._base(step)
        left = Fraction(parent.value) - sum(kept, Fraction(0))
        weights = shares(parts, unknown_as_equal=not step.weights)
        size = Fraction(step.round or self._least_step(kpi))
        divided = divide(left, weights, size)
        unknown = frozenset(p.id for p in parts if not p.is_known) if base is not None else ()
        known = {p.id: p.weight for p in parts if p.is_known and p.weight is not None}
        return Divided(
            kpi=kpi,
            kind=kind,
            subject=subject,
            parent=parent,
            by="weights" if step.weights else str(step.by),
            parts=tuple(p.id for p in parts),
            kept=to_decimal(sum(kept, Fraction(0)), _KEPT_PLACES),
            kept_of=len(kept),
            division=divided,
            unknown=frozenset(unknown),
            known=known,
            base=base.text if base is not None else "",
            name=self._children(kpi).get(subject, subject),
            step=step.round,
            size=size,
        )

    def _least_step(self, kpi: str) -> Decimal:
        """Return the smallest part of a KPI that somebody can be given."""
        return Decimal(1) if self.bound.kind(kpi).shown_unit == "count" else Decimal("0.01")

    def _base(self, step: Cascade) -> Period | None:
        """Return the period whose facts are the shares."""
        if step.by == "last_year_share":
            return growth.year_before(self.period, self.bound.zone)
        if step.by == "prev_share":
            return periods.previous(self.period, self.bound.zone)
        return None

    def _children(self, kpi: str) -> dict[str, str]:
        """Return the departments among which a KPI's goal is divided: those of the people whom a
        scorecard measures by it; folded → as written."""
        cards = [card for card, spec in self.bound.cards.items() if kpi in spec.kpis]
        people = [p for card in cards for p in self.context.members(card, self.period)]
        names = {fold(p.department): p.department for p in people if p.department}
        return dict(sorted(names.items()))

    def _open_departments(self, kpi: str, step: Cascade) -> tuple[list[Share], list[Fraction]]:
        """Return the departments without a goal of their own, and the goals of the others."""
        weights = {fold(name): Fraction(weight) for name, weight in step.weights.items()}
        names = {**self._children(kpi), **{name: name for name in weights}}
        parts, kept = [], []
        for folded in names:
            if (folded_goal := self._written_goal(kpi, folded)) is not None:
                kept.append(Fraction(folded_goal.value))
            else:
                weight = self._weight_of_department(kpi, step, folded, weights)
                parts.append(Share(folded, weight))
        return parts, kept

    def _written_goal(self, kpi: str, folded: str) -> Target | None:
        fact_of: FactOf = lambda p: self.context.unit_fact("department", folded, kpi, p)  # noqa: E731
        return self._at(folded, kpi, self._asked(kpi, "department"), fact_of)

    def _weight_of_department(
        self, kpi: str, step: Cascade, folded: str, weights: Mapping[str, Fraction]
    ) -> Fraction | None:
        if weights:
            return weights.get(folded)
        if (base := self._base(step)) is not None:
            fact = self.context.unit_fact("department", folded, kpi, base)
            return None if fact is None else fact.exact
        if step.by == "equal":
            return Fraction(1)
        cards = [card for card, spec in self.bound.cards.items() if kpi in spec.kpis]
        people = {p.subject: p for card in cards for p in self.context.members(card, self.period)}
        inside = [p for p in people.values() if fold(p.department or "") == folded]
        if step.by == "headcount":
            return Fraction(len(inside))
        return sum((_fte(p, self.period) for p in inside), Fraction(0))

    def _open_people(
        self, kpi: str, step: Cascade, department: str | None
    ) -> tuple[list[Share], list[Fraction]]:
        """Return the people without a target of their own, and the targets of the others."""
        parts, kept = [], []
        weights = {fold(name): Fraction(weight) for name, weight in step.weights.items()}
        for person in self.context.members(step.to, self.period):
            if department is not None and fold(person.department or "") != department:
                continue
            if own := self.own(kpi, step.to, person):
                kept.append(Fraction(own[0].value))
                continue
            ramp = self.bound.cards[step.to].ramp
            attending = attendance.prorated(self.roll, person, ramp)(*self.days)
            there = Fraction(1) if attending is None else attending.share
            weight = self._weight_of_person(kpi, step, person, weights)
            parts.append(Share(person.subject, weight, there))
        return parts, kept

    def _weight_of_person(
        self, kpi: str, step: Cascade, person: Person, weights: Mapping[str, Fraction]
    ) -> Fraction | None:
        if weights:
            names = (person.id, person.email or "", person.name, *person.aliases)
            return next((weights[fold(n)] for n in names if n and fold(n) in weights), None)
        if (base := self._base(step)) is not None:
            fact = self.context.person_fact(person, kpi, base)
            return None if fact is None else fact.exact
        return _fte(person, self.period) if step.by == "fte" else Fraction(1)

    def _part(self, divided: Divided, ident: str, person: Person | None) -> Target | None:
        """Make a target of what somebody (or a department) got of a goal; of a part of the months
        the days that somebody was there for."""
        amount = divided.division.amounts[ident]
        value = to_decimal(amount, VALUE_PLACES)
        if not value:
            return None
        steps = (*steps_of(divided, ident), *self._away(person))
        target = Target(value, "cascade", divided.parent.place, made(divided, ident), steps=steps)
        if self.whole is self:
            return target
        part, whole, unit = self._days_there(person)
        shown = f"{target.derivation} = {value:f}; {value:f} × {part:f}/{whole:f} {unit}"
        if not part or not whole:
            return None
        value = to_decimal(amount * Fraction(part) / Fraction(whole), VALUE_PLACES)
        return replace(target, value=value, derivation=shown)

    def _away(self, person: Person | None) -> tuple[TargetStep, ...]:
        if person is None:
            return ()
        ramp: Mapping[int, Decimal] = {}
        attending = attendance.prorated(self.roll, person, ramp)(*self.whole.days)
        return attending.steps if attending is not None else ()

    def _days_there(self, person: Person | None) -> tuple[Decimal, Decimal, str]:
        if person is None or self.roll.is_always_there(person):
            part, whole, unit = self.clock_of(person).of(self.days, self.whole.days)
            return Decimal(part), Decimal(whole), unit
        here = self.roll.presence(person, *self.days)
        months = self.roll.presence(person, *self.whole.days)
        return to_decimal(here.days, 4), to_decimal(months.days, 4), here.unit


DEPARTMENTS = "departments"


def _holds(span: periods.Days, days: periods.Days) -> bool:
    return span[0] <= days[0] and days[1] <= span[1]


def _fte(person: Person, period: Period) -> Fraction:
    """Return the share of a full post that somebody had last in a period; a full one where nothing
    is said."""
    said = person.in_period(period).fte
    return Fraction(1) if said is None else Fraction(said)
