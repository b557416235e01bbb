"""Records that belong to no row, and whose they are."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Account(Struct, frozen=True):
    """A user of a CRM whose name nobody knows, by the number that the CRM gave."""

    id: str


Named = str | Account
"""Whose something is: a name, or the number of a user without one."""


class LeftOut(Struct, frozen=True):
    """Records that belong to no row, and why; never dropped silently.

    `reason` is a code of the table of words; `amount` their sum in the company currency where the
    KPI sums money; `ids` the first few, in order. `names` are the first few of those whose they
    are, where they are somebody's, and `more` how many others there are.
    """

    kpi: str
    entity: str
    reason: str
    count: int
    amount: Decimal | None = None
    ids: tuple[str, ...] = ()
    names: tuple[Named, ...] = ()
    more: int = 0
