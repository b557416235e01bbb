"""What is unanswered: a duration whose second moment is not there yet lasts until now.

In a tree `until(b)` is a moment `b`, or now where it is absent or not before now; `is_open(b)` says
which of the two it is. Now is `as_of` of the context; where days are counted it is the day of that.
"""

from __future__ import annotations

from kpictl.expressions.functions import DURATIONS
from kpictl.expressions.nodes import Literal, Node, Operation, Type, refs

_NEVER = Literal(value=False, type=Type.BOOL)


def until_now(node: Node) -> Node:
    """Return a tree whose durations up to a field last until now where the field is empty."""
    if not isinstance(node, Operation):
        return node
    args = tuple(until_now(arg) for arg in node.args)
    if _lasts(node):
        start, end = args
        of_days = start.type is Type.DATE or node.op == "working_days"
        kind = end.type if of_days else Type.DATETIME
        args = (start, Operation("until", (end,), kind))
    return Operation(node.op, args, node.type)


def is_open(node: Node) -> Node | None:
    """Return the condition that the value of a tree stands on a duration until now; None where
    there is none that could."""
    found = _open(node)
    return None if found is _NEVER else found


def _lasts(node: Operation) -> bool:
    return node.op in DURATIONS and any(True for _ in refs(node.args[1]))


def _open(node: Node) -> Node:
    if not isinstance(node, Operation):
        return _NEVER
    if _lasts(node):
        return Operation("is_open", (node.args[1],), Type.BOOL)
    inner = [_open(arg) for arg in node.args]
    if all(one is _NEVER for one in inner):
        return _NEVER
    if node.op == "case":  # only the branch that is taken
        *branches, default = node.args
        values = [inner[n] if n % 2 else branch for n, branch in enumerate(branches)]
        return Operation("case", (*values, _open(default)), Type.BOOL)
    several = tuple(one for one in inner if one is not _NEVER)
    return several[0] if len(several) == 1 else Operation("or", several, Type.BOOL)
