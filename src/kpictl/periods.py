"""Text to `Period` and back: the grammar of `--period`, and how periods contain one another.

Everything is half-open and in the company's zone. A relative form is resolved by the day of `as_of`
and comes back written out, so that no output ever says "last month".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from kpictl.errors import UsageError
from kpictl.values import Period

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that are computed with, in plans, files and options alike."""
Days = tuple[date, date]  # first day, day after the last
AsOf = date | datetime  # a bare day is taken to its end; an instant (aware) as it is

GRAMMAR = (
    "2024",
    "2024-H1",
    "2024-Q2",
    "2024-05",
    "2024-W21",
    "2024-05-17",
    "2024-05-01..2024-05-17",
    "май 2024",
    "May 2024",
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


def parse(text: str, *, as_of: AsOf, zone: ZoneInfo) -> Period:
    """Return the period that `text` means on the day `as_of`, or on that of an instant in `zone`.

    Raises UsageError with the list of forms when the text is none of them or no such date exists.
    """
    today = day_of(as_of, zone)
    try:
        first, after = _days(text, today)
    except (ValueError, OverflowError) as error:
        if names_year_beyond(text):
            raise _beyond(text) from error
        raise UsageError("period.unknown", text=text, forms=", ".join(GRAMMAR)) from error
    if after <= first:
        raise UsageError("period.backwards", text=text)
    if not in_calendar(first, after):
        raise _beyond(text)
    found = replace(of_days(first, after, zone), to_date=_runs_to_date(text))
    return replace(found, whole=_whole(text, today, zone))


def _beyond(text: str) -> UsageError:
    return UsageError("period.year", text=text, first=FIRST_YEAR, last=LAST_YEAR)


def in_calendar(first: date, after: date) -> bool:
    """Say whether a stretch of days lies in the years that are computed with."""
    return date(FIRST_YEAR, 1, 1) <= first and after <= date(LAST_YEAR + 1, 1, 1)


def day_of(as_of: AsOf, zone: ZoneInfo) -> date:
    """Return the day by which relative periods are resolved."""
    return as_of.astimezone(zone).date() if isinstance(as_of, datetime) else as_of


def end_of(as_of: AsOf, zone: ZoneInfo) -> datetime:
    """Return the first instant that no longer counts: of a bare day, the next day's midnight."""
    if isinstance(as_of, datetime):
        return as_of
    return start_of(as_of + timedelta(days=1), zone)


def start_of(as_of: AsOf, zone: ZoneInfo) -> datetime:
    """Return an instant as it is, and of a bare day the first one."""
    return as_of if isinstance(as_of, datetime) else datetime.combine(as_of, time.min, zone)


def read_as_of(text: str, zone: ZoneInfo) -> AsOf:
    """Read a day (`2024-03-31`, `2024-W13-7`, and in every form in which a period of one day is
    written: `20240331`, `31.03.2024`, `31 марта 2024`) or an instant: a day, `T` or a space, and a
    time with or without an offset. The hour 24 is the end of its day.

    Raises ValueError for anything else.
    """
    words = " ".join(text.split())
    with suppress(ValueError):
        return _bare_day(words)
    day_text, _, clock = _BEFORE_CLOCK.sub(" ", words).rpartition(" ")
    day = _bare_day(day_text)
    if at_end := _MIDNIGHT_AT_END.fullmatch(clock):
        if not at_end[1]:
            return day
        end = datetime.fromisoformat(f"{day + timedelta(days=1)}T00:00{at_end[1]}")
        local = end.astimezone(zone)
        return local.date() - timedelta(days=1) if local.time() == time.min else end
    found = datetime.combine(day, time.fromisoformat(clock))
    return found if found.tzinfo else found.replace(tzinfo=zone)


_BEFORE_CLOCK = re.compile(r"(?<=\d)T(?=\d)")
_MIDNIGHT_AT_END = re.compile(r"24(?::?00){0,2}(?:\.0+)?(Z|[+-]\d\d(?::?\d\d)?)?")
_DAY_OF_WEEK = re.compile(r"\d{4}-W\d\d-\d|\d{4}W\d{3}")
_POINTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def _bare_day(text: str) -> date:
    if _DAY_OF_WEEK.fullmatch(text):
        first, after = _single(date.fromisoformat(text))
    else:
        first, after = fixed_days(text)
    if after - first != timedelta(days=1) or not in_calendar(first, after):
        raise ValueError(text)
    return first


def of_days(first: date, after: date, zone: ZoneInfo) -> Period:
    """Return the period from the start of `first` to the start of the day `after`."""
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(after, time.min, zone)
    return Period(write(first, after), start, end)


_ONE_DAY, _OTHER_DAY = date(2024, 5, 17), date(2031, 11, 2)


def is_fixed(text: str) -> bool:
    """Say whether a text means the same period on every day (as targets must), in the years that
    are computed with."""
    try:
        days = _days(text, _ONE_DAY)
        return days == _days(text, _OTHER_DAY) and in_calendar(*days)
    except (ValueError, OverflowError):
        return False


def names_year_beyond(text: str) -> bool:
    """Say whether a text has a year that is not computed with, and may be a period but for it."""
    years = re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", text)
    return any(not FIRST_YEAR <= int(year) <= LAST_YEAR for year in years)


def fixed_days(text: str) -> Days:
    """Return the days of a period written out in full; ValueError for any other text."""
    if not is_fixed(text):
        raise ValueError(text)
    return _days(text, _ONE_DAY)


def _runs_to_date(text: str) -> bool:
    """Say whether a text asks for a stretch up to now (`mtd`), which today is always the end of."""
    return not is_fixed(text) and all(
        _days(text, day)[1] == day + timedelta(days=1) for day in (_ONE_DAY, _OTHER_DAY)
    )


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


def months_between(first: date, after: date) -> int:
    """Return how many whole months there are from one day to before another.

    >>> months_between(date(2023, 6, 15), date(2024, 6, 1))
    11
    """
    months = (after.year - first.year) * 12 + after.month - first.month
    return months - (after.day < first.day)


def day_after(period: Period) -> date:
    """Return the day after the last of a period."""
    return period.last + timedelta(days=1)


def previous(period: Period, zone: ZoneInfo) -> Period:
    """Return the period of the same kind just before: the month before a month, and so on."""
    first, after = period.first, period.last + timedelta(days=1)
    count = len(months(first, after))
    if count:
        return of_days(_add_months(first, -count), first, zone)
    return of_days(first - (after - first), first, zone)


def year_before(period: Period, zone: ZoneInfo) -> Period:
    """Return the same stretch of the year before: of a week the week of that number (of a 53rd that
    there was not, the last), of the 29th of February the 28th. UsageError where there is none."""
    first, after = period.first, period.last + timedelta(days=1)
    if week := re.fullmatch(r"(\d{4})-W(\d\d)", period.text):
        year = int(week[1]) - 1
        last = date(year, 12, 28).isocalendar().week
        monday = date.fromisocalendar(year, min(int(week[2]), last), 1)
        found = (monday, monday + timedelta(days=7))
    elif first.day == after.day == 1:
        found = (first.replace(year=first.year - 1), after.replace(year=after.year - 1))
    else:
        found = (_year_before(first), _year_before(period.last) + timedelta(days=1))
    if not in_calendar(*found):
        raise _beyond(period.text)
    return of_days(*found, zone)


def _year_before(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def run(last: Period, count: int, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return so many periods of one kind, the oldest first, the given one last.

    UsageError where they would begin before the years that are computed with.
    """
    found = [last]
    while len(found) < count:
        before = previous(found[-1], zone)
        if not in_calendar(before.first, before.last + timedelta(days=1)):
            raise _beyond(before.text)
        found.append(before)
    return tuple(reversed(found))


def _whole(text: str, today: date, zone: ZoneInfo) -> Period | None:
    """Return the month, quarter or year that a stretch to date (`mtd`, `qtd`, `ytd`) is of."""
    size = _TO_DATE.get(_brought_to_one_form(text))
    if size is None:
        return None
    first, _ = _to_date(size)(today)
    return of_days(first, _add_months(first, size), zone)


# --- the grammar: a text is brought to one form, its year taken off, and the rest is a part -----

_ENDS = re.compile(r"\s*(?:\.\.|[–—]|\s-\s)\s*")
_ENDING_YEAR = re.compile(r"(?P<part>.+?)(?P<gap>[\s,./-]+|\s*of\s+|)(?P<year>[0-9]{4})")
_LEADING_YEAR = re.compile(r"(?P<year>[0-9]{4})(?P<gap>[\s,./-]+|)(?P<part>.+)")
_YEAR_WORD = re.compile(r"(?<=[0-9])\s*(?:года|году|год|г\.?)$")
_WHOLE_DAY = re.compile(r"([0-9]{4})([-./]?)([0-9]{2})\2([0-9]{2})")
_LAST_DAYS = re.compile(r"last-([0-9]{1,4})d")

_MONTHS = (
    ("jan", "uary", "янв", "аря арь"),
    ("feb", "ruary", "фев", "раля раль р"),
    ("mar", "ch", "мар", "та т"),
    ("apr", "il", "апр", "еля ель"),
    ("may", "", "ма", "я й"),
    ("jun", "e", "июн", "я ь"),
    ("jul", "y", "июл", "я ь"),
    ("aug", "ust", "авг", "уста уст"),
    ("sep", "tember t", "сен", "тября тябрь т"),
    ("oct", "ober", "окт", "ября ябрь"),
    ("nov", "ember", "ноя", "бря брь б"),
    ("dec", "ember", "дек", "абря абрь"),
)


def _month_words() -> dict[str, int]:
    words: dict[str, int] = {}
    for number, (en, en_ends, ru, ru_ends) in enumerate(_MONTHS, start=1):
        for stem, ends in ((en, en_ends), (ru, ru_ends)):
            bare = [] if stem == "ма" else [stem]
            words |= dict.fromkeys([*bare, *(stem + end for end in ends.split())], number)
    return words


MONTHS = _month_words()
"""The names of months, in full and short, in lower case: `mar march мар март марта`."""

_NUMBERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ORDINAL = r"(?P<n>[1-4]|i{1,3}|iv)(?:-?(?:й|ый|ой|ий|е|ое|st|nd|rd|th))?"
_PART_FORMS = tuple(
    (re.compile(pattern), size)
    for size, letter, words in (
        (6, "h", r"(?:полугодие|полуг\.?|п/г|half)"),
        (3, "q", r"(?:квартала?|кварт\.?|кв\.?|quarter)"),
    )
    for pattern in (
        rf"{letter}(?P<n>[1-4])",
        rf"(?P<n>[1-4]){letter}",
        rf"{_ORDINAL}\s*{words}",
        rf"{words}\s*(?P<n>[1-4])",
    )
)
_WEEK = re.compile(
    r"w(?P<n>[0-9]{2})|(?:week|неделя)\s*(?P<n2>[0-9]{1,2})"
    r"|(?P<n3>[0-9]{1,2})(?:-?я)?\s*неделя"
)
_DAY_AND_WORD = re.compile(
    r"(?P<day>[0-9]{1,2})\s*(?P<word>[a-zа-я]+)\.?|(?P<word2>[a-z]+)\.?\s*(?P<day2>[0-9]{1,2})"
)


def _days(text: str, today: date) -> Days:
    return _resolve(_brought_to_one_form(text), today)


def _brought_to_one_form(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(folded.split())


@lru_cache(maxsize=4096)
def _resolve(text: str, today: date) -> Days:
    if (relative := _RELATIVE.get(_RU_RELATIVE.get(text, text.replace(" ", "-")))) is not None:
        return relative(today)
    if found := _LAST_DAYS.fullmatch(text):
        return _last_days(int(found[1]), today)
    if found := _WHOLE_DAY.fullmatch(text):
        return _single(date(int(found[1]), int(found[3]), int(found[4])))
    if found := _POINTED_DAY.fullmatch(text):
        return _single(date(int(found[3]), int(found[2]), int(found[1])))
    ends = _ENDS.split(text)
    if len(ends) == 2:
        first, _ = _resolve(ends[0], today)
        return first, _resolve(ends[1] or "today", today)[1]
    return _fixed(_YEAR_WORD.sub("", text))


def _fixed(text: str) -> Days:
    """Return the days of a year, or of a part with its year before or behind it."""
    if re.fullmatch(r"[0-9]{4}", text):
        return _month(int(text), 1, 12)
    for shape in (_LEADING_YEAR, _ENDING_YEAR):
        if found := shape.fullmatch(text):
            days = _part_of_year(int(found["year"]), found["part"], found["gap"])
            if days is not None:
                return days
    raise ValueError(text)


def _part_of_year(year: int, part: str, gap: str) -> Days | None:
    if part.isascii() and part.isdigit():
        number = len(part) <= 2 and gap.strip() in ("-", ".", "/")
        return _month(year, int(part)) if number else None
    word = part.removesuffix(".")
    if word in MONTHS:
        return _month(year, MONTHS[word])
    for pattern, size in _PART_FORMS:
        if (found := pattern.fullmatch(part)) and (nth := _number(found["n"])) * size <= 12:
            return _month(year, (nth - 1) * size + 1, size)
    if found := _WEEK.fullmatch(part):
        monday = date.fromisocalendar(year, int(found["n"] or found["n2"] or found["n3"]), 1)
        return monday, monday + timedelta(days=7)
    if found := _DAY_AND_WORD.fullmatch(part):
        named = MONTHS.get(found["word"] or found["word2"])
        if named is not None:
            return _single(date(year, named, int(found["day"] or found["day2"])))
    return None


def _number(text: str) -> int:
    return _NUMBERS.get(text) or int(text)


def _add_months(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def _month(year: int, month: int, count: int = 1) -> Days:
    first = date(year, month, 1)
    return first, _add_months(first, count)


def _single(day: date) -> Days:
    return day, day + timedelta(days=1)


def _last_days(count: int, today: date) -> Days:
    return today - timedelta(days=count - 1), today + timedelta(days=1)


def _to_date(size: int) -> Callable[[date], Days]:
    def build(today: date) -> Days:
        month = (today.month - 1) // size * size + 1
        return date(today.year, month, 1), today + timedelta(days=1)

    return build


def _last_month(today: date) -> Days:
    first = _add_months(today, -1)
    return first, _add_months(first, 1)


_TO_DATE = {"mtd": 1, "qtd": 3, "ytd": 12}  # → months
_RELATIVE: dict[str, Callable[[date], Days]] = {
    "today": lambda today: (today, today + timedelta(days=1)),
    "yesterday": lambda today: (today - timedelta(days=1), today),
    "this-month": lambda today: _month(today.year, today.month),
    "last-month": _last_month,
    "prev": _last_month,
    **{text: _to_date(size) for text, size in _TO_DATE.items()},
}
_RU_RELATIVE = {
    "сегодня": "today",
    "вчера": "yesterday",
    "этот месяц": "this-month",
    "прошлый месяц": "last-month",
}
