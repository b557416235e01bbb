"""The top of a text table: its delimiter, its captions, where the data begin."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from operator import length_hint
from pathlib import Path

from msgspec import Struct

from kpictl.tables.file import MAX_RECORD, refusal, scratch_file
from kpictl.tables.records import QuoteError, Record, fitted, is_blank, records

DELIMITERS = (";", "\t", ",", "|")
QUOTE = '"'
_SAMPLE_LINES, _SAMPLE = 200, 4 << 20
MAX_COLUMNS = 16_384
"""As many as a spreadsheet has."""
_SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE | re.DOTALL)
_EMPTY_LIST = re.compile(
    r"пуст|не найден|нет данных|нет записей|порожн|\bempty\b|not found|no data|\bno \w+ found"
    r"|\bleer\b|vac[ií][oa]|\bvide\b|vazi[oa]|\bpust[ayie]\b|[.!]\Z",
    re.IGNORECASE,
)


class Head(Struct, frozen=True):
    """What the first lines of a text table say."""

    delimiter: str
    header: tuple[str, ...]
    lines: tuple[str, ...]
    """The physical lines up to the last one of the captions."""
    marked: bool
    """Whether the file begins with a byte order mark."""

    @property
    def ends(self) -> set[str]:
        """The kinds of line ends."""
        return {line[len(line.rstrip("\r\n")) :] for line in self.lines}


class _Top(Struct, frozen=True):
    """The lines around the captions: those above, and the captions with some that follow."""

    above: list[str]
    sample: list[str]
    separator: str | None


def caption(cell: str) -> str:
    """Return a caption without the invisible signs around it."""
    return cell.strip().strip("\ufeff\u200b").strip()


def sentence_for_empty(text: str) -> bool:
    """Tell whether a text is the sentence that CRM systems write instead of an empty table."""
    said = text.strip()
    return " " in said and len(said) <= 200 and bool(_EMPTY_LIST.search(said))


_LOOKED = 20
_FEWEST_DAYS = 7  # of a timesheet; 1, 2, 3 may be numbers of anything
_NO_CAPTION = re.compile(r"[\W\d_]*")
_DATED = re.compile(
    r"\d{1,2}[./-]\d{1,2}([./-]\d{2,4})?|\d{1,2}[./-]\d{4}|\d{4}-\d\d(-\d\d)?[ T\d:]*"
)


def captions_below(rows: Sequence[Record]) -> int | None:
    """Return the place of the row that looks like the captions, if the first of these rows, taken
    for them, looks like a title: far fewer cells than a later row of nothing but words, or of words
    and days or months."""
    looked = rows[: _LOOKED + 1]
    first, *later = [(place, [cell for cell in cells if caption(cell)]) for place, cells in looked]
    labels = any(cell.rstrip().endswith(":") for cell in first[1])  # "Period:", "March"
    for number, (place, cells) in enumerate(later):
        if len(cells) < max(len(first[1]) + 1 if labels else 2 * len(first[1]), 2):
            continue
        below = looked[number + 2][1] if number + 2 < len(looked) else ()
        words = _are_captions(looked[number + 1][1], below)
        if words and any(len(more) * 2 >= len(cells) for _, more in later[number + 1 :]):
            return place
        return None
    return None


def _are_captions(cells: Sequence[str], below: Sequence[str]) -> bool:
    """Say whether the cells of a row are captions: words, or words and days, as in a timesheet or a
    plan by months: 1, 2, 3 … or dates where the row `below` has none."""
    filled = [(place, text) for place, cell in enumerate(cells) if (text := caption(cell))]
    others = {place: text for place, text in filled if _NO_CAPTION.fullmatch(text)}
    if not others or len(others) == len(filled):
        return not others
    if all(text.isdecimal() and len(text) <= 2 for text in others.values()):
        days = [int(text) for text in others.values()]
        return len(days) >= _FEWEST_DAYS and days == [*range(days[0], days[0] + len(days))]
    dated = {place for place, cell in enumerate(below) if _DATED.fullmatch(caption(cell))}
    return all(_DATED.fullmatch(text) for text in others.values()) and not dated & others.keys()


def refuse_title(origin: str, rows: Sequence[Record]) -> None:
    """Raise where the captions seem to stand below a title, which the user has to settle."""
    if rows and (place := captions_below(rows)) is not None:
        raise refusal(origin, "table.title", rows[0][0], row=rows[0][0], captions=place)


def read_head(path: Path, origin: str, header_row: int | None, delimiter: str | None) -> Head:
    """Read the captions of a UTF-8 file and find its delimiter."""
    top = _top(path, origin, header_row)
    if not delimiter and _says_empty(top):
        raise refusal(origin, "table.list_is_empty", sentence=top.sample[0].strip())
    wanted = delimiter or top.separator
    delimiters = (wanted,) if wanted else DELIMITERS
    found = _best(top, origin, delimiters)
    if header_row is None:
        _refuse_title(top, origin, found, delimiters)
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    if len(found.cells) > MAX_COLUMNS:
        data = {"columns": len(found.cells), "most": MAX_COLUMNS}
        raise refusal(origin, "table.columns", len(top.above) + 1, **data)
    header = tuple(caption(cell) for cell in found.cells)
    lines = (*top.above, *top.sample[: found.used])
    return Head(found.delimiter, header, lines, marked)


def _refuse_title(top: _Top, origin: str, best: _Guess, delimiters: Sequence[str]) -> None:
    """Look for captions below a title, with any delimiter where the title itself has none.

    A comma alone proves little there: it stands in the texts of a table of one column.
    """
    several = len(best.cells) > 1
    for delimiter in (best.delimiter,) if several else delimiters:
        found: list[Record] = []
        with suppress(QuoteError):
            for record in records(top.sample, delimiter, QUOTE, len(top.above) + 1):
                if not is_blank(record[1], 2):
                    found.append(record)
                if len(found) > _LOOKED:
                    break
        widths = [len(cells) for _, cells in found[1:]]
        if several or (widths and max(widths) > (2 if delimiter == "," else 1)):
            refuse_title(origin, found)


def _says_empty(top: _Top) -> bool:
    first, *others = top.sample
    if any(line.strip() for line in (*top.above, *others)) or any(s in first for s in ';\t"'):
        return False
    return sentence_for_empty(first)


def _top(path: Path, origin: str, header_row: int | None) -> _Top:
    """Read as far as needed to see the captions and some data below them."""
    # Bytes that are not UTF-8 must survive, so that the size of these lines stays known.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        lines = iter(lambda: file.readline(MAX_RECORD), "")
        above: list[str] = []
        separator: str | None = None
        for line in lines:
            sign = _SEPARATOR.fullmatch(line) if separator is None else None
            if sign and not any(text.strip() for text in above):
                separator = sign[1]
            elif line.strip() and header_row in (None, len(above) + 1):
                return _Top(above, [line, *_sample(lines)], separator)
            above.append(line)
    if header_row is None or not any(line.strip() for line in above):
        raise refusal(origin, "table.empty")
    raise refusal(origin, "table.header_row", row=header_row, rows=len(above))


def _sample(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines below the captions, fewer where they are long."""
    size = 0
    for line in islice(lines, _SAMPLE_LINES):
        yield line
        size += len(line)
        if size > _SAMPLE:
            return


class _Guess(Struct, frozen=True):
    delimiter: str
    cells: list[str]
    used: int
    agreement: float

    @property
    def rank(self) -> tuple[bool, float, int]:
        return len(self.cells) > 1, self.agreement, len(self.cells)


def _best(top: _Top, origin: str, delimiters: tuple[str, ...]) -> _Guess:
    """Return the delimiter that splits the captions, and the lines below in the same way."""
    guesses: list[_Guess] = []
    first = len(top.above) + 1
    broken = first
    for delimiter in delimiters:
        try:
            guesses.append(_guess(top.sample, delimiter, first))
        except QuoteError as error:
            broken = error.line
    if not guesses:
        raise refusal(origin, "table.quote", broken)
    best = max(guesses, key=lambda guess: guess.rank)
    if len(best.cells) > 1 or len(delimiters) == 1:
        return best
    text = "".join(top.sample)
    return next((guess for guess in guesses if guess.delimiter not in text), best)


def _guess(sample: list[str], delimiter: str, first: int) -> _Guess:
    """Split the captions by a delimiter and see how many of the next lines go along."""
    lines = iter(sample)
    found = records(lines, delimiter, QUOTE, first)
    _, cells = next(found)
    used = len(sample) - length_hint(lines)
    header = tuple(caption(cell) for cell in cells)
    fits: list[bool] = []
    # The sample may end inside a cell; a quote that is truly open will show when all is read.
    with suppress(QuoteError):
        fits.extend(fitted(c, header) is not None for _, c in found if not is_blank(c, len(header)))
    return _Guess(delimiter, cells, used, sum(fits) / len(fits) if fits else 1.0)


@cache
def _well_formed(delimiter: str, *, marked: bool) -> re.Pattern[str]:
    inside = rf'[^"\r\n{re.escape(delimiter)}]' if marked else r'(?:[^"\r\n]|"")'
    cell = rf'(?:"{inside}*"|[^"\r\n{re.escape(delimiter)}]*)'
    return re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell})*[\r\n]*")


def is_plain(head: Head) -> bool:
    """Tell whether DuckDB skips these lines as we count them.

    Its `skip` counts records, not lines, after a byte order mark it takes the first quote for
    text, and it finds the line end of the whole file in the first one that it meets, quoted or
    not: with any of these against it, it loses rows without a word.
    """
    if len(head.ends) > 1 or _count(head) != len(head.lines):
        return False
    return all(
        QUOTE not in line
        or _well_formed(head.delimiter, marked=head.marked and not number).fullmatch(line)
        for number, line in enumerate(head.lines)
    )


def rows_above(head: Head) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the rows above the captions that say anything, each with the number of its line."""
    found: list[tuple[int, tuple[str, ...]]] = []
    with suppress(QuoteError):
        found.extend(
            (line, tuple(map(caption, cells)))
            for line, cells in records(head.lines, head.delimiter, QUOTE)
            if not is_blank(cells, 2)
        )
    return tuple(found[:-1])


def _count(head: Head) -> int:
    try:
        return sum(1 for _ in records(head.lines, head.delimiter, QUOTE))
    except QuoteError:
        return 0


def without_head(path: Path, head: Head, scratch: Path) -> Path:
    """Copy a file with blank lines in place of its head, so that lines keep their numbers."""
    size = len("".join(head.lines).encode("utf-8", "surrogateescape")) + 3 * head.marked
    end = "\r\n" if head.lines[-1].endswith("\r\n") else "\n"
    with path.open("rb") as source, scratch_file(scratch) as (target, out):
        out.write(end.encode() * len(head.lines))
        source.seek(size)
        while chunk := source.read(MAX_RECORD):
            out.write(chunk)
    return target
