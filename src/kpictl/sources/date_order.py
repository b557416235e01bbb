"""Day or month first: what the dates of a column show, in all lines of all files of an entity.

`05/06/2024` has two readings. The plan's `dates` decides, else any cell of the column whose day is
above 12, else the entity's other columns; where nothing does, month/day is taken with slashes and
day-month with hyphens, and a warning says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem
from kpictl.expressions.sql import text
from kpictl.sources import derive, moments, stage_rows

if TYPE_CHECKING:
    from kpictl.sources.job import FileLoad


class _Evidence(Struct, frozen=True):
    """How many cells of a column can only be read day first, only month first, or both ways."""

    dmy: int = 0
    mdy: int = 0
    hyphens: int = 0
    either: int = 0

    @property
    def order(self) -> str | None:
        if self.dmy == self.mdy:
            return None
        return "dmy" if self.dmy > self.mdy else "mdy"


def settle(job: FileLoad) -> bool:
    """Give each date's column the order by which it is read; say whether any is read anew."""
    parts = job.found.parts
    if job.found.option("dates") or not parts:
        return False
    dated = [n for n, f in job.gathered.items() if f.kind in ("date", "datetime")]
    left = stage_rows.unread(job)
    shown = {name: _evidence(job, name, unread=left[name] > 0) for name in dated}
    orders = {seen.order for seen in shown.values()} - {None}
    common = orders.pop() if len(orders) == 1 else None
    aside = derive.read_aside(job.found.schema, job.request)
    settled: dict[str, str] = {}
    for name, seen in shown.items():
        order = seen.order or common
        if order is None and seen.either:
            order = "dmy" if seen.hyphens == seen.either else "mdy"
            if name not in aside:
                _warn(job, name, order)
        if order is not None:
            settled[name] = order
    changed = False
    for index, part in enumerate(parts):
        new = {n: o for n, o in settled.items() if part.manner(n).order != o}
        if new:
            usual = {n: form for n, form in part.usual.items() if n not in new}
            parts[index] = replace(part, orders={**part.orders, **new}, usual=usual)
            changed = True
    return changed


def _evidence(job: FileLoad, field: str, *, unread: bool) -> _Evidence:
    """Count what the gathered cells show. Those that were read in their file's usual form are
    known by their day: read month first, one above 12 proves it, and day first likewise."""
    wall, raw = stage_rows.wall_column(field), stage_rows.raw_column(field)
    seen = [_unread(job, raw)] if unread else []
    by_form: dict[tuple[str, bool], list[int]] = {}
    for index, part in enumerate(job.found.parts):
        usual = part.usual.get(field)
        if usual is not None and usual[:5] in ("%m/%d", "%d/%m", "%m-%d", "%d-%m"):
            order = "mdy" if usual.startswith("%m") else "dmy"
            by_form.setdefault((order, usual[2] == "-"), []).append(index)
    for (order, hyphens), indexes in by_form.items():
        row = job.connection.execute(
            f"SELECT count({wall}), count(*) FILTER (day({wall}) > 12) "
            f"FROM {stage_rows.table(job)} WHERE part IN ({', '.join(map(str, indexes))})"
        ).fetchone()
        cells, above = row or (0, 0)
        counted = _Evidence(either=cells - above, hyphens=cells - above if hyphens else 0)
        proof = {order: above}
        seen.append(replace(counted, dmy=proof.get("dmy", 0), mdy=proof.get("mdy", 0)))
    return _Evidence(
        sum(one.dmy for one in seen),
        sum(one.mdy for one in seen),
        sum(one.hyphens for one in seen),
        sum(one.either for one in seen),
    )


def _unread(job: FileLoad, raw: str) -> _Evidence:
    """Count what those cells show that are in no usual form."""
    pattern = text(moments.NUMERIC)
    row = job.connection.execute(
        f"""SELECT count(*) FILTER (a > 12 AND b <= 12), count(*) FILTER (b > 12 AND a <= 12),
        count(*) FILTER (a <= 12 AND b <= 12 AND sep = '-'), count(*) FILTER (a <= 12 AND b <= 12)
        FROM (SELECT CAST(regexp_extract(r, {pattern}, 1) AS INTEGER) AS a,
            regexp_extract(r, {pattern}, 2) AS sep,
            CAST(regexp_extract(r, {pattern}, 3) AS INTEGER) AS b
            FROM (SELECT cell_text({raw}) AS r FROM {stage_rows.table(job)} WHERE {raw} IS NOT NULL)
            WHERE regexp_matches(r, {pattern}))"""
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return _Evidence(*row)


def _warn(job: FileLoad, field: str, order: str) -> None:
    part = next(p for p in job.found.parts if field in p.matched.columns)
    data = {"field": field, "order": order}
    note = Problem("source.date_order", Place(part.file.origin), data, "warning")
    if note not in job.notes:
        job.notes.append(note)
