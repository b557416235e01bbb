"""Rates of a portal's own table of currencies, for those that the plan gives no rate.

The portal knows only today's: whoever reads a closed period must be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem
from kpictl.expressions.sql import name, text
from kpictl.sources import numbers
from kpictl.sources.currencies import PLACES, RATES, keeps
from kpictl.values import to_decimal

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.store import Stored as Store


class Quote(Struct, frozen=True):
    """Units of company currency for one unit, as the portal had it on a day."""

    rate: Decimal
    day: date | None


def quotes(store: Store, company: str) -> Mapping[str, Quote]:
    """Return the rates into the company's currency, by code; crossed where the portal's base is
    another currency, {} where it does not know the company's."""
    to_base: dict[str, tuple[Fraction, date | None]] = {}
    for code, amount, units, base, day in _rows(store):
        if base in ("Y", "true", "1"):
            to_base[code] = (Fraction(1), None)
            continue
        rate, count = numbers.read(amount or "", "."), numbers.read(units or "1", ".")
        if rate is not None and count is not None and min(rate, count) > 0:
            to_base[code] = (Fraction(rate) / Fraction(count), _day(day))
    if company not in to_base:
        return {}
    own, own_day = to_base[company]
    crossed = {
        code: Quote(to_decimal(rate / own, PLACES), _earlier(day, own_day))
        for code, (rate, day) in sorted(to_base.items())
        if code != company
    }
    return {code: quote for code, quote in crossed.items() if keeps(quote.rate)}


def _rows(store: Store) -> Iterable[tuple[str, str | None, str | None, str | None, str | None]]:
    there = {c.casefold() for c in store.columns("currencies")}
    asked = ("CURRENCY", "AMOUNT", "AMOUNT_CNT", "BASE", "DATE_UPDATE")
    if "currency" not in there:
        return ()
    columns = ", ".join(name(c) if c.casefold() in there else "NULL" for c in asked)
    base = store.fact("base_currency")
    rows = store.rows(f"SELECT {columns} FROM {store.table('currencies')} ORDER BY _id")
    return [(c, a, n, "Y" if c == base else flag, d) for c, a, n, flag, d in rows]


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [day for day in (one, other) if day is not None]
    return min(days, default=None)


def make_rates(
    connection: Connection, source: str, found: Mapping[str, Quote]
) -> tuple[str, frozenset[str]]:
    """Make a source's table of rates: the plan's, and the portal's for the other currencies.

    Return its name, and the currencies whose rate is the portal's.
    """
    table = name(f"{RATES}_{source}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {RATES}")
    said = {str(row[0]) for row in connection.execute(f"SELECT currency FROM {table}").fetchall()}
    lines = [
        f"({text(code)}, DATE '{date.min}', {quote.rate:f})"
        for code, quote in found.items()
        if code not in said
    ]
    if lines:
        connection.execute(f"INSERT INTO {table} VALUES {', '.join(lines)}")
    return table, frozenset(found) - said


def remark(entity: str, used: Mapping[str, Quote], ends: Iterable[datetime]) -> Problem | None:
    """Say which rates were the portal's and of which day; warn if a period was over by then."""
    if not used:
        return None
    shown = ", ".join(f"{code} {quote.rate:f}" for code, quote in sorted(used.items()))
    days = [quote.day for quote in used.values() if quote.day is not None]
    data = {"entity": entity, "rates": shown, "day": max(days) if days else "?"}
    last = max(days, default=date.max)
    if any(end.date() < last for end in ends):
        return Problem("portal.rates_of_today", None, data, "warning")
    return Problem("portal.rates", None, data, "note")
