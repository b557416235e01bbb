"""What an expression means beside its record: whose clock, which moment is now, who works when."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl.calendar.timeline import WorkTime


class WorkTable(Struct, frozen=True):
    """A table of working time in a database (`work_sql`): its name in SQL, the instant in
    microseconds at which its first day begins, how many entries each run has, and of spans and
    turns how many columns. `run` is the SQL of where, for a record, its run begins; `owners` a
    table of owners' texts (`raw`) and where theirs begins (`run`), None where all have the first.
    """

    name: str
    first: int
    days: int
    spans: int
    turns: int
    run: str = "0"
    owners: str | None = None


class Context(Struct, frozen=True):
    """The surroundings in which expressions are evaluated and compiled.

    `zone` is the company's. `as_of` is the moment up to which what is unanswered has waited; None
    where no expression asks for it. `work` is the working time, of whoever the field `by` names,
    `table` the same in a database.
    """

    zone: ZoneInfo
    as_of: datetime | None = None
    work: WorkTime | None = None
    by: str = ""
    table: WorkTable | None = None
