"""All targets written anywhere, found by KPI and subject, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec import Struct

from kpictl import periods
from kpictl.errors import Problem
from kpictl.naming import fold
from kpictl.people.staff import Person
from kpictl.plan.fields import DAYS, MONTHS
from kpictl.scoring.targets.written import ANY, PERSONAL, Written
from kpictl.values import Period, TargetLevel, UnitKind

Page = dict[str, Written]
"""The numbers written for one subject and KPI, by their period."""


class TargetBook(Struct):
    """All targets written anywhere, found by KPI and subject."""

    volumes: Mapping[str, bool]
    pages: dict[tuple[TargetLevel, str, str], Page] = {}

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
            if self.volumes[kpi] and ANY in page and not (page[ANY].per or page[ANY].growth):
                found.setdefault(kpi, []).append(page[ANY])
        return found

    def _lengths(self, page: Mapping[str, Written]) -> Iterator[tuple[int, int]]:
        """Yield the lengths of time that the volumes of a page are of."""
        for text, one in page.items():
            if not self.volumes[one.kpi] or one.growth is not None:
                continue
            if one.per:
                yield MONTHS.get(one.per, 0), DAYS.get(one.per, 0)
            elif text != ANY:
                yield _length(periods.fixed_days(text))

    def lacks_personal_targets(self, kpi: str, card: str) -> bool:
        """Say whether nobody who could be in a scorecard has a target of a KPI."""
        personal = {(level, s) for level, s, k in self.pages if k == kpi and level in PERSONAL}
        return not any(level != "scorecard" or subject == card for level, subject in personal)

    def has_goal(self, level: UnitKind, kpi: str, card: str) -> bool:
        """Say whether a unit has a goal of a KPI, or a scorecard says what is expected of units."""
        goals = any((one, of) == (level, kpi) for one, _, of in self.pages)
        return goals or ("scorecard", card, kpi) in self.pages

    def lacks(self, kpi: str, card: str, person: Person) -> bool:
        """Say whether a person has no target of a KPI at all, of whatever period."""
        subjects = whose_pages(person, card)
        return not any((level, subjects[level], kpi) in self.pages for level in PERSONAL)

    def numbers(self, level: TargetLevel, subject: str, kpi: str) -> Page:
        """Return what is written as a number."""
        page = self.pages.get((level, subject, kpi), {})
        return {text: one for text, one in page.items() if one.growth is None}

    def growths(self, level: TargetLevel, subject: str, kpi: str) -> Page:
        """Return what is written as growth over a fact."""
        page = self.pages.get((level, subject, kpi), {})
        return {text: one for text, one in page.items() if one.growth is not None}


def _length(span: periods.Days) -> tuple[int, int]:
    """Return the length of a stretch: in months, or in days where it is not of whole months."""
    months = len(periods.months(*span))
    return (months, 0) if months else (0, (span[1] - span[0]).days)


def whose_pages(person: Person, card: str) -> dict[TargetLevel, str]:
    """Return under which subject of each level a person's targets stand."""
    return {"employee": person.id, "members": fold(person.department or ""), "scorecard": card}
