"""Ids that a spreadsheet has rounded: `1.23457E+14` stands for many records, never for one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpictl.errors import Problem, SourceError
from kpictl.sources import stage_rows
from kpictl.sources.bad_values import SHOWN
from kpictl.tables import rows

if TYPE_CHECKING:
    from kpictl.sources.job import FileLoad

# A workbook's number of more than fifteen digits is written with a point at its end (sheets.py).
SPOILT = r"[-+]?\d+([.,]\d*)?[eE]\+\d+|-?\d{16,}\."


def is_spoilt(ident: str) -> bool:
    """Tell whether an id is a number that has been rounded."""
    return re.fullmatch(SPOILT, ident) is not None


def refuse(job: FileLoad) -> None:
    """Raise SourceError where ids are written as rounded numbers, with their lines."""
    if job.found.lenient:
        return
    problems: list[Problem] = []
    for field, described in job.gathered.items():
        if described.kind != "id":
            continue
        raw = stage_rows.raw_column(field)
        # Millions of ids are looked at: what needs no look at their letters comes first.
        long = f"strlen({raw}) > 16"
        found = job.connection.execute(
            f"""SELECT part, count(*), list(DISTINCT trim({raw})) FROM {stage_rows.table(job)}
            WHERE strlen({raw}) > 4 AND (contains({raw}, '+') OR {long} AND {raw} LIKE '%.')
            AND regexp_full_match(trim({raw}), '{SPOILT}') GROUP BY part ORDER BY part"""
        ).fetchall()
        for part, count, texts in found:
            problems.extend(_shown(job, field, part, count, set(texts)))
    if problems:
        raise SourceError(problems)


def _shown(job: FileLoad, field: str, index: int, count: int, texts: set[str]) -> list[Problem]:
    part = job.found.parts[index]
    column = part.matched.columns[field][0]
    problems = []
    for line, cells in rows(part.file):
        if cells[column].strip() in texts:
            value = cells[column].strip().removesuffix(".")
            data = {"caption": part.file.header[column], "value": value, "count": count}
            place = part.file.at(line, column)
            problems.append(Problem("source.spoilt_id", place, data))
            if len(problems) == SHOWN:
                break
    return problems
