"""Which records a reason speaks of, in both engines: counted, before, after, without a value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kpictl.measure.query import Measure, Op, Query, Reason, RecordQuery, always
from test_engines import month, parsed
from test_slices import engines, record

MOSCOW = ZoneInfo("Europe/Moscow")
HELD = parsed("flag", MOSCOW)
RECORDS = [
    record("1", day=date(2024, 4, 29), flag=True, mark=Decimal(1)),
    record("2", day=date(2024, 4, 30), flag=False, mark=Decimal(1)),
    record("3", day=date(2024, 5, 1), flag=True, mark=Decimal(1)),
    record("4", day=date(2024, 5, 31), flag=True),
    record("5", day=date(2024, 5, 31), flag=False),
    record("6", day=date(2024, 6, 1), flag=True, mark=Decimal(1)),
    record("7", day=date(2024, 6, 2), flag=False, mark=Decimal(1)),
    record("8", flag=True, mark=Decimal(1)),
    record("9", None, day=date(2024, 5, 5), flag=True, mark=Decimal(1)),
]
OF_MAY: dict[Reason, str] = {
    "counted": "349",
    "before": "1",
    "after": "6",
    "fails": "5",
    "no_date": "8",
    "no_value": "4",
    "no_owner": "9",
}


@pytest.mark.parametrize(("reason", "ids"), OF_MAY.items())
def test_each_reason_brings_its_own_records(reason: Reason, ids: str) -> None:
    """A condition holds of all that is told beside a number but of what fails it; the first of a
    month is inside, the first of the next after it."""
    measure = Measure(
        "v",
        "value",
        "leads",
        Op.SUM,
        when="day",
        by="owner",
        where=HELD,
        value=parsed("mark", MOSCOW),
    )
    may = month("2024-05", MOSCOW)
    query = Query("leads", (measure,), (may,), MOSCOW, {"owner": always({"Олег": "oleg"})})
    request = RecordQuery(
        query, measure, may, reason, failing=HELD.tree, fields=("id",), by_id=True
    )
    for engine in engines(MOSCOW, leads=RECORDS):
        assert "".join(str(row.fields["id"]) for row in engine.records(request)) == ids
        assert engine.count(request) == len(ids)
