"""What a column holds whose type nobody declared, seen by its cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kpictl.catalog import Kind
from kpictl.sources import cells
from kpictl.tables import duckdb_scan

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.csv import Part

SAMPLE = 2000


def infer(
    part: Part, names: list[str], connection: Connection, empty: tuple[str, ...] = ()
) -> dict[str, Kind | None]:
    """Return what nine in ten of a column's cells can be read as, looking at the first rows; None
    for a column without any. Cells that mean nothing (`empty`) do not count."""
    tests = ", ".join(_tests(f"r{i}", part) for i in range(len(names)))
    raws = ", ".join(f"cell_text({part.raw(name, empty)}) AS r{i}" for i, name in enumerate(names))
    cells.define_readers(connection)
    for limit in (f"LIMIT {SAMPLE}", ""):
        scan = f"(SELECT {raws} FROM {duckdb_scan(part.file)} {limit})"
        counts = connection.execute(f"SELECT {tests} FROM {scan}").fetchone()
        assert counts is not None  # noqa: S101  an aggregate always gives a row
        width = len(_FLAGS) + 1
        groups = [counts[i * width : (i + 1) * width] for i in range(len(names))]
        if all(group[0] for group in groups):
            break
    return {name: _kind(group) for name, group in zip(names, groups, strict=True)}


_FLAGS = ("bool", "month", "text", "stamp", "number", "duration", "datetime", "date")
_STAMP = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_MAYBE_TIME = r"\d[:tT]\d|\d\s?[aApP]\.?[mM]"


def has_time(part: Part, name: str, connection: Connection, empty: tuple[str, ...]) -> bool:
    """Say whether any cell of a column of dates has a time."""
    raw = f"cell_text({part.raw(name, empty)})"
    scan = f"(SELECT {raw} AS r FROM {duckdb_scan(part.file)})"
    row = connection.execute(
        f"SELECT 1 FROM {scan} WHERE regexp_matches(r, '{_MAYBE_TIME}') AND {_dated('r', part)[1]} "
        "LIMIT 1"
    ).fetchone()
    return row is not None


def _dated(raw: str, part: Part) -> tuple[str, str]:
    """Return the conditions that a cell is a date, and one with a time."""
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
    dated = f"coalesce({', '.join(ways)}) IS NOT NULL"
    return dated, f"{dated} AND coalesce({', '.join(days)}) IS NULL"


def _tests(raw: str, part: Part) -> str:
    """Count the filled cells, and those that read as each kind; `text` counts leading zeros, and
    `datetime` those dates that have a time."""
    manner = cells.Manner(part.decimal, part.order, None, part.forms, serials=False)
    dated, timed = _dated(raw, part)
    flags = {
        "bool": f"cell_bool({raw}) IS NOT NULL AND {raw} NOT IN ('0', '1')",
        "month": f"NOT regexp_full_match({raw}, '[0-9]*') AND NOT {dated} "
        f"AND {cells.read('month', raw, manner)} IS NOT NULL",
        "text": f"regexp_matches({raw}, '^0[0-9]+$')",
        "stamp": f"regexp_full_match({raw}, '{_STAMP}')",
        "number": f"coalesce(cell_number_comma({raw}), cell_number_point({raw})) IS NOT NULL",
        "duration": f"cell_clock({raw}) IS NOT NULL",
        "datetime": timed,
        "date": dated,
    }
    tests = [f"count(*) FILTER ({flags[kind]})" for kind in _FLAGS]
    return ", ".join((f"count({raw})", *tests))


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
