"""How much memory the database of a pull has: little, and more where single records are large."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from kpictl.database import Connection

_STEPS = ("256MB", "1GB", "4GB")
_LACKING = (
    "failed to pin", "failed to allocate", "could not allocate",
    "out of memory", "could not free up",
)  # fmt: skip

T = TypeVar("T")


class Memory(Struct):
    """The memory that a database has been given so far, beyond what it began with."""

    step: int = 0

    def enough(self, connection: Connection, action: Callable[[], T]) -> T:
        """Do something; where that takes more memory than there is, again with more.

        Two thousand records are looked at together, however long their texts are. What is done must
        leave nothing behind when it fails.
        """
        import duckdb

        while True:
            try:
                return action()
            except duckdb.Error as error:
                said = str(error).lower()
                if self.step == len(_STEPS) or not any(one in said for one in _LACKING):
                    raise
            connection.execute(f"SET memory_limit = '{_STEPS[self.step]}'")
            self.step += 1
