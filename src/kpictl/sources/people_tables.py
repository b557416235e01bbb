"""Small tables of people and days: whose a line is, which columns are days, unknown codes.

Absences and shifts are read with this. What is wrong is collected: a name that nobody has and a
code that the plan does not explain are said once, with where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.naming import tidy
from kpictl.people.staff import Ambiguous, Directory, Person
from kpictl.sources import dated_captions, moments
from kpictl.tables import TableFile

EMPLOYEE = (
    *("employee", "name", "full name", "email", "e-mail", "id", "employee id"),
    *("сотрудник", "фио", "имя", "табельный номер", "таб. номер", "почта"),
    *("фамилия, имя, отчество", "фамилия, инициалы, должность"),
    "фамилия, инициалы, должность (специальность, профессия)",
)
_SHOWN = 5


class PeopleReading(Struct):
    """What is read so far of the tables of one section of the plan, by whose name (`absences`,
    `shifts`) the codes of its problems begin."""

    section: str
    directory: Directory
    problems: list[Problem] = []
    _nobodys: dict[str, Place] = {}
    _unknown: dict[str, list[Place]] = {}

    def person(self, text: str, place: Place) -> Person | None:
        """Return whom a text names; None for nobody, which is said once."""
        try:
            found = self.directory.find(text)
        except Ambiguous as several:
            names = ", ".join(p.email or p.id for p in several.people)
            data = {"name": text, "people": names}
            self.problems.append(Problem("people.ambiguous", place, data))
            return None
        if found is None:
            self._nobodys.setdefault(text, place)
        return found

    def unexplained(self, code: str, place: Place) -> None:
        """Note a code that the plan does not explain."""
        self._unknown.setdefault(tidy(code), []).append(place)

    def bad(self, caption: str, text: str, kind: str, place: Place) -> None:
        """Note a cell that is not of its kind."""
        data = {"field": caption, "caption": caption, "kind": kind, "value": text, "count": 1}
        self.problems.append(Problem("source.bad_value", place, data))

    def no_column(self, caption: str, captions: Iterable[str], file: TableFile) -> None:
        """Note that a table lacks a column without which it cannot be read."""
        data = {"caption": " / ".join(captions), "file": file.origin, "near": "",
                "field": caption, "known": ", ".join(file.header)}  # fmt: skip
        self.problems.append(Problem("source.no_column", Place(file.origin, 1), data))

    def no_days(self, file: TableFile, month: date | None) -> None:
        """Note that a table has no column that is a day."""
        bare = any(caption.strip().isdecimal() for caption in file.header)
        code = "no_month" if bare and month is None else "no_days"
        data = {"known": ", ".join(caption for caption in file.header if caption)}
        self.problems.append(Problem(f"{self.section}.{code}", Place(file.origin, 1), data))

    def month_of(self, file: TableFile, period: str | None) -> date | None:
        """Return the month of columns that are called 1 to 31: the plan's, else that of which a
        title or the name of the file speaks."""
        if period is not None:
            return periods.fixed_days(period)[0]
        if not any(caption.strip().isdecimal() for caption in file.header):
            return None
        titles = [
            (str(Place(file.origin, line)), " ".join(cell for cell in cells if cell))
            for line, cells in file.above
        ]
        stem = Path(file.origin.partition("#")[0].partition("[")[0]).stem
        order = moments.shown_order(file.header)
        around = dated_captions.first_around([*titles, (file.origin, stem)], order)
        if around is None or around[0].month is None:
            return None
        known, where = around
        data = {"file": file.origin, "period": str(known), "where": where, "caption": "1"}
        self.problems.append(Problem("unpivot.period", Place(file.origin, 1), data, "note"))
        return date(known.year, known.month or 1, 1)

    def everything_wrong(self) -> list[Problem]:
        """Return all that is to be said of the tables."""
        found = list(self.problems)
        for text, place in self._nobodys.items():
            found.append(Problem(f"{self.section}.nobody", place, {"name": text}, "warning"))
        for code, places in self._unknown.items():
            shown = ", ".join(str(place) for place in places[:_SHOWN])
            told = {"code": code, "count": len(places), "places": shown}
            found.append(Problem(f"{self.section}.unknown_code", places[0], told))
        return found


def day_columns(file: TableFile, month: date | None) -> Iterator[tuple[int, date]]:
    """Yield the columns of a table that are days: captioned as one, or as one of a month."""
    order = moments.shown_order(file.header)
    for column, caption in enumerate(file.header):
        text = caption.strip()
        if text.isdecimal() and int(text) <= _LONGEST_MONTH:
            if month is not None and (day := day_of(month, int(text))) is not None:
                yield column, day
        elif (found := moments.read_day(text, order)) is not None:
            yield column, found


_LONGEST_MONTH = 31


def day_of(month: date, number: int) -> date | None:
    """Return a day of a month by its number; None where the month has none."""
    try:
        return month.replace(day=number)
    except ValueError:
        return None
