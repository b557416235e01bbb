"""Values that somebody typed, in an explanation: who, when and why."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import clean, day

if TYPE_CHECKING:
    from kpictl.app.evidence import Record
    from kpictl.report.explanation import Teller


def signature(record: Record, lang: str) -> str:
    """Return who typed a record, when and why: `Ann Roe, 3 June 2024: a slip`; "" for others."""
    signed = record.signed
    if signed is None:
        return ""
    moment = None if signed.day is None else datetime.combine(signed.day, time.min)
    who = [clean(signed.author or ""), "" if moment is None else day(moment, lang)]
    parts = [", ".join(filter(None, who)), clean(signed.reason or "")]
    return ": ".join(filter(None, parts))


def typed(record: Record, teller: Teller) -> str:
    """Return the place of a record that does not count; of one that was typed also its value and
    signature."""
    place = clean(str(record.place or ""))
    if record.signed is None:
        return place
    value = teller.exact(record.value) if isinstance(record.value, Decimal) else ""
    return " · ".join(filter(None, (place, value, signature(record, teller.lang))))
