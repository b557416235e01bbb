"""Cells → values, as DuckDB macros: every way in which exports and spreadsheets write them.

A macro gives NULL for a cell that it cannot read; the loader then finds the cell again and shows
it, so nothing is dropped silently. Fast paths come first, as branches of CASE: unlike `coalesce`,
it works out the slow one only for the rows where the fast one gave nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakSet
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.catalog import Kind
from kpictl.expressions.sql import NUMBER, text
from kpictl.sources import moments
from kpictl.sources.numbers import (
    digits_sql,
    exact_sql,
    is_coarse_sql,
    is_plain_sql,
    is_usual_comma_sql,
    let,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What a cell may begin or end with and means nothing, as `naming.trim` has it: white space of every
# width, and what is not seen at all (zero-width spaces, marks of direction, soft hyphens, fillers).
_UNSEEN = (
    r"[\s\x{0b}\x{1c}-\x{1f}\x{85}\p{Z}\p{Cf}\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}"
    r"\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}\x{e0100}-\x{e01ef}]+"
)

TRUE = ("да", "yes", "y", "true", "1", "д", "истина", "on")
FALSE = ("нет", "no", "n", "false", "0", "н", "ложь", "off")

_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_ALWAYS = ("%d.%m.%y", "%d.%m.%Y", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
_ORDERED = {
    "mdy": ("%m/%d/%y", "%m/%d/%Y", "%m-%d-%Y"),
    "dmy": ("%d/%m/%y", "%d/%m/%Y", "%d-%m-%Y"),
}


def _formats(order: str, clocks: Iterable[str]) -> str:
    days = (*_ALWAYS, *_ORDERED[order])
    return "[" + ", ".join(text(day + clock) for clock in clocks for day in days) + "]"


def macros(zone: ZoneInfo) -> Iterable[str]:
    """Yield the statements that define all readers in a connection."""
    # Most cells begin and end with a printable or Cyrillic letter: only the others are trimmed.
    # `greatest` and `least` of both ends save two comparisons for each of millions of cells.
    # (`right` takes twice as long as `substr`.)
    ends = "unicode(x), unicode(substr(x, -1))"
    usual = f"least({ends}) > 32 AND greatest({ends}) < 1280"
    usual += "".join(
        f" AND {end}({ends}) NOT BETWEEN 127 AND 1023" for end in ("least", "greatest")
    )
    trimmed = f"nullif(regexp_replace(x, {text(f'^{_UNSEEN}|{_UNSEEN}$')}, '', 'g'), '')"
    yield f"CREATE OR REPLACE TEMP MACRO cell_text(x) AS {_first(usual, 'x', trimmed)}"
    yield from _moment_macros(zone)
    # Simple CASE: DuckDB turns IN with many words into a join, which costs more than it saves.
    words = " ".join(
        f"WHEN {text(yes)} THEN TRUE WHEN {text(no)} THEN FALSE"
        for yes, no in zip(TRUE, FALSE, strict=True)
    )
    other = let("lower(cell_text(x))", f"CASE v {words} END")
    usual_words = f"CASE x {words} ELSE {other} END"
    yield f"CREATE OR REPLACE TEMP MACRO cell_bool(x) AS {usual_words}"


def _first(condition: str, fast: str, slow: str) -> str:
    return f"CASE WHEN {condition} THEN {fast} ELSE {slow} END"


def _moment_macros(zone: ZoneInfo) -> Iterable[str]:
    yield f"CREATE OR REPLACE TEMP MACRO cell_utc(w) AS {_to_utc(zone)}"
    local = f"timezone({text(zone.key)}, timezone('UTC', u))"
    yield f"CREATE OR REPLACE TEMP MACRO cell_day(u) AS CAST({local} AS DATE)"
    first, after = f"{moments.FIRST_YEAR}-01-01", f"{moments.LAST_YEAR + 1}-01-01"
    yield f"""CREATE OR REPLACE TEMP MACRO cell_sane(w) AS
        (w >= TIMESTAMP '{first}' AND w < TIMESTAMP '{after}')"""
    # DuckDB takes 31.05.2 for a day of 2002: a year of one digit is a slip of the keyboard. Each
    # side of an AND is worked out for every row; of a CASE the pattern only for those reaching it.
    yield rf"""CREATE OR REPLACE TEMP MACRO cell_is_meant(x, w) AS CASE
        WHEN w >= TIMESTAMP '2010-01-01' AND w < TIMESTAMP '{after}' THEN TRUE
        WHEN w >= TIMESTAMP '2000-01-01' AND w < TIMESTAMP '2010-01-01'
        THEN NOT regexp_matches(x, {text(_YEAR_OF_ONE_DIGIT)}) ELSE cell_sane(w) END"""


def _clock_sql(x: str) -> str:
    """Return the SQL of the minutes that a text like `1:30:15` says, or NULL; of hours beyond
    twelve digits, which no sum could hold, too."""
    is_clock = rf"regexp_full_match({x}, '-?\d{{1,12}}:[0-5]\d(:[0-5]\d)?')"
    return f"""CASE WHEN {is_clock} THEN kpi_quotient(
        (CASE WHEN {x} LIKE '-%' THEN -1 ELSE 1 END)
        * (CAST(ltrim(split_part({x}, ':', 1), '-') AS HUGEINT) * 3600
        + CAST(split_part({x}, ':', 2) AS HUGEINT) * 60
        + CAST(coalesce(nullif(split_part({x}, ':', 3), ''), '0') AS HUGEINT)),
        CAST(60 AS HUGEINT)) END"""


def _iso_sql(x: str) -> str:
    """Return the SQL of the instant that a text of ISO says, in UTC, or NULL.

    Without an offset it is taken in the session's zone, which is the company's. What is not ISO to
    its last letter is left to Python: DuckDB's own cast would take an era, say.
    """
    is_iso = f"regexp_full_match({x}, {text(_ISO_MOMENT)})"
    return f"timezone('UTC', try_cast(CASE WHEN {is_iso} THEN {x} END AS TIMESTAMPTZ))"


def _iso_day_sql(x: str) -> str:
    return f"try_cast(CASE WHEN length({x}) = 10 AND {x} LIKE '____-__-__' THEN {x} END AS DATE)"


def _wall_sql(x: str, order: str, clocks: Iterable[str]) -> str:
    """Return the SQL of the wall-clock time that a text in a usual form says, or NULL."""
    meant = f"CASE WHEN cell_is_meant({x}, v) THEN v END"
    return let(f"try_strptime({x}, {_formats(order, clocks)})", meant)


_YEAR_OF_ONE_DIGIT = r"^\s*\d{1,2}[./]\d{1,2}[./]\d(\D|$)"
_MAYBE_SECONDS, _SECONDS = r"(:\d\d(\.\d{1,6})?)?", r":\d\d(\.\d{1,6})?"
_EAST, _WEST = r"\+(0\d|1[0-4])(:?[0-5]\d)?", r"-(0\d|1[01])(:?[0-5]\d)?"
# `10:00-11:00` may be a stretch of time and is left to Python; behind a T or seconds it is none.
_ISO_MOMENT = (
    rf"\d{{4}}-\d\d-\d\d([ T]\d\d:\d\d{_MAYBE_SECONDS}(Z|{_EAST})?"
    rf"|T\d\d:\d\d{_WEST}|[ T]\d\d:\d\d{_SECONDS}{_WEST})?"
)


def define_readers(connection: DuckDBPyConnection) -> None:
    """Make the readers that are written in Python known to a connection, if they are not yet.

    They are asked for cells that DuckDB cannot read by itself, and remember what they have read.
    A statement with the SQL of `read` needs them for dates. Most files need none, and defining
    one makes DuckDB import numpy, which takes longer than to read a small file.
    """
    if connection in _DEFINED:
        return
    # All rows are fetched: functions are not defined while an answer is still being read.
    [(key,)] = connection.execute("SELECT current_setting('TimeZone')").fetchall()
    zone = ZoneInfo(key)
    read = lru_cache(1 << 16)(moments.read_as)

    def reader(of: Callable[[moments.Moment], date | None]) -> Callable[..., date | None]:
        def answer(cell: str | None, how: str) -> date | None:
            moment = None if cell is None else read(cell, how)
            return None if moment is None else of(moment)

        return answer

    texts: Any = ["VARCHAR", "VARCHAR"]
    special: Any = "special"  # None goes in, and comes out
    connection.create_function(
        "py_wall", reader(moments.Moment.local), texts, "TIMESTAMP", null_handling=special
    )
    connection.create_function(
        "py_utc", reader(moments.Moment.utc), texts, "TIMESTAMP", null_handling=special
    )
    connection.create_function(
        "py_day", reader(lambda moment: moment.day(zone)), texts, "DATE", null_handling=special
    )
    connection.create_function(
        "py_month", reader(moments.Moment.month), texts, "DATE", null_handling=special
    )
    _DEFINED.add(connection)


_DEFINED: WeakSet[DuckDBPyConnection] = WeakSet()
_ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


def usual_format(samples: Iterable[str], manner: Manner) -> str | None:
    """Return the one form in which all of some cells are written, as DuckDB reads it, or None."""
    texts = list(samples)
    clocks = _CLOCKS[:1] if manner.whole else _CLOCKS
    days = (*_ALWAYS, *_ORDERED[manner.order])
    built_in = (*(_ISO[1:2] if manner.whole else _ISO), *(d + c for c in clocks for d in days))
    forms = tuple(f for f in manner.forms if "%z" not in f) if manner.forms else built_in
    # Most forms have other signs between their parts: quicker to see than that a form fits not.
    marks = {_marks(sample) for sample in texts}
    alike = (form for form in forms if marks == {_marks_of_form(form)})
    return next((form for form in alike if all(_reads(t, form) for t in texts)), None)


def _reads(sample: str, form: str) -> bool:
    try:
        year = datetime.strptime(sample, form).year  # noqa: DTZ007  only the form matters
    except ValueError:
        return False
    return moments.FIRST_YEAR <= year <= moments.LAST_YEAR


def _marks(sample: str) -> str:
    """Return what is neither a letter, a digit nor a space: what stands between parts of a date."""
    return "".join(sign for sign in sample if not (sign.isalnum() or sign.isspace()))


@cache
def _marks_of_form(form: str) -> str:
    return _marks(form.replace("%", ""))


def _to_utc(zone: ZoneInfo) -> str:
    """Return the SQL that takes a wall-clock time of the zone to UTC.

    Since the zone's last change of offset this is a subtraction; the zone table is asked only
    before it, which matters for millions of rows.
    """
    since, offset = _constant_since(zone.key)
    general = f"timezone('UTC', timezone({text(zone.key)}, w))"
    if since is None:
        return general
    shift = f"to_microseconds({offset // timedelta(microseconds=1)})"
    return f"(CASE WHEN w >= TIMESTAMP '{since:%Y-%m-%d}' THEN w - {shift} ELSE {general} END)"


@cache
def _constant_since(key: str) -> tuple[datetime | None, timedelta]:
    zone = ZoneInfo(key)
    day = datetime(2037, 12, 31, tzinfo=UTC)
    offset = day.astimezone(zone).utcoffset() or timedelta()
    while day.year >= moments.FIRST_YEAR:
        earlier = day - timedelta(days=7)
        if earlier.astimezone(zone).utcoffset() != offset:
            break
        day = earlier
    if day.year > 2030:
        return None, offset
    return day.replace(tzinfo=None) + timedelta(days=2), offset


class Manner(Struct, frozen=True):
    """How the cells of a column are written: decimal sign, order in dates, and their usual form.

    `forms` are the plan's own forms of dates, and then the only ones. `whole` refuses a day that a
    time stands behind: where nobody said that the column holds days, nothing is cut off. `serials`
    are whether a spreadsheet's number of a day is read. `iso` says that dates come in ISO besides,
    as the date cells of a workbook do, whatever the forms are.

    `decimals` are those to which numbers are rounded, half away from zero, while they are read;
    without it a number that has more than are kept cannot be read. `by_machine` are texts that are
    trimmed already, and dates that are ISO but for odd ones, for which no other form is tried
    before Python: each that is tried takes DuckDB longer to plan than a few thousand rows to read.
    """

    decimal: str
    order: str
    usual: str | None = None
    forms: tuple[str, ...] = ()
    whole: bool = False
    serials: bool = True
    iso: bool = False
    decimals: int | None = None
    by_machine: bool = False

    @property
    def how(self) -> str:
        """Return how dates are read, in the one word that `moments.read_as` takes."""
        forms = (moments.ISO, *self.forms) if self.iso and self.forms else self.forms
        return moments.way(self.order, forms, whole=self.whole, serials=self.serials)


def read(kind: Kind, raw: str, manner: Manner, wall: str | None = None) -> str:
    """Return the SQL that reads the text `raw` of a cell, spaces and all, as a kind of field.

    `wall` is a column that holds a date's wall-clock time already wherever it is not null.
    """
    tidy = raw if manner.by_machine else f"cell_text({raw})"
    if kind in ("number", "money", "percent"):
        return _read_number(raw, tidy, manner)
    if kind == "duration":
        return _first(f"contains({raw}, ':')", _clock_sql(tidy), read("number", raw, manner))
    if kind in DATED:
        general = _general_moment(kind, tidy, manner)
        if wall is None:
            return general
        return _first(f"{wall} IS NOT NULL", of_wall(kind, wall), general)
    if kind == "bool":
        return f"cell_bool({raw})"
    return tidy


def of_wall(kind: Kind, wall: str) -> str:
    """Return the SQL of the date (of a kind in DATED) that a wall-clock time stands for."""
    return f"cell_utc({wall})" if kind == "datetime" else f"CAST({wall} AS DATE)"


DATED: tuple[Kind, ...] = ("date", "datetime", "month")
NUMERIC: tuple[Kind, ...] = ("number", "money", "percent", "duration")


def _general_moment(kind: Kind, tidy: str, manner: Manner) -> str:
    """Return the SQL that reads a date in whatever form: the quick ways first, then Python's."""
    how = text(manner.how)
    if kind == "month":
        return f"py_month({tidy}, {how})"
    if kind == "datetime":
        slow = f"coalesce(cell_utc(py_wall({tidy}, {how})), py_utc({tidy}, {how}))"
        quick = (_iso_sql(tidy), f"cell_utc({_wall_sql(tidy, manner.order, _CLOCKS)})")
    else:
        slow = f"py_day({tidy}, {how})"
        wall = _wall_sql(tidy, manner.order, _CLOCKS[:1] if manner.whole else _CLOCKS)
        quick = (_iso_day_sql(tidy), f"CAST({wall} AS DATE)")
    if manner.forms:
        return slow
    iso = f"{tidy} LIKE '____-__-__%'"
    first, second = (let(way, f"CASE WHEN v IS NOT NULL THEN v ELSE {slow} END") for way in quick)
    if manner.by_machine:
        return f"CASE WHEN {iso} THEN {first} ELSE {slow} END"
    return f"CASE WHEN {iso} THEN {first} ELSE {second} END"


def _read_number(raw: str, tidy: str, manner: Manner) -> str:
    sign = manner.decimal
    if manner.decimals is not None:
        # Rounded once, from the text: by way of a longer number 0.0049999999999 would become 0.01.
        rounded = f"DECIMAL(38,{manner.decimals})"
        plain = f"try_cast(try_cast({raw} AS {rounded}) AS {NUMBER})"
        slow = f"try_cast(try_cast({digits_sql(tidy, sign)} AS {rounded}) AS {NUMBER})"
        return _first(is_plain_sql(raw, sign), plain, slow)
    plain = f"try_cast({raw} AS {NUMBER})"
    slow = exact_sql(tidy, sign)
    if sign == ",":
        pointed = f"try_cast(replace({raw}, ',', '.') AS {NUMBER})"
        slow = _first(is_usual_comma_sql(raw), pointed, slow)
    return _first(f"{is_plain_sql(raw, sign)} AND {is_coarse_sql(raw)}", plain, slow)
