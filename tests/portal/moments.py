"""Times as the portal writes and reads them: ISO 8601 in the one, fixed offset of its server.

The docs do not say which zone that is, nor that it follows summer time (their examples do not)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_RUSSIAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?: (\d\d:\d\d(?::\d\d)?))?")


class Zone:
    """The server's clock face, `hours` east of Greenwich."""

    def __init__(self, hours: int = 3) -> None:
        self.hours = hours
        self.zone = timezone(timedelta(hours=hours))
        self.tail = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"

    def text(self, moment: float) -> str:
        """Return `2024-06-03T09:00:00+03:00` for Unix seconds. (Written by hand because answers
        hold thousands of them: a third of the time of `isoformat`.)"""
        day, second = divmod(int(moment) + self.hours * 3600, 86_400)
        return f"{_iso_day(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{self.tail}"

    def day(self, day: date | str) -> str:
        """Return a day as the answers show it: midnight of Greenwich in the server's zone
        (`2024-08-30T03:00:00+03:00`)."""
        iso = day if isinstance(day, str) else day.isoformat()
        if self.hours >= 0:
            return f"{iso[:10]}T{self.hours:02}:00:00{self.tail}"
        return f"{iso[:10]}T00:00:00{self.tail}"  # examples have only zones east of Greenwich

    def instant(self, text: str) -> float | None:
        """Return Unix seconds of a date or a time in any of the forms that the portal reads.

        Without an offset it is the server's time (not documented; PHP's `strtotime` habit)."""
        match = _RUSSIAN.fullmatch(text.strip())
        if match:
            text = f"{match[3]}-{match[2]}-{match[1]}T{match[4] or '00:00'}"
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).timestamp()

    def normal(self, text: str) -> str | None:
        """Return a time in the server's own form, which sorts as text; None when it is none."""
        moment = self.instant(text)
        return None if moment is None else self.text(moment)


@lru_cache(maxsize=10_000)
def _iso_day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
