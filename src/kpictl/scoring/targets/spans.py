"""The target of a period, of the numbers written for other stretches of time.

What is written of a part of the period counts as it stands; the rest by months, and by days where
it is not of whole months, each from the shortest stretch written that holds it. Days are working
days, or calendar days where the plan has no calendar. Of a person who was not there all the time
each month counts by its share of presence, so that the parts of a period add up to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from msgspec import Struct, field
from msgspec.structs import replace

from kpictl import periods
from kpictl.people.presence import WorkingDays
from kpictl.plan.fields import DAYS, MONTHS
from kpictl.scoring.targets.written import ANY, Written
from kpictl.values import VALUE_PLACES, DayUnit, Target, TargetLevel, TargetStep, to_decimal

FOREVER = date(periods.LAST_YEAR + 1, 1, 1)
_DAY = timedelta(days=1)
ONE = Fraction(1)


class Clock(Struct, frozen=True):
    """How days are counted: those of a calendar, or all."""

    calendar: WorkingDays | None = None

    @property
    def unit(self) -> DayUnit:
        return "calendar_days" if self.calendar is None else "working_days"

    def days(self, first: date, after: date) -> int:
        if self.calendar is None:
            return (after - first).days
        return self.calendar.working_days(first, after)

    def of(self, part: periods.Days, whole: periods.Days) -> tuple[int, int, DayUnit]:
        """Return how many of the days of a whole a part has; of a whole without a working day its
        calendar days."""
        if (among := self.days(*whole)) > 0:
            return self.days(*part), among, self.unit
        return (part[1] - part[0]).days, (whole[1] - whole[0]).days, "calendar_days"


class Attendance(Struct, frozen=True):
    """Which share of a stretch counts for somebody: as factors of a derivation, with what took the
    rest away."""

    share: Fraction
    factors: tuple[str, ...] = ()
    steps: tuple[TargetStep, ...] = ()


Attending = Callable[[date, date], Attendance | None]
"""A stretch of days → how much of it counts; None for all of it."""


def always(first: date, after: date) -> Attendance | None:
    """Return that all of a stretch counts, as it does of units."""
    del first, after
    return None


class TargetSpan(Struct, frozen=True):
    """What a target is wanted of: the days of a period, of which level, how time counts."""

    days: periods.Days
    level: TargetLevel
    volume: bool
    clock: Clock = field(default_factory=Clock)
    attending: Attending = always


Spans = Mapping[periods.Days, Written]


def spans_of(page: Mapping[str, Written]) -> dict[periods.Days, Written]:
    """Return the stretches of days for which numbers are written; what is written from a day on
    holds until the next such day."""
    starts = sorted(day for one in page.values() if (day := one.since) is not None)
    until = dict(zip(starts, [*starts[1:], FOREVER], strict=False))
    return {
        (one.since, until[one.since]) if one.since else periods.fixed_days(text): one
        for text, one in page.items()
        if text != ANY
    }


def resolve(page: Mapping[str, Written], asked: TargetSpan) -> Target | None:
    """Make one period's target of the numbers written; None where they say nothing of it."""
    spans, days = spans_of(page), asked.days
    if days in spans and not spans[days].per:
        return _whole(spans[days], asked)
    always_ = page.get(ANY)
    if asked.volume and (made := _made(spans, always_, asked)):
        return made
    if not asked.volume:
        holding = [s for s in spans if s[0] <= days[0] and days[1] <= s[1]]
        if holding:
            one = spans[min(holding, key=lambda s: s[1] - s[0])]
            return Target(one.value, asked.level, one.place, f"{one.period}: {one.value:f}")
        if mixed := _mixed(spans, asked):
            return mixed
    if always_ is not None and not always_.per:
        return _whole(always_, asked)
    return None


def _whole(one: Written, asked: TargetSpan) -> Target | None:
    """Return a number that is written of just this period, as far as somebody was there."""
    if not asked.volume or asked.attending(*asked.days) is None:
        return Target(one.value, asked.level, one.place)
    months = _months(asked.days)
    return _target(_cut([Term(one, (asked.days,), (months, months))], asked), asked)


class Term(Struct, frozen=True):
    """A part of one number written: of which `stretches` of days, how many `months` of how many
    (0: it is no number of months), how many of which `days`, and what attendance left of it."""

    written: Written
    stretches: tuple[periods.Days, ...]
    months: tuple[int, int] = (0, 0)
    days: tuple[int, int, str] | None = None
    attendance: Attendance | None = None

    @property
    def share(self) -> Fraction:
        found = Fraction(*self.months) if self.months[1] else ONE
        if self.days is not None:
            found *= Fraction(*self.days[:2])
        return found * (self.attendance.share if self.attendance is not None else ONE)

    def text(self, own: periods.Days) -> str:
        """Write the term: `2024-Q2: 90 × 2/3`, `5/month × 3`, `50 × 12/20 working_days`."""
        one = self.written
        label = f"{one.value:f}/{one.per}" if one.per else f"{one.value:f}"
        if one.period != ANY and (one.per or one.since or periods.fixed_days(one.period) != own):
            label = f"{one.period}: {label}"
        return " × ".join([label, *self._factors()])

    def _factors(self) -> Iterator[str]:
        count, whole = self.months
        if count != whole:
            yield str(Fraction(count, whole)) if self.written.per else f"{count}/{whole}"
        if self.days is not None:
            part, among, unit = self.days
            if self.written.per in DAYS:  # of each week or day
                if part != among:
                    yield f"{Fraction(part, among)}" + f" {unit}" * (unit == "working_days")
            elif part != among:
                yield f"{part}/{among} {unit}"
        yield from self.attendance.factors if self.attendance is not None else ()


def _made(spans: Spans, always_: Written | None, asked: TargetSpan) -> Target | None:
    """Make a volume's target of the numbers that hold for its months and, where it is not of whole
    months, for its days: each a share of the shortest span written that holds it."""
    terms: list[Term] = []
    for piece in _pieces(asked.days, spans):
        span = _holding(piece, spans)
        one = spans[span] if span else always_ if always_ is not None and always_.per else None
        if one is None:
            return None
        terms.append(_term(piece, one, span, asked.clock))
    return _target(_cut(_joined(terms), asked), asked)


def _target(terms: list[Term], asked: TargetSpan) -> Target | None:
    total = sum((Fraction(t.written.value) * t.share for t in terms), Fraction(0))
    value = to_decimal(total, VALUE_PLACES)
    # A share too small to be written down is no target: nothing can be held against zero.
    if not value:
        return None
    derivation = " + ".join(t.text(asked.days) for t in terms if t.share)
    away = [term.attendance.steps for term in terms if term.attendance is not None]
    place = terms[0].written.place
    return Target(value, asked.level, place, derivation, steps=_told_once(away))


def _told_once(away: Iterable[Sequence[TargetStep]]) -> tuple[TargetStep, ...]:
    """Return the steps of several stretches of days, each once: what took days away in several of
    them with all its days."""
    found: dict[tuple[str, str], TargetStep] = {}
    for step in (step for steps in away for step in steps):
        key = step.code, repr(sorted((k, v) for k, v in step.data.items() if k != "days"))
        before = found.get(key)
        data = dict(step.data)
        if before is not None and "days" in data:
            data["days"] += before.data["days"]
        found[key] = replace(step, data=data)
    return tuple(found.values())


def _mixed(spans: Spans, asked: TargetSpan) -> Target | None:
    """Return what is expected of a quotient whose number changes within the period: each number by
    its days. None where a day has none."""
    first, after = asked.days
    terms: list[Term] = []
    while first < after:
        holding = [s for s in spans if s[0] <= first < s[1] and spans[s].since is not None]
        if not holding:
            return None
        end = min(after, holding[0][1])
        days = asked.clock.of((first, end), asked.days)
        terms.append(Term(spans[holding[0]], ((first, end),), days=days))
        first = end
    return _target(terms, replace(asked, attending=always))


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
        end = _next_month(month)
        whole = first == month and end <= after
        shorter = any(s[0] < end and month < s[1] and not _covers(s, (month, end)) for s in spans)
        if whole and (_holding((first, end), spans) or not shorter):
            yield first, end
            first = end
        else:
            yield first, first + _DAY
            first += _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _months(span: periods.Days) -> int:
    """Return of how many whole months a stretch is; 0 where it is not."""
    first, after = span
    if first.day != 1 or after.day != 1:
        return 0
    return (after.year - first.year) * 12 + after.month - first.month


def _covers(span: periods.Days, month: periods.Days) -> bool:
    """Say whether a span may hold whole months as far as one month is concerned."""
    return bool(_months(span)) or (span[0] <= month[0] and month[1] <= span[1])


def _holding(piece: periods.Days, spans: Spans) -> periods.Days | None:
    """Return the shortest span that holds a piece; of a whole month only one of whole months, or
    one that holds from some day on."""
    fits = [s for s in spans if s[0] <= piece[0] and piece[1] <= s[1]]
    if (piece[1] - piece[0]).days > 1:
        fits = [s for s in fits if _months(s) or spans[s].since is not None]
    return min(fits, key=lambda s: s[1] - s[0]) if fits else None


def _term(piece: periods.Days, one: Written, span: periods.Days | None, clock: Clock) -> Term:
    """Return which part of a number written a piece has."""
    if piece == span and not one.per:
        months = _months(piece)
        return Term(one, (piece,), (months, months))
    whole = MONTHS.get(one.per, 0) if one.per else _months(span) if span else 0
    if whole and (count := _months(piece)):
        return Term(one, (piece,), (count, whole))
    if whole:
        month = piece[0].replace(day=1), _next_month(piece[0])
        return Term(one, (piece,), (1, whole), clock.of(piece, month))
    if one.per == "week":
        return Term(one, (piece,), days=((piece[1] - piece[0]).days, DAYS["week"], "calendar_days"))
    if one.per:
        return Term(one, (piece,), days=(clock.days(*piece), 1, clock.unit))
    return Term(one, (piece,), days=clock.of(piece, span or piece))


def _joined(terms: list[Term]) -> list[Term]:
    """Join the terms of one number: its months, and its days in a month or without months."""
    found: dict[tuple[object, ...], Term] = {}
    for term in terms:
        month = term.stretches[0][0].replace(day=1) if term.days and term.months[1] else None
        key = (id(term.written), term.days is None, month)
        known = found.get(key)
        if known is None:
            found[key] = term
            continue
        stretches = (*known.stretches, *term.stretches)
        if term.days is None:
            months = (known.months[0] + term.months[0], known.months[1])
            found[key] = replace(known, stretches=_touching(stretches), months=months)
            continue
        assert known.days is not None  # noqa: S101  of the same key
        days = (known.days[0] + term.days[0], *known.days[1:])
        found[key] = replace(known, stretches=_touching(stretches), days=days)
    return list(found.values())


def _touching(stretches: tuple[periods.Days, ...]) -> tuple[periods.Days, ...]:
    """Make one of stretches that touch."""
    found: list[periods.Days] = []
    for first, after in stretches:
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], after)
        else:
            found.append((first, after))
    return tuple(found)


def _cut(terms: list[Term], asked: TargetSpan) -> list[Term]:
    """Leave of each term what somebody was there for, month by month."""
    found: list[Term] = []
    for term in terms:
        if all(asked.attending(*stretch) is None for stretch in term.stretches):
            found.append(term)
            continue
        parts = [one for stretch in term.stretches for one in _parts_of(term, stretch, asked.clock)]
        full = [part for part in parts if asked.attending(*part.stretches[0]) is None]
        found.extend(_joined(full))
        found.extend(
            replace(part, attendance=attendance)
            for part in parts
            if (attendance := asked.attending(*part.stretches[0])) is not None
        )
    return sorted(found, key=lambda term: term.stretches[0])


def _parts_of(term: Term, stretch: periods.Days, clock: Clock) -> Iterator[Term]:
    """Cut a term into its months, each as much of the number; of days into those of each month."""
    first, after = stretch
    while first < after:
        end = min(after, _next_month(first))
        part = (first, end)
        if term.days is None and term.months[1]:
            yield replace(term, stretches=(part,), months=(1, term.months[1]))
        elif term.days is None:
            yield replace(term, stretches=(part,), days=clock.of(part, stretch))
        else:
            counted = clock.days(*part) if term.days[2] == "working_days" else (end - first).days
            yield replace(term, stretches=(part,), days=(counted, *term.days[1:]))
        first = end
