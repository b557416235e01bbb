"""How far a sheet reaches and which of its cells hold no value, known before it is read.

A reader of workbooks keeps a whole sheet as a rectangle, so one cell at its far end takes the
memory of all; and it gives an empty cell for `#DIV/0!` and for a formula that nobody has computed.
Both are told here from the sheet as it stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Protocol
from xml.parsers import expat

from msgspec import Struct

MAX_CELLS = 1 << 25
"""A sheet may be a rectangle of so many cells, filled or not: 32 columns of all rows there are.
A reader takes 32 bytes for each."""
MAX_FILLED = 1 << 26
MAX_TEXTS = 1 << 21
"""A sheet may have so many cells without a value: their texts are kept apart."""
MAX_CARRIED = 1 << 24
"""The longest stretch of XML, in bytes, between two cells."""


class UnreadableSheet(Exception):
    """What should be the XML of a sheet is none."""


class Outline(Struct):
    """The extent of a sheet, counted from its first cell A1, and its cells without a value.

    `last_row` and `last_column` are the cells, as (row, column) from 0, that make it so large;
    `texts` are what cells without a value show, `#N/A`, or the formula that was never computed.
    """

    height: int = 0
    width: int = 0
    filled: int = 0
    last_row: tuple[int, int] = (0, 0)
    last_column: tuple[int, int] = (0, 0)
    texts: dict[tuple[int, int], str] = {}
    limits: tuple[int, int] = (MAX_CELLS, MAX_FILLED)
    """How many cells the rectangle may have in any case, and at most if enough are filled."""
    refused: bool = False

    def add(self, row: int, column: int) -> None:
        self.filled += 1
        if row >= self.height:
            self.height, self.last_row = row + 1, (row, column)
        if column >= self.width:
            self.width, self.last_column = column + 1, (row, column)

    def refuse(self, row: int, column: int) -> None:
        """Make the sheet too large because of one cell, wherever it stands."""
        self.refused, self.last_row, self.last_column = True, (row, column), (row, column)
        self.height, self.width = max(self.height, row + 1), max(self.width, column + 1)

    @property
    def area(self) -> int:
        return self.height * self.width

    @property
    def too_large(self) -> bool:
        least, most = self.limits
        return self.refused or self.area > min(max(least, 2 * self.filled), most)

    def far_cells(self) -> str:
        """Return the names of the cells that stretch the sheet, the wider way first."""
        return ", ".join(dict.fromkeys(cell_name(*c) for c in (self.last_column, self.last_row)))


def cell_name(row: int, column: int) -> str:
    """Return a cell's name, A1 for (0, 0)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def of_xml(pieces: Callable[[], Iterable[bytes]]) -> Outline:
    """Return the outline of a sheet of an xlsx file: quickly if it is written as programs write
    it and not suspiciously large, else cell by cell. UnreadableSheet if it is no XML."""
    try:
        quick = look_quickly(pieces())
    except ValueError:  # a number of thousands of digits
        quick = None
    return look_closely(pieces()) if quick is None or quick.too_large else quick


# Cells as all programs write them. What else XML allows is left to a parser.
_NOT_NEAR = re.compile(rb'<c(?! r="[A-Za-z][0-9]{1,6}")')
_LETTERS = re.compile(rb'<c r="([A-Za-z]+)[0-9]+"')
_DIGITS = re.compile(rb'<c r="[A-Za-z]+([0-9]+)"')
_PREFIXED = re.compile(rb":c[\s/>]")
_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^>]|encoding="(?i:utf-8)")*>\s*)?<worksheet\b'
)
_ERROR_TYPE = re.compile(rb"t=[\"']e[\"']")
_ERROR = re.compile(
    rb'<c r="([A-Za-z]+)([0-9]+)"(?=[^>]*\st=["\']e["\'])[^>]*(?<!/)>(.*?)</c>', re.DOTALL
)
_VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>")
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Za-z]+)([0-9]+)"([^>]*)><f(?:\s[^>]*)?(?:/>|>([^<]*)</f>)'
    rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_ENDS_OF_UNCOMPUTED = (b"</f></c>", b"/></c>", b"<v></v></c>")


def look_quickly(pieces: Iterable[bytes]) -> Outline | None:
    """Return an outline that is no smaller than the sheet, or None if that cannot be told."""
    outline = Outline()
    for stretch in _stretches(pieces):
        if stretch is None or not _add_quickly(outline, stretch):
            return None
    return outline


def _stretches(pieces: Iterable[bytes]) -> Iterator[bytes | None]:
    """Yield whole cells of the sheet's data; None if it is not written as usual."""
    carried, begun = b"", False
    for piece in pieces:
        text = carried + piece
        if not begun:
            start = text.find(b"<sheetData")
            if start >= 0:
                if not _HEAD.match(text) or b"<!" in text[:start]:
                    yield None
                begun, text = True, text[start:]
        if len(text) > MAX_CARRIED + len(piece):
            yield None
        end = text.find(b"</sheetData>") if begun else -1
        if end >= 0:
            yield text[:end]
            return
        cut = text.rfind(b"<c ") if begun else 0
        if cut > 0:
            yield text[:cut]
        carried = text[max(cut, 0) :]
    yield carried if begun else None


def _add_quickly(outline: Outline, text: bytes) -> bool:
    """Add a stretch of cells; tell whether all of them are written as usual.

    A hundred megabytes pass here: where a letter is not there at all, what begins with it is not
    looked for, and the exact extent only beyond what is never too large.
    """
    count = text.count(b'<c r="')
    if (b"!" in text and b"<!" in text) or _PREFIXED.search(text):
        return False
    width, height = 26, 999_999
    if _NOT_NEAR.search(text):
        if text.count(b"<c") != count:
            return False
        width = max(_column(one.decode()) for one in set(_LETTERS.findall(text))) + 1
        height = max(map(int, set(_DIGITS.findall(text))), default=0)
    if count:
        outline.filled += count
        outline.height = max(outline.height, height)
        outline.width = max(outline.width, width)
    if b"e" in text and _ERROR_TYPE.search(text):
        for letters_, digits_, body in _ERROR.findall(text):
            value = _VALUE.search(body)
            place = int(digits_) - 1, _column(letters_.decode())
            outline.texts[place] = _plain(value[1] if value else b"") or "#ERROR!"
    if b"f" in text and b"<f" in text and any(end in text for end in _ENDS_OF_UNCOMPUTED):
        for letters_, digits_, attributes, formula in _UNCOMPUTED.findall(text):
            if not re.search(rb"\st=[\"']str[\"']", attributes):
                place = int(digits_) - 1, _column(letters_.decode())
                outline.texts[place] = "=" + (_plain(formula) or "…")
    return True


def _plain(text: bytes) -> str:
    return unescape(text.decode("utf-8", "replace")).strip()


class _Cells:
    """Handlers of an XML parser that follow where each cell stands, as readers do."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.row = self.column = 0
        self.type = ""
        self.element = ""
        self.formula: str | None = None
        self.value = ""
        self.rich = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.element = name = name.rpartition(":")[2]
        if name == "c":
            self._place(attributes.get("r", ""))
            self.type = attributes.get("t", "")
            self.formula, self.value, self.rich = None, "", False
        elif name == "row":
            self.column = 0
            if (number := attributes.get("r", "")).isdecimal():
                self.row = int(number) - 1
        elif name == "f":
            self.formula = ""
        elif name == "is":
            self.rich = True

    def _place(self, name: str) -> None:
        if match := re.fullmatch(r"([A-Za-z]+)([0-9]+)", name):
            self.column, self.row = _column(match[1]), int(match[2]) - 1
        elif name:
            raise UnreadableSheet(name)

    def text(self, text: str) -> None:
        if self.element == "v":
            self.value += text
        elif self.element == "f" and self.formula is not None:
            self.formula += text

    def end(self, name: str) -> None:
        self.element = ""
        name = name.rpartition(":")[2]
        if name == "row":
            self.row += 1
            self.column = 0
        elif name == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        value = self.value.strip()
        place = self.row, self.column
        if self.type == "e":
            self.outline.texts[place] = value or "#ERROR!"
        elif self.formula is not None and not value and self.type != "str":
            self.outline.texts[place] = "=" + (self.formula.strip() or "…")
        if value or self.rich or place in self.outline.texts:
            self.outline.add(*place)
        self.column += 1


def look_closely(pieces: Iterable[bytes]) -> Outline:
    cells = _Cells()
    read_xml(pieces, cells)
    return cells.outline


class XmlReader(Protocol):
    """What is told of a document's elements as they come."""

    def start(self, name: str, attributes: dict[str, str], /) -> None: ...

    def end(self, name: str, /) -> None: ...

    def text(self, data: str, /) -> None: ...


def read_xml(pieces: Iterable[bytes], reader: XmlReader) -> None:
    """Tell a reader of a document, piece by piece; UnreadableSheet where it is none, or has
    entities, which may stand for more than memory holds."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, OverflowError, ValueError) as error:
        raise UnreadableSheet(str(error)) from None
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise
        raise UnreadableSheet(str(error)) from None  # an encoding that nobody knows


def _refuse(*_: object) -> None:
    message = "entities"
    raise UnreadableSheet(message)
