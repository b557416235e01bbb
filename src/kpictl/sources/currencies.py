"""Names of currencies → codes, and the table of rates into the company's currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from kpictl.naming import fold

if TYPE_CHECKING:
    from kpictl.database import Connection

RATES = "kpi_rates"
PLACES = 10
"""Digits of a rate before the point, and behind it."""
"""Table of currency, day from which it holds, and units of company currency for one unit."""

Rates = Mapping[str, Decimal | Mapping[date, Decimal]]

# The usual ones, so that babel need not be asked for them.
_USUAL = {
    "российский рубль": "RUB",
    "доллар сша": "USD",
    "евро": "EUR",
    "тенге": "KZT",
    "казахстанский тенге": "KZT",
    "белорусский рубль": "BYN",
    "russian ruble": "RUB",
    "us dollar": "USD",
    "euro": "EUR",
    "british pound": "GBP",
}
_ALSO = {"рубль": "RUB", "рубли": "RUB", "руб": "RUB", "доллар": "USD", "dollar": "USD"}
# Signs of one currency alone; that of the dollar is also Canada's, Hong Kong's and others'.
_SIGNS = {"₽": "RUB", "€": "EUR", "£": "GBP", "₸": "KZT", "₴": "UAH", "₺": "TRY", "₹": "INR"}


@cache
def _names() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for lang in ("ru", "en"):
        for code, name in Locale.parse(lang).currencies.items():
            found.setdefault(fold(name), code)
            found.setdefault(code.casefold(), code)
    return found | _ALSO | _SIGNS


def code_of(caption: str, own: Mapping[str, str] | None = None) -> str | None:
    """Return the ISO code of a currency that an export names by code or by name, else None; `own`
    are the plan's names (folded), which come first."""
    if own and fold(caption) in own:
        return own[fold(caption)]
    name = fold(caption).rstrip(".")
    return _USUAL.get(name) or _names().get(name)


def keeps(rate: Decimal) -> bool:
    """Say whether a rate above zero is kept as it is: below 10^10, with at most 10 decimals."""
    return 0 < rate < Decimal(10) ** PLACES and rate == round(rate, PLACES)


def make_rates(connection: Connection, company: str, rates: Rates) -> None:
    """Make the table of rates; the company's own currency is worth one at any time."""
    rows = list(_rows(company, rates))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {RATES} "
        f"(currency VARCHAR, day DATE, rate DECIMAL({2 * PLACES},{PLACES}))"
    )
    connection.executemany(f"INSERT INTO {RATES} VALUES (?, ?, ?)", rows)


def _rows(company: str, rates: Rates) -> Iterable[tuple[str, date, Decimal]]:
    for code in ("", company):
        yield code, date.min, Decimal(1)
    for code, rate in sorted(rates.items()):
        if code == company:
            continue
        if isinstance(rate, Decimal):
            yield code, date.min, rate
        else:
            for day, value in sorted(rate.items()):
                yield code, day, value
