"""The listed set of functions: what each takes and gives. Nothing else can be called."""

from __future__ import annotations

from msgspec import Struct

from kpictl.expressions.nodes import Node, Type, operations

MOMENT = frozenset({Type.DATE, Type.DATETIME})
_TEXT = frozenset({Type.TEXT})
_NUMBER = frozenset({Type.NUMBER})


class Function(Struct, frozen=True):
    """A callable name. `args` are the types accepted at each position, the last `optional` of
    which may be left out; `variadic` repeats the last one; `gives` None means "as the first"."""

    args: tuple[frozenset[Type], ...]
    gives: Type | None
    help: str
    optional: int = 0
    variadic: bool = False


_ANY = frozenset(Type)

FUNCTIONS: dict[str, Function] = {
    "minutes": Function((MOMENT, MOMENT), Type.NUMBER, "minutes from the first to the second"),
    "hours": Function((MOMENT, MOMENT), Type.NUMBER, "hours from the first to the second"),
    "days": Function(
        (MOMENT, MOMENT),
        Type.NUMBER,
        "days of 24 hours from the first to the second; of two dates, calendar days",
    ),
    "working_minutes": Function(
        (MOMENT, MOMENT), Type.NUMBER, "minutes of working time from the first to the second"
    ),
    "working_hours": Function(
        (MOMENT, MOMENT), Type.NUMBER, "hours of working time from the first to the second"
    ),
    "working_days": Function(
        (MOMENT, MOMENT),
        Type.NUMBER,
        "working days from the day of the first to the day before that of the second",
    ),
    "is_working": Function(
        (MOMENT,), Type.BOOL, "whether it is in working time; of a date, whether the day is worked"
    ),
    "date": Function((MOMENT,), Type.DATE, "the calendar day in the company's zone"),
    "year": Function((MOMENT,), Type.NUMBER, "the year, 2024"),
    "month": Function((MOMENT,), Type.NUMBER, "the month, 1 to 12"),
    "day": Function((MOMENT,), Type.NUMBER, "the day of the month, 1 to 31"),
    "weekday": Function((MOMENT,), Type.NUMBER, "the day of the week, Monday 1 to Sunday 7"),
    "hour": Function((MOMENT,), Type.NUMBER, "the hour in the company's zone, 0 to 23"),
    "lower": Function((_TEXT,), Type.TEXT, "the text in small letters"),
    "upper": Function((_TEXT,), Type.TEXT, "the text in capital letters"),
    "length": Function((_TEXT,), Type.NUMBER, "the number of characters"),
    "contains": Function((_TEXT, _TEXT), Type.BOOL, "whether the first text holds the second"),
    "starts_with": Function((_TEXT, _TEXT), Type.BOOL, "whether the first text begins with it"),
    "coalesce": Function((_ANY, _ANY), None, "the first argument that is not null", variadic=True),
    "nullif": Function((_ANY, _ANY), None, "null where the two are equal, else the first"),
    "least": Function((_NUMBER, _NUMBER), Type.NUMBER, "the smallest", variadic=True),
    "greatest": Function((_NUMBER, _NUMBER), Type.NUMBER, "the largest", variadic=True),
    "abs": Function((_NUMBER,), Type.NUMBER, "the number without its sign"),
    "round": Function(
        (_NUMBER, _NUMBER), Type.NUMBER, "half-up to so many decimals (0 to 10)", optional=1
    ),
}

UNDER, MONTHS_SINCE = "under", "months_since"
OF_PEOPLE: dict[str, Function] = {
    UNDER: Function(
        (_TEXT, _TEXT), Type.BOOL, "whether a department is another or a part of it, at any depth"
    ),
    MONTHS_SINCE: Function(
        (MOMENT,), Type.NUMBER, "whole months from a day to the end of the period"
    ),
}
"""What a `who` may call besides: it depends on the tree of departments, or on the period."""

# What is counted from one moment to another; what of it needs to know when people work.
DURATIONS = frozenset(
    {"minutes", "hours", "days", "working_minutes", "working_hours", "working_days"}
)
WORKING = frozenset({"working_minutes", "working_hours", "working_days", "is_working"})


def asks_working_time(*nodes: Node | None) -> bool:
    """Say whether any of some trees asks when people work."""
    asking = {*WORKING, "working_time_known"}
    trees = (node for node in nodes if node is not None)
    return any(one.op in asking for tree in trees for one in operations(tree))
