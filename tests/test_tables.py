"""Table files of every kind: the same cells in Python and in DuckDB, each row with its place."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpictl import tables
from kpictl.errors import SourceError
from kpictl.tables import TableFile, check_shape, duckdb_scan, expand, mend, open_table, rows
from kpictl.tables.file import MAX_RECORD
from kpictl.tables.sheets import cell_text

Rows = list[list[str]]
Opener = Callable[..., TableFile]

BITRIX = (
    '"ID";"Название сделки";"Сумма";\n'
    '"101";"ООО «Луч; и партнёры»";"622949.93";\n'
    '"102";"Первая строка\nвторая ""строка""";"";\n'
    '"103";"";"1";\n'
)
BITRIX_ROWS = [
    (2, ["101", "ООО «Луч; и партнёры»", "622949.93", ""]),
    (3, ["102", 'Первая строка\nвторая "строка"', "", ""]),
    (5, ["103", "", "1", ""]),
]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Write a file and open it as a table."""

    def write(content: str | bytes, name: str = "t.csv", **wishes: Any) -> TableFile:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_table(path, scratch=tmp_path / "scratch", **wishes)

    return write


def by_duckdb(table: TableFile) -> Rows:
    with duckdb.connect() as con:
        found = con.execute(f"SELECT * FROM {duckdb_scan(table)}").fetchall()
    return [[cell or "" for cell in row] for row in found]


def by_python(table: TableFile) -> Rows:
    return [cells for _, cells in rows(table)]


def same(table: TableFile) -> Rows:
    """Return the rows, having seen that both readers agree on them."""
    assert by_duckdb(table) == by_python(table)
    return by_python(table)


def refused(call: Callable[[], object]) -> tuple[str, int, dict[str, Any]]:
    with pytest.raises(SourceError) as caught:
        call()
    problem = caught.value.problems[0]
    assert problem.place
    return problem.code, problem.place.line, dict(problem.data)


def test_utf8_is_read_in_place_with_the_line_of_every_record(
    opened: Opener, tmp_path: Path
) -> None:
    """A list export is not copied, and a record knows its line though cells hold line breaks."""
    table = opened(BITRIX)
    assert table.path == tmp_path / "t.csv"
    assert table.header == ("ID", "Название сделки", "Сумма", "")
    assert (table.delimiter, table.skip, table.width, table.encoding) == (";", 1, 4, "utf-8")
    assert list(rows(table)) == BITRIX_ROWS
    same(table)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8-sig", "utf-8"),
        ("cp1251", "cp1251"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(opened: Opener, codec: str, name: str, end: str) -> None:
    """A table says the same in every encoding, marked or not, and with every line end."""
    table = opened(BITRIX.replace("\n", end).encode(codec))
    assert table.encoding == name
    expected = [(n, [c.replace("\n", end) for c in cells]) for n, cells in BITRIX_ROWS]
    assert list(rows(table)) == expected
    same(table)


def test_an_encoding_can_be_named(opened: Opener) -> None:
    """An encoding that cannot be told from windows-1251 is read when the user names it."""
    assert opened("Имя;Сумма\nЯна;1\n".encode("cp866"), encoding="cp866").header == ("Имя", "Сумма")
    assert refused(lambda: opened("a;b\n", encoding="utf-9"))[0] == "table.encoding_name"


def test_letters_beyond_the_samples(opened: Opener, tmp_path: Path) -> None:
    """Where samples miss letters of another encoding, DuckDB refuses and `mend` recodes."""
    plain = b"1;plain text\r\n"
    middle = 170_000
    data = b"id;name\r\n" + plain * middle + "2;Яна\r\n".encode("cp1251") + plain * middle
    table = opened(data)
    assert table.encoding == "utf-8"
    with pytest.raises(duckdb.InvalidInputException, match="unicode"):
        by_duckdb(table)
    mended = mend(table, tmp_path / "scratch")
    assert mended.encoding == "cp1251"
    with duckdb.connect() as con:
        found = con.execute(f"SELECT c1 FROM {duckdb_scan(mended)} WHERE c0 = '2'").fetchall()
    assert found == [("Яна",)]
    assert [n for n, cells in rows(mended) if cells[0] == "2"] == [middle + 2]


def test_unreadable_letters_are_placed(opened: Opener) -> None:
    """A mixture of encodings, or no known one, is refused with the line where it shows."""
    mixed = "Имя;Сумма\nЯна;1\n".encode() + "Олег;2\n".encode("cp1251")
    assert refused(lambda: opened(mixed))[:2] == ("table.mixed_encoding", 3)
    assert refused(lambda: opened("Имя;b\n1;".encode("cp1251") + b"\x98\n"))[:2] == (
        "table.encoding",
        2,
    )


@pytest.mark.parametrize(
    ("text", "delimiter", "header"),
    [
        ("a;b\n1;2\n", ";", ("a", "b")),
        ("a\tb\n1\t2\n", "\t", ("a", "b")),
        ("a,b\n1,2\n", ",", ("a", "b")),
        ("a|b\n1|2\n", "|", ("a", "b")),
        ("Имя;Сумма, руб, без НДС\nЯна;1,5\n", ";", ("Имя", "Сумма, руб, без НДС")),
        ('"a;b;c","d"\n1,2\n', ",", ("a;b;c", "d")),
        ("Имя\nЛуч; и партнёры\n", "\t", ("Имя",)),
        ("sep=,\na,b;c\n1,2\n", ",", ("a", "b;c")),
        ("\n\n\xa0a\xa0; b \n1;2\n", ";", ("a", "b")),
        ("a;a;\n1;2;\n", ";", ("a", "a", "")),
        ('"a", "b;c"\n1, " 2,3 "\n', ",", ("a", "b;c")),
    ],
)
def test_the_delimiter_is_found_in_the_captions(
    opened: Opener, text: str, delimiter: str, header: tuple[str, ...]
) -> None:
    """The delimiter is the one that splits captions and data alike, quotes respected."""
    table = opened(text)
    assert (table.delimiter, table.header) == (delimiter, header)
    assert len(same(table)) == 1


def test_captions_may_stand_lower(opened: Opener) -> None:
    """With a row number given, titles above the captions are passed over, whatever they hold."""
    text = 'Отчёт "за май;\n\na;b\n1;2\n'
    table = opened(text, header_row=3)
    assert (table.header, list(rows(table))) == (("a", "b"), [(4, ["1", "2"])])
    same(table)
    code, _, data = refused(lambda: opened(text, header_row=9))
    assert (code, data) == ("table.header_row", {"row": 9, "rows": 4})


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("inner", ["\n", "\r\n", "\r"])
def test_line_breaks_in_captions(opened: Opener, mark: str, end: str, inner: str) -> None:
    """No row is lost below captions with line breaks, and lines keep their numbers."""
    table = opened(f'{mark}"a{inner}b";"c;""d"""{end}1;2{end}3;4{end}')
    assert table.header == (f"a{inner}b", 'c;"d"')
    assert list(rows(table)) == [(3, ["1", "2"]), (4, ["3", "4"])]
    same(table)


@pytest.mark.parametrize("text", ["a;b\n", "a;b", "a;b;\n\n\n", "\ufeffa;b\r\n"])
def test_captions_alone_are_a_table_without_rows(opened: Opener, text: str) -> None:
    """No rows is no mistake."""
    assert same(opened(text)) == []


@pytest.mark.parametrize("text", ["a\n1\n\n2\n\n\n", "a;b\n1;\n\n2;\n\n\n", 'a\n1\n""\n2'])
def test_blank_lines_are_no_rows(opened: Opener, text: str) -> None:
    """Blank lines are passed over by both readers, in a table of one column too."""
    assert [row[0] for row in same(opened(text))] == ["1", "2"]


def test_names_with_special_signs(opened: Opener, tmp_path: Path) -> None:
    """Brackets, quotes and equals signs in names stand for themselves."""
    opened("a;b\n9;9\n", "x1.csv")
    for name in ("x[1].csv", "it's.csv", "y=2/x?.csv" if os.name == "posix" else "y=2/x.csv"):
        table = opened("a;b\n1;2\n", name)
        assert same(table) == [["1", "2"]]
    assert expand("x[1].csv", tmp_path) == [tmp_path / "x[1].csv"]


def test_a_long_cell(opened: Opener) -> None:
    """A cell of some megabytes is read; one without an end is refused with its line."""
    table = opened(f"a;b\n1;{'x' * 3_000_000}\n2;\n")
    assert [len(row[1]) for row in same(table)] == [3_000_000, 0]
    endless = f"a;b\n1;2\n3;{'x' * MAX_RECORD}\n"
    assert refused(lambda: opened(endless))[:2] == ("table.long", 3)


MENDABLE = {
    "mixed line ends": "a;b\r\n1;2\n3;4\r\n",
    "last delimiter missing": "a;b;\n1;2;\n3;4",
    "spaces on a line": "a;b\n1;2\n   \n3;4\n",
    "a lone return": "a;b\n1;2\r3;4\n",
}


@pytest.mark.parametrize("text", MENDABLE.values(), ids=MENDABLE.keys())
def test_what_duckdb_refuses_is_mended(opened: Opener, tmp_path: Path, text: str) -> None:
    """Harmless oddities are rewritten; cells and line numbers stay as they were."""
    table = opened(text)
    with pytest.raises(duckdb.InvalidInputException):
        by_duckdb(table)
    assert check_shape(table) == []
    mended = mend(table, tmp_path / "scratch")
    assert list(rows(mended)) == list(rows(table))
    assert [row[:2] for row in same(mended)] == [["1", "2"], ["3", "4"]]


def test_ragged_lines_are_all_named(opened: Opener, tmp_path: Path) -> None:
    """Each line with too few or too many cells is a problem of its own, with both counts."""
    table = opened('a;b\n"1\n";2\n3\n4;5;6\n7;8;\n')
    found = [(p.code, p.place and p.place.line, dict(p.data)) for p in check_shape(table)]
    assert found == [
        ("table.ragged", 4, {"cells": 1, "columns": 2}),
        ("table.ragged", 5, {"cells": 3, "columns": 2}),
    ]
    assert refused(lambda: mend(table, tmp_path / "s"))[:2] == ("table.ragged", 4)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a;b\n1;2\n3;"open\n5;6\n', 3),
        ('a;b\n"1\n1";"open\n5;"6"\n', 3),
        ('a;b\n1;"open here\n2;"closed" there\n', 2),
    ],
)
def test_an_open_quote_is_named_where_it_opened(opened: Opener, text: str, line: int) -> None:
    """The line of a broken quote is where it opened, not where reading ended."""
    table = opened(text)
    assert [(p.code, p.place and p.place.line) for p in check_shape(table)] == [
        ("table.quote", line)
    ]
    assert refused(lambda: list(rows(table)))[:2] == ("table.quote", line)


SENTENCE = "Список сделок пуст."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"\xef\xbb\xbf \r\n\n", "table.empty"),
        (SENTENCE.encode(), "table.list_is_empty"),
        (SENTENCE.encode("cp1251"), "table.list_is_empty"),
        (b"The deal list is empty", "table.list_is_empty"),
        (f"<meta charset=utf-8><p>{SENTENCE}</p>".encode(), "table.list_is_empty"),
        (b"<html><table></table></html>", "table.empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "table.binary"),
        (b"%PDF-1.7\n", "table.binary"),
        (b"PK\x03\x04 no workbook", "table.binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999), "table.binary"),
        (b"<?xml version='1.0'?><deals/>", "table.binary"),
        (b"a;b\n\x00\x01\x02\x00\x00", "table.not_text"),
    ],
)
def test_what_is_no_table_is_refused(opened: Opener, content: bytes, code: str) -> None:
    """A file of another kind is named for what it is, whatever its name says."""
    assert refused(lambda: opened(content))[0] == code


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file comes with names that resemble it; folders and denied files are told apart."""
    (tmp_path / "deals_2024.csv").write_text("a;b\n")

    def attempt(name: str) -> tuple[str, int, dict[str, Any]]:
        return refused(lambda: open_table(tmp_path / name, scratch=tmp_path))

    assert attempt("Deals_2023.csv")[::2] == ("table.missing_near", {"near": "deals_2024.csv"})
    assert attempt("zzz")[0] == "table.missing"
    assert attempt("no/zzz")[0] == "table.missing_folder"
    assert attempt(".")[0] == "table.directory"

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert attempt("deals_2024.csv")[::2] == ("table.unreadable", {"reason": "Permission denied"})


def test_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern gives its files, 2 before 10, without a spreadsheet's lock files; or is refused."""
    for name in ("d10.csv", "d2.csv", "~$d3.csv"):
        (tmp_path / name).touch()
    (tmp_path / "d4.csv").mkdir()
    names = [path.name for path in expand("*d*.csv", tmp_path)]
    assert names == ["d2.csv", "d10.csv"]
    assert expand(str(tmp_path / "d?.csv"), Path("elsewhere")) == [tmp_path / "d2.csv"]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expand("~/d2.csv", Path("elsewhere")) == [tmp_path / "d2.csv"]
    assert refused(lambda: expand("x*.csv", tmp_path))[0] == "table.no_match"
    assert refused(lambda: expand("d3.csv", tmp_path))[0] == "table.missing_near"


HTML = (
    '<meta http-equiv="Content-type" content="text/html;charset={0}" />\n<table border="1"><thead>'
    "<tr><th>ID</th><th> Имя&nbsp;</th><th>Примечание</th></tr></thead><tbody>"
    "<tr><td>1</td><td>АО &laquo;Лес&raquo; &amp; <b>Ко</b></td><td>раз<br>два</td></tr>\n"
    "<tr><td colspan=3></td></tr>"
    '<tr><td>3<td><table><tr><td>в</td><td>н</td></tr></table><td>"x";\n y</tbody></table>'
)


@pytest.mark.parametrize(("name", "codec"), [("UTF-8", "utf-8"), ("windows-1251", "cp1251")])
def test_html_under_a_spreadsheet_name(opened: Opener, name: str, codec: str) -> None:
    """An HTML table is read as a table; rows are numbered as its `tr`."""
    table = opened(HTML.format(name).encode(codec), "deals.xls")
    assert (table.encoding, table.header) == ("html", ("ID", "Имя", "Примечание"))
    assert list(rows(table)) == [
        (2, ["1", "АО «Лес» & Ко", "раз\nдва"]),
        (4, ["3", "вн", '"x"; y']),
    ]
    same(table)


def test_an_html_row_that_is_too_wide(opened: Opener) -> None:
    """A row wider than the captions is refused with its number."""
    page = "<table><tr><td>a<tr><td>1<tr><td>1<td>2</table>"
    assert refused(lambda: opened(page))[:2] == ("table.ragged", 3)


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbooks(opened: Opener) -> None:
    """A workbook is read by its content, not its name, with sheet rows for places."""
    lines: list[list[Any]] = [
        ["Отчёт"],
        [],
        ["ID", "Дата", "Сумма"],
        [1, datetime.fromisoformat("2024-05-31"), 0.1],
        [],
        [2, datetime.fromisoformat("2024-05-31 18:20:05"), 1e-7],
        [3, 'a,"b"\nc', True, "сбоку"],
        [],
    ]
    content = workbook({"Пусто": [], "Сделки": lines, "Лиды": [["ID"], [7]]})
    table = opened(content, "deals.csv", header_row=3)
    assert (table.encoding, table.header) == ("xlsx", ("ID", "Дата", "Сумма", ""))
    assert list(rows(table)) == [
        (4, ["1", "2024-05-31", "0.1", ""]),
        (6, ["2", "2024-05-31 18:20:05", "0.0000001", ""]),
        (7, ["3", 'a,"b"\nc', "TRUE", "сбоку"]),
    ]
    same(table)
    assert list(rows(opened(content, sheet="лиды "))) == [(2, ["7"])]
    assert refused(lambda: opened(content, sheet="Счета"))[::2] == (
        "table.sheet",
        {"sheet": "Счета", "sheets": "Пусто, Сделки, Лиды"},
    )
    assert refused(lambda: opened(workbook({"Пусто": []})))[0] == "table.empty"


def test_an_open_document_sheet(opened: Opener) -> None:
    """A spreadsheet of the other office package is read the same way."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        f"<table:table-cell office:value-type='string'><text:p>{c}</text:p></table:table-cell>"
        for c in "аб"
    )
    content = (
        f"<office:document-content xmlns:office='{names}:office:1.0' xmlns:table='{names}:table:1.0'"
        f" xmlns:text='{names}:text:1.0'><office:body><office:spreadsheet><table:table table:name='Л'>"
        f"<table:table-row>{cells}</table:table-row><table:table-row>{cells}</table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert same(opened(out.getvalue(), "t.ods")) == [["а", "б"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (1e14, "100000000000000"),
        (1e20, "100000000000000000000."),
        (1.25, "1.25"),
        (1.234, "1.2340"),
        (2.5e-9, "0.0000000025"),
        (-0.5, "-0.5"),
        (False, "FALSE"),
        (date(2024, 5, 31), "2024-05-31"),
        (datetime.fromisoformat("2024-05-31 18:20:04.999600"), "2024-05-31 18:20:05"),
        (datetime.fromisoformat("2024-05-30 23:59:59.999900"), "2024-05-31"),
        (time(8, 5), "08:05:00"),
        (timedelta(hours=30, minutes=5, seconds=3), "30:05:03"),
        (timedelta(minutes=-90), "-1:30:00"),
        ("", ""),
    ],
)
def test_cells_of_sheets(value: Any, text: str) -> None:
    """A sheet's value is written in full: ISO dates, no exponents, hours beyond a day; numbers so
    that no decimal sign makes another of them, and ends with a point where digits are made up."""
    assert cell_text(value) == text


LETTERS = st.text(st.sampled_from(list("ab;,\t|\"' \n\rЖё№\xa0«1")), max_size=8)
CELLS = LETTERS.map(lambda text: text.replace("\r", "\r\n"))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lines=st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), max_size=6)
    ),
    delimiter=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "utf-16"]),
)
def test_any_cells_come_back(
    opened: Opener, lines: Rows, delimiter: str, end: str, codec: str
) -> None:
    """Cells written by Python's csv module are the same cells through `rows` and DuckDB."""
    width = len(lines[0]) if lines else 2
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([[f"имя {n}" for n in range(width)], *lines])
    table = opened(out.getvalue().encode(codec), delimiter=delimiter)
    expected = [line for line in lines if width > 1 or line[0]]
    assert by_python(table) == expected
    assert by_duckdb(table) == expected


def test_quotes_can_be_ordinary_signs(opened: Opener) -> None:
    """A table without quoting keeps its quotes as text."""
    table = opened('a;b\n1;"x" y\n2;5"\n')
    plain = TableFile(table.origin, table.path, ";", "", ("a", "b"), 1, 2, "utf-8", table.modified)
    assert same(plain) == [["1", '"x" y'], ["2", '5"']]


def test_columns_get_the_names_that_are_asked_for(opened: Opener) -> None:
    """Column names are quoted; their number must be that of the columns."""
    table = opened("a;b\n1;2\n")
    with duckdb.connect() as con:
        scan = duckdb_scan(table, ["it's", "b"])
        found = con.execute(f'SELECT "it\'s", b FROM {scan}')
        assert found.fetchall() == [("1", "2")]
    with pytest.raises(ValueError, match="1 names for 2 columns"):
        duckdb_scan(table, ["a"])


def test_nothing_heavy_is_imported() -> None:
    """Opening tables needs neither duckdb nor pandas."""
    code = "import sys, kpictl.tables; print({'duckdb', 'pandas', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_failed_conversions_leave_nothing(opened: Opener, tmp_path: Path) -> None:
    """A file that is refused half-way leaves no scratch file behind."""
    refused(lambda: opened("<table><tr><td>a<tr><td>1<td>2</table>"))
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sorted(tables.__all__) == tables.__all__
