"""The files of an entity: each with how its cells are written, and all with what the plan says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from kpictl.catalog import Entity
from kpictl.naming import fold
from kpictl.plan.sources import CsvSource, Table
from kpictl.sources import cells
from kpictl.sources.columns import Matched
from kpictl.sources.schema import Schema
from kpictl.tables import TableFile

_CYRILLIC = re.compile("[а-яА-ЯёЁ]")


class FilePart(Struct, frozen=True):
    """One file of an entity. `decimal` and `order` are how its numbers and dates are read, `signs`
    and `orders` how those columns are that show it themselves, `usual` the forms in which dates
    begin. `forms` are the plan's own forms of dates, `decimals` to how many places the numbers of
    some fields are to be rounded."""

    file: TableFile
    matched: Matched
    decimal: str
    order: str
    forms: tuple[str, ...] = ()
    signs: Mapping[str, str] = {}
    orders: Mapping[str, str] = {}
    usual: Mapping[str, str] = {}
    decimals: Mapping[str, int] = {}

    @classmethod
    def blank(cls) -> FilePart:
        """Return a part without lines."""
        nothing = TableFile("", Path(), ",", '"', (), 0, 0, "utf-8", 0)
        return cls(nothing, Matched({}, {}, frozenset()), ".", "mdy")

    def manner(self, name: str) -> cells.Manner:
        """Return how a field's cells are written; `usual` is the form in which its dates begin."""
        guessed = name in self.matched.undeclared and self.matched.fields[name].kind == "date"
        return cells.Manner(
            self.signs.get(name, self.decimal),
            self.orders.get(name, self.order),
            self.usual.get(name),
            self.forms,
            whole=guessed,
            serials=self.file.epoch == 1900 and name not in self.matched.undeclared,
            iso=self.file.encoding == "xlsx",
            decimals=self.decimals.get(name),
        )

    def raw(self, name: str, empty: tuple[str, ...] = ()) -> str:
        """Return the SQL of a field's text as it stands; NULL where there is no such column."""
        columns = self.matched.columns.get(name)
        if columns is None:
            return "NULL"
        found = f"c{columns[0]}"
        if len(columns) > 1:
            texts = [f"cell_text(c{c})" for c in columns]
            found = f"CASE WHEN {texts[0]} IS NOT NULL THEN concat_ws(' ', {', '.join(texts)}) END"
        if empty:
            # One look for all: DuckDB would write out the reading of the cell for every marker.
            listed = "\x1f".join(("", *empty, ""))
            seen = f"contains({_text(listed)}, concat('\x1f', cell_text({found}), '\x1f'))"
            found = f"CASE WHEN NOT {seen} THEN {found} END"
        return found


class FileEntity(Struct):
    """An entity that files hold: its parts in the order in which later ones overrule.

    A `lenient` look into it is not stopped by ids that do not tell records apart.
    """

    entity: Entity
    table: Table
    settings: CsvSource
    parts: list[FilePart]
    schema: Schema
    lenient: bool = False

    def option(self, name: str) -> Any:
        """Return what the entity, else its source, says about reading."""
        own = getattr(self.table, name)
        return own if own not in (None, [], {}) else getattr(self.settings, name)

    @property
    def stages(self) -> dict[str, str]:
        said = {**self.settings.stages, **self.table.stages}
        return {**self.entity.stages, **{fold(k): str(v) for k, v in said.items()}}

    @property
    def currencies(self) -> dict[str, str]:
        """Return how currencies are written here, folded, and their codes."""
        said = {**self.settings.currencies, **self.table.currencies}
        return {fold(name): code for name, code in said.items()}


def guess_decimal(file: TableFile) -> str:
    """Return the decimal sign that goes with a file: spreadsheets write `;` between cells exactly
    where the comma is the decimal sign."""
    if file.delimiter == ";":
        return ","
    if file.is_converted or file.delimiter == "\t":
        return "," if any(_CYRILLIC.search(caption) for caption in file.header) else "."
    return "."


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
