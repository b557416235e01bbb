"""How people write numbers, once for DuckDB and once for Python: one grammar, two readers.

A sign of a currency or a percent sign may stand at either end, brackets make a number negative,
spaces and apostrophes may part groups of three and nothing else. Which of comma and point is the
decimal sign is a column's, never a cell's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from kpictl.expressions.sql import NUMBER, text

_SIGNS = r"(?:[₽$€£¥₸%]|руб(?:лей|\.)?|р\.|RUB|USD|EUR|KZT)"
_PARTS = "[ \u00a0\u2007\u2009\u202f'\u2019]"
_OPENING = rf"^([-+(]?)\s*{_SIGNS}?\s*"
_CLOSING = rf"\s*{_SIGNS}?(\)?)$"
_GROUPED = rf"[-+]?\d{{1,3}}({_PARTS}\d{{3}})+([.,]\d+)?"
_PLAIN = r"[-+]?(\d+(\.\d*)?|\.\d+)"
_THOUSANDS = {
    ".": r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?",
    ",": r"[-+]?\d{1,3}(\.\d{3})+,\d+|[-+]?\d{1,3}(\.\d{3}){2,}",
}
_COMMA = r"[-+]?\d+,\d+"


def macros() -> Iterable[str]:
    """Yield the statements that define the readers `cell_number_point` and `…_comma`."""
    opened = f"regexp_replace(replace(x, '−', '-'), {text(_OPENING)}, '\\1')"
    closed = f"regexp_replace({opened}, {text(_CLOSING)}, '\\1')"
    bracketed = r"CASE WHEN regexp_full_match(v, '\(.*\)') THEN '-' || trim(v, '()') ELSE v END"
    joined = f"""CASE WHEN regexp_full_match(v, {text(_GROUPED)})
        THEN regexp_replace(v, {text(_PARTS)}, '', 'g') ELSE v END"""
    bare = let(let(closed, bracketed), joined)
    yield f"CREATE OR REPLACE TEMP MACRO cell_bare(x) AS {bare}"
    # DuckDB also takes 1e5 and 1_000 for numbers; those are left to be refused below.
    yield f"""CREATE OR REPLACE TEMP MACRO cell_is_plain(x) AS x IS NULL
        OR (try_cast(x AS {NUMBER}) IS NOT NULL AND NOT contains(x, '_')
            AND NOT contains(lower(x), 'e'))"""
    for sign, word in ((".", "point"), (",", "comma")):
        other = "," if sign == "." else "."
        comma = f"WHEN regexp_full_match(v, {text(_COMMA)}) THEN replace(v, ',', '.')"
        number = f"""try_cast(CASE WHEN regexp_full_match(v, {text(_PLAIN)}) THEN v
            {comma if sign == "," else ""}
            WHEN regexp_full_match(v, {text(_THOUSANDS[sign])})
            THEN replace(replace(v, '{other}', ''), ',', '.') END AS {NUMBER})"""
        made = let("cell_bare(x)", number)
        yield f"CREATE OR REPLACE TEMP MACRO cell_number_{word}(x) AS {made}"


def let(value: str, body: str) -> str:
    """Return `body` with `v` standing for `value`, worked out once.

    A macro's argument is written out wherever it stands, nested ones hundreds of times over; a
    lambda's is not.
    """
    return f"list_transform([{value}], lambda v: {body})[1]"


def read(cell: str, decimal: str) -> Decimal | None:
    """Return the number that a cell holds, read with that decimal sign, or None."""
    bare = re.sub(_CLOSING, r"\1", re.sub(_OPENING, r"\1", cell.strip().replace("−", "-")))
    if re.fullmatch(r"\(.*\)", bare):
        bare = "-" + bare.strip("()")
    if re.fullmatch(_GROUPED, bare):
        bare = re.sub(_PARTS, "", bare)
    if re.fullmatch(_PLAIN, bare):
        return Decimal(bare)
    if decimal == "," and re.fullmatch(_COMMA, bare):
        return Decimal(bare.replace(",", "."))
    if re.fullmatch(_THOUSANDS[decimal], bare):
        other = "," if decimal == "." else "."
        return Decimal(bare.replace(other, "").replace(",", "."))
    return None


def sign_of(cells: Iterable[str], guess: str) -> str:
    """Return the decimal sign by which all cells of a column are read; the guess if both or none
    will do."""
    filled = [cell for cell in cells if cell.strip()]
    for sign in (guess, "," if guess == "." else "."):
        if all(read(cell, sign) is not None for cell in filled):
            return sign
    return guess
