"""Columns → records: a table that lies on its side, one line a person and one column a day.

Every filled cell of the chosen columns becomes a record with what stands above it and with the
other cells of its line. Columns of totals are none of these. A record knows its cell
(`TableFile.origins`), so that whatever is said of it names the line and the column.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.sources import DATES, Unpivot
from kpictl.sources import dated_captions, footers, moments
from kpictl.sources.caption_lines import Lines
from kpictl.sources.dated_captions import Around, Dated
from kpictl.tables import TableFile, check_shape, rows, write_table
from kpictl.tables.file import Origins

SHOWN = 5
_NUMBER = re.compile(r"\d{1,2}")


class Sideways(Struct, frozen=True):
    """A table to be turned: its captions by line, and what may say in which month it lies:
    `sheet` and the name of the file."""

    file: TableFile
    lines: Lines
    spec: Unpivot
    empty: frozenset[str]
    sheet: str = ""


class _Column(Struct, frozen=True):
    place: int
    caption: str
    level: int = 0


class _Chosen(Struct):
    """The columns that become records, those that stay, and those that are neither."""

    turned: list[_Column] = []
    kept: list[int] = []
    totals: list[int] = []
    impossible: list[int] = []
    notes: list[Problem] = []


def turn(table: Sideways, scratch: Path) -> tuple[TableFile, list[Problem]]:
    """Return the table of records, and notes. SourceError: lines that do not fit, no such columns,
    days without a month."""
    if ragged := check_shape(table.file):
        raise SourceError(ragged)
    chosen = _by_date(table) if table.spec.columns == DATES else _by_name(table)
    if not chosen.turned:
        raise SourceError([_none_chosen(table)])
    notes = [*chosen.notes, *_left_out(table, chosen)]
    return _written(table, chosen, scratch), notes


def looks_sideways(header: Sequence[str]) -> bool:
    """Say whether captions are days or months, three of them at least: a table that lies on its
    side."""
    return sum(map(dated_captions.may_be, header)) >= _SEVERAL


_SEVERAL = 3


# --- which columns -----------------------------------------------------------------------------


def _by_date(table: Sideways) -> _Chosen:
    """Choose the columns whose captions are days; of months where there are no days."""
    lines = table.lines
    order = moments.shown_order(text for line in lines for text in line)
    known, said = _around(table, order)
    dated: dict[int, Dated] = {}
    for column in range(len(table.file.header)):
        texts = [line[column] for line in lines]
        found = dated_captions.read(texts, known, order)
        if found is not None and not _is_total(table, column):
            dated[column] = found
    firsts = all(one.day.day == 1 for one in dated.values())
    if firsts and any(one.unit == "month" for one in dated.values()):
        # A spreadsheet keeps a month as its first day, beside others that are typed.
        dated = {column: replace(one, unit="month") for column, one in dated.items()}
    days = any(one.unit == "day" for one in dated.values())
    chosen = _Chosen()
    for column in range(len(table.file.header)):
        one = dated.get(column)
        if one is not None and (one.unit == "day" or not days):
            chosen.turned.append(_Column(column, str(one), one.level))
        elif one is not None or _is_total(table, column):
            chosen.totals.append(column)
        elif any(_NUMBER.fullmatch(line[column]) for line in lines):
            chosen.impossible.append(column)
        else:
            chosen.kept.append(column)
    if known is not None and said and any(_needs(table, c, order) for c in chosen.turned):
        data = {"file": table.file.origin, "period": str(known), "where": said}
        first = table.lines[chosen.turned[0].level][chosen.turned[0].place]
        place = Place(table.file.origin, table.file.skip)
        chosen.notes.append(Problem("unpivot.period", place, {**data, "caption": first}, "note"))
    return chosen


def _needs(table: Sideways, column: _Column, order: moments.Order) -> bool:
    """Say whether a column's captions alone do not say which day it is."""
    return dated_captions.read([line[column.place] for line in table.lines], None, order) is None


def _around(table: Sideways, order: moments.Order) -> tuple[Around | None, str]:
    """Return the month of captions without one, and where it is said ("" for in the plan)."""
    if table.spec.period is not None:
        first, after = periods.fixed_days(table.spec.period)
        months = (after.year - first.year) * 12 + after.month - first.month
        return Around(first.year, first.month if months <= 1 else None), ""
    first_line = table.file.skip - len(table.lines) + 1
    titles = [
        (str(Place(table.file.origin, line)), " ".join(cell for cell in cells if cell))
        for line, cells in table.file.above
        if line < first_line
    ]
    stem = Path(table.file.origin.partition("#")[0]).stem
    named = [*titles, (table.file.origin, table.sheet), (table.file.origin, stem)]
    return dated_captions.first_around(named, order) or (None, "")


def _by_name(table: Sideways) -> _Chosen:
    """Choose the columns that the plan lists, or whose captions fit its pattern."""
    spec, chosen, header = table.spec, _Chosen(), table.file.header
    listed = [fold(c) for c in spec.columns] if isinstance(spec.columns, list) else None
    pattern = None if listed is not None else re.compile(str(spec.columns), re.IGNORECASE)
    for column, caption in enumerate(header):
        texts = list(dict.fromkeys((caption, *(line[column] for line in table.lines))))
        level = next((n for n, t in enumerate(texts) if t and _fits(t, listed, pattern)), None)
        if level is None:
            chosen.kept.append(column)
        elif listed is None and _is_total(table, column):
            chosen.totals.append(column)
        else:
            chosen.turned.append(_Column(column, texts[level]))
    missing = [c for c in spec.columns if listed and not _is_there(c, table)]
    if missing:
        raise SourceError([_none_chosen(table, missing)])
    return chosen


def _fits(text: str, listed: list[str] | None, pattern: re.Pattern[str] | None) -> bool:
    if listed is not None:
        return fold(text) in listed
    return pattern is not None and pattern.fullmatch(text[:200]) is not None


def _is_there(caption: str, table: Sideways) -> bool:
    texts = (*table.file.header, *(text for line in table.lines for text in line))
    return any(fold(text) == fold(caption) for text in texts)


def _is_total(table: Sideways, column: int) -> bool:
    return any(footers.is_total(line[column]) for line in table.lines if line[column])


# --- what is said ------------------------------------------------------------------------------


def _none_chosen(table: Sideways, missing: Sequence[str] = ()) -> Problem:
    header = table.file.header
    known = ", ".join(c for c in header if c)
    data = {"file": table.file.origin, "known": known, "columns": ", ".join(missing)}
    place = Place(table.file.origin, table.file.skip)
    if missing:
        return Problem("unpivot.no_column", place, data)
    numbers = sum(bool(_NUMBER.fullmatch(text)) for line in table.lines for text in line)
    if table.spec.columns == DATES:
        several = numbers >= _SEVERAL or looks_sideways(header)
        return Problem("unpivot.no_period" if several else "unpivot.no_dates", place, data)
    return Problem("unpivot.no_fit", place, {**data, "columns": str(table.spec.columns)})


def _left_out(table: Sideways, chosen: _Chosen) -> Iterator[Problem]:
    """Say which columns are neither records nor part of them, as far as anything is in them."""
    place = Place(table.file.origin, table.file.skip)
    if chosen.totals:
        yield Problem("unpivot.totals", place, _listed(table, chosen.totals), "note")
    if filled := [c for c in chosen.impossible if _has_any(table, c)]:
        yield Problem("unpivot.impossible", place, _listed(table, filled), "warning")


def _listed(table: Sideways, columns: Sequence[int]) -> dict[str, object]:
    names = [" ".join(_own(table, c)) for c in columns]
    shown = ", ".join(f"«{name[:60]}»" for name in names[:SHOWN])
    return {"count": len(names), "columns": shown + " …" * (len(names) > SHOWN)}


def _own(table: Sideways, column: int) -> list[str]:
    return list(dict.fromkeys(line[column] for line in table.lines if line[column]))


def _has_any(table: Sideways, column: int) -> bool:
    return any(cells[column].strip() for _, cells in rows(table.file))


# --- the records -------------------------------------------------------------------------------


def _written(table: Sideways, chosen: _Chosen, scratch: Path) -> TableFile:
    file, into = table.file, table.spec.into
    lines, columns = array("q"), array("q")
    roles = list(into.values())

    def records() -> Iterator[list[str]]:
        for line, cells in rows(file):
            kept = [cells[place] for place in chosen.kept]
            for column in chosen.turned:
                value = cells[column.place]
                if value.strip() and value.strip() not in table.empty:
                    lines.append(line)
                    columns.append(column.place)
                    yield [*(_part(table, column, role, value) for role in roles), *kept]

    header = (*into, *(file.header[place] for place in chosen.kept))
    made = write_table(file, header, records(), scratch)
    level = chosen.turned[0].level
    first = file.skip - len(table.lines) + 1
    captions = [_line_of(role, first, level, file.skip) for role in roles]
    of: tuple[int | None, ...] = (*[None] * len(roles), *chosen.kept)
    nothing = [0] * len(chosen.kept)
    return replace(made, origins=Origins(lines, columns, of, (*captions, *nothing)))


def _line_of(role: str, first: int, level: int, last: int) -> int:
    """Return the line on which a caption stands; 0 for what is none."""
    if role == "value":
        return 0
    number = role.removeprefix("caption").strip()
    return min(first + (int(number) - 1 if number else level), last)


def _part(table: Sideways, column: _Column, role: str, value: str) -> str:
    if role == "value":
        return value
    number = role.removeprefix("caption").strip()
    if not number:
        return column.caption
    level = int(number) - 1
    return table.lines[level][column.place] if level < len(table.lines) else ""
