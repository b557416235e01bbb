"""Workbooks in the formats that no library writes here, made byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

ERROR_CODES = {
    "#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D,
    "#NUM!": 0x24, "#N/A": 0x2A,
}  # fmt: skip
Cell = tuple[int, int, object]
"""Row and column from 0, and a number, a text, an error's name or an uncomputed formula."""


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def grid(lines: Iterable[Sequence[object]]) -> list[Cell]:
    return [(r, c, value) for r, line in enumerate(lines) for c, value in enumerate(line)]


# --- xlsb ------------------------------------------------------------------------------------


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(data)
    while size > 127:
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_cell(column: int, value: object, epoch: int) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(value, date):
        days = (value - (date(1904, 1, 1) if epoch == 1904 else date(1899, 12, 30))).days
        return record(5, struct.pack("<IId", column, 1, days))
    if isinstance(value, (int, float)):
        return record(5, head + struct.pack("<d", value))
    if value in ERROR_CODES:
        return record(3, head + bytes([ERROR_CODES[str(value)]]))
    if str(value).startswith("=") and str(value)[1:] in ERROR_CODES:  # a formula's error
        return record(11, head + bytes([ERROR_CODES[str(value)[1:]]]) + bytes(10))
    return record(6, head + wide(str(value)))


def xlsb_sheet(cells: Iterable[Cell], epoch: int = 1900) -> bytes:
    rows: dict[int, list[tuple[int, object]]] = {}
    for row, column, value in cells:
        rows.setdefault(row, []).append((column, value))
    data = b"".join(
        record(0, struct.pack("<I", row) + bytes(13))
        + b"".join(_xlsb_cell(column, value, epoch) for column, value in sorted(found, key=str))
        for row, found in sorted(rows.items())
    )
    extent = record(148, struct.pack("<IIII", 0, max(rows), 0, 3))
    return record(129) + extent + record(145) + data + record(146) + record(130)


def xlsb(
    cells: Iterable[Cell], epoch: int = 1900, more: Mapping[str, bytes] | None = None
) -> bytes:
    book = record(131) + record(153, struct.pack("<II", epoch == 1904, 0) + wide(""))
    book += record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Заказы"))
    book += record(144) + record(132)
    formats = record(615, struct.pack("<I", 0)) + record(616)
    xfs = b"".join(
        record(47, struct.pack("<HHHHHBBH", 0, form, 0, 0, 0, 0, 0, 0)) for form in (0, 14)
    )
    styles = record(278) + formats + record(617, struct.pack("<I", 2)) + xfs + record(618)
    target = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{target}" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    members = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations.encode(),
        "xl/styles.bin": styles + record(279),
        "xl/worksheets/sheet1.bin": xlsb_sheet(cells, epoch),
    }
    return zipped({**members, **(more or {})})


# --- ods -------------------------------------------------------------------------------------

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
ODS = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def _ods_cell(value: object, style: str) -> str:
    if isinstance(value, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if isinstance(value, (int, float)):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if str(value).startswith(("#", "Err:")):
        kinds = {
            "zero": 'office:value-type="float" office:value="0"',
            "text": 'office:value-type="string" office:string-value="" calcext:value-type="error"',
        }
        head = f'table:formula="of:=1/0" {kinds[style]}'
        return f"<table:table-cell {head}><text:p>{value}</text:p></table:table-cell>"
    if str(value).startswith("="):
        return f'<table:table-cell table:formula="of:{value}"/>'
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def ods_rows(lines: Iterable[Sequence[object]], style: str = "text") -> str:
    return "".join(
        f"<table:table-row>{''.join(_ods_cell(v, style) for v in line)}</table:table-row>"
        for line in lines
    )


def ods(rows: str, epoch: int = 1900, more: Mapping[str, bytes] | None = None) -> bytes:
    null = (
        f'<table:null-date table:date-value="{"1904-01-01" if epoch == 1904 else "1899-12-30"}"/>'
    )
    calcext = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} {calcext}>'
        f"<office:body><office:spreadsheet>"
        f"<table:calculation-settings>{null}</table:calculation-settings>"
        f'<table:table table:name="Заказы">{rows}</table:table>'
        f"</office:spreadsheet></office:body></office:document-content>"
    )
    members = {
        "mimetype": ODS.encode(),
        "META-INF/manifest.xml": MANIFEST,
        "content.xml": content.encode(),
    }
    return zipped({**members, **(more or {})})


# --- xls -------------------------------------------------------------------------------------


def _biff(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(row: int, column: int, value: object, epoch: int) -> bytes:
    head = struct.pack("<HHH", row, column, 0)
    if isinstance(value, date):
        days = (value - (date(1904, 1, 1) if epoch == 1904 else date(1899, 12, 30))).days
        return _biff(0x0203, struct.pack("<HHHd", row, column, 1, days))
    if isinstance(value, (int, float)):
        return _biff(0x0203, head + struct.pack("<d", value))
    if value in ERROR_CODES:
        return _biff(0x0205, head + bytes([ERROR_CODES[str(value)], 1]))
    if str(value).startswith("=") and str(value)[1:] in ERROR_CODES:
        result = bytes([2, 0, ERROR_CODES[str(value)[1:]], 0, 0, 0, 255, 255])
        return _biff(0x0006, head + result + bytes(6) + struct.pack("<H", 2) + b"\x1c\x07")
    text = str(value)
    return _biff(0x0204, head + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def xls(cells: Iterable[Cell], epoch: int = 1900, extent: tuple[int, int] = (1, 1)) -> bytes:
    """An .xls file with one sheet; `extent` is what it says of its rows and columns."""
    bof = struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 0)
    head = _biff(0x0809, bof) + _biff(0x0022, struct.pack("<H", epoch == 1904))
    for form in (0, 14):
        head += _biff(0x00E0, struct.pack("<HH", 0, form) + bytes(16))
    name = "Заказы".encode("utf-16-le")
    at = len(head) + 4 + 8 + len(name) + 4
    head += _biff(0x0085, struct.pack("<IBBBB", at, 0, 0, 6, 1) + name) + _biff(0x000A)
    sheet = _biff(0x0809, bof[:2] + struct.pack("<H", 0x10) + bof[4:])
    sheet += _biff(0x0200, struct.pack("<IIHHH", 0, extent[0], 0, extent[1], 0))
    sheet += b"".join(_xls_cell(*cell, epoch) for cell in cells)
    return _compound((head + sheet + _biff(0x000A)).ljust(4096, b"\0"))


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream, `Workbook`, of at least 4,096 bytes."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    sectors = -(-len(stream) // 512)
    tables = -(-(sectors + 2) // 127)
    follow = [*range(1, sectors), end, end, *[0xFFFFFFFD] * tables]
    follow += [free] * (tables * 128 - len(follow))
    where = [sectors + 1 + n for n in range(tables)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, sectors, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *where, *[free] * (109 - tables))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 0, len(stream))
    body = stream.ljust(sectors * 512, b"\0") + directory.ljust(512, b"\0")
    return header + body + struct.pack(f"<{len(follow)}I", *follow)
