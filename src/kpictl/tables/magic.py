"""What a file is by its first bytes; its name does not count."""

from __future__ import annotations

import re

START = 1 << 16

_WORKBOOKS = ((b"PK\x03\x04", "ZIP"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft OLE"))
_FOREIGN = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"\xfd7zXZ", "XZ"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"PAR1\x15", "Parquet"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"{\\rtf", "RTF"),
)
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"


def container(start: bytes) -> str | None:
    """Return the container in which workbooks come, if the file is one."""
    return next((name for mark, name in _WORKBOOKS if start.startswith(mark)), None)


def is_html(start: bytes) -> bool:
    """Tell whether the file is a page, whatever it is called."""
    return bool(_MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")))


def foreign(start: bytes) -> str | None:
    """Return the kind of a file that surely is no table."""
    if start.lstrip().startswith(b"<?xml"):
        return "Excel 2003 XML" if _SPREADSHEET_XML in start else "XML"
    return next((name for mark, name in _FOREIGN if start.startswith(mark)), None)
