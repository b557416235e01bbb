"""What a column holds whose type nobody declared, seen by its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.catalog import Kind
from kpictl.sources import moments, numbers
from kpictl.sources.cells import FALSE, TRUE, Manner
from kpictl.tables import duckdb_scan

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.parts import FilePart

SAMPLE = 2000
_BATCH = 1000
# #DIV/0!, #N/A, #REF!, also as German, French, Polish and Russian spreadsheets save them.
_ERROR = r"#(\p{Lu}[\p{Lu}\d/_]*[!?]|N/A|NV|N/D|Н/Д|GETTING_DATA)"
_UNLESS_ERROR = (
    f"CASE WHEN r NOT LIKE '#%' THEN r WHEN NOT regexp_full_match(r, '{_ERROR}') THEN r END"
)
_MAYBE_TIME = r"\d[:tThH]\d|\d ?[Uu]hr|\dh\b|\d\s?[aApP]\.?[mM]"
# Compiled when a first cell asks for them: most plans name no column that nobody declared.
_LEADING_ZERO = r"0[0-9]+"
_STAMP = r"(?a:(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))"
_CLOCK = r"(?a:-?\d+:[0-5]\d(:[0-5]\d)?)"
_BOOLS = frozenset((*TRUE, *FALSE)) - {"0", "1"}
_LARGEST = 10**28  # what a number of the house holds before the point
# The dates of most exports, as far as every month has such a day; others are read with more care.
_USUAL_DATE = (
    r"(?a:((19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[1-9]|1\d|2[0-8])\.(0[1-9]|1[0-2])\.20\d\d)"
    r"(?P<time> ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?)"
)
_ISO = r"(?a:(?P<day>\d{4}-\d\d-\d\d)(?P<time>[ T]\d\d:\d\d(:\d\d)?)?)"


def infer(
    part: FilePart, names: list[str], connection: Connection, empty: tuple[str, ...] = ()
) -> dict[str, Kind | None]:
    """Return what nine in ten of a column's cells can be read as, looking at the first rows; None
    for a column without any. Cells that mean nothing (`empty`) do not count, nor do errors of a
    spreadsheet: in a column of texts they are texts, in one of numbers bad values."""
    found = _sample(part, names, connection, empty)
    if lacking := [name for name in names if name not in found]:
        found |= _sample_of_all(part, lacking, connection, empty)
    reading = _Reading.of(part)
    return {name: _kind(found[name], reading) if name in found else None for name in names}


def has_time(part: FilePart, name: str, connection: Connection, empty: tuple[str, ...]) -> bool:
    """Say whether any cell of a column of dates has a time."""
    raw, reading = f"cell_text({part.raw(name, empty)})", _Reading.of(part)
    scan = f"(SELECT {raw} AS r FROM {duckdb_scan(part.file)})"
    answer = connection.execute(f"SELECT r FROM {scan} WHERE regexp_matches(r, '{_MAYBE_TIME}')")
    while batch := answer.fetchmany(_BATCH):
        if any(reading.date(cell) == "datetime" for cell in {cell for (cell,) in batch}):
            return True
    return False


# --- cells ---------------------------------------------------------------------------------------


def _sample(
    part: FilePart, names: list[str], connection: Connection, empty: tuple[str, ...]
) -> dict[str, Counter[str]]:
    """Return the cells of the first rows by column, of those that have any."""
    query = f"SELECT field, list(r) FROM ({_cells(part, names, empty, SAMPLE)}) GROUP BY field"
    # Without an order to keep, LIMIT takes the rows of whichever thread is first.
    connection.execute("SET preserve_insertion_order = true")
    try:
        found = connection.execute(query).fetchall()
    finally:
        connection.execute("SET preserve_insertion_order = false")
    return {names[field]: Counter(texts) for field, texts in found}


def _sample_of_all(
    part: FilePart, names: list[str], connection: Connection, empty: tuple[str, ...]
) -> dict[str, Counter[str]]:
    """Return cells from anywhere in a file by column, always the same ones."""
    picked = f"arg_min(r, hash(r), {SAMPLE})"
    query = f"SELECT field, {picked} FROM ({_cells(part, names, empty)}) GROUP BY field"
    return {names[field]: Counter(texts) for field, texts in connection.execute(query).fetchall()}


def _cells(
    part: FilePart, names: list[str], empty: tuple[str, ...], first: int | None = None
) -> str:
    """Return the SQL of the filled cells of some columns, one below another."""
    texts = ", ".join(f"cell_text({part.raw(name, empty)})" for name in names)
    limit = "" if first is None else f"LIMIT {first}"
    lines = f"SELECT [{texts}] AS texts FROM {duckdb_scan(part.file)} {limit}"
    below = f"SELECT unnest(range({len(names)})) AS field, unnest(texts) AS r FROM ({lines})"
    return (
        f"SELECT field, r FROM (SELECT field, {_UNLESS_ERROR} AS r FROM ({below})) WHERE r NOT NULL"
    )


# --- what they can be read as --------------------------------------------------------------------


class _Reading(Struct, frozen=True):
    """How the cells of a file are read. `days` are the ways of dates: a day is a day in either
    order; which one it is, all cells say together, later."""

    days: tuple[str, ...]
    month: str
    is_usual: bool

    @classmethod
    def of(cls, part: FilePart) -> _Reading:
        iso = part.file.encoding == "xlsx"
        plain = Manner(part.decimal, part.order, None, part.forms, serials=False)
        manner = replace(plain, iso=iso)
        orders = [manner] if part.forms else [replace(manner, order=o) for o in ("mdy", "dmy")]
        return cls(tuple(one.how for one in orders), plain.how, not part.forms)

    def date(self, cell: str) -> Kind | None:
        """Return whether a cell is a date, or one with a time."""
        if self.is_usual and (usual := re.fullmatch(_USUAL_DATE, cell)):
            return "datetime" if usual["time"] else "date"
        if not any(sign.isdigit() for sign in cell):
            return None
        readings = [moments.read_as(cell, way) for way in self.days]
        written = {one.written for one in readings if one is not None} - {"month"}
        if not written:
            return _far_date(cell) if self.is_usual else None
        return "date" if "day" in written else "datetime"

    def is_month(self, cell: str) -> bool:
        if cell.isdigit() or self.date(cell) is not None:
            return False
        moment = moments.read_as(cell, self.month)
        return moment is not None and moment.month() is not None


def _far_date(cell: str) -> Kind | None:
    """Return whether a cell is a date beyond the years that are computed with, which is then said
    of that cell."""
    match = re.fullmatch(_ISO, cell)
    if match is None:
        return None
    try:
        year = date.fromisoformat(match["day"]).year
    except ValueError:
        return None
    if moments.FIRST_YEAR <= year <= moments.LAST_YEAR:
        return None
    return "datetime" if match["time"] else "date"


def _is_number(cell: str) -> bool:
    if not any(sign.isdigit() for sign in cell):
        return False
    values = (numbers.read(cell, sign) for sign in (",", "."))
    value = next((value for value in values if value is not None), None)
    return value is not None and abs(value) < _LARGEST


def _kind(found: Mapping[str, int], reading: _Reading) -> Kind:
    if any(re.fullmatch(_LEADING_ZERO, cell) for cell in found):
        return "text"
    # 01.2024 and 20240531 are numbers as well, but not all of a column by chance.
    if all(re.fullmatch(_STAMP, cell) for cell in found):
        return "date"
    if all(cell.lower() in _BOOLS for cell in found):
        return "bool"
    if all(map(reading.is_month, found)):
        return "month"
    likely: dict[Kind, Callable[[str], bool]] = {
        "number": _is_number,
        "duration": lambda cell: re.fullmatch(_CLOCK, cell) is not None,
        "date": lambda cell: reading.date(cell) is not None,
        "month": reading.is_month,
    }
    fitting = (kind for kind, holds in likely.items() if _is_of_most(found, holds))
    kind: Kind = next(fitting, "text")
    if kind == "date" and any(reading.date(cell) == "datetime" for cell in found):
        return "datetime"
    return kind


def _is_of_most(found: Mapping[str, int], holds: Callable[[str], bool]) -> bool:
    """Say whether something holds for nine cells in ten."""
    most = sum(found.values())
    others = 0
    for cell, count in found.items():
        if not holds(cell):
            others += count
            if others * 10 > most:
                return False
    return True
