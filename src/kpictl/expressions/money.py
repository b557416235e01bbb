"""What stands beside a money field that was converted: the amount as it was written, its currency.

The amount of a record has fields of its own for both; of a field whose values bear their currency
the names have a dot, which no field of a plan or a source has.
"""

from __future__ import annotations

AMOUNT = "amount"


def original_of(field: str) -> str:
    """Return the name of the amount as it was written."""
    return "amount_original" if field == AMOUNT else f"{field}.original"


def currency_of(field: str) -> str:
    """Return the name of its currency."""
    return "currency" if field == AMOUNT else f"{field}.currency"
