"""Loading an entity of files: what is read, into which table."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from kpictl.catalog import Field
from kpictl.database import Connection
from kpictl.errors import Problem
from kpictl.expressions import Type
from kpictl.expressions.sql import name
from kpictl.sources import derive
from kpictl.sources.base import LoadRequest, Window
from kpictl.sources.parts import FileEntity

# The date that moves last is enough to see how far the records reach.
REACH = ("modified_at", "moved_at", "created_at")
# Stored fields that are needed after the table is made: for rates, and to tell versions apart.
_LATER = frozenset(
    {"amount_original", "currency", "created_at", "closed_at", "moved_at", "modified_at", "product"}
)


class FileLoad(Struct):
    """Loading one entity: what is read, into which table."""

    connection: Connection
    found: FileEntity
    fields: dict[str, Field]
    request: LoadRequest
    scratch: Path
    whole: bool  # all lines, in order, not only those in the windows
    notes: list[Problem] = []
    usual: frozenset[str] = frozenset()  # the dates of which every cell is in its file's usual form

    @property
    def windows(self) -> tuple[Window, ...]:
        return self.request.windows

    @property
    def gathered(self) -> dict[str, Field]:
        """Return the fields whose texts are read: the needed ones, and one to see the reach by."""
        present = self.found.schema.present
        reach = next((n for n in REACH if self.found.entity.known and n in present), None)
        return self.fields if reach is None else {**self.fields, reach: present[reach]}

    @property
    def table(self) -> str:
        return name(f"stored_{self.found.entity.name}")

    @property
    def derived(self) -> dict[str, str]:
        """Return the SQL of the derived fields that are worked out while the table is made."""
        days = frozenset(n for n, f in self.fields.items() if f.type is Type.DATE)
        rowwise = derive.Rowwise(frozenset(self.fields), days)
        return derive.row_columns(rowwise, self.found.schema, self.request.fields)

    @property
    def kept(self) -> list[str]:
        """Return the stored fields that the table keeps: not those that only derived ones need."""
        later = {self.found.entity.id, *_LATER}
        return [n for n in self.fields if n in self.request.fields or n in later]

    def checked(self) -> list[str]:
        """Return the fields whose cells can be unreadable."""
        aside = derive.read_aside(self.found.schema, self.request)
        return [n for n, f in self.fields.items() if f.type is not Type.TEXT and n not in aside]
