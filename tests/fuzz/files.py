"""Files: a small export as CSV, a workbook or a page of a web server, spoilt in cells or in bytes."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import Literal

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange

from fuzz.chance import Dice, document
from fuzz.promises import Case

Rows = list[list[str]]

ORDERS: Rows = [
    ["No", "Manager", "Amount", "Closed", "Status", "Currency"],
    ["1", "Anna Berg", "12400.50", "2024-05-02 10:15", "won", "EUR"],
    ["2", "Ben Ito", "8150", "2024-05-06 16:40", "won", "EUR"],
    ["3", "Anna Berg", "21 000", "2024-05-14 09:05", "lost", "USD"],
    ["4", "Zoe", "0.1", "2024-05-31", "won", "EUR"],
    ["5", "", "-7", "2024-05-15 00:00", "", ""],
    ["6", "Ben Ito", "", "", "open", "EUR"],
]
EMPLOYEES: Rows = [
    ["ID", "Name", "E-mail", "Department", "Hired", "Left"],
    ["1", "Anna Berg", "anna@example.com", "Sales", "2020-01-01", ""],
    ["2", "Ben Ito", "ben@example.com", "Sales", "2024-05-10", ""],
    ["3", "Zoe", "zoe@example.com", "Support", "", "2024-05-20"],
]
TARGETS: Rows = [
    ["employee", "kpi", "period", "target"],
    ["anna@example.com", "revenue", "2024-05", "1000"],
    ["Ben Ito", "revenue", "2024-Q2", "3000.5"],
]
RATES: Rows = [
    ["date", "currency", "rate", "nominal"],
    ["2024-01-01", "USD", "0.92", "1"],
    ["2024-05-10", "USD", "93.5", "100"],
]
TABLES = {"orders": ORDERS, "employees": EMPLOYEES, "targets": TARGETS, "rates": RATES}

CELLS = (
    "", " ", "-", "n/a", "#N/A", "#REF!", "nan", "inf", "1e5", "1E400", "1e-400", "1,5", "1.234,56",
    "1,234.56", "12 400,50", "1'000", "(100)", "5-", "- 5", "+5", "50%", "€ 5", "5 руб.", "٣", "½",
    "0.12345678901", "0.1234567890000", "99999999999999999999", "1" + "0" * 40, "9" * 400, "0x10", "007",
    "2024-05-31", "31.05.2024", "05/31/2024", "31/05/2024", "1/2/24", "20240531", "45443", "45443.5",
    "2024-02-30", "0000-00-00", "1899-12-31", "1900-01-01", "2200-01-01", "9999-12-31", "30.02.2024",
    "2024-05-31T23:59:60", "2024-05-31 24:00", "2024-05-31 25:00", "2024-05-31T10:00:00+03:00", "12:30",
    "2024-05-31T10:00:00Z", "31 мая 2024", "May 31, 2024", "Fri May 31 2024", "2024-05", "TRUE", "да",
    "=1+1", "=cmd|' /C calc'!A0", "+7 999", "-x", "@SUM(A1)", "\t=x", "'=1", "＝1", "[red]x[/red]", "[/]",
    "<b>x</b>", "&amp;", "<script>", 'a"b', '"', "a;b", "a,b", "a\tb", "a\nb", "a\r\n=b", "a|b", "\\", "\x00",
    "\x01", "\x1b[31m", "\x7f", "\x85", "\u200b", "An\u00adna Berg", "Anna\u00a0Berg", "\u202eabc", "\u2028",
    "\ufeff", "\ufffd", "\ufffe", "ANNA BERG", "anna berg", "Berg Anna", "Anna  Berg", "é", "é", "İ", "ß",
    "😀", "x" * 400, "я" * 70000, "Итого", "Total", "Всего:", "page 1", "No", "Manager", "None", "null",
    "2147483648", "9223372036854775808", "1.23457E+17", "-0", "0", "1", "--help", "{0}", "%s", "${HOME}",
)  # fmt: skip


def spoil_cells(dice: Dice, rows: Rows) -> None:
    """Spoil a few cells, lines or columns."""
    for _ in range(dice.randrange(4)):
        dice.choice(_SPOILERS)(dice, rows)


def _cell(dice: Dice, rows: Rows) -> None:
    row = dice.choice(rows[1:] or rows)
    if row:
        row[dice.randrange(len(row))] = dice.choice(CELLS)


def _column(dice: Dice, rows: Rows) -> None:
    """Write a whole column in another manner."""
    at, text = dice.randrange(len(rows[0])), dice.choice(CELLS)
    for row in rows[1:]:
        if at < len(row):
            row[at] = text


def _caption(dice: Dice, rows: Rows) -> None:
    rows[0][dice.randrange(len(rows[0]))] = dice.choice(CELLS)


def _line(dice: Dice, rows: Rows) -> None:
    at = dice.randrange(1, len(rows) + 1)
    width = len(rows[0])
    rows.insert(at, dice.one([], [""] * width, list(dice.choice(rows)), [dice.choice(CELLS)] * width,
                             ["Итого", *[""] * (width - 2), "41000"], [dice.choice(CELLS)]))  # fmt: skip


def _longer(dice: Dice, rows: Rows) -> None:
    row = dice.choice(rows)
    row.extend(dice.one([""], [dice.choice(CELLS)], ["x"] * 300))


def _shorter(dice: Dice, rows: Rows) -> None:
    row = dice.choice(rows)
    del row[dice.randrange(1, len(row) + 1) if row else 0 :]
    if not rows[0]:
        rows[0].append("x")


_SPOILERS: tuple[Callable[[Dice, Rows], None], ...] = (
    _cell, _cell, _cell, _column, _caption, _line, _line, _longer, _shorter,
)  # fmt: skip


# --- as bytes --------------------------------------------------------------------------------


def as_csv(dice: Dice, rows: Rows) -> bytes:
    """Write rows as CSV in one of the manners of the tools that write it."""
    buffer = io.StringIO(newline="")
    delimiter = dice.one(",", ",", ";", "\t", "|")
    ends = dice.one("\n", "\n", "\r\n", "\r")
    every = dice.one(False, False, True)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    if dice.often(0.05):
        buffer.write(f"sep={delimiter}{ends}")
    if dice.often(0.05):
        buffer.write(f"Report of the day{ends}{ends}")
    writer.writerows(rows)
    text = buffer.getvalue()
    if dice.often(0.1):
        text = text.rstrip("\r\n")
    encoding = dice.one("utf-8", "utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-8")
    return text.encode(encoding, "replace" if encoding == "cp1251" else "surrogatepass")


def as_workbook(dice: Dice, rows: Rows) -> bytes:
    """Write rows as XLSX, numbers and dates as such or as text."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True})
    dated = book.add_format(
        {"num_format": dice.one("yyyy-mm-dd", "dd.mm.yyyy hh:mm", "0", "@", "[h]:mm")}
    )
    if dice.often(0.1):
        book.add_worksheet("Пусто")
    sheet = book.add_worksheet("Sheet")
    native = dice.often(0.6)
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            number = text.replace(" ", "")
            if (
                native
                and number.replace(".", "", 1).isascii()
                and number.replace(".", "", 1).isdigit()
                and len(number) < 15
            ):
                sheet.write_number(y, x, float(number))
            elif native and text[:4] == "2024" and len(text) >= 10 and dice.often(0.8):
                sheet.write_number(y, x, 45413 + y + dice.random(), dated)
            else:
                sheet.write_string(y, x, text[:32767])
    for _ in range(dice.one(0, 0, 1, 2)):
        _odd_cell(dice, sheet, rows)
    book.close()
    return raw.getvalue()


def _odd_cell(dice: Dice, sheet: xlsxwriter.worksheet.Worksheet, rows: Rows) -> None:
    y, x = dice.randrange(len(rows) + 2), dice.randrange(7)
    match dice.randrange(7):
        case 0:
            sheet.write_formula(y, x, "=1/0", None, dice.one("#DIV/0!", 5, "text", ""))
        case 1:
            sheet.write_boolean(y, x, dice.often(0.5))
        case 2:
            sheet.write_number(
                y, x, dice.one(1e308, -1e-300, 1e15, 0.1 + 0.2, 2958466.0, -1.0, 60.0)
            )
        case 3:
            sheet.write_string(dice.one(500, 5000), x, "far")
        case 4:
            with suppress(OverlappingRange):  # chance may choose one line twice
                sheet.merge_range(y, 0, y, 3, "merged")
        case 5:
            sheet.write_blank(y, x, None)
        case _:
            sheet.write_url(y, x, "https://example.com/?a=1")


def as_page(dice: Dice, rows: Rows) -> bytes:
    """Write rows as the table of a page, which some tools call a workbook."""
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    head = dice.one(
        "", "<html><head><meta charset=utf-8></head><body>", "<!-- x --><style>td{}</style>"
    )
    return f"{head}<table border=1>{lines}</table>".encode(
        dice.one("utf-8", "utf-8-sig"), "surrogatepass"
    )


# --- spoilt bytes ----------------------------------------------------------------------------


def spoil_bytes(dice: Dice, raw: bytes) -> bytes:
    """Cut, turn, double or insert bytes, as disks, mail and editors do."""
    if not raw:
        return raw
    at = dice.randrange(len(raw))
    end = at + dice.one(1, 2, 10, 200)
    odd = dice.one(
        b"\0", b"\xff", b"\r", b"\n", b'"', b"\xef\xbb\xbf", b"\x1a", b";", codecs.BOM_UTF16_LE
    )
    turned = bytes([raw[at] ^ 1 << dice.randrange(8)])
    other = dice.one(b"", b"\xef\xbb\xbf", b"\n", b"\0" * 64, raw + raw, odd * 30, raw[::-1])
    cut, longer, shorter = raw[:at], raw[:at] + odd + raw[at:], raw[:at] + raw[end:]
    return dice.one(
        cut, raw[:at] + turned + raw[at + 1 :], longer, shorter, raw[:end] + raw[at:], other
    )


def spoil_part(dice: Dice, raw: bytes) -> bytes:
    """Spoil the XML inside a workbook, which stays a sound archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(packed, "w") as target:
        names = source.namelist()
        spoilt = dice.one("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml",
                          "xl/styles.xml", *names)  # fmt: skip
        for name in names:
            content = source.read(name)
            if name != spoilt:
                target.writestr(name, content)
            elif dice.often(0.85):
                target.writestr(name, _other_xml(dice, content))
    return packed.getvalue()


def _other_xml(dice: Dice, content: bytes) -> bytes:
    old, new = dice.one(
        (b'r="A1"', b'r="XFD1048576"'), (b'r="B2"', b'r="ZZZZZZ9"'), (b'r="A2"', b'r="A0"'),
        (b't="s"', b't="e"'), (b't="s"', b't="zz"'), (b"<v>1</v>", b"<v>999999999</v>"), (b"<v>1</v>", b"<v>-1</v>"),
        (b"<v>1</v>", b"<v></v>"), (b"<v>1</v>", b"<v>nan</v>"), (b"<v>1</v>", b"<v>1e999</v>"), (b"<row ", b"<row/><row "),
        (b'ref="A1', b'ref="A1:XFD1048576" x="'), (b"</sheetData>", b""), (b"<si>", b"<si><r/>"), (b"rId1", b"rId9"),
        (b'sheetId="1"', b'sheetId="1" state="hidden"'), (b"<?xml", b'<!DOCTYPE a [<!ENTITY b "c">]><?xml'), (b"utf-8", b"utf-16"),
    )  # fmt: skip
    return (
        content.replace(old, new, dice.one(1, -1))
        if dice.often(0.7)
        else spoil_bytes(dice, content)
    )


# --- the case --------------------------------------------------------------------------------


def written(dice: Dice, rows: Rows) -> tuple[str, bytes]:
    """Return the ending of a file and its bytes."""
    draw = dice.random()
    if draw < 0.65:
        return "csv", as_csv(dice, rows)
    if draw < 0.92:
        raw = as_workbook(dice, rows)
        return "xlsx", spoil_part(dice, raw) if dice.often(0.3) else raw
    return dice.one("xls", "html"), as_page(dice, rows)


def case(seed: int) -> Case:
    """Return a plan over four tables, one of them spoilt, and a command."""
    dice = Dice(seed)
    hit = dice.one("orders", "orders", "orders", "orders", "employees", "targets", "rates")
    files: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for name, rows in TABLES.items():
        content = [list(row) for row in rows]
        if name == hit:
            spoil_cells(dice, content)
            ending, raw = written(dice, content)
            if dice.often(0.2):
                raw = spoil_bytes(dice, raw)
        else:
            ending, raw = "csv", "\n".join(",".join(row) for row in rows).encode()
        names[name] = f"{name}.{ending}"
        files[names[name]] = raw
    files["kpi.yaml"] = document(plan(dice, names, hit)).encode()
    form = dice.one("json", "csv", "csv", "xlsx", "table")
    output = "out.bin" if form == "xlsx" or dice.often(0.5) else ""
    words = (
        "compute",
        "-p",
        dice.one("2024-05", "2024-05", "2024-Q2"),
        "--as-of",
        "2024-07-01",
        "-f",
        form,
    )
    if dice.often(0.1):
        return Case(files, ("check",), "")
    return Case(files, (*words, *(("-o", output) if output else ())), output)


def plan(dice: Dice, names: dict[str, str], hit: str) -> dict[str, object]:
    orders: dict[str, object] = {"path": names["orders"]}
    if hit == "orders" and dice.often(0.5):
        orders["on_bad_value"] = "skip"
    shape = dice.random()
    if hit != "orders" or shape < 0.6:
        orders["fields"] = {
            "no": {"column": "No", "type": "id"},
            "manager": {"column": "Manager", "type": "person"},
            "amount": {"column": "Amount", "type": "money"},
            "closed": {"column": "Closed", "type": "datetime"},
            "status": {"column": "Status", "type": "text"},
            "currency": {"column": "Currency", "type": "text"},
        }
    if dice.often(0.3):
        orders["id"] = "No"
    shop: dict[str, object] = {"type": "csv", "orders": orders}
    made: dict[str, object] = {
        "kpictl": 1,
        "company": {
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "language": dice.one("ru", "en"),
        },
        "sources": {"shop": shop},
        "kpis": {
            "revenue": {
                "from": "orders",
                "sum": "amount",
                "when": "closed",
                "by": "manager",
                "unit": "money",
            },
            "n": {"from": "orders", "count": "distinct status", "when": "closed", "by": "manager"},
        },
        "scorecards": {
            "team": {"kpis": {"revenue": {"weight": 60}, "n": {"weight": 40, "target": 2}}}
        },
    }
    if hit == "employees" or dice.often(0.2):
        shop["employees"] = names["employees"]
    if hit == "targets":
        shop["employees"] = names["employees"]
        made["targets"] = {"file": names["targets"]}
    if hit == "rates":
        made["rates"] = names["rates"]
    return made
