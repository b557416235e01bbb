"""Which decimal sign the numbers of a column have: what its own cells show, all lines and files.

A cell such as `1.234` has two readings. The plan's `decimal` decides, else any other cell of the
column in that file, else its cells in the other files; where nothing does, the reading that goes
with the file is taken, and a warning names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem
from kpictl.sources import numbers, stage_rows
from kpictl.sources.bad_values import fields_with
from kpictl.sources.cells import NUMERIC
from kpictl.sources.numbers import Evidence, number_sql, shows_sign_sql
from kpictl.sources.parts import guess_decimal
from kpictl.tables import TableFile, duckdb_scan, rows

if TYPE_CHECKING:
    from kpictl.sources.job import FileLoad
    from kpictl.sources.parts import FilePart


def settle(job: FileLoad) -> None:
    """Give each number's column of each file the decimal sign by which it is read."""
    fields = [n for n, f in job.fields.items() if f.kind in NUMERIC]
    if not fields or job.found.option("decimal"):
        return
    doubtful = _doubtful(job, fields)
    if not doubtful:
        return
    shown = {field: _evidence(job, field) for field in doubtful}
    for index, part in enumerate(job.found.parts):
        signs = {f: _sign(shown[f], index) for f in shown}
        known = {s for s in signs.values() if s is not None}
        usual = known.pop() if len(known) == 1 else part.decimal
        kept = {f: sign or usual for f, sign in signs.items()}
        job.found.parts[index] = replace(part, signs=kept)
        for field, sign in kept.items():
            seen = shown[field].get(index, Evidence())
            sure = seen.decided if seen.sign else signs[field] is not None
            if seen.ambiguous and not sure:
                _warn(job, index, field, sign, seen.ambiguous)


def _doubtful(job: FileLoad, fields: list[str]) -> list[str]:
    """Return the fields with any cell that shows a decimal sign or depends on it: mostly none."""
    shows = {f: f"bool_or({shows_sign_sql(stage_rows.raw_column(f))})" for f in fields}
    return fields_with(job.connection, stage_rows.table(job), shows)


def _evidence(job: FileLoad, field: str) -> dict[int, Evidence]:
    """Return what the column shows in each file; how many cells are ambiguous is asked of those
    lines that matter."""
    raw = stage_rows.raw_column(field)
    # One or two digits behind a comma or a point at the end have one reading: mostly all cells.
    comma = f"({raw} LIKE '%,__' OR {raw} LIKE '%,_')"
    point = f"({raw} LIKE '%.__' OR {raw} LIKE '%._')"
    shown = f"""SELECT part, kept, {raw} AS r, {comma} AS comma, {point} AS point
        FROM {stage_rows.table(job)} WHERE {shows_sign_sql(raw)}"""
    counted = job.connection.execute(
        f"""SELECT part, count(*) FILTER (comma), count(*) FILTER (point),
        count(*) FILTER (NOT comma AND NOT point) FROM ({shown}) GROUP BY part"""
    ).fetchall()
    if not any(others for *_, others in counted):
        return {part: Evidence(commas, points) for part, commas, points, _ in counted}
    return _looked_at(job, field, shown)


def _looked_at(job: FileLoad, field: str, shown: str) -> dict[int, Evidence]:
    """Return what those cells show that must be read for it, with either sign, and all others."""
    as_point, as_comma = (number_sql("cell_text(r)", sign) for sign in ".,")
    read = f"""SELECT part, kept, comma, point,
        CASE WHEN NOT comma AND NOT point THEN {as_point} END AS p,
        CASE WHEN NOT comma AND NOT point THEN {as_comma} END AS c
        FROM ({shown})"""
    counted = job.connection.execute(
        f"""SELECT part, count(*) FILTER (comma OR (p IS NULL AND c IS NOT NULL)),
        count(*) FILTER (point OR (c IS NULL AND p IS NOT NULL)), count(*) FILTER (p <> c AND kept)
        FROM ({read}) GROUP BY part"""
    ).fetchall()
    found = {part: Evidence(c, p, 0, ambiguous) for part, c, p, ambiguous in counted}
    if any(seen.ambiguous and (seen.comma or not seen.point) for seen in found.values()):
        for index, part in enumerate(job.found.parts):
            if not part.file.by_row and field in part.matched.columns:
                seen = found.get(index, Evidence())
                found[index] = replace(seen, pointed=_pointed(job, part, field))
    return found


def _pointed(job: FileLoad, part: FilePart, field: str) -> int:
    """Count the cells of a whole file whose point groups nothing."""
    raw = part.raw(field, tuple(job.found.option("empty")))
    row = job.connection.execute(
        f"""SELECT count(*) FROM (SELECT {number_sql("t", ".")} AS p, {number_sql("t", ",")} AS c
        FROM (SELECT cell_text({raw}) AS t FROM {duckdb_scan(part.file)}) WHERE contains(t, '.'))
        WHERE p = c"""
    ).fetchone()
    return row[0] if row else 0


def _sign(shown: dict[int, Evidence], index: int) -> str | None:
    """Return the sign that a column shows in its file, else in all others that show any."""
    own = shown.get(index, Evidence()).sign
    if own is not None:
        return own
    others = {seen.sign for seen in shown.values()} - {None}
    return others.pop() if len(others) == 1 else None


def _warn(job: FileLoad, index: int, field: str, sign: str, count: int) -> None:
    part = job.found.parts[index]
    raw = stage_rows.raw_column(field)
    as_point, as_comma = (number_sql(f"cell_text({raw})", one) for one in ".,")
    row = job.connection.execute(
        f"""SELECT cell_text({raw}) FROM {stage_rows.table(job)}
        WHERE part = {index} AND kept AND {shows_sign_sql(raw)} AND {as_point} <> {as_comma}
        ORDER BY cell_text({raw}) LIMIT 1"""
    ).fetchone()
    if row is None:
        return
    columns = part.matched.columns[field]
    wanted = str(row[0])
    line = next((n for n, cells in rows(part.file) if cells[columns[0]].strip() == wanted), 0)
    caption = part.file.header[columns[0]]
    note = doubt(part.file, part.file.at(line, columns[0]), caption, wanted, sign)
    note = replace(note, data={**note.data, "count": count})
    if note not in job.notes:
        job.notes.append(note)


def doubt(file: TableFile, place: Place, caption: str, cell: str, sign: str) -> Problem:
    """Return the warning that a number was read in one of two ways, with nothing to decide it."""
    read, other = numbers.read(cell, sign), numbers.read(cell, numbers.OTHER[sign])
    data = {
        "file": file.origin,
        "caption": caption,
        "value": cell[:80],
        "read": _plain(read),
        "other": _plain(other),
        "sign": sign,
        "other_sign": numbers.OTHER[sign],
        "count": 1,
    }
    return Problem("source.decimal_sign", place, data, "warning")


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


class DecimalReading(Struct, frozen=True):
    """How a column of a small file is read, and the warning where nothing decides it."""

    sign: str
    notes: tuple[Problem, ...] = ()


def of_column(file: TableFile, column: int, declared: str | None = None) -> DecimalReading:
    """Return how a column is read that is looked at whole, in Python: employees, targets, rates."""
    if declared:
        return DecimalReading(declared)
    cells = [(line, record[column].strip()) for line, record in rows(file) if column < len(record)]
    seen = numbers.evidence((cell for _, cell in cells), by_row=file.by_row)
    sign = seen.sign or guess_decimal(file)
    if seen.decided:
        return DecimalReading(sign)
    return DecimalReading(sign, tuple(_first_doubt(file, column, cells, sign)))


def _first_doubt(
    file: TableFile, column: int, cells: Iterable[tuple[int, str]], sign: str
) -> Iterable[Problem]:
    for line, cell in cells:
        values = {numbers.read(cell, "."), numbers.read(cell, ",")}
        if len(values - {None}) == 2:
            place = file.at(line, column)
            yield doubt(file, place, file.header[column], cell, sign)
            return
