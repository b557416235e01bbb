"""Texts as a portal delivered them → values, as SQL: the same readers that read files.

Of a field there is first its text, `r_<field>`, NULL where nothing is meant; then its value,
`f_<field>`, with words in place of codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kpictl.expressions import Type
from kpictl.expressions.sql import NUMBER, column, name, text
from kpictl.sources import cells
from kpictl.sources.numbers import PLACES

if TYPE_CHECKING:
    from kpictl.bitrix24.read.schema import Stored

# A portal writes numbers itself, doubles among them: behind the tenth decimal there is but noise.
_MANNER = cells.Manner(".", "mdy", decimals=PLACES, by_machine=True)
_EMPTY_LIST = "('[]', 'false', '{}')"  # PHP's ways to say that there is nothing

Words = Mapping[str, str]


def raw_column(field: str) -> str:
    """Return the column of a field's text."""
    return name(f"r_{field}")


def bad_column(field: str) -> str:
    """Return the column that keeps a text which could not be read."""
    return name(f"b_{field}")


def raw(stored: Stored, words: Words) -> str:
    """Return the SQL of a field's text: trimmed, NULL where it means nothing."""
    tidy = f"cell_text({name(stored.name)})"
    if stored.multiple:
        return _joined(tidy, stored, words)
    if stored.described is not None and stored.described.type == "money":
        tidy = f"cell_text(split_part({tidy}, '|', 1))"  # 300|EUR
    return _without(tidy, _empty(stored))


def currency(stored: Stored) -> str:
    """Return the SQL of the currency that a value of a priced field bears: 300|EUR."""
    return f"cell_text(split_part(cell_text({name(stored.name)}), '|', 2))"


def _empty(stored: Stored) -> Iterable[str]:
    """Yield the texts that mean nothing in a field: an empty list of PHP stands for no value."""
    yield from stored.field.empty
    if stored.link:
        yield "0"
    is_text = stored.field.type is Type.TEXT and not stored.link
    listed = stored.described is not None and stored.described.type == "enumeration"
    if stored.field.type is not Type.BOOL and (listed or not is_text):
        yield from ("[]", "false")


def _without(sql: str, empty: Iterable[str]) -> str:
    for one in empty:
        sql = f"nullif({sql}, {text(one)})"
    return sql


def _joined(tidy: str, stored: Stored, words: Words) -> str:
    """Return the values of a multiple field in one text, as an export joins them."""
    value = "coalesce(json_extract_string(v, '$.VALUE'), json_extract_string(v, '$.value'), v)"
    value = f"CASE WHEN v LIKE '{{%' THEN {value} ELSE v END"
    if words:
        pairs = ", ".join(f"{text(code)}: {text(word)}" for code, word in words.items())
        value = f"coalesce(map_extract(MAP {{{pairs}}}, v)[1], v)"
    elements = f"""from_json({tidy}, '["VARCHAR"]')"""
    kept = f"list_filter({elements}, lambda v: cell_text(v) IS NOT NULL"
    kept += " AND v <> '0')" if stored.link else ")"
    joined = f"cell_text(array_to_string(list_transform({kept}, lambda v: {value}), ', '))"
    return (
        f"CASE WHEN {tidy} IN {_EMPTY_LIST} THEN NULL WHEN {tidy} LIKE '[%' THEN {joined} "
        f"ELSE {tidy} END"
    )


def value(stored: Stored, caption: str | None = None) -> str:
    """Return the SQL of a field's value; `caption` is the SQL of a word for its code."""
    field, found = stored.field, raw_column(stored.field.name)
    if caption is not None:
        return f"coalesce({caption}, {found})"
    if field.type is Type.TEXT:
        return found
    # A portal's `date` is a calendar day, its first ten characters, whatever offset stands behind.
    delivered = f"trim(left({found}, 10))" if field.kind == "date" else found
    plain = cells.read(field.kind, delivered, _MANNER)
    if field.type is Type.NUMBER:  # large and tiny numbers come as 1.0e+25
        large = f"{found} LIKE '%e%' OR {found} LIKE '%E%'"
        return f"CASE WHEN {large} THEN try_cast({found} AS {NUMBER}) ELSE {plain} END"
    return plain


def bad(stored: Stored) -> str:
    """Return the SQL of a text that could not be read, else NULL."""
    found = raw_column(stored.field.name)
    return f"CASE WHEN {column(stored.field.name)} IS NULL THEN {found} END"


def moment(delivered: str) -> str:
    """Return the SQL of the instant (naive, UTC) that a delivered column holds."""
    return cells.read("datetime", f"cell_text({name(delivered)})", _MANNER)
