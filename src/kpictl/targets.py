"""Expected values: which of those written holds for whom, and how it becomes this period's.

Precedence: employee > department > scorecard > company. A plain number holds for whichever period
is computed. A number by period: that very period's; else of a volume the months it is made of,
each its share of the shortest period written that holds it; else, of a quotient, the shortest
period written that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.people import Ambiguous, Directory, Person
from kpictl.plan.load import suggest
from kpictl.values import VALUE_PLACES, Period, Target, TargetLevel, to_decimal

if TYPE_CHECKING:
    from kpictl.plan.bind import Bound

LEVELS: tuple[TargetLevel, ...] = ("employee", "department", "scorecard", "company")
ANY = ""  # the period of a plain number


@dataclass(frozen=True, slots=True)
class Written:
    """One number as it is written: for one KPI, level, subject of that level, and period."""

    level: TargetLevel
    subject: str
    kpi: str
    period: str
    value: Decimal
    place: Place | None = None


@dataclass(slots=True)
class TargetBook:
    """All targets written anywhere, found by KPI and subject."""

    volumes: Mapping[str, bool]
    pages: dict[tuple[TargetLevel, str, str], dict[str, Written]] = field(default_factory=dict)

    def add(self, written: Iterable[Written]) -> Iterator[Problem]:
        """Take numbers in; one that is already there is a mistake."""
        for one in written:
            page = self.pages.setdefault((one.level, one.subject, one.kpi), {})
            if one.period in page:
                first = page[one.period].place
                data = {"kpi": one.kpi, "period": one.period or "—", "other": first}
                yield Problem("targets.written_twice", one.place, data)
                continue
            page[one.period] = one

    def find(self, kpi: str, card: str, person: Person, period: Period) -> Target | None:
        """Return the target that holds for a person, with those that it overrules."""
        subjects = {
            "employee": person.id,
            "department": fold(person.department or ""),
            "scorecard": card,
            "company": "",
        }
        found = [t for level in LEVELS if (t := self.at(level, subjects[level], kpi, period))]
        if not found:
            return None
        first, *rest = found
        return Target(first.value, first.level, first.place, first.derivation, tuple(rest))

    def at(self, level: TargetLevel, subject: str, kpi: str, period: Period) -> Target | None:
        page = self.pages.get((level, subject, kpi))
        if not page:
            return None
        return resolve(page, period, level, volume=self.volumes[kpi])


def resolve(
    page: Mapping[str, Written], period: Period, level: TargetLevel, *, volume: bool
) -> Target | None:
    """Make one period's target of the numbers written; None where they say nothing of it."""
    days = (period.first, period.last + timedelta(days=1))
    spans = {periods.fixed_days(text): one for text, one in page.items() if text != ANY}
    if days in spans:
        return Target(spans[days].value, level, spans[days].place)
    holding = sorted(
        (s for s in spans if s[0] <= days[0] and days[1] <= s[1]), key=lambda s: s[1] - s[0]
    )
    if holding and not volume:
        one = spans[holding[0]]
        return Target(one.value, level, one.place, f"{one.period}: {one.value}")
    if volume and (made := _from_months(spans, days, level)):
        return made
    if ANY in page:
        return Target(page[ANY].value, level, page[ANY].place)
    return None


def _from_months(
    spans: Mapping[periods.Days, Written], days: periods.Days, level: TargetLevel
) -> Target | None:
    """Add up the months of a period, each its share of the shortest span that holds it."""
    used: dict[str, int] = {}
    total = Fraction(0)
    place = None
    whole = {span: len(periods.months(*span)) for span in spans}
    for month in periods.months(*days):
        end = (month + timedelta(days=31)).replace(day=1)
        fits = [s for s in spans if whole[s] and s[0] <= month and end <= s[1]]
        if not fits:
            return None
        span = min(fits, key=lambda s: whole[s])
        one = spans[span]
        place = place or one.place
        total += Fraction(one.value) / whole[span]
        used[one.period] = used.get(one.period, 0) + 1
    if not used:
        return None
    parts = []
    by_text = {one.period: (one, whole[span]) for span, one in spans.items()}
    for text, count in used.items():
        one, size = by_text[text]
        share = "" if count == size else f" × {count}/{size}"
        parts.append(f"{text}: {one.value}{share}")
    return Target(to_decimal(total, VALUE_PLACES), level, place, " + ".join(parts))


def from_plan(bound: Bound, directory: Directory) -> tuple[list[Written], list[Problem]]:
    """Return the numbers written in the plan itself, employees resolved."""
    plan = bound.plan
    problems: list[Problem] = []
    found: list[Written] = []
    for kpi, value in plan.targets.company.items():
        found.extend(_written(bound, ("targets", "company", kpi), ("company", "", kpi), value))
    for key, block in plan.targets.blocks.items():
        prefix, _, subject = key.partition(".")
        level = next(one for one in LEVELS if one == prefix)  # seen by plan.checks.targets
        if level == "employee":
            person, problem = whose(subject, directory, bound.place(("targets", key), key=True))
            problems.extend([problem] if problem is not None else [])
            if person is None:
                continue
            subject = person.id
        if level == "department":
            problems.extend(
                no_department(subject, directory, bound.place(("targets", key), key=True))
            )
            subject = fold(subject)
        for kpi, value in block.items():
            found.extend(_written(bound, ("targets", key, kpi), (level, subject, kpi), value))
    for card, spec in plan.scorecards.items():
        for kpi, entry in spec.kpis.items():
            if entry.target is not None:
                at = ("scorecards", card, "kpis", kpi, "target")
                found.extend(_written(bound, at, ("scorecard", card, kpi), entry.target))
    return found, problems


def whose(
    text: str, directory: Directory, place: Place | None
) -> tuple[Person | None, Problem | None]:
    """Return the employee that a target names, or what is wrong with the name."""
    try:
        person = directory.find(text)
    except Ambiguous as several:
        names = ", ".join(p.email or p.id for p in several.people)
        return None, Problem("people.ambiguous", place, {"name": text, "people": names})
    if person is None:
        known = [called for p in directory.people for called in (p.email, p.name) if called]
        near = suggest(text, known)["near"]
        return None, Problem("people.unknown", place, {"name": text, "near": near}, "warning")
    return person, None


def no_department(name: str, directory: Directory, place: Place | None) -> Iterator[Problem]:
    """Yield a remark where nobody is in a department that a target names."""
    known = sorted({p.department for p in directory.people if p.department})
    if known and fold(name) not in {fold(one) for one in known}:
        data = {"name": name, **suggest(name, known)}
        yield Problem("targets.department", place, data, "warning")


def _written(
    bound: Bound,
    path: tuple[str | int, ...],
    key: tuple[TargetLevel, str, str],
    value: Decimal | Mapping[str, Decimal],
) -> Iterator[Written]:
    if isinstance(value, Decimal):
        yield Written(*key, ANY, value, bound.place(path))
        return
    for text, number in value.items():
        yield Written(*key, text, number, bound.place((*path, text)))
