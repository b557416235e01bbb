"""The records behind a number as CSV (UTF-8), for whoever adds them up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from kpictl.app.evidence import SIGNED_FIELDS, Record, Signature
from kpictl.app.explain import Omission
from kpictl.app.explanation import Explanation
from kpictl.report import explained_index
from kpictl.report.csv import neutral
from kpictl.report.format import called
from kpictl.values import VALUE_PLACES, to_decimal

HEADER = ("kpi", "part", "id", "title", "moment", "owner", "value", "original", "currency", "hit",
          "place", "success_id", "success_moment")  # fmt: skip


def render_csv(found: Explanation, lang: str) -> bytes:
    """Return all records of an explanation as CSV (UTF-8), formulas in text made harmless; of an
    index its KPIs."""
    if found.row is not None:
        return explained_index.render_csv(found)
    rows = [
        (step.kpi, part.measure.part, record)
        for step in found.steps
        for part in step.parts
        for record in part.records
    ]
    waits = any(p.measure.open is not None for step in found.steps for p in step.parts)
    return _table(rows, lang, waits=waits)


def render_left_out_csv(omission: Omission, lang: str) -> bytes:
    """Return all records that a KPI leaves out as CSV in the same columns: `part` is the reason."""
    rows = [(line.kpi, line.reason, r) for line, records in omission.lines for r in records]
    return _table(rows, lang)


def _table(rows: Sequence[tuple[str, str, Record]], lang: str, *, waits: bool = False) -> bytes:
    """Write records; of a KPI that may wait with whether each of them does, of records that several
    people share with the percent that is meant, and of what was typed with who, when and why."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    shared = any(r.share is not None for _, _, r in rows)
    signed = any(r.signed is not None for _, _, r in rows)
    writer.writerow([*HEADER, *["open"] * waits, *["share"] * shared, *SIGNED_FIELDS * signed])
    for kpi, part, r in rows:
        moment = r.moment.isoformat() if r.moment else ""
        texts = [neutral(t or "") for t in (r.id, r.title)]
        owner, currency = neutral(called(r.owner, lang)), neutral(r.currency or "")
        hit = "" if r.hit is None else str(r.hit).lower()
        line = [kpi, part, *texts, moment, owner, _cell(r.value), _cell(r.original), currency, hit]
        done = r.success
        share = "" if r.share is None else _cell(to_decimal(r.share * 100, 4))
        at = "" if done is None else done.moment.isoformat()
        line += [str(r.place or ""), neutral(done.id) if done else "", at]
        line += [str(r.open).lower()] * waits + [share] * shared
        line += _signature(r) if signed else []
        writer.writerow(line)
    return out.getvalue().encode("utf-8")


def _signature(record: Record) -> list[str]:
    signed = record.signed or Signature()
    return [_cell(part) for part in (signed.author, signed.day, signed.reason)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(to_decimal(value, VALUE_PLACES), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return neutral(str(value))
