"""Hours of a day as a plan writes them: `09:00-18:00`, several, `22:00-06:00` over midnight.

Hours are stretches of minutes from the midnight that begins their day, half-open, in order and
apart. Those over midnight end behind 1440: they belong to the day on which they begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

Hours = tuple[tuple[int, int], ...]

DAY = 24 * 60
FREE: Hours = ()
_STRETCH = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–—]\s*(\d{1,2})[:.](\d\d)")
_FREE_WORDS = frozenset({"off", "free", "-", "–", "—", "в", "вых", "выходной", "нет"})


def read_hours(text: str) -> Hours | None:
    """Return what `09:00-13:00, 14:00-18:00` means, nothing for `off`; None where it is no hours.

    A stretch that ends where it begins is none; `00:00-24:00` is the whole day. Stretches of one
    text may not overlap, nor reach more than a day from the first of them.
    """
    if text.strip().casefold() in _FREE_WORDS:
        return FREE
    parts = [_read_stretch(part.strip()) for part in re.split(r"[,;]|\s\+\s", text)]
    stretches = sorted(part for part in parts if part is not None)
    if len(stretches) < len(parts):
        return None
    apart = all(a[1] <= b[0] for a, b in pairwise(stretches))
    within = stretches[-1][1] - stretches[0][0] <= DAY
    return tuple(stretches) if apart and within else None


def _read_stretch(text: str) -> tuple[int, int] | None:
    match = _STRETCH.fullmatch(text)
    if match is None:
        return None
    hour, minute, until_hour, until_minute = (int(part) for part in match.groups())
    start, end = hour * 60 + minute, until_hour * 60 + until_minute
    if max(minute, until_minute) > 59 or start >= DAY or end > DAY or start == end:
        return None
    return start, end if end > start else end + DAY


def without(hours: Hours, breaks: Hours) -> Hours:
    """Return hours less breaks; a break belongs to the day also where hours are over midnight."""
    left = list(hours)
    for start, end in (*breaks, *((a + DAY, b + DAY) for a, b in breaks)):
        left = [
            part
            for a, b in left
            for part in ((a, min(b, start)), (max(a, end), b))
            if part[0] < part[1]
        ]
    return tuple(sorted(left))


def shortened(hours: Hours, minutes: int) -> Hours:
    """Return hours that end so many worked minutes earlier."""
    left = list(hours)
    while left and minutes > 0:
        start, end = left.pop()
        if end - start > minutes:
            left.append((start, end - minutes))
        minutes -= end - start
    return tuple(left)


def length(hours: Hours) -> int:
    """Return the minutes of hours."""
    return sum(end - start for start, end in hours)


def merged(stretches: Iterable[tuple[int, int]]) -> Hours:
    """Return stretches as few as they can be: those that meet or overlap are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)
