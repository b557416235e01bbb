"""Lines of a table that are no records: totals, remarks below an empty line, signatures.

They are told by their place (the last lines; subtotals between the records) and by their shape: a
word for a total where cells that every record fills are empty, or numbers that repeat the sum of
the lines above. A word alone makes none: a client may be called «Итого». What is left out is said;
`footer: N` settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from kpictl.errors import Place, Problem
from kpictl.sources import numbers
from kpictl.tables import TableFile, Tail, is_blank, read_tail, rows, without_records
from kpictl.tables.tail import SMALL, TailRecord

_WHOLE = "(?:общий |общая )?"
_WORDS = {  # what every word for a total has in small letters → the forms of the word
    "итог": rf"{_WHOLE}итог[оаи]?|промежуточн\w+ итог\w*",
    "всего": rf"{_WHOLE}всего",
    "сумма": rf"{_WHOLE}сумма",
    "підсумок": rf"{_WHOLE}підсумок",
    "усього": rf"{_WHOLE}усього",
    "разом": rf"{_WHOLE}разом",
    "total": r"(?:grand |sub-?)?totals?(?: g[eé]n[eé]ral)?|sub totals?|sous-total|totale",
    "sum": r"sums?|summe|(?:zwischen|gesamt)summe|suma(?: końcowa| częściowa| całkowita)?",
    "gesamt": r"gesamt|insgesamt",
    "ergebnis": r"(?:gesamt|teil)ergebnis",
    "totaal": r"totaal",
    "toplam": r"toplam",
    "razem": r"razem",
    "ogółem": r"ogółem",
    "łącznie": r"łącznie",
    "средн": r"(?:в )?средн(?:ее|ем|яя)(?: значение)?",
    "average": r"averages?",
    "avg": r"avg\.?",
    "mean": r"mean",
    "durchschnitt": r"durchschnitt",
    "mittelwert": r"mittelwert",
}
_WORD = "|".join(_WORDS.values())
_MORE = (
    r"\s+(?:за|по|на|с|от|к|for|of|per|by|in|on|im|für|from|as of)\b.*"
    r"|\s+(?:amount|revenue|sum|records?|count|sales|deals?|rows?|values?|orders?|rub|usd|eur"
    r"|сумма|сделок|сделки|записей|записи|продаж\w*|строк\w*|заказ\w*|выручка)\b.*"
    r"|\s*\(.*\)|\s*[:=.–—-].*|\s[^\d:]{1,60}[:=–—-]\s*\d[\d\s.,]*"
)
_TOTAL = re.compile(rf"\W*(?:{_WORD})(?:{_MORE})?\W*", re.IGNORECASE | re.DOTALL)
_OF_GROUP = re.compile(r".{1,80}\s(?:totals?|subtotal|итог|итого|gesamt)\W*", re.IGNORECASE)
_WITH_NAME = re.compile(rf"\W*(?:{_WORD})\s.{{1,80}}", re.IGNORECASE)
_REMARK = re.compile(
    r"[#*]+\s|-{2,}|={2,}|©|\(c\)\s|\W*(?:confidential|proprietary|internal use|for internal"
    r"|copyright|all rights reserved|disclaimer|generated|created (?:by|on|at)\s|exported"
    r"|export date|printed|prepared by|report (?:generated|created|date)|last updated"
    r"|updated (?:on|at)\s|data (?:as of|source)|as of \d|source:|filters?:|notes?:|page \d"
    r"|powered by|number of (?:records|rows)|row count|end of"
    r"|(?:rows|records|lines|anzahl|zeilen|datensätze|nombre|lignes|liczba|wierszy)\s*:"
    r"|конфиденциальн|для служебного|коммерческая тайна|все права|сформирован|выгружен|выгрузка"
    r"|отч[её]т|дата (?:выгрузки|формирования|отч[её]та)|подготовил|составил|исполнитель|исп\."
    r"|ответственный:|примечани|источник:|фильтры?:|страница|количество|кол-во|записей|строк:"
    r"|подпись|руководитель:|vertraulich|erstellt|stand:|quelle:)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*|\d{1,2}[ -/]?[^\W\d]{3,9}\.?[ -/]?\d{2,4}.*"
    r"|[^\W\d]{3,9}\.? \d{1,2},? \d{4}.*"
)
_CURRENCY = re.compile(r"[A-Z]{3}|[₽$€£¥₸₴]|руб\.?|р\.")
_SIGNED = re.compile(r"[:©#()]|[.!]\Z")
_MOST = 30  # trailing lines looked at
_EXAMPLES = 400  # records at the end that show what records look like
_FEW = 60  # of them at a glance
_BLOCK = 10  # lines below an empty line that may be remarks


def leave_out(
    table: TableFile, scratch: Path, footer: int | None = None
) -> tuple[TableFile, list[Problem]]:
    """Return the table without its lines that are no records, and the note that says which.

    `footer` is how many lines at the end the plan says are none; by default they are recognised.
    """
    if footer == 0 or not table.width:
        return table, []
    if footer is None and ends_plainly(table):
        return table, []
    tail = read_tail(table, footer or 0)
    if tail is None:
        return table, []
    below = Below(table, tail)
    chosen = below.last(footer) if footer else below.recognised()
    if not chosen:
        return table, []
    return without_records(table, tail, chosen, scratch), [_said(table, tail, chosen)]


def ends_plainly(table: TableFile) -> bool:
    """Tell cheaply that nothing is to be left out, as of nearly every table: no line of it has a
    word for a total, and the last one has all that records have."""
    tail = read_tail(table, _FEW // 2, glance=True)
    if tail is None or table.width == 1:
        return False
    below = Below(table, tail)
    last = next((r for r in reversed(tail.records) if not below.blank(r)), None)
    return last is not None and not below.empties(last) and not _may_total(table, tail)


def _may_total(table: TableFile, tail: Tail) -> bool:
    """Tell whether a word for a total may stand in a table, of a large one in its last lines."""
    if tail.start and table.path.stat().st_size <= SMALL:
        with table.path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            for _ in range(table.skip):
                file.readline()
            return may_name_total(file.read())
    return may_name_total("".join(tail.texts if tail.start else tail.texts[table.skip :]))


def _said(table: TableFile, tail: Tail, chosen: Sequence[TailRecord]) -> Problem:
    places = tail.places(table, chosen)
    texts = [" ".join(cell.strip() for cell in r.cells if cell.strip()) for r in chosen]
    shown = "; ".join(f"{p} «{t[:60]}»" for p, t in zip(places[:5], texts, strict=False))
    more = " …" * (len(chosen) > 5)
    data = {"file": table.origin, "count": len(chosen), "lines": shown + more}
    return Problem("table.footer", Place(table.origin, places[0]), data, "note")


class Below(Struct, frozen=True, dict=True):
    """The end of a table, and what its records usually look like."""

    table: TableFile
    tail: Tail

    def blank(self, record: TailRecord) -> bool:
        return is_blank(record.cells, self.table.width) or not any(
            cell.strip() for cell in record.cells
        )

    def last(self, count: int) -> list[TailRecord]:
        """Return the last lines that say anything."""
        filled = [r for r in self.tail.records if not self.blank(r)]
        return filled[-count:]

    def recognised(self) -> list[TailRecord]:
        inner = self._subtotals() if self.tail.whole else []
        found: list[TailRecord] = []
        records = list(self.tail.records)
        remarks = self._block()
        while records and len(found) < _MOST:
            record = records.pop()
            if self.blank(record):
                continue
            out = [*inner, *found, record]
            if not (
                record in inner
                or self._is_remark(record, below_blank=record in remarks)
                or self._is_total(record, out)
            ):
                break
            found.append(record)
        chosen = {id(r) for r in (*inner, *found)}
        return [r for r in self.tail.records if id(r) in chosen]

    # --- shapes ---

    def _usual(self, record: TailRecord) -> frozenset[int]:
        """Return the columns that nine in ten of the other lines fill; a line of one cell and a
        total are no examples."""
        width = self.table.width
        least = 1 if width == 1 else 2
        counts, total = [0] * width, 0
        for cells, filled in self._examples:
            if len(filled) >= least and cells is not record.cells:
                total += 1
                for place in filled:
                    counts[place] += 1
        return frozenset(n for n, count in enumerate(counts) if total and count * 10 >= total * 9)

    @cached_property
    def _examples(self) -> list[tuple[list[str], list[int]]]:
        """The last lines of full width with the places of their filled cells."""
        found = []
        for record in self.tail.records[-_EXAMPLES:]:
            cells = record.cells
            if len(cells) != self.table.width:
                continue
            filled = [n for n, cell in enumerate(cells) if _filled(cell)]
            if not (may_name_total(" ".join(cells)) and _names_total(cells, filled)):
                found.append((cells, filled))
        return found

    def empties(self, record: TailRecord) -> bool:
        """Whether a cell that records fill is empty here, or is not there at all."""
        cells = record.cells
        if len(cells) < sum(1 for caption in self.table.header if caption):
            return True
        usual = self._usual(record)
        return any(place >= len(cells) or not _filled(cells[place]) for place in usual)

    def _block(self) -> list[TailRecord]:
        """Return the lines below the last blank one, if they are few and none is a full record."""
        block: list[TailRecord] = []
        for record in reversed(self.tail.records):
            if self.blank(record):
                if block:
                    break
                continue
            block.append(record)
        else:
            return []
        poor = all(self.empties(record) for record in block)
        return block if poor and len(block) <= _BLOCK else []

    def _is_remark(self, record: TailRecord, *, below_blank: bool) -> bool:
        """Tell whether a line is one lone text that no column would hold."""
        texts = [(place, cell.strip()) for place, cell in enumerate(record.cells) if _filled(cell)]
        if len(texts) != 1 or self.table.width < 2 or not self.empties(record):
            return False
        place, text = texts[0]
        if _REMARK.match(text) or _TOTAL.fullmatch(text):
            return True
        if _number(text) is not None or _DATE.fullmatch(text) or not below_blank:
            return False
        words = len(text.split())
        longest = max(
            (len(r.cells[place].split()) for r in self.tail.records
             if r is not record and place < len(r.cells) and sum(map(_filled, r.cells)) > 1),
            default=0,
        )  # fmt: skip
        return words > longest and (words > 3 or bool(_SIGNED.search(text)))

    def _is_total(self, record: TailRecord, out: Sequence[TailRecord]) -> bool:
        """Tell whether the last line is a total of those above it."""
        texts, dated, worded = [], False, False
        cells = [cell for cell in record.cells if _filled(cell)]
        if self.table.width == 1:
            return self._ends_column(record)
        if cells and names_group(cells):
            return self.empties(record) or self._repeats_sums(record, out, least=1)
        for cell in cells:
            if _TOTAL.fullmatch(cell.strip()):
                worded = True
            elif _DATE.fullmatch(cell.strip()):
                dated = True
            elif _number(cell) is None and not _CURRENCY.fullmatch(cell.strip()):
                texts.append(cell)
        if worded and not texts and self.empties(record):
            return True
        if not worded and (texts or not self.tail.whole or not self.empties(record)):
            return False
        return self._repeats_sums(record, out, least=1 if worded else 3 if dated else 2)

    def _ends_column(self, record: TailRecord) -> bool:
        """Tell whether a word for a total ends a table of one column of numbers or days."""
        above = [r.cells[0] for r in self.tail.records if r is not record and not self.blank(r)]
        words = [cell for cell in above if _number(cell) is None and not _DATE.fullmatch(cell)]
        total = _TOTAL.fullmatch(record.cells[0].strip())
        return bool(total and above) and all(_TOTAL.fullmatch(word.strip()) for word in words)

    def _subtotals(self) -> list[TailRecord]:
        """Return the totals between the records: a word first, then nothing but numbers."""
        return [
            record
            for record in self.tail.records
            if may_name_total(next(filter(_filled, record.cells), ""))
            and names_group([cell for cell in record.cells if _filled(cell)])
            and self.empties(record)
        ]

    def _repeats_sums(self, record: TailRecord, out: Sequence[TailRecord], *, least: int) -> bool:
        """Tell whether the numbers of a line are the sums of their columns above it."""
        above = self._columns(out)
        if len(above) < least:
            return False
        results = []
        for place, cell in enumerate(record.cells):
            if not _filled(cell) or _DATE.fullmatch(cell.strip()) or _number(cell) is None:
                continue
            results.append(_sums_up(cell, [cells[place] for cells in above if place < len(cells)]))
        worded = least == 1
        return any(results) if worded else bool(results) and all(results)

    def _columns(self, out: Sequence[TailRecord]) -> list[list[str]]:
        """Return the cells of all records but those that are left out."""
        if self.tail.whole:
            left = {id(r) for r in out}
            return [r.cells for r in self.tail.records if id(r) not in left and not self.blank(r)]
        found = [cells for _, cells in rows(self.table)]
        return found[: len(found) - len(out)]


def may_name_total(text: str) -> bool:
    """Tell whether a text has what every word for a total has, without looking closely."""
    text = text.casefold()
    return any(stem in text for stem in _WORDS)


def is_total(text: str) -> bool:
    """Tell whether a cell is a word for a total and nothing else, or with what it is a total of.

    >>> is_total("Итого по отделу"), is_total("Q1 total"), is_total("Ирина Итогова")
    (True, True, False)
    """
    word = text.strip()
    return may_name_total(word) and any(form.fullmatch(word) for form in (_TOTAL, _OF_GROUP))


def _names_total(cells: Sequence[str], filled: Sequence[int]) -> bool:
    """Tell whether a line holds a word for a total, of which `filled` are its filled cells."""
    if any(map(_TOTAL.fullmatch, cells)):
        return True
    return bool(filled) and names_group([cells[place] for place in filled])


def names_group(cells: Sequence[str]) -> bool:
    """Tell whether filled cells are a word for a total, of whatever group, and then numbers."""
    word = cells[0].strip()
    return (
        len(cells) > 1
        and any(form.fullmatch(word) for form in (_TOTAL, _WITH_NAME, _OF_GROUP))
        and all(
            (_number(cell) is not None and not _DATE.fullmatch(cell))
            or _CURRENCY.fullmatch(cell.strip())
            for cell in cells[1:]
        )
    )


def _filled(cell: str) -> bool:
    return bool(cell.strip())


def _number(cell: str) -> Decimal | None:
    read = numbers.read(cell, ".")
    return numbers.read(cell, ",") if read is None else read


def _sums_up(cell: str, above: Iterable[str]) -> bool:
    """Tell whether a cell is the sum of others, with whichever decimal sign reads them all."""
    filled = [text for text in above if _filled(text)]
    for sign in numbers.OTHER:
        total = numbers.read(cell, sign)
        parts = [numbers.read(text, sign) for text in filled]
        known = [part for part in parts if part is not None]
        if total and len(known) == len(parts) and total == sum(known):
            return True
    return False
