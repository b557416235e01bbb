"""Cells → values, as DuckDB macros: every way in which exports and spreadsheets write them.

A macro gives NULL for a cell that it cannot read; the loader then finds the cell again and shows
it, so nothing is dropped silently. Fast paths come first: `coalesce` looks at the slow one only
where the fast one gave nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from kpictl.catalog import Kind
from kpictl.expressions.sql import NUMBER, text

# Spaces of every width, apostrophes, signs of currencies and percent are decoration of a number.
_DECORATION = (
    r"[\s\x{a0}\x{2007}\x{2009}\x{202f}''\x{2019}₽$€£¥₸%]|руб(лей|\.)?|RUB|USD|EUR|KZT|р\.$"
)
_SPACES = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\ufeff"

TRUE = ("да", "yes", "y", "true", "1", "д", "истина", "on")
FALSE = ("нет", "no", "n", "false", "0", "н", "ложь", "off")

_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_ALWAYS = ("%d.%m.%y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
_SLASHED = {"mdy": ("%m/%d/%y", "%m/%d/%Y"), "dmy": ("%d/%m/%y", "%d/%m/%Y")}
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _formats(order: str) -> str:
    days = (*_ALWAYS, *_SLASHED[order])
    return "[" + ", ".join(text(day + clock) for clock in _CLOCKS for day in days) + "]"


def macros(zone: ZoneInfo) -> Iterable[str]:
    """Yield the statements that define all readers in a connection."""
    yield f"CREATE OR REPLACE TEMP MACRO cell_text(x) AS nullif(trim(x, {text(_SPACES)}), '')"
    yield from _number_macros()
    yield from _moment_macros(zone)
    yes, no = (", ".join(text(word) for word in words) for words in (TRUE, FALSE))
    yield f"""CREATE OR REPLACE TEMP MACRO cell_bool(x) AS
        CASE WHEN lower(x) IN ({yes}) THEN TRUE WHEN lower(x) IN ({no}) THEN FALSE END"""
    yield r"""CREATE OR REPLACE TEMP MACRO cell_clock(x) AS
        CASE WHEN regexp_full_match(x, '-?\d+:[0-5]\d(:[0-5]\d)?') THEN kpi_quotient(
            (CASE WHEN x LIKE '-%' THEN -1 ELSE 1 END)
            * (CAST(ltrim(split_part(x, ':', 1), '-') AS HUGEINT) * 3600
            + CAST(split_part(x, ':', 2) AS HUGEINT) * 60
            + CAST(coalesce(nullif(split_part(x, ':', 3), ''), '0') AS HUGEINT)),
            CAST(60 AS HUGEINT)) END"""


def _number_macros() -> Iterable[str]:
    strip = f"replace(regexp_replace(x, {text(_DECORATION.replace(chr(39) * 2, chr(39)))}, '', 'g'), '−', '-')"
    yield f"CREATE OR REPLACE TEMP MACRO cell_stripped(x) AS {strip}"
    yield r"""CREATE OR REPLACE TEMP MACRO cell_bare(x) AS CASE
        WHEN regexp_full_match(cell_stripped(x), '\(.*\)')
        THEN '-' || trim(cell_stripped(x), '()') ELSE cell_stripped(x) END"""
    plain = r"[-+]?(\d+(\.\d*)?|\.\d+)"
    point = r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"
    comma = r"[-+]?\d+,\d+"
    dotted = r"[-+]?\d{1,3}(\.\d{3})+,\d+|[-+]?\d{1,3}(\.\d{3}){2,}"
    yield f"""CREATE OR REPLACE TEMP MACRO cell_number_point(x) AS coalesce(
        CASE WHEN regexp_full_match(x, '{plain}') THEN try_cast(x AS {NUMBER}) END,
        CASE WHEN regexp_full_match(cell_bare(x), '{plain}') THEN try_cast(cell_bare(x) AS {NUMBER})
        WHEN regexp_full_match(cell_bare(x), '{point}')
        THEN try_cast(replace(cell_bare(x), ',', '') AS {NUMBER}) END)"""
    yield f"""CREATE OR REPLACE TEMP MACRO cell_number_comma(x) AS coalesce(
        CASE WHEN regexp_full_match(x, '{plain}') THEN try_cast(x AS {NUMBER}) END,
        CASE WHEN regexp_full_match(cell_bare(x), '{plain}') THEN try_cast(cell_bare(x) AS {NUMBER})
        WHEN regexp_full_match(cell_bare(x), '{comma}')
        THEN try_cast(replace(cell_bare(x), ',', '.') AS {NUMBER})
        WHEN regexp_full_match(cell_bare(x), '{dotted}')
        THEN try_cast(replace(replace(cell_bare(x), '.', ''), ',', '.') AS {NUMBER}) END)"""


def _moment_macros(zone: ZoneInfo) -> Iterable[str]:
    sane = f"BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    yield f"CREATE OR REPLACE TEMP MACRO cell_utc(w) AS {_to_utc(zone)}"
    local = f"timezone({text(zone.key)}, timezone('UTC', u))"
    yield f"CREATE OR REPLACE TEMP MACRO cell_day(u) AS CAST({local} AS DATE)"
    # An ISO text without an offset is taken in the session's zone, which is the company's.
    yield """CREATE OR REPLACE TEMP MACRO cell_iso(x) AS
        timezone('UTC', try_cast(CASE WHEN x LIKE '____-__-__%' THEN x END AS TIMESTAMPTZ))"""
    for order in _SLASHED:
        wall = f"try_strptime(x, {_formats(order)})"
        yield f"""CREATE OR REPLACE TEMP MACRO cell_wall_{order}(x) AS
            CASE WHEN date_part('year', {wall}) {sane} THEN {wall} END"""
        yield f"""CREATE OR REPLACE TEMP MACRO cell_datetime_{order}(x) AS
            coalesce(cell_utc(cell_wall_{order}(x)), cell_iso(x))"""
        yield f"""CREATE OR REPLACE TEMP MACRO cell_date_{order}(x) AS coalesce(
            CAST(cell_wall_{order}(x) AS DATE),
            try_cast(CASE WHEN x LIKE '____-__-__%' THEN left(x, 10) END AS DATE))"""


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
    while day.year >= FIRST_YEAR:
        earlier = day - timedelta(days=7)
        if earlier.astimezone(zone).utcoffset() != offset:
            break
        day = earlier
    if day.year > 2030:
        return None, offset
    return day.replace(tzinfo=None) + timedelta(days=2), offset


def read(kind: Kind, raw: str, *, decimal: str, order: str) -> str:
    """Return the SQL that reads the trimmed text `raw` as a kind of field."""
    if kind in ("number", "money", "percent"):
        return f"cell_number_{'comma' if decimal == ',' else 'point'}({raw})"
    if kind == "duration":
        return f"coalesce(cell_clock({raw}), {read('number', raw, decimal=decimal, order=order)})"
    if kind in ("date", "datetime"):
        return f"cell_{kind}_{order}({raw})"
    if kind == "bool":
        return f"cell_bool({raw})"
    if kind == "person":
        return f"regexp_replace({raw}, '\\s+', ' ', 'g')"
    return raw
