"""HTML tables, which CRM systems name .xls, as rows of text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from kpictl.tables.file import Source, Wishes, refusal
from kpictl.tables.head import sentence_for_empty
from kpictl.tables.spool import Spooled, spool
from kpictl.tables.text import decoded, encoding_of

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_TAG = re.compile(
    r"<!.*?>|<(/?)([a-z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE | re.DOTALL
)
_SPAN = re.compile(r"\bcolspan\s*=\s*[\"']?\s*(\d+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def convert(source: Source, scratch: Path, wishes: Wishes) -> Spooled:
    """Write the rows of all tables of an HTML file, in order, as one text table."""
    marked = source.start.startswith(codecs.BOM_UTF8)
    declared = None if marked else _CHARSET.search(source.start)
    encoding = encoding_of(source, wishes.encoding or (declared and declared[1].decode()))
    rows = _rows(_Reader(), source, encoding)
    return spool(rows, source.origin, scratch, wishes.header_row)


def _rows(reader: _Reader, source: Source, encoding: str) -> Iterator[list[str]]:
    """Yield the rows while the file is read."""
    seen = False
    for text in decoded(source.path, source.origin, encoding):
        reader.feed(text)
        seen = seen or bool(reader.done)
        yield from reader.done
        reader.done.clear()
    reader.close()
    yield from reader.done
    if not seen and not reader.done:
        said = " ".join("".join(reader.outside).split())
        if sentence_for_empty(said):
            raise refusal(source.origin, "table.list_is_empty", sentence=said)


class _Reader:
    """Collects the rows of outermost tables; end tags may be missing, as HTML allows.

    The standard parser takes twice as long, which is felt with a big list.
    """

    def __init__(self) -> None:
        self.done: list[list[str]] = []
        self.outside: list[str] = []
        self._rest = ""
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = 1
        self._depth = 0

    def feed(self, text: str) -> None:
        """Read a piece, all but a tag that may go on in the next one."""
        text = self._rest + text
        whole = max(text.rfind("<"), 0)
        self._rest = text[whole:]
        self._read(text[:whole])

    def close(self) -> None:
        self._read(self._rest)
        self._end_row()

    def _read(self, text: str) -> None:
        place = 0
        for tag in _TAG.finditer(text):
            if tag.start() > place:
                self._data(text[place : tag.start()])
            place = tag.end()
            if tag[2] is None:
                continue
            if tag[1]:
                self._end(tag[2].lower())
            else:
                self._start(tag[2].lower(), tag[3])
        if place < len(text):
            self._data(text[place:])

    def _start(self, tag: str, attributes: str) -> None:
        if tag == "table":
            self._depth += 1
        elif self._depth > 1:
            self._nested(tag)
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._cell = []
            span = _SPAN.search(attributes) if attributes else None
            self._span = min(max(int(span[1]), 1), 1000) if span else 1
        else:
            self._nested(tag)

    def _end(self, tag: str) -> None:
        if tag == "table":
            if self._depth <= 1:
                self._end_row()
            self._depth = max(0, self._depth - 1)
        elif self._depth <= 1 and tag == "tr":
            self._end_row()
        elif self._depth <= 1 and tag in ("td", "th"):
            self._end_cell()

    def _data(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(unescape(_SPACE.sub(" ", text)))
        elif not self._depth and len(self.outside) < 20:
            self.outside.append(unescape(text))

    def _nested(self, tag: str) -> None:
        if tag in ("br", "p", "div", "tr", "li") and self._cell:
            self._cell.append("\n")

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        lines = "".join(self._cell).split("\n")
        text = "\n".join(line.strip(" ") for line in lines).strip("\n")
        row = self._row = self._row if self._row is not None else []
        row.extend([text, *[""] * (self._span - 1)])
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self.done.append(self._row)
            self._row = None
