"""Filters: PHP arrays of prefix + field, compiled into an index to use and a test for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from portal import php
from portal.fields import WHOLE, Field, Row
from portal.moments import Zone

Test = Callable[[Row], bool]
Rank = Callable[[Any], Any]

_KEY = re.compile(r"(!><|><|!=%|!%=|!%|=%|%=|!=|!@|>=|<=|[!@%=<>?])?(.*)", re.DOTALL)
FOREVER = 1 << 62


class UnknownField(Exception):
    """A filter or an order names what is no field."""


class BadValue(Exception):
    """A filter's value is none for its field."""


@dataclass(slots=True)
class Where:
    """What a filter asks for: bounds of the id, a time to begin at, one group, and the rest."""

    low: int = 0
    high: int = FOREVER
    times: tuple[str, int] | None = None
    group: tuple[str, frozenset[Any]] | None = None
    tests: list[Test] = field(default_factory=list)

    def __call__(self, row: Row) -> bool:
        return all(test(row) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a family of methods reads filters. `names` maps what a client may write to fields."""

    names: Mapping[str, Field]
    zone: Zone
    nested: bool = False
    strict: bool = True
    exact_yes_no: bool = True
    groups: frozenset[str] = frozenset()

    def find(self, name: str) -> Field | None:
        one = self.names.get(name)
        if one is None and self.strict:
            raise UnknownField(name)
        return one


def compile_filter(grammar: Grammar, filters: Any) -> Where:
    """Compile a filter; its conditions hold together."""
    where = Where()
    for key, value in php.items(filters):
        if grammar.nested and key.isdigit() and php.is_array(value):
            where.tests.append(_nested(grammar, value))
            continue
        if key == "logic":
            continue
        prefix, one = split(grammar, key)
        if one is not None:
            _add(where, grammar, one, prefix, value)
    return where


def _nested(grammar: Grammar, filters: Any) -> Test:
    parts = dict(php.items(filters))
    either = str(parts.pop("logic", "AND")).upper() == "OR"
    tests = [_alone(grammar, key, value) for key, value in parts.items()]
    if either:
        return lambda row: any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _alone(grammar: Grammar, key: str, value: Any) -> Test:
    if php.is_array(value) and key.isdigit():
        return _nested(grammar, value)
    prefix, one = split(grammar, key)
    return (lambda _row: True) if one is None else test_of(grammar, one, prefix, value)


def split(grammar: Grammar, key: str) -> tuple[str, Field | None]:
    match = _KEY.fullmatch(key)
    assert match
    return match[1] or "=", grammar.find(match[2])


def _add(where: Where, grammar: Grammar, one: Field, prefix: str, value: Any) -> None:
    if one.code == "ID" and prefix in _ID_BOUNDS and not php.is_array(value):
        low, high = _ID_BOUNDS[prefix](php.integer(value))
        where.low, where.high = max(where.low, low), min(where.high, high)
        return
    if one.code in grammar.groups and prefix in {"=", "@"} and where.group is None:
        rank = rank_of(one, grammar)
        where.group = (one.code, frozenset(rank(each) for each in php.values(value)))
        return
    if one.type == "datetime" and prefix in {">", ">="} and where.times is None:
        moment = grammar.zone.instant(php.text(value))
        if moment is not None and moment == int(moment):
            where.times = (one.code, int(moment) + (prefix == ">"))
            return
    where.tests.append(test_of(grammar, one, prefix, value))


_ID_BOUNDS: Mapping[str, Callable[[int], tuple[int, int]]] = {
    ">": lambda number: (number + 1, FOREVER),
    ">=": lambda number: (number, FOREVER),
    "<": lambda number: (0, number - 1),
    "<=": lambda number: (0, number),
    "=": lambda number: (number, number),
}


# --- one condition ---------------------------------------------------------------------------


def test_of(grammar: Grammar, one: Field, prefix: str, value: Any) -> Test:
    """Return the test of one condition."""
    if "%" in prefix or prefix == "?":
        return _like(one, prefix, value)
    rank = rank_of(one, grammar)
    if prefix in {"<", "<=", ">", ">="}:
        return _order(one, prefix, rank(_single(value)))
    if prefix in {"><", "!><"}:
        return _between(one, prefix, [rank(each) for each in php.values(value)])
    # `!FIELD` finds rows without a value too: Bitrix writes `<> x OR IS NULL`
    return _among(one, prefix, {rank(each) for each in php.values(value) or [""]})


test_of.__test__ = False  # type: ignore[attr-defined]  # pytest: not one of yours


def _single(value: Any) -> Any:
    return next(iter(php.values(value)), "") if php.is_array(value) else value


def _among(one: Field, prefix: str, wanted: set[Any]) -> Test:
    code, negative = one.code, prefix.startswith("!")
    empty = empty_of(one)
    if one.multiple:
        return lambda row: bool(wanted & set(row[code] or [empty])) != negative
    if one.type == "double":
        return lambda row: (Decimal(row[code] or 0) in wanted) != negative
    return lambda row: ((row[code] or empty) in wanted) != negative


def _order(one: Field, prefix: str, bound: Any) -> Test:
    code, value_of = one.code, _stored(one)
    if bound == "":  # no date: nothing is earlier or later than that
        return lambda _row: False
    compare = _COMPARE[prefix]

    def test(row: Row) -> bool:
        value = value_of(row[code])
        return value is not None and compare(value, bound)

    return test


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def _between(one: Field, prefix: str, bounds: list[Any]) -> Test:
    inside = [_order(one, ">=", bounds[0]), _order(one, "<=", bounds[-1])] if bounds else []
    negative = prefix.startswith("!")
    return lambda row: all(test(row) for test in inside) != negative


def _like(one: Field, prefix: str, value: Any) -> Test:
    code, negative = one.code, prefix.startswith("!")
    patterns = [_pattern(php.text(each), own="=" in prefix) for each in php.values(value)]
    return lambda row: any(one.search(_words(row[code])) for one in patterns) != negative


@lru_cache(maxsize=256)
def _pattern(value: str, *, own: bool) -> re.Pattern[str]:
    """A text anywhere, or with percent signs and underscores of its own, as SQL's LIKE has them."""
    if not own:
        return re.compile(re.escape(value), re.IGNORECASE)
    escaped = re.escape(value).replace("%", ".*").replace("_", ".")
    return re.compile(rf"\A{escaped}\Z", re.IGNORECASE | re.DOTALL)


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else php.text(value)


# --- values ----------------------------------------------------------------------------------


def empty_of(one: Field) -> Any:
    """What a field without a value counts as in `=`: PHP's empties are one another's equals."""
    if one.type in WHOLE:
        return 0
    if one.type == "boolean" and one.custom:
        return "N"
    return Decimal(0) if one.type == "double" else ""


def _stored(one: Field) -> Rank:
    """Return how a stored value is compared by size. Times are stored as text that sorts."""
    if one.type == "double":
        return lambda value: None if value is None else Decimal(value)
    return lambda value: value


def rank_of(one: Field, grammar: Grammar) -> Rank:
    """Return how a value of a filter becomes one that stored values compare with."""
    if one.type in {"datetime", "date"}:
        return lambda value: _moment(one, grammar, value)
    if one.type == "flag":
        return php.truthy
    if one.type == "boolean" and one.custom:
        # the docs: `crm.item.list` knows 1 and 0 only, though it answers Y and N
        words = {"1": "Y", "0": "N"} | ({} if grammar.exact_yes_no else {"Y": "Y", "N": "N"})
        return lambda value: words.get(php.text(value), "?")
    if one.type in WHOLE:
        return php.integer
    return _decimal if one.type == "double" else php.text


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(php.text(value) or "0")
    except InvalidOperation:
        return Decimal(php.integer(value))


def _moment(one: Field, grammar: Grammar, value: Any) -> str:
    written = php.text(value)
    if not written:
        return ""
    normal = grammar.zone.normal(written)
    if normal is None:
        if grammar.strict:
            raise BadValue
        return "?"  # the old methods: a date that is none finds nothing, without an error
    return grammar.zone.day(normal) if one.type == "date" else normal
