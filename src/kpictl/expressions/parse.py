"""Text → checked tree. The grammar, and what reads SQL, is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from kpictl.expressions.names import Expression, ExpressionError, Names
from kpictl.expressions.nodes import Type

MAX_LENGTH = 4000


def parse(
    text: str, names: Names, *, zone: ZoneInfo, expect: Iterable[Type] = ()
) -> tuple[Expression | None, list[ExpressionError]]:
    """Read an expression over `names`; return it, or None and everything that is wrong with it.

    `expect` are the types that the place allows; empty allows any.
    """
    if len(text) > MAX_LENGTH:
        return None, [ExpressionError("expr.too_long", {"limit": MAX_LENGTH})]
    from kpictl.expressions.grammar import read

    tree, errors = read(text, names, zone, frozenset(expect))
    return (None, errors) if errors or tree is None else (Expression(text, tree), [])
