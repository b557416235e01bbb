"""Workbooks: what a cell without a value says, how days are counted, and how far a sheet may go."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import CalamineError

from kpictl.errors import SourceError
from kpictl.tables import open_table, outline, rows
from kpictl.tables.archive import Archive
from plans import compute, refused

PLAN = """
    sources: {shop: {type: csv, orders: {path: o.xlsx, fields: {amount: {column: amount, type: number}}OPTIONS}}}
    kpis:
      revenue: {from: orders, sum: amount, when: closed, by: manager}
      average: {from: orders, average: amount, when: closed, by: manager}
"""
MAY: Any = {"period": "2024-05"}
TAG = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def plan(options: str = "") -> str:
    return PLAN.replace("OPTIONS", options)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def orders(*amounts: object, top: int = 1, left: int = 1) -> openpyxl.Workbook:
    """Orders of May, one a day, below and right of the cell at (top, left)."""
    book = openpyxl.Workbook()
    lines: list[tuple[object, ...]] = [("closed", "manager", "amount")]
    lines += [(date(2024, 5, 1 + n), "Ann", amount) for n, amount in enumerate(amounts)]
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            book.active.cell(top + row, left + column, value)
    return book


def with_sheet(book: bytes, change: Any, member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The same workbook with the XML of a part changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == member else data)
    return out.getvalue()


def places(problems: Any) -> list[tuple[int, int, str]]:
    return [(p.place.line, p.place.column, p.data["value"]) for p in problems]


ERRORS = ("#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_cell_is_a_bad_value_with_its_place(tmp_path: Path, error: str) -> None:
    """An error is what its cell shows, never an empty cell."""
    book = with_sheet(
        saved(orders(10, 777, 20)),
        lambda xml: xml.replace(b't="n"><v>777</v>', f't="e"><f>1/0</f><v>{error}</v>'.encode()),
    )
    found = refused(tmp_path, plan(), {"o.xlsx": book}, **MAY)
    assert places(found) == [(3, 3, error)]
    result = compute(tmp_path, plan(", on_bad_value: skip"), {"o.xlsx": book}, **MAY)
    assert result.figures["Ann"] == {"revenue": 30, "average": 15}
    assert [n.code for n in result.results.warnings if n.place and n.place.line] == [
        "source.skipped_value"
    ]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#BEZUG!", "#ССЫЛКА!", "#Н/Д", "#ADR!"])
def test_an_error_in_three_cells_leaves_a_column_of_numbers(tmp_path: Path, error: str) -> None:
    """In a small table without declared types as well, the cell is shown or left out and listed."""
    bare = plan(", on_bad_value: skip").replace(
        ", fields: {amount: {column: amount, type: number}}", ""
    )
    files: dict[str, str | bytes] = {"o.xlsx": saved(orders(10, error, 20))}
    result = compute(tmp_path, bare, files, **MAY)
    assert result.figures["Ann"] == {"revenue": 30, "average": 15}
    stops = refused(tmp_path, bare.replace("skip", "error"), files, **MAY)
    assert places(stops) == [(3, 3, error)]


@pytest.mark.parametrize(("top", "left"), [(1, 1), (4, 3), (2, 30)])
def test_errors_are_placed_where_the_sheet_has_them(tmp_path: Path, top: int, left: int) -> None:
    """A table that begins further down and to the right has its own places."""
    amounts = ("#N/A", 5, "#DIV/0!", "#REF!")
    found = refused(
        tmp_path, plan(), {"o.xlsx": saved(orders(*amounts, top=top, left=left))}, **MAY
    )
    assert places(found) == [
        (top + 1, left + 2, "#N/A"), (top + 3, left + 2, "#DIV/0!"), (top + 4, left + 2, "#REF!")
    ]  # fmt: skip


def test_a_formula_that_was_never_computed_is_no_empty_cell(tmp_path: Path) -> None:
    """A program that wrote a formula without its value leaves nothing to add up."""
    book = saved(orders(10, "=SUM(C2:C2)*2", 20))
    assert places(refused(tmp_path, plan(), {"o.xlsx": book}, **MAY)) == [(3, 3, "=SUM(C2:C2)*2")]
    empty_text = b't="str"><f>IF(1,"","")</f><v></v></c>'
    book = with_sheet(
        book, lambda xml: xml.replace(b"><f>SUM(C2:C2)*2</f><v /></c>", b" " + empty_text)
    )
    assert compute(tmp_path, plan(), {"o.xlsx": book}, **MAY).figures["Ann"] == {
        "revenue": 30,
        "average": 15,
    }


def test_errors_in_employees_targets_and_texts_are_read_as_in_csv(tmp_path: Path) -> None:
    """A salary that is an error has its place; a column nobody reads does not matter."""
    book = openpyxl.Workbook()
    for line in (["name", "salary", "note"], ["Ann", "#N/A", "#REF!"]):
        book.active.append(line)
    text = plan().replace("OPTIONS", "").replace("type: csv,", "type: csv, employees: e.xlsx,")
    found = refused(tmp_path, text, {"o.xlsx": saved(orders(10)), "e.xlsx": saved(book)}, **MAY)
    assert places(found) == [(2, 2, "#N/A")]


def test_days_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    """Its cells that are shown as dates are those; its bare numbers are not read from 1900."""
    book = orders(10, 20)
    book.epoch = CALENDAR_MAC_1904
    (tmp_path / "o.xlsx").write_bytes(saved(book))
    table = open_table(tmp_path / "o.xlsx", scratch=tmp_path / "s")
    assert table.epoch == 1904
    assert [cells[0] for _, cells in rows(table)] == ["2024-05-01", "2024-05-02"]
    (tmp_path / "o.xlsx").write_bytes(saved(orders(10, 20)))
    assert open_table(tmp_path / "o.xlsx", scratch=tmp_path / "s").epoch == 1900


def far(cell: str) -> bytes:
    book = orders(10, 20)
    book.active[cell] = "x"
    return saved(book)


@pytest.mark.parametrize("cell", ["XFD1048576", "XFD99999", "ZZ1048576", "XFC65536"])
def test_a_far_cell_is_named_before_anything_is_allocated(tmp_path: Path, cell: str) -> None:
    """A lone cell at the far end of a sheet takes no memory; the message says which it is."""
    (problem,) = refused(tmp_path, plan(), {"o.xlsx": far(cell)}, **MAY)
    assert problem.code == "table.far_cell"
    assert problem.data["cell"] == cell


@pytest.mark.parametrize("cell", ["A1048576", "H60000"])
def test_what_lies_below_a_table_is_read_as_before(tmp_path: Path, cell: str) -> None:
    """A sheet may be long, or have a remark at the side."""
    book = orders(10, 20)
    book.active[cell] = None
    book.active["J2"] = "remark"
    assert compute(tmp_path, plan(), {"o.xlsx": saved(book)}, **MAY).figures["Ann"]["revenue"] == 30


def test_cells_that_are_only_coloured_do_not_stretch_a_sheet(tmp_path: Path) -> None:
    """A style down to the last row and column is no value."""
    book = with_sheet(
        saved(orders(10, 20)),
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        ),
    )
    assert compute(tmp_path, plan(), {"o.xlsx": book}, **MAY).figures["Ann"]["revenue"] == 30


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from pathlib import Path
from kpictl.errors import SourceError
from kpictl.tables import open_table
for name in sys.argv[2:]:
    try:
        open_table(name, scratch=Path(sys.argv[1]))
        print("read")
    except SourceError as error:
        print(error.problems[0].code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of memory")
def test_hostile_workbooks_stay_below_two_gigabytes(tmp_path: Path) -> None:
    """Far cells, bombs and archives that lie about their sizes end in a message."""
    shared = (
        b"<sst>" + b"<si><t>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</t></si>" * 1_500_000
    )
    plain = saved(orders(10, 20))
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain)) as old,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/sharedStrings.xml", shared)
    liar = bytearray(bomb.getvalue())
    size = len(shared).to_bytes(4, "little")
    assert liar.count(size) >= 1
    while (at := liar.find(size)) >= 0:
        liar[at : at + 4] = (100).to_bytes(4, "little")
    files = {"far": far("XFD1048576"), "bomb": bomb.getvalue(), "liar": bytes(liar), "plain": plain}
    for name, data in files.items():
        (tmp_path / f"{name}.xlsx").write_bytes(data)
    names = [str(tmp_path / f"{name}.xlsx") for name in files]
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "s"), *names]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["table.far_cell", "table.unpacked", "table.binary", "read"], (
        ran.stderr
    )


def sheet_xml(cells: list[tuple[int, int, str]], odd: bool) -> bytes:
    """A sheet as programs write it, or as XML also allows."""
    kinds = {
        "number": ("", "<v>1</v>"), "text": (' t="str"', "<v>a&amp;b</v>"), "none": (' cm="1"', ""),
        "error": (' t="e"', "<f>A1/0</f><v>#DIV/0!</v>"), "formula": ("", "<f>A1&lt;2</f><v></v>"),
    }  # fmt: skip
    lines: dict[int, list[str]] = {}
    for row, column, kind in sorted(set(cells)):
        name = outline.cell_name(row, column)
        attributes, body = kinds[kind]
        head = f"c s='2' r='{name}'{attributes}" if odd else f'c r="{name}"{attributes}'
        lines.setdefault(row, []).append(f"<{head}>{body}</c>" if body else f"<{head}/>")
    body = "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in lines.items())
    return f"{TAG}<cols/><sheetData>{body}</sheetData><mergeCells/></worksheet>".encode()


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


CELLS = st.lists(
    st.tuples(
        st.integers(0, 1_048_575), st.integers(0, 60),
        st.sampled_from(["number", "text", "none", "error", "formula"]),
    ),
    min_size=1, max_size=30, unique_by=lambda cell: cell[:2],
)  # fmt: skip


@given(CELLS, st.integers(60, 4000))
@settings(max_examples=60, deadline=None)
def test_the_quick_look_sees_what_a_parser_sees(
    cells: list[tuple[int, int, str]], size: int
) -> None:
    """Both find the same cells without a value; the quick extent is never too small."""
    exact = outline.look_closely(in_pieces(sheet_xml(cells, odd=True), size))
    quick = outline.look_quickly(in_pieces(sheet_xml(cells, odd=False), size))
    assert quick is not None
    assert quick.texts == exact.texts
    assert quick.height >= exact.height
    assert quick.width >= exact.width
    filled = [cell for cell in cells if cell[2] != "none"]
    assert exact.height == max((row + 1 for row, _, _ in filled), default=0)
    assert exact.width == max((column + 1 for _, column, _ in filled), default=0)
    assert outline.look_quickly(in_pieces(sheet_xml(cells, odd=True), size)) is None


def test_damaged_workbooks_are_refused_and_nothing_else(tmp_path: Path) -> None:
    """Whatever bytes are changed, the file is read or refused with a message."""
    whole = saved(orders(10, "#N/A", 20))
    chance = random.Random(1)  # noqa: S311
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        (tmp_path / "o.xlsx").write_bytes(data)
        codes = []
        try:
            open_table(tmp_path / "o.xlsx", scratch=tmp_path / "s")
        except SourceError as error:
            codes = [problem.code for problem in error.problems]
        assert all(code.startswith("table.") for code in codes)


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    """A name with the ending of another format does not matter."""
    for name in ("o.xls", "o.ods", "o.csv", "o"):
        text = plan().replace("o.xlsx", name)
        assert (
            compute(tmp_path, text, {name: saved(orders(10, 20))}, **MAY).figures["Ann"]["revenue"]
            == 30
        )


def test_an_archive_inflates_only_what_it_says(tmp_path: Path) -> None:
    """Members are read whole, of whatever size, in pieces."""
    data = random.Random(2).randbytes(3_000_000) + bytes(5_000_000)  # noqa: S311
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("Stored", data)
        out.writestr("packed", data, zipfile.ZIP_DEFLATED)
    archive = Archive(tmp_path / "a.zip", "a.zip")
    assert archive.read("stored") == archive.read("packed") == data
    assert archive.read("missing") == b""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    """They may never end, and are not even opened."""
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/zero"):
        for text in (
            plan().replace("o.xlsx", path),
            plan().replace("type: csv,", f"type: csv, employees: {path},"),
        ):
            found = refused(tmp_path, text, {"o.xlsx": saved(orders(1))}, **MAY)
            assert [p.code for p in found] == ["table.no_file"]
        from kpictl.plan.load import load

        assert [p.code for p in load(path, {}).problems] == ["plan.no_file"]


def test_a_long_reading_leaves_ctrl_c_its_turn() -> None:
    """The reader of workbooks works beside the thread that is interrupted, never in it."""
    from kpictl.tables import sheets

    assert sheets.patiently(threading.current_thread) is not threading.current_thread()
    with pytest.raises(CalamineError, match="panic"):
        sheets.patiently(lambda: (_ for _ in ()).throw(BaseException("panic")))


def test_large_sheets_are_not_mistaken_for_hostile_ones(tmp_path: Path) -> None:
    """Rows beyond 100,000 and columns beyond Z are read."""
    path = tmp_path / "o.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"c{n}" for n in range(40)])
        for row in range(1, 101_000, 100):
            sheet.write(row, 0, row)
            sheet.write(row, 39, row)
    table = open_table(path, scratch=tmp_path / "s")
    assert table.width == 40
    assert [place for place, _ in rows(table)][-1] == 100_902


@pytest.mark.parametrize(
    "member",
    [
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
    ],
)
@pytest.mark.parametrize("encoding", ["UVF-8", "rot13", "utf-32", "\x7f"])
def test_a_part_in_an_encoding_that_nobody_knows_is_refused_or_read(
    tmp_path: Path, member: str, encoding: str
) -> None:
    """One flipped bit in a part's first line is the file's fault, said as such; never ours."""
    book = saved(orders(5, 6))
    spoilt = with_sheet(book, lambda xml: xml.replace(b"UTF-8", encoding.encode(), 1), member)
    declared = with_sheet(
        spoilt, lambda xml: xml if xml.startswith(b"<?xml") else
        f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + xml, member,
    )  # fmt: skip
    (tmp_path / "o.xlsx").write_bytes(declared)
    with suppress(SourceError):
        assert open_table(tmp_path / "o.xlsx", scratch=tmp_path / "s").header
