"""Workbooks other than xlsx (.xls, .xlsb, .ods): errors, days, and how far they may go."""

from __future__ import annotations

import os
import random
import re
import struct
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import books
from kpictl.errors import SourceError
from kpictl.tables import open_table, rows, sheets
from plans import compute, refused

PLAN = """
    sources: {shop: {type: csv, orders: {path: FILE, fields: {amount: {column: amount, type: number}}OPTIONS}}}
    kpis:
      revenue: {from: orders, sum: amount, when: closed, by: manager}
      average: {from: orders, average: amount, when: closed, by: manager}
"""
MAY: Any = {"period": "2024-05"}
KINDS = ("xls", "xlsb", "ods")
SAMPLES = Path(__file__).parent / "samples" / "books"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")


def plan(kind: str, options: str = "") -> str:
    return PLAN.replace("FILE", f"o.{kind}").replace("OPTIONS", options)


def made(kind: str, lines: Sequence[Sequence[object]], epoch: int = 1900) -> bytes:
    if kind == "ods":
        return books.ods(books.ods_rows(lines), epoch)
    cells = books.grid(lines)
    return books.xls(cells, epoch) if kind == "xls" else books.xlsb(cells, epoch)


def orders(kind: str, *amounts: object, epoch: int = 1900) -> bytes:
    lines: list[Sequence[object]] = [("closed", "manager", "amount")]
    lines += [(date(2024, 5, 1 + n), "Ann", amount) for n, amount in enumerate(amounts)]
    return made(kind, lines, epoch)


def places(problems: Any) -> list[tuple[int, int, str]]:
    return [(p.place.line, p.place.column, p.data["value"]) for p in problems]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [*books.ERROR_CODES])
def test_an_error_cell_is_a_bad_value_with_its_place(tmp_path: Path, kind: str, error: str) -> None:
    """An error is what its cell shows: no empty cell, no text and no number."""
    files = {f"o.{kind}": orders(kind, 10, error, 20)}
    assert places(refused(tmp_path, plan(kind), files, **MAY)) == [(3, 3, error)]
    result = compute(tmp_path, plan(kind, ", on_bad_value: skip"), files, **MAY)
    assert result.figures["Ann"] == {"revenue": 30, "average": 15}


@pytest.mark.parametrize("error", ["#DIV/0!", "#Н/Д", "#ССЫЛКА!"])
def test_an_error_in_an_html_table_is_one_too(tmp_path: Path, error: str) -> None:
    """What a CRM names .xls is read as strictly."""
    lines = [("closed", "manager", "amount"), ("2024-05-01", "Ann", "5"), ("", "", "")]
    lines += [("2024-05-02", "Ann", error)]
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    page = f"<html><meta charset=utf-8><table>{cells}</table></html>".encode()
    found = refused(tmp_path, plan("xls"), {"o.xls": page}, **MAY)
    assert places(found) == [(4, 3, error)]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
def test_the_error_of_a_formula_is_one_too(tmp_path: Path, kind: str) -> None:
    """Most errors come from formulas, which have a record of their own."""
    files = {f"o.{kind}": orders(kind, "=#DIV/0!", 5, "=#N/A")}
    found = refused(tmp_path, plan(kind), files, **MAY)
    assert places(found) == [(2, 3, "#DIV/0!"), (4, 3, "#N/A")]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#ДЕЛ/0!", "#WERT!", "#REF!", "Err:502"])
@pytest.mark.parametrize("style", ["text", "zero"])
def test_both_ways_in_which_office_programs_write_errors(
    tmp_path: Path, error: str, style: str
) -> None:
    """An empty text of the type error, or the number 0 that shows an error."""
    lines = [("closed", "manager", "amount"), (date(2024, 5, 1), "Ann", error)]
    files = {"o.ods": books.ods(books.ods_rows(lines, style))}
    assert places(refused(tmp_path, plan("ods"), files, **MAY)) == [(2, 3, error)]


def test_a_formula_that_nobody_computed_is_no_empty_cell(tmp_path: Path) -> None:
    """One whose result is an empty text is."""
    files = {"o.ods": orders("ods", 10, "=SUM([.C2])", 20)}
    assert places(refused(tmp_path, plan("ods"), files, **MAY)) == [(3, 3, "=SUM([.C2])")]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_files_as_an_office_program_writes_them(tmp_path: Path, kind: str) -> None:
    """Errors of seven kinds, empty results and days from 1904, in a file that LibreOffice made."""
    table = open_table(SAMPLES / f"errors_1904.{kind}", scratch=tmp_path)
    amounts = [(place, cells[2]) for place, cells in rows(table)]
    number = "Err:502" if kind == "ods" else "#VALUE!"  # what .xls has no code for
    assert amounts == [
        (2, "10"), (3, "#DIV/0!"), (4, "20"), (5, "#N/A"), (6, "#REF!"), (7, "#NAME?"),
        (8, number), (9, "#VALUE!"), (10, ""), (11, "ok"), (12, "2"),
    ]  # fmt: skip
    assert [cells[0] for _, cells in rows(table)][:2] == ["2024-05-01", "2024-05-02"]
    assert table.epoch == 1904


@pytest.mark.parametrize("kind", KINDS)
def test_days_of_a_workbook_that_counts_from_1904(tmp_path: Path, kind: str) -> None:
    """Its date cells are those; its bare numbers are not read from 1900."""
    declared = plan(kind).replace("fields: {", "fields: {closed: {column: closed, type: date}, ")
    lines = [("closed", "manager", "amount"), (date(2024, 5, 31), "Ann", 7)]
    for epoch in (1900, 1904):
        files = {f"o.{kind}": made(kind, lines, epoch)}
        assert compute(tmp_path, declared, files, **MAY).figures["Ann"]["revenue"] == 7
    bare = [("closed", "manager", "amount"), (45443, "Ann", 7)]
    files = {f"o.{kind}": made(kind, bare, 1900)}
    assert compute(tmp_path, declared, files, **MAY).figures["Ann"]["revenue"] == 7
    files = {f"o.{kind}": made(kind, bare, 1904)}
    assert [p.code for p in refused(tmp_path, declared, files, **MAY)] == ["source.bad_date"]


# --- how far a workbook may go -----------------------------------------------------------------

ORDERS = [("closed", "manager", "amount"), (date(2024, 5, 1), "Ann", 10)]
EMPTY = "<table:table-cell/>"
X = '<table:table-cell {} office:value-type="string"><text:p>x</text:p></table:table-cell>'


def repeated(what: str, times: int) -> str:
    return f'table:number-{what}-repeated="{times}"'


def far_ods(rows_: int, columns: int) -> bytes:
    """A lone cell behind so many rows and columns."""
    gap = f"<table:table-cell {repeated('columns', columns)}/>"
    below = f"<table:table-row {repeated('rows', rows_)}>{EMPTY}</table:table-row>"
    return books.ods(
        f"{books.ods_rows(ORDERS)}{below}<table:table-row>{gap}{X.format('')}</table:table-row>"
    )


def many_ods(rows_: int, columns: int, cell: str = X) -> bytes:
    """A cell that stands in so many rows and columns."""
    row = f"<table:table-row {repeated('rows', rows_)}>"
    return books.ods(
        f"{books.ods_rows(ORDERS)}{row}{cell.format(repeated('columns', columns))}</table:table-row>"
    )


def hostile() -> dict[str, tuple[bytes, str, str]]:
    """Files by name, with the code of the message and the cell that it names."""
    grid = books.grid(ORDERS)
    far = [*grid, (1_048_575, 16_383, "x")]
    error = X.replace('office:value-type="string"', 'calcext:value-type="error"')
    texts = books.record(159, struct.pack("<II", 1 << 31, 1 << 31)) + books.record(160)
    bomb = b"<x>" + bytes(150 << 20)
    return {
        "far.xlsb": (books.xlsb(far), "table.far_cell", "XFD1048576"),
        "far.xls": (books.xls([*grid, (65_535, 65_535, "x")]), "table.far_cell", "CRXP65536"),
        "claim.xls": (
            books.xls(grid, extent=(1_048_576, 16_384)), "table.far_cell", "XFD1048576"
        ),
        "far.ods": (far_ods(1_048_573, 16_383), "table.far_cell", "XFD1048576"),
        "columns.ods": (many_ods(1_048_576, 16_384), "table.far_cell", "XFD1048578"),
        "errors.ods": (many_ods(60_000, 60, error), "table.far_cell", "A3"),
        "beyond.ods": (many_ods(10**9, 10**9), "table.far_cell", ""),
        "texts.xlsb": (
            books.xlsb(grid, more={"xl/sharedStrings.bin": texts}), "table.binary", ""
        ),
        "bomb.xlsb": (
            books.xlsb(grid, more={"xl/worksheets/sheet1.bin": bomb}), "table.unpacked", ""
        ),
        "bomb.ods": (books.ods("", more={"content.xml": bomb}), "table.unpacked", ""),
    }  # fmt: skip


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from pathlib import Path
from kpictl.errors import SourceError
from kpictl.tables import open_table
for name in sys.argv[2:]:
    try:
        open_table(name, scratch=Path(sys.argv[1]))
        print("read", "-")
    except SourceError as error:
        problem = error.problems[0]
        print(problem.code, str(problem.data.get("cell") or "-").replace(" ", ""), flush=True)
"""


def limited(tmp_path: Path, files: Sequence[Path]) -> list[list[str]]:
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "s"), *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [line.split() for line in ran.stdout.splitlines()]


@POSIX
def test_hostile_workbooks_stay_below_two_gigabytes(tmp_path: Path) -> None:
    """Far cells, cells that repeat, sizes that are claimed and bombs end in a message."""
    files = hostile()
    for name, (data, _, _) in files.items():
        (tmp_path / name).write_bytes(data)
    found = limited(tmp_path, [tmp_path / name for name in files])
    for (name, (_, code, cell)), (said, named) in zip(files.items(), found, strict=True):
        assert said == code, name
        assert not cell or cell in named.split(","), name


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_workbooks_are_refused_and_nothing_else(tmp_path: Path, kind: str) -> None:
    """Whatever bytes are changed, the file is read or refused with a message."""
    whole = orders(kind, 10, "#N/A", 20)
    chance = random.Random(kind)  # noqa: S311
    files = []
    for number in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        files.append(tmp_path / f"{number}.{kind}")
        files[-1].write_bytes(data)
    found = limited(tmp_path, files)
    assert len(found) == len(files)
    assert all(code == "read" or code.startswith("table.") for code, _ in found)


@pytest.mark.parametrize("kind", KINDS)
def test_what_repeats_at_the_edge_of_a_sheet_is_no_table(tmp_path: Path, kind: str) -> None:
    """Programs fill a sheet up with empty cells to its last row and column."""
    data = orders(kind, 10, 20)
    if kind == "ods":
        row = f"<table:table-row {repeated('rows', 1_048_576)}>"
        row += f"<table:table-cell {repeated('columns', 16_384)}/></table:table-row>"
        lines = [("closed", "manager", "amount"), (date(2024, 5, 1), "Ann", 30)]
        data = books.ods(books.ods_rows(lines) + row)
    assert compute(tmp_path, plan(kind), {f"o.{kind}": data}, **MAY).figures["Ann"]["revenue"] == 30


def test_rows_that_repeat_are_as_many_records(tmp_path: Path) -> None:
    """A row that stands three times counts three times, and the next keeps its number."""
    lines = [("closed", "manager", "amount"), (date(2024, 5, 1), "Ann", 5)]
    text = books.ods_rows(lines)
    head, _, last = text.rpartition("<table:table-row>")
    text = f"{head}<table:table-row {repeated('rows', 3)}>{last}"
    text += books.ods_rows([(date(2024, 5, 2), "Ann", "#N/A")])
    found = refused(tmp_path, plan("ods"), {"o.ods": books.ods(text)}, **MAY)
    assert places(found) == [(5, 3, "#N/A")]
    files = {"o.ods": books.ods(text)}
    made_of = compute(tmp_path, plan("ods", ", on_bad_value: skip"), files, **MAY)
    assert made_of.figures["Ann"]["revenue"] == 15


def test_a_workbook_larger_than_is_read_says_so(tmp_path: Path) -> None:
    """A file of many gigabytes is not read to find that out."""
    with (tmp_path / "o.xls").open("wb") as file:
        file.write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        file.truncate(1 << 36)
    with pytest.raises(SourceError) as caught:
        open_table(tmp_path / "o.xls", scratch=tmp_path)
    assert [p.code for p in caught.value.problems] == ["table.large_file"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("locked.ods", books.ods("", more={"META-INF/manifest.xml": b"<m:encryption-data/>"})),
        ("text.odt", books.zipped({"mimetype": b"application/x", "content.xml": b"<x/>"})),
        ("other.zip", books.zipped({"a": b"b"})),
    ],
)
def test_what_is_no_open_workbook_is_called_what_it_is(
    tmp_path: Path, name: str, data: bytes
) -> None:
    """A locked file is locked, a text or an archive is no table."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        open_table(tmp_path / name, scratch=tmp_path / "s")
    code = "table.password" if name == "locked.ods" else "table.binary"
    assert [p.code for p in caught.value.problems] == [code]


INTERRUPTED = """
import os, signal, sys, threading
from pathlib import Path
from kpictl.tables import open_table
try:
    threading.Timer(float(sys.argv[3]), os.kill, (os.getpid(), signal.SIGINT)).start()
    open_table(sys.argv[1], scratch=Path(sys.argv[2]))
    print("read", flush=True)
    os._exit(0)
except KeyboardInterrupt:
    print("heard", flush=True)
    os._exit(0)
"""


@POSIX
@pytest.mark.parametrize("kind", ["ods", "xlsb"])
def test_ctrl_c_is_heard_while_a_workbook_is_read(tmp_path: Path, kind: str) -> None:
    """Whatever part of the reading it meets, the command ends; a file that was read before it came
    is read."""
    lines = [("closed", "manager", "amount")] + [(date(2024, 5, 1), "Ann", 1)] * 40_000
    (tmp_path / f"o.{kind}").write_bytes(made(kind, lines))
    ended = []
    for delay in ("0", "0.02", "0.1", "0.3"):
        paths = (str(tmp_path / f"o.{kind}"), str(tmp_path / f"s{delay}"))
        command = [sys.executable, "-c", INTERRUPTED, *paths, delay]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        ended += ran.stdout.split()
        assert not ran.stderr, ran.stderr
    assert len(ended) == 4
    assert "heard" in ended
    assert {"heard", "read"} >= set(ended)


@pytest.mark.parametrize("shown_as", ["[h]:mm:ss", "h:mm"])
def test_a_time_of_more_years_than_there_are_has_its_row(
    tmp_path: Path, shown_as: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A huge number that is shown as hours or as a time stops the reader: its row is named, and what
    the reader itself writes to stderr of it is not shown, while what comes later is."""
    book = openpyxl.Workbook()
    for line in (["closed", "amount"], [date(2024, 5, 1), 1], [date(2024, 5, 2), -1e300]):
        book.active.append(line)
    book.active["B3"].number_format = shown_as
    book.save(tmp_path / "o.xlsx")
    with pytest.raises(SourceError) as caught:
        open_table(tmp_path / "o.xlsx", scratch=tmp_path / "s")
    os.write(2, b"heard again")
    assert capfd.readouterr().err == "heard again"
    ((code, place),) = [(p.code, p.place) for p in caught.value.problems]
    assert code == "table.far_time"
    assert place is not None
    assert place.line == 3


def plainly(value: float) -> str:
    """The text of a number by its definition: fifteen digits, ten decimals, one reading."""
    with localcontext(Context(prec=400)):
        exact = Decimal(f"{value:.15g}").quantize(Decimal("1e-10"), ROUND_HALF_UP)
    text = f"{exact:f}".rstrip("0").removesuffix(".")
    return f"{text}0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", text) else text


@given(
    st.one_of(
        st.decimals(-(10**9), 10**9, places=4).map(float),
        st.decimals(-1, 1, places=12).map(float),
        st.integers(-(10**12), 10**12).map(float),
        st.floats(-1e14, 1e14, allow_nan=False),
        st.sampled_from([0.0, -0.0, 0.1 + 0.2, 1.5, -1.234, 12.345, 1234.567, 1e-7, 1e-11]),
    )
)
def test_the_quick_text_of_a_number_is_the_exact_one(value: float) -> None:
    """Short numbers are written without counting digits, and come out the same."""
    quick = sheets.cell_text(value)
    assert quick == (str(int(value)) if value == int(value) else plainly(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_an_error(tmp_path: Path, value: float) -> None:
    """A file may hold what no program shows."""
    for kind in ("xls", "xlsb"):
        found = refused(tmp_path, plan(kind), {f"o.{kind}": orders(kind, 1, value)}, **MAY)
        assert places(found) == [(3, 3, "#NUM!")]
