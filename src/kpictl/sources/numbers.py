"""How people write numbers, once for DuckDB and once for Python: one grammar, two readers.

A sign of a currency or a percent sign may stand at either end, brackets or a minus at either end
make a number negative, spaces and apostrophes may part groups of three, a dash behind the decimal
sign stands for no cents. Which of comma and point is the decimal sign is a column's, never a
cell's: `Evidence` counts what its cells show of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct

from kpictl.expressions.sql import NUMBER, text

OTHER: Mapping[str, str] = {".": ",", ",": "."}
"""The decimal sign that a column has not."""

_CODES = (
    "RUB|RUR|USD|EUR|KZT|BYN|UAH|GBP|CHF|CNY|JPY|PLN|CZK|SEK|NOK|DKK|TRY|INR|AED|UZS|KGS|AMD|AZN|GEL"
    "|MDL|ILS|CAD|AUD|NZD|BRL|MXN|ZAR|HUF|RON|BGN|HKD|SGD|KRW|THB|VND"
)
_WORDS = r"руб(?:лей|ля|ль|\.)?|р\.?|тг\.?|тенге|грн\.?|сум|сом|zł|Kč|kr\.?|Fr\.?|Br|Rs\.?"
_SIGNS = rf"(?:(?:US|C|A|R|NZ|HK)?\$|[₽€£¥₸₴₺₹₩₪₫฿₼₾%]|(?i:{_WORDS}|{_CODES}))"
_PARTS = "[ \u00a0\u2000-\u200a\u202f'\u2019\u02bc]"
_MINUSES = "−–‒"
# What `\s` means depends on the language: in RE2 no space but the plain ones.
_SPACES = "[ \t\n\f\r\u00a0\u2000-\u200a\u202f]*"
_OPENING = rf"^([-+(]?){_SPACES}{_SIGNS}?{_SPACES}"
_CLOSING = rf"{_SPACES}{_SIGNS}?{_SPACES}([-)]?)$"
_TRAILING_MINUS = r"^([^-+]*)-$"
# `12.500,- €` and `Fr. 5.-` have no cents: the dash stands for them, and is no minus.
_NO_CENTS = rf"(\d[.,])(?:--?|—)({_SPACES}{_SIGNS}?{_SPACES}[-)]?)$"
_GROUPED = rf"[-+]?[1-9]\d{{0,2}}({_PARTS}\d{{3}})+([.,]\d+)?"
_PLAIN = r"[-+]?(\d+(\.\d*)?|\.\d+)"
# A group never begins with 0: 0.125 is an eighth wherever it stands. Pairs are Indian.
_THOUSANDS = {
    ".": r"[-+]?[1-9](\d{0,2}(,\d{3})+|\d?(,\d{2})+,\d{3})(\.\d+)?",
    ",": r"[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?",
}
_COMMA = r"[-+]?\d+,\d+"
PLACES = 10
"""Decimals that a number keeps. A text with more of them is refused, never rounded unasked."""
_TOO_FINE = rf"\.\d{{{PLACES}}}\d*[1-9]"


class Evidence(Struct, frozen=True):
    """How many cells of a column can only be read with a decimal `comma`, or only with a `point`;
    how many have a point that groups nothing (`12.5`), which a column of commas may hold beside
    them; and how many are `ambiguous`: two readings, two values (`1.234`)."""

    comma: int = 0
    point: int = 0
    pointed: int = 0
    ambiguous: int = 0

    @property
    def sign(self) -> str | None:
        """The decimal sign that the cells show, or None where they show nothing."""
        if self.comma != self.point:
            return "," if self.comma > self.point else "."
        return "." if self.pointed and not self.comma else None

    @property
    def decided(self) -> bool:
        """Whether the reading of the ambiguous cells is beyond doubt."""
        return not self.ambiguous or (
            self.sign is not None and not (self.comma and (self.point or self.pointed))
        )


# --- as SQL ------------------------------------------------------------------------------------
# Texts and not macros: DuckDB looks through the body of each macro that is made, and of all that
# stand in it, whether or not anything is read by it; twenty of them take longer than a small file.


def number_sql(x: str, sign: str) -> str:
    """Return the SQL of the number that the text `x` says, with that decimal sign, or NULL."""
    return f"try_cast({digits_sql(x, sign)} AS {NUMBER})"


def exact_sql(x: str, sign: str) -> str:
    """Return the same, NULL where the text has more decimals than are kept."""
    exact = f"CASE WHEN NOT regexp_matches(v, {text(_TOO_FINE)}) THEN try_cast(v AS {NUMBER}) END"
    return let(digits_sql(x, sign), exact)


def digits_sql(x: str, sign: str) -> str:
    """Return the SQL of the text of a number with all its digits, as DuckDB casts it."""
    comma = f"WHEN regexp_full_match(v, {text(_COMMA)}) THEN replace(v, ',', '.')"
    digits = f"""CASE WHEN regexp_full_match(v, {text(_THOUSANDS[sign])})
        THEN replace(replace(v, '{OTHER[sign]}', ''), ',', '.')
        {comma if sign == "," else ""}
        WHEN regexp_full_match(v, {text(_PLAIN)}) THEN v END"""
    return let(_bare_sql(x), digits)


def _bare_sql(x: str) -> str:
    """Return the SQL of a text without currency, brackets and spaces between its groups."""
    same = f"translate({x}, {text(_MINUSES)}, {text('-' * len(_MINUSES))})"
    cents = f"regexp_replace({same}, {text(_NO_CENTS)}, '\\10\\2')"
    opened = f"regexp_replace({cents}, {text(_OPENING)}, '\\1')"
    closed = f"regexp_replace({opened}, {text(_CLOSING)}, '\\1')"
    bracketed = rf"""CASE WHEN regexp_full_match(v, '\(.*\)') THEN '-' || trim(v, '()')
        ELSE regexp_replace(v, {text(_TRAILING_MINUS)}, '-\1') END"""
    joined = f"""CASE WHEN regexp_full_match(v, {text(_GROUPED)})
        THEN regexp_replace(v, {text(_PARTS)}, '', 'g') ELSE v END"""
    return let(let(closed, bracketed), joined)


def is_plain_sql(x: str, sign: str) -> str:
    """Return the condition that DuckDB's own cast of a text is the number that it says."""
    # DuckDB also takes 1e5 and 1_000 for numbers; those are left to be refused.
    plain = f"""(try_cast({x} AS {NUMBER}) IS NOT NULL AND NOT contains({x}, '_')
        AND NOT contains({x}, 'e') AND NOT contains({x}, 'E'))"""
    grouped = f"{x} NOT LIKE '%.___' AND " if sign == "," else ""
    return f"({x} IS NULL OR ({grouped}{plain}))"


def is_usual_comma_sql(x: str) -> str:
    """Return the condition that a text is a number with two decimals behind a comma."""
    pointed = is_plain_sql(f"replace({x}, ',', '.')", ".")
    return f"({x} LIKE '%,__' AND NOT contains({x}, '.') AND {pointed})"


def is_coarse_sql(x: str) -> str:
    """Return the condition that a text has no more decimals than are kept, seen at a glance."""
    # A point and more digits than are kept: whether they are zeros is seen more slowly.
    finer = "_" * (PLACES + 1)
    return f"({x} IS NULL OR strlen({x}) < {PLACES + 2} OR {x} NOT LIKE '%.{finer}%')"


def shows_sign_sql(x: str) -> str:
    """Return the condition that a text may show its column's decimal sign, or depend on it: a
    cheap test for many cells."""
    return f"(contains({x}, ',') OR {x} LIKE '%.___%')"


def let(value: str, body: str) -> str:
    """Return `body` with `v` standing for `value`, worked out once.

    Written out wherever it stands it would be worked out there, nested ones hundreds of times; what
    a lambda is given is not.
    """
    return f"list_transform([{value}], lambda v: {body})[1]"


def read(cell: str, decimal: str) -> Decimal | None:
    """Return the number that a cell holds, read with that decimal sign, or None."""
    if cell.isascii() and cell.isdigit():
        return Decimal(cell)  # most of them, and no form need be compiled for it
    if any(sign.isdecimal() and not sign.isascii() for sign in cell):
        return None  # the digits of other scripts: DuckDB reads none of them
    bare = cell.strip().translate(dict.fromkeys(map(ord, _MINUSES), "-"))
    bare = re.sub(_NO_CENTS, r"\g<1>0\2", bare)
    bare = re.sub(_CLOSING, r"\1", re.sub(_OPENING, r"\1", bare), count=1)
    if re.fullmatch(r"\(.*\)", bare):
        bare = "-" + bare.strip("()")
    else:
        bare = re.sub(_TRAILING_MINUS, r"-\1", bare)
    if re.fullmatch(_GROUPED, bare):
        bare = re.sub(_PARTS, "", bare)
    if re.fullmatch(_THOUSANDS[decimal], bare):
        return Decimal(bare.replace(OTHER[decimal], "").replace(",", "."))
    if decimal == "," and re.fullmatch(_COMMA, bare):
        return Decimal(bare.replace(",", "."))
    return Decimal(bare) if re.fullmatch(_PLAIN, bare) else None


def is_too_fine(cell: str, decimal: str) -> bool:
    """Say whether a cell is a number with more decimals than are kept.

    >>> is_too_fine("0.12345678905", "."), is_too_fine("0.12345678900", ".")
    (True, False)
    """
    number = read(cell, decimal)
    return number is not None and bool(re.search(_TOO_FINE, f"{number:f}"))


def evidence(cells: Iterable[str], *, by_row: bool = False) -> Evidence:
    """Return what the cells of a column show of its decimal sign.

    Numbers of a workbook's own (`by_row`) have a point however people write their texts beside.
    """
    comma = point = pointed = ambiguous = 0
    for cell in cells:
        if "," not in cell and "." not in cell:
            continue
        with_point, with_comma = read(cell, "."), read(cell, ",")
        comma += with_point is None and with_comma is not None
        point += with_comma is None and with_point is not None
        if with_point is not None and with_comma is not None:
            ambiguous += with_point != with_comma
            pointed += with_point == with_comma and not by_row and "." in cell
    return Evidence(comma, point, pointed, ambiguous)
