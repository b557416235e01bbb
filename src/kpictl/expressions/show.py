"""The tree as a person would write it: for sentences and for reasons."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from kpictl.expressions.nodes import Literal, Node, Operation, Ref
from kpictl.naming import look

_WEAK = frozenset({"and", "or"})


def show(node: Node) -> str:  # noqa: PLR0911  one form an operation
    """Return the text of a tree in the plan's own language."""
    if isinstance(node, Ref):
        return node.name if node.name.isidentifier() else f'"{node.name}"'
    if isinstance(node, Literal):
        return _literal(node.value)
    args = [show(arg) for arg in node.args]
    if node.op == "until":  # as the plan writes it: `open: elapsed` has put it there
        return args[0]
    if node.op in _WEAK:
        parts = [
            f"({a})" if _loose(n, node.op) else a for n, a in zip(node.args, args, strict=True)
        ]
        return f" {node.op} ".join(parts)
    if node.op == "not":
        return f"not {args[0]}" if not _loose(node.args[0], "") else f"not ({args[0]})"
    if node.op == "is_null":
        return f"{args[0]} is null"
    if node.op == "in":
        options = list({look(option): option for option in reversed(args[1:])}.values())[::-1]
        return (
            f"{args[0]} in ({', '.join(options)})" if options[1:] else f"{args[0]} = {options[0]}"
        )
    if node.op in ("like", "ilike") or not node.op[0].isalpha():
        return f" {node.op} ".join(args)
    if node.op == "neg":
        return f"-{args[0]}"
    return f"{node.op}({', '.join(args)})"


def _loose(node: Node, inside: str) -> bool:
    return isinstance(node, Operation) and node.op in _WEAK and node.op != inside


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return f"'{value:%Y-%m-%d %H:%M}'"
    if isinstance(value, date):
        return f"'{value}'"
    return "'" + str(value).replace("'", "''") + "'"
