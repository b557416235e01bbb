"""What is done to results before any format sees them: another order, names masked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl import naming
from kpictl.errors import Problem, UsageError
from kpictl.naming import fold, named
from kpictl.values import BY_DEPARTMENT
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values import (
        Alert,
        Award,
        Pay,
        PayLine,
        Recipient,
        Results,
        Row,
        Scorecard,
    )

_KEYS = ("index", "name")  # what a scorecard is sorted by besides its KPIs
_NAMING = frozenset({"name", "names"})  # what problems call people under
HIDDEN = "…"
_SHORTEST_MASKED = 3  # a name of one or two letters is not looked for inside messages


def arrange(results: Results, options: Options) -> Results:
    """Return the results sorted and masked as the options ask; ranks stay what they are."""
    if options.sort:
        results = _sorted(results, options.sort)
    return masked(results, options.lang) if options.mask else results


def _sorted(results: Results, sort: str) -> Results:
    labels = {c.kpi: c.label for s in results.scorecards for c in s.columns}
    chosen = [sort] if sort in _KEYS else named(sort, labels)
    if not chosen:
        both = dict.fromkeys(name for pair in labels.items() for name in pair)
        raise UsageError("report.unknown_sort", name=sort, known=", ".join((*_KEYS, *both)))
    if len(chosen) > 1:
        ids = ", ".join(chosen)
        raise UsageError("usage.many_kpis", name=sort, ids=ids, first=chosen[0])
    cards = tuple(_sorted_card(card, chosen[0]) for card in results.scorecards)
    return replace(results, scorecards=cards)


def _sorted_card(card: Scorecard, sort: str) -> Scorecard:
    if sort == "name":
        return replace(card, rows=tuple(sorted(card.rows, key=lambda row: fold(row.name))))
    column = next((c for c in card.columns if c.kpi == sort), None)
    if column is None:  # by index, or this scorecard has no such KPI: as ranked
        return card
    sign = 1 if column.better == "lower" else -1
    return replace(card, rows=tuple(sorted(card.rows, key=_by_value(sort, sign))))


def _by_value(kpi: str, sign: int) -> Callable[[Row], tuple[bool, Decimal]]:
    def key(row: Row) -> tuple[bool, Decimal]:
        value = row.score(kpi).fact.value
        return (value is None, Decimal(0) if value is None else sign * value)

    return key


def told_apart(results: Results) -> Results:
    """Return the results as people read them: those of one name with what tells them apart. Data
    have ids for that, and names as the source has them."""
    names = naming.told_apart(row for card in results.scorecards for row in card.rows)
    cards = tuple(
        replace(card, rows=tuple(replace(row, name=names[row.subject]) for row in card.rows))
        for card in results.scorecards
    )
    awards = tuple(
        replace(
            award,
            recipients=tuple(
                replace(one, name=names.get(one.subject, one.name)) for one in award.recipients
            ),
        )
        for award in results.awards
    )
    return replace(results, scorecards=cards, awards=awards)


def masked(results: Results, lang: str) -> Results:
    """Give people numbers in the order of the scorecards, the same person the same everywhere."""
    people = numbering(results)
    numbers = people.by_id

    def mask(row: Row) -> Row:
        number = numbers[row.id]
        return replace(row, id=str(number), name=say(lang, "report.masked", n=number))

    cards = tuple(
        replace(card, rows=tuple(map(mask, card.rows))) if _people(card) else card
        for card in results.scorecards
    )
    whole = (
        replace(one, id=str(number), name=say(lang, "report.masked", n=number))
        for one in results.whole_people
        for number in [numbers.setdefault(one.id, len(numbers) + 1)]
    )
    return replace(
        results,
        scorecards=cards,
        whole_people=tuple(whole),
        alert=_masked_alert(results, numbers, lang),
        awards=_masked_awards(results, numbers, lang),
        pay=results.pay and _masked_pay(results.pay, people, lang),
        left_out=tuple(replace(one, names=(), more=0) for one in results.left_out),
        warnings=people.problems(results.warnings, lang),
    )


class Numbering(Struct):
    """The numbers of people in the order in which they are met; a name has that of the first who
    bears it."""

    by_id: dict[str, int] = {}
    by_name: dict[str, int] = {}

    def of(self, ident: str, name: str) -> int:
        number = self.by_id.setdefault(ident, len(self.by_id) + 1)
        self.by_name.setdefault(name, number)
        return number

    def masked(self, ident: str, name: str, lang: str) -> tuple[str, str]:
        """Return the id and the name that stand for somebody's."""
        number = self.of(ident, name)
        return str(number), say(lang, "report.masked", n=number)

    def problems(self, problems: Iterable[Problem], lang: str) -> tuple[Problem, ...]:
        """Return problems with numbers in place of who was met."""
        return masked_problems(problems, self.by_name | self.by_id, lang)


def numbering(results: Results) -> Numbering:
    """Return the numbers of people in the order of the scorecards."""
    people = Numbering()
    for card in results.scorecards:
        for row in _people(card):
            people.of(row.id, row.name)
    return people


def _masked_alert(results: Results, numbers: Mapping[str, int], lang: str) -> Alert | None:
    """Return the alert with the same numbers as the rows."""
    if results.alert is None:
        return None
    breaches = (
        replace(one, id=str(numbers[one.id]), name=say(lang, "report.masked", n=numbers[one.id]))
        if one.id in numbers
        else one
        for one in results.alert.breaches
    )
    return replace(results.alert, breaches=tuple(breaches))


def _masked_awards(results: Results, numbers: Mapping[str, int], lang: str) -> tuple[Award, ...]:
    """Return the awards with the same numbers as the rows."""

    def mask(one: Recipient) -> Recipient:
        if one.id not in numbers:  # a department
            return one
        number = numbers[one.id]
        return replace(one, id=str(number), name=say(lang, "report.masked", n=number))

    return tuple(
        replace(award, recipients=tuple(map(mask, award.recipients))) for award in results.awards
    )


def _masked_pay(pay: Pay, people: Numbering, lang: str) -> Pay:
    """Return a pay with the same numbers as the rows. Who wrote an adjustment, and why, may name
    anybody: neither is said."""

    def mask(line: PayLine) -> PayLine:
        ident, name = people.masked(line.id, line.name, lang)
        hidden = (replace(one, reason=HIDDEN, author=HIDDEN) for one in line.adjustments)
        return replace(line, id=ident, name=name, adjustments=tuple(hidden))

    return replace(pay, lines=tuple(map(mask, pay.lines)))


def _people(card: Scorecard) -> tuple[Row, ...]:
    """Return the rows whose names are masked: departments are nobody."""
    return () if card.by == BY_DEPARTMENT else card.rows


def masked_problems(
    problems: Iterable[Problem], numbers: Mapping[str, int], lang: str
) -> tuple[Problem, ...]:
    """Return problems with numbers in place of the names and ids that have one."""
    words = {
        text: say(lang, "report.masked", n=number)
        for text, number in sorted(numbers.items(), key=lambda item: -len(item[0]))
        if len(text) >= _SHORTEST_MASKED
    }
    return tuple(_masked_problem(one, words) for one in problems)


def _masked_problem(problem: Problem, words: Mapping[str, str]) -> Problem:
    def hide(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for text, masked in words.items():
            value = value.replace(text, masked)
        return value

    def hide_names(value: Any) -> Any:
        """Hide also those who are in no row, and so have no number."""
        if not isinstance(value, str):
            return value
        parts = hide(value).split(", ")
        known = tuple(words.values())
        return ", ".join(part if any(word in part for word in known) else HIDDEN for part in parts)

    hidden = {k: (hide_names if k in _NAMING else hide)(v) for k, v in problem.data.items()}
    return replace(problem, data=hidden)
