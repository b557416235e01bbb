"""Text to `Period` and back: the grammar of `--period`, and how periods contain one another.

Everything is half-open and in the company's zone. A relative form is resolved against `as_of`
and comes back written out, so that no output ever says "last month".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpictl.errors import UsageError
from kpictl.values import Period

FIRST_YEAR, LAST_YEAR = 1900, 2200
Days = tuple[date, date]  # first day, day after the last

GRAMMAR = (
    "2024",
    "2024-H1",
    "2024-Q2",
    "2024-05",
    "2024-W21",
    "2024-05-17",
    "2024-05-01..2024-05-17",
    "today",
    "yesterday",
    "this-month",
    "last-month",
    "mtd",
    "qtd",
    "ytd",
    "last-7d",
    "prev",
)


def parse(text: str, *, as_of: datetime, zone: ZoneInfo) -> Period:
    """Return the period that `text` means at the instant `as_of` (aware).

    Raises UsageError with the list of forms when the text is none of them or no such date exists.
    """
    today = as_of.astimezone(zone).date()
    try:
        first, after = _days(text.strip(), today)
    except (ValueError, OverflowError) as error:
        raise UsageError("period.unknown", text=text, forms=" ".join(GRAMMAR)) from error
    if after <= first:
        raise UsageError("period.backwards", text=text)
    if not FIRST_YEAR <= first.year <= after.year <= LAST_YEAR:
        raise UsageError("period.unknown", text=text, forms=" ".join(GRAMMAR))
    return of_days(first, after, zone)


def of_days(first: date, after: date, zone: ZoneInfo) -> Period:
    """Return the period from the start of `first` to the start of the day `after`."""
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(after, time.min, zone)
    return Period(write(first, after), start, end)


def is_fixed(text: str) -> bool:
    """Say whether a text means the same period on every day (as targets must)."""
    try:
        days = {_days(text, date(2024, 5, 17)), _days(text, date(2031, 11, 2))}
    except ValueError:
        return False
    return len(days) == 1


def fixed_days(text: str) -> Days:
    """Return the days of a period written out in full; ValueError for any other text."""
    if not is_fixed(text):
        raise ValueError(text)
    return _days(text, date(2024, 5, 17))


def write(first: date, after: date) -> str:
    """Return the shortest full form of a stretch of days."""
    for text in (
        f"{first:%Y}",
        f"{first:%Y}-H{1 if first.month < 7 else 2}",
        f"{first:%Y}-Q{(first.month + 2) // 3}",
        f"{first:%Y-%m}",
        "{}-W{:02}".format(*first.isocalendar()[:2]),
        f"{first}",
    ):
        if _days(text, first) == (first, after):
            return text
    return f"{first}..{after - timedelta(days=1)}"


def months(first: date, after: date) -> tuple[date, ...]:
    """Return the first days of the whole months that make up the stretch, or () if they do not."""
    if first.day != 1 or after.day != 1:
        return ()
    found = []
    while first < after:
        found.append(first)
        first = _add_months(first, 1)
    return tuple(found)


def previous(period: Period, zone: ZoneInfo) -> Period:
    """Return the period of the same kind just before: the month before a month, and so on."""
    first, after = period.first, period.last + timedelta(days=1)
    count = len(months(first, after))
    if count:
        return of_days(_add_months(first, -count), first, zone)
    return of_days(first - (after - first), first, zone)


def _days(text: str, today: date) -> Days:
    if ".." in text:
        left, right = text.split("..", 1)
        first = _day(left)
        return first, (_day(right) if right else today) + timedelta(days=1)
    if text in _RELATIVE:
        return _RELATIVE[text](today)
    for pattern, build in _FORMS:
        if match := pattern.fullmatch(text):
            return build(*(int(group) for group in match.groups()), today)
    raise ValueError(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _add_months(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def _month(year: int, month: int, count: int = 1) -> Days:
    first = date(year, month, 1)
    return first, _add_months(first, count)


def _part(size: int) -> Callable[[int, int, date], Days]:
    return lambda year, number, _today: _month(year, (number - 1) * size + 1, size)


def _week(year: int, week: int, _today: date) -> Days:
    monday = date.fromisocalendar(year, week, 1)
    return monday, monday + timedelta(days=7)


def _single(year: int, month: int, day: int, _today: date) -> Days:
    first = date(year, month, day)
    return first, first + timedelta(days=1)


def _last_days(count: int, today: date) -> Days:
    return today - timedelta(days=count - 1), today + timedelta(days=1)


def _to_date(size: int) -> Callable[[date], Days]:
    def build(today: date) -> Days:
        month = (today.month - 1) // size * size + 1
        return date(today.year, month, 1), today + timedelta(days=1)

    return build


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., Days]], ...] = (
    (re.compile(r"(\d{4})"), lambda year, _today: _month(year, 1, 12)),
    (re.compile(r"(\d{4})-[Hh]([12])"), _part(6)),
    (re.compile(r"(\d{4})-[Qq]([1-4])"), _part(3)),
    (re.compile(r"(\d{4})-(\d\d)"), lambda year, month, _today: _month(year, month)),
    (re.compile(r"(\d{4})-[Ww](\d\d)"), _week),
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), _single),
    (re.compile(r"last-(\d{1,4})d"), _last_days),
)


def _last_month(today: date) -> Days:
    first = _add_months(today, -1)
    return first, _add_months(first, 1)


_RELATIVE: dict[str, Callable[[date], Days]] = {
    "today": lambda today: (today, today + timedelta(days=1)),
    "yesterday": lambda today: (today - timedelta(days=1), today),
    "this-month": lambda today: _month(today.year, today.month),
    "last-month": _last_month,
    "prev": _last_month,
    "mtd": _to_date(1),
    "qtd": _to_date(3),
    "ytd": _to_date(12),
}
