"""The two ways in which the reader of workbooks takes in a file: whole, or sheet by sheet."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Mapping

from kpictl.errors import KpictlError
from kpictl.tables.archive import Archive
from kpictl.tables.file import refusal
from kpictl.tables.outline import Outline, UnreadableSheet


class WholeBook(ABC):
    """A workbook of which the reader takes in all sheets when it opens the file."""

    _outlines: list[tuple[str, Outline]]

    def taken_in_at_once(self) -> list[tuple[str, Outline]]:
        return self._outlines

    def outline(self, sheet: str, number: int) -> Outline:
        del sheet  # two may be called alike
        if number >= len(self._outlines):
            raise self._no_table()
        return self._outlines[number][1]

    @abstractmethod
    def _no_table(self) -> KpictlError:
        """Return what is said of a file that has no such sheet."""


class BookOfParts(ABC):
    """A workbook whose sheets are parts of an archive, read one by one."""

    _archive: Archive
    _parts: Mapping[str, str]

    def taken_in_at_once(self) -> list[tuple[str, Outline]]:
        return []

    def outline(self, sheet: str, number: int) -> Outline:
        del number  # a part goes by the name of its sheet
        part = self._parts.get(sheet, "")
        if part not in self._archive:
            raise self._no_table()
        try:
            return self._look(part)
        except (UnreadableSheet, struct.error):
            raise self._no_table() from None

    @abstractmethod
    def _look(self, part: str) -> Outline:
        """Return how far the sheet in a part reaches."""

    def _no_table(self) -> KpictlError:
        return refusal(self._archive.origin, "table.binary", kind="ZIP")
