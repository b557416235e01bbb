"""Captions that are days or months, as people write them over the columns of a table.

`01.06.2024`, `Mon 3 Jun 2024`, `май 2026`, `May-26` say it all. `3`, `пн 3`, `03.06`, `3 июня` and
`январь` need a month or a year beside them: in another line of the captions, in a title, in the
name of the sheet or of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Literal

from msgspec import Struct

from kpictl.sources import moments

LONGEST = 40
"""No caption of a day is longer."""


class Around(Struct, frozen=True):
    """The month, or the year alone, in which captions lie that do not say it themselves."""

    year: int
    month: int | None = None

    def __str__(self) -> str:
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02}"


class Dated(Struct, frozen=True):
    """A caption that is a day, or (its first day) a month; `level` is the line that says so."""

    unit: Literal["day", "month"]
    day: date
    level: int = 0

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}" if self.unit == "day" else f"{self.day:%Y-%m}"


def read(texts: Sequence[str], around: Around | None, order: moments.Order) -> Dated | None:
    """Return what the lines of one caption say together; None for none of a day or month."""
    whole = [_whole(text, order) for text in texts]
    for level, dated in enumerate(whole):
        if dated is not None and dated.unit == "day":
            return Dated("day", dated.day, level)
    months = [dated.day for dated in whole if dated is not None]
    if months:
        around = Around(months[0].year, months[0].month)
    for level, text in enumerate(texts):
        if around is not None and whole[level] is None:
            dated = _within(text, around, order)
            if dated is not None:
                return Dated(dated.unit, dated.day, level)
    return next((Dated("month", d.day, n) for n, d in enumerate(whole) if d is not None), None)


def may_be(text: str) -> bool:
    """Say whether a caption looks like a day or a month, with whatever month or year beside it."""
    return _whole(text, "dmy") is not None or _within(text, Around(2024, 1), "dmy") is not None


def around(text: str, order: moments.Order) -> Around | None:
    """Return the month, or else the year, that a title, a sheet's or a file's name speaks of; None
    where it is none or several."""
    words = [w.strip("()[],;:«»\"'") for w in re.split(r"[\s_]+", text[:200]) if w]
    starts = [(n, m) for m in (3, 2, 1) for n in range(len(words) - m + 1)]
    found: set[Around] = set()
    for start, many in starts:
        dated = _whole(" ".join(words[start : start + many]), order)
        if dated is not None:
            found.add(Around(dated.day.year, dated.day.month))
    if not found:
        years = {int(year) for year in re.findall(r"(?<!\d)(20\d\d|19\d\d)(?!\d)", text[:200])}
        found = {Around(year) for year in years}
    return found.pop() if len(found) == 1 else None


def first_around(
    texts: Iterable[tuple[str, str]], order: moments.Order
) -> tuple[Around, str] | None:
    """Return the first month that any of some texts speaks of, else the first year, with what the
    text is called; None where none does."""
    found = [(one, called) for called, text in texts if (one := around(text, order)) is not None]
    return next((pair for pair in found if pair[0].month), found[0] if found else None)


def _whole(text: str, order: moments.Order) -> Dated | None:
    if not text or len(text) > LONGEST:
        return None
    moment = moments.read(text, order)
    if moment is None or (moment.written == "moment" and moment.wall.time() != time.min):
        return None
    return Dated("month" if moment.written == "month" else "day", moment.wall.date())


_NUMBER = re.compile(r"\d{1,2}")
_WORD = re.compile(r"[^\W\d_]+\.?")


def _within(text: str, around: Around, order: moments.Order) -> Dated | None:
    """Read a caption that leaves its year or month to what is around it."""
    words = text[:LONGEST].replace(",", " ").split()
    number = [w for w in words if _NUMBER.fullmatch(w)]
    others = [w for w in words if not _NUMBER.fullmatch(w)]
    if len(number) == 1 and len(words) <= 2 and all(map(moments.is_weekday, others)):
        return _numbered(int(number[0]), around)
    if _WORD.fullmatch(text):
        return _whole(f"{text} {around.year}", order)
    return _whole(f"{text.rstrip('.')}.{around.year}", order) or _whole(
        f"{text} {around.year}", order
    )


def _numbered(number: int, around: Around) -> Dated | None:
    try:
        if around.month is not None:
            return Dated("day", date(around.year, around.month, number))
        return Dated("month", date(around.year, number, 1))
    except ValueError:
        return None
