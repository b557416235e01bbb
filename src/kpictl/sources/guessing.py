"""What a column holds whose type nobody declared, seen by its cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kpictl.catalog import Kind
from kpictl.sources import cells
from kpictl.tables import duckdb_scan

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.parts import FilePart

SAMPLE = 2000


def infer(
    part: FilePart, names: list[str], connection: Connection, empty: tuple[str, ...] = ()
) -> dict[str, Kind | None]:
    """Return what nine in ten of a column's cells can be read as, looking at the first rows; None
    for a column without any. Cells that mean nothing (`empty`) do not count, nor do errors of a
    spreadsheet: in a column of texts they are texts, in one of numbers bad values."""
    texts = ", ".join(f"cell_text({part.raw(name, empty)})" for name in names)
    cells.define_readers(connection)
    counts: dict[int, tuple[int, ...]] = {}
    for limit in (f"LIMIT {SAMPLE}", ""):
        lines = f"(SELECT [{texts}] AS texts FROM {duckdb_scan(part.file)} {limit})"
        found = connection.execute(_counts(lines, len(names), part)).fetchall()
        counts = {field: tuple(group) for field, *group in found}
        if len(counts) == len(names) and all(group[0] for group in counts.values()):
            break
    none = (0,) * (len(_FLAGS) + 1)
    return {name: _kind(counts.get(field, none)) for field, name in enumerate(names)}


_FLAGS = ("bool", "month", "text", "stamp", "number", "duration", "datetime", "date")
_STAMP = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
# #DIV/0!, #N/A, #REF!, also as German, French, Polish and Russian spreadsheets save them.
_ERROR = r"#(\p{Lu}[\p{Lu}\d/_]*[!?]|N/A|NV|N/D|Н/Д|GETTING_DATA)"
_UNLESS_ERROR = f"CASE WHEN r LIKE '#%' AND regexp_full_match(r, '{_ERROR}') THEN NULL ELSE r END"
_MAYBE_TIME = r"\d[:tThH]\d|\d ?[Uu]hr|\dh\b|\d\s?[aApP]\.?[mM]"


def has_time(part: FilePart, name: str, connection: Connection, empty: tuple[str, ...]) -> bool:
    """Say whether any cell of a column of dates has a time."""
    raw = f"cell_text({part.raw(name, empty)})"
    scan = f"(SELECT {raw} AS r FROM {duckdb_scan(part.file)})"
    moment, day = _dated("r", part)
    row = connection.execute(
        f"SELECT 1 FROM {scan} WHERE regexp_matches(r, '{_MAYBE_TIME}') AND {moment} IS NOT NULL "
        f"AND {day} IS NULL LIMIT 1"
    ).fetchone()
    return row is not None


def _dated(raw: str, part: FilePart) -> tuple[str, str]:
    """Return the SQL of a cell's moment, and of its day if it has no time."""
    manner = cells.Manner(
        part.decimal,
        part.order,
        None,
        part.forms,
        serials=False,
        iso=part.file.encoding == "xlsx",
    )
    # A day is a day in either order: which one it is, all cells say together, later.
    orders = [manner] if part.forms else [replace(manner, order=o) for o in ("mdy", "dmy")]
    ways = [cells.read("datetime", raw, one) for one in orders]
    days = [cells.read("date", raw, replace(one, whole=True)) for one in orders]
    return f"coalesce({', '.join(ways)})", f"coalesce({', '.join(days)})"


def _counts(lines: str, width: int, part: FilePart) -> str:
    """Return the SQL that counts each column's filled cells, and those that read as each kind:
    `text` counts leading zeros, `datetime` those dates that have a time.

    The columns stand below one another: to plan these tests once a column takes longer than to
    run them.
    """
    manner = cells.Manner(part.decimal, part.order, None, part.forms, serials=False)
    moment, day = _dated("r", part)
    flags = {
        "bool": "cell_bool(r) IS NOT NULL AND r NOT IN ('0', '1')",
        "month": "NOT regexp_full_match(r, '[0-9]*') AND moment IS NULL "
        f"AND {cells.read('month', 'r', manner)} IS NOT NULL",
        "text": "regexp_matches(r, '^0[0-9]+$')",
        "stamp": f"regexp_full_match(r, '{_STAMP}')",
        "number": "coalesce(cell_number_comma(r), cell_number_point(r)) IS NOT NULL",
        "duration": "cell_clock(r) IS NOT NULL",
        "datetime": "moment IS NOT NULL AND day IS NULL",
        "date": "moment IS NOT NULL",
    }
    tests = ", ".join(f"count(*) FILTER ({flags[kind]})" for kind in _FLAGS)
    cell = f"SELECT unnest(range({width})) AS field, unnest(texts) AS r FROM {lines}"
    cell = f"SELECT field, {_UNLESS_ERROR} AS r FROM ({cell})"
    read = f"SELECT field, r, {moment} AS moment, {day} AS day FROM ({cell})"
    return f"SELECT field, count(r), {tests} FROM ({read}) GROUP BY field"


def _kind(counts: tuple[int, ...]) -> Kind | None:
    filled, *hits = counts
    scores = dict(zip(_FLAGS, hits, strict=True))
    if not filled:
        return None
    if scores["text"]:
        return "text"
    # 01.2024 and 20240531 are numbers as well, but not all of a column by chance.
    if scores["stamp"] == filled:
        return "date"
    whole: tuple[Kind, ...] = ("bool", "month")
    likely: tuple[Kind, ...] = ("number", "duration", "date", "month")
    kind = next((one for one in whole if scores[one] == filled), None)
    kind = kind or next((one for one in likely if scores[one] * 10 >= filled * 9), "text")
    return "datetime" if kind == "date" and scores["datetime"] else kind
