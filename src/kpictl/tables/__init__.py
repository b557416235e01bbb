"""Any table file that people have, as text that DuckDB reads in place, with every row's place.

`open_table` finds out what a file is and what its captions are; `duckdb_scan` is the SQL that
reads it; `rows` reads it in Python with line numbers. When DuckDB refuses a file, `mend` either
says why (`check_shape`) or rewrites it.

Codes of the problems, all raised as `SourceError`:

    table.missing, .missing_near, .missing_folder   no such file
    table.no_match                                  a pattern without files
    table.directory, .no_file, .unreadable          not a file, or not to be read
    table.empty, .list_is_empty                     nothing in it, or a sentence saying so
    table.binary, .not_text, .password              another kind of file
    table.far_cell, .unpacked, .large_file          a workbook larger than is read
    table.far_time                                  a number that is shown as a time and is none
    table.encoding, .mixed_encoding, .encoding_name unreadable letters
    table.sheet, .header_row                        no such sheet, no captions in that row
    table.title                                     a title where the captions should be
    table.ragged, .quote, .long, .columns           ill-fitting lines, open quotes, endless lines
"""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

from kpictl.tables import text
from kpictl.tables.file import Source, TableFile, Wishes, refusal
from kpictl.tables.head import QUOTE, is_plain, read_head, rows_above, without_head
from kpictl.tables.longest import refuse_long_lines
from kpictl.tables.magic import START, container, foreign, is_html
from kpictl.tables.mend import check_shape, mend, recode
from kpictl.tables.paths import expand, missing
from kpictl.tables.records import is_blank, rows
from kpictl.tables.rewrite import with_constant, write_table
from kpictl.tables.scan import duckdb_scan
from kpictl.tables.spool import DELIMITER, Spooled
from kpictl.tables.tail import Tail, read_tail, without_records

__all__ = [
    "TableFile",
    "Tail",
    "check_shape",
    "duckdb_scan",
    "expand",
    "is_blank",
    "mend",
    "open_table",
    "read_tail",
    "recode",
    "rows",
    "sheet_names",
    "with_constant",
    "without_records",
    "write_table",
]


def open_table(  # noqa: PLR0913 - one keyword per thing that a plan may say about a file
    path: str | Path,
    *,
    scratch: Path,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> TableFile:
    """Find out what a table file is, by its content, and make it readable for DuckDB.

    `header_row` is the number, from 1, of the line (of a workbook or HTML table: the row) with
    the captions; without it they are in the first that is not blank. Files under `scratch` are
    the caller's to remove.
    """
    file, origin = Path(path).expanduser(), str(path)
    wishes = Wishes(sheet, header_row, encoding, delimiter)
    try:
        if file.is_dir():
            raise refusal(origin, "table.directory")
        about = file.stat()
        if not S_ISREG(about.st_mode):
            raise refusal(origin, "table.no_file")
        with file.open("rb") as opened:
            start = opened.read(START)
        source = Source(file.resolve(), origin, start, about.st_size, about.st_mtime)
        return _read(source, scratch, wishes)
    except FileNotFoundError:
        raise missing(file, origin) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise refusal(origin, "table.unreadable", reason=reason) from None


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's visible sheets, in order; none of any other file, or of one
    that cannot be read, which `open_table` then says."""
    try:
        if not S_ISREG(path.stat().st_mode):
            return []
        with path.open("rb") as opened:
            start = opened.read(START)
        about = path.stat()
    except OSError:
        return []
    kind = container(start)
    if not kind:
        return []
    from kpictl.tables import sheets

    return sheets.names(Source(path.resolve(), str(path), start, about.st_size, 0.0), kind)


def _read(source: Source, scratch: Path, wishes: Wishes) -> TableFile:
    """Choose the reader by the content."""
    if not source.start:
        raise refusal(source.origin, "table.empty")
    if kind := container(source.start):
        from kpictl.tables import sheets

        return _converted(sheets.convert(source, kind, scratch, wishes), source, "xlsx")
    if is_html(source.start):
        from kpictl.tables import html

        return _converted(html.convert(source, scratch, wishes), source, "html")
    if kind := foreign(source.start):
        raise refusal(source.origin, "table.binary", kind=kind)
    return _text(source, scratch, wishes)


def _converted(made: Spooled, source: Source, encoding: str) -> TableFile:
    return TableFile(
        origin=source.origin,
        path=made.path,
        delimiter=DELIMITER,
        quote=QUOTE,
        header=made.header,
        skip=made.skip,
        width=len(made.header),
        encoding=encoding,
        modified=source.modified,
        epoch=made.epoch,
        above=tuple(made.above),
    )


def _text(source: Source, scratch: Path, wishes: Wishes) -> TableFile:
    """Read a delimited text: in place if it is UTF-8 and its top is simple, as it mostly is."""
    encoding = text.encoding_of(source, wishes.encoding)
    path = source.path
    if encoding != "utf-8":
        path = text.to_utf8(path, source.origin, encoding, scratch)
    refuse_long_lines(path, source.origin)
    head = read_head(path, source.origin, wishes.header_row, wishes.delimiter)
    strange = "\r" in head.ends
    if not (strange or is_plain(head)):
        path = without_head(path, head, scratch)
    table = TableFile(
        origin=source.origin,
        path=path,
        delimiter=head.delimiter,
        quote=QUOTE,
        header=head.header,
        skip=len(head.lines),
        width=len(head.header),
        encoding=encoding,
        modified=source.modified,
        above=rows_above(head),
    )
    # Where lines end in \r, and one blank line in \r\n, DuckDB would find no rows at all.
    return mend(table, scratch, keep_ragged=True) if strange else table
