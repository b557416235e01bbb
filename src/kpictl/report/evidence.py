"""The records behind a number as CSV (UTF-8), for whoever adds them up."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from kpictl.explain import Explanation
from kpictl.report.csv import neutral
from kpictl.values import VALUE_PLACES, to_decimal

HEADER = ("kpi", "part", "id", "title", "moment", "owner", "value", "original", "currency", "hit",
          "place", "success_id", "success_moment")  # fmt: skip


def render_csv(found: Explanation) -> bytes:
    """Return all records of an explanation as CSV (UTF-8), formulas in text made harmless."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for step in found.steps:
        for part in step.parts:
            named = part.measure.name.rsplit(".", 1)[1]
            for r in part.records:
                moment = r.moment.isoformat() if r.moment else ""
                texts = [neutral(t or "") for t in (r.id, r.title)]
                owner, currency = neutral(r.owner or ""), neutral(r.currency or "")
                value = _cell(r.value)
                original = _cell(r.original)
                hit = "" if r.hit is None else str(r.hit).lower()
                place = str(r.place or "")
                line = [step.kpi, named, *texts, moment, owner, value, original, currency, hit]
                done = r.success
                at = "" if done is None else done.moment.isoformat()
                writer.writerow([*line, place, neutral(done.id) if done else "", at])
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(to_decimal(value, VALUE_PLACES), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return neutral(str(value))
