"""Expected values: which of those written holds for whom, and how it becomes this period's.

A person's target: employee > members of the department > scorecard. The goals of a department and
of the company belong to the unit alone and are nobody's fall-back.

A volume's number is of the period it is written for, or per month (year, …). Another length of
period adds it up or splits it: what is written of a part of the period counts as it stands; the
rest by months, and by calendar days where it is not of whole months, each from the shortest period
written that holds it. Of a quotient the shortest period written that
holds the one computed counts as it stands. A plain number holds for whichever period is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.people import Ambiguous, Directory, Person
from kpictl.plan.fields import DAYS, MONTHS, PerPeriod
from kpictl.plan.load import suggest
from kpictl.values import VALUE_PLACES, Period, Target, TargetLevel, to_decimal

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

PERSONAL: tuple[TargetLevel, ...] = ("employee", "members", "scorecard")
UNITS: tuple[TargetLevel, ...] = ("department", "company")
LEVELS: tuple[TargetLevel, ...] = (*PERSONAL, *UNITS)
ANY = ""  # the period of a plain number


@dataclass(frozen=True, slots=True)
class Written:
    """One number as it is written: for one KPI, level, subject of that level, and period.

    `subject` is a person's id, a folded department, a scorecard's id, or "" for the company;
    `called` is how it was written there, `per` what it is of (month, …; "": its period).
    """

    level: TargetLevel
    subject: str
    kpi: str
    period: str
    value: Decimal
    place: Place | None = None
    called: str = ""
    per: str = ""


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
        subjects = whose_pages(person, card)
        found = [t for level in PERSONAL if (t := self.at(level, subjects[level], kpi, period))]
        if not found:
            return None
        first, *rest = found
        return Target(first.value, first.level, first.place, first.derivation, tuple(rest))

    def subjects(self, level: TargetLevel) -> dict[str, str]:
        """Return whose targets a level holds, each with how it was first written."""
        found: dict[str, str] = {}
        for (one, subject, _), page in self.pages.items():
            if one == level:
                found.setdefault(subject, next(iter(page.values())).called)
        return found

    def bare(self, label: Callable[[str], str]) -> Iterator[Problem]:
        """Remark on volumes whose targets do not say of which length of time they are."""
        for kpi, found in self._bare().items():
            data = {"kpi": label(kpi), "count": len(found), "given": found[0].value}
            yield Problem("lint.bare_target", found[0].place, data, "warning")

    def of_other_lengths(
        self, period: Period, kpis: Iterable[str], label: Callable[[str], str]
    ) -> Iterator[Problem]:
        """Warn of such numbers where the period is not as long as the other targets' (a month where
        there are none): they are taken whole all the same."""
        bare = self._bare()
        lengths = {length for page in self.pages.values() for length in self._lengths(page)}
        own = _length((period.first, period.last + timedelta(days=1)))
        if own in (lengths or {(1, 0)}):
            return
        for kpi in kpis:
            if kpi in bare:
                data = {"kpi": label(kpi), "given": bare[kpi][0].value, "period": period.text}
                code = "targets.other_length" if lengths else "targets.no_month"
                yield Problem(code, bare[kpi][0].place, data, "warning")

    def _bare(self) -> dict[str, list[Written]]:
        found: dict[str, list[Written]] = {}
        for (_, _, kpi), page in self.pages.items():
            if self.volumes[kpi] and ANY in page and not page[ANY].per:
                found.setdefault(kpi, []).append(page[ANY])
        return found

    def _lengths(self, page: Mapping[str, Written]) -> Iterator[tuple[int, int]]:
        """Yield the lengths of time that the volumes of a page are of."""
        for text, one in page.items():
            if not self.volumes[one.kpi]:
                continue
            if one.per:
                yield MONTHS.get(one.per, 0), DAYS.get(one.per, 0)
            elif text != ANY:
                yield _length(periods.fixed_days(text))

    def nobodys(self, kpi: str, card: str) -> bool:
        """Say whether nobody who could be in a scorecard has a target of a KPI."""
        personal = {(level, s) for level, s, k in self.pages if k == kpi and level in PERSONAL}
        return not any(level != "scorecard" or subject == card for level, subject in personal)

    def lacks(self, kpi: str, card: str, person: Person) -> bool:
        """Say whether a person has no target of a KPI at all, of whatever period."""
        subjects = whose_pages(person, card)
        return not any((level, subjects[level], kpi) in self.pages for level in PERSONAL)

    def at(self, level: TargetLevel, subject: str, kpi: str, period: Period) -> Target | None:
        page = self.pages.get((level, subject, kpi))
        if not page:
            return None
        return resolve(page, period, level, volume=self.volumes[kpi])


def _length(span: periods.Days) -> tuple[int, int]:
    """Return the length of a stretch: in months, or in days where it is not of whole months."""
    months = len(periods.months(*span))
    return (months, 0) if months else (0, (span[1] - span[0]).days)


def whose_pages(person: Person, card: str) -> dict[TargetLevel, str]:
    """Return under which subject of each level a person's targets stand."""
    return {"employee": person.id, "members": fold(person.department or ""), "scorecard": card}


def resolve(
    page: Mapping[str, Written], period: Period, level: TargetLevel, *, volume: bool
) -> Target | None:
    """Make one period's target of the numbers written; None where they say nothing of it."""
    days = (period.first, period.last + timedelta(days=1))
    spans = {periods.fixed_days(text): one for text, one in page.items() if text != ANY}
    if days in spans and not spans[days].per:
        return Target(spans[days].value, level, spans[days].place)
    always = page.get(ANY)
    if volume and (made := _made(spans, always, days, level)):
        return made
    holding = sorted(
        (s for s in spans if s[0] <= days[0] and days[1] <= s[1]), key=lambda s: s[1] - s[0]
    )
    if holding and not volume:
        one = spans[holding[0]]
        return Target(one.value, level, one.place, f"{one.period}: {one.value:f}")
    if always is not None and not always.per:
        return Target(always.value, level, always.place)
    return None


Spans = Mapping[periods.Days, Written]


def _made(
    spans: Spans, always: Written | None, days: periods.Days, level: TargetLevel
) -> Target | None:
    """Make a volume's target of the numbers that hold for its months and, where it is not of whole
    months, for its days: each a share of the shortest span written that holds it."""
    shares: dict[str, tuple[Written, Fraction, int]] = {}
    for piece in _pieces(days, spans):
        span = _holding(piece, spans)
        one = spans[span] if span else always if always is not None and always.per else None
        if one is None:
            return None
        share, whole = _share(piece, one, span)
        known = shares.get(one.period, (one, Fraction(0), whole))
        shares[one.period] = (one, known[1] + share, whole)
    parts = [_part(*one) for one in shares.values()]
    total = sum((Fraction(one.value) * share for one, share, _ in shares.values()), Fraction(0))
    place = next(one.place for one, _, _ in shares.values())
    derivation = " + ".join(parts)
    value = to_decimal(total, VALUE_PLACES)
    # A share too small to be written down is no target: nothing can be held against zero.
    return Target(value, level, place, derivation) if value else None


def _pieces(days: periods.Days, spans: Spans) -> Iterator[periods.Days]:
    """Cut a period into the spans of months that are written whole inside it, the longest first:
    a half-year is its quarters, as they were computed; then into whole months that a span of months
    holds (or any, where none is needed), and into days where it is not of whole months, or only
    shorter spans are written."""
    first, after = days
    while first < after:
        inside = (s for s, one in spans.items() if s[0] == first and s[1] <= after and not one.per)
        longest = max((s for s in inside if _months(s)), key=lambda s: s[1], default=None)
        if longest is not None:
            yield longest
            first = longest[1]
            continue
        month = first.replace(day=1)
        end = (month + timedelta(days=31)).replace(day=1)
        whole = first == month and end <= after
        shorter = any(s[0] < end and month < s[1] and not _months(s) for s in spans)
        if whole and (_holding((first, end), spans) or not shorter):
            yield first, end
            first = end
        else:
            yield first, first + timedelta(days=1)
            first += timedelta(days=1)


def _months(span: periods.Days) -> int:
    return len(periods.months(*span))


def _holding(piece: periods.Days, spans: Spans) -> periods.Days | None:
    """Return the shortest span that holds a piece; of a whole month only one of whole months."""
    fits = [s for s in spans if s[0] <= piece[0] and piece[1] <= s[1]]
    if (piece[1] - piece[0]).days > 1:
        fits = [s for s in fits if _months(s)]
    return min(fits, key=lambda s: s[1] - s[0]) if fits else None


def _share(piece: periods.Days, one: Written, span: periods.Days | None) -> tuple[Fraction, int]:
    """Return which share of a number written a piece has, and of how many months that number is (0:
    of days)."""
    if piece == span and not one.per:
        return Fraction(1), _months(piece)
    count = (piece[1] - piece[0]).days
    month = (piece[0].replace(day=1) + timedelta(days=31)).replace(day=1)
    of_month = Fraction(count, (month - piece[0].replace(day=1)).days)
    months = MONTHS.get(one.per, 0) if one.per else _months(span) if span else 0
    if months:
        return of_month / months, months
    days = DAYS[one.per] if one.per else (span[1] - span[0]).days if span else 1
    return Fraction(count, days), 0


def _part(one: Written, share: Fraction, whole: int) -> str:
    """Write one part of a target that was made: `2024-Q2: 90 × 2/3`, `5/month × 3`."""
    label = f"{one.value:f}/{one.per}" if one.per else f"{one.value:f}"
    label = f"{one.period}: {label}" if one.period else label
    if share == 1:
        return label
    months = share * whole
    text = f"{months}/{whole}" if whole > 1 and months.denominator == 1 and not one.per else share
    return f"{label} × {text}"


def from_plan(bound: Bound, directory: Directory) -> tuple[list[Written], list[Problem]]:
    """Return the numbers written in the plan itself, employees resolved."""
    plan = bound.plan
    problems: list[Problem] = []
    found: list[Written] = []
    for kpi, value in plan.targets.company.items():
        path = ("targets", "company", kpi)
        found.extend(_written(bound, path, ("company", "", kpi), value))
    for key, block in plan.targets.blocks.items():
        prefix, _, subject = key.partition(".")
        level = next(one for one in LEVELS if one == prefix)  # seen by plan.checks.targets
        if level == "employee":
            person, problem = whose(subject, directory, bound.place(("targets", key), key=True))
            problems.extend([problem] if problem is not None else [])
            if person is None:
                continue
            subject = person.id
        called = subject
        if level in ("department", "members"):
            problems.extend(
                no_department(subject, directory, bound.place(("targets", key), key=True))
            )
            subject = fold(subject)
        for kpi, value in block.items():
            path = ("targets", key, kpi)
            written = _written(bound, path, (level, subject, kpi), value)
            found.extend(replace(one, called=called) for one in written)
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
    value: Decimal | PerPeriod | Mapping[str, Decimal | PerPeriod],
) -> Iterator[Written]:
    numbers = value if isinstance(value, Mapping) else {ANY: value}
    for text, number in numbers.items():
        place = bound.place(path if text == ANY else (*path, text))
        if isinstance(number, PerPeriod):
            yield Written(*key, text, number.value, place, per=number.per)
        else:
            yield Written(*key, text, number, place)
