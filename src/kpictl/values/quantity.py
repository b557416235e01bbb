"""A number to be written for people: with its unit, in their language."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Quantity(Struct, frozen=True):
    """A value of a KPI's unit (`money` of a `currency`, `percent`, `minutes` …); None where nothing
    is known. It stands in the data of problems and is worded where the language is known."""

    value: Decimal | None
    unit: str = ""
    currency: str = ""

    def __str__(self) -> str:
        """Return it as programs read it."""
        return "" if self.value is None else f"{self.value:f}"
