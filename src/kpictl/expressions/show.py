"""The tree as a person would write it: for sentences and for reasons."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from kpictl.expressions.nodes import Literal, Node, Operation, Ref
from kpictl.naming import look

# How strongly an operation holds its parts together; what is written as a call holds them all.
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _CALL = range(8)
_SIGNS = (
    (_OR, ("or",)),
    (_AND, ("and",)),
    (_NOT, ("not",)),
    (_COMPARED, ("=", "<>", "<", "<=", ">", ">=", "like", "ilike", "in", "is_null")),
    (_SUM, ("+", "-")),
    (_PRODUCT, ("*", "/")),
    (_SIGN, ("neg",)),
)
_STRENGTH = {op: strength for strength, several in _SIGNS for op in several}


def show(node: Node) -> str:
    """Return the text of a tree in the plan's own language."""
    if isinstance(node, Ref):
        return node.name if node.name.isidentifier() else f'"{node.name}"'
    if isinstance(node, Literal):
        return _literal(node.value)
    if node.op == "until":  # as the plan writes it: `open: elapsed` has put it there
        return show(node.args[0])
    if node.op in _STRENGTH:
        return _by_signs(node)
    if node.op == "case":
        return _case(node)
    return f"{node.op}({', '.join(map(show, node.args))})"


def _by_signs(node: Operation) -> str:
    own = _STRENGTH[node.op]
    first, *rest = node.args
    if node.op == "not":
        return f"not {_part(first, _NOT)}"
    if node.op == "neg":
        return f"-{_part(first, _CALL)}"
    if own == _COMPARED:
        return _compared(node.op, _part(first, _SUM), [_part(one, _SUM) for one in rest])
    # Of what is taken from the left, a part on the right stands in brackets: a - (b - c).
    least = own if own < _COMPARED else own + 1
    return f" {node.op} ".join([_part(first, own), *(_part(one, least) for one in rest)])


def _compared(op: str, left: str, others: list[str]) -> str:
    if op == "is_null":
        return f"{left} is null"
    if op == "in":
        options = list({look(one): one for one in reversed(others)}.values())[::-1]
        return f"{left} in ({', '.join(options)})" if options[1:] else f"{left} = {options[0]}"
    return f"{left} {op} {others[0]}"


def _part(node: Node, least: int) -> str:
    """Return a part of an operation, in brackets where it holds together less than that."""
    own = _STRENGTH.get(node.op, _CALL) if isinstance(node, Operation) else _CALL
    return f"({show(node)})" if own < least else show(node)


def _case(node: Operation) -> str:
    *branches, default = map(show, node.args)
    pairs = zip(branches[::2], branches[1::2], strict=True)
    whens = " ".join(f"when {condition} then {value}" for condition, value in pairs)
    return f"case {whens} end" if default == "null" else f"case {whens} else {default} end"


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
