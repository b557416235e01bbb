"""Numbers, money, dates and periods as people of a language write them; hostile text made tame.

`Numbers` knows a language and a currency. Rounding is half-up, as everywhere in the house; signs
and separators come from babel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from kpictl.values import GRADES, Account, Grades, to_decimal
from kpictl.words import DEFAULT, LANGUAGES, has, say

if TYPE_CHECKING:
    from babel import Locale

    from kpictl.values import Named, Period, Results

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
STRANGE = "\N{REPLACEMENT CHARACTER}"
LONGEST = 2000  # characters of any one text that a person is shown

# What babel writes as a bare code although people know a sign.
_SYMBOLS = dict(
    pair.split()
    for pair in (
        *("RUB ₽", "KZT ₸", "UAH ₴", "BYN Br", "GEL ₾", "AMD ֏", "AZN ₼", "KGS сом", "UZS сум"),
        *("TRY ₺", "CNY ¥", "JPY ¥", "INR ₹"),
    )
)
# Units of short money, the largest first: their size, name, and decimals.
_SCALES = (
    (Decimal(10**12), "trillion", 2),
    (Decimal(10**9), "billion", 2),
    (Decimal(10**6), "million", 2),
    (Decimal(10**3), "thousand", 1),
)
_THOUSANDS_FROM = 10_000
_JOINERS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # invisible and harmless: dropped


def called(who: Named | None, lang: str) -> str:
    """Return whose something is, in words where it is a user without a name."""
    if isinstance(who, Account):
        return say(lang, "people.account", id=who.id)
    return who or ""


def clean(text: str) -> str:
    r"""Return text that is safe on a terminal and in one cell: one line, nothing hidden.

    Control characters, bidi overrides and the like show as a replacement sign, invisible joiners
    go, runs of white space become one space.

    >>> clean("a\x1b[31mred\n b")
    'a�[31mred b'
    """
    text = text[:LONGEST]
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_tame, text))
    return " ".join(text.split())


def _tame(char: str) -> str:
    if char.isspace():
        return " "
    if char in _JOINERS:
        return ""
    return STRANGE if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char


@cache
def locale(lang: str) -> Locale:
    from babel import Locale  # here and below: formats for programs need no babel

    return Locale(lang if lang in LANGUAGES else DEFAULT)


@cache
def _separators(lang: str) -> tuple[str, str]:
    symbols = locale(lang).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def number(value: Decimal, lang: str, places: int = 0, *, trim: bool = False) -> str:
    """Return a number grouped and rounded half-up; `trim` drops decimals that are all zero.

    >>> number(Decimal("1655420.505"), "en", 2)
    '1,655,420.51'
    """
    rounded = to_decimal(value, places)
    if trim and rounded == rounded.to_integral_value():
        places = 0
    group, point = _separators(lang)
    whole, _, rest = f"{rounded.copy_abs():,.{places}f}".partition(".")
    sign = MINUS if rounded < 0 else ""
    return sign + whole.replace(",", group) + (point + rest if rest else "")


def plain(value: Decimal | int | None, places: int) -> str:
    """Return a number as programs read it: no grouping, a point, never an exponent."""
    return "" if value is None else f"{to_decimal(value, places):f}"


def symbol(currency: str, lang: str) -> str:
    """Return the sign of a currency, or its code where it has none."""
    from babel.numbers import get_currency_symbol

    return _SYMBOLS.get(currency) or get_currency_symbol(currency, locale(lang))


class Numbers(Struct, frozen=True):
    """How values are written in one language and one company currency."""

    lang: str
    currency: str
    grades: Grades = GRADES

    @classmethod
    def of(cls, results: Results, lang: str) -> Numbers:
        return cls(lang or results.language, results.currency, results.grades)

    def graded(self, points: Decimal, places: int = 0) -> str:
        """Write points, or percent of a target, with so many decimals, and more where the figure
        would otherwise be on the other side of a bound of colours."""
        return number(points, self.lang, self.grades.places(points, places))

    def style(self, points: Decimal | None) -> str:
        """Return the colour of a score, "" where there is none."""
        return "" if points is None else self.grades.of(points)

    def number(self, value: Decimal, places: int = 0) -> str:
        return number(value, self.lang, places)

    def percent(self, value: Decimal, places: int = 0) -> str:
        space = NBSP if self.lang == "ru" else ""
        return f"{number(value, self.lang, places)}{space}%"

    def money(self, value: Decimal, places: int = 2) -> str:
        """Write money in full; kopecks, or so many decimals, only where there are any."""
        return self._with_symbol(number(value.copy_abs(), self.lang, places, trim=True), value)

    def short_money(self, value: Decimal, scale: Decimal | None = None) -> str:
        """Write money in few signs, in the given scale unless the value is too small or, rounded,
        too large for it: a thousand thousands are a million."""
        size = value.copy_abs()
        own = scale_of([size])
        if scale is None or size * 10 < scale or own > max(scale, _SCALES[-1][0]):
            scale = own
        unit = next((s for s in _SCALES if s[0] == scale), None)
        if unit is None:
            places = 0 if size >= 1000 else 2
            return self._with_symbol(number(size, self.lang, places, trim=True), value)
        text = number(size / unit[0], self.lang, unit[2])
        return self._with_symbol(text + say(self.lang, f"report.{unit[1]}"), value)

    def scaled(self, value: Decimal, scale: Decimal) -> str:
        """Write money in a scale that a caption names (`scale_word`), so that columns line up."""
        places = next((one[2] for one in _SCALES if one[0] == scale), 0)
        return number(value / scale, self.lang, places)

    def scale_word(self, scale: Decimal) -> str:
        """Return what stands in the caption of money in a scale: млн ₽, €M."""
        name = next((one[1] for one in _SCALES if one[0] == scale), "")
        word = say(self.lang, f"report.{name}").strip() if name else ""
        mark = symbol(self.currency, self.lang)
        return f"{word}{NBSP}{mark}".strip() if self.lang == "ru" else f"{mark}{word}"

    def signed(self, text: str, value: Decimal) -> str:
        """Return the text of a change with its sign in front; a minus it has already."""
        return f"+{text}" if value > 0 and not text.startswith(MINUS) else text

    def _with_symbol(self, text: str, value: Decimal) -> str:
        sign = MINUS if value < 0 and any(c in "123456789" for c in text) else ""
        mark = symbol(self.currency, self.lang)
        if self.lang == "ru":
            return f"{sign}{text}{NBSP}{mark}"
        gap = NBSP if mark.isalpha() else ""
        return f"{sign}{mark}{gap}{text}"

    def duration(self, minutes: Decimal) -> str:
        """Write minutes as people say them: 45 min, 2 h 05 min."""
        total = int(to_decimal(abs(minutes), 0))
        sign = MINUS if minutes < 0 and total else ""
        hours, rest = divmod(total, 60)
        if not hours:
            return sign + say(self.lang, "report.minutes", m=rest)
        text = say(self.lang, "report.hours", h=number(Decimal(hours), self.lang))
        if not rest:
            return sign + text
        return sign + text + NBSP + say(self.lang, "report.minutes", m=f"{rest:02d}")

    def value(self, value: Decimal, unit: str) -> str:
        """Write a value in full with its unit."""
        return self.money(value) if unit == "money" else self.short(value, unit)

    def short(self, value: Decimal, unit: str, scale: Decimal | None = None) -> str:
        """Write a value with its unit as narrow as it stays readable."""
        match unit:
            case "money":
                return self.short_money(value, scale)
            case "percent":
                return self.percent(value, 1)
            case "minutes":
                return self.duration(value)
            case "hours":
                return self.duration(value * 60)
            case "seconds" | "days":
                text = number(value, self.lang, 1, trim=True)
                return say(self.lang, f"report.{unit}", n=text)
        text = number(value, self.lang, 0 if abs(value) >= 1000 else 2, trim=True)
        return text if unit in ("", "count", "number") else f"{text}{NBSP}{clean(unit)}"


def unit_word(unit: str, numbers: Numbers) -> str:
    """Return the unit as it stands in a caption: ₽, %, min, or the plan's own word."""
    if unit == "money":
        return symbol(numbers.currency, numbers.lang)
    if unit == "percent":
        return "%"
    key = f"report.unit.{unit}"
    if has(numbers.lang, key):
        return say(numbers.lang, key)
    return "" if unit in ("", "count", "number") else clean(unit)


def scale_of(values: Iterable[Decimal]) -> Decimal:
    """Return the one scale in which a column of money is written: 1, a thousand, a million.

    Rounding carries over: what would be written as a thousand of the smaller unit is one of the
    larger.

    >>> scale_of([Decimal(999_949)]), scale_of([Decimal(999_950)])
    (Decimal('1000'), Decimal('1000000'))
    """
    largest = max((abs(value) for value in values), default=Decimal(0))
    for (scale, *_), (smaller, _, places) in pairwise(_SCALES):
        if to_decimal(largest / smaller, places) >= 1000:
            return scale
    return _SCALES[-1][0] if to_decimal(largest, 0) >= _THOUSANDS_FROM else Decimal(1)


def moment(instant: datetime, zone: str, lang: str) -> str:
    """Return an instant to the minute in the company's zone."""
    local = in_zone(instant, zone)
    return f"{day(local, lang)} {local:%H:%M}"


def until(instant: datetime, zone: str, lang: str) -> str:
    """Return an instant before which something counts: a midnight is the hour 24 of its day."""
    local = in_zone(instant, zone)
    if local.time() != time.min:
        return moment(instant, zone, lang)
    return f"{day(local - timedelta(days=1), lang)} 24:00"


def day(when: date, lang: str) -> str:
    from babel.dates import format_date

    return format_date(when, "dd.MM.y" if lang == "ru" else "MMM d, y", locale(lang))


def in_zone(instant: datetime, zone: str) -> datetime:
    try:
        return instant.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return instant


def period_days(period: Period, lang: str) -> str:
    """Return the first and the last day, `01.05–31.05`; years only where they differ."""
    from babel.dates import format_date

    same = period.first.year == period.last.year
    year = "" if same else ".y" if lang == "ru" else ", y"
    shape, dash = ("dd.MM", "–") if lang == "ru" else ("MMM d", " – ")
    first, last = (
        format_date(one, shape + year, locale(lang)) for one in (period.first, period.last)
    )
    if lang != "ru" and same and period.first.month == period.last.month:
        dash, last = "–", str(period.last.day)
    return first if period.first == period.last else first + dash + last


def period_words(period: Period, lang: str) -> str:
    """Return a period in words: май 2024, Q2 2024, 1–17 мая 2024."""
    from babel.dates import format_date, format_interval

    text, first = period.text, period.first
    if re.fullmatch(r"\d{4}", text):
        return say(lang, "report.period.year", year=text)
    if found := re.fullmatch(r"(\d{4})-([HQW])(\d+)", text):
        kind = {"H": "half", "Q": "quarter", "W": "week"}[found[2]]
        return say(lang, f"report.period.{kind}", year=found[1], n=int(found[3]))
    if re.fullmatch(r"\d{4}-\d\d", text):
        return format_date(first, "LLLL y", locale(lang))
    if period.last == first:
        return _bare(format_date(first, "long", locale(lang)))
    return _bare(format_interval(first, period.last, "yMMMMd", locale=locale(lang)))


def _bare(text: str) -> str:
    """Drop babel's «г.» and its thin spaces, which few terminal fonts draw; the dash between days
    is one, though Unicode's Russian data have changed it (CLDR in babel 2.18 and 2.19)."""
    text = re.sub(r"[\u202f\u00a0 ]г\.", "", text).replace("—", "–")
    return re.sub(r"(?<=\d)\u2009–\u2009(?=\d)", "–", text).replace("\u2009", " ")


def says_days(period: Period) -> bool:
    """Tell whether the words of a period already name its first and last day."""
    return not re.fullmatch(r"\d{4}(-([HQW]\d+|\d\d))?", period.text)
