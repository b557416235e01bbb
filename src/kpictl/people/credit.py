"""Several people who share a record: who they are, and in which parts.

“Ann Roe; Ben Ito” share alike, “Ann Roe 60; Ben Ito 40” as it is written. Shares are percent of a
record; together they are 100, and what is divided by them adds up to the record exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from msgspec import Struct

from kpictl.naming import fold

_SURE = re.compile(r"\s*[;|\n]\s*")
_ANY = re.compile(r"\s*[;,/|&+\n]\s*|\s+(?:and|и|und|та|және)\s+", re.IGNORECASE)
_SHARE = re.compile(
    r"(?P<name>.*?\D)[\s:=–—-]*\(?\s*(?P<share>\d{1,4}(?:[.,]\d{1,10})?)\s*%?\s*\)?", re.DOTALL
)
_HUNDREDTHS = 100


class Sharer(Struct, frozen=True):
    """Somebody who is named in a record, and the share of it, of 1; None where none is written."""

    name: str
    share: Fraction | None = None


def sharers(text: str, is_named: Callable[[str], bool]) -> tuple[Sharer, ...]:
    """Return whom a text names, with the shares that are written; `is_named` knows names, also such
    as hold what else sets people apart: “Roe, Ann”."""
    if is_named(text):
        return (Sharer(text),)
    between = _SURE if _SURE.search(text.strip()) else _ANY
    parts = [part for part in between.split(text.strip()) if part]
    return tuple(_sharer(part, is_named) for part in parts)


def _sharer(text: str, is_named: Callable[[str], bool]) -> Sharer:
    match = None if is_named(text) else _SHARE.fullmatch(text)
    if match is None:
        return Sharer(text)
    name = match["name"].strip(" \t:=–—-(")
    return Sharer(name or text, Fraction(match["share"].replace(",", ".")) / 100)


def settled(found: Sequence[Sharer]) -> tuple[Sharer, ...] | None:
    """Return sharers with their shares, alike where none is written; None where these are not 100
    percent together, some are lacking or none, or somebody is named twice."""
    if not found or len({fold(one.name) for one in found}) < len(found):
        return None
    written = [one.share for one in found if one.share is not None]
    if not written:
        return tuple(Sharer(one.name, Fraction(1, len(found))) for one in found)
    whole = len(written) == len(found) and sum(written) == 1 and all(s > 0 for s in written)
    return tuple(found) if whole else None


def divided(value: Fraction, shares: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return the parts of a number by shares that are 1 together: in hundredths, by the largest
    remainder (of equal ones the first), so that they add up to it exactly. What it has below a
    hundredth stays with the first."""
    sign, size = (-1 if value < 0 else 1), abs(value) * _HUNDREDTHS
    whole = size.numerator // size.denominator
    exact = [whole * share for share in shares]
    parts = [one.numerator // one.denominator for one in exact]
    by_rest = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for place in by_rest[: whole - sum(parts)]:
        parts[place] += 1
    found = [Fraction(part, _HUNDREDTHS) for part in parts]
    found[0] += (size - whole) / _HUNDREDTHS
    return tuple(sign * part for part in found)
