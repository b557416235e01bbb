"""What a pull remarks on though it has succeeded: records that should be there and are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kpictl.bitrix24.sync.entity_sync import EntityReading
from kpictl.errors import Problem
from kpictl.store import Work
from kpictl.store.twins import twins

_MANY = 20
"""Records of which a tenth of an entity may vanish without a remark."""


def missing(
    changes: Mapping[str, Mapping[str, int]], readings: Mapping[str, EntityReading]
) -> Iterator[Problem]:
    """Yield what is to be said of the records that a portal no longer gives, or never gave."""
    for entity, change in changes.items():
        gone, left = change.get("gone", 0), readings[entity].total
        # A tenth of an entity does not vanish by itself: rights may have been taken away.
        if gone >= _MANY and left is not None and gone * 9 > left:
            yield _remark("pull.vanished", entity=entity, count=gone)
    for entity, reading in readings.items():
        if reading.total is not None and reading.off > 0:
            yield lacking(entity, reading.off, reading.total)


def lacking(entity: str, count: int, total: int) -> Problem:
    """Return that a portal counts `total` records and gives `count` fewer, whatever is asked."""
    return _remark("pull.lacking", entity=entity, count=count, total=total)


def discarded(work: Work) -> Iterator[Problem]:
    """Yield that the file of a pull in progress had to be thrown away."""
    if work.discarded:
        yield Problem("pull.discarded", None, {"file": str(work.path)}, "note")


def misnamed(work: Work, entities: Iterable[str]) -> Iterator[Problem]:
    """Yield the fields that are empty because their values came under another name."""
    with work.store() as stored:
        found = [twin for entity in entities for twin in twins(stored, entity)]
    for twin in found:
        field = twin.field
        yield _remark("pull.twin", entity=twin.entity, field=field.name, caption=field.caption,
                      column=twin.column, count=twin.rows)  # fmt: skip


def _remark(code: str, **data: Any) -> Problem:
    return Problem(code, None, data, "warning")
