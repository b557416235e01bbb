"""The tree: literals, references to fields, operations. Every node knows its type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Type(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"
    DATE = "date"  # a calendar day
    DATETIME = "datetime"  # an instant
    NULL = "null"


class Literal(Struct, frozen=True):
    """A constant; instants are aware datetimes already resolved in the company's zone."""

    value: str | Decimal | bool | date | datetime | None
    type: Type


class Ref(Struct, frozen=True):
    """A field (in a KPI's expression) or a KPI (in a formula), by its canonical name."""

    name: str
    type: Type


class Operation(Struct, frozen=True):
    """`op` is one of the names in `functions.OPERATIONS`; arguments are in written order."""

    op: str
    args: tuple[Node, ...]
    type: Type


Node = Literal | Ref | Operation


def refs(node: Node) -> Iterator[str]:
    """Yield the names that a tree refers to, in written order, with repeats."""
    if isinstance(node, Ref):
        yield node.name
    elif isinstance(node, Operation):
        for arg in node.args:
            yield from refs(arg)


def operations(node: Node) -> Iterator[Operation]:
    """Yield the operations of a tree, in written order, with repeats."""
    if isinstance(node, Operation):
        yield node
        for arg in node.args:
            yield from operations(arg)
