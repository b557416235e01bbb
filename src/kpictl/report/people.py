"""Somebody with several posts in a period, in words: how the index of the person is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.report.format import Numbers, clean, day, number
from kpictl.report.table_layout import INDEX_PLACES
from kpictl.values import to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.people.presence import Presence
    from kpictl.values import PostLine, WholePerson

_DAY_PLACES = 4  # of days that hours of absence have made a fraction


def whole_people(people: Iterable[WholePerson], numbers: Numbers) -> Iterator[tuple[str, str]]:
    """Yield who had several posts, and the index with how it is made of theirs: `101.0 = North 90.0
    × 9/20 + South 110.0 × 11/20 (working days)`."""
    for one in people:
        parts = " + ".join(_share(line, name, one, numbers) for line, name in named_posts(one))
        unit = say(numbers.lang, f"report.days.{one.unit}")
        index = say(numbers.lang, "report.unrated.short")
        if one.index is not None:
            index = numbers.graded(one.index, INDEX_PLACES)
        yield clean(one.name), f"{index} = {parts} ({unit})"


def named_posts(one: WholePerson) -> Iterator[tuple[PostLine, str]]:
    """Yield the lines of a person, each with what tells its post from the others."""
    departments = [line.department for line in one.lines]
    for texts in (departments, [line.position for line in one.lines]):
        if all(texts) and len(set(texts)) == len(texts):
            yield from zip(one.lines, (clean(text or "") for text in texts), strict=True)
            return
    yield from ((line, line.segment) for line in one.lines)


def _share(line: PostLine, name: str, one: WholePerson, numbers: Numbers) -> str:
    if line.index is None:
        return f"{name} {say(numbers.lang, 'report.unrated.short')}"
    whole = sum((other.days for other in one.lines if other.index is not None), Fraction(0))
    share = f"{days(line.days, numbers)}/{days(whole, numbers)}"
    return f"{name} {numbers.graded(line.index, INDEX_PLACES)} × {share}"


def days(count: Fraction, numbers: Numbers) -> str:
    """Write a number of days with as many decimals as it needs.

    >>> days(Fraction(17, 2), Numbers("en", ""))
    '8.5'
    """
    exact = to_decimal(count, _DAY_PLACES)
    places = max(-int(exact.as_tuple().exponent), 0)
    return number(exact, numbers.lang, places)


def there(presence: Presence, numbers: Numbers) -> str:
    """Say how much of the period somebody was there, and why not for all of it: `11 of 20 working
    days: from 17 May 2024 −9`."""
    lang = numbers.lang
    data = {"days": days(presence.days, numbers), "of": days(presence.of, numbers)}
    found = say(lang, f"explain.there.{presence.unit}", **data)
    steps = []
    for step in presence.steps:
        if not step.days:
            continue
        reason = say(lang, f"explain.away.{step.kind}") if step.kind else ""
        reason = reason or say(lang, f"explain.away.{step.reason}")
        dates = {"first": day(step.first, lang), "last": day(step.last, lang)}
        place = f" ({clean(str(step.place))})" if step.place and step.kind else ""
        text = say(lang, "explain.away", reason=reason, days=days(step.days, numbers), **dates)
        steps.append(text + place)
    return found + (": " + "; ".join(steps) if steps else "")
