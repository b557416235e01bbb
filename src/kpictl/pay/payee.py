"""Who is paid: a row of a scorecard with the person behind it, and every figure that its pay may
ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import Place
from kpictl.naming import fold
from kpictl.people.absences import AbsenceKind, Absences
from kpictl.people.assignments import Assignment
from kpictl.people.presence import Presence
from kpictl.people.staff import Person
from kpictl.plan.pay import ProrateBy, ProrateSpec
from kpictl.plan.pay_figures import EMPLOYEE, UNITS
from kpictl.scoring import posts, scorecards, units
from kpictl.scoring.score import Expectation, score
from kpictl.values import VALUE_PLACES, Fact, Period, Release, Row, Target, to_decimal

if TYPE_CHECKING:
    from kpictl.app.computation import Computation
    from kpictl.pay.records import PaidRecord
    from kpictl.sources.pay_rates import RateBook

Number = Decimal | Fraction
Figures = Mapping[str, Number | None]
_DAY = timedelta(days=1)


class SalaryStretch(Struct, frozen=True):
    """The days `first` to `last` of a month in which a salary held, how many of them count, and
    where the salary is written."""

    salary: Decimal | None
    first: date
    last: date
    days: Fraction
    place: Place | None = None


class Crew(Struct, frozen=True, dict=True):
    """All rows of a scorecard in a period, and what they share: it is worked out once."""

    computed: Computation
    card: str
    rows: tuple[Row, ...]

    @cached_property
    def whole(self) -> Row:
        """Return what all rows have reached together."""
        return scorecards.whole(self.computed, self.card, self.rows)

    @cached_property
    def department_indexes(self) -> dict[str, Decimal | None]:
        """Return the index of each department, folded, on the first scorecard of departments that
        has it."""
        computed, indexes = self.computed, dict[str, Decimal | None]()
        for card in computed.cards:
            if computed.bound.cards[card].rows == "departments":
                for row in scorecards.card_rows(computed, card):
                    indexes.setdefault(fold(row.name), row.index)
        return indexes


class Payee(Struct, frozen=True, dict=True):
    """One row of a scorecard: the `person` (or post of one) in the months of a period.

    Of parts that are paid record by record, by their ids, `records` are those of the payee, `books`
    the rates, and `released` what money has come in for.
    """

    crew: Crew
    person: Person
    row: Row
    records: Mapping[str, tuple[PaidRecord, ...]] = {}
    books: Mapping[str, RateBook] = {}
    released: Mapping[str, Release] = {}

    @property
    def computed(self) -> Computation:
        return self.crew.computed

    @property
    def card(self) -> str:
        return self.crew.card

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """Return the months of the period."""
        period = self.computed.period
        zone = self.computed.bound.zone
        days = (*periods.months(period.first, period.last + _DAY), period.last + _DAY)
        return tuple(periods.of_days(first, after, zone) for first, after in pairwise(days))

    # --- time --------------------------------------------------------------------------------

    def presence(self, month: Period, by: ProrateBy, kinds: Iterable[AbsenceKind]) -> Presence:
        """Return how much of a month somebody was there for, less absences of these kinds."""
        absences = Absences(self.computed.workspace.absences.of, frozenset(kinds))
        return posts.presence_of(self.computed, self.person, month, absences, by=by)

    @cached_property
    def worked(self) -> Presence:
        """Return how much of the period somebody was there for, less what lowers targets."""
        return posts.presence_of(self.computed, self.person)

    @cached_property
    def month_of_service(self) -> int | None:
        """Return which calendar month since the hiring the last of the period is, that of the
        hiring being the first; None where it is not known when that was."""
        return self.service_in(self.computed.period)

    def service_in(self, period: Period) -> int | None:
        """Return the same of the last month of another period."""
        hired, last = self.person.hired, period.last
        if hired is None:
            return None
        return (last.year - hired.year) * 12 + last.month - hired.month + 1

    # --- salary ------------------------------------------------------------------------------

    def salaries(self, month: Period, spec: ProrateSpec | None = None) -> list[SalaryStretch]:
        """Return the salaries of a month, one after the other, with the days that each held for;
        with a proration those (or the hours) that it pays for, unless there are none at all."""
        person, zone = self.person, self.computed.bound.zone
        assignments = [a for a in person.assignments if a.meets(month)]
        held: list[Assignment | None] = [*assignments] or [None]
        post = person.post
        found: list[SalaryStretch] = []
        for assignment in held:
            bounds = [month.first, person.hired]
            ends = [month.last + _DAY, person.left and person.left + _DAY]
            for one in (assignment, post):
                if one is not None:
                    bounds.append(one.start)
                    ends.append(one.end)
            first = max(day for day in bounds if day is not None)
            after = min(day for day in ends if day)
            if first >= after:
                continue
            stretch = periods.of_days(first, after, zone)
            days = posts.presence_of(self.computed, person, stretch).of
            salary = person.salary if assignment is None else assignment.salary
            place = person.place if assignment is None else assignment.place
            found.append(SalaryStretch(salary, first, after - _DAY, days, place))
        return _joined(found if spec is None else self._paid_for(found, spec))

    def _paid_for(self, held: list[SalaryStretch], spec: ProrateSpec) -> list[SalaryStretch]:
        """Return stretches with the days that a proration pays for: a day of absence is taken off
        the salary that was in force on it."""
        zone = self.computed.bound.zone
        stretches = (periods.of_days(one.first, one.last + _DAY, zone) for one in held)
        days = [self.presence(one, spec.by, spec.absences).days for one in stretches]
        if not any(days):
            return held
        return [replace(one, days=own) for one, own in zip(held, days, strict=True) if own]

    # --- figures -----------------------------------------------------------------------------

    def figures(self, names: Iterable[str]) -> dict[str, Number | None]:
        """Return figures by the names that a plan has for them; None of what is not known."""
        return {name: self.figure(name) for name in names}

    def figure(self, name: str) -> Number | None:
        unit, _, rest = name.partition(".")
        if unit == EMPLOYEE and rest:
            return _number_in(self.person.more.get(rest))
        if unit in UNITS and rest:
            return self._of_unit(unit, rest)
        if name in self.computed.bound.plan.kpis or unit in self.computed.bound.plan.kpis:
            return self._of_kpi(unit, rest or "value")
        return self._own(name)

    def attainment(self, kpi: str) -> Fraction | None:
        """Return the exact attainment of a KPI in percent: thresholds compare it unrounded."""
        fact, target = self.fact_and_target(kpi)
        return self._attainment(kpi, fact, target)

    def fact_and_target(self, kpi: str) -> tuple[Fact, Target | None]:
        """Return the fact of a KPI and what is expected, as the row has them, if it does."""
        for own in self.row.scores:
            if own.kpi == kpi:
                return own.fact, own.target
        fact = self.computed.facts_of(self.person.subject)[kpi]
        return fact, self.computed.expected.find(kpi, self.card, self.person)

    def _own(self, name: str) -> Number | None:
        row = self.row
        if name == "salary":
            return self.salary_base
        own: dict[str, Number | None] = {
            "index": row.index,
            "rank": None if row.rank is None else Decimal(row.rank),
            "coverage": row.coverage,
            "fte": self.person.fte,
            "tenure": self._tenure(),
        }
        if name in own:
            return own[name]
        return self.worked.days if name == "days" else self.worked.of

    @property
    def salary_base(self) -> Fraction | None:
        """Return the salary of the period: of each month the mean by days; None if not known."""
        total = Fraction(0)
        for month in self.months:
            base = mean_salary(self.salaries(month))
            if base is None:
                return None
            total += base
        return total

    def _tenure(self) -> Decimal | None:
        hired, after = self.person.hired, self.computed.period.last + _DAY
        if hired is None:
            return None
        return Decimal(max(periods.months_between(hired, after), 0))

    def _of_kpi(self, kpi: str, what: str) -> Number | None:
        if what == "score":
            return next((s.points for s in self.row.scores if s.kpi == kpi), None)
        fact, target = self.fact_and_target(kpi)
        return self._figure_of(kpi, what, fact, target)

    def _figure_of(self, kpi: str, what: str, fact: Fact, target: Target | None) -> Number | None:
        if what == "value":
            return fact.exact
        if what == "target":
            return None if target is None else target.value
        return self._attainment(kpi, fact, target)

    def _attainment(self, kpi: str, fact: Fact, target: Target | None) -> Fraction | None:
        if fact.exact is None or target is None:
            return None
        bound = self.computed.bound
        entry = bound.cards[self.card].kpis.get(kpi)
        shape = units.UNWEIGHTED.score if entry is None else entry.score
        return shape.attainment(fact.exact, Fraction(target.value), bound.kind(kpi).better)

    def _of_unit(self, unit: str, rest: str) -> Number | None:
        if unit == "scorecard":
            return self._of_scorecard(rest)
        if rest == "index":
            return self.crew.department_indexes.get(fold(self.row.department or ""))
        computed, (kpi, _, what) = self.computed, rest.partition(".")
        level = units.of_row("company" if unit == "company" else "department", self.row.department)
        fact, target = units.fact_and_target(computed, kpi, self.card, level)
        if what == "score":
            entry = computed.bound.cards[self.card].kpis.get(kpi, units.UNWEIGHTED)
            better = computed.bound.kind(kpi).better
            return score(Expectation(kpi, entry, better), fact, target).points
        return self._figure_of(kpi, what or "value", fact, target)

    def _of_scorecard(self, rest: str) -> Number | None:
        """Return a figure of the total line of the scorecard."""
        total, (kpi, _, what) = self.crew.whole, rest.partition(".")
        if rest == "index":
            return total.index
        own = next((s for s in total.scores if s.kpi == kpi), None)
        if own is None or what == "score":
            return None if own is None else own.points
        return self._figure_of(kpi, what or "value", own.fact, own.target)


def payees(computed: Computation) -> Iterator[Payee]:
    """Yield everybody on a scorecard that pays, in the order of scorecards and ranks."""
    for card in computed.cards:
        if computed.bound.cards[card].bonus is None:
            continue
        rows = scorecards.card_rows(computed, card)
        crew = Crew(computed, card, rows)
        people = {person.subject: person for person in computed.members[card]}
        for row in rows:
            yield Payee(crew, people[row.subject], row)


def mean_salary(stretches: Iterable[SalaryStretch]) -> Fraction | None:
    """Return the salary of a month by the days that each held for; 0 for a month not worked in,
    None where one is not known."""
    held = [one for one in stretches if one.days]
    if any(one.salary is None for one in held):
        return None
    days = sum((one.days for one in held), Fraction(0))
    earned = (Fraction(one.salary or 0) * one.days for one in held)
    return sum(earned, Fraction(0)) / days if days else Fraction(0)


def shown(figures: Figures) -> tuple[tuple[str, Decimal | None], ...]:
    """Return figures as they are kept: at most ten decimals."""
    return tuple(
        (name, None if value is None else to_decimal(value, VALUE_PLACES))
        for name, value in figures.items()
    )


def _joined(stretches: Iterable[SalaryStretch]) -> list[SalaryStretch]:
    """Join stretches of the same salary."""
    joined: list[SalaryStretch] = []
    for one in stretches:
        if joined and joined[-1].salary == one.salary and joined[-1].last + _DAY == one.first:
            before = joined.pop()
            days = before.days + one.days
            one = SalaryStretch(one.salary, before.first, one.last, days, before.place)  # noqa: PLW2901
        joined.append(one)
    return joined


def _number_in(text: object) -> Decimal | None:
    """Return the number that a cell of the list of employees holds."""
    if isinstance(text, Decimal):
        return text
    bare = "".join(str(text or "").split()).replace(",", ".").removesuffix("%")
    try:
        number = Decimal(bare)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
