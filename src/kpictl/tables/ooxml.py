"""What an xlsx file says of itself, before a reader of workbooks is let at it."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree as ET

from kpictl.tables.archive import Archive
from kpictl.tables.outline import Outline, of_xml
from kpictl.tables.workbook import BookOfParts

WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_KNOWN_ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!", "#GETTING_DATA")
)
_CELL_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?c\s[^>]*>")
_ERROR_TYPE = re.compile(rb"""(\st\s*=\s*)(["'])e\2""")


class Workbook(BookOfParts):
    """The parts of an xlsx file."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        archive.verify([name for name in archive.names() if _is_read(name)])
        try:
            book = _root(archive.read(WORKBOOK))
            targets = relations(archive.read(_RELATIONS))
        except (ET.ParseError, ValueError):
            raise self._no_table() from None
        self._parts = {
            str(sheet.get("name")): part_of(targets.get(_relation(sheet), ""))
            for sheet in book.iterfind("{*}sheets/{*}sheet")
        }
        properties = book.find("{*}workbookPr")
        date1904 = "" if properties is None else properties.get("date1904", "")
        self.epoch = 1904 if date1904 in ("1", "true", "on") else 1900

    def _look(self, part: str) -> Outline:
        return of_xml(lambda: self._archive.pieces(part))

    def content(self, sheet: str, outline: Outline) -> bytes:
        """Return the bytes of the file; with errors that are younger than the reader of workbooks
        (`#SPILL!`) as texts, since it would refuse the whole sheet."""
        errors = {text for text in outline.texts.values() if not text.startswith("=")}
        if errors <= _KNOWN_ERRORS:
            return self._archive.path.read_bytes()
        copy = io.BytesIO()
        part = self._parts[sheet].casefold()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for name in self._archive.names():
                if name == part:
                    out.writestr(name, _CELL_TAG.sub(_as_text, self._archive.read(name)))
                elif _is_read(name):
                    out.writestr(name, self._archive.read(name))
        return copy.getvalue()


def _as_text(tag: re.Match[bytes]) -> bytes:
    return _ERROR_TYPE.sub(rb"\1\2str\2", tag[0])


def _is_read(name: str) -> bool:
    """Tell whether readers look at a member whatever sheet they are asked for."""
    return name.endswith((".xml", ".rels")) and not re.match(
        r"xl/(?:work|chart)sheets/[^/]+$", name
    )


def _relation(sheet: ET.Element) -> str:
    """Return the attribute `r:id`, in whichever of the two name spaces it is written."""
    return next((value for key, value in sheet.items() if key.endswith("}id")), "")


def relations(xml: bytes) -> dict[str, str]:
    """Return the targets of a part's relations by their ids. ParseError, ValueError."""
    return {one.get("Id", ""): one.get("Target", "") for one in _root(xml)}


def _root(xml: bytes) -> ET.Element:
    """Return the tree of a part. ParseError, ValueError."""
    try:
        return ET.fromstring(xml)  # noqa: S314  expat bounds its entities
    except LookupError as error:  # it says that it is in an encoding that nobody knows
        raise ValueError(str(error)) from None


def part_of(target: str) -> str:
    """Return the name of a member from a target seen from `xl/`."""
    if target.startswith("/"):
        return target[1:]
    return target if target.startswith("xl/") else f"xl/{target}"
