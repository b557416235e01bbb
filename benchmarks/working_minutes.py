"""Five million `working_minutes` by a production calendar, next to `minutes`, in processor time.

    python benchmarks/working_minutes.py [--records 5000000]

The time of a query's statement alone: tables are made before. Each is run three times, the least
counts: what else the machine does makes none of them faster.
"""

from __future__ import annotations

import argparse
import resource
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from kpictl.calendar.cumulative import cumulative_table
from kpictl.calendar.days import DayBook
from kpictl.calendar.schedule import Schedule
from kpictl.calendar.timeline import Timeline
from kpictl.database import Connection, connect
from kpictl.expressions import Operation, Ref, Type
from kpictl.expressions.context import Context
from kpictl.expressions.sql import compile_sql
from kpictl.expressions.work_sql import make_table

MOSCOW = ZoneInfo("Europe/Moscow")
BAR = 2.0  # seconds of processor time for five million


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure working_minutes.")
    parser.add_argument("--records", type=int, default=5_000_000)
    count = parser.parse_args().records
    connection = connect(MOSCOW)
    connection.execute("SELECT setseed(0.5)")
    connection.execute(
        "CREATE TEMP TABLE t AS"
        " SELECT f_a, f_a + to_microseconds((random() * 864e9)::BIGINT) AS f_b FROM ("
        "SELECT TIMESTAMP '2020-01-01' + to_microseconds((random() * 1.8e14)::BIGINT) AS f_a"
        f" FROM range({count}))"
    )
    lunch = ((13 * 60, 14 * 60),)
    for title, breaks in (("", ()), (", with a break", lunch)):
        schedule = Schedule(MOSCOW, breaks=breaks, book=DayBook("RU"))
        entries = cumulative_table([Timeline.of(schedule)], date(2020, 1, 1), date(2026, 1, 1))
        context = Context(
            MOSCOW, datetime(2026, 1, 1, tzinfo=UTC), table=make_table(connection, "work", entries)
        )
        for function in ("minutes", "working_minutes"):
            seconds = min(measured(connection, function, context) for _ in range(3))
            print(f"{count:,} {function}{title}: {seconds:.2f} s of processor time")
    print(f"bar: {BAR * count / 5_000_000:.2f} s")


def measured(connection: Connection, function: str, context: Context) -> float:
    moments = (Ref("a", Type.DATETIME), Ref("b", Type.DATETIME))
    sql = compile_sql(Operation(function, moments, Type.NUMBER), context)
    before = _processor()
    connection.execute(f"SELECT sum({sql}) FROM t").fetchone()
    return _processor() - before


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
