"""A production calendar as XML, as it is published of Russia year by year:

    <calendar year="2024" lang="ru">
      <days>
        <day d="01.01" t="1" h="1"/> <day d="04.27" t="3"/> <day d="04.29" t="1" f="04.27"/>
      </days>
    </calendar>

`t` is 1 for a day off, 2 for a worked day that is shorter, 3 for a worked day of a weekend; `f` is
the day that a day off was moved from. Every year that a file has is taken whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

from kpictl.calendar.country import CountryYear

_OFF, _SHORT, _WORK = "1", "2", "3"


class NotACalendar(Exception):
    """The text is no production calendar: `code` says why, with `data`."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code, self.data = code, data


def read_xml(raw: bytes) -> dict[int, CountryYear]:
    """Return the years of a production calendar. Raises NotACalendar."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:  # which could name files, or grow without end
        raise NotACalendar("calendar.xml_entities")
    try:
        root = ET.fromstring(raw)  # noqa: S314  without entities
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NotACalendar("calendar.xml_syntax", detail=str(error)) from None
    found: dict[int, CountryYear] = {}
    for calendar in root.iter("calendar"):
        year = calendar.get("year", "")
        if not (year.isdecimal() and len(year) == 4 and year >= "1970"):
            raise NotACalendar("calendar.xml_year", given=year)
        found[int(year)] = _year(int(year), calendar)
    if not any(known.off for known in found.values()):
        raise NotACalendar("calendar.xml_empty")
    return found


def _year(year: int, calendar: ET.Element) -> CountryYear:
    days = dict(_days(year, calendar))
    moved = {source: day for day, (kind, source) in days.items() if kind == _OFF and source}
    free = {day for day, (kind, _) in days.items() if kind == _OFF}
    worked = (day for day, (kind, _) in days.items() if kind != _OFF and day.weekday() > 4)
    return CountryYear(
        off=frozenset(day for day in free if day.weekday() < 5),
        holidays=frozenset(free),
        work={day: moved.get(day) for day in sorted(worked)},
        short=frozenset(day for day, (kind, _) in days.items() if kind == _SHORT),
        has_short_days=True,
    )


def _days(year: int, calendar: ET.Element) -> Iterator[tuple[date, tuple[str, date | None]]]:
    for node in calendar.iter("day"):
        kind, source = node.get("t", ""), node.get("f")
        if kind not in (_OFF, _SHORT, _WORK):
            raise NotACalendar("calendar.xml_day", given=f'd="{node.get("d", "")}" t="{kind}"')
        yield _day(year, node.get("d", "")), (kind, _day(year, source) if source else None)


def _day(year: int, text: str) -> date:
    month, _, day = text.partition(".")
    try:
        return date(year, int(month), int(day))
    except ValueError:
        raise NotACalendar("calendar.xml_day", given=f'd="{text}"') from None
