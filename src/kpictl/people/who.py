"""Whom the `who` of a scorecard takes: texts are compared as names are; what depends on the tree of
departments or on the period is settled for each person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.functions import MONTHS_SINCE, UNDER
from kpictl.naming import fold
from kpictl.people.staff import Person
from kpictl.values import Period

_FOLDED = "\x00folded "  # prefix of the names of folded texts in a record


def takes(who: Expression | None, person: Person, period: Period, context: Context) -> bool:
    """Say whether a condition on employees holds for a person (or a post) in a period."""
    if who is None:
        return True
    last = person.in_period(period)
    record = _folded(person.record(period))
    after = period.last + timedelta(days=1)
    condition = _settled(who.tree, _Settling(last.above, record, after, context))
    return evaluate(condition, record, context) is True


class _Settling:
    """What is known of a person when a condition is asked: the departments upwards (folded), the
    fields, and the day after the period."""

    def __init__(
        self, above: frozenset[str], record: Mapping[str, Any], after: date, context: Context
    ) -> None:
        self.above, self.record, self.after, self.context = above, record, after, context

    def under(self, node: Operation) -> Node:
        wanted = evaluate(node.args[1], self.record, self.context)
        return Literal(wanted is not None and fold(wanted) in self.above, Type.BOOL)

    def months_since(self, node: Operation) -> Node:
        since = evaluate(node.args[0], self.record, self.context)
        if since is None:
            return Literal(None, Type.NULL)
        # An instant is one that the plan has written, by the company's clock.
        return Literal(Decimal(months_between(since, self.after)), Type.NUMBER)


def months_between(day: date, after: date) -> int:
    """Return how many whole months have passed from the start of a day to that of another; below
    zero where the other is before it.

    >>> months_between(date(2024, 1, 31), date(2024, 3, 1))
    1
    """
    whole = (after.year - day.year) * 12 + after.month - day.month
    return whole - 1 if after.day < day.day else whole


def _settled(node: Node, asked: _Settling) -> Node:
    """Return a condition in which texts are compared as names are, and what only a person's place
    and time can tell is told."""
    if not isinstance(node, Operation):
        return node
    if node.op == UNDER:
        return asked.under(node)
    if node.op == MONTHS_SINCE:
        return asked.months_since(node)
    if node.op in ("=", "<>", "in") and any(arg.type is Type.TEXT for arg in node.args):
        return Operation(node.op, tuple(_fold_operand(arg, asked) for arg in node.args), node.type)
    return Operation(node.op, tuple(_settled(arg, asked) for arg in node.args), node.type)


def _fold_operand(node: Node, asked: _Settling) -> Node:
    """Return a text with the texts that it is made of folded; what it depends on is settled."""
    if node.type is not Type.TEXT:
        return _settled(node, asked)
    if isinstance(node, Ref):
        return Ref(_FOLDED + node.name, node.type)
    if isinstance(node, Literal):
        return Literal(fold(str(node.value)), node.type)
    args = tuple(_fold_operand(arg, asked) for arg in node.args)
    return args[0] if node.op in ("lower", "upper") else replace(node, args=args)


def _folded(record: Mapping[str, Any]) -> dict[str, Any]:
    folded = {_FOLDED + k: fold(v) for k, v in record.items() if isinstance(v, str)}
    return {**record, **folded}
