"""Offset or night shift: `22:00-06:00` behind a day is a time of UTC−6, or from ten to six.

A stretch that ends later on its day is refused where it stands (`moments`). One over midnight may
be either: the column decides by a cell that can only have an offset, else a warning names the
reading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.expressions.sql import text
from kpictl.sources import derive, stage_rows
from kpictl.tables import rows

if TYPE_CHECKING:
    from kpictl.sources.job import FileLoad

_DOUBTFUL = r"[ ,](\d{1,2}):(\d\d) ?[-\x{2212}](\d{1,2}):?(\d\d)$"
_SURE = r"([Zz]|:\d\d:\d\d.*[-+]\d\d.*|\d[Tt]\d.*|\+\d{1,2}(:?\d\d)?)$"
LONGEST_SHIFT = 14 * 60
"""In minutes: what would last longer is no shift, so that its end is an offset."""


def note(job: FileLoad) -> None:
    """Warn of each column of dates whose offsets may be the ends of night shifts."""
    if job.found.option("dates"):
        return
    aside = derive.read_aside(job.found.schema, job.request)
    for name in job.fields:
        if stage_rows.is_moment(job, name) and name not in aside and name not in job.usual:
            _look(job, name)


def _look(job: FileLoad, field: str) -> None:
    raw = stage_rows.raw_column(field)
    found = job.connection.execute(
        f"""SELECT regexp_extract(r, {text(_DOUBTFUL)}, 0), count(*),
        count(*) FILTER (regexp_matches(r, {text(_SURE)})), min(r)
        FROM (SELECT cell_text({raw}) AS r FROM {stage_rows.table(job)} WHERE {raw} IS NOT NULL)
        GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    doubtful = [(cell, count, first) for cell, count, _, first in found if cell]
    sure = any(count for _, _, count, _ in found) or any(not _is_shift(c) for c, _, _ in doubtful)
    if doubtful and not sure:
        _warn(job, field, str(doubtful[0][2]), sum(count for _, count, _ in doubtful))


def _is_shift(cell: str) -> bool:
    """Say whether a stretch goes over midnight and is no longer than people work."""
    found = re.fullmatch(r"\D*(\d+):(\d\d)\D+?(\d+?):?(\d\d)", cell)
    assert found is not None  # noqa: S101  it is cut out by the same shape
    hour, minute, end_hour, end_minute = map(int, found.groups())
    length = (end_hour * 60 + end_minute) - (hour * 60 + minute)
    return length <= 0 and length + 24 * 60 <= LONGEST_SHIFT


def _warn(job: FileLoad, field: str, value: str, count: int) -> None:
    for part in job.found.parts:
        columns = part.matched.columns.get(field, ())
        for line, record in rows(part.file) if columns else ():
            if " ".join(record[c].strip() for c in columns).strip() == value:
                caption = " + ".join(part.file.header[c] for c in columns)
                data = {"caption": caption, "value": value[:80], "count": count}
                place = part.file.at(line, columns[0])
                problem = Problem("source.offset_or_shift", place, data, "warning")
                if problem not in job.notes:
                    job.notes.append(problem)
                return
