"""Dates and times as people and their tools write them: one reader, in plain Python.

DuckDB reads the usual forms by itself, many times faster; what it cannot read comes here, and what
is not understood here to its last letter is refused. Nothing behind a date is ever cut off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

Order = Literal["mdy", "dmy"]
Written = Literal["day", "moment", "month"]
FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST = 80  # no date is longer, with a weekday, a zone and its name in brackets


class Moment(Struct, frozen=True):
    """What a cell says: a day, a day with a time, or a month (its first day).

    `wall` is naive; `zone` is what the cell names itself, None where it leaves it to the company.
    """

    written: Written
    wall: datetime
    zone: tzinfo | None = None

    def local(self) -> datetime | None:
        """Return the wall-clock time in the company's zone; None where the cell names its own."""
        return self.wall if self.zone is None and self.written != "month" else None

    def utc(self) -> datetime | None:
        """Return the instant (naive, UTC) of a cell that names its zone; in the hour that clocks
        repeat or skip, by the standard (winter) offset, which is the smaller one."""
        if self.zone is None:
            return None
        both = (self.wall.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
        return self.wall - min(offset or timedelta() for offset in both)

    def day(self, zone: tzinfo) -> date | None:
        """Return the day, in a company's zone where the cell names one of its own. Midnight there
        is how tools write a day without a time: it stays that day."""
        if self.written == "month":
            return None
        instant = self.utc()
        if instant is None or self.wall.time() == time.min:
            return self.wall.date()
        return instant.replace(tzinfo=UTC).astimezone(zone).date()

    def month(self) -> date | None:
        """Return the first day of a month; a first day may stand for it, as in spreadsheets."""
        alone = self.zone is None and self.wall.day == 1 and self.wall.time() == time.min
        return self.wall.date() if alone else None


_MONTHS = (  # English, German, French, Polish, Russian
    "january jan januar jänner jän janvier janv stycznia styczeń sty январ янв",
    "february feb februar février fevrier févr fevr fév lutego luty lut феврал февр фев",
    "march mar märz mär mrz mars marca marzec март мар",
    "april apr avril avr kwietnia kwiecień kwi апрел апр",
    "may mai maja maj май мая мае",
    "june jun juni juin czerwca czerwiec cze июн",
    "july jul juli juillet juil lipca lipiec lip июл",
    "august aug août aout sierpnia sierpień sie август авг",
    "september sept sep septembre września wrzesień wrz сентябр сент сен",
    "october oct oktober okt octobre października październik paź октябр окт",
    "november nov novembre listopada listopad lis ноябр нояб ноя",
    "december dec dezember dez décembre decembre déc grudnia grudzień gru декабр дек",
)
_STEMS = {stem: number for number, stems in enumerate(_MONTHS, 1) for stem in stems.split()}
_HARD, _SOFT = "(?:[ауе]|ом)?", "(?:[ьяюе]|ем)"  # март, марта; январь, января, январе
_CASES = {
    stem: _HARD if stem in ("март", "август") else f"{_SOFT}?" if len(stem) == 3 else _SOFT
    for stem in _STEMS
    if "а" <= stem[0] <= "я" and (len(stem) > 4 or stem in ("март", "июн", "июл"))
}
_MONTH = r"(?P<month>{})\.?".format(
    "|".join(stem + _CASES.get(stem, "") for stem in sorted(_STEMS, key=len, reverse=True))
)
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "mon monday mo montag lundi poniedziałek пн понедельник",
            "tue tues tuesday di dienstag mardi wtorek вт вторник",
            "wed wednesday mi mittwoch mercredi środa ср среда",
            "thu thur thurs thursday do donnerstag jeudi czwartek чт четверг",
            "fri friday fr freitag vendredi piątek пт пятница",
            "sat saturday sa samstag sonnabend samedi sobota сб суббота",
            "sun sunday so sonntag dimanche niedziela вс воскресенье",
        )
    )
    for word in words.split()
}  # fmt: skip
_FIRST_WORD = re.compile(r"([^\W\d_]+)\.?,? ?")
_LAST_WORD = re.compile(r",? ?\(?\b([^\W\d_]+)\.?\)?")
_YEAR = r"(?P<y>\d{4}|\d{2})"
_YEAR_END = r"(?: ?(?:года?|г\.?|r\.?|year))?"
_TH = r"(?:st|nd|rd|th|er|-?(?:го|е|ое))?"
_GAP = r"[ \-/.,]{1,2}"

_DAYS = (
    r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)",
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d|[.,]\d)",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2})(?!\d)" + _YEAR_END,
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d{2})(?!\d)",
    r"(?P<a>\d{1,2})-(?P<b>\d{1,2})-(?P<y>\d{4})(?!\d)",  # 24-05-31 may begin with a year
    rf"(?P<d>\d{{1,2}}){_TH}(?: of)?{_GAP}{_MONTH}{_GAP}{_YEAR}(?!\d){_YEAR_END}",
    rf"(?P<d>\d{{1,2}}){_MONTH}{_YEAR}(?!\d)",
    rf"{_MONTH}{_GAP}(?P<d>\d{{1,2}}){_TH}{_GAP}{_YEAR}(?![\d:])",
    rf"(?P<y>\d{{4}}){_GAP}{_MONTH}{_GAP}(?P<d>\d{{1,2}})(?!\d)",
)
_MONTHS_ALONE = (
    rf"{_MONTH}[ \-/.,']{{1,2}}(?P<y>\d{{4}}){_YEAR_END}",
    rf"{_MONTH} ?[\-/.']{{1,2}}(?P<y>\d{{2}})",  # May-26; `May 26` may be a day
    rf"(?P<y>\d{{4}}){_YEAR_END}[ \-/.,]{{1,2}}{_MONTH}",
    r"(?P<m>\d{1,2})[./\- ](?P<y>\d{4})" + _YEAR_END,
    r"(?P<y>\d{4})[./\- ]?(?P<m>\d{1,2})(?<!\d{6}\d)",
    rf"{_MONTH}(?P<y>\d{{4}}|\d{{2}})",
)
_CTIME = (
    rf"{_MONTH} (?P<d>\d{{1,2}}) (?P<clock>[\d:]{{5,8}})"
    r"(?P<zone> [a-z+-][a-z0-9:+-]*)? (?P<y>\d{4})"
)
_HALF = r"(?: ?(?P<half>[ap])\.? ?m\.?)"
_OCLOCK = r"(?P<oclock>h\b| ?uhr\b)"  # 18h, 18:20 Uhr
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?:[:h](?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    rf"|(?P<t>\d{{2}})(?P<t2>\d{{2}})?(?!\d))?{_HALF}?{_OCLOCK}?(?![\d:])"
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?(?![\d:])")
_NAMED = re.compile(r"[a-zа-я]+(?:[_/+-][a-z0-9_+-]+)*")
_REGION = re.compile(r"\[([a-z_+-]+(?:/[a-z0-9_+-]+)+)\]")
_COMMENT = re.compile(r" ?\([\w /+:-]+\)")
_SERIAL = re.compile(r"(?P<days>\d{5})(?:[.,](?P<part>\d{1,12}))?")

# Abbreviations that mean one thing: of RFC 5322, 3.3 and 4.3, and those of Europe. CST, IST and BST
# are several zones each, and are refused.
_ABBREVIATIONS: dict[str, tzinfo] = {
    "z": UTC, "utc": UTC, "gmt": UTC, "ut": UTC,
    "wet": UTC, "msk": ZoneInfo("Europe/Moscow"), "мск": ZoneInfo("Europe/Moscow"),
    **{
        name: timezone(timedelta(hours=hours))
        for name, hours in (
            ("cet", 1), ("cest", 2), ("eet", 2), ("eest", 3), ("west", 1),
            ("est", -5), ("edt", -4), ("cdt", -5), ("mst", -7), ("mdt", -6), ("pst", -8),
            ("pdt", -7),
        )
    },
}  # fmt: skip


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """Compile a form when a first cell asks for it: most files are read without, and the names of
    months take a while."""
    return re.compile(form)


@cache
def _shortest_stems() -> tuple[str, ...]:
    """Return the stems of months that hold no other stem: without any of them, no month."""
    return tuple(s for s in _STEMS if not any(other != s and other in s for other in _STEMS))


def _forms(forms: Iterable[str], text: str) -> Iterator[re.Pattern[str]]:
    """Yield those forms that a text may have: most texts name no month."""
    monthless = not any(stem in text for stem in _shortest_stems())
    return (_compiled(form) for form in forms if not (monthless and _MONTH in form))


def read(text: str, order: Order) -> Moment | None:
    """Return what a cell says, or None where any of it is not understood.

    `order` settles numbers with slashes or hyphens between them. Years of two digits are 1969 to
    2068, as in POSIX.
    """
    tidy = _tidy(text)
    if not tidy or len(tidy) > LONGEST or not any(c.isdigit() for c in tidy):
        return None
    try:
        return _read(tidy, order)
    except (ValueError, OverflowError):  # the 31st of June, 25 o'clock
        return None


def _tidy(text: str) -> str:
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", shown).replace("\u2212", "-")
    return " ".join(folded.casefold().split()).replace("ё", "е")


def _read(text: str, order: Order) -> Moment | None:
    for form in _forms(_MONTHS_ALONE, text):
        if match := form.fullmatch(text):
            return Moment("month", _wall(_year(match["y"]), _month(match), 1))
    text, weekday = _without_weekday(text)
    moment = _dated(text, order)
    if moment is None or (weekday is not None and weekday != moment.wall.weekday()):
        return None  # Monday, May 31, 2024, was a Friday: one of both is wrong
    return moment


def _without_weekday(text: str) -> tuple[str, int | None]:
    """Take a weekday off the front or the end: `Fri, 31 May 2024`, `31.05.2024 (пт)`."""
    first = _FIRST_WORD.match(text)
    if first is not None and first[1] in _WEEKDAYS:
        return text[first.end() :], _WEEKDAYS[first[1]]
    for last in _LAST_WORD.finditer(text):
        if last.end() == len(text) and last[1] in _WEEKDAYS:
            return text[: last.start()], _WEEKDAYS[last[1]]
    return text, None


def is_weekday(word: str) -> bool:
    """Say whether a word is a day of the week, also shortened: `пн`, `Mon.`."""
    return _tidy(word).rstrip(".") in _WEEKDAYS


def _dated(text: str, order: Order) -> Moment | None:
    for form in _forms([_CTIME], text):
        if match := form.match(text):  # Fri May 31 18:20:05 UTC 2024
            day = _wall(_year(match["y"]), _month(match), int(match["d"])).date()
            return _with_time(day, f" {match['clock']}{match['zone'] or ''}{text[match.end() :]}")
    for form in _forms(_DAYS, text):
        if match := form.match(text):
            rest = text[match.end() :]
            if rest.startswith(":") and len(match["y"]) == 2:
                return None  # 31/May/2024:18:20:05 of web servers, but `31 May 18:20:05` is no year
            return _with_time(_day(match, order), rest)
    clock = _CLOCK.match(text)
    if clock and clock["min"] and text[clock.end() :].startswith((" ", ",")):
        rest = text[clock.end() :].lstrip(" ,")
        for form in _forms(_DAYS, rest):
            if match := form.fullmatch(rest):  # 18:20 31.05.2024
                return _with_time(_day(match, order), f" {clock.group()}")
    return None


def _day(match: re.Match[str], order: Order) -> date:
    groups = match.groupdict()
    if "a" in groups:
        first, second = int(groups["a"]), int(groups["b"])
        day, month = (first, second) if order == "dmy" else (second, first)
    else:
        day, month = int(groups["d"]), _month(match)
    return _wall(_year(groups["y"]), month, day).date()


def _month(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if groups.get("m"):
        return int(groups["m"])
    word = groups["month"]
    return next(_STEMS[word[:n]] for n in range(len(word), 0, -1) if word[:n] in _STEMS)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 69 else 1900
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(digits)
    return year


def _wall(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001  a wall clock; its zone is known later


def _with_time(day: date, rest: str) -> Moment | None:
    """Read what stands behind a date: nothing, or a time and perhaps a zone, to the last letter."""
    midnight = datetime.combine(day, time.min)
    if not rest:
        return Moment("day", midnight)
    begun = re.match(r"(?:t|,? ?(?:at |um |à |в )?|[,;] ?| - |:)(?=\d)", rest)
    if begun is None or not begun.group():
        return None
    clock = _CLOCK.match(rest, begun.end())
    if clock is None:
        return None
    after_t = begun.group() == "t"
    since_midnight = _since_midnight(clock, after_t=after_t)
    if since_midnight is None:
        return None
    wall, behind = midnight + since_midnight, rest[clock.end() :]
    zone, known = _zone(behind)
    named = _REGION.search(behind)
    contradicts = bool(named and zone and not _is_offset_of(named[1], wall, zone))
    stretch = not after_t and clock["s"] is None and _may_be_stretch(since_midnight, behind)
    return Moment("moment", wall, zone) if known and not contradicts and not stretch else None


def _may_be_stretch(start: timedelta, behind: str) -> bool:
    """Tell whether what looks like an offset may be the end of a stretch of time: `10:00-11:00`.

    With seconds or a T it is an offset, and one that is no later than the time before it
    (`10:00-05:00`) is no end on that day. People write 12:00 as an end more than as a zone, and no
    zone west of Greenwich is off by other minutes than 30.
    """
    offset = _OFFSET.fullmatch(behind.strip(" "))
    if offset is None or offset["sign"] == "+":
        return False
    end = timedelta(hours=int(offset["h"]), minutes=int(offset["m"] or 0))
    return end > start or end == timedelta(hours=12) or int(offset["m"] or 0) not in (0, 30)


def _is_offset_of(region: str, wall: datetime, offset: tzinfo) -> bool:
    """Tell whether a region has an offset at that time: `+03:00[Europe/Berlin]` contradicts itself,
    and which of both is right nobody can say."""
    zone, instant = _regions().get(region), wall.replace(tzinfo=offset)
    return zone is not None and instant.astimezone(zone).utcoffset() == instant.utcoffset()


def _since_midnight(clock: re.Match[str], *, after_t: bool) -> timedelta | None:
    hour, minute, second = int(clock["h"]), int(clock["min"] or 0), int(clock["s"] or 0)
    if clock["t"]:  # 1820, 182005: only as ISO 8601 writes them, behind a T
        minute, second = int(clock["t"]), int(clock["t2"] or 0)
        if not after_t:
            return None
    elif not (clock["min"] or clock["half"] or clock["oclock"]) and not (
        after_t and len(clock["h"]) == 2
    ):
        return None  # "5" is no time, "5 pm" and "5 Uhr" are, and "T05" of ISO 8601
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"] == "p" else 0)
    if minute > 59 or second > 59 or (hour, minute, second) > (24, 0, 0):
        return None
    micros = int((clock["f"] or "").ljust(6, "0")[:6])
    if hour == 24 and micros:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _zone(rest: str) -> tuple[tzinfo | None, bool]:
    """Return the zone that a text names, and whether it is understood whole."""
    text = rest.strip(" ")
    if not text:
        return None, True
    if text[0] == "(" and text[-1] == ")" and _NAMED.fullmatch(text[1:-1]):
        text = text[1:-1]  # 18:20 (UTC)
    name = _NAMED.match(text)
    zone: tzinfo | None = None
    if name is not None and name.group() in _ABBREVIATIONS:
        zone, text = _ABBREVIATIONS[name.group()], text[name.end() :].lstrip(" ")
        if not text:
            return zone, True
    elif name is not None and re.match(r"(utc|gmt)[+-]", name.group()):
        zone, text = UTC, text[3:]  # GMT+3
    elif name is not None and "/" in name.group():
        region = _regions().get(name.group())
        return region, region is not None and name.end() == len(text)
    return (None, False) if zone is not None and zone is not UTC else _offset(text)


def _offset(text: str) -> tuple[tzinfo | None, bool]:
    """Read `+03:00`, also with the name of the zone in brackets behind it."""
    offset = _OFFSET.match(text)
    if offset is None:
        return None, False
    hours, minutes = int(offset["h"]), int(offset["m"] or 0)
    if hours > (12 if offset["sign"] == "-" else 14) or minutes > 59:
        return None, False
    shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset["sign"] == "-" else 1)
    rest = text[offset.end() :]
    if named := _REGION.fullmatch(rest):  # +02:00[Europe/Berlin] of Java
        return timezone(shift), named[1] in _regions()
    return timezone(shift), not rest or _COMMENT.fullmatch(rest) is not None


@lru_cache(1)
def _regions() -> dict[str, ZoneInfo]:
    from zoneinfo import available_timezones

    return {key.casefold(): ZoneInfo(key) for key in available_timezones() if "/" in key}


def serial(text: str) -> datetime | None:
    """Return the moment that a spreadsheet's number means: days since 1899-12-30.

    Only five digits, 1927 to 2173: what a cell loses its date format to. The fraction is a time,
    taken to the second, which is what twelve decimals of a day hold.
    """
    match = _SERIAL.fullmatch(text.strip())
    if match is None:
        return None
    seconds = round(float(f"0.{match['part'] or 0}") * 86_400)
    return _wall(1899, 12, 30) + timedelta(days=int(match["days"]), seconds=seconds)


NUMERIC = r"(?:^|[ ,])(\d{1,2})([-/])(\d{1,2})[-/](?:\d{4}|\d{2})(?:\D|$)"
"""Two small numbers and a year, also behind a weekday or a time, also with a time behind it; so
written that Python and DuckDB (RE2, which looks neither ahead nor back) read it alike."""


def shown_order(texts: Iterable[str]) -> Order:
    """Return the order of day and month that the cells of a small column show by a day above 12;
    where none does, month first with slashes, day first with hyphens."""
    pairs = [match for text in texts if (match := re.search(NUMERIC, text))]
    first = sum(int(match[1]) > 12 for match in pairs)
    second = sum(int(match[3]) > 12 for match in pairs)
    if first == second:
        return "dmy" if pairs and all(match[2] == "-" for match in pairs) else "mdy"
    return "dmy" if first > second else "mdy"


def read_day(text: str, order: Order) -> date | None:
    """Return the day that a cell of a small table says, also as a spreadsheet's number."""
    moment = read_as(text, way(order, whole=False, serials=True))
    return None if moment is None or moment.written == "month" else moment.wall.date()


def way(order: str, forms: tuple[str, ...] = (), *, whole: bool, serials: bool) -> str:
    """Return in one word how cells are read, for `read_as`."""
    return "\x1f".join((order, "whole" if whole else "", "serials" if serials else "", *forms))


def read_as(text: str, how: str) -> Moment | None:
    """Read a cell in a way that `way` has put into a word."""
    order, whole, serials, *forms = how.split("\x1f")
    if forms:
        readings = (read_form(text, form) for form in forms)
        moment = next((reading for reading in readings if reading is not None), None)
    else:
        moment = read(text, "dmy" if order == "dmy" else "mdy")
        if moment is None and serials and (wall := serial(text)) is not None:
            moment = Moment("moment" if wall.time() != time.min else "day", wall)
    return None if whole and moment is not None and moment.written == "moment" else moment


ISO = "ISO"
"""Stands among the forms for the dates that a workbook holds as such."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?")


def read_form(text: str, form: str) -> Moment | None:
    """Read a cell by a form of the plan's own (`%d/%b/%y`); months in the words of `_MONTHS`."""
    tidy = _tidy(text)
    if form == ISO:
        return read(tidy, "mdy") if _ISO.fullmatch(tidy) else None
    if re.search("%[bB]", form):
        tidy = re.sub(_MONTH, lambda m: _ENGLISH[_month(m) - 1], tidy)
        form = re.sub("%[bB]", "%b", form)
    try:
        found = datetime.strptime(tidy, form)  # noqa: DTZ007  a wall clock; its zone is known later
    except ValueError:
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return Moment(written_by(form), found.replace(tzinfo=None), found.tzinfo)


_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def written_by(form: str) -> Written:
    """Return what the cells of a form hold."""
    if re.search("%[HIMSp]", form):
        return "moment"
    return "day" if "%d" in form else "month"
