"""One page of a list: 50 records, found with an index wherever the filter allows it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from portal import php
from portal.fields import Field, Row
from portal.filters import Where
from portal.php import Params
from portal.table import Table

PAGE = 50
Order = Sequence[tuple[Field, bool]]
"""Fields with whether they descend."""

_KEPT = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A page, the number of all matches (0 when it was not asked for) and where the next begins."""

    rows: list[Row]
    total: int
    next: int | None


class Lists:
    """Answers lists, and remembers long ones as long as nothing changes: paging through a filtered
    or sorted list by `start` looks at all its records once, not once a page."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, array[int]] = OrderedDict()

    def page(self, table: Table, where: Where, order: Order, start: int, key: str) -> Found:
        """Return the page that begins at `start`; −1 is the first page without a count. `key` says
        filter and order in short, for the memory."""
        ascending = not order or (order[0][0].code == "ID" and not order[0][1])
        if ascending and not where.tests and not table.hidden and not where.times:
            return self._by_id(table, where, start)
        if ascending and start < 0:
            numbers = _candidates(table, where)
            rows = _matching(table, where, numbers)
            return Found(list(islice(rows, PAGE)), 0, None)
        memory = (table.name, table.version, len(table.hidden), key)
        numbers = self._kept.get(memory, array("q"))
        if memory in self._kept:
            self._kept.move_to_end(memory)
        else:
            numbers = self._kept[memory] = _all(table, where, order)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return _cut(table, numbers, start)

    def _by_id(self, table: Table, where: Where, start: int) -> Found:
        numbers: Sequence[int] = table.ids
        if where.group:
            numbers = table.having(*where.group)
        low, high = bisect_left(numbers, where.low), bisect_right(numbers, where.high)
        first = low + max(start, 0)
        row = table.row
        rows = [row(number) for number in numbers[first : min(first + PAGE, high)]]
        if start < 0:
            return Found(rows, 0, None)
        total = max(high - low, 0)
        return Found(rows, total, start + PAGE if start + PAGE < total else None)


def cut(rows: Sequence[Row], params: Params) -> Found:
    """Return the page of a list without ids that begins at `start`."""
    start = max(php.integer(params.get("start", 0)), 0)
    more = start + PAGE < len(rows)
    return Found(list(rows[start : start + PAGE]), len(rows), start + PAGE if more else None)


def _cut(table: Table, numbers: Sequence[int], start: int) -> Found:
    first = max(start, 0)
    rows = [table.row(number) for number in numbers[first : first + PAGE]]
    if start < 0:
        return Found(rows, 0, None)
    more = first + PAGE < len(numbers)
    return Found(rows, len(numbers), first + PAGE if more else None)


def _candidates(table: Table, where: Where) -> Sequence[int]:
    """Return ids, ascending, among which the matches are."""
    if where.group:
        return _bounded(table.having(*where.group), where)
    recent = table.since(*where.times) if where.times else None
    return _bounded(table.ids if recent is None else recent, where)


def _bounded(numbers: Sequence[int], where: Where) -> Sequence[int]:
    return numbers[bisect_left(numbers, where.low) : bisect_right(numbers, where.high)]


def _matching(table: Table, where: Where, numbers: Iterable[int]) -> Iterable[Row]:
    hidden, row_of = table.hidden, table.row
    tests = [*where.tests, *_time_test(table, where)]
    for number in numbers:
        if number in hidden:
            continue
        row = row_of(number)
        if all(test(row) for test in tests):
            yield row


def _time_test(table: Table, where: Where) -> list[Callable[[Row], bool]]:
    if not where.times:
        return []
    code, low = where.times
    bound = table.zone.text(low)
    return [lambda row: (row[code] or "") >= bound]


def _all(table: Table, where: Where, order: Order) -> array[int]:
    rows = list(_matching(table, where, _candidates(table, where)))
    # The docs promise nothing for equal values; here they stay in the order of their ids.
    for field, descending in reversed(order):
        rows.sort(key=_sort_key(field), reverse=descending)
    return array("q", [row["ID"] for row in rows])


def _sort_key(field: Field) -> Callable[[Row], Any]:
    code = field.code
    if field.type == "double":
        return lambda row: (row[code] is not None, float(row[code] or 0))
    if field.multiple:
        return lambda row: str(row[code])
    return lambda row: (row[code] is not None, row[code] if row[code] is not None else 0)
