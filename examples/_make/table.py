"""The two shapes of a CSV file: as Bitrix24 exports it, and as a spreadsheet saves it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

STAMP = "%d.%m.%Y %H:%M:%S"
DAY = "%d.%m.%Y"


def stamp(moment: datetime) -> str:
    return moment.strftime(STAMP)


def export(header: Sequence[str], rows: Iterable[Sequence[str]], encoding: str) -> bytes:
    """Write like the CRM: every cell quoted, a `;` after each, the last one too."""
    lines = ("".join(f'"{_doubled(cell)}";' for cell in row) for row in (header, *rows))
    return "".join(f"{line}\n" for line in lines).encode(encoding)


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    """Write like a spreadsheet: quotes only where they are needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def money(kopecks: int) -> str:
    """Write kopecks as roubles the CRM's way: a point, and no more decimals than it takes."""
    roubles, rest = divmod(kopecks, 100)
    return f"{roubles}.{rest:02d}".rstrip("0") if rest else str(roubles)


def decimal_comma(kopecks: int) -> str:
    sign = "-" if kopecks < 0 else ""
    roubles, rest = divmod(abs(kopecks), 100)
    return f"{sign}{roubles},{rest:02d}"


def _doubled(cell: str) -> str:
    return cell.replace('"', '""')
