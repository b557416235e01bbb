"""The readable definition of what an expression means: plain Python over one record.

A record is a mapping from canonical field name to `str`, `Decimal`, `bool`, `date`, an aware
`datetime`, or None where the value is absent. Every other reader of the tree must agree with this
one; a property test holds them together.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from kpictl.calendar.timeline import Timeline
from kpictl.expressions.context import Context
from kpictl.expressions.nodes import Literal, Node, Operation, Ref, Type
from kpictl.values import VALUE_PLACES, to_decimal

Record = Mapping[str, Any]
Number = Decimal | Fraction

_UNIT_SECONDS = {"minutes": 60, "hours": 3600, "days": 86400}


def evaluate(node: Node, record: Record, context: Context) -> Any:
    """Return the value of a tree for one record; None is null."""
    if isinstance(node, Literal):
        value = node.value
        return to_decimal(value, VALUE_PLACES) if isinstance(value, Decimal) else value
    if isinstance(node, Ref):
        return record.get(node.name)
    if node.op in _LAZY:
        return _LAZY[node.op](node, record, context)
    args = [evaluate(arg, record, context) for arg in node.args]
    if any(arg is None for arg in args) and node.op not in _NULL_SAFE:
        return None
    if node.op in _WORKING:
        assert context.work is not None  # noqa: S101  a plan without a calendar is refused
        timeline = context.work.of(record.get(context.by))
        return _WORKING[node.op](timeline, args, context.zone)
    return _apply(node, args, context)


def _apply(node: Operation, args: list[Any], context: Context) -> Any:
    zone = context.zone
    if node.op in _OPEN:
        return _OPEN[node.op](args[0], node.type, context)
    if node.op in _COMPARE:
        left, right = (_comparable(arg, args, zone) for arg in args)
        return _COMPARE[node.op](left, right)
    if node.op in _UNIT_SECONDS:
        return _duration(node.op, args, zone)
    if node.op in _CALENDAR:
        return _CALENDAR[node.op](_local(args[0], zone))
    return _PLAIN[node.op](*args)


def _and(node: Operation, record: Record, context: Context) -> bool | None:
    values = [evaluate(arg, record, context) for arg in node.args]
    if any(value is False for value in values):
        return False
    return None if None in values else True


def _or(node: Operation, record: Record, context: Context) -> bool | None:
    values = [evaluate(arg, record, context) for arg in node.args]
    if any(value is True for value in values):
        return True
    return None if None in values else False


def _in(node: Operation, record: Record, context: Context) -> bool | None:
    subject = node.args[0]
    options = [Operation("=", (subject, item), node.type) for item in node.args[1:]]
    return _or(Operation("or", tuple(options), node.type), record, context)


def _case(node: Operation, record: Record, context: Context) -> Any:
    *branches, default = node.args
    for condition, value in zip(branches[::2], branches[1::2], strict=True):
        if evaluate(condition, record, context) is True:
            return evaluate(value, record, context)
    return evaluate(default, record, context)


def _coalesce(*args: Any) -> Any:
    return next((arg for arg in args if arg is not None), None)


def _comparable(arg: Any, both: list[Any], zone: ZoneInfo) -> Any:
    """A day next to an instant is its first moment."""
    if any(isinstance(other, datetime) for other in both):
        return instant(arg, zone)
    return arg


def instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC, of a day the first one: in one zone Python compares and adds wall
    clocks, and those are set forward and back."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min, zone)
    return moment.astimezone(_UTC)


def _local(moment: date | datetime, zone: ZoneInfo) -> Any:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment


def _duration(unit: str, args: list[Any], zone: ZoneInfo) -> Decimal:
    if not any(isinstance(arg, datetime) for arg in args):  # days apart, whatever the clocks did
        return Decimal((args[1] - args[0]).days * 86400 // _UNIT_SECONDS[unit])
    start, end = (instant(arg, zone) for arg in args)
    micros = (end - start) // timedelta(microseconds=1)
    return to_decimal(Fraction(micros, _UNIT_SECONDS[unit] * 10**6), VALUE_PLACES)


# --- working time ----------------------------------------------------------------------------


def _worked(unit: str) -> Callable[[Timeline, list[Any], ZoneInfo], Decimal]:
    def count(timeline: Timeline, args: list[Any], zone: ZoneInfo) -> Decimal:
        start, end = (instant(arg, zone) for arg in args)
        micros = timeline.worked(start, end)
        return to_decimal(Fraction(micros, _UNIT_SECONDS[unit] * 10**6), VALUE_PLACES)

    return count


def _known(timeline: Timeline, args: list[Any], _zone: ZoneInfo) -> bool:
    days = [timeline.day_of(arg) for arg in args]
    return timeline.knows(days[0], days[-1])


_WORKING: dict[str, Callable[[Timeline, list[Any], ZoneInfo], Any]] = {
    "working_minutes": _worked("minutes"),
    "working_hours": _worked("hours"),
    "working_days": lambda timeline, args, _: Decimal(timeline.days(*args)),
    "is_working": lambda timeline, args, _: timeline.is_working(*args),
    "working_time_known": _known,
}


# --- what is unanswered ----------------------------------------------------------------------


def _is_open(moment: date | datetime | None, _kind: Type, context: Context) -> bool:
    assert context.as_of is not None  # noqa: S101  whoever asks says when
    return moment is None or instant(moment, context.zone) >= context.as_of


def _until(moment: date | datetime | None, kind: Type, context: Context) -> date | datetime:
    assert context.as_of is not None  # noqa: S101  whoever asks says when
    if moment is not None and not _is_open(moment, kind, context):
        return moment
    return context.as_of.astimezone(context.zone).date() if kind is Type.DATE else context.as_of


_OPEN: dict[str, Callable[[Any, Type, Context], Any]] = {"is_open": _is_open, "until": _until}


class TooManyDigits(ArithmeticError):
    """An exact fraction would have more digits than anybody can mean."""


MAX_DIGITS = 10_000
_MAX_BITS = MAX_DIGITS * 3322 // 1000  # log2(10) bits a digit


def require_few_digits(*numbers: Number) -> None:
    """Raise TooManyDigits where exact arithmetic on the numbers may need more than `MAX_DIGITS`.

    Exact fractions double in length when KPIs are multiplied in a chain (`b: a * a, c: b * b` …):
    forty such lines would fill any memory.
    """
    parts = (part for number in numbers for part in number.as_integer_ratio())
    if sum(part.bit_length() for part in parts) > _MAX_BITS:
        raise TooManyDigits


def _divide(left: Number, right: Number) -> Number | None:
    if not right:
        return None
    require_few_digits(left, right)
    return _kept(Fraction(left) / Fraction(right), left, right)


def _multiply(left: Number, right: Number) -> Number:
    require_few_digits(left, right)
    return _kept(Fraction(left) * Fraction(right), left, right)


def _add(left: Number, right: Number) -> Number:
    require_few_digits(left, right)
    left, right = _of_one_kind(left, right)
    return left + right  # type: ignore[operator]  # of one kind


def _subtract(left: Number, right: Number) -> Number:
    require_few_digits(left, right)
    left, right = _of_one_kind(left, right)
    return left - right  # type: ignore[operator]  # of one kind


def _of_one_kind(left: Number, right: Number) -> tuple[Number, Number]:
    """Return two numbers as fractions where one is: Python adds no decimal to a fraction. In a
    formula over KPIs a duration, or what is rounded, is a decimal; in pay many figures are."""
    return (Fraction(left), Fraction(right)) if _is_exact(left, right) else (left, right)


def _kept(exact: Fraction, left: Number, right: Number) -> Number:
    """Decimals of records keep 10 places; what is made of a fraction (of a formula over KPIs) stays
    exact."""
    return exact if _is_exact(left, right) else to_decimal(exact, VALUE_PLACES)


def _is_exact(left: Number, right: Number) -> bool:
    return isinstance(left, Fraction) or isinstance(right, Fraction)


def _like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


# A letter's other case is one letter, the simple mapping of Unicode (5.18), as in databases: Python
# knows the full one, which makes SS of ß and of a Σ what its place in the word asks for.
def _lower(text: str) -> str:
    return "".join(char.lower()[0] for char in text)


def _upper(text: str) -> str:
    return "".join(map(_capital, text))


def _capital(char: str) -> str:
    if char == "ß":
        return "ẞ"  # its capital in the simple mapping alone
    return next((one for one in (char.upper(), char.title()) if len(one) == 1), char)


def _is_null(value: Any) -> bool:
    return value is None


_UTC = ZoneInfo("UTC")
_NULL_SAFE = frozenset({"is_null", "coalesce", "least", "greatest", "nullif", "is_open", "until"})
_LAZY: dict[str, Callable[[Operation, Record, Context], Any]] = {
    "and": _and,
    "or": _or,
    "in": _in,
    "case": _case,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALENDAR: dict[str, Callable[[Any], Any]] = {
    "date": lambda d: d.date() if isinstance(d, datetime) else d,
    "year": lambda d: Decimal(d.year),
    "month": lambda d: Decimal(d.month),
    "day": lambda d: Decimal(d.day),
    "weekday": lambda d: Decimal(d.isoweekday()),
    "hour": lambda d: Decimal(d.hour if isinstance(d, datetime) else 0),
}
_PLAIN: dict[str, Callable[..., Any]] = {
    "not": operator.not_,
    "neg": operator.neg,
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "is_null": _is_null,
    "like": _like,
    "ilike": lambda text, pattern: _like(_lower(text), _lower(pattern)),
    "coalesce": _coalesce,
    "nullif": lambda left, right: None if left == right else left,
    "least": lambda *args: min((a for a in args if a is not None), default=None),
    "greatest": lambda *args: max((a for a in args if a is not None), default=None),
    "abs": abs,
    "round": lambda number, places=Decimal(0): to_decimal(number, int(places)),
    "lower": _lower,
    "upper": _upper,
    "length": lambda text: Decimal(len(text)),
    "contains": operator.contains,
    "starts_with": str.startswith,
}
