"""Dates written in a plan: `2024-05-31`, `2024-05-31 18:20`, `31.05.2024`, and so on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from kpictl.expressions.nodes import Literal, Type

_DAYS = ("%Y-%m-%d", "%d.%m.%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S")


def read_moment(text: str, zone: ZoneInfo, wanted: Type) -> Literal | None:
    """Return a written date as a literal of the wanted type, or None when it is none.

    Next to an instant, a day is its first moment in the company's zone. Next to a day, a time of
    day has no meaning and is refused.
    """
    times = _TIMES if wanted is Type.DATETIME else ("",)
    for day in _DAYS:
        for time in times:
            with suppress(ValueError):
                moment = datetime.strptime(text.strip(), day + time).replace(tzinfo=zone)
                if wanted is Type.DATE:
                    return Literal(moment.date(), Type.DATE)
                return Literal(moment, Type.DATETIME)
    return None
