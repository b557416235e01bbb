"""Cells that cannot be read: try the other way to write dates, else show them all.

A column is read in one way throughout. If some of its dates refuse, the whole file is tried with
day and month the other way round, then the columns that refuse that by themselves; only what both
ways refuse is a bad value. Numbers have shown their decimal sign before (`decimals`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions.sql import name
from kpictl.sources import cells, gather
from kpictl.sources.csv import Part
from kpictl.tables import duckdb_scan, rows

if TYPE_CHECKING:
    from kpictl.sources.loading import Job

SHOWN = 5  # cells shown per column; the count is always whole


def doubtful(job: Job) -> bool:
    """Say whether a line that does not matter itself may show how its dates are written: in
    another form than the first ones."""
    tests = []
    for field in job.checked():
        raw = gather.raw_column(field)
        if gather.is_moment(job, field):
            tests.append(f"count({raw})")
    if not tests:
        return False
    row = job.connection.execute(f"SELECT {' + '.join(tests)} FROM {gather.table(job)}").fetchone()
    return bool(row and row[0])


def turn_round(job: Job, gather_again: Callable[[], None]) -> None:
    """Turn round the reading of files whose cells refuse it: first of whole files, then of single
    columns. All lines decide, whatever the period."""
    for alone in (False, True):
        bad = _refusing(job)
        if not bad:
            return
        if _other_way(job, bad, alone=alone):
            gather_again()


def report(job: Job) -> None:
    """Leave the table without unexplained cells, or raise SourceError with every one of them."""
    _note_ambiguous_dates(job)
    problems = [problem for field in unreadable(job) for problem in _show(job, field)]
    if not problems:
        return
    if job.found.option("on_bad_value") == "skip":
        known = {(p.code, p.place) for p in job.notes}
        job.notes.extend(
            replace(p, code="source.skipped_value", level="warning")
            for p in problems
            if p.code == "source.bad_value" and ("source.skipped_value", p.place) not in known
        )
        return
    raise SourceError(problems)


def _refusing(job: Job) -> list[str]:
    """Return the fields that have a gathered cell which cannot be read as its file is."""
    from kpictl.sources.loading import alike, of_parts, reading

    asked = [n for n in job.checked() if any(True for _ in _turned(job, Part.blank(), n))]
    found: set[str] = set()
    for part, indexes in alike(job) if asked and job.found.parts else ():
        counts = ", ".join(
            f"count(*) FILTER (cell_text({gather.raw_column(n)}) IS NOT NULL "
            f"AND {reading(part, job.fields[n])} IS NULL)"
            for n in asked
        )
        filled = " OR ".join(f"{gather.raw_column(n)} IS NOT NULL" for n in asked)
        row = job.connection.execute(
            f"SELECT {counts} FROM {gather.table(job)} WHERE {of_parts(indexes)} AND ({filled})"
        ).fetchone()
        assert row is not None  # noqa: S101  an aggregate always gives a row
        found.update(n for n, count in zip(asked, row, strict=True) if count)
    return [n for n in asked if n in found]


def unreadable(job: Job) -> list[str]:
    """Return the fields with unreadable cells in lines that matter."""
    checked = job.checked()
    if not checked:
        return []
    counts = ", ".join(f"count({name(f'b_{n}')})" for n in checked)
    row = job.connection.execute(f"SELECT {counts} FROM {job.table}").fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return [n for n, count in zip(checked, row, strict=True) if count]


def _other_way(job: Job, bad: list[str], *, alone: bool) -> bool:
    changed = False
    for index, part in enumerate(job.found.parts):
        turned = part
        for field in bad:
            for other in _turned(job, part, field):
                if not _bad_cells(job, part, field) or _bad_cells(job, other, field):
                    continue
                if alone:
                    turned = replace(turned, own={**turned.own, field: other.way(field)})
                else:
                    turned = replace(
                        turned, decimal=other.decimal, order=other.order, usual=other.usual
                    )
        if turned != part:
            job.found.parts[index] = turned
            changed = True
    return changed


def _turned(job: Job, part: Part, field: str) -> Iterator[Part]:
    kind = job.fields[field].kind
    if kind in ("date", "datetime") and not job.found.option("dates"):
        yield replace(part, order="dmy" if part.order == "mdy" else "mdy", usual={})


def _bad_cells(job: Job, part: Part, field: str) -> int:
    raw = part.raw(field, tuple(job.found.option("empty")))
    value = cells.read(job.fields[field].kind, "r", part.manner(field))
    scan = f"(SELECT {raw} AS r FROM {duckdb_scan(part.file)})"
    row = job.connection.execute(
        f"SELECT count(cell_text(r)) - count({value}) FROM {scan}"
    ).fetchone()
    return row[0] if row else 0


def _note_ambiguous_dates(job: Job) -> None:
    """Dates with slashes whose days never exceed 12 could be read either way: say so."""
    if job.found.option("dates"):
        return
    for field, described in job.fields.items():
        if described.kind not in ("date", "datetime"):
            continue
        for part in job.found.parts:
            usual = part.manner(field).usual
            if usual is not None and "/" not in usual:
                continue
            sample = f"(SELECT {part.raw(field)} AS r FROM {duckdb_scan(part.file)} LIMIT 50)"
            slashed = job.connection.execute(
                f"SELECT count(*) FROM {sample} WHERE r LIKE '%/%/%'"
            ).fetchone()
            if slashed and slashed[0] and not _beyond_twelve(job, part, field):
                data = {"field": field, "order": part.way(field)[1]}
                note = Problem("source.date_order", Place(part.file.origin), data, "warning")
                if note not in job.notes:
                    job.notes.append(note)


def _beyond_twelve(job: Job, part: Part, field: str) -> bool:
    scan = f"(SELECT {part.raw(field)} AS r FROM {duckdb_scan(part.file)})"
    first, second = (f"try_cast(split_part(r, '/', {n}) AS INTEGER)" for n in (1, 2))
    row = job.connection.execute(f"SELECT max(greatest({first}, {second})) FROM {scan}").fetchone()
    return bool(row and row[0] and row[0] > 12)


def _show(job: Job, field: str) -> Iterator[Problem]:
    """Yield the bad cells of a field with their places, and how many more there are."""
    described = job.fields[field]
    for index, part in enumerate(job.found.parts):
        texts = dict(
            job.connection.execute(
                f"SELECT {name(f'b_{field}')}, count(*) FROM {job.table} "
                f"WHERE part = {index} AND {name(f'b_{field}')} IS NOT NULL "
                "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000"
            ).fetchall()
        )
        if not texts:
            continue
        total = sum(texts.values())
        columns = part.matched.columns[field]
        caption = " + ".join(part.file.header[c] for c in columns)
        data = {
            "field": field,
            "caption": caption,
            "kind": described.kind,
            "count": total,
            "decimal": part.way(field)[0],
        }
        place = Place(part.file.origin)
        for line, value in _find(part, columns, set(texts)):
            place = Place(part.file.origin, line, columns[0] + 1)
            yield Problem("source.bad_value", place, {**data, "value": value[:80]})
        if total > SHOWN:
            more = {**data, "more": total - SHOWN}
            yield Problem("source.more_bad_values", place, more)


def _find(part: Part, columns: tuple[int, ...], texts: set[str]) -> Iterator[tuple[int, str]]:
    shown = 0
    for line, record in rows(part.file):
        value = " ".join(record[c].strip() for c in columns if record[c].strip())
        if value in texts:
            yield line, value
            shown += 1
            if shown == SHOWN:
                return
