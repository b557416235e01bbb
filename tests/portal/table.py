"""One entity's records: found by id, and by time or by owner without looking at each."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.fields import Field, Row, complete
from portal.moments import Zone

_SHIFT = 32  # a key of the index of times is (seconds << 32) + id: one number, sorted as a pair


@dataclass(frozen=True, slots=True)
class Formula:
    """Records 1…`count` that are worked out from their id whenever somebody looks."""

    count: int
    row: Callable[[int], Row]
    seconds: Callable[[str, int], int]
    """The time in a column of a record, in Unix seconds, without making the record."""


class Table:
    """Records by id. Rows handed out are the table's own: only `put` changes them."""

    def __init__(
        self, name: str, fields: dict[str, Field], zone: Zone, formula: Formula | None = None
    ) -> None:
        self.name = name
        self.fields = fields
        self.zone = zone
        self.formula = formula
        self._blank = complete(fields, {})
        self.version = 0
        self.last_id = formula.count if formula else 0
        self.ids = array("q", range(1, self.last_id + 1))
        self.hidden: set[int] = set()
        self._rows: dict[int, Row] = {}
        self._times: dict[str, array[int]] = {}
        self._groups: dict[str, dict[Any, list[int]]] = {}
        self._since: tuple[tuple[int, str, int], array[int]] = ((-1, "", 0), array("q"))

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Row]:
        return (self.row(each) for each in self.ids)

    def __contains__(self, number: object) -> bool:
        at = bisect_left(self.ids, number) if isinstance(number, int) else len(self.ids)
        return at < len(self.ids) and self.ids[at] == number

    def row(self, number: int) -> Row:
        """Return the record of an id that is there."""
        row = self._rows.get(number)
        if row is None:
            if self.formula is None or not 1 <= number <= self.formula.count:
                raise KeyError(number)
            row = self.formula.row(number)
        return row

    def get(self, number: int) -> Row | None:
        return self.row(number) if number in self else None

    def put(self, row: Row) -> Row:
        """Store a new record or the new state of one; its id decides. Missing fields get defaults."""
        number = int(row["ID"])
        old = self.get(number)
        whole = {**self._blank, **row} if old is None else row
        if old is None:
            insort(self.ids, number)
            self.last_id = max(self.last_id, number)
        self._reindex(number, old, whole)
        self._rows[number] = whole
        self.version += 1
        return whole

    def remove(self, number: int) -> Row:
        row = self.row(number)
        del self.ids[bisect_left(self.ids, number)]
        self._reindex(number, row, None)
        self._rows.pop(number, None)
        self.version += 1
        return row

    def next_id(self) -> int:
        return self.last_id + 1

    def add_field(self, field: Field) -> None:
        """Give every record one more field, empty so far."""
        self.fields[field.code] = field
        self._blank = complete(self.fields, {})
        for row in self._rows.values():
            row.setdefault(field.code, field.default)
        self.version += 1

    def sort_by(self, code: str) -> None:
        """Number the records anew, in the order of a column."""
        rows = sorted(self, key=lambda row: (row[code], row["ID"]))
        self._rows = {number: {**row, "ID": number} for number, row in enumerate(rows, 1)}
        self.ids = array("q", self._rows)
        self.last_id = len(rows)
        self._times.clear()
        self._groups.clear()
        self.version += 1

    # --- indexes, made when first asked for -------------------------------------------------

    def since(self, code: str, moment: int) -> array[int] | None:
        """Return the ids, ascending, whose `code` is at Unix second `moment` or later; None when
        they are so many of all that looking at each is cheaper."""
        index = self._times.get(code)
        if index is None:
            index = self._times[code] = array("q", sorted(self._time_keys(code)))
        first = bisect_left(index, moment << _SHIFT)
        if (len(index) - first) * 4 > len(self.ids):
            return None
        key = (self.version, code, moment)  # a puller asks for the same moment page by page
        if self._since[0] != key:
            mask = (1 << _SHIFT) - 1
            self._since = (key, array("q", sorted(entry & mask for entry in index[first:])))
        return self._since[1]

    def _time_keys(self, code: str) -> Iterator[int]:
        for number in self.ids:
            seconds = self._seconds(code, number)
            if seconds is not None:
                yield (seconds << _SHIFT) + number

    def _seconds(self, code: str, number: int) -> int | None:
        row = self._rows.get(number)
        if row is None and self.formula is not None:
            return self.formula.seconds(code, number)
        return self._instant((row or self.row(number))[code])

    def _instant(self, text: Any) -> int | None:
        moment = self.zone.instant(text) if text else None
        return None if moment is None else int(moment)

    def having(self, code: str, wanted: Collection[Any]) -> list[int]:
        """Return the ids, ascending, of records whose `code` is one of `wanted`."""
        groups = self._groups.get(code)
        if groups is None:
            groups = self._groups[code] = {}
            for row in self:
                groups.setdefault(row[code], []).append(row["ID"])
        found: Iterable[int] = (one for each in set(wanted) for one in groups.get(each, ()))
        return sorted(found)

    def _reindex(self, number: int, old: Row | None, new: Row | None) -> None:
        for code, index in self._times.items():
            for row, add in ((old, False), (new, True)):
                seconds = self._instant(row[code]) if row else None
                if seconds is None:
                    continue
                key = (seconds << _SHIFT) + number
                if add:
                    insort(index, key)
                else:
                    del index[bisect_left(index, key)]
        for code, groups in self._groups.items():
            if old is not None:
                groups[old[code]].remove(number)
            if new is not None:
                insort(groups.setdefault(new[code], []), number)
