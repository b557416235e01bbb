"""The small part of SQL in which a plan says `where`, `who`, `sum` and `formula`.

`parse` turns text into a checked tree of our own three node types; what is not in the grammar
cannot be built, so nothing else is reachable from a plan. Two readers of the tree exist: `sql`
(DuckDB) and `evaluate` (plain Python, the readable definition).

Meaning: three-valued logic as in SQL; numbers are decimals of 10 places, products and quotients
rounded half-up to them; a quotient by zero is null; instants are compared as instants, days as
days, and a date literal next to an instant is the start of that day in the company's zone.
"""

from kpictl.expressions.names import Expression, ExpressionError
from kpictl.expressions.nodes import Literal, Node, Operation, Ref, Type, operations, refs
from kpictl.expressions.parse import parse

__all__ = [
    "Expression",
    "ExpressionError",
    "Literal",
    "Node",
    "Operation",
    "Ref",
    "Type",
    "operations",
    "parse",
    "refs",
]
