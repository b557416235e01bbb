"""What an OpenDocument spreadsheet (.ods) says of itself, before it is read.

A cell or a row may say that it stands many times over, up to all columns and rows there are; the
reader writes each of them out, twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from kpictl.errors import KpictlError
from kpictl.tables.archive import Archive
from kpictl.tables.file import refusal
from kpictl.tables.outline import MAX_TEXTS, Outline, UnreadableSheet, read_xml
from kpictl.tables.workbook import WholeBook

CONTENT = "content.xml"
MIMETYPE = "mimetype"
_MANIFEST = "meta-inf/manifest.xml"
MAX_CELLS = 1 << 24
"""A sheet may be a rectangle of so many cells: 16 columns of all rows."""
MAX_FILLED = 1 << 25
_ERROR = re.compile(r"#\S*[!?]|#[^\d\s]{1,3}/[^\d\s]{1,3}|[^\W\d]+: ?5\d\d")
_REPEATS = 1 << 32
_ASIDE = ("office:annotation", "draw:frame")


class Workbook(WholeBook):
    """The sheets of an ods file. The reader takes in all of them when it opens the file."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        if b"encryption-data" in archive.read(_MANIFEST):
            raise refusal(archive.origin, "table.password")
        archive.verify([n for n in archive.names() if n.endswith(".xml") and n != CONTENT])
        try:
            look = _look(archive.pieces(CONTENT))
        except UnreadableSheet:
            raise self._no_table() from None
        self.epoch = look.epoch
        self._outlines = look.outlines

    def content(self, sheet: str, outline: Outline) -> bytes:  # noqa: ARG002
        return self._archive.path.read_bytes()

    def _no_table(self) -> KpictlError:
        return refusal(self._archive.origin, "table.binary", kind="ZIP")


def is_spreadsheet(archive: Archive) -> bool:
    """Tell a spreadsheet from a text or a drawing in the same format."""
    kind = archive.read(MIMETYPE)[:100] if CONTENT in archive and MIMETYPE in archive else b""
    return kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")


class _Cell(Struct):
    """A cell while it is read: how often it stands in its row, and what it says of itself."""

    column: int
    times: int
    kind: str
    formula: str | None
    claimed: bool
    """Whether it holds a value without any text."""
    shown: bool = False
    """Whether it shows a text, be it an empty one: a program has computed it."""
    text: list[str] = []

    @property
    def filled(self) -> bool:
        return self.claimed or self.formula is not None or bool(self.text)

    def without_value(self) -> str:
        """Return what a cell shows that holds an error, or a formula that nobody has computed; else
        "". Errors are texts or zeros, by program, that only their type or their form gives away."""
        shown = "".join(self.text).strip()
        if self.kind == "error":
            return shown or "#ERROR!"
        if self.formula is None:
            return ""
        if self.kind not in ("", "string", "boolean", "date", "time"):
            return shown if _ERROR.fullmatch(shown) else ""
        if self.kind == "" and not self.shown:
            return "=" + (self.formula.split(":", 1)[-1].removeprefix("=") or "…")
        return ""


class _Look(Struct):
    """Handlers of an XML parser that follow where each cell stands."""

    epoch: int = 1900
    outlines: list[tuple[str, Outline]] = []
    sheet: Outline | None = None
    depth: int = 0
    row: int = 0
    rows: int = 1
    column: int = 0
    cells: list[_Cell] = []
    cell: _Cell | None = None
    in_text: int = 0
    aside: int = 0
    """How deep it stands in what is no text of a cell: a remark, a picture."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.sheet = Outline(limits=(MAX_CELLS, MAX_FILLED))
                self.outlines.append((attributes.get("table:name", ""), self.sheet))
                self.row = 0
        elif name == "table:null-date":
            self.epoch = int(attributes.get("table:date-value", "1899")[:4].replace("1899", "1900"))
        elif self.depth != 1:
            return
        elif name == "table:table-row":
            self.rows, self.column = _times(attributes.get("table:number-rows-repeated")), 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._start_cell(attributes)
        elif self.cell is not None and name in _ASIDE:
            self.aside += 1
            self.cell.claimed = True
        elif self.cell is not None and name == "text:p":
            self.cell.shown = True
            self.in_text += 1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        times = _times(attributes.get("table:number-columns-repeated"))
        kind = attributes.get("office:value-type", "")
        if "error" in (kind, attributes.get("calcext:value-type")):
            kind = "error"
        claimed = bool(kind) or any(key.startswith("office:") for key in attributes)
        self.cell = _Cell(self.column, times, kind, attributes.get("table:formula"), claimed)
        self.column += times

    def text(self, text: str) -> None:
        if self.cell is not None and self.in_text and not self.aside:
            self.cell.text.append(text)

    def end(self, name: str) -> None:
        if name == "table:table":
            self.depth -= 1
        elif self.depth != 1 or self.sheet is None:
            return
        elif name == "table:table-row":
            self._end_row(self.sheet)
        elif name in ("table:table-cell", "table:covered-table-cell"):
            if self.cell is not None and self.cell.filled:
                self.cells.append(self.cell)
            self.cell, self.in_text, self.aside = None, 0, 0
        elif self.cell is not None and name in _ASIDE:
            self.aside -= 1
        elif name == "text:p":
            self.in_text -= 1

    def _end_row(self, sheet: Outline) -> None:
        for cell in self.cells:
            sheet.add(self.row + self.rows - 1, cell.column + cell.times - 1)
            if (text := cell.without_value()) and not sheet.too_large:
                self._keep(sheet, cell, text)
        self.cells.clear()
        self.row += self.rows

    def _keep(self, sheet: Outline, cell: _Cell, text: str) -> None:
        if len(sheet.texts) + self.rows * cell.times > MAX_TEXTS:
            sheet.refuse(self.row, cell.column)
            return
        for row in range(self.row, self.row + self.rows):
            for column in range(cell.column, cell.column + cell.times):
                sheet.texts[row, column] = text


def _times(text: str | None) -> int:
    return min(max(int(text), 1), _REPEATS) if text else 1


def _look(pieces: Iterable[bytes]) -> _Look:
    look = _Look()
    read_xml(pieces, look)
    return look
